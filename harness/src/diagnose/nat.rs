//! A NAT between the routers, and a router that does as if there were none.

use cases::Role;
use reports::cause::{Cause, CauseCode, Proof, Side};

use super::wire::{Talk, nat};
use super::{Seen, named, side_of, words};
use crate::engine::SAS;

impl Seen<'_> {
    /// There is a NAT, and one of the two, or both, leave NAT traversal out: nobody refused anything,
    /// and yet nothing passes.
    pub(super) fn nat_without_traversal(&self) -> Option<Cause> {
        let talk = self.case.transcript.map(Talk::whole);
        let talk = talk.as_ref();
        let mut sites = Role::BOTH.into_iter().map(|role| self.seen.sites.of(role));
        if !sites.any(|site| site.is_behind_nat()) && !talk.is_some_and(nat::shows) {
            return None;
        }
        let installed = self.both_installed();
        let bare: Vec<Role> = Role::BOTH
            .into_iter()
            .filter(|role| installed && !self.encapsulates(*role))
            .collect();
        if installed && bare.is_empty() {
            return None;
        }
        let files = bare
            .iter()
            .map(|role| Proof::file(format!("{role}/{SAS}")))
            .collect::<Vec<_>>();
        if let Some(finding) = talk.and_then(nat::left_out) {
            let finding = self.case.as_planned(finding);
            return Some(self.case.on_wire(&finding).with_proof(files));
        }
        let by = *bare.first()?;
        let side = if bare.len() > 1 {
            Side::Both
        } else {
            side_of(by)
        };
        let code = CauseCode::PathNatWithoutTraversal;
        let (router, peer) = (
            named(self.case.planned, by),
            named(self.case.planned, by.peer()),
        );
        let sentence = words::refused(code, router, peer);
        let sentence = words::with_detail(&sentence, &words::not_encapsulated(bare.len() > 1));
        Some(Cause::new(code, side, sentence).with_proof(files))
    }

    /// Whether every SA of a router puts ESP in UDP (RFC 3948).
    fn encapsulates(&self, role: Role) -> bool {
        let sas = self.seen.sas.of(role).iter();
        // One that only reserves an SPI has no algorithms yet.
        let mut usable = sas.filter(|sa| !sa.algorithms.is_empty());
        usable.all(|sa| sa.encapsulation.is_some())
    }
}

#[cfg(test)]
mod tests {
    use lab::KernelSa;

    use super::*;
    use crate::diagnose::tests::alone;
    use crate::diagnose::{Logs, cause};
    use crate::engine::topology::Site;
    use crate::judge::{Ends, Sightings};
    use crate::sample::{BACK, OUT, planned, sa, working};

    /// A tunnel of an initiator behind a NAT, through which nothing comes; each end with or without
    /// ESP in UDP.
    fn behind_nat(encapsulated: Ends<bool>) -> Sightings {
        let site = |role| Site::with_nat(role, Some(Role::Initiator));
        let mut seen = working();
        seen.sites = Ends {
            initiator: site(Role::Initiator),
            responder: site(Role::Responder),
        };
        let (moon, sun) = (site(Role::Initiator), site(Role::Responder));
        let pair = |moon, sun, encapsulated: bool| -> Vec<KernelSa> {
            [sa(OUT, moon, sun), sa(BACK, sun, moon)]
                .map(|sa| KernelSa {
                    encapsulation: encapsulated.then_some((4500, 4500)),
                    ..sa
                })
                .to_vec()
        };
        seen.sas = Ends {
            initiator: pair(
                moon.own_address(),
                sun.wan_address(),
                encapsulated.initiator,
            ),
            responder: pair(
                moon.wan_address(),
                sun.own_address(),
                encapsulated.responder,
            ),
        };
        seen.traffic.initiator.received = 0;
        seen.traffic.responder.received = 0;
        seen
    }

    #[test]
    fn the_end_whose_sas_do_not_encapsulate_leaves_nat_traversal_out() {
        let planned = planned("strongswan-6.0", "libreswan-5.2");
        let logs = Logs::default();
        let found = |initiator, responder| {
            let seen = behind_nat(Ends {
                initiator,
                responder,
            });
            let cause = cause(&alone(&planned, &logs), &seen);
            (cause.code, cause.side)
        };
        let code = CauseCode::PathNatWithoutTraversal;
        assert_eq!(found(false, true), (code, Side::Initiator));
        assert_eq!(found(true, false), (code, Side::Responder));
        assert_eq!(found(false, false), (code, Side::Both));
        assert_ne!(found(true, true).0, code);
    }

    #[test]
    fn where_nothing_shows_a_nat_it_is_not_the_cause() {
        let planned = planned("strongswan-6.0", "libreswan-5.2");
        let logs = Logs::default();
        let mut seen = working();
        seen.traffic.initiator.received = 0;
        let cause = cause(&alone(&planned, &logs), &seen);
        assert_ne!(cause.code, CauseCode::PathNatWithoutTraversal);
    }
}
