//! Sentences about a router that a tester of our own puts to the test.

use conformance::vector::Verdict;
use reports::text::Text;
use vendors::Profile;

use crate::engine::Subject;

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
pub(crate) fn router_did(router: &Profile, did: &Text, case: &Subject) -> Text {
    Text::new(
        format!(
            "{} {}; {}: {}",
            router.name.en,
            did.en,
            case.clause(),
            case.restated().en.trim_end_matches('.')
        ),
        format!(
            "{}は{}（{}: {}）",
            router.name.ja,
            did.ja,
            case.clause(),
            case.restated().ja.trim_end_matches('。')
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

/// That a vector is signed in a way that the router does not declare.
pub(crate) fn no_signature(router: &Profile) -> Text {
    Text::new(
        format!(
            "{} does not declare this signature algorithm",
            router.name.en
        ),
        format!(
            "{}はこの署名アルゴリズムへの対応を宣言していません",
            router.name.ja
        ),
    )
}

/// That a vector shows an identity that the router cannot be set up for.
pub(crate) fn one_peer_only(router: &Profile) -> Text {
    Text::new(
        format!(
            "{} has no setting `any_peer`, without which it refuses every other identity than the \
             baseline's whatever its certificate",
            router.name.en
        ),
        format!(
            "{}には設定 `any_peer` がなく、証明書にかかわらず基準以外の識別情報を拒否します",
            router.name.ja
        ),
    )
}

/// What a router made of a vector, as the end of a sentence; `said` is a line of its log.
pub(crate) fn made_of_vector(verdict: Verdict, said: Option<&str>) -> Text {
    let (en, ja) = match verdict {
        Verdict::Accepted => (
            "accepted the certificate".to_owned(),
            "証明書を受け入れました".to_owned(),
        ),
        Verdict::Rejected(why) => (
            format!("refused the certificate with {why}"),
            format!("証明書を {why} で拒否しました"),
        ),
        Verdict::Ended => (
            "refused the certificate by deleting the IKE SA".to_owned(),
            "IKE SA を削除して証明書を拒否しました".to_owned(),
        ),
        Verdict::NoAnswer => (
            "refused the certificate without an answer".to_owned(),
            "応答せずに証明書を拒否しました".to_owned(),
        ),
    };
    match said {
        None => Text::new(en, ja),
        Some(said) => Text::new(
            format!("{en}, and logged \u{201c}{said}\u{201d}"),
            format!("{ja}。ログ:「{said}」"),
        ),
    }
}

/// That a router made of a vector what the rule asks, or what it leaves open.
pub(crate) fn made_as_due(router: &Profile, did: &Text, is_due: bool) -> Text {
    let (en, ja) = if is_due {
        ("as the rule asks", "規定どおり")
    } else {
        ("which the rules leave open", "規定上は任意")
    };
    Text::new(
        format!("{} {}: {en}", router.name.en, did.en),
        format!("{}は{}（{ja}）", router.name.ja, did.ja),
    )
}

/// That a router does not process policies, which it need not.
pub(crate) fn conforms_without_hpki(router: &Profile, did: &Text) -> Text {
    Text::new(
        format!(
            "{} {}; it does not process certificatePolicies, and RFC 4945 then wants a critical one \
             refused: the router conforms to RFC 4945, and cannot serve HPKI",
            router.name.en, did.en
        ),
        format!(
            "{}は{}。certificatePolicies を処理しないルーターは、クリティカルであれば拒否することが \
             RFC 4945 の要求です。RFC 4945 に適合しますが、HPKI には利用できません",
            router.name.ja, did.ja
        ),
    )
}

/// That a router does not accept the baseline any more.
pub(crate) fn baseline_refused(router: &Profile) -> Text {
    Text::new(
        format!(
            "{} accepted the certificate of the baseline before, and no longer does after the vector",
            router.name.en
        ),
        format!(
            "{}は基準の証明書を試験前には受け入れましたが、試験後には受け入れません",
            router.name.ja
        ),
    )
}
