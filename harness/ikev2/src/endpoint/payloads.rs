//! Finding what an exchange needs among payloads.

use std::ops::RangeInclusive;

use crate::message::{
    Auth, Body, Certificate, Delete, Identification, KeyExchange, Notify, NotifyMeaning, Payload,
    SecurityAssociation, TrafficSelectors, notifies,
};
use crate::numbers::{HashAlgorithm, NotifyType, PayloadType};

/// Octets that a nonce may have (RFC 7296, section 3.9).
const NONCE: RangeInclusive<usize> = 16..=256;

/// The payloads of a message, in clear and decrypted ones together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payloads<'a>(pub(super) &'a [Payload]);

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident: $variant:ident($body:ty) = $kind:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// The type that is missing.
            pub(super) fn $name(self) -> Result<&'a $body, PayloadType> {
                let mut all = self.0.iter();
                let found = all.find_map(|payload| {
                    if let Body::$variant(body) = &payload.body { Some(body) } else { None }
                });
                found.ok_or(PayloadType::$kind)
            }
        )*
    };
}

impl<'a> Payloads<'a> {
    getters! {
        sa: Sa(SecurityAssociation) = SA;
        key_exchange: Ke(KeyExchange) = KE;
        initiator: IdI(Identification) = IDI;
        responder: IdR(Identification) = IDR;
        auth: Auth(Auth) = AUTH;
        initiator_selectors: TsI(TrafficSelectors) = TSI;
        responder_selectors: TsR(TrafficSelectors) = TSR;
    }

    /// The nonce, if it has a length that it may have.
    pub(super) fn nonce(self) -> Result<&'a [u8], PayloadType> {
        let mut all = self.0.iter();
        let nonce = all.find_map(|payload| {
            if let Body::Nonce(nonce) = &payload.body {
                Some(nonce.as_slice())
            } else {
                None
            }
        });
        let nonce = nonce.filter(|nonce| NONCE.contains(&nonce.len()));
        nonce.ok_or(PayloadType::NONCE)
    }

    pub(super) fn certificates(self) -> Vec<Certificate> {
        let certificate = |payload: &Payload| {
            if let Body::Cert(certificate) = &payload.body {
                Some(certificate.clone())
            } else {
                None
            }
        };
        self.0.iter().filter_map(certificate).collect()
    }

    pub(super) fn deletes(self) -> impl Iterator<Item = &'a Delete> {
        self.0.iter().filter_map(|payload| {
            if let Body::Delete(delete) = &payload.body {
                Some(delete)
            } else {
                None
            }
        })
    }

    pub(super) fn notifies(self) -> impl Iterator<Item = &'a Notify> {
        notifies(self.0)
    }

    pub(super) fn notify(self, kind: NotifyType) -> Option<&'a Notify> {
        self.notifies().find(|notify| notify.kind == kind)
    }

    /// The first notification of an error.
    pub(super) fn error(self) -> Option<&'a Notify> {
        self.notifies().find(|notify| notify.kind.is_error())
    }

    pub(super) fn hashes(self) -> Option<Vec<HashAlgorithm>> {
        let notify = self.notify(NotifyType::SIGNATURE_HASH_ALGORITHMS)?;
        if let NotifyMeaning::HashAlgorithms(hashes) = notify.meaning() {
            Some(hashes)
        } else {
            None
        }
    }

    /// A payload that must be understood and is not (RFC 7296, section 2.5).
    pub(super) fn not_understood(self) -> Option<PayloadType> {
        let mut all = self.0.iter();
        let found =
            all.find(|payload| payload.critical && matches!(payload.body, Body::Unknown { .. }));
        found.map(Payload::kind)
    }

    /// A payload of a known type that breaks the rules of its type.
    pub(super) fn broken(self) -> Option<PayloadType> {
        let mut all = self.0.iter();
        let found = all.find(|payload| matches!(payload.body, Body::Undecodable { .. }));
        found.map(Payload::kind)
    }
}

/// A notification as a payload.
pub(super) fn notify(kind: NotifyType, data: Vec<u8>) -> Payload {
    Body::Notify(Notify::new(kind, data)).into()
}
