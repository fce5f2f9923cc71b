use cases::Role::{Initiator, Responder};

use super::*;
use crate::sample::{BACK, OUT, capture, esp, udp};

#[test]
fn the_median_is_the_middle_or_the_mean_of_the_middle_two() {
    assert_eq!(median(vec![]), 0);
    assert_eq!(median(vec![7]), 7);
    assert_eq!(median(vec![9, 1, 5]), 5);
    assert_eq!(median(vec![10, 1, 4, 2]), 3);
    assert_eq!(median(vec![u64::MAX, u64::MAX]), u64::MAX);
}

#[test]
fn the_exchange_is_from_the_first_ike_message_to_the_last_esp_packet() {
    let ike = |from| udp(from, [500, 500], &[0x5a; 28]);
    let arp = vec![0; 42];
    let frames = [
        (1_000, arp.clone()),
        (1_100, ike(Initiator)),
        (1_180, ike(Responder)),
        (1_400, esp(Initiator, OUT)),
        (1_450, esp(Responder, BACK)),
        (1_900, ike(Initiator)),
        (2_000, arp),
    ];
    assert_eq!(
        exchange(&capture(&frames)),
        Some(Duration::from_millis(350))
    );
}

#[test]
fn a_capture_without_a_whole_exchange_has_none() {
    assert_eq!(exchange(&capture(&[])), None);
    assert_eq!(exchange(&capture(&[(5, esp(Initiator, OUT))])), None);
    assert_eq!(
        exchange(&capture(&[(5, udp(Initiator, [500, 500], &[1; 28]))])),
        None
    );
    assert_eq!(exchange(b"no capture"), None);
}

fn cost(start: u64, steps: u64, exchange: u64) -> Cost {
    Cost {
        cell: String::new(),
        stages: vec![Timed::new("start", start), Timed::new("steps", steps)],
        exchange,
    }
}

#[test]
fn stages_keep_their_order_and_overhead_is_what_the_exchange_leaves() {
    let costs = [cost(300, 50, 40), cost(100, 90, 80), cost(200, 70, 60)];
    assert_eq!(
        stage_medians(&costs),
        [Timed::new("start", 200), Timed::new("steps", 70)]
    );
    let expected = CellFigures {
        measured: 3,
        whole: 270,
        exchange: 60,
        // Of 310, 110 and 210: the median of differences, not the difference of medians.
        overhead: 210,
    };
    assert_eq!(CellFigures::of(&costs), expected);
}

#[test]
fn nothing_measured_is_nothing() {
    assert_eq!(stage_medians(&[]), []);
    assert_eq!(CellFigures::of(&[]).measured, 0);
}

#[test]
fn growth_is_shown_by_thirds() {
    assert_eq!(sizes(6), [2, 4, 6]);
    assert_eq!(sizes(24), [8, 16, 24]);
    assert_eq!(sizes(2), [1, 2]);
    assert_eq!(sizes(1), [1]);
}

#[test]
fn a_part_of_the_vendors_is_taken_from_all_of_them() {
    let vendors = ["l4", "l5", "o2", "o4", "s5", "s6"];
    assert_eq!(spread(&vendors, 2), ["l4", "o4"]);
    assert_eq!(spread(&vendors, 4), ["l4", "l5", "o4", "s5"]);
    assert_eq!(spread(&vendors, 6), vendors);
}

#[test]
fn cells_per_minute_are_of_the_whole_time() {
    let pace = Pace::new(2, 6, 36, 35, Duration::from_secs(120));
    assert!((pace.cells_per_minute - 18.0).abs() < 1e-9);
    assert!(
        Pace::new(1, 0, 0, 0, Duration::ZERO)
            .cells_per_minute
            .is_finite()
    );
}

#[test]
fn the_diagnosis_is_weighed_against_all_that_the_cells_took() {
    let cell = |stages: &[(&str, u64)]| {
        let stages: Vec<_> = stages
            .iter()
            .map(|(name, millis)| serde_json::json!({ "name": name, "millis": millis }))
            .collect();
        serde_json::from_value(serde_json::json!({
            "id": "auth.psk/a:b", "case": "auth.psk", "initiator": "a", "responder": "b",
            "outcome": "pass", "attempts": 1, "stages": stages
        }))
        .unwrap()
    };
    let cells: [Cell; 3] = [
        cell(&[("start", 800), ("judge", 10), ("diagnose", 20)]),
        cell(&[("start", 1_100), ("judge", 20), ("diagnose", 50)]),
        cell(&[]),
    ];
    let figures = DiagnosisFigures::of(&cells);
    assert_eq!(
        (figures.cells, figures.median, figures.longest),
        (2, 50, 70)
    );
    assert!((figures.percent - 5.0).abs() < 0.001, "{figures:?}");
    assert_eq!(DiagnosisFigures::of(&[]), DiagnosisFigures::default());
}
