//! The SAs of a router, in its kernel or kept by its daemon.

use std::net::IpAddr;

use lab::{KernelSa, LabError, PolicyDirection, SaDrops, SaKeys};

use super::{Router, Site};
use crate::judge::kernel_sa::ESP;

/// SAs that a daemon is believed to have at once.
const MOST_SAS: usize = 1024;
/// Stands for the algorithms of an SA of which only the SPI is known: it is not in a kernel.
pub(crate) const USER_SPACE: &str = "user-space";

impl Router {
    /// The SAs of ESP: those of the router's kernel or, where the daemon protects the packets itself,
    /// those that it says it has.
    ///
    /// Of an external router nothing is known.
    pub(crate) async fn sas(&self) -> Result<Vec<KernelSa>, LabError> {
        if self.outside.is_some() {
            return Ok(Vec::new());
        }
        if !self.has_own_esp() {
            return self.testbed.kernel_sas(self.site.router).await;
        }
        let (mut text, own) = (String::new(), self.site.own_address());
        for command in &self.profile.implementation.control.status {
            let output = self.exec(command, self.limits.command()).await?;
            text.push_str(&String::from_utf8_lossy(&output.text));
        }
        let peer = Site::of(self.site.role.peer()).wan_address();
        let told = &self.profile.implementation.status.child_installed;
        let pairs = told
            .captures_iter(&text)
            .take(MOST_SAS)
            .filter_map(|found| {
                let spi = |name| u32::from_str_radix(found.name(name)?.as_str(), 16).ok();
                Some([
                    user_space_sa(spi("spi_in")?, peer, own),
                    user_space_sa(spi("spi_out")?, own, peer),
                ])
            });
        Ok(pairs.flatten().collect())
    }

    /// Whether packets to the other side are led into the tunnel, and packets from there let through.
    pub(crate) async fn leads_into_tunnel(&self) -> Result<bool, LabError> {
        if self.has_own_esp() || self.outside.is_some() {
            // The daemon routes them before it says that the Child SA is installed.
            return Ok(true);
        }
        let policies = self.testbed.kernel_policies(self.site.router).await?;
        let leads = |wanted| policies.iter().any(|policy| policy.direction == wanted);
        Ok(leads(PolicyDirection::Out) && leads(PolicyDirection::Forward))
    }

    /// Whether the daemon protects packets itself.
    pub(crate) fn has_own_esp(&self) -> bool {
        self.profile.user_space_esp().is_some()
    }
}

/// What a router must hold whose SAs nobody can look at, if it holds what its peer holds: the same
/// SAs, under the addresses that each of the two calls the other by.
pub(crate) fn mirrored(held: &[KernelSa], peer: Site, unseen: Site) -> Vec<KernelSa> {
    let seen_from_there = |address: IpAddr| {
        if address == peer.own_address() {
            peer.wan_address()
        } else if address == unseen.wan_address() {
            unseen.own_address()
        } else {
            address
        }
    };
    let mirror = |sa: &KernelSa| KernelSa {
        source: seen_from_there(sa.source),
        destination: seen_from_there(sa.destination),
        ..sa.clone()
    };
    held.iter().map(mirror).collect()
}

/// An SA that a daemon keeps to itself.
fn user_space_sa(spi: u32, source: IpAddr, destination: IpAddr) -> KernelSa {
    KernelSa {
        spi,
        source,
        destination,
        protocol: ESP,
        tunnel: true,
        algorithms: vec![USER_SPACE.to_owned()],
        keys: SaKeys::default(),
        esn: false,
        encapsulation: None,
        packets: 0,
        dropped: SaDrops::default(),
    }
}
