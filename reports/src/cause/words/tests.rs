use super::*;

#[test]
fn every_code_has_its_own_words_in_both_languages() {
    let mut titles = std::collections::HashSet::new();
    let (by, peer) = (Text::same("BY"), Text::same("PEER"));
    for code in CauseCode::ALL {
        let mut all = vec![code.title(), code.entry().sentence];
        for advice in code.advice(Side::Responder, false) {
            all.push(advice.words);
        }
        assert!(all.len() > 2, "{code:?} has no remedy");
        for words in all {
            assert!(!words.en.is_empty() && !words.ja.is_empty(), "{code:?}");
            assert!(words.en.is_ascii(), "{code:?} is not English: {}", words.en);
            assert!(
                !words.ja.is_ascii(),
                "{code:?} is not Japanese: {}",
                words.ja
            );
        }
        assert!(
            titles.insert(code.title().en),
            "{code:?} has another's words"
        );
        let sentence = code.sentence(&by, &peer);
        for (lang, words) in [("en", sentence.en), ("ja", sentence.ja)] {
            assert!(
                words.contains("BY") && !words.contains('{'),
                "{code:?} {lang}: {words}"
            );
        }
    }
}

#[test]
fn a_name_with_braces_stays_as_it_is() {
    let sentence = CauseCode::AuthFailed.sentence(&Text::same("{peer}"), &Text::same("{by}{"));
    assert_eq!(sentence.en, "{peer} refused the authentication of {by}{");
}

#[test]
fn advice_goes_to_the_end_that_can_follow_it() {
    let expired = CauseCode::CredentialExpired.advice(Side::Responder, false);
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0].at, Some(Side::Initiator));
    let own = CauseCode::CredentialExpired.advice(Side::Responder, true);
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].at, Some(Side::Responder));
    let path = CauseCode::PathEspBlocked.advice(Side::Path, false);
    assert_eq!(path[0].at, None);
}

#[test]
fn what_is_wrong_with_its_own_certificate_is_told_of_one_router_only() {
    let by = Text::same("BY");
    for code in CauseCode::ALL {
        for side in [Side::Initiator, Side::Responder] {
            let advice = code.advice(side, true);
            assert!(!advice.is_empty(), "{code:?}");
            assert!(advice.iter().all(|one| one.at == Some(side)), "{code:?}");
        }
        let Text { en, ja } = code.own_sentence(&by);
        assert!(en.contains("BY") && !en.contains('{'), "{code:?}: {en}");
        assert!(ja.contains("BY") && !ja.contains('{'), "{code:?}: {ja}");
    }
    let missing = CauseCode::CredentialMissing.own_sentence(&by).en;
    assert_eq!(missing, "BY has no certificate of its own that it can use");
    let expired = CauseCode::CredentialExpired.own_sentence(&by).en;
    assert!(
        expired.starts_with("BY refused its own certificate: "),
        "{expired}"
    );
}

#[test]
fn every_code_is_written_in_the_record_as_it_is_printed() {
    for code in CauseCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}
