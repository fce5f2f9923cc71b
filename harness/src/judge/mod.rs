//! From what was observed to an outcome: four observers that must agree.
//!
//! A cell passes only when the daemons of both ends, the kernels of both ends, the probes in both
//! directions and the wire all show a working tunnel. No exit code of a daemon takes part.

pub(crate) mod kernel_sa;
pub(crate) mod wire;

use cases::Role;
use lab::KernelSa;
use reports::model::{Observation, Observer, Place, Sight};
use reports::text::Text;

use crate::engine::router::ControlState;
use crate::engine::topology::Site;
use crate::words;
use kernel_sa::{Direction, End};
use wire::Wire;

#[cfg(test)]
mod tests;

/// Something for each end of a pairing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ends<T> {
    pub(crate) initiator: T,
    pub(crate) responder: T,
}

impl<T> Ends<T> {
    pub(crate) fn of(&self, role: Role) -> &T {
        match role {
            Role::Initiator => &self.initiator,
            Role::Responder => &self.responder,
        }
    }
}

/// How the marked probes of one direction fared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Of the last round.
    pub(crate) sent: u32,
    pub(crate) received: u32,
    pub(crate) rounds: u32,
    /// What the kernel said when it would not send.
    pub(crate) refused: Option<String>,
}

/// All that was observed of a cell.
#[derive(Clone, Debug)]
pub(crate) struct Sightings {
    pub(crate) control: Ends<ControlState>,
    pub(crate) sas: Ends<Vec<KernelSa>>,
    /// By the end from which the probes came.
    pub(crate) traffic: Ends<Traffic>,
    /// Who was asked to rekey, and did not: the tunnel that stands is the old one.
    pub(crate) not_rekeyed: Vec<Role>,
    /// Where each router stands.
    pub(crate) sites: Ends<Site>,
    /// Whose SAs nobody can look at: what stands for them here is what the peer holds.
    pub(crate) closed: Ends<bool>,
    pub(crate) wire: Wire,
}

impl Sightings {
    /// What both kernels hold for packets from the router of one role to the other.
    pub(crate) fn direction(&self, from: Role) -> Direction {
        let end = |role: Role| {
            let site = self.sites.of(role);
            End {
                own: site.own_address(),
                seen: site.wan_address(),
                sas: self.sas.of(role),
            }
        };
        kernel_sa::direction(end(from), end(from.peer()))
    }

    /// Whether the kernel of one end has a tunnel SA each way.
    pub(crate) fn has_both_directions(&self, role: Role) -> bool {
        kernel_sa::has_both_directions(self.sas.of(role), self.sites.of(role).own_address())
    }

    /// Every observer's word, in the order of the model.
    pub(crate) fn observations(&self) -> Vec<Observation> {
        let out = self.direction(Role::Initiator);
        let back = self.direction(Role::Responder);
        let mut observations = Vec::new();
        for role in Role::BOTH {
            observations.push(observe_control(role, self.control.of(role)));
        }
        for role in &self.not_rekeyed {
            observations.push(Observation {
                observer: Observer::Control,
                place: place_of(*role),
                verdict: Sight::Bad,
                detail: words::not_rekeyed(),
            });
        }
        for (role, ways) in [
            (Role::Initiator, [&out, &back]),
            (Role::Responder, [&back, &out]),
        ] {
            if *self.closed.of(role) {
                observations.push(silent(
                    Observer::KernelSa,
                    role,
                    words::external::closed_kernel(),
                ));
                continue;
            }
            let in_user_space = kernel_sa::is_in_user_space(self.sas.of(role));
            let seen = kernel_sa::observe(place_of(role), ways[0], ways[1], in_user_space);
            observations.push(seen);
        }
        for role in Role::BOTH {
            let clear = self.wire.clear.len();
            observations.push(observe_traffic(role, self.traffic.of(role), clear));
        }
        observations.push(self.wire.observe([&out, &back]));
        observations
    }
}

/// Whether all observers spoke and all saw a working tunnel. Of an external router the control state
/// may be silent, and the kernel is: then all others must have spoken, the peer's kernel among them.
pub(crate) fn passes(observations: &[Observation]) -> bool {
    let expected = [
        (Observer::Control, Place::Initiator),
        (Observer::Control, Place::Responder),
        (Observer::KernelSa, Place::Initiator),
        (Observer::KernelSa, Place::Responder),
        (Observer::Traffic, Place::Initiator),
        (Observer::Traffic, Place::Responder),
        (Observer::Wire, Place::Wan),
    ];
    expected.iter().all(|(observer, place)| {
        let mut theirs = observations
            .iter()
            .filter(|o| o.observer == *observer && o.place == *place)
            .peekable();
        let may_be_silent = matches!(observer, Observer::Control | Observer::KernelSa)
            && has_good_kernel(observations, place);
        theirs.peek().is_some()
            && theirs.all(|o| match o.verdict {
                Sight::Good => true,
                Sight::Bad => false,
                Sight::Silent => may_be_silent,
            })
    })
}

/// Whether the kernel at the other end of the wan shows a working tunnel.
fn has_good_kernel(observations: &[Observation], not_at: &Place) -> bool {
    observations
        .iter()
        .any(|o| o.observer == Observer::KernelSa && o.place != *not_at && o.verdict == Sight::Good)
}

/// In place of an observer that cannot speak.
fn silent(observer: Observer, role: Role, detail: Text) -> Observation {
    Observation {
        observer,
        place: place_of(role),
        verdict: Sight::Silent,
        detail,
    }
}

fn observe_control(role: Role, state: &ControlState) -> Observation {
    if state.silent {
        return silent(Observer::Control, role, words::external::closed_control());
    }
    let good = state.running && state.answered && state.ike_established && state.child_installed;
    Observation {
        observer: Observer::Control,
        place: place_of(role),
        verdict: if good { Sight::Good } else { Sight::Bad },
        detail: words::control(state),
    }
}

/// Probes that arrived and were not protected on their way, of which the wire saw that many, are no
/// good sign.
fn observe_traffic(from: Role, traffic: &Traffic, clear: usize) -> Observation {
    let good = traffic.sent > 0 && traffic.received == traffic.sent && clear == 0;
    Observation {
        observer: Observer::Traffic,
        place: place_of(from),
        verdict: if good { Sight::Good } else { Sight::Bad },
        detail: words::traffic(
            Site::of(from).host,
            Site::of(from.peer()).host,
            traffic,
            clear,
        ),
    }
}

fn place_of(role: Role) -> Place {
    match role {
        Role::Initiator => Place::Initiator,
        Role::Responder => Place::Responder,
    }
}
