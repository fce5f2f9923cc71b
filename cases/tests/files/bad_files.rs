//! What a user reads about a case that is wrong: one snapshot of every message.

use std::fmt::Write;
use std::fs;

use crate::{FULL, Folder};

/// A sentence about the fault, the text that is replaced, and the fault itself.
type Fault = (&'static str, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    ("no TOML", "[clause]", "[clause"),
    ("an unknown key", "level =", "levle ="),
    ("a missing key", "abbreviation = \"FULL\"\n", ""),
    ("an id of the wrong form", "\"theme.full\"", "\"Full\""),
    (
        "an id that does not fit the place",
        "\"theme.full\"",
        "\"theme.ful\"",
    ),
    (
        "an abbreviation that is too long",
        "\"FULL\"",
        "\"RATHER-TOO-LONG\"",
    ),
    ("an unknown level", "\"extended\"", "\"optional\""),
    (
        "an unknown need",
        "needs = [\"psk\"]",
        "needs = [\"psk\", \"xauth\"]",
    ),
    (
        "a need named twice",
        "needs = [\"psk\"]",
        "needs = [\"psk\", \"psk\"]",
    ),
    ("a need left out", "needs = [\"psk\"]", "needs = []"),
    ("an empty title", "ja = \"ケース\"", "ja = \"\""),
    ("a section that is none", "\"2.15\"", "\"2..15\""),
    ("an RFC that is no number", "7296", "\"RFC 7296\""),
    ("an unknown algorithm", "\"aes-cbc-256\"", "\"aes-256\""),
    (
        "an invalid proposal",
        "integrity = [\"hmac-sha1-96\"]\n",
        "",
    ),
    (
        "no proposal in a list",
        "[[setup.esp.proposals]]\nencryption = [\"aes-gcm-16-256\"]\n",
        "[setup.esp]\nproposals = []\n",
    ),
    (
        "a key of one's own without keys",
        "auth = \"psk\"",
        "auth = \"cert-hpki\"",
    ),
    ("an unknown key for one end", "\"different\"", "\"other\""),
    ("no network in a list", "[\"198.51.100.128/25\"]", "[]"),
    (
        "an address for a network",
        "198.51.100.128/25",
        "198.51.100.129/25",
    ),
    (
        "a network that is none",
        "198.51.100.128/25",
        "198.51.100.128/33",
    ),
    (
        "certificates without a method of certificates",
        "[setup]\nauth = \"psk\"\n",
        "[setup]\nauth = \"psk\"\ncertificates = \"rfc4945\"\n",
    ),
    (
        "a method of certificates without certificates",
        "[setup]\nauth = \"psk\"\n",
        "[setup]\nauth = \"cert-hpki\"\n",
    ),
    (
        "revocation without certificates",
        "psk = \"different\"\n",
        "revoked = true\n",
    ),
    (
        "a clock that is off by centuries",
        "psk = \"different\"\n",
        "clock = 400000\n",
    ),
    (
        "the clock that is furthest off",
        "psk = \"different\"\n",
        "clock = -2147483648\n",
    ),
    (
        "a NAT before both",
        "nat = \"responder\"\n",
        "nat = \"both\"\n",
    ),
    (
        "a wan that carries too little",
        "[setup]\nauth = \"psk\"\n",
        "[setup]\nauth = \"psk\"\nwan_mtu = 576\n",
    ),
    (
        "another method at one end of a case with pre-shared keys",
        "psk = \"different\"\n",
        "auth = \"psk\"\n",
    ),
    (
        "a DN with a pre-shared key",
        "local_id = { type = \"rfc822\", value = \"{email}\" }",
        "local_id = { type = \"dn\", subject = \"reversed\" }",
    ),
    (
        "a DN as text",
        "local_id = { type = \"rfc822\", value = \"{email}\" }",
        "local_id = { type = \"dn\", value = \"CN=moon\" }",
    ),
    (
        "a name that would leave its quotation marks",
        "psk = \"different\"\n",
        "remote_id = { type = \"fqdn\", value = \"moon\\\"\" }\n",
    ),
    (
        "an address that is none",
        "psk = \"different\"\n",
        "remote_id = { type = \"ipv4\", value = \"moon\" }\n",
    ),
    (
        "an identity without its text",
        "psk = \"different\"\n",
        "remote_id = { type = \"fqdn\" }\n",
    ),
    (
        "a version of IKE that is none",
        "psk = \"different\"\n",
        "ike_version = 3\n",
    ),
    ("a line that is two", "\"# a comment\"", "\"one\\ntwo\""),
    (
        "trust in certificates without certificates",
        "psk = \"different\"\n",
        "trust = \"rfc4945\"\n",
    ),
    (
        "something else than nothing",
        "psk = \"different\"\n",
        "connection = \"some\"\n",
    ),
    (
        "a setting with a line break",
        "psk = \"different\"\n",
        "settings.strongswan.revocation = \"one\\ntwo\"\n",
    ),
    ("an unknown step", "\"initiate\"", "\"initate\""),
    ("a step without what it needs", "what = \"esp\"\n", ""),
    (
        "a step with the key of another",
        "router = \"responder\"",
        "what = \"udp\"",
    ),
    (
        "a step with a key too many",
        "do = \"unblock\"",
        "do = \"unblock\"\nwhat = \"esp\"",
    ),
    (
        "nothing to unblock",
        "do = \"block\"\nwhat = \"esp\"",
        "do = \"bypass\"",
    ),
    (
        "a size without what has one",
        "what = \"esp\"",
        "what = \"esp\"\nsize = 1000",
    ),
    (
        "larger than nothing",
        "what = \"esp\"",
        "what = \"larger-than\"",
    ),
    (
        "a probe that would not fit",
        "do = \"probe\"",
        "do = \"probe\"\nsize = 1500",
    ),
    (
        "a router that goes on and never hung",
        "do = \"kill\"",
        "do = \"resume\"",
    ),
    (
        "a new key for no tunnel",
        "do = \"bypass\"",
        "do = \"rekey-child\"\nrouter = \"initiator\"",
    ),
    (
        "an exchange that has passed",
        "router = \"responder\"",
        "router = \"responder\"\nwhen = \"ike-auth\"",
    ),
    ("nothing is initiated", "\"initiate\"", "\"probe\""),
    ("nothing is probed afterwards", "\"probe\"", "\"initiate\""),
];

#[test]
fn a_faulty_case_is_explained() {
    let mut report = String::new();
    for (name, from, to) in FAULTS {
        assert!(FULL.contains(from), "the case does not hold {from:?}");
        let folder = Folder::with_case(FULL.replacen(from, to, 1));
        writeln!(report, "## {name}\n{}\n", folder.message()).unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn every_faulty_file_is_named_at_once() {
    let folder = Folder::with_case("id = 1");
    folder.write("theme/other.toml", b"\xff");
    folder.write("other/third.toml", FULL);
    insta::assert_snapshot!(folder.message());
}

#[test]
fn a_folder_without_cases_is_explained() {
    let folder = Folder::with_case(FULL);
    fs::remove_file(folder.path().join("theme/full.toml")).unwrap();
    insta::assert_snapshot!(folder.message());
}
