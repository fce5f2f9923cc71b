use cases::Role;
use vendors::{Content, RenderedFile};

use super::*;
use crate::engine::router::settings;

fn keys() -> Keys {
    Keys {
        shared: Secret::new("abcdef0123456789"),
        different: Secret::new("fedcba9876543210"),
        passwords: Vec::new(),
    }
}

#[test]
fn keys_are_redacted_as_they_are_and_in_hexadecimal() {
    let hex = "61626364656630313233343536373839";
    for text in [
        "abcdef0123456789",
        hex,
        &hex.to_uppercase(),
        "fedcba9876543210",
    ] {
        let line = format!("secret => 16 bytes: {text}, and {text} again");
        let redacted = keys().redact(&line);
        assert_eq!(redacted, "secret => 16 bytes: [secret], and [secret] again");
    }
}

#[test]
fn keys_are_redacted_in_dumps() {
    let dump = "secret => 16 bytes\n   0: 61 62 63 64 65 66 30 31 32 33 34 35 36 37 38 39  \
                abcdef0123456789\n";
    assert_eq!(keys().redact(dump), "secret => 16 bytes\n   0: [secret]\n");
    let long = Keys {
        shared: Secret::new("abcdef0123456789fedcba98"),
        ..keys()
    };
    let dump = "61 62 63 64 65 66 30 31 32 33 34 35 36 37 38 39  abcdef0123456789\n\
                66 65 64 63 62 61 39 38                          fedcba98\n";
    assert!(!long.redact(dump).contains("6"), "{}", long.redact(dump));
}

/// What strongSwan 6.0 logged with `ike = 4` and what OpenIKED 7.4 would show of the same octets.
#[test]
fn what_is_derived_of_a_pre_shared_key_alone_is_redacted_as_the_key_is() {
    let keys = Keys {
        shared: Secret::new("e1d5e4a2c7d6b1f08c9d2a3b4c5d6e7f00112233445566778899aabbccddeeff"),
        ..keys()
    };
    for padded in padded(&keys.shared) {
        let prefix = "2026-11-25T04:31:30.706 01[IKE] <ikematrix|1> ";
        let mut dump = format!("{prefix}prf(secret, keypad) => 32 bytes @ 0x7fea800024a0\n");
        for (row, octets) in padded.chunks(16).enumerate() {
            let shown: String = octets
                .iter()
                .map(|octet| {
                    if octet.is_ascii_graphic() {
                        *octet as char
                    } else {
                        '.'
                    }
                })
                .collect();
            let digits = hex(octets, " ").to_uppercase();
            dump.push_str(&format!("{prefix} {:3}: {digits}  {shown}\n", row * 16));
        }
        for row in padded.chunks(32) {
            let groups: Vec<String> = row.chunks(4).map(|group| hex(group, "")).collect();
            dump.push_str(&format!("{}\n", groups.join(" ")));
        }
        let redacted = keys.redact(&dump);
        for line in redacted.lines().skip(1) {
            assert!(line.ends_with("[secret]"), "{line}");
        }
        assert_eq!(redacted.lines().count(), dump.lines().count());
    }
}

#[test]
fn session_keys_are_no_secrets() {
    let dump = "01[IKE] <ikematrix|1> Sk_ei secret => 32 bytes @ 0x7fea58046360\n\
                01[IKE] <ikematrix|1>    0: B8 AC EB 54 6B 60 A9 C8 10 A2 27 19 82 22 28 CC  ...T\n";
    assert_eq!(keys().redact(dump), dump);
}

#[test]
fn text_without_keys_stays_as_it_is() {
    let text = "no key here: abcdef012345678, 61 62 63\n";
    assert_eq!(keys().redact(text), text);
}

#[test]
fn a_rendered_configuration_holds_no_key_once_redacted() {
    let keys = Keys::fresh().unwrap();
    assert_ne!(keys.shared, keys.different);
    let project = crate::sample::project();
    let case = project.case("auth.psk").unwrap();
    for profile in project.profiles() {
        for role in Role::BOTH {
            let settings = settings(&case, role, profile, profile, &keys, None);
            let files = profile.render(&settings).unwrap();
            let secret = keys.shared.expose();
            let text = |file: &RenderedFile| match &file.content {
                Content::Configuration(text) => text.clone(),
                Content::Public(_) | Content::Secret(_) => panic!("{file:?} with a shared key"),
            };
            assert!(
                files.iter().any(|file| text(file).contains(secret)),
                "{}",
                profile.id
            );
            for file in files {
                let redacted = keys.redact(&text(&file));
                assert!(
                    !redacted.contains(secret),
                    "{}: {}",
                    profile.id,
                    file.path.display()
                );
            }
        }
    }
}
