//! Every capture that a run leaves is read by tshark too, which must see the same in it.

use std::path::Path;
use std::sync::OnceLock;

use reports::conformance::TESTER;
use reports::model::{Cell, Run};
use transcript::Transcript;

use super::skipped;

#[path = "../../../transcript/tests/tshark/oracle.rs"]
mod oracle;

/// Where tshark is known to be wrong.
const DEFECTS: &str = include_str!("../../../transcript/tests/tshark/defects.toml");
/// Captures that are read at once.
const AT_ONCE: usize = 2;

/// Fails unless tshark agrees, field by field, with the transcript of every cell.
pub(crate) fn check(run: &Run, out: &Path) {
    if !is_there() {
        return;
    }
    let cells: Vec<&Cell> = run
        .cells
        .iter()
        // The tester sends much that is wrong on purpose, which tshark reads in its own ways.
        .filter(|cell| cell.evidence.is_some() && cell.initiator != TESTER)
        .collect();
    let share = cells.len().div_ceil(AT_ONCE).max(1);
    let compared: Vec<oracle::Compared> = std::thread::scope(|scope| {
        #[expect(
            clippy::needless_collect,
            reason = "all are started before one is waited for"
        )]
        let workers: Vec<_> = cells
            .chunks(share)
            .map(|cells| {
                scope.spawn(|| {
                    cells
                        .iter()
                        .map(|cell| of_cell(cell, out))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    let packets: usize = compared.iter().map(|these| these.packets).sum();
    let values: usize = compared.iter().map(|these| these.values).sum();
    println!(
        "tshark agrees on {packets} IKE packets, {values} values, of {} cells",
        cells.len()
    );
}

fn is_there() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let there = oracle::is_there();
        if !there {
            skipped("there is no tshark to compare captures with");
        }
        there
    })
}

fn of_cell(cell: &Cell, out: &Path) -> oracle::Compared {
    let folder = out.join(cell.evidence.as_ref().unwrap());
    let path = folder.join("transcript.json");
    // A lab that failed leaves none.
    let Ok(text) = std::fs::read_to_string(&path) else {
        return oracle::Compared::default();
    };
    let transcript: Transcript = serde_json::from_str(&text).unwrap();
    let (capture, keys) = (folder.join("wan.pcapng"), folder.join("keys"));
    let (differences, compared) = oracle::differences(&capture, &keys, &transcript, DEFECTS);
    assert!(
        differences.is_empty(),
        "{}: tshark says otherwise\n{}",
        cell.id,
        differences.join("\n")
    );
    compared
}
