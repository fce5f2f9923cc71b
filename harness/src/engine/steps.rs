//! The steps of a case, done in the lab.

use std::collections::BTreeSet;
use std::time::Instant;

use cases::{Block, Role, Step, Traffic as Blockable};
use ikev2::Transform as _;
use lab::{BlockRule, Blocked, CannedAnswer, Datagram, Fault, KernelSa, LabError, ProgramSignal};

use super::cell::Trial;
use super::external::{self, Order};
use super::probes;
use super::router::Router;
use super::settle::{POLL, Watched, settle};
use super::topology::WAN;
use crate::judge::Ends;
use crate::judge::kernel_sa::has_both_directions;

/// Ports of IKE, and of IKE and ESP in UDP (RFC 7296, section 2).
const IKE_PORT: u16 = 500;
const NAT_PORT: u16 = 4500;
/// The exchange type of IKE_AUTH and its place in a message (RFC 7296, section 3.1).
const IKE_AUTH: Datagram = Datagram {
    offset: 18,
    value: 35,
};
/// The exchange type of IKE_SA_INIT.
const IKE_SA_INIT: Datagram = Datagram {
    offset: 18,
    value: 34,
};
/// Where a sender stands before it numbers its packets anew: far beyond the window of any receiver,
/// and of what a cell sends afterwards.
const AHEAD: u32 = 100_000;

impl Trial<'_> {
    pub(super) async fn step(&mut self, step: Step) -> Result<(), LabError> {
        match step {
            Step::Initiate => self.initiate().await,
            Step::Probe { size } => self.probe(size).await,
            Step::Block(block) => {
                self.blocked.push(self.rule(block));
                self.testbed.block(WAN, self.blocked.clone()).await
            }
            Step::Unblock => {
                self.blocked.clear();
                self.testbed.block(WAN, Vec::new()).await
            }
            Step::Kill(role) => self.router(role).kill().await,
            Step::KillInIkeAuth(role) => {
                let site = self.router(role).site;
                let (router, link) = (site.router, site.uplink());
                self.testbed.kill_on(router, link, IKE_AUTH).await
            }
            Step::AskForGroups(role) => self.ask_for_groups(role).await,
            Step::Hang(role) => {
                let router = self.router(role).site.router;
                self.testbed.signal(router, ProgramSignal::Stop).await
            }
            Step::Resume(role) => {
                let router = self.router(role).site.router;
                self.testbed.signal(router, ProgramSignal::Continue).await
            }
            Step::FlushSas(role) => {
                let router = self.in_kernel(role)?;
                self.testbed.flush_sas(router.site.router).await
            }
            Step::Replay(role) => self.replay(role).await,
            Step::CorruptKey(role) => {
                let router = self.in_kernel(role)?;
                if !has_tunnel(router).await? {
                    return Ok(());
                }
                let site = router.site;
                let own = site.own_address();
                self.testbed.corrupt_keys(site.router, own).await
            }
            Step::RekeyChild(role) => self.rekey_child(role).await,
            Step::RekeyIke(role) => self.rekey_ike(role).await,
            Step::Terminate(role) => self.terminate(role).await,
            Step::Bypass => {
                let between = (
                    self.initiator.site.lan_subnet(),
                    self.responder.site.lan_subnet(),
                );
                for role in Role::BOTH {
                    let router = self.in_kernel(role)?;
                    self.testbed.bypass(router.site.router, between).await?;
                }
                Ok(())
            }
            Step::FailCapture => self.testbed.fail_capture(WAN).await,
        }
    }

    pub(super) fn router(&self, role: Role) -> &Router {
        match role {
            Role::Initiator => &self.initiator,
            Role::Responder => &self.responder,
        }
    }

    fn rule(&self, block: Block) -> BlockRule {
        let from = block.from.map(|role| self.router(role).site.wan_node());
        BlockRule {
            from: from.map(str::to_owned),
            traffic: match block.traffic {
                Blockable::All => Blocked::All,
                Blockable::Esp => Blocked::Esp,
                Blockable::Udp => Blocked::Udp,
                Blockable::Udp500 => Blocked::UdpPort(IKE_PORT),
                Blockable::Udp4500 => Blocked::UdpPort(NAT_PORT),
                Blockable::IpFragments => Blocked::IpFragments,
                Blockable::IkeAuth => Blocked::Datagram(IKE_AUTH),
                Blockable::LargerThan(size) => Blocked::LargerThan(size),
            },
        }
    }

    async fn initiate(&mut self) -> Result<(), LabError> {
        let (initiator, responder) = tokio::try_join!(
            Watched::from_now(&self.initiator),
            Watched::from_now(&self.responder)
        )?;
        self.before.get_or_insert_with(|| Ends {
            initiator: initiator.said(),
            responder: responder.said(),
        });
        let accepted = self.initiator.initiate().await?;
        let routers = [initiator, responder];
        settle(self.testbed, routers, accepted, self.limits).await?;
        let (initiator, responder) = tokio::try_join!(self.initiator.sas(), self.responder.sas())?;
        self.note_keys(initiator.iter().chain(&responder));
        Ok(())
    }

    async fn probe(&mut self, size: Option<u16>) -> Result<(), LabError> {
        let answers_itself = |role: &Role| {
            let outside = self.router(*role).outside();
            outside.is_some_and(|outside| outside.answers_itself())
        };
        self.traffic = match Role::BOTH.into_iter().find(answers_itself) {
            None => probes::send(self.testbed, &self.probes, size).await?,
            Some(role) => {
                let at = (role, self.limits);
                external::send_echoes(self.testbed, &self.probes, at, size).await?
            }
        };
        Ok(())
    }

    /// Makes a router's ESP packets look as if they had been sent before: its counter is set ahead,
    /// some packets tell the receiver so, and then it begins anew. What the receiver gets from then
    /// on is behind its window (RFC 4303, section 3.4.3).
    async fn replay(&self, role: Role) -> Result<(), LabError> {
        let router = self.in_kernel(role)?;
        if !has_tunnel(router).await? {
            return Ok(());
        }
        let site = router.site;
        let own = site.own_address();
        self.testbed.set_sequence(site.router, own, AHEAD).await?;
        probes::round(self.testbed, &self.probes, 0, None).await?;
        self.testbed.set_sequence(site.router, own, 0).await
    }

    /// The router of this role, whose kernel is to be meddled with.
    fn in_kernel(&self, role: Role) -> Result<&Router, LabError> {
        let router = self.router(role);
        if !router.has_own_esp() {
            return Ok(router);
        }
        let what = format!(
            "{} keeps its SAs to itself, and this case changes those of the kernel",
            router.site.router
        );
        Err(LabError::new(Fault::Kernel, what).remedy("use a lab whose kernel can do ESP"))
    }

    /// Has the lab answer for a router, each time with another of the groups that its peer is set to.
    async fn ask_for_groups(&self, role: Role) -> Result<(), LabError> {
        let groups = self.key_exchange_groups(role.peer());
        // The peer begins with the first.
        let others = groups.iter().cycle().skip(1).take(groups.len());
        let answers: Vec<CannedAnswer> = others.map(|group| invalid_ke_payload(*group)).collect();
        let site = self.router(role).site;
        self.testbed
            .answer_for(site.router, site.uplink(), IKE_SA_INIT, answers)
            .await
    }

    /// What a router is set to use for IKE.
    fn key_exchange_groups(&self, role: Role) -> Vec<u16> {
        let mut groups = Vec::new();
        let settings = self.settings.as_ref().map(|settings| settings.of(role));
        let proposals = settings.into_iter().flat_map(|settings| &settings.ike);
        for group in proposals.flat_map(|proposal| proposal.dh()) {
            if !groups.contains(&group.transform_id()) {
                groups.push(group.transform_id());
            }
        }
        groups
    }

    async fn rekey_child(&mut self, role: Role) -> Result<(), LabError> {
        let (start, old) = (Instant::now(), self.spis().await?);
        self.router(role).order(Order::RekeyChild).await?;
        loop {
            let new = self.spis().await?;
            // One SA each way.
            let renewed = |role: Role| {
                self.is_closed(role) || new.of(role).difference(old.of(role)).count() >= 2
            };
            if Role::BOTH.into_iter().all(renewed) {
                return Ok(());
            }
            if !self.has_patience(start).await {
                self.not_rekeyed.push(role);
                return Ok(());
            }
        }
    }

    async fn rekey_ike(&mut self, role: Role) -> Result<(), LabError> {
        let (start, old) = (Instant::now(), self.ike_sas().await?);
        self.router(role).order(Order::RekeyIke).await?;
        loop {
            let new = self.ike_sas().await?;
            let renewed =
                |role: Role| self.is_closed(role) || !new.of(role).is_subset(old.of(role));
            if Role::BOTH.into_iter().all(renewed) {
                return Ok(());
            }
            if !self.has_patience(start).await {
                self.not_rekeyed.push(role);
                return Ok(());
            }
        }
    }

    async fn terminate(&self, role: Role) -> Result<(), LabError> {
        let start = Instant::now();
        self.router(role).order(Order::Terminate).await?;
        loop {
            let spis = self.spis().await?;
            let gone = |role: Role| spis.of(role).is_empty();
            if Role::BOTH.into_iter().all(gone) || !self.has_patience(start).await {
                return Ok(());
            }
        }
    }

    /// Waits a little. False when it has waited for as long as a tunnel may take: the judge will see.
    async fn has_patience(&self, start: Instant) -> bool {
        tokio::time::sleep(POLL).await;
        start.elapsed() < self.limits.establish()
    }

    async fn ike_sas(&self) -> Result<Ends<BTreeSet<String>>, LabError> {
        let (initiator, responder) =
            tokio::try_join!(self.initiator.ike_sas(), self.responder.ike_sas())?;
        Ok(Ends {
            initiator,
            responder,
        })
    }

    /// Whether nobody can look at the SAs of the router of this role: its peer's have to do.
    fn is_closed(&self, role: Role) -> bool {
        self.router(role).outside().is_some()
    }

    /// SPIs of the ESP SAs in both kernels.
    async fn spis(&self) -> Result<Ends<BTreeSet<u32>>, LabError> {
        let (initiator, responder) = tokio::try_join!(self.initiator.sas(), self.responder.sas())?;
        let spis = |sas: Vec<KernelSa>| {
            let installed = sas.into_iter().filter(|sa| !sa.algorithms.is_empty());
            installed.map(|sa| sa.spi).collect()
        };
        Ok(Ends {
            initiator: spis(initiator),
            responder: spis(responder),
        })
    }
}

/// Without a tunnel there is nothing to spoil: the verdict is clear already.
async fn has_tunnel(router: &Router) -> Result<bool, LabError> {
    Ok(has_both_directions(
        &router.sas().await?,
        router.site.own_address(),
    ))
}

/// The answer of a responder that holds no state yet: its SPI is zero, and the SPI of the initiator is
/// copied (RFC 7296, sections 1.2, 3.1, 3.10).
fn invalid_ke_payload(group: u16) -> CannedAnswer {
    const SPI: u8 = 8;
    const NOTIFY: u8 = 41;
    const VERSION_2: u8 = 0x20;
    const RESPONSE: u8 = 0x20;
    const INVALID_KE_PAYLOAD: [u8; 2] = 17u16.to_be_bytes();
    let mut rest = vec![0; 8];
    rest.extend([NOTIFY, VERSION_2, IKE_SA_INIT.value, RESPONSE]);
    // Message ID, length of the whole.
    rest.extend([0, 0, 0, 0, 0, 0, 0, 38]);
    // No payload follows; length of this one; no protocol and no SPI.
    rest.extend([0, 0, 0, 10, 0, 0]);
    rest.extend(INVALID_KE_PAYLOAD);
    rest.extend(group.to_be_bytes());
    CannedAnswer { copied: SPI, rest }
}
