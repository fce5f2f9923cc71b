//! What the data of a notification says.

use ikev2::message::{self, NotifyMeaning, RedirectGateway};
use reports::escape::visible;

use super::MAX_TEXT;
use crate::bytes::hex;

/// Items of a list that are told.
const MOST: usize = 32;

/// The data in words, item by item; nothing where it says nothing to a reader.
pub(super) fn told(notify: &message::Notify) -> Vec<String> {
    match notify.meaning() {
        NotifyMeaning::Plain | NotifyMeaning::NatDetection(_) => Vec::new(),
        // Opaque to all but who made them, and long.
        NotifyMeaning::Cookie(_)
        | NotifyMeaning::Opaque(_)
        | NotifyMeaning::CrashToken(_)
        | NotifyMeaning::KeyExchangeLink(_)
        | NotifyMeaning::Raw(_) => Vec::new(),
        NotifyMeaning::UnsupportedPayload(kind) => vec![kind.to_string()],
        NotifyMeaning::WantedGroup(group) => vec![group.to_string()],
        NotifyMeaning::HighestVersion(version) => {
            vec![format!("{}.{}", version >> 4, version & 15)]
        }
        NotifyMeaning::InvalidMessageId(number) | NotifyMeaning::WindowSize(number) => {
            vec![number.to_string()]
        }
        NotifyMeaning::IpComp { cpi, transform } => {
            vec![format!("CPI {cpi:#06x}"), format!("transform {transform}")]
        }
        NotifyMeaning::Address(address) => vec![address.to_string()],
        NotifyMeaning::NoNats {
            source: (from, from_port),
            destination: (to, to_port),
        } => vec![
            format!("{from} port {from_port}"),
            format!("{to} port {to_port}"),
        ],
        NotifyMeaning::Gateway { gateway, .. } => match gateway {
            RedirectGateway::Address(address) => vec![address.to_string()],
            RedirectGateway::Fqdn(name) => {
                vec![visible(&String::from_utf8_lossy(name), MAX_TEXT)]
            }
        },
        NotifyMeaning::Lifetime(time) | NotifyMeaning::Ticket { lifetime: time, .. } => {
            vec![format!("{} s", time.as_secs())]
        }
        NotifyMeaning::HashAlgorithms(hashes) => {
            let named = hashes.iter().take(MOST);
            named.map(ToString::to_string).collect()
        }
        NotifyMeaning::PpkIdentity { form, identifier } => {
            let shown = identifier.get(..MOST).unwrap_or(identifier);
            vec![format!("form {form}"), hex(shown)]
        }
    }
}
