//! Certificate requests (PKCS #10, RFC 2986). What they ask for is held against the rules of
//! certificates as well.

use x509_parser::cri_attributes::ParsedCriAttribute;

use crate::lint::Options;
use crate::lint::entity::Entity;
use crate::lint::report::Severity;
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};
use crate::lint::signature::{self, Verdict};

const fn rule(
    id: &'static str,
    place: (&'static str, &'static str),
    level: Level,
    check: fn(&Entity<'_>, &Options, &mut Hits),
    title: (&'static str, &'static str),
    change: (&'static str, &'static str),
) -> Rule {
    Rule::new(
        id,
        Source::Request,
        place,
        level,
        Check::Entity(check),
        words(title.0, title.1),
        words(change.0, change.1),
    )
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "2986-4.1-version",
        ("RFC 2986", "4.1"),
        Level::Must,
        version,
        (
            "the version of a request is 0",
            "発行要求のバージョンが 0 であること",
        ),
        ("make the request anew", "発行要求を作成し直す"),
    ),
    rule(
        "2986-4.2-signature",
        ("RFC 2986", "4.2"),
        Level::Must,
        own_signature,
        (
            "the request is signed by the key that it names",
            "発行要求が、記載された鍵で署名されていること",
        ),
        (
            "make the request anew with the key pair that the certificate is for",
            "証明書の対象となる鍵ペアで発行要求を作成し直す",
        ),
    ),
    rule(
        "2985-5.4.1-challenge",
        ("RFC 2985", "5.4.1"),
        Level::ShouldNot,
        challenge_password,
        (
            "a request that is passed around has no challengePassword in clear",
            "受け渡す発行要求に challengePassword を平文で含めないこと",
        ),
        (
            "make the request without challengePassword, and do not use the password again",
            "challengePassword のない発行要求を作成し、このパスワードは今後使用しない",
        ),
    ),
    rule(
        "2985-5.4.2-once",
        ("RFC 2985", "5.4.2"),
        Level::MustNot,
        one_extension_request,
        (
            "the attribute extensionRequest occurs once",
            "extensionRequest 属性が重複していないこと",
        ),
        (
            "put all extensions into one extensionRequest",
            "すべての拡張を一つの extensionRequest にまとめる",
        ),
    ),
];

fn version(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let request = entity.request;
    let version = request.map(|request| request.certification_request_info.version.0);
    if let Some(version @ 1..) = version {
        hits.add_value("version", version.to_string());
    }
}

fn own_signature(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let Some(request) = entity.request else {
        return;
    };
    let verdict = signature::verify(
        entity.key,
        &request.signature_algorithm,
        &request.signature_value.data,
        request.certification_request_info.raw,
    );
    match verdict {
        Verdict::Valid => {}
        Verdict::Invalid => hits.add("signature"),
        Verdict::Untried => {
            hits.add("signature");
            hits.but(
                Severity::Note,
                words(
                    "this program cannot verify the algorithm or the key's size",
                    "本プログラムはこのアルゴリズムまたは鍵長の検証に対応していない",
                ),
            );
        }
    }
}

fn attributes<'a>(entity: &Entity<'a>) -> impl Iterator<Item = &'a ParsedCriAttribute<'a>> {
    let request = entity.request.into_iter();
    let attributes = request.flat_map(|request| request.certification_request_info.attributes());
    attributes.map(|attribute| attribute.parsed_attribute())
}

fn challenge_password(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let is_password = |attribute: &&ParsedCriAttribute<'_>| {
        matches!(attribute, ParsedCriAttribute::ChallengePassword(_))
    };
    for _ in attributes(entity).filter(is_password) {
        hits.add("attributes.challengePassword");
    }
}

fn one_extension_request(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let is_request = |attribute: &&ParsedCriAttribute<'_>| {
        matches!(attribute, ParsedCriAttribute::ExtensionRequest(_))
    };
    for _ in attributes(entity).filter(is_request).skip(1) {
        hits.add("attributes.extensionRequest");
    }
}
