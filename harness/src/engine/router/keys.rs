//! The secrets of a cell, and texts without them.

use cases::Psk;
use lab::LabError;
use vendors::Secret;

#[cfg(test)]
mod tests;

/// What the two routers share in a run of a cell, and what the case gives to one of them only.
pub(crate) struct Keys {
    shared: Secret,
    different: Secret,
    /// Under which the keys of certificates are handed to routers.
    passwords: Vec<Secret>,
}

impl Keys {
    pub(crate) fn fresh() -> Result<Self, LabError> {
        Ok(Self {
            shared: fresh_secret()?,
            different: fresh_secret()?,
            passwords: Vec::new(),
        })
    }

    pub(crate) fn add_password(&mut self, password: Secret) {
        self.passwords.push(password);
    }

    pub(in crate::engine) fn of(&self, psk: Psk) -> Option<Secret> {
        match psk {
            Psk::Shared => Some(self.shared.clone()),
            Psk::Different => Some(self.different.clone()),
            Psk::TrailingNewline => Some(Secret::new(format!("{}\n", self.shared.expose()))),
            Psk::None => None,
        }
    }

    /// Replaces every key in a text that leaves the lab, and what is derived of a pre-shared key
    /// alone. The keys of certificates are in no text: the evidence has no file that holds one.
    /// Session keys stay: they open this run's packets only.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in [&self.shared, &self.different]
            .into_iter()
            .chain(&self.passwords)
        {
            let hex = hex(secret.expose().as_bytes(), "");
            for shape in [secret.expose(), &hex, &hex.to_uppercase()] {
                text = text.replace(shape, REDACTED);
            }
            text = redact_dumps(&text, secret.expose().as_bytes());
            // Dumps show 16 octets in a line, as text, too.
            for row in secret.expose().as_bytes().chunks(16) {
                text = text.replace(&*String::from_utf8_lossy(row), REDACTED);
            }
        }
        for secret in [&self.shared, &self.different] {
            for padded in padded(secret) {
                let hex = hex(&padded, "");
                for shape in [&hex, &hex.to_uppercase()] {
                    text = text.replace(shape.as_str(), REDACTED);
                }
                text = redact_dumps(&text, &padded);
            }
        }
        text
    }
}

const REDACTED: &str = "[secret]";

/// Removes the rows of dumps that show these octets, with what stands behind them: the same as text.
fn redact_dumps(text: &str, secret: &[u8]) -> String {
    let mut shapes = Vec::new();
    for row in secret.chunks(16) {
        shapes.push(hex(row, " "));
    }
    for length in [16, 32] {
        for row in secret.chunks(length) {
            let groups: Vec<String> = row.chunks(4).map(|group| hex(group, "")).collect();
            shapes.push(groups.join(" "));
        }
    }
    let upper: Vec<String> = shapes.iter().map(|shape| shape.to_uppercase()).collect();
    shapes.extend(upper);
    let mut redacted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let found = shapes.iter().filter_map(|shape| line.find(shape.as_str()));
        match found.min() {
            Some(at) => {
                redacted.push_str(&line[..at]);
                redacted.push_str(REDACTED);
                redacted.push_str(if line.ends_with('\n') { "\n" } else { "" });
            }
            None => redacted.push_str(line),
        }
    }
    redacted
}

/// What each PRF makes of a pre-shared key before the octets to be signed come in (RFC 7296,
/// section 2.15): it is as good as the key.
fn padded(secret: &Secret) -> [Vec<u8>; 4] {
    use ring::hmac;
    [
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        hmac::HMAC_SHA256,
        hmac::HMAC_SHA384,
        hmac::HMAC_SHA512,
    ]
    .map(|prf| {
        let key = hmac::Key::new(prf, secret.expose().as_bytes());
        hmac::sign(&key, b"Key Pad for IKEv2").as_ref().to_vec()
    })
}

fn hex(octets: &[u8], between: &str) -> String {
    let octets: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    octets.join(between)
}

/// 32 random octets as 64 hexadecimal digits, which every daemon's configuration can hold.
pub(in crate::engine) fn fresh_secret() -> Result<Secret, LabError> {
    let octets = crate::engine::random::<32>()?;
    Ok(Secret::new(
        octets
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect::<String>(),
    ))
}
