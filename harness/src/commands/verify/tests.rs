use reports::seal::{Difference, Finding};

use super::*;

fn signer(fill: u8) -> Signer {
    Signer::of([fill; 32])
}

fn seal_by(signer: Option<Signer>) -> Option<Seal> {
    Some(Seal {
        signer,
        files: 812,
        bytes: 123_456,
    })
}

fn verified(seal: Option<Seal>, differences: &[(&str, Difference)]) -> Verified {
    let finding = |(path, what): &(&str, Difference)| Finding {
        path: (*path).to_owned(),
        what: what.clone(),
    };
    Verified {
        seal,
        findings: differences.iter().map(finding).collect(),
        not_covered: Vec::new(),
    }
}

/// Every kind of answer, read by people in both languages.
#[test]
fn what_is_told_of_a_seal() {
    let all = [
        ("evidence/\u{1b}[2J.txt", Difference::Added),
        ("evidence/a", Difference::Changed),
        ("evidence/b", Difference::Missing),
        ("evidence/c", Difference::NotAFile),
        ("index.html", Difference::NotOfTheRecord),
    ];
    let mut site = verified(seal_by(Some(signer(1))), &[]);
    site.not_covered.push("html");
    let mut text = String::new();
    for (verified, wanted) in [
        (verified(seal_by(None), &[]), None),
        (verified(seal_by(None), &[]), Some(signer(1))),
        (site, None),
        (verified(seal_by(Some(signer(1))), &[]), Some(signer(1))),
        (verified(seal_by(Some(signer(2))), &[]), Some(signer(1))),
        (verified(seal_by(Some(signer(1))), &all), Some(signer(1))),
        (
            verified(
                None,
                &[("manifest.json", Difference::Manifest("no\ncolumn".into()))],
            ),
            None,
        ),
        (
            verified(None, &[("manifest.sig", Difference::Signature)]),
            None,
        ),
    ] {
        for lang in [Lang::En, Lang::Ja] {
            let (told, good) = tell(&verified, wanted, lang);
            text.push_str(&format!("{told}-> {good}\n\n"));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn only_an_untouched_run_of_the_demanded_signer_is_good() {
    let good = |seal, findings: &[(&str, Difference)], wanted| {
        tell(&verified(seal, findings), wanted, Lang::En).1
    };
    let (me, other) = (signer(1), signer(2));
    assert!(good(seal_by(None), &[], None));
    assert!(good(seal_by(Some(me)), &[], None));
    assert!(good(seal_by(Some(me)), &[], Some(me)));
    assert!(!good(seal_by(Some(other)), &[], Some(me)));
    assert!(!good(seal_by(None), &[], Some(me)));
    assert!(!good(None, &[], None));
    assert!(!good(
        seal_by(Some(me)),
        &[("a", Difference::Added)],
        Some(me)
    ));
}
