//! How long a router may take. One place, so that a slow lab stretches all of it alike.

use std::time::Duration;

/// Time limits of a lab.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    slowness: u32,
}

impl Limits {
    pub(crate) fn new(slowness: u32) -> Self {
        Self { slowness }
    }

    /// From the start of a daemon until it is ready.
    pub(crate) fn ready(self) -> Duration {
        Duration::from_secs(10) * self.slowness
    }

    /// A command that only looks, or loads a configuration.
    pub(crate) fn command(self) -> Duration {
        Duration::from_secs(5) * self.slowness
    }

    /// A command that sets up a tunnel and waits for it: the daemons' own retransmission, which does
    /// not depend on the lab, and the computing, which does.
    pub(crate) fn initiate(self) -> Duration {
        Duration::from_secs(15) + Duration::from_secs(2) * self.slowness
    }

    /// From the initiation until both ends have their SAs.
    pub(crate) fn establish(self) -> Duration {
        Duration::from_secs(10) + Duration::from_millis(500) * self.slowness
    }

    /// The same while the daemons are seen to compute.
    pub(crate) fn compute(self) -> Duration {
        self.establish() * 4
    }

    /// How much later than one end the other may have its SAs.
    pub(crate) fn lag(self) -> Duration {
        Duration::from_secs(2) * self.slowness
    }

    /// How long a probe may be under way.
    pub(crate) fn probe(self) -> Duration {
        Duration::from_millis(400) * self.slowness
    }

    /// A whole cell. Everything above is bounded by itself; this bounds a lab that hangs.
    pub(crate) fn cell(self) -> Duration {
        Duration::from_secs(120) * self.slowness
    }
}
