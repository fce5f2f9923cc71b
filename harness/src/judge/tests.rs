use super::*;
use crate::sample::{BACK, OUT, crossed, sa, wan, working};

use Role::{Initiator, Responder};

#[test]
fn a_cell_passes_only_when_all_seven_observations_are_good() {
    let seen = working().observations();
    assert_eq!(seen.len(), 7);
    let (mut tried, mut passed) = (0, 0);
    // Every observation absent, bad or good: each number in base 3 is one combination.
    for combination in 0..3_u32.pow(7) {
        let mut observations = Vec::new();
        for (place, observation) in seen.iter().enumerate() {
            let verdict = match combination / 3_u32.pow(place as u32) % 3 {
                0 => continue,
                1 => Sight::Bad,
                _ => Sight::Good,
            };
            observations.push(Observation {
                verdict,
                ..observation.clone()
            });
        }
        tried += 1;
        passed += u32::from(passes(&observations));
    }
    assert_eq!((tried, passed), (2187, 1));
    assert!(passes(&seen));
}

#[test]
fn one_bad_observation_outweighs_a_good_one_of_the_same_observer() {
    for (place, observation) in working().observations().into_iter().enumerate() {
        let mut observations = working().observations();
        let verdict = Sight::Bad;
        observations.insert(
            place,
            Observation {
                verdict,
                ..observation
            },
        );
        assert!(!passes(&observations), "{observations:?}");
    }
}

/// A way to break a tunnel in one spot.
type Flaw = (&'static str, fn(&mut Sightings));

const FLAWS: &[Flaw] = &[
    ("initiator: daemon gone", |seen| {
        seen.control.initiator = ControlState::default()
    }),
    ("initiator: daemon does not answer", |seen| {
        seen.control.initiator.answered = false
    }),
    ("initiator: no IKE SA", |seen| {
        seen.control.initiator.ike_established = false
    }),
    ("initiator: no Child SA", |seen| {
        seen.control.initiator.child_installed = false
    }),
    ("responder: daemon gone", |seen| {
        seen.control.responder = ControlState::default()
    }),
    ("responder: no IKE SA", |seen| {
        seen.control.responder.ike_established = false
    }),
    ("responder: no Child SA", |seen| {
        seen.control.responder.child_installed = false
    }),
    ("initiator: no SA in the kernel", |seen| {
        seen.sas.initiator.clear()
    }),
    ("initiator: no outbound SA", |seen| {
        seen.sas.initiator.retain(|sa| sa.spi != OUT)
    }),
    ("initiator: no inbound SA", |seen| {
        seen.sas.initiator.retain(|sa| sa.spi != BACK)
    }),
    ("initiator: only an SPI is reserved", |seen| {
        seen.sas.initiator[1].algorithms.clear()
    }),
    ("initiator: transport mode", |seen| {
        seen.sas.initiator[0].tunnel = false
    }),
    ("initiator: AH instead of ESP", |seen| {
        seen.sas.initiator[0].protocol = 51
    }),
    ("responder: no SA in the kernel", |seen| {
        seen.sas.responder.clear()
    }),
    ("responder: no inbound SA", |seen| {
        seen.sas.responder.retain(|sa| sa.spi != OUT)
    }),
    ("responder: no outbound SA", |seen| {
        seen.sas.responder.retain(|sa| sa.spi != BACK)
    }),
    ("responder: another inbound SPI", |seen| {
        seen.sas.responder[0].spi = 7
    }),
    ("responder: SAs of another peer", |seen| {
        let stranger = [192, 0, 2, 1].into();
        seen.sas.responder = vec![
            sa(OUT, stranger, wan(Responder)),
            sa(BACK, wan(Responder), stranger),
        ];
    }),
    ("a probe from alice is lost", |seen| {
        seen.traffic.initiator.received = 2
    }),
    ("no probe from alice", |seen| {
        seen.traffic.initiator = Traffic::default()
    }),
    ("a probe from bob is lost", |seen| {
        seen.traffic.responder.received = 2
    }),
    ("no probe from bob", |seen| {
        seen.traffic.responder = Traffic::default()
    }),
    ("alice's kernel would not send", |seen| {
        seen.traffic.initiator.received = 0;
        seen.traffic.initiator.refused = Some("Network is unreachable".into());
    }),
    ("no ESP from the initiator", |seen| {
        seen.wire.esp.remove(&(wan(Initiator), wan(Responder), OUT));
    }),
    ("no ESP from the responder", |seen| {
        seen.wire
            .esp
            .remove(&(wan(Responder), wan(Initiator), BACK));
    }),
    ("ESP under another SPI", |seen| {
        seen.wire.esp = seen
            .wire
            .esp
            .iter()
            .map(|(key, n)| ((key.0, key.1, 9), *n))
            .collect();
    }),
    ("both SPIs one way", |seen| {
        seen.wire.esp = [OUT, BACK]
            .map(|spi| ((wan(Initiator), wan(Responder), spi), crossed(3)))
            .into();
    }),
    ("ESP from the initiator does not arrive", |seen| {
        let esp = &mut seen.wire.esp;
        if let Some(crossed) = esp.get_mut(&(wan(Initiator), wan(Responder), OUT)) {
            crossed.arrived = 0;
        }
    }),
    ("a probe in clear", |seen| seen.wire.clear.push(12)),
    ("no packet at all", |seen| seen.wire = Wire::default()),
];

#[test]
fn a_tunnel_with_a_single_flaw_never_passes_and_the_right_observer_says_so() {
    let mut report = String::new();
    for (flaw, add) in FLAWS {
        let mut seen = working();
        add(&mut seen);
        let observations = seen.observations();
        assert!(!passes(&observations), "passes in spite of: {flaw}");
        report.push_str(&format!("{flaw}\n"));
        for bad in observations
            .iter()
            .filter(|seen| seen.verdict == Sight::Bad)
        {
            let (observer, place) = (bad.observer, bad.place);
            report.push_str(&format!("  {observer:?} {place:?}\n"));
            report.push_str(&format!("    {}\n    {}\n", bad.detail.en, bad.detail.ja));
        }
    }
    insta::assert_snapshot!(report);
}

#[test]
fn an_earlier_pair_of_sas_does_not_hide_the_one_that_works() {
    let mut seen = working();
    for sas in [&mut seen.sas.initiator, &mut seen.sas.responder] {
        sas.insert(0, sa(5, wan(Initiator), wan(Responder)));
        sas.insert(0, sa(6, wan(Responder), wan(Initiator)));
    }
    assert!(passes(&seen.observations()));
}
