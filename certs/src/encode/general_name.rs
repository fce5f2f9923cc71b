//! GeneralName.

use der::Decode;
use der::asn1::{Any, Ia5String, OctetString};
use x509_cert::ext::pkix::name::{self, GeneralNames};

use super::name::name as directory_name;
use crate::error::IssueError;
use crate::holder::Holder;
use crate::spec::{GeneralName, Ia5Text};

pub(crate) fn general_names(
    specs: &[GeneralName],
    holder: Option<&Holder>,
) -> Result<GeneralNames, IssueError> {
    specs
        .iter()
        .map(|spec| general_name(spec, holder))
        .collect()
}

pub(crate) fn general_name(
    spec: &GeneralName,
    holder: Option<&Holder>,
) -> Result<name::GeneralName, IssueError> {
    use name::GeneralName as Name;
    Ok(match spec {
        GeneralName::OtherName(other) => Name::OtherName(name::OtherName {
            type_id: other.oid.0,
            value: Any::from_der(&other.der.0)?,
        }),
        GeneralName::Email(text) => Name::Rfc822Name(ia5(text, holder)?),
        GeneralName::Dns(text) => Name::DnsName(ia5(text, holder)?),
        GeneralName::DirectoryName(spec) => Name::DirectoryName(directory_name(spec, holder)?),
        GeneralName::Uri(text) => Name::UniformResourceIdentifier(ia5(text, holder)?),
        GeneralName::Ip(text) => Name::IpAddress(OctetString::new(text.octets(holder)?)?),
        GeneralName::IpOctets(hex) => Name::IpAddress(OctetString::new(hex.0.clone())?),
        GeneralName::RegisteredId(oid) => Name::RegisteredId(oid.0),
    })
}

fn ia5(text: &Ia5Text, holder: Option<&Holder>) -> Result<Ia5String, IssueError> {
    let text = text.0.render(holder)?;
    Ia5String::new(&text).map_err(|_| IssueError::Text {
        text,
        form: "IA5String",
    })
}
