//! What two ends are set to protect, and where that does not meet.

use cases::Mode;
use ipnet::IpNet;
use reports::cause::CauseCode;
use reports::text::Text;
use vendors::RouterSettings;

use super::reason::Reason;
use crate::judge::Ends;

/// Why the traffic selectors or the mode of the Child SA were refused, as far as the settings of both
/// ends show it.
pub(super) fn apart(settings: &Ends<RouterSettings>) -> Option<Reason> {
    modes_apart(settings).or_else(|| {
        let (one, other) = (&settings.initiator, &settings.responder);
        let sides = [
            (&one.local.subnets, &other.remote.subnets),
            (&one.remote.subnets, &other.local.subnets),
        ];
        let families = sides.iter().any(|(offered, expected)| {
            !any(offered, expected, |a, b| {
                a.addr().is_ipv4() == b.addr().is_ipv4()
            })
        });
        if families {
            return Some(reason(CauseCode::SelectorsAddressFamily, settings));
        }
        let overlap = sides.iter().all(|(offered, expected)| {
            any(offered, expected, |a, b| a.contains(b) || b.contains(a))
        });
        let equal = sides.iter().all(|(offered, expected)| offered == expected);
        (overlap && !equal).then(|| reason(CauseCode::SelectorsNarrowingRefused, settings))
    })
}

/// One end is set to transport mode and the other to tunnel mode (RFC 7296, section 1.3.1).
pub(super) fn modes_apart(settings: &Ends<RouterSettings>) -> Option<Reason> {
    let (one, other) = (
        settings.initiator.departures.mode,
        settings.responder.departures.mode,
    );
    let ja = |mode| match mode {
        Mode::Tunnel => "トンネルモード",
        Mode::Transport => "トランスポートモード",
    };
    (one != other).then(|| Reason {
        code: CauseCode::SelectorsModeMismatch,
        detail: Text::new(
            format!(
                "the initiator is set to {} mode, the responder to {} mode",
                one.as_str(),
                other.as_str()
            ),
            format!(
                "開始側は{}、応答側は{}に設定されています",
                ja(one),
                ja(other)
            ),
        ),
        proof: Vec::new(),
    })
}

fn any(one: &[IpNet], other: &[IpNet], meet: impl Fn(&IpNet, &IpNet) -> bool) -> bool {
    one.iter().any(|a| other.iter().any(|b| meet(a, b)))
}

fn reason(code: CauseCode, settings: &Ends<RouterSettings>) -> Reason {
    let pair = |settings: &RouterSettings, turned: bool| {
        let (mut near, mut far) = (
            list(&settings.local.subnets),
            list(&settings.remote.subnets),
        );
        if turned {
            std::mem::swap(&mut near, &mut far);
        }
        format!("{near} === {far}")
    };
    let (one, other) = (
        pair(&settings.initiator, false),
        pair(&settings.responder, true),
    );
    Reason {
        code,
        detail: Text::new(
            format!(
                "from the initiator's networks to the responder's, the initiator is set to {one}, the responder to {other}"
            ),
            format!("開始側から応答側のネットワークへの設定は、開始側 {one}、応答側 {other}"),
        ),
        proof: Vec::new(),
    }
}

fn list(networks: &[IpNet]) -> String {
    let words: Vec<String> = networks.iter().map(ToString::to_string).collect();
    words.join(", ")
}
