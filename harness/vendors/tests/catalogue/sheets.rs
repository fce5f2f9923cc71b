//! The configuration sheets that the suite comes with.

use std::fmt::Write;

use cases::{AuthMethod, Role};
use reports::text::Lang;
use vendors::sheet::Subject;
use vendors::{Catalogue, Sheets};

use crate::real_profiles::{real, router};

#[test]
fn every_sheet_reads_as_it_was_reviewed() {
    let catalogue = Catalogue::load(&real("vendor-profiles")).unwrap();
    let cases = cases::load(&real("cases")).unwrap();
    let sheets = Sheets::load(&real("vendor-profiles/sheets")).unwrap();
    let vendor = catalogue.profile("strongswan-6.0").unwrap();
    let methods = [
        (AuthMethod::Psk, "auth.psk"),
        (AuthMethod::CertRfc4945, "auth.cert-rfc4945"),
        (AuthMethod::CertHpki, "auth.cert-hpki"),
    ];
    for model in sheets.models() {
        for (lang, tag) in [(Lang::En, "en"), (Lang::Ja, "ja")] {
            let mut all = String::new();
            for (method, case) in methods {
                let router = router(vendor, method, Role::Initiator);
                let subject = Subject {
                    vendor,
                    peer: vendor,
                    case: cases.iter().find(|known| known.id == case).unwrap(),
                    router: &router,
                    has_files: false,
                };
                let sheet = sheets.render(model, subject, lang).unwrap();
                for secret in [
                    "test-key-for-snapshots-only",
                    "test-password-for-snapshots-only",
                ] {
                    assert!(!sheet.text.contains(secret));
                }
                writeln!(all, "{}\n----", sheet.text).unwrap();
            }
            insta::assert_snapshot!(format!("{}-{tag}", model.id), all);
        }
    }
}

#[test]
fn a_text_that_would_add_a_command_leaves_no_commands() {
    let catalogue = Catalogue::load(&real("vendor-profiles")).unwrap();
    let cases = cases::load(&real("cases")).unwrap();
    let sheets = Sheets::load(&real("vendor-profiles/sheets")).unwrap();
    let vendor = catalogue.profile("strongswan-6.0").unwrap();
    for model in sheets.models().iter().filter(|model| model.has_draft()) {
        for bad in [
            "moon\nreload",
            "moon\r",
            "moon\"x",
            "moon`x",
            "moon?",
            "moon|x",
            "moon;x",
        ] {
            let mut router = router(vendor, AuthMethod::Psk, Role::Initiator);
            router.remote.id.value = bad.to_owned();
            let subject = Subject {
                vendor,
                peer: vendor,
                case: cases.iter().find(|known| known.id == "auth.psk").unwrap(),
                router: &router,
                has_files: true,
            };
            let sheet = sheets.render(model, subject, Lang::En).unwrap();
            assert!(sheet.commands.is_none(), "{} {bad:?}", model.id);
            assert!(!sheet.text.contains("moon\nreload"), "{}", model.id);
        }
    }
}
