//! The figures for a person.

use reports::layout::pad;
use reports::text::{Lang, Words};

use super::beside::{Beside, Comparison};
use super::figures::{CellFigures, Figures, LabFigures, Pace};

#[cfg(test)]
mod tests;

const LABEL: usize = 34;
const COLUMN: usize = 10;

pub(super) fn render(figures: &Figures, lang: Lang) -> String {
    let say = |en, ja| Words { en, ja }.in_lang(lang);
    let mut rows = Vec::new();
    let lab = &figures.lab;
    rows.push(pad(say("Lab", "試験環境"), LABEL) + &about(lab));
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
    for other in &figures.beside {
        rows.push(String::new());
        rows.extend(beside(other, &figures.lab.backend, lang));
    }
    rows.join("\n") + "\n"
}

/// Another lab, on the cells that passed in both.
fn beside(other: &Beside, here: &str, lang: Lang) -> Vec<String> {
    let say = |en, ja| Words { en, ja }.in_lang(lang);
    let there = &other.lab.backend;
    let compared = match &other.measured {
        Ok(compared) => compared,
        Err(why) => {
            let why = why.in_lang(lang);
            return vec![match lang {
                Lang::En => format!("{there} beside {here}: not measured: {why}"),
                Lang::Ja => format!("{there} と {here} の比較: 計測できません: {why}"),
            }];
        }
    };
    let (about, cells) = (about(&other.lab), compared.here.measured);
    let title = match lang {
        Lang::En => format!(
            "{about} beside {here}, one cell at a time: medians of {cells} cells that passed in both"
        ),
        Lang::Ja => {
            format!("{about} と {here} の比較（1 件ずつ実行、両方で合格した {cells} 件の中央値）")
        }
    };
    let heads = [there.as_str(), here, say("difference", "差")];
    type Of = fn(&CellFigures) -> u64;
    let lines: [(&str, Of); 3] = [
        (say("Whole cell", "1 件全体"), |cell| cell.whole),
        (
            say(
                "  handshake and probes on the wan",
                "  WAN 上の折衝と試験通信",
            ),
            |cell| cell.exchange,
        ),
        (
            say("  overhead of the harness", "  ハーネスの所要時間"),
            |cell| cell.overhead,
        ),
    ];
    let row = |label: &str, columns: [&str; 3]| {
        let columns = columns.map(|column| pad(column, COLUMN + 2)).concat();
        pad(label, LABEL) + columns.trim_end()
    };
    let mut rows = vec![title, row("", heads)];
    for (label, of) in lines {
        let Comparison { here, there } = compared;
        let (here, there) = (of(here), of(there));
        let sign = if there < here { "-" } else { "+" };
        let difference = format!("{sign}{}", seconds(there.abs_diff(here)));
        rows.push(row(label, [&seconds(there), &seconds(here), &difference]));
    }
    rows
}

fn about(lab: &LabFigures) -> String {
    format!("{} ({}, {})", lab.backend, lab.kernel, lab.accel)
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
