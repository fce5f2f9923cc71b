//! Whether names lie within the subtrees of nameConstraints (RFC 5280 section 4.2.1.10).

use x509_parser::extensions::{GeneralName, GeneralSubtree, NameConstraints};
use x509_parser::x509::X509Name;

use crate::lint::entity::Entity;
use crate::lint::{names, oids};

/// Names of one certificate that are compared, at most. Each is compared with each subtree.
const MOST_NAMES: usize = 64;
/// Subtrees of one CA that are compared, at most.
const MOST_SUBTREES: usize = 64;

/// The names of a certificate that constraints apply to, with their fields.
pub(super) struct Constrained<'a> {
    subject: &'a X509Name<'a>,
    alternatives: Vec<(String, &'a GeneralName<'a>)>,
    mailboxes: Vec<String>,
}

impl<'a> Constrained<'a> {
    pub(super) fn of(entity: &Entity<'a>) -> Self {
        let mailboxes = entity.subject.iter_by_oid(&oids::EMAIL_ADDRESS);
        Self {
            subject: entity.subject,
            alternatives: entity.named_alt_names().take(MOST_NAMES).collect(),
            mailboxes: mailboxes
                .take(MOST_NAMES)
                .map(|attribute| names::text_of(attribute.attr_value()))
                .collect(),
        }
    }
}

/// The fields whose names are excluded, or are of a kind of which others only are permitted.
pub(super) fn breaks(
    names: &Constrained<'_>,
    constraints: &NameConstraints<'_>,
) -> Vec<(String, String)> {
    let permitted = bases(constraints.permitted_subtrees.as_deref());
    let excluded = bases(constraints.excluded_subtrees.as_deref());
    let mut found = Vec::new();
    let mut check = |field: String, name: &GeneralName<'_>| {
        let within = |base: &&GeneralName<'_>| is_within(name, base) == Some(true);
        let mut of_kind = permitted
            .iter()
            .filter(|base| is_within(name, base).is_some())
            .peekable();
        let not_permitted = of_kind.peek().is_some() && !of_kind.any(&within);
        if not_permitted || excluded.iter().any(within) {
            found.push((field, names::value(name)));
        }
    };
    if names.subject.iter_rdn().next().is_some() {
        let subject = GeneralName::DirectoryName(names.subject.clone());
        check("subject".to_owned(), &subject);
    }
    for (field, name) in &names.alternatives {
        check(field.clone(), name);
    }
    for mailbox in &names.mailboxes {
        check(
            "subject.emailAddress".to_owned(),
            &GeneralName::RFC822Name(mailbox),
        );
    }
    found
}

fn bases<'a>(subtrees: Option<&'a [GeneralSubtree<'a>]>) -> Vec<&'a GeneralName<'a>> {
    let subtrees = subtrees.unwrap_or_default().iter().take(MOST_SUBTREES);
    subtrees.map(|subtree| &subtree.base).collect()
}

/// Whether a name lies in the subtree of a base; none where they are of different kinds.
fn is_within(name: &GeneralName<'_>, base: &GeneralName<'_>) -> Option<bool> {
    Some(match (name, base) {
        (GeneralName::DNSName(name), GeneralName::DNSName(base)) => is_subdomain(name, base),
        (GeneralName::RFC822Name(name), GeneralName::RFC822Name(base)) => {
            let host = name.rsplit_once('@').map_or("", |(_, host)| host);
            if base.contains('@') {
                name.eq_ignore_ascii_case(base)
            } else {
                is_host_of(host, base)
            }
        }
        (GeneralName::URI(name), GeneralName::URI(base)) => {
            is_host_of(names::uri_host(name).unwrap_or_default(), base)
        }
        (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => {
            let mut name = name.iter_rdn();
            base.iter_rdn().all(|rdn| name.next() == Some(rdn))
        }
        (GeneralName::IPAddress(address), GeneralName::IPAddress(base)) => {
            let (network, mask) = base.split_at(base.len() / 2);
            if network.len() != address.len() {
                return None;
            }
            let octets = address.iter().zip(network).zip(mask);
            octets
                .into_iter()
                .all(|((octet, network), mask)| octet & mask == network & mask)
        }
        _ => return None,
    })
}

/// Zero or more labels added in front.
fn is_subdomain(name: &str, base: &str) -> bool {
    let (name, base) = (name.to_ascii_lowercase(), base.to_ascii_lowercase());
    match name.strip_suffix(&base) {
        Some(front) => {
            front.is_empty() || base.is_empty() || front.ends_with('.') || base.starts_with('.')
        }
        None => false,
    }
}

/// One host, or all below it where the base begins with a dot.
fn is_host_of(host: &str, base: &str) -> bool {
    if base.starts_with('.') {
        is_subdomain(host, base)
    } else {
        host.eq_ignore_ascii_case(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_within_its_subtree_and_no_other() {
        use GeneralName::{DNSName as Dns, IPAddress as Ip, RFC822Name as Mail, URI};
        let network: &[u8] = &[192, 0, 2, 0, 255, 255, 255, 0];
        for (name, base, expected) in [
            (Dns("gw1.hosp.example"), Dns("hosp.example"), Some(true)),
            (Dns("GW1.Hosp.Example"), Dns("hosp.example"), Some(true)),
            (Dns("hosp.example"), Dns("hosp.example"), Some(true)),
            (Dns("myhosp.example"), Dns("hosp.example"), Some(false)),
            (Dns("gw1.hosp.example"), Dns(""), Some(true)),
            (Dns("gw1.hosp.example"), Mail("hosp.example"), None),
            (Mail("a@hosp.example"), Mail("hosp.example"), Some(true)),
            (Mail("a@x.hosp.example"), Mail("hosp.example"), Some(false)),
            (Mail("a@x.hosp.example"), Mail(".hosp.example"), Some(true)),
            (Mail("a@hosp.example"), Mail("b@hosp.example"), Some(false)),
            (
                URI("http://a.hosp.example/x"),
                URI(".hosp.example"),
                Some(true),
            ),
            (Ip(&[192, 0, 2, 7]), Ip(network), Some(true)),
            (Ip(&[198, 51, 100, 7]), Ip(network), Some(false)),
            (Ip(&[0; 16]), Ip(network), None),
        ] {
            assert_eq!(is_within(&name, &base), expected, "{name} in {base}");
        }
    }
}
