//! Any octets as a message, and as the plaintext of one.

#![no_main]

use std::fmt::Write as _;

use ikev2::message::{Body, Chain, Payload, notifies};
use ikev2::numbers::PayloadType;
use ikev2::{Message, MessageView};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(view) = MessageView::new(bytes) {
        let mut text = String::new();
        for payload in view.payloads() {
            match payload {
                Ok(payload) => {
                    let end = payload.offset + 4 + payload.body.len();
                    assert_eq!(&bytes[payload.offset + 4..end], payload.body);
                }
                Err(error) => {
                    assert!(error.offset <= bytes.len());
                    write!(text, "{error}").expect("a string takes everything");
                }
            }
        }
        write!(text, "{} {}", view.exchange_type(), view.v1_exchange_type())
            .expect("a string takes everything");
    }
    if let Ok(message) = Message::parse(bytes) {
        assert_eq!(message.emit(), bytes);
        tell(&message.payloads);
    }
    if let Some((&first, plaintext)) = bytes.split_first()
        && let Ok(chain) = Chain::parse(PayloadType(first), plaintext)
    {
        assert_eq!(chain.emit(), plaintext);
        tell(&chain.payloads);
    }
});

/// Asks for everything that payloads can tell about themselves.
fn tell(payloads: &[Payload]) {
    let mut text = format!("{payloads:?}");
    for notify in notifies(payloads) {
        write!(
            text,
            "{} {} {:?}",
            notify.protocol,
            notify.kind,
            notify.meaning()
        )
        .expect("a string takes everything");
    }
    for payload in payloads {
        write!(text, "{}", payload.kind()).expect("a string takes everything");
        match &payload.body {
            Body::Sa(sa) => {
                for transform in sa.proposals.iter().flat_map(|p| &p.transforms) {
                    write!(text, "{transform} {:?}", transform.neutral_name())
                        .expect("a string takes everything");
                }
            }
            Body::IdI(id) | Body::IdR(id) => {
                text.push_str(id.text().unwrap_or_default());
                text.push_str(&format!("{:?}", id.address()));
            }
            Body::Auth(auth) => {
                if let Some(Ok(signature)) = auth.digital_signature() {
                    text.push_str(&format!("{:?}", signature.known_algorithm()));
                    text.push_str(&signature.object_identifier().unwrap_or_default());
                }
            }
            Body::CertReq(request) => {
                text.push_str(&format!("{:?}", request.authorities().map(Iterator::count)));
            }
            Body::Delete(delete) => text.push_str(&format!("{}", delete.each().count())),
            Body::Eap(eap) => text.push_str(&format!("{:?}", eap.method())),
            Body::Undecodable { why, .. } => text.push_str(&why.to_string()),
            _ => {}
        }
    }
}
