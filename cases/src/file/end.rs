//! The format of `[setup.initiator]` and `[setup.responder]`.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use files::Checks;
use ikev2::{EspProposal, IkeProposal};
use ipnet::IpNet;
use serde::Deserialize;
use toml::Spanned;

use super::{Proposals, proposals, with_certificates_only};
use crate::case::AuthMethod;
use crate::end::{
    EndSetup, IdentityKind, IkeVersion, Mode, OtherIdentity, PrivateKey, Psk, SubjectForm,
};
use crate::setting::Setting;

/// More than the life of any certificate.
const MAX_CLOCK: u32 = 36_500;
/// The longest text of an identity: more than any name of a host.
const MAX_IDENTITY: usize = 255;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndFile {
    pub(super) auth: Option<Spanned<AuthMethod>>,
    psk: Option<Spanned<Psk>>,
    local_id: Option<Spanned<IdentityFile>>,
    remote_id: Option<Spanned<IdentityFile>>,
    certificates: Option<Spanned<String>>,
    certificate: Option<Spanned<Nothing>>,
    private_key: Option<Spanned<PrivateKey>>,
    trust: Option<Spanned<String>>,
    crls: Option<Spanned<Nothing>>,
    revoked: Option<Spanned<bool>>,
    clock: Option<Spanned<i32>>,
    ike_version: Option<Spanned<u8>>,
    mode: Option<Mode>,
    nat_traversal: Option<bool>,
    connection: Option<Nothing>,
    raw_configuration: Option<Spanned<String>>,
    ike: Option<Proposals<IkeProposal>>,
    esp: Option<Proposals<EspProposal>>,
    local_subnets: Option<Spanned<Vec<Network>>>,
    remote_subnets: Option<Spanned<Vec<Network>>>,
    lan_route: Option<bool>,
    #[serde(default)]
    settings: BTreeMap<String, BTreeMap<String, Spanned<Setting>>>,
}

/// What a router can be without.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Nothing {
    None,
}

/// One of `value` and `subject`; which one depends on the type.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    r#type: IdentityKind,
    value: Option<String>,
    subject: Option<SubjectForm>,
}

/// A network by its first address: no address inside one.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Network(IpNet);

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Ok(network) = text.parse::<IpNet>() else {
            return Err(format!(
                "{text:?} is not a network\nwrite an address and the length of the prefix, such \
                 as \"198.51.100.0/24\""
            ));
        };
        if network != network.trunc() {
            return Err(format!(
                "{text:?} is an address in a network, not a network\nwrite \"{}\"",
                network.trunc()
            ));
        }
        Ok(Self(network))
    }
}

/// Makes the set-up of one end; `common` is how both ends authenticate.
pub(super) fn end(checks: &mut Checks<'_>, end: EndFile, common: AuthMethod) -> EndSetup {
    let defaults = EndSetup::default();
    let auth = end.auth.as_ref().map(|auth| *auth.get_ref());
    if let Some(auth) = &end.auth
        && (*auth.get_ref() != AuthMethod::Psk || common == AuthMethod::Psk)
    {
        let message = "one end can only have auth = \"psk\" where both have certificates\n\
                       remove `auth` here";
        checks.refuse(auth, message);
    }
    if let Some(psk) = &end.psk
        && auth.unwrap_or(common) != AuthMethod::Psk
    {
        let message = format_args!(
            "a pre-shared key with auth = {:?}\nremove `psk`, or write auth = \"psk\"",
            common.as_str()
        );
        checks.refuse(psk, message);
    }
    let has_psk = auth == Some(AuthMethod::Psk);
    certificates_only(checks, &end.certificates, "certificates", common, has_psk);
    certificates_only(checks, &end.certificate, "certificate", common, has_psk);
    certificates_only(checks, &end.private_key, "private_key", common, has_psk);
    certificates_only(checks, &end.trust, "trust", common, has_psk);
    certificates_only(checks, &end.crls, "crls", common, has_psk);
    certificates_only(checks, &end.revoked, "revoked", common, has_psk);
    if let Some(clock) = &end.clock
        && clock.get_ref().unsigned_abs() > MAX_CLOCK
    {
        let message = format_args!(
            "a clock cannot be {} days off\nwrite at most {MAX_CLOCK} days, before or after",
            clock.get_ref()
        );
        checks.refuse(clock, message);
    }
    EndSetup {
        auth,
        psk: end.psk.map_or(defaults.psk, Spanned::into_inner),
        local_id: end.local_id.and_then(|id| identity(checks, id, common)),
        remote_id: end.remote_id.and_then(|id| identity(checks, id, common)),
        certificates: end.certificates.map(Spanned::into_inner),
        has_certificate: end.certificate.is_none(),
        private_key: end
            .private_key
            .map_or(defaults.private_key, Spanned::into_inner),
        trust: end.trust.map(Spanned::into_inner),
        has_crls: end.crls.is_none(),
        revoked: end.revoked.map_or(defaults.revoked, Spanned::into_inner),
        clock: end.clock.map_or(defaults.clock, Spanned::into_inner),
        ike_version: end.ike_version.map_or(defaults.ike_version, |version| {
            ike_version(checks, &version)
        }),
        mode: end.mode.unwrap_or(defaults.mode),
        nat_traversal: end.nat_traversal.unwrap_or(defaults.nat_traversal),
        has_connection: end.connection.is_none(),
        raw_configuration: end.raw_configuration.map(|line| raw_line(checks, line)),
        ike: proposals(checks, end.ike),
        esp: proposals(checks, end.esp),
        local_subnets: end.local_subnets.map(|list| subnets(checks, list)),
        remote_subnets: end.remote_subnets.map(|list| subnets(checks, list)),
        lan_route: end.lan_route.unwrap_or(defaults.lan_route),
        settings: settings(checks, end.settings),
    }
}

/// Refuses a key about certificates at an end that has none.
fn certificates_only<T>(
    checks: &mut Checks<'_>,
    value: &Option<Spanned<T>>,
    key: &str,
    common: AuthMethod,
    has_psk: bool,
) {
    let Some(value) = value else { return };
    if has_psk {
        let message = format_args!(
            "this end has a pre-shared key in place of certificates\nremove `{key}`, or remove \
             `auth`"
        );
        checks.refuse(value, message);
    } else {
        with_certificates_only(checks, value, key, common);
    }
}

/// `None` when something is wrong with it, which has been reported then.
fn identity(
    checks: &mut Checks<'_>,
    identity: Spanned<IdentityFile>,
    common: AuthMethod,
) -> Option<OtherIdentity> {
    let IdentityFile {
        r#type: kind,
        value,
        subject,
    } = identity.get_ref();
    let refused = match (kind, value, subject) {
        (IdentityKind::Dn, None, Some(_)) if !common.uses_certificates() => Some(
            "a DN is the subject of a certificate, and a pre-shared key has none\nuse another \
             type"
                .to_owned(),
        ),
        (IdentityKind::Dn, None, Some(form)) => return Some(OtherIdentity::Subject(*form)),
        (IdentityKind::Dn, ..) => Some(
            "a DN follows the subject of the certificate\nwrite { type = \"dn\", subject = \
             \"own\" }, \"reversed\" or \"other-string-types\", and no `value`"
                .to_owned(),
        ),
        (_, Some(value), None) => refusal(*kind, value),
        (_, _, _) => Some(
            "an identity of this type is a text\nwrite its `value`, such as { type = \"fqdn\", \
             value = \"gw.example\" }, and no `subject`"
                .to_owned(),
        ),
    };
    if let Some(message) = refused {
        checks.refuse(&identity, message);
        return None;
    }
    let identity = identity.into_inner();
    Some(OtherIdentity::Text {
        kind: identity.r#type,
        value: identity.value?,
    })
}

/// What is wrong with the text of an identity. It goes into configuration files of every syntax.
fn refusal(kind: IdentityKind, value: &str) -> Option<String> {
    let sample = OtherIdentity::PLACEHOLDERS
        .iter()
        .fold(value.to_owned(), |text, name| text.replace(name, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_@:".contains(c);
    if value.is_empty() || value.len() > MAX_IDENTITY || !sample.chars().all(plain) {
        return Some(format!(
            "{value:?} cannot be an identity\nwrite 1 to {MAX_IDENTITY} letters, digits and \
             . - _ @ :, or one of {}",
            OtherIdentity::PLACEHOLDERS.join(", ")
        ));
    }
    let is_address = match kind {
        IdentityKind::Ipv4 => value == "{address}" || value.parse::<Ipv4Addr>().is_ok(),
        IdentityKind::Ipv6 => value.parse::<Ipv6Addr>().is_ok(),
        IdentityKind::Fqdn | IdentityKind::Rfc822 | IdentityKind::KeyId | IdentityKind::Dn => true,
    };
    (!is_address).then(|| {
        format!(
            "{value:?} is no address of this type\nwrite one, such as \"192.0.2.1\" with ipv4 or \
             \"2001:db8::1\" with ipv6"
        )
    })
}

fn ike_version(checks: &mut Checks<'_>, version: &Spanned<u8>) -> IkeVersion {
    match version.get_ref() {
        1 => IkeVersion::V1,
        2 => IkeVersion::V2,
        other => {
            let message = format_args!("there is no IKE version {other}\nwrite 1 or 2");
            checks.refuse(version, message);
            IkeVersion::V2
        }
    }
}

fn raw_line(checks: &mut Checks<'_>, line: Spanned<String>) -> String {
    if line.get_ref().is_empty() || line.get_ref().contains(char::is_control) {
        let message = "this is not one line of a configuration\nwrite it without line breaks and \
                       other control characters";
        checks.refuse(&line, message);
    }
    line.into_inner()
}

fn subnets(checks: &mut Checks<'_>, subnets: Spanned<Vec<Network>>) -> Vec<IpNet> {
    if subnets.get_ref().is_empty() {
        let message = "no network in the list\nadd one, or remove the list to expect what is \
                       there";
        checks.refuse(&subnets, message);
    }
    let networks = subnets.into_inner().into_iter();
    networks.map(|Network(network)| network).collect()
}

fn settings(
    checks: &mut Checks<'_>,
    settings: BTreeMap<String, BTreeMap<String, Spanned<Setting>>>,
) -> BTreeMap<String, BTreeMap<String, Setting>> {
    let mut plain = BTreeMap::new();
    for (implementation, table) in settings {
        let mut values = BTreeMap::new();
        for (name, value) in table {
            let broken = |text: &str| text.contains(char::is_control);
            if value.get_ref().texts().any(broken) {
                let message = format_args!(
                    "the setting {name:?} has a line break or another control character\nwrite \
                     its value on one line"
                );
                checks.refuse(&value, message);
            }
            values.insert(name, value.into_inner());
        }
        plain.insert(implementation, values);
    }
    plain
}
