//! Distinguished names, exact to the string type.

use der::oid::ObjectIdentifier;
use serde::Deserialize;

use super::{Hex, Oid};
use crate::holder::Template;

/// A Name (RFC 5280 section 4.1.2.4): its relative names in the order of the encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Vec<RelativeNameFile>")]
pub struct DistinguishedName(pub Vec<Vec<Attribute>>);

/// One attribute of a relative name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    pub oid: ObjectIdentifier,
    pub value: AttributeValue,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AttributeValue {
    Text(Template, StringType),
    /// The DER of the value as it stands.
    Der(Vec<u8>),
}

/// An ASN.1 string type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StringType {
    Printable,
    Utf8,
    Ia5,
    Bmp,
    /// Read as ISO 8859-1, as most software does.
    Teletex,
    Numeric,
}

impl StringType {
    /// The type's name in ASN.1.
    pub fn as_asn1(self) -> &'static str {
        match self {
            Self::Printable => "PrintableString",
            Self::Utf8 => "UTF8String",
            Self::Ia5 => "IA5String",
            Self::Bmp => "BMPString",
            Self::Teletex => "TeletexString",
            Self::Numeric => "NumericString",
        }
    }

    /// Whether a string of this type can hold the character.
    pub fn has(self, character: char) -> bool {
        match self {
            Self::Printable => {
                character.is_ascii_alphanumeric() || " '()+,-./:=?".contains(character)
            }
            Self::Utf8 => true,
            Self::Ia5 => character.is_ascii(),
            Self::Bmp => u32::from(character) <= 0xFFFF,
            Self::Teletex => u32::from(character) <= 0xFF,
            Self::Numeric => character.is_ascii_digit() || character == ' ',
        }
    }
}

/// A relative name as a profile writes it: one attribute, or a set of several.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RelativeNameFile {
    r#type: Option<AttributeType>,
    value: Option<Template>,
    string: Option<StringType>,
    der: Option<Hex>,
    set: Option<Vec<Self>>,
}

impl TryFrom<Vec<RelativeNameFile>> for DistinguishedName {
    type Error = String;

    fn try_from(files: Vec<RelativeNameFile>) -> Result<Self, String> {
        files
            .into_iter()
            .map(RelativeNameFile::into_relative_name)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl RelativeNameFile {
    fn into_relative_name(self) -> Result<Vec<Attribute>, String> {
        match self.set {
            None => Ok(vec![self.into_attribute()?]),
            Some(set) => {
                let alone = self.r#type.is_none()
                    && self.value.is_none()
                    && self.string.is_none()
                    && self.der.is_none();
                if !alone || set.is_empty() {
                    return Err(
                        "a relative name of several attributes is `set` alone\nwrite \
                                { set = [ { type = …, value = … }, … ] }"
                            .to_owned(),
                    );
                }
                set.into_iter().map(Self::into_attribute).collect()
            }
        }
    }

    fn into_attribute(self) -> Result<Attribute, String> {
        let Some(AttributeType(oid)) = self.r#type else {
            return Err("an attribute without a type\nadd one, such as type = \"CN\"".to_owned());
        };
        if self.set.is_some() {
            return Err("a set within a set\nname all attributes in one set".to_owned());
        }
        let value = match (self.value, self.der) {
            (Some(value), None) => {
                let string = self.string.unwrap_or_else(|| usual_string(oid));
                check(&value, string)?;
                AttributeValue::Text(value, string)
            }
            (None, Some(Hex(der))) if self.string.is_none() => AttributeValue::Der(der),
            (Some(_), Some(_)) | (None, _) => {
                return Err(
                    "an attribute has one value\nwrite `value`, with `string` if need be, \
                            or `der` alone"
                        .to_owned(),
                );
            }
        };
        Ok(Attribute { oid, value })
    }
}

fn check(value: &Template, string: StringType) -> Result<(), String> {
    let bad = value
        .literals()
        .flat_map(str::chars)
        .find(|c| !string.has(*c));
    match bad {
        None => Ok(()),
        Some(bad) => Err(format!(
            "a {} cannot hold {bad:?}\nuse string = \"utf8\", or give the value as `der`",
            string.as_asn1()
        )),
    }
}

/// The type of an attribute, by its short name or its object identifier.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct AttributeType(ObjectIdentifier);

/// RFC 4519 and, for the mail address, RFC 5280 appendix A.1.
const ATTRIBUTES: [(&str, &str); 16] = [
    ("C", "2.5.4.6"),
    ("CN", "2.5.4.3"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("L", "2.5.4.7"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("SN", "2.5.4.4"),
    ("ST", "2.5.4.8"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("dnQualifier", "2.5.4.46"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("givenName", "2.5.4.42"),
    ("pseudonym", "2.5.4.65"),
    ("serialNumber", "2.5.4.5"),
    ("street", "2.5.4.9"),
    ("title", "2.5.4.12"),
];

impl TryFrom<String> for AttributeType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return Oid::try_from(text).map(|Oid(oid)| Self(oid));
        }
        let known = ATTRIBUTES.iter().find(|(name, _)| *name == text);
        match known {
            Some((_, oid)) => Ok(Self(ObjectIdentifier::new_unwrap(oid))),
            None => {
                let names = ATTRIBUTES.map(|(name, _)| name);
                Err(format!(
                    "there is no attribute {text:?}\n{}",
                    files::use_known(&text, &names)
                ))
            }
        }
    }
}

/// What RFC 5280 section 4.1.2.4 and appendix A.1 ask for.
fn usual_string(oid: ObjectIdentifier) -> StringType {
    match oid.to_string().as_str() {
        "2.5.4.6" | "2.5.4.5" | "2.5.4.46" => StringType::Printable,
        "0.9.2342.19200300.100.1.25" | "1.2.840.113549.1.9.1" => StringType::Ia5,
        _ => StringType::Utf8,
    }
}
