//! Who a certificate is issued to, and the text of a profile that speaks of them.

use std::net::Ipv4Addr;

use serde::Deserialize;

use crate::error::IssueError;

/// The holder of an end-entity certificate: what the placeholders of a profile stand for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    /// Fully qualified domain name, as in ID_FQDN (RFC 7296 section 3.5).
    pub fqdn: String,
    /// Mail address, as in ID_RFC822_ADDR.
    pub email: String,
    /// Address, as in ID_IPV4_ADDR.
    pub ipv4: Ipv4Addr,
    /// Id of the vendor whose router holds the certificate.
    pub vendor: String,
    /// The number that a health authority gave the facility.
    pub facility_number: String,
}

/// What a profile may ask of the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Placeholder {
    Fqdn,
    Email,
    Ipv4,
    Vendor,
    FacilityNumber,
}

impl Placeholder {
    const ALL: [(&'static str, Self); 5] = [
        ("fqdn", Self::Fqdn),
        ("email", Self::Email),
        ("ipv4", Self::Ipv4),
        ("vendor", Self::Vendor),
        ("facility-number", Self::FacilityNumber),
    ];

    fn of(self, holder: &Holder) -> String {
        match self {
            Self::Fqdn => holder.fqdn.clone(),
            Self::Email => holder.email.clone(),
            Self::Ipv4 => holder.ipv4.to_string(),
            Self::Vendor => holder.vendor.clone(),
            Self::FacilityNumber => holder.facility_number.clone(),
        }
    }
}

/// Text with placeholders such as `{fqdn}`; `{{` and `}}` stand for the braces themselves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Of(Placeholder),
}

impl Template {
    /// The text, if it is the same for every holder.
    pub fn literal(&self) -> Option<String> {
        self.render(None).ok()
    }

    /// The text as far as it is the same for every holder.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Of(_) => None,
        })
    }

    /// Fills the placeholders in.
    ///
    /// # Errors
    ///
    /// There are placeholders and no holder.
    pub fn render(&self, holder: Option<&Holder>) -> Result<String, IssueError> {
        self.0
            .iter()
            .map(|part| match (part, holder) {
                (Part::Text(text), _) => Ok(text.clone()),
                (Part::Of(placeholder), Some(holder)) => Ok(placeholder.of(holder)),
                (Part::Of(_), None) => Err(IssueError::NoHolder),
            })
            .collect()
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = brace.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = brace.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if let Some((name, after)) =
                brace.strip_prefix('{').and_then(|b| b.split_once('}'))
            {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Of(placeholder(name)?));
                rest = after;
            } else {
                return Err(format!(
                    "a brace without its partner in {text:?}\nwrite {{{{ or }}}} for a brace itself"
                ));
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }
}

fn placeholder(name: &str) -> Result<Placeholder, String> {
    let known = Placeholder::ALL.iter().find(|(known, _)| *known == name);
    known.map(|(_, placeholder)| *placeholder).ok_or_else(|| {
        let names = Placeholder::ALL.map(|(name, _)| name);
        format!(
            "there is no placeholder {{{name}}}\n{}",
            files::use_known(name, &names)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder() -> Holder {
        Holder {
            fqdn: "gw1.hosp.example".into(),
            email: "gw1@hosp.example".into(),
            ipv4: Ipv4Addr::new(192, 0, 2, 1),
            vendor: "trial-a".into(),
            facility_number: "1319999999".into(),
        }
    }

    fn template(text: &str) -> Result<Template, String> {
        Template::try_from(text.to_owned())
    }

    #[test]
    fn every_placeholder_stands_for_its_part_of_the_holder() {
        let text = template("{fqdn} {email} {ipv4} {vendor} {facility-number} {{x}}").unwrap();
        assert_eq!(
            text.render(Some(&holder())).unwrap(),
            "gw1.hosp.example gw1@hosp.example 192.0.2.1 trial-a 1319999999 {x}"
        );
        assert_eq!(text.render(None), Err(IssueError::NoHolder));
        assert_eq!(text.literal(), None);
    }

    #[test]
    fn text_without_placeholders_needs_no_holder() {
        assert_eq!(template("").unwrap().literal(), Some(String::new()));
        assert_eq!(template("鍵").unwrap().literal(), Some("鍵".to_owned()));
    }

    #[test]
    fn an_unknown_placeholder_and_a_lone_brace_are_refused() {
        assert!(
            template("{fqnd}")
                .unwrap_err()
                .contains("did you mean \"fqdn\"?")
        );
        for lone in ["{", "}", "a{b", "a}b", "{{{"] {
            assert!(template(lone).unwrap_err().contains("brace"), "{lone:?}");
        }
    }
}
