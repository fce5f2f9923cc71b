use reports::escape;

use super::*;
use crate::sample::project;

#[test]
fn a_vendor_without_a_function_is_named() {
    let project = project();
    let vendors = ["strongswan-6.0", "openiked-7.4"].map(|id| project.profile(id).unwrap());
    let case = project.case("auth.psk").unwrap();
    let lacking: Vec<&Profile> = vendors.iter().map(AsRef::as_ref).collect();
    let (one, two) = (
        declared_unsupported(&lacking[..1], &case),
        declared_unsupported(&lacking, &case),
    );
    insta::assert_snapshot!(format!("{}\n{}\n{}\n{}", one.en, one.ja, two.en, two.ja));
}

#[test]
fn what_a_router_said_does_not_break_a_sentence() {
    let vendor = Text::same("Acme");
    let router = Named {
        role: Role::Initiator,
        vendor: &vendor,
    };
    let sentence = refused_configuration(router, "load", "\u{1b}[31mred\u{7}");
    // Reports escape it; here it only must not be lost.
    assert!(escape::visible(&sentence.en, 200).contains("red"));
    assert!(!refused_configuration(router, "load", "").en.is_empty());
}
