use vendors::Content;

use super::*;

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
    assert_eq!(
        keys().redact(dump),
        "secret => 16 bytes\n   0: [secret]  [secret]\n"
    );
    let long = Keys {
        shared: Secret::new("abcdef0123456789fedcba98"),
        ..keys()
    };
    let dump = "61 62 63 64 65 66 30 31 32 33 34 35 36 37 38 39  abcdef0123456789\n\
                66 65 64 63 62 61 39 38                          fedcba98\n";
    assert!(!long.redact(dump).contains("6"), "{}", long.redact(dump));
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
