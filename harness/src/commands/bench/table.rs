//! The figures for a person.

use reports::layout::pad;
use reports::text::{Lang, Words};

use super::figures::{Figures, Pace};

const LABEL: usize = 34;
const COLUMN: usize = 10;

pub(super) fn render(figures: &Figures, lang: Lang) -> String {
    let say = |en, ja| Words { en, ja }.in_lang(lang);
    let mut rows = Vec::new();
    let lab = &figures.lab;
    let about = format!("{} ({}, {})", lab.backend, lab.kernel, lab.accel);
    rows.push(pad(say("Lab", "試験環境"), LABEL) + &about);
    rows.push(timed(
        say("Start of the lab", "試験環境の起動"),
        figures.boot,
    ));
    for image in &figures.images {
        rows.push(timed(&image.name, image.millis));
    }
    if figures.images.is_empty() {
        rows.push(
            say(
                "No image had to be built; --build builds them anew.",
                "イメージは作成済みです。--build を指定すると新たに作成して計測します。",
            )
            .into(),
        );
    }

    let measured = figures.cell.measured;
    rows.push(String::new());
    rows.push(match lang {
        Lang::En => format!("One cell at a time: medians of {measured} cells that passed"),
        Lang::Ja => format!("1 件ずつ実行した場合の中央値（合格 {measured} 件）"),
    });
    for stage in &figures.stages {
        rows.push(timed(&format!("  {}", stage.name), stage.millis));
    }
    rows.push(timed(say("Whole cell", "1 件全体"), figures.cell.whole));
    rows.push(timed(
        say(
            "  handshake and probes on the wan",
            "  WAN 上の折衝と試験通信",
        ),
        figures.cell.exchange,
    ));
    rows.push(timed(
        say("  overhead of the harness", "  ハーネスの所要時間"),
        figures.cell.overhead,
    ));

    let diagnosis = &figures.diagnosis;
    rows.push(timed(
        say("Diagnosis of a cell, median", "原因診断（中央値）"),
        diagnosis.median,
    ));
    rows.push(timed(say("  longest", "  最長"), diagnosis.longest));
    rows.push(
        pad(
            say("  of the time of all cells", "  全試験時間に占める割合"),
            LABEL,
        ) + &format!("{:.1} %", diagnosis.percent),
    );
    if let Some(reading) = &figures.reading {
        let megabytes = reading.octets / 1_000_000;
        rows.push(timed(
            &match lang {
                Lang::En => format!("Reading a capture of {megabytes} MB"),
                Lang::Ja => format!("{megabytes} MB のキャプチャーの読取り"),
            },
            reading.millis,
        ));
    }

    let heads = [
        say("vendors", "ベンダー"),
        say("at once", "同時実行"),
        say("cells", "件数"),
        say("passed", "合格"),
        say("time", "時間"),
        say("per minute", "件/分"),
    ];
    let tables = [
        (
            say("By the number of cells at once", "同時実行数による比較"),
            &figures.parallel,
        ),
        (
            say("By the number of vendors", "ベンダー数による比較"),
            &figures.growth,
        ),
    ];
    for (title, paces) in tables {
        rows.extend([String::new(), title.into(), line(&heads.map(String::from))]);
        rows.extend(paces.iter().map(pace));
    }
    rows.join("\n") + "\n"
}

fn pace(pace: &Pace) -> String {
    line(&[
        pace.vendors.to_string(),
        format!("-j{}", pace.jobs),
        pace.cells.to_string(),
        pace.passed.to_string(),
        seconds(pace.millis),
        format!("{:.1}", pace.cells_per_minute),
    ])
}

fn line(columns: &[String]) -> String {
    let padded: String = columns.iter().map(|column| pad(column, COLUMN)).collect();
    format!("  {}", padded.trim_end())
}

fn timed(label: &str, millis: u64) -> String {
    pad(label, LABEL) + &seconds(millis)
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03} s", millis / 1000, millis % 1000)
}
