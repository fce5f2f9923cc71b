//! Keys of single sessions: those of IKE SAs from the daemons' logs, those of ESP from the kernels.

use conformance::Session;
use ikev2::keys::Key;
use lab::KernelSa;
use regex::Captures;
use transcript::keys::{EspKeys, IkeKeys};
use vendors::SessionKeyLog;

/// Sets of keys that are taken from one log: a daemon may begin anew a few times.
const MOST_SETS: usize = 64;
/// The longest key: SK_ai of HMAC-SHA2-512 (RFC 4868).
const MOST_OCTETS: usize = 64;

/// The keys of every IKE SA that a log tells, in their order.
pub(super) fn of_log(log: &str, how: &SessionKeyLog) -> Vec<IkeKeys> {
    let mut sets: Vec<IkeKeys> = Vec::new();
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(head) = how.head.captures(line) else {
            continue;
        };
        let Some((name, octets)) = named(&head) else {
            continue;
        };
        let mut key = Vec::new();
        while key.len() < octets
            && let Some(row) = lines.peek().and_then(|line| how.row.captures(line))
        {
            key.extend(octets_of(&row["hex"]));
            lines.next();
        }
        if key.len() == octets {
            put(&mut sets, name, Key::from(key));
        }
    }
    sets
}

/// The keys of an IKE SA that the tester had.
pub(super) fn of_tester(session: Session) -> IkeKeys {
    let keys = session.keys;
    IkeKeys {
        spis: Some(session.spis),
        encryption: Some(keys.encryption),
        integrity: keys.integrity,
        sk_ai: keys.sk_ai,
        sk_ar: keys.sk_ar,
        sk_ei: keys.sk_ei,
        sk_er: keys.sk_er,
    }
}

/// The keys of an SA of ESP, in the form that readers of captures need; `None` for an SA without
/// keys, or with an algorithm that they do not know.
pub(super) fn of_kernel(sa: &KernelSa) -> Option<EspKeys> {
    let keys = &sa.keys;
    let (encryption_key, aead) = if keys.aead.is_empty() {
        (&keys.encryption, false)
    } else {
        (&keys.aead, true)
    };
    let mut names = sa.algorithms.iter();
    let encryption =
        names.find_map(|name| EspKeys::kernel_encryption(name, encryption_key.len()))?;
    let mut names = sa.algorithms.iter();
    let integrity = names.find_map(|name| EspKeys::kernel_integrity(name));
    Some(EspKeys {
        source: sa.source,
        destination: sa.destination,
        spi: sa.spi,
        encryption,
        encryption_key: Key::from(encryption_key.as_slice()),
        integrity: integrity.filter(|_| !aead),
        integrity_key: (!aead).then(|| Key::from(keys.authentication.as_slice())),
    })
}

/// The log without the rows below a line that announces a secret.
pub(super) fn without_secrets(log: &str, how: &SessionKeyLog) -> String {
    let Some(secret) = &how.secret else {
        return log.to_owned();
    };
    let mut kept = String::with_capacity(log.len());
    let mut hidden = false;
    for line in log.split_inclusive('\n') {
        if hidden && how.row.is_match(line.trim_end()) {
            continue;
        }
        hidden = secret.is_match(line);
        kept.push_str(line);
        if hidden {
            kept.push_str("[secret]\n");
        }
    }
    kept
}

fn named<'a>(head: &'a Captures<'_>) -> Option<(&'a str, usize)> {
    let octets = head["octets"].parse().ok()?;
    (octets > 0 && octets <= MOST_OCTETS).then(|| (&head["key"], octets))
}

fn octets_of(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> = digits
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    let pairs = digits.chunks_exact(2);
    pairs
        .filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
        .collect()
}

/// Adds a key to the last set, or to a new one when the last has it already.
fn put(sets: &mut Vec<IkeKeys>, name: &str, key: Key) {
    let is_taken = |set: &IkeKeys| slot(&mut set.clone(), name).is_none_or(|slot| slot.is_some());
    if sets.last().is_none_or(is_taken) {
        if sets.len() == MOST_SETS {
            return;
        }
        sets.push(IkeKeys::default());
    }
    if let Some(slot) = sets.last_mut().and_then(|set| slot(set, name)) {
        *slot = Some(key);
    }
}

fn slot<'a>(set: &'a mut IkeKeys, name: &str) -> Option<&'a mut Option<Key>> {
    Some(match name {
        "ai" => &mut set.sk_ai,
        "ar" => &mut set.sk_ar,
        "ei" => &mut set.sk_ei,
        "er" => &mut set.sk_er,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::project;

    fn how(profile: &str) -> SessionKeyLog {
        let profile = project().profile(profile).unwrap();
        profile.implementation.session_keys.clone().unwrap()
    }

    /// Lines that strongSwan 5.9.8 really wrote.
    const STRONGSWAN: &str = "\
2026-11-25T04:26:17.557 15[IKE] <1> Sk_ai secret => 20 bytes @ 0x7f990c00a5c0
2026-11-25T04:26:17.557 15[IKE] <1>    0: 4C 42 50 92 5D 78 9F F9 12 00 92 0C AF 1E 37 6E  LBP.]x........7n
2026-11-25T04:26:17.557 15[IKE] <1>   16: 98 CB 1F 59                                      ...Y
2026-11-25T04:26:17.557 15[IKE] <1> Sk_er secret => 4 bytes @ 0x7f990c00a5e0
2026-11-25T04:26:17.557 15[IKE] <1>    0: C4 EA 72 01                                      ..r.
2026-11-25T04:26:17.600 15[IKE] <ikematrix|1> secret => 4 bytes @ 0x7f9938000be0
2026-11-25T04:26:17.600 15[IKE] <ikematrix|1>    0: 61 62 63 64                                      abcd
2026-11-25T04:26:17.600 15[IKE] <ikematrix|1> prf(secret, keypad) => 4 bytes @ 0x7f990c0035b0
2026-11-25T04:26:17.600 15[IKE] <ikematrix|1>    0: 01 02 03 04                                      ....
2026-11-25T04:26:17.700 15[IKE] <ikematrix|1> IKE_SA ikematrix[1] established
";

    #[test]
    fn keys_are_read_from_the_rows_below_their_names() {
        let sets = of_log(STRONGSWAN, &how("strongswan-5.9"));
        assert_eq!(sets.len(), 1);
        let ai = sets[0].sk_ai.as_ref().unwrap();
        assert_eq!(
            (ai.len(), ai.as_bytes()[0], ai.as_bytes()[19]),
            (20, 0x4c, 0x59)
        );
        assert_eq!(
            sets[0].sk_er.as_ref().unwrap().as_bytes(),
            [0xc4, 0xea, 0x72, 1]
        );
        assert!(sets[0].sk_ei.is_none());
        let openiked = "spi=0x1: ikev2_sa_keys: S with 80 bytes\nikev2_sa_keys: SK_ei with 32 bytes\n\
            4c425092 5d789ff9 1200920c af1e376e 98cb1f59 95d409d8 2ba2d388 01d3879f\n\
            ikev2_sa_keys: SK_ei with 4 bytes\n01020304\n";
        let sets = of_log(openiked, &how("openiked-7.4"));
        assert_eq!(sets.len(), 2);
        assert_eq!(sets[0].sk_ei.as_ref().unwrap().len(), 32);
        assert_eq!(sets[1].sk_ei.as_ref().unwrap().as_bytes(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_key_that_is_cut_or_endless_is_none() {
        let how = how("openiked-7.4");
        for log in [
            "ikev2_sa_keys: SK_ei with 32 bytes\n4c425092\n",
            "ikev2_sa_keys: SK_ei with 32 bytes",
            "ikev2_sa_keys: SK_ei with 99999999999999999999 bytes\n4c425092\n",
            "ikev2_sa_keys: SK_ei with 0 bytes\n4c425092\n",
        ] {
            assert_eq!(of_log(log, &how), [], "{log}");
        }
        let many = "ikev2_sa_keys: SK_ei with 4 bytes\n01020304\n".repeat(1000);
        assert_eq!(of_log(&many, &how).len(), MOST_SETS);
    }

    #[test]
    fn secrets_and_what_follows_from_them_alone_are_taken_out() {
        let kept = without_secrets(STRONGSWAN, &how("strongswan-5.9"));
        assert!(!kept.contains("61 62 63 64") && !kept.contains("01 02 03 04"));
        assert!(kept.contains("C4 EA 72 01") && kept.contains("established"));
        assert_eq!(kept.matches("[secret]").count(), 2);
    }
}
