//! Which kind of algorithm the proposals of two ends have none of in common.

use ikev2::Transform;
use reports::cause::CauseCode;
use reports::text::Text;
use vendors::RouterSettings;

use crate::judge::Ends;

const ENCRYPTION: [&str; 2] = ["encryption", "暗号"];
const INTEGRITY: [&str; 2] = ["integrity", "完全性"];
const PRF: [&str; 2] = ["PRF", "PRF"];
const GROUP: [&str; 2] = ["key exchange group", "鍵交換グループ"];

/// What the two ends are set to, where it does not meet.
pub(super) fn apart(code: CauseCode, settings: &Ends<RouterSettings>) -> Option<Text> {
    let (one, other) = (&settings.initiator, &settings.responder);
    let (ike, esp) = (
        code == CauseCode::ProposalIkeNoneInCommon,
        matches!(
            code,
            CauseCode::ProposalEspNoneInCommon | CauseCode::ProposalPfsMismatch
        ),
    );
    // What the initiator and the responder are set to, by kind.
    macro_rules! kinds {
        ($of:ident: $($name:expr => $field:ident),+) => {
            vec![$(kind(
                $name,
                one.$of.iter().map(|p| p.$field()),
                other.$of.iter().map(|p| p.$field()),
            )),+]
        };
    }
    let kinds = if ike {
        kinds!(ike: ENCRYPTION => encryption, INTEGRITY => integrity, PRF => prf, GROUP => dh)
    } else if esp {
        kinds!(esp: ENCRYPTION => encryption, INTEGRITY => integrity, GROUP => dh)
    } else {
        return None;
    };
    let apart: Vec<Text> = kinds.into_iter().flatten().collect();
    let join = |lang: fn(&Text) -> &str, and: &str| {
        let parts: Vec<_> = apart.iter().map(lang).collect();
        parts.join(and)
    };
    (!apart.is_empty()).then(|| Text::new(join(|t| &t.en, "; "), join(|t| &t.ja, "、")))
}

/// Whether the ESP proposals have ciphers and integrity in common and no group: the first Child SA
/// takes none (RFC 7296, section 1.2), so this shows when a later one is asked for.
pub(super) fn groups_apart(settings: &Ends<RouterSettings>) -> bool {
    let (one, other) = (&settings.initiator.esp, &settings.responder.esp);
    let encryption = kind(
        ENCRYPTION,
        one.iter().map(|p| p.encryption()),
        other.iter().map(|p| p.encryption()),
    );
    let integrity = kind(
        INTEGRITY,
        one.iter().map(|p| p.integrity()),
        other.iter().map(|p| p.integrity()),
    );
    let group = kind(
        GROUP,
        one.iter().map(|p| p.dh()),
        other.iter().map(|p| p.dh()),
    );
    encryption.is_none() && integrity.is_none() && group.is_some()
}

/// One kind of algorithm, where both ends name some, or one does, and none is common.
fn kind<'a, T: Transform + PartialEq + 'a>(
    name: [&str; 2],
    initiator: impl Iterator<Item = &'a [T]>,
    responder: impl Iterator<Item = &'a [T]>,
) -> Option<Text> {
    let initiator: Vec<T> = initiator.flatten().copied().collect();
    let responder: Vec<T> = responder.flatten().copied().collect();
    let nothing = initiator.is_empty() && responder.is_empty();
    if nothing || initiator.iter().any(|offered| responder.contains(offered)) {
        return None;
    }
    let names = |list: &[T], none: &str| {
        let names: Vec<_> = list.iter().map(|algorithm| algorithm.name()).collect();
        if names.is_empty() {
            none.to_owned()
        } else {
            names.join(", ")
        }
    };
    let [en, ja] = name;
    Some(Text::new(
        format!(
            "no {en} in common (initiator: {}; responder: {})",
            names(&initiator, "none"),
            names(&responder, "none")
        ),
        format!(
            "{ja}に共通のものなし（開始側: {}、応答側: {}）",
            names(&initiator, "なし"),
            names(&responder, "なし")
        ),
    ))
}
