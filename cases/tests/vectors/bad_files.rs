//! What a person is told whose file of vectors is not in order.

use std::fmt::Write as _;
use std::fs;

use cases::vector::load;

use crate::profiles;

const RULES: &str = "[[rules]]\nid = \"PX-10\"\nrfc = 4945\nsection = \"5.1.3.2\"\nlevel = \"must\"\nsays = { en = \"a\", ja = \"b\" }\n";
const GOOD: &str = "[[vectors]]\nid = \"V01\"\ntitle = { en = \"a\", ja = \"b\" }\nrule = \"PX-10\"\nexpect = \"accept\"\n";

fn message(rules: &str, vectors: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    fs::write(folder.path().join("a.toml"), vectors).unwrap();
    let told = match load(folder.path(), &profiles()) {
        Ok(_) => "in order".to_owned(),
        Err(problems) => problems.to_string(),
    };
    told.replace(&folder.path().display().to_string(), "certificates")
}

#[test]
fn a_file_that_is_not_in_order_is_refused_with_place_and_remedy() {
    let with = |more: &str| format!("{GOOD}{more}\n");
    let cases = [
        (RULES.to_owned(), GOOD.to_owned()),
        (RULES.replace("5.1.3.2", "five"), GOOD.to_owned()),
        (RULES.replace("\"must\"", "\"shall\""), GOOD.to_owned()),
        (format!("{RULES}{RULES}"), GOOD.to_owned()),
        (RULES.to_owned(), GOOD.replace("V01", "V02")),
        (RULES.to_owned(), GOOD.replace("V01", "v1")),
        (RULES.to_owned(), GOOD.replace("PX-10", "PX-1")),
        (RULES.to_owned(), GOOD.replace("\"accept\"", "\"maybe\"")),
        (RULES.to_owned(), GOOD.replace("ja = \"b\"", "ja = \"\"")),
        (RULES.to_owned(), format!("{GOOD}{GOOD}")),
        (RULES.to_owned(), with("bsae = \"rfc4945\"")),
        (RULES.to_owned(), with("base = \"rfc4954\"")),
        (RULES.to_owned(), with("send = [\"endentity\"]")),
        (RULES.to_owned(), with("send = [{ der = \"00\" }]")),
        (RULES.to_owned(), with("sign-with = \"root\"")),
        (RULES.to_owned(), with("signature = \"rsa-sha256\"")),
        (
            RULES.to_owned(),
            with("identity = { type = \"dn\", value = \"CN=a\" }"),
        ),
        (
            RULES.to_owned(),
            with("identity = { type = \"fqdn\", value = \"{fqnd}\" }"),
        ),
        (
            RULES.to_owned(),
            with("when = { declares = \"policies\", otherwise = \"reject\" }"),
        ),
        (
            RULES.to_owned(),
            with("[vectors.certificates.end-entity]\nremove = [\"2.5.29.99\"]"),
        ),
        (
            RULES.to_owned(),
            with("[vectors.certificates.end-entity]\nissuer = \"sub\""),
        ),
    ];
    let mut told = String::new();
    for (rules, vectors) in cases {
        let _ = writeln!(told, "{}\n", message(&rules, &vectors));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn cut_off_and_garbled_files_do_not_end_the_program() {
    let real = include_str!("../../certificates/5-path.toml");
    let profiles = profiles();
    let folder = tempfile::tempdir().unwrap();
    let rules = include_str!("../../certificates/rules.toml");
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    for end in (0..real.len())
        .step_by(97)
        .filter(|end| real.is_char_boundary(*end))
    {
        fs::write(folder.path().join("a.toml"), &real[..end]).unwrap();
        // There is no V01 in it, so that it is refused wherever it is cut.
        load(folder.path(), &profiles).unwrap_err();
    }
}
