//! The kernel's observer: SAs at both ends that belong together.

use std::net::IpAddr;

use lab::KernelSa;
use reports::model::{Observation, Observer, Place, Sight};

use crate::engine::router::USER_SPACE;
use crate::words;

/// IP protocol number of ESP (RFC 4303).
pub(crate) const ESP: u8 = 50;

/// What one end's kernel holds, and under which addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    /// Its own address, as its own SAs name it.
    pub(crate) own: IpAddr,
    /// Its address on the wan, as the SAs of the other end name it: another one behind a NAT.
    pub(crate) seen: IpAddr,
    pub(crate) sas: &'a [KernelSa],
}

/// The SPIs that carry traffic one way, known to both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    /// Addresses on the wan.
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// SPIs for which both the sender and the receiver hold an SA.
    pub(crate) shared: Vec<u32>,
    /// SPIs for which the sender holds an SA.
    pub(crate) at_sender: Vec<u32>,
    /// SPIs for which the receiver holds an SA.
    pub(crate) at_receiver: Vec<u32>,
}

/// Whether a kernel has an ESP tunnel SA from this address and one to it.
pub(crate) fn has_both_directions(sas: &[KernelSa], own: IpAddr) -> bool {
    let usable = || sas.iter().filter(|sa| is_usable(sa));
    usable().any(|sa| sa.source == own) && usable().any(|sa| sa.destination == own)
}

/// What both kernels hold for packets from one end to the other.
pub(crate) fn direction(from: End<'_>, to: End<'_>) -> Direction {
    let held = |sas: &[KernelSa], source: IpAddr, destination: IpAddr| -> Vec<u32> {
        let between = |sa: &&KernelSa| sa.source == source && sa.destination == destination;
        sas.iter()
            .filter(|sa| is_usable(sa))
            .filter(between)
            .map(|sa| sa.spi)
            .collect()
    };
    let at_sender = held(from.sas, from.own, to.seen);
    let at_receiver = held(to.sas, from.seen, to.own);
    let shared = at_sender
        .iter()
        .copied()
        .filter(|spi| at_receiver.contains(spi))
        .collect();
    Direction {
        source: from.seen,
        destination: to.seen,
        shared,
        at_sender,
        at_receiver,
    }
}

/// What the kernel of one end shows, or in its place the daemon: good when it holds its half of both
/// directions and the other end holds the other half.
pub(crate) fn observe(
    place: Place,
    out: &Direction,
    into: &Direction,
    in_user_space: bool,
) -> Observation {
    let good = !out.shared.is_empty() && !into.shared.is_empty();
    let detail = words::kernel_sas(&out.at_sender, &into.at_receiver, good, in_user_space);
    Observation {
        observer: Observer::KernelSa,
        place,
        verdict: if good { Sight::Good } else { Sight::Bad },
        detail,
    }
}

/// Whether these SAs are not in a kernel at all: the daemon told of them.
pub(crate) fn is_in_user_space(sas: &[KernelSa]) -> bool {
    let told = |sa: &KernelSa| sa.algorithms.iter().any(|name| name == USER_SPACE);
    sas.iter().any(told)
}

/// A larval SA, which only reserves an SPI, has no algorithms yet.
fn is_usable(sa: &KernelSa) -> bool {
    sa.protocol == ESP && sa.tunnel && !sa.algorithms.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sa(spi: u32, source: [u8; 4], destination: [u8; 4]) -> KernelSa {
        KernelSa {
            spi,
            source: source.into(),
            destination: destination.into(),
            protocol: ESP,
            tunnel: true,
            algorithms: vec!["cbc(aes)".into()],
            keys: Default::default(),
            esn: false,
            encapsulation: None,
            packets: 0,
            dropped: Default::default(),
        }
    }

    fn end(own: [u8; 4], seen: [u8; 4], sas: &[KernelSa]) -> End<'_> {
        End {
            own: own.into(),
            seen: seen.into(),
            sas,
        }
    }

    const MOON: [u8; 4] = [198, 51, 100, 1];
    const SUN: [u8; 4] = [198, 51, 100, 2];

    #[test]
    fn only_spis_known_to_both_ends_are_shared() {
        let moon = [sa(1, MOON, SUN), sa(2, SUN, MOON)];
        let sun = [sa(1, MOON, SUN), sa(3, SUN, MOON)];
        let (moon, sun) = (end(MOON, MOON, &moon), end(SUN, SUN, &sun));
        let (out, into) = (direction(moon, sun), direction(sun, moon));
        assert_eq!(out.shared, [1]);
        assert_eq!(
            (into.at_sender.as_slice(), into.at_receiver.as_slice()),
            (&[3][..], &[2][..])
        );
        assert_eq!(
            observe(Place::Initiator, &out, &into, false).verdict,
            Sight::Bad
        );
    }

    #[test]
    fn behind_a_nat_the_two_ends_name_the_same_sa_by_other_addresses() {
        const HIDDEN: [u8; 4] = [192, 0, 2, 2];
        let at_moon = [sa(1, HIDDEN, SUN), sa(2, SUN, HIDDEN)];
        let at_sun = [sa(1, MOON, SUN), sa(2, SUN, MOON)];
        let (moon, sun) = (end(HIDDEN, MOON, &at_moon), end(SUN, SUN, &at_sun));
        let (out, into) = (direction(moon, sun), direction(sun, moon));
        assert_eq!((out.shared, into.shared), (vec![1], vec![2]));
        assert_eq!((out.source, out.destination), (MOON.into(), SUN.into()));
        let unaware = direction(end(MOON, MOON, &at_moon), sun);
        assert!(unaware.shared.is_empty());
    }

    #[test]
    fn a_larval_sa_is_not_an_sa() {
        let larval = KernelSa {
            algorithms: vec![],
            ..sa(1, MOON, SUN)
        };
        assert!(!has_both_directions(
            &[larval, sa(2, SUN, MOON)],
            MOON.into()
        ));
        assert!(has_both_directions(
            &[sa(1, MOON, SUN), sa(2, SUN, MOON)],
            MOON.into()
        ));
    }
}
