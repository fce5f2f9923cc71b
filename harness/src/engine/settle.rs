//! Waiting until a tunnel stands, or until it is clear that it will not.

use std::time::{Duration, Instant};

use lab::{LabError, Testbed};

use super::limits::Limits;
use super::router::Router;
use super::toil::Toil;
use crate::judge::kernel_sa::has_both_directions;

/// How often the kernels are asked. Reading their SAs costs next to nothing.
pub(crate) const POLL: Duration = Duration::from_millis(50);
/// How often the logs are looked at: that costs more.
const LOG_POLL: Duration = Duration::from_millis(1500);
/// How long the second router may take to say that a negotiation failed.
const AFTERMATH: Duration = Duration::from_millis(300);

/// How often it is asked whether the daemons still compute.
const BUSY_POLL: Duration = Duration::from_secs(1);
/// Who computes, or waits for a processor, for at least this part of the time is at work, and does not
/// wait for its peer.
const BUSY_PART: f64 = 0.3;

/// A router, and how many lines its log had before the negotiation began: what a daemon says of its
/// own certificate while it starts does not end anything.
#[derive(Clone, Copy)]
pub(crate) struct Watched<'a> {
    router: &'a Router,
    said: usize,
}

impl<'a> Watched<'a> {
    pub(crate) async fn from_now(router: &'a Router) -> Result<Self, LabError> {
        let said = router.log().await?.lines().count();
        Ok(Self { router, said })
    }

    pub(crate) fn said(self) -> usize {
        self.said
    }
}

/// Waits until both kernels have SAs in both directions and policies for them. Comes back earlier
/// when a daemon ended, when its log says that the negotiation failed, or when one end is done and
/// the other does not follow. Says nothing about success: that is for the judge.
///
/// Daemons that still compute when the time is over get more of it: then the lab is slow, and that
/// must not count against a router.
pub(crate) async fn settle(
    testbed: &Testbed,
    routers: [Watched<'_>; 2],
    accepted: bool,
    limits: Limits,
) -> Result<(), LabError> {
    let start = Instant::now();
    let limit = if accepted {
        limits.establish()
    } else {
        AFTERMATH
    };
    let mut first_up = None;
    let mut logs_read = start;
    let mut work = Work::default();
    loop {
        let (one, other) = both_up(routers).await?;
        if one && other {
            return Ok(());
        }
        let late = if one || other {
            let since = *first_up.get_or_insert_with(Instant::now);
            since.elapsed() > limits.lag()
        } else {
            start.elapsed() > limit
        };
        let patience = accepted && start.elapsed() < limits.compute();
        let busy =
            patience && start.elapsed() > BUSY_POLL && work.goes_on(testbed, routers).await?;
        if late && !busy {
            return Ok(());
        }
        if logs_read.elapsed() > LOG_POLL {
            logs_read = Instant::now();
            if has_ended(routers[0]).await? || has_ended(routers[1]).await? {
                return hear_both(routers).await;
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Whether the routers' programs are at work.
#[derive(Default)]
struct Work {
    /// When they were looked at, and how much they had worked by then.
    last: Option<(Instant, Toil)>,
    busy: bool,
}

impl Work {
    async fn goes_on(
        &mut self,
        testbed: &Testbed,
        routers: [Watched<'_>; 2],
    ) -> Result<bool, LabError> {
        if let Some((at, _)) = self.last
            && at.elapsed() < BUSY_POLL
        {
            return Ok(self.busy);
        }
        let toil = Toil::of(testbed, routers.map(|watched| watched.router)).await?;
        let now = Instant::now();
        if let Some((at, before)) = self.last.replace((now, toil)) {
            let since = toil.since(before);
            let part = (since.computed + since.waited).div_duration_f64(now - at);
            self.busy = part >= BUSY_PART;
        }
        Ok(self.busy)
    }
}

/// Whether the daemon is gone, or has said that the negotiation failed.
async fn has_ended(watched: Watched<'_>) -> Result<bool, LabError> {
    // Reading the log of an external router may take as long as the negotiation.
    if watched.router.outside().is_some() {
        return Ok(false);
    }
    Ok(!watched.router.is_running().await? || gave_up(watched).await?)
}

/// Waits until both routers have said how the negotiation ended; one of them may never do.
async fn hear_both(routers: [Watched<'_>; 2]) -> Result<(), LabError> {
    let start = Instant::now();
    while start.elapsed() < AFTERMATH
        && !(has_ended(routers[0]).await? && has_ended(routers[1]).await?)
    {
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// Which of the routers have their tunnel. One that nobody can look into has it when its peer has.
async fn both_up(routers: [Watched<'_>; 2]) -> Result<(bool, bool), LabError> {
    let [one, other] = routers.map(|watched| watched.router);
    let is_closed = |router: &Router| router.outside().is_some();
    Ok(match (is_closed(one), is_closed(other)) {
        (false, false) => tokio::try_join!(has_tunnel(one), has_tunnel(other))?,
        (true, _) => {
            let up = has_tunnel(other).await?;
            (up, up)
        }
        (false, true) => {
            let up = has_tunnel(one).await?;
            (up, up)
        }
    })
}

/// Whether the router's kernel would carry the tunnel: SAs both ways, and the policies that lead
/// packets into it. Daemons install the policies after the SAs, and a packet that comes in between
/// goes out in clear.
async fn has_tunnel(router: &Router) -> Result<bool, LabError> {
    let (sas, leads) = tokio::try_join!(router.sas(), router.leads_into_tunnel())?;
    Ok(has_both_directions(&sas, router.site.own_address()) && leads)
}

/// Whether the log has a line that ends the hope. A silent peer may still speak.
async fn gave_up(watched: Watched<'_>) -> Result<bool, LabError> {
    let log = watched.router.log().await?;
    let patterns = &watched.router.profile.implementation.log_patterns;
    Ok(patterns
        .iter()
        .filter(|known| {
            known.cause != vendors::LogCause::Code(reports::cause::CauseCode::PathNoAnswer)
        })
        .any(|known| {
            let mut lines = log.lines().skip(watched.said);
            lines.any(|line| known.pattern.is_match(line))
        }))
}
