//! How much the routers' programs work, and whether the lab gives them processors to work with.
//!
//! Where it does not, routers are late, their peers give up, and probes come before the tunnel. That
//! looks like a router's failure and is the lab's.

use std::time::Duration;

use lab::{Fault, LabError, Testbed};

use super::router::Router;

/// A router that waits no longer than this for processors is not late by it.
const NO_HARM: Duration = Duration::from_secs(3);

/// What the busiest program of both routers has done since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Toil {
    pub(crate) computed: Duration,
    /// For a processor, while they could have computed.
    pub(crate) waited: Duration,
}

impl Toil {
    pub(crate) async fn of(testbed: &Testbed, routers: [&Router; 2]) -> Result<Self, LabError> {
        let [one, other] = routers.map(|router| testbed.programs(router.site.router));
        let (one, other) = tokio::try_join!(one, other)?;
        let busiest = one
            .iter()
            .chain(&other)
            .max_by_key(|program| program.computed_ms.saturating_add(program.waited_ms));
        Ok(busiest.map_or_else(Self::default, |program| Self {
            computed: Duration::from_millis(program.computed_ms),
            waited: Duration::from_millis(program.waited_ms),
        }))
    }

    /// What was done between two looks. A program that ended takes its time with it.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            computed: self.computed.saturating_sub(before.computed),
            waited: self.waited.saturating_sub(before.waited),
        }
    }

    /// A fault of the lab, where the routers waited for processors more than they computed, and for
    /// so long that their peers notice.
    pub(crate) fn starved(self) -> Option<LabError> {
        let starved = self.waited > NO_HARM && self.waited > self.computed;
        let fault = || {
            let (waited, computed) = (self.waited.as_secs_f64(), self.computed.as_secs_f64());
            let what = format!(
                "the routers had to wait for a processor for {waited:.1} s, to compute for \
                 {computed:.1} s"
            );
            LabError::new(Fault::Machine, what)
                .remedy("run fewer cells at a time (-j), or let the machine do nothing else")
        };
        starved.then(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toil(computed: u64, waited: u64) -> Toil {
        Toil {
            computed: Duration::from_millis(computed),
            waited: Duration::from_millis(waited),
        }
    }

    #[test]
    fn routers_that_wait_longer_than_they_compute_are_starved() {
        assert_eq!(toil(2_000, 1_000).starved(), None);
        assert_eq!(toil(500, 2_900).starved(), None, "too short to matter");
        assert_eq!(
            toil(9_000, 8_000).starved(),
            None,
            "they get the most of it"
        );
        let fault = toil(4_000, 8_000).starved().unwrap();
        assert_eq!(fault.fault, Fault::Machine);
        assert!(fault.what.contains("8.0 s"), "{fault}");
    }

    #[test]
    fn a_program_that_ended_makes_no_time_negative() {
        assert_eq!(toil(5, 7).since(toil(10, 3)), toil(0, 4));
    }
}
