//! Sentences about a router that a tester of our own puts to the test.

use conformance::Case;
use reports::text::Text;
use vendors::Profile;

/// What the tester is called.
pub(crate) fn tester() -> Text {
    Text::new("tester", "試験装置")
}

pub(crate) fn conforms(router: &Profile) -> Text {
    Text::new(
        format!(
            "{} does what the clause says, and answers correct requests afterwards",
            router.name.en
        ),
        format!(
            "{}は規定どおりに動作し、試験後も正しい要求に応答しました",
            router.name.ja
        ),
    )
}

/// What the router did, and what the clause says; `did` is the end of the sentence.
pub(crate) fn router_did(router: &Profile, did: &Text, case: &Case) -> Text {
    Text::new(
        format!(
            "{} {}; {}: {}",
            router.name.en,
            did.en,
            case.clause(),
            case.restated.en.trim_end_matches('.')
        ),
        format!(
            "{}は{}（{}: {}）",
            router.name.ja,
            did.ja,
            case.clause(),
            case.restated.ja.trim_end_matches('。')
        ),
    )
}

/// That the router did not do what every case begins with.
pub(crate) fn control_failed(router: &Profile, did: &Text) -> Text {
    Text::new(
        format!(
            "the clause was not tried: to a correct request, {} {}",
            router.name.en, did.en
        ),
        format!(
            "規定は試験されていません。正しい要求に対し、{}は{}",
            router.name.ja, did.ja
        ),
    )
}

/// That a case needs a certificate, and the router declares none.
pub(crate) fn no_certificates(router: &Profile) -> Text {
    Text::new(
        format!("{} does not declare certificates", router.name.en),
        format!(
            "{}は証明書による認証への対応を宣言していません",
            router.name.ja
        ),
    )
}

/// That a case needs a pre-shared key, and the router declares none.
pub(crate) fn no_shared_key(router: &Profile) -> Text {
    Text::new(
        format!("{} does not declare pre-shared keys", router.name.en),
        format!(
            "{}は事前共有鍵による認証への対応を宣言していません",
            router.name.ja
        ),
    )
}
