//! The kernel's observer: SAs at both ends that belong together.

use std::net::IpAddr;

use lab::KernelSa;
use reports::model::{Observation, Observer, Place, Sight};

use crate::words;

/// IP protocol number of ESP (RFC 4303).
const ESP: u8 = 50;

/// The SPIs that carry traffic one way, known to both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
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

/// What both kernels hold for packets from `source` to `destination`.
pub(crate) fn direction(
    source: (IpAddr, &[KernelSa]),
    destination: (IpAddr, &[KernelSa]),
) -> Direction {
    let held = |sas: &[KernelSa]| -> Vec<u32> {
        let between = |sa: &&KernelSa| sa.source == source.0 && sa.destination == destination.0;
        sas.iter()
            .filter(|sa| is_usable(sa))
            .filter(between)
            .map(|sa| sa.spi)
            .collect()
    };
    let (at_sender, at_receiver) = (held(source.1), held(destination.1));
    let shared = at_sender
        .iter()
        .copied()
        .filter(|spi| at_receiver.contains(spi))
        .collect();
    Direction {
        source: source.0,
        destination: destination.0,
        shared,
        at_sender,
        at_receiver,
    }
}

/// What the kernel of one end shows: good when it holds its half of both directions and the other
/// end holds the other half.
pub(crate) fn observe(place: Place, out: &Direction, into: &Direction) -> Observation {
    let good = !out.shared.is_empty() && !into.shared.is_empty();
    Observation {
        observer: Observer::KernelSa,
        place,
        verdict: if good { Sight::Good } else { Sight::Bad },
        detail: words::kernel_sas(&out.at_sender, &into.at_receiver, good),
    }
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

    const MOON: [u8; 4] = [198, 51, 100, 1];
    const SUN: [u8; 4] = [198, 51, 100, 2];

    #[test]
    fn only_spis_known_to_both_ends_are_shared() {
        let moon = [sa(1, MOON, SUN), sa(2, SUN, MOON)];
        let sun = [sa(1, MOON, SUN), sa(3, SUN, MOON)];
        let out = direction((MOON.into(), &moon), (SUN.into(), &sun));
        let into = direction((SUN.into(), &sun), (MOON.into(), &moon));
        assert_eq!(out.shared, [1]);
        assert_eq!(
            (into.at_sender.as_slice(), into.at_receiver.as_slice()),
            (&[3][..], &[2][..])
        );
        assert_eq!(observe(Place::Initiator, &out, &into).verdict, Sight::Bad);
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
