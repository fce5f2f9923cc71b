//! What a case asks for that nobody can do to a router which no lab runs.

use cases::{Case, Role, Step};
use reports::text::Text;
use vendors::{Profile, Way};

use super::{Order, is_external};
use crate::plan::PlannedCell;
use crate::words::external as words;

/// Why a cell is not tried on the external router that it has; `None` when it can be, or has none.
pub(crate) fn out_of_reach(planned: &PlannedCell) -> Option<Text> {
    let ends = Role::BOTH.map(|role| (role, planned.end(role)));
    let external = ends.iter().filter(|(_, profile)| is_external(profile));
    let external: Vec<_> = external.collect();
    match external[..] {
        [] => None,
        [(role, profile)] => lacking(&planned.case, *role, profile),
        _ => Some(words::two_external()),
    }
}

fn lacking(case: &Case, role: Role, profile: &Profile) -> Option<Text> {
    let end = case.setup.end(role);
    if end.clock != 0 {
        return Some(words::clock());
    }
    if !end.has_connection || end.raw_configuration.is_some() {
        return Some(words::raw_configuration());
    }
    if case.setup.wan_mtu.is_some() {
        return Some(words::wan_mtu());
    }
    case.steps.iter().find_map(|step| match step {
        Step::Kill(at)
        | Step::KillInIkeAuth(at)
        | Step::AskForGroups(at)
        | Step::Hang(at)
        | Step::Resume(at)
        | Step::FlushSas(at)
        | Step::Replay(at)
        | Step::CorruptKey(at) => (*at == role).then(words::inside),
        // At both ends.
        Step::Bypass => Some(words::inside()),
        Step::RekeyChild(at) => ordered(*at == role, Order::RekeyChild, profile),
        Step::RekeyIke(at) => ordered(*at == role, Order::RekeyIke, profile),
        Step::Terminate(at) => ordered(*at == role, Order::Terminate, profile),
        Step::Initiate
        | Step::Probe { .. }
        | Step::Block(_)
        | Step::Unblock
        | Step::FailCapture => None,
    })
}

/// A person can be asked for anything; of commands there may be none.
fn ordered(is_asked: bool, order: Order, profile: &Profile) -> Option<Text> {
    let by_commands = profile
        .external
        .as_ref()
        .is_some_and(|external| external.control == Way::Command);
    let is_missing = is_asked && by_commands && order.commands(profile).is_empty();
    is_missing.then(|| words::no_command(order))
}
