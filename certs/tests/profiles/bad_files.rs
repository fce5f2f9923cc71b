//! What a user reads about a profile that is wrong: one snapshot of every message.

use std::fmt::Write;

use crate::{FULL, Folder};

/// A sentence about the fault, the text that is replaced, and the fault itself.
type Fault = (&'static str, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    ("no TOML", "[crls.root]", "[crls.root"),
    ("an unknown key", "number = 1", "numer = 1"),
    (
        "an unknown key of an extension",
        "basic-constraints",
        "basic-constraint",
    ),
    (
        "an unknown key of a name",
        "string = \"utf8\"",
        "sting = \"utf8\"",
    ),
    (
        "a missing title",
        "title = { en = \"Full\", ja = \"全部\" }\n",
        "",
    ),
    ("a title in one language", "ja = \"全部\" }", "ja = \"\" }"),
    ("an empty assumption", "ja = \"なし。\"", "ja = \" \""),
    (
        "an id that is not the file",
        "id = \"full\"",
        "id = \"empty\"",
    ),
    (
        "a certificate whose name is none",
        "[certificates.root]",
        "[certificates.Root]",
    ),
    (
        "an unknown issuer",
        "issuer = \"root\"\nsubject = [\n",
        "issuer = \"rot\"\nsubject = [\n",
    ),
    (
        "an unknown issuer of a list",
        "issuer = \"root\"\nsig",
        "issuer = \"rot\"\nsig",
    ),
    (
        "a circle of issuers",
        "issuer = \"root\"\nsubject = [{",
        "issuer = \"end-entity\"\nsubject = [{",
    ),
    (
        "no issuer",
        "issuer = \"root\"\nsubject = [{",
        "subject = [{",
    ),
    (
        "no issuer of a list",
        "[crls.root]\nissuer = \"root\"",
        "[crls.root]",
    ),
    (
        "no subject",
        "subject = [{ type = \"CN\", value = \"Root\", string = \"utf8\" }]\n",
        "",
    ),
    ("no end of validity", ", not-after = { years = 1 }", ""),
    ("no end entity", "end-entity", "gateway"),
    (
        "an end entity that is trusted",
        "serial =",
        "trusted = true\nserial =",
    ),
    (
        "an unknown placeholder",
        "value = \"{fqdn}\"",
        "value = \"{fqnd}\"",
    ),
    (
        "a placeholder in an authority",
        "value = \"Root\"",
        "value = \"Root of {vendor}\"",
    ),
    (
        "a placeholder in a name of a list",
        "number = 1",
        "issuing-distribution-point = { name = [{ uri = \"http://{fqdn}/\" }] }",
    ),
    (
        "a brace without its partner",
        "value = \"{fqdn}\"",
        "value = \"{fqdn\"",
    ),
    ("an unknown attribute", "type = \"C\"", "type = \"Country\""),
    ("an attribute without a type", "type = \"C\", ", ""),
    ("an attribute without a value", "value = \"JP\", ", ""),
    (
        "an attribute with two values",
        "value = \"JP\"",
        "value = \"JP\", der = \"13 00\"",
    ),
    ("a set beside a type", "{ set =", "{ type = \"CN\", set ="),
    (
        "a set within a set",
        "{ set = [{ type",
        "{ set = [{ set = [], type",
    ),
    (
        "an unknown string type",
        "string = \"printable\"",
        "string = \"visible\"",
    ),
    (
        "a character that the string type lacks",
        "value = \"JP\"",
        "value = \"J_P\"",
    ),
    (
        "DER that is none",
        "der = \"0c 01 41\"",
        "der = \"0c 05 41\"",
    ),
    (
        "octets that are none",
        "der = \"0c 01 41\"",
        "der = \"0c 1 41\"",
    ),
    ("an unknown kind of name", "{ dns =", "{ fqdn ="),
    (
        "two names in one",
        "{ dns = \"{fqdn}\" }",
        "{ dns = \"{fqdn}\", email = \"a@b\" }",
    ),
    (
        "a domain name that is not ASCII",
        "{ dns = \"{fqdn}\" }",
        "{ dns = \"病院.example\" }",
    ),
    ("an address that is none", "192.0.2.1", "192.0.2.256"),
    ("an unknown purpose", "\"ipsec-ike\"", "\"ipsec-iek\""),
    (
        "an object identifier that is none",
        "\"1.2.3\"",
        "\"1.2.x\"",
    ),
    ("an object identifier of no arc", "\"1.2.3\"", "\"9.2.3\""),
    ("an unknown access method", "\"ocsp\"", "\"oscp\""),
    (
        "an extension without contents",
        "basic-constraints = { ca = true }",
        "",
    ),
    (
        "two extensions in one table",
        "extended-key-usage = [",
        "inhibit-any-policy = 0\nextended-key-usage = [",
    ),
    (
        "an unknown kind of key",
        "key = \"ec-p256\"\nsignature",
        "key = \"ec-p255\"\nsignature",
    ),
    (
        "a signature that the key cannot make",
        "signature = \"ecdsa-sha256\"\nval",
        "signature = \"rsa-sha256\"\nval",
    ),
    (
        "a signature of a list that the key cannot make",
        "signature = \"ecdsa-sha256\"\nnext",
        "signature = \"ed25519\"\nnext",
    ),
    (
        "a moment that is none",
        "2049-12-31T23:59:59Z",
        "2049-12-31",
    ),
    (
        "a moment both fixed and reckoned",
        "at = \"2049",
        "days = 1, at = \"2049",
    ),
    (
        "a time of day without its offset",
        "00:00:00+09:00",
        "00:00:00",
    ),
    ("too many years", "years = 1 }", "years = 1001 }"),
    (
        "a year before the first",
        "{ at = \"2049-12-31T23:59:59Z\" }",
        "{ at = \"-000044-03-15T00:00:00Z\" }",
    ),
    (
        "an unknown fault",
        "serial =",
        "faults = [\"corupt-signature\"]\nserial =",
    ),
    (
        "an unknown base",
        "id = \"full\"",
        "id = \"full\"\nbase = \"rfc4945\"",
    ),
    (
        "a base that is itself",
        "id = \"full\"",
        "id = \"full\"\nbase = \"full\"",
    ),
];

#[test]
fn a_faulty_profile_is_explained() {
    Folder::with_full(FULL).load().unwrap();
    let mut messages = String::new();
    for (sentence, good, fault) in FAULTS {
        assert!(
            FULL.contains(good),
            "{sentence}: {good:?} is not in the profile"
        );
        let folder = Folder::with_full(FULL.replacen(
            good,
            fault,
            if *good == "end-entity" { usize::MAX } else { 1 },
        ));
        match folder.load() {
            Ok(_) => writeln!(messages, "--- {sentence}\nLOADED").unwrap(),
            Err(_) => writeln!(messages, "--- {sentence}\n{}", folder.problems()).unwrap(),
        }
    }
    insta::assert_snapshot!(messages);
}
