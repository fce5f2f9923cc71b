//! How much the routers' programs work, and whether the lab gives them processors to work with.
//!
//! Where it does not, routers are late, their peers give up, and probes come before the tunnel. That
//! looks like a router's failure and is the lab's.

use std::time::Duration;

use lab::{Fault, LabError, Testbed};

use super::router::Router;

/// A router that waits no longer than this for processors is not late by it.
const NO_HARM: Duration = Duration::from_secs(3);
/// Nor one that waits for no greater part of the time.
const NO_HARM_PART: f64 = 0.3;
/// Nor one that has so little to compute. Linux 6.12 now and then counts a sleep as waiting: a daemon
/// that did nothing but wait for an answer has shown 9.6 s of it.
const LITTLE: Duration = Duration::from_millis(300);

/// What the busiest program of both routers has done since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Toil {
    pub(crate) computed: Duration,
    /// For a processor, while they could have computed.
    pub(crate) waited: Duration,
}

impl Toil {
    pub(crate) async fn of(testbed: &Testbed, routers: [&Router; 2]) -> Result<Self, LabError> {
        let programs = async |router: &Router| match router.outside() {
            None => testbed.programs(router.site.router).await,
            // What it computes with is its own.
            Some(_) => Ok(Vec::new()),
        };
        let [one, other] = routers;
        let (one, other) = tokio::try_join!(programs(one), programs(other))?;
        let busiest = one
            .iter()
            .chain(&other)
            .max_by_key(|program| program.computed_ms);
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
    /// so long and so great a part of the time that their peers notice. `time` is how long it took
    /// in all.
    pub(crate) fn starved(self, time: Duration) -> Option<LabError> {
        let starved = self.computed > LITTLE
            && self.waited > NO_HARM
            && self.waited > self.computed
            && self.waited > time.mul_f64(NO_HARM_PART);
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
        let starved = |toil: Toil| toil.starved(Duration::from_secs(20));
        assert_eq!(starved(toil(2_000, 1_000)), None);
        assert_eq!(starved(toil(500, 2_900)), None, "too short to matter");
        assert_eq!(starved(toil(500, 5_900)), None, "too rarely to matter");
        assert_eq!(starved(toil(9_000, 8_000)), None, "they get the most of it");
        assert_eq!(starved(toil(20, 9_600)), None, "they were asleep");
        let fault = starved(toil(4_000, 8_000)).unwrap();
        assert_eq!(fault.fault, Fault::Machine);
        assert!(fault.what.contains("8.0 s"), "{fault}");
    }

    #[test]
    fn a_program_that_ended_makes_no_time_negative() {
        assert_eq!(toil(5, 7).since(toil(10, 3)), toil(0, 4));
    }
}
