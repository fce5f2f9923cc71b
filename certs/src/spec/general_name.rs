//! GeneralName (RFC 5280 section 4.2.1.6).

use std::net::IpAddr;

use serde::Deserialize;

use super::{DistinguishedName, Hex, Oid};
use crate::error::IssueError;
use crate::holder::Template;

/// One name of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneralName {
    OtherName(OtherName),
    /// rfc822Name.
    Email(Ia5Text),
    /// dNSName.
    Dns(Ia5Text),
    DirectoryName(DistinguishedName),
    Uri(Ia5Text),
    Ip(IpText),
    /// The octets of an iPAddress as they stand.
    IpOctets(Hex),
    RegisteredId(Oid),
}

/// A name of a kind that only its object identifier tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherName {
    pub oid: Oid,
    /// The DER of the value.
    pub der: Hex,
}

/// Text for an IA5String.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Template")]
pub struct Ia5Text(pub Template);

impl TryFrom<Template> for Ia5Text {
    type Error = String;

    fn try_from(text: Template) -> Result<Self, String> {
        if text.literals().all(str::is_ascii) {
            return Ok(Self(text));
        }
        Err(
            "this name can only hold ASCII\nuse the A-labels of an internationalised name, or a \
             directory-name"
                .to_owned(),
        )
    }
}

/// An address, or a network as name constraints need it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Template")]
pub struct IpText(Template);

impl IpText {
    /// The octets of the iPAddress: an address, or an address and its mask.
    ///
    /// # Errors
    ///
    /// The text is no address once the holder is known.
    pub(crate) fn octets(&self, holder: Option<&crate::Holder>) -> Result<Vec<u8>, IssueError> {
        let text = self.0.render(holder)?;
        octets(&text).ok_or(IssueError::Text {
            text,
            form: "iPAddress",
        })
    }
}

impl TryFrom<Template> for IpText {
    type Error = String;

    fn try_from(text: Template) -> Result<Self, String> {
        match text.literal() {
            Some(literal) if octets(&literal).is_none() => Err(format!(
                "{literal:?} is neither an address nor a network\nwrite one such as \
                 \"192.0.2.1\", or \"192.0.2.0/24\" in name constraints"
            )),
            Some(_) | None => Ok(Self(text)),
        }
    }
}

fn octets(text: &str) -> Option<Vec<u8>> {
    let address = |text: &str| match text.parse().ok()? {
        IpAddr::V4(address) => Some(address.octets().to_vec()),
        IpAddr::V6(address) => Some(address.octets().to_vec()),
    };
    let Some((base, length)) = text.split_once('/') else {
        return address(text);
    };
    let base = address(base)?;
    let length: usize = length
        .parse()
        .ok()
        .filter(|length| *length <= base.len() * 8)?;
    let mask = (0..base.len()).map(|at| match length.saturating_sub(at * 8) {
        0 => 0,
        bits @ 1..8 => !(0xFF >> bits),
        8.. => 0xFF,
    });
    Some(base.iter().copied().chain(mask).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_its_address_and_its_mask() {
        assert_eq!(octets("192.0.2.1").unwrap(), [192, 0, 2, 1]);
        assert_eq!(
            octets("192.0.2.0/25").unwrap(),
            [192, 0, 2, 0, 255, 255, 255, 128]
        );
        assert_eq!(octets("0.0.0.0/0").unwrap(), [0; 8]);
        assert_eq!(octets("2001:db8::/32").unwrap().len(), 32);
        for bad in ["", "192.0.2", "192.0.2.0/33", "192.0.2.0/", "/8"] {
            assert_eq!(octets(bad), None, "{bad:?}");
        }
    }
}
