//! Every fixed word of the reports, in both languages, in one place. Titles and remedies of causes
//! stand in `cause_words`.

use serde::Serialize;

use crate::cause::Side;
use crate::model::{Observer, Outcome, Place, Sight};
use crate::text::Words;

/// Declares a table once: as a struct, so that a missing word does not compile, and as its only
/// value. Templates see it under the same names.
macro_rules! vocabulary {
    ($type:ident, $table:ident; $($name:ident: $en:literal, $ja:literal;)*) => {
        #[derive(Debug, Serialize)]
        pub(crate) struct $type {
            $(pub(crate) $name: $crate::text::Words,)*
        }

        pub(crate) static $table: $type = $type {
            $($name: $crate::text::Words { en: $en, ja: $ja },)*
        };
    };
}
pub(crate) use vocabulary;

vocabulary! {
    Vocabulary, WORDS;

    title: "IKEv2 connectivity matrix", "IKEv2 接続性マトリクス";
    interrupted: "Interrupted: cells that did not finish are missing.",
        "中断: 完了しなかった試験は含まれません。";
    yes: "yes", "はい";
    no: "no, interrupted", "いいえ（中断）";

    about: "About this run", "試験の概要";
    started: "Started", "開始";
    finished: "Finished", "終了";
    complete: "Complete", "全試験完了";
    program: "Program", "プログラム";
    lab: "Lab", "試験環境";
    kernel: "kernel", "カーネル";
    acceleration: "acceleration", "仮想化支援";
    chosen_because: "Why this lab", "選択理由";

    matrix: "Matrix", "マトリクス";
    matrix_caption: "Outcome of each case between the vendor of the row and the vendor of the column",
        "行のベンダーと列のベンダーの間における各試験項目の結果";
    legend: "Legend", "凡例";
    forth: "the vendor of the row initiates", "行のベンダーが開始側";
    back: "the vendor of the column initiates", "列のベンダーが開始側";
    no_arrow: "One symbol without an arrow: the same outcome in both directions",
        "矢印のない記号: 両方向とも同じ結果";
    mirror: "the same pair stands in the lower left", "左下に同じ組合せを記載";
    blank: "not part of this run", "対象外";
    blank_interrupted: "not part of this run, or not finished", "対象外または未完了";
    total: "Total", "合計";
    cell: "cell", "件";
    cells: "cells", "件";

    vendors: "Vendors", "ベンダー";
    vendor: "Vendor", "ベンダー";
    basis: "Implements", "RFC実装";
    packages: "Packages", "パッケージ";
    image: "Image", "イメージ";
    profile_digest: "Profile (SHA-256)", "プロファイル（SHA-256）";

    cases: "Cases", "試験項目";
    case: "Case", "試験項目";
    method: "Authentication", "認証方式";
    requirement: "Requirement", "要件";
    case_digest: "File (SHA-256)", "ファイル（SHA-256）";

    not_passed: "What did not pass", "合格以外の結果";
    more_in_record: "more: see run.json", "件を省略（run.json を参照）";
    all_passed: "Every cell passed.", "すべて合格しました。";
    no_cells: "No cell finished.", "完了した試験はありません。";
    no_cause: "No cause was recorded", "原因の記録なし";
    remedy: "What to change", "対処";
    rule: "Rule", "規則";
    contradiction: "Contradiction", "矛盾";
    proof: "Proof", "根拠";
    example: "Example", "例";
    evidence: "Evidence", "証跡";
    reproduce: "Run again", "再実行";
    attempts: "Attempts", "試行回数";
    changed_files: "Only what these files can affect", "次の変更の影響を受ける試験のみ";
    left_out: "Left out as not affected", "影響がないため省略";
    tries: "Tries", "繰返し試験";
    passed: "passed", "合格";
    comparison: "Comparison with what is expected", "想定結果との比較";
    source: "Source", "出典";
    expectation_digest: "File (SHA-256)", "ファイル（SHA-256）";
    observations: "What the observers saw", "観測結果";
    observer: "Observer", "観測対象";
    place: "Place", "観測地点";
    sight: "Verdict", "判定";
    detail: "What was seen", "観測内容";
    stages: "Stage times", "段階別の所要時間";
    stage: "Stage", "段階";
    time: "Time", "所要時間";
}

/// The noun for this many cells.
pub(crate) fn cells(count: usize) -> Words {
    if count == 1 { WORDS.cell } else { WORDS.cells }
}

/// Marks that are the same in both languages.
pub(crate) const FORTH: &str = "→";
pub(crate) const BACK: &str = "←";
pub(crate) const MIRROR: &str = "-";
pub(crate) const BLANK: &str = "·";

impl Outcome {
    /// The mark in a matrix.
    pub fn symbol(self) -> Words {
        match self {
            Self::Pass => words("○", "○"),
            Self::Fail => words("×", "×"),
            Self::Unstable => words("△", "△"),
            Self::Unsupported => words("n/s", "機能なし"),
            Self::Skipped => words("－", "－"),
            Self::Error => words("error", "エラー"),
        }
    }

    /// The word in a count.
    pub fn name(self) -> Words {
        match self {
            Self::Pass => words("pass", "合格"),
            Self::Fail => words("fail", "不合格"),
            Self::Unstable => words("unstable", "不安定"),
            Self::Unsupported => words("unsupported", "機能なし"),
            Self::Skipped => words("skipped", "未実施"),
            Self::Error => words("error", "エラー"),
        }
    }

    /// What the mark says, for a legend.
    pub fn meaning(self) -> Words {
        match self {
            Self::Pass => words(
                "pass: both ends, the traffic and the packets on the wan show a working tunnel",
                "合格: 両端の状態、通信および WAN 上のパケットから、トンネルの正常な動作を確認",
            ),
            Self::Fail => words(
                "fail: the two routers did not bring up a working tunnel",
                "不合格: 両ルーター間で正常に動作するトンネルを確立できず",
            ),
            Self::Unstable => words(
                "unstable: tried several times, and not every try passed; never counts as a pass",
                "不安定: 繰返し試験の一部で不合格（合格とは扱わない）",
            ),
            Self::Unsupported => words(
                "unsupported: the vendor declares that it has no such function",
                "当該機能を備えていないとベンダーが申告",
            ),
            Self::Skipped => words("skipped: not tried", "未実施: 試験を行わず"),
            Self::Error => words(
                "the lab failed; never counted against a vendor",
                "試験環境の障害（ベンダーの評価には含めない）",
            ),
        }
    }
}

impl Side {
    pub fn name(self) -> Words {
        match self {
            Self::Initiator => words("initiator", "開始側"),
            Self::Responder => words("responder", "応答側"),
            Self::Both => words("both routers", "両ルーター"),
            Self::Path => words("path", "経路"),
            Self::Lab => words("lab", "試験環境"),
            Self::Profile => words("vendor profile", "ベンダープロファイル"),
        }
    }
}

impl Observer {
    pub fn name(self) -> Words {
        match self {
            Self::Control => words("IKE daemon's state", "IKE デーモンの状態"),
            Self::KernelSa => words("kernel's SAs", "カーネルの SA"),
            Self::Traffic => words("probe traffic", "試験通信"),
            Self::Wire => words("packets on the wan", "WAN 上のパケット"),
            Self::Tester => words("tester", "試験装置"),
        }
    }
}

impl Place {
    pub fn name(self) -> Words {
        match self {
            Self::Initiator => words("initiator", "開始側"),
            Self::Responder => words("responder", "応答側"),
            Self::Wan => words("wan", "WAN"),
        }
    }
}

impl Sight {
    pub fn name(self) -> Words {
        match self {
            Self::Good => words("as expected", "正常"),
            Self::Bad => words("not as expected", "異常"),
            Self::Silent => words("cannot look there", "観測不可"),
        }
    }
}

/// The name of a stage of a cell; a stage that a later program added keeps the record's own name.
pub fn stage_name(stage: &str) -> Option<Words> {
    Some(match stage {
        "credentials" => words("make keys and certificates", "鍵と証明書の用意"),
        "render" => words("render configuration", "設定の生成"),
        "start" => words("start", "起動"),
        "load" => words("load configuration", "設定の読込み"),
        "steps" => words("steps of the case", "試験手順"),
        "observe" => words("observe", "観測"),
        "judge" => words("judge", "判定"),
        "diagnose" => words("find the cause", "原因の特定"),
        "collect" => words("collect evidence", "証跡の収集"),
        "teardown" => words("tear down", "後片付け"),
        _ => return None,
    })
}

const fn words(en: &'static str, ja: &'static str) -> Words {
    Words { en, ja }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn no_word_of_the_vocabulary_is_empty_in_a_language() {
        let table = serde_json::to_value(&WORDS).unwrap();
        for (name, words) in table.as_object().unwrap() {
            for lang in ["en", "ja"] {
                let word = words[lang].as_str().unwrap();
                assert!(!word.trim().is_empty(), "{name} has no {lang}");
            }
        }
    }

    /// Read by people: the words as they are published, side by side.
    #[test]
    fn words_of_outcomes_sides_observers_and_stages() {
        let mut table = String::new();
        let mut row = |words: Words| {
            assert!(!words.en.is_empty() && !words.ja.is_empty());
            writeln!(table, "{} = {}", words.en, words.ja).unwrap();
        };
        use {Observer as O, Place as P, Side as S, Sight as G};
        for outcome in crate::summary::OUTCOMES {
            row(outcome.symbol());
            row(outcome.name());
            row(outcome.meaning());
        }
        for side in [
            S::Initiator,
            S::Responder,
            S::Both,
            S::Path,
            S::Lab,
            S::Profile,
        ] {
            row(side.name());
        }
        for observer in [O::Control, O::KernelSa, O::Traffic, O::Wire, O::Tester] {
            row(observer.name());
        }
        for place in [P::Initiator, P::Responder, P::Wan] {
            row(place.name());
        }
        for sight in [G::Good, G::Bad] {
            row(sight.name());
        }
        for stage in [
            "credentials",
            "render",
            "start",
            "load",
            "steps",
            "observe",
            "judge",
            "diagnose",
            "collect",
            "teardown",
        ] {
            row(stage_name(stage).unwrap());
        }
        assert_eq!(stage_name("dance"), None);
        insta::assert_snapshot!(table);
    }
}
