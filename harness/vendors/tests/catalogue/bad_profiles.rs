//! What a user reads about a profile that is wrong.

use crate::fixture::{Fault, Fixture, PROFILE, messages};

const FAULTS: &[Fault] = &[
    ("no TOML", PROFILE, "id = \"acme\"", "id = \"acme"),
    (
        "a key given twice",
        PROFILE,
        "version =",
        "id = \"acme\"\nversion =",
    ),
    ("an unknown key", PROFILE, "version =", "verison ="),
    (
        "a missing key",
        PROFILE,
        "implementation = \"roadrunner\"\n",
        "",
    ),
    (
        "a missing table",
        PROFILE,
        "[identity]\npsk = \"fqdn\"\n",
        "",
    ),
    (
        "a value of the wrong type",
        PROFILE,
        "version = \"1.0\"",
        "version = 1.0",
    ),
    (
        "an id that is not the folder",
        PROFILE,
        "id = \"acme\"",
        "id = \"acne\"",
    ),
    (
        "an id that is no name",
        PROFILE,
        "id = \"acme\"",
        "id = \"Acme/1\"",
    ),
    (
        "the id of the tester",
        PROFILE,
        "id = \"acme\"",
        "id = \"ikematrix\"",
    ),
    ("an empty name", PROFILE, "ja = \"アクメ\"", "ja = \" \""),
    ("a name in one language", PROFILE, "ja = \"アクメ\"\n", ""),
    (
        "an unknown implementation",
        PROFILE,
        "\"roadrunner\"",
        "\"roadruner\"",
    ),
    (
        "an unknown version",
        PROFILE,
        "version = \"1.0\"",
        "version = \"2.7\"",
    ),
    (
        "an unknown method",
        PROFILE,
        "[\"psk\"]",
        "[\"psk\", \"xauth\"]",
    ),
    (
        "a method given twice",
        PROFILE,
        "[\"psk\"]",
        "[\"psk\", \"psk\"]",
    ),
    ("no method", PROFILE, "[\"psk\"]", "[]"),
    ("no identity for a method", PROFILE, "psk = \"fqdn\"\n", ""),
    (
        "a DN without a certificate",
        PROFILE,
        "psk = \"fqdn\"\n",
        "psk = \"dn\"\n",
    ),
    (
        "an identity for a method that is not declared",
        PROFILE,
        "psk = \"fqdn\"\n",
        "psk = \"fqdn\"\ncert-hpki = \"dn\"\n",
    ),
    (
        "no place for certificates",
        PROFILE,
        "[\"psk\"]\n\n[identity]\npsk = \"fqdn\"\n",
        "[\"psk\", \"cert-hpki\"]\n\n[identity]\npsk = \"fqdn\"\ncert-hpki = \"dn\"\n",
    ),
    (
        "an unknown type of identity",
        PROFILE,
        "\"fqdn\"",
        "\"name\"",
    ),
    (
        "an unknown algorithm",
        PROFILE,
        "\"aes-cbc-256\"",
        "\"aes-cbc-250\"",
    ),
    (
        "an algorithm given twice",
        PROFILE,
        "[\"modp-2048\"]",
        "[\"modp-2048\", \"modp-2048\"]",
    ),
    (
        "no integrity beside CBC",
        PROFILE,
        "integrity = [\"hmac-sha2-256-128\"]\n",
        "",
    ),
    (
        "integrity beside an AEAD",
        PROFILE,
        "\"aes-cbc-256\"",
        "\"aes-gcm-16-256\"",
    ),
    (
        "an AEAD beside CBC",
        PROFILE,
        "[\"aes-cbc-256\"]",
        "[\"aes-cbc-256\", \"aes-gcm-16-256\"]",
    ),
    (
        "an empty list of algorithms",
        PROFILE,
        "prf = [\"hmac-sha2-256\"]",
        "prf = []",
    ),
    (
        "a daemon without the word",
        PROFILE,
        "\"modp-2048\"",
        "\"curve25519\"",
    ),
    (
        "no proposal",
        PROFILE,
        "[[esp.proposals]]\nencryption = [\"aes-cbc-256\"]\nintegrity = [\"hmac-sha2-256-128\"]\n",
        "[esp]\nproposals = []\n",
    ),
    ("an unknown setting", PROFILE, "retries = 5", "retry = 5"),
    (
        "a setting of another kind",
        PROFILE,
        "retries = 5",
        "retries = \"5\"",
    ),
    (
        "a setting of no kind",
        PROFILE,
        "retries = 5",
        "retries = 5.5",
    ),
];

#[test]
fn a_faulty_profile_is_explained() {
    insta::assert_snapshot!(messages(FAULTS));
}

#[test]
fn an_unknown_profile_is_answered_with_the_known_ones() {
    let catalogue = Fixture::new().load().unwrap();
    let near = catalogue.profile("acne").unwrap_err();
    let far = catalogue.profile("umbrella").unwrap_err();
    insta::assert_snapshot!(format!("{near}\n{far}"), @r#"
    there is no vendor profile "acne"
    did you mean "acme"? known: acme
    there is no vendor profile "umbrella"
    use one of acme
    "#);
}
