use reports::text::Text;

use super::super::figures::{DiagnosisFigures, Timed};
use super::super::reading::Reading;
use super::*;

fn lab(backend: &str) -> LabFigures {
    LabFigures {
        backend: backend.into(),
        kernel: "6.1.0-49-amd64".into(),
        accel: "none".into(),
    }
}

fn cell(measured: usize, exchange: u64, overhead: u64) -> CellFigures {
    CellFigures {
        measured,
        whole: exchange + overhead,
        exchange,
        overhead,
    }
}

fn figures() -> Figures {
    let pace = Pace {
        jobs: 1,
        vendors: 6,
        cells: 36,
        passed: 35,
        millis: 180_000,
        cells_per_minute: 12.0,
    };
    let beside = |backend, measured| Beside {
        lab: lab(backend),
        measured,
    };
    let no_engine = Text::new("no engine answers", "エンジンが応答しません");
    Figures {
        lab: lab("crun"),
        boot: 2_345,
        images: vec![],
        stages: vec![Timed::new("start", 400), Timed::new("steps", 900)],
        cell: cell(35, 410, 1_090),
        diagnosis: DiagnosisFigures {
            cells: 36,
            median: 12,
            longest: 80,
            percent: 0.75,
        },
        reading: Some(Reading {
            octets: 100_000_123,
            packets: 700_000,
            millis: 1_234,
        }),
        parallel: vec![pace.clone()],
        growth: vec![pace],
        beside: vec![
            beside(
                "docker",
                Ok(Comparison {
                    here: cell(34, 400, 1_000),
                    there: cell(34, 390, 2_725),
                }),
            ),
            beside("vm", Err(no_engine)),
        ],
    }
}

#[test]
fn the_figures_are_a_table_in_both_languages() {
    insta::assert_snapshot!(render(&figures(), Lang::En));
    insta::assert_snapshot!(render(&figures(), Lang::Ja));
}
