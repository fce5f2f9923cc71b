use std::fmt::Write;

use super::*;

const GOOD: &str = r#"[[known]]
cells = [
    "auth.psk/a:b",
    "auth.psk/b:a",
]
outcome = "fail"
causes = ["auth.psk-mismatch", "path.no-answer"]
link = "https://bugs.example/17"

[known.reason]
en = "Vendor A mends it in July."
ja = "A社が 7 月に修正予定。"

[[known]]
cells = ["esp.rekey/a:b"]
outcome = "unstable"
mended_after = 20
causes = ["esp.no-traffic"]
reason = { en = "A race while rekeying.", ja = "鍵更新時の競合。" }
link = "http://bugs.example/18"
"#;

fn read(text: &str) -> Result<Vec<KnownFailure>, Problems> {
    parse(&Source::new("known.toml", text))
}

#[test]
fn each_cell_of_an_entry_is_a_known_failure_with_its_line() {
    let known = read(GOOD).unwrap();
    let brief: Vec<_> = known
        .iter()
        .map(|one| (one.cell.as_str(), one.manner, one.causes.len(), one.line))
        .collect();
    assert_eq!(
        brief,
        [
            ("auth.psk/a:b", Manner::Fails, 2, 3),
            ("auth.psk/b:a", Manner::Fails, 2, 4),
            (
                "esp.rekey/a:b",
                Manner::Unstable { mended_after: 20 },
                1,
                15
            ),
        ]
    );
    assert_eq!(known[1].reason.en, "Vendor A mends it in July.");
    assert_eq!(known[2].link, "http://bugs.example/18");
}

#[test]
fn the_known_failures_in_the_readmes_can_be_loaded() {
    for name in ["README.md", "README.ja.md"] {
        let text = std::fs::read_to_string(crate::sample::root().join(name)).unwrap();
        let (_, rest) = text.split_once("```text\n[[known]]").unwrap();
        let (block, _) = rest.split_once("```").unwrap();
        let known = read(&format!("[[known]]{block}")).unwrap();
        assert_eq!(known.len(), 3, "{name}");
    }
}

/// Read by people: what is said of each mistake.
#[test]
fn every_mistake_is_told_with_its_place_and_remedy() {
    let mut said = String::new();
    for (from, to) in [
        ("[[known]]", "[[knwon]]"),
        ("\"auth.psk/a:b\"", "\"auth.psk/a\""),
        ("\"auth.psk/a:b\"", "\"auth.psk/b:a\""),
        ("[\"esp.rekey/a:b\"]", "[]"),
        ("\"fail\"", "\"pass\""),
        ("outcome = \"fail\"", "outcome = \"fail\"\nmended_after = 3"),
        ("mended_after = 20\n", ""),
        ("mended_after = 20", "mended_after = 1"),
        ("mended_after = 20", "mended_after = 1001"),
        ("mended_after = 20", "mended_after = \"20\""),
        ("[\"esp.no-traffic\"]", "[]"),
        ("esp.no-traffic", "esp.trafic"),
        ("https://bugs.example/17", "see the tracker"),
        ("https://bugs.example/17", "javascript:alert(1)"),
        ("https://bugs.example/17", "https://a b"),
        ("https://bugs.example/17", "https://"),
        ("en = \"Vendor A mends it in July.\"", "en = \" \""),
        ("link = \"http://bugs.example/18\"", "owner = \"a\""),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let problems = read(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
        // The list of all causes is not of interest here.
        let shown = problems
            .split("credential.id-not")
            .next()
            .unwrap_or_default();
        writeln!(said, "{shown}\n").unwrap();
    }
    said.push_str(&read("known = []").unwrap_err().to_string());
    insta::assert_snapshot!(said);
}
