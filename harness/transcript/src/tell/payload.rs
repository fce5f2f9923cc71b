//! What matters in a payload.

use ikev2::algorithm::{DhGroup, Transform as _};

use super::Teller;
use crate::model::{
    Authentication, Certificate, Content, Message, Named, Notify, Proposal, Transform,
};

/// Findings of a certificate that are told; errors come first.
const MOST_FINDINGS: usize = 4;

impl Teller<'_> {
    /// The payloads in their order; notifications without an error share one line.
    pub(super) fn payloads(&self, message: &Message) -> Vec<String> {
        let mut lines = Vec::new();
        let mut sizes = Vec::new();
        let mut status = Vec::new();
        for payload in &message.payloads {
            if payload.critical {
                lines.push(self.say.critical(&payload.kind.name));
            }
            match &payload.content {
                Content::SecurityAssociation { proposals, more } => {
                    lines.extend(self.proposals(message.response, proposals));
                    if *more > 0 {
                        lines.push(self.say.and_more(*more));
                    }
                }
                Content::KeyExchange { group, octets } => {
                    sizes.push(format!(
                        "KE {} ({})",
                        group_name(group),
                        self.say.octets(*octets)
                    ));
                }
                Content::Nonce { octets } => {
                    sizes.push(format!("Nonce ({})", self.say.octets(*octets)));
                }
                Content::Identity(identity) => lines.push(format!(
                    "{}: {} {}",
                    payload.kind.name, identity.kind.name, identity.text
                )),
                Content::Certificate(certificate) => lines.extend(self.certificate(certificate)),
                Content::CertificateRequest {
                    encoding,
                    authorities,
                    more,
                } => {
                    let short = authorities
                        .iter()
                        .take(4)
                        .map(|hash| hash.get(..8).unwrap_or(hash));
                    let list: Vec<_> = short.collect();
                    let all = u64::try_from(authorities.len()).unwrap_or(u64::MAX) + more;
                    lines.push(
                        self.say
                            .certificate_request(&encoding.name, all, &list.join(", ")),
                    );
                }
                Content::Authentication(auth) => lines.push(self.authentication(auth)),
                Content::Notify(notify) if notify.error => {
                    lines.push(self.say.error(&self.notify(notify)));
                }
                Content::Notify(notify) => status.push(self.notify(notify)),
                Content::Delete(delete) => {
                    lines.push(
                        self.say
                            .delete(&delete.protocol.name, &delete.spis.join(", ")),
                    );
                }
                Content::VendorId { name, hex } => {
                    status.push(format!("Vendor ID {}", name.as_deref().unwrap_or(hex)));
                }
                Content::TrafficSelectors {
                    selectors, more, ..
                } => {
                    let list: Vec<_> = selectors.iter().map(|one| one.text.as_str()).collect();
                    let mut line = format!("{}: {}", payload.kind.name, list.join(", "));
                    if *more > 0 {
                        line.push_str(&format!(" {}", self.say.and_more(*more)));
                    }
                    lines.push(line);
                }
                // Its content follows, or it is told that it cannot be read.
                Content::Encrypted => {}
                Content::Configuration {
                    kind, attributes, ..
                } => {
                    let list: Vec<_> = attributes.iter().map(|one| &*one.name).collect();
                    lines.push(format!("CP {}: {}", kind.name, list.join(", ")));
                }
                Content::Eap { code, method } => {
                    let method = method.as_ref().map_or("", |method| &*method.name);
                    lines.push(format!("EAP {} {method}", code.name));
                }
                Content::Unknown => lines.push(self.say.unknown_payload(&payload.kind.name)),
                Content::Undecodable { why } => {
                    lines.push(self.say.undecodable(&payload.kind.name, why));
                }
            }
        }
        if !sizes.is_empty() {
            lines.push(sizes.join(", "));
        }
        if !status.is_empty() {
            lines.push(format!("N: {}", status.join(", ")));
        }
        lines
    }

    fn notify(&self, notify: &Notify) -> String {
        let mut text = notify.kind.name.to_string();
        if let Some(spi) = &notify.spi {
            let protocol = notify
                .protocol
                .as_ref()
                .map_or("", |protocol| &*protocol.name);
            text.push_str(&format!(" {protocol} SPI {spi}"));
        }
        if !notify.data.is_empty() {
            text.push_str(&format!(" ({})", notify.data.join(", ")));
        }
        if notify.nat {
            text.push_str(self.say.nat());
        }
        text
    }

    fn proposals(&self, response: bool, proposals: &[Proposal]) -> Vec<String> {
        let line = |proposal: &Proposal| {
            let spi = proposal.spi.as_ref().map(|spi| format!(" SPI {spi}"));
            format!(
                "{} {}{} #{}: {}",
                self.say.proposal(response),
                proposal.protocol.name,
                spi.unwrap_or_default(),
                proposal.number,
                transforms(&proposal.transforms)
            )
        };
        proposals.iter().map(line).collect()
    }

    fn authentication(&self, auth: &Authentication) -> String {
        let signature = auth.signature.as_ref().map(|signature| {
            let name = signature.name.as_deref().unwrap_or(&signature.oid);
            format!(": {name}")
        });
        format!(
            "AUTH: {}{} ({})",
            auth.method.name,
            signature.unwrap_or_default(),
            self.say.octets(auth.octets)
        )
    }

    fn certificate(&self, certificate: &Certificate) -> Vec<String> {
        let Some(subject) = &certificate.subject else {
            let why = certificate.unreadable.as_deref();
            return vec![self.say.certificate_unread(&certificate.encoding.name, why)];
        };
        let issuer = certificate.issuer.as_deref().unwrap_or_default();
        let mut lines = vec![self.say.certificate(subject, issuer, certificate.ca)];
        let list = |names: &Option<Vec<String>>| match names {
            None => "-".to_owned(),
            Some(names) => names.join(" "),
        };
        let names = if certificate.names.is_empty() {
            "-".to_owned()
        } else {
            certificate.names.join(" ")
        };
        lines.push(format!(
            "  SAN: {names}; keyUsage: {}; EKU: {}",
            list(&certificate.key_usage),
            list(&certificate.extended_key_usage)
        ));
        let day = |time: Option<jiff::Timestamp>| {
            time.map_or_else(
                || "?".to_owned(),
                |time| time.strftime("%Y-%m-%d").to_string(),
            )
        };
        lines.push(self.say.validity(
            &day(certificate.not_before),
            &day(certificate.not_after),
            certificate.key.as_deref().unwrap_or("?"),
            certificate.signature.as_deref().unwrap_or("?"),
        ));
        for finding in certificate.findings.iter().take(MOST_FINDINGS) {
            lines.push(self.say.finding(finding));
        }
        if let Some(more) = certificate.findings.len().checked_sub(MOST_FINDINGS)
            && more > 0
        {
            lines.push(format!(
                "  {}",
                self.say.and_more(u64::try_from(more).unwrap_or(u64::MAX))
            ));
        }
        lines
    }
}

/// Transforms of one kind are alternatives: `ENCR AES_CBC-256 | AES_CBC-128; PRF HMAC_SHA2_256`.
fn transforms(transforms: &[Transform]) -> String {
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    for transform in transforms {
        let kind = &*transform.kind.name;
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.push(name(transform)),
            None => kinds.push((kind, vec![name(transform)])),
        }
    }
    let told = |(kind, names): &(&str, Vec<String>)| format!("{kind} {}", names.join(" | "));
    let told: Vec<_> = kinds.iter().map(told).collect();
    told.join("; ")
}

/// A transform's name without the prefix that repeats its kind.
fn name(transform: &Transform) -> String {
    const EXTENDED_SEQUENCE_NUMBERS: u32 = 5;
    const KEY_EXCHANGE: [u32; 8] = [4, 6, 7, 8, 9, 10, 11, 12];
    if transform.kind.number == EXTENDED_SEQUENCE_NUMBERS {
        return match transform.id.number {
            0 => "no".to_owned(),
            1 => "yes".to_owned(),
            _ => transform.id.name.to_string(),
        };
    }
    if KEY_EXCHANGE.contains(&transform.kind.number) {
        return group_name(&transform.id);
    }
    let name = &*transform.id.name;
    let bare = ["ENCR_", "AUTH_", "PRF_"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix));
    let bare = bare.unwrap_or(name);
    match transform.key_length {
        Some(bits) => format!("{bare}-{bits}"),
        None => bare.to_owned(),
    }
}

/// A key exchange group as engineers call it, such as `ecp-256`.
fn group_name(group: &Named) -> String {
    let known = u16::try_from(group.number).ok().and_then(DhGroup::from_id);
    known.map_or_else(|| group.name.to_string(), |group| group.name().to_owned())
}
