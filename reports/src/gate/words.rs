//! What is said of a gate, in both languages.

use crate::diff::Ending;
use crate::gate::{Finding, Gate, Problem, WasUnstable};
use crate::text::{Lang, Text, Words};
use crate::words::cells;

const fn words(en: &'static str, ja: &'static str) -> Words {
    Words { en, ja }
}

pub(super) const TITLE: Words = words("Gate", "合否ゲート");
pub(super) const FAULTS: Words = words(
    "The lab failed, so that nothing can be said of these cells",
    "試験環境の障害により判定できない試験",
);
pub(super) const KNOWN: Words = words("Known failures", "既知の不合格");
pub(super) const PERHAPS_MENDED: Words = words(
    "Known to be unstable, and passed in too few tries to call them mended",
    "既知の不安定（今回は合格、解消と判断するには試行回数が不足）",
);
pub(super) const WAS_UNSTABLE: Words = words(
    "Unstable in the baseline, and passed in too few tries to call them mended: try them again with \
     --repeat",
    "基準の実行では不安定（今回は合格、解消と判断するには試行回数が不足。--repeat を付けて再実行してください）",
);
pub(super) const STILL_FAILING: Words = words("Failing as in the baseline", "基準の実行でも不合格");
pub(super) const INPUTS: Words = words(
    "What went in and differs from the baseline",
    "基準の実行との入力の相違",
);
pub(super) const MORE: Words = words("more", "件は省略");

impl Problem {
    /// What is wrong, as a heading over such findings.
    pub fn title(self) -> Words {
        match self {
            Self::EmptyBaseline => words(
                "The baseline holds no cell, so that nothing could be a step back: take a run that \
                 worked as the baseline",
                "基準の実行に試験が一件もなく、後退を判定できません（正常に完了した実行を基準にしてください）",
            ),
            Self::InterruptedBaseline => words(
                "The baseline was interrupted, and what it lacks may have worked: take a complete run \
                 as the baseline",
                "基準の実行が中断されており、欠けている試験が合格していた可能性があります（完了した実行を\
                 基準にしてください）",
            ),
            Self::Interrupted => words(
                "The run was interrupted: what is missing could be anything",
                "実行が中断されており、欠けている試験の結果は不明",
            ),
            Self::Regression => words(
                "Regressions: passed in the baseline, always or at times",
                "リグレッション（基準の実行では合格または一部合格）",
            ),
            Self::Unstable => words(
                "Unstable, and not known to be",
                "不安定（既知の不合格に記載なし）",
            ),
            Self::NewFailure => words(
                "Fails, and the baseline has no such failure",
                "不合格（基準の実行に該当なし）",
            ),
            Self::Missing => words(
                "In the baseline, and missing now",
                "基準の実行にある試験の欠落",
            ),
            Self::LeftOutUnproven => words(
                "Left out as not affected, and the baseline does not prove that nothing of it changed",
                "影響なしとして省略されたが、入力に変更がないことを基準の実行から確認できず",
            ),
            Self::KnownDiffers => words(
                "A known failure fails in another way, or for another cause",
                "既知の不合格と内容または原因が相違",
            ),
            Self::KnownMended => words(
                "A known failure does not fail any more: remove its entry",
                "既知の不合格が解消（該当する記載を削除してください）",
            ),
            Self::KnownMatchesNothing => words(
                "A known failure names no cell of these runs: correct or remove its entry",
                "既知の不合格に該当する試験なし（記載を修正または削除してください）",
            ),
        }
    }
}

impl WasUnstable {
    /// `auth.psk/a:b (passed 1/1, in the baseline 7/10)`.
    pub(super) fn line(&self, lang: Lang) -> String {
        let Self {
            cell,
            before,
            tries,
        } = self;
        match lang {
            Lang::En => format!("{cell} (passed {tries}/{tries}, in the baseline {before})"),
            Lang::Ja => format!("{cell}（合格 {tries}/{tries}、基準の実行では {before}）"),
        }
    }
}

impl Gate {
    /// That a cell which fails as in the baseline does so for another cause.
    pub(super) fn other_cause(&self, cell: &str, lang: Lang) -> Option<String> {
        let change = self.diff.cells.iter().find(|change| change.id == cell)?;
        let code = |ending: &Option<Ending>| Some(ending.as_ref()?.cause.as_ref()?.code);
        let (old, new) = (code(&change.old)?, code(&change.new)?);
        let (old, new) = (old.as_str(), new.as_str());
        (old != new).then(|| match lang {
            Lang::En => format!("{new}, in the baseline {old}"),
            Lang::Ja => format!("{new}、基準の実行では {old}"),
        })
    }
}

impl Finding {
    /// `○ → ×  auth.psk/a:b (path.no-answer, responder)`; nothing for the run as a whole.
    pub(super) fn line(&self, lang: Lang) -> Option<String> {
        let cell = self.cell.as_ref()?;
        let mark = |ending: &Option<Ending>| {
            let mark = ending.as_ref().map(|ending| ending.mark(lang));
            mark.unwrap_or_else(|| crate::words::BLANK.to_owned())
        };
        let mut line = format!("{} → {}  {cell}", mark(&self.old), mark(&self.new));
        let shown = self.new.as_ref().or(self.old.as_ref());
        if let Some(cause) = shown.and_then(|ending| ending.cause.as_ref()) {
            let side = cause.side.name().in_lang(lang);
            line.push_str(&format!(" ({}, {side})", cause.code.as_str()));
        }
        Some(line)
    }

    pub(super) fn sentence(&self) -> Option<&Text> {
        let cause = self.new.as_ref()?.cause.as_ref()?;
        Some(&cause.sentence)
    }
}

impl Gate {
    /// The verdict in one line.
    pub(super) fn verdict(&self, lang: Lang) -> String {
        let (findings, faults) = (self.findings.len(), self.faults.len());
        match (findings, faults, lang) {
            (0, 0, Lang::En) => "The gate is open: the run may follow its baseline.".to_owned(),
            (0, 0, Lang::Ja) => "合格: 基準の実行に対する後退はありません。".to_owned(),
            (0, _, Lang::En) => format!(
                "The gate is undecided: the lab failed in {faults} {}.",
                cells(faults).en
            ),
            (0, _, Lang::Ja) => {
                format!("判定不能: 試験環境の障害が {faults} 件あります。")
            }
            (_, _, Lang::En) => {
                let noun = if findings == 1 { "finding" } else { "findings" };
                format!("The gate is closed: {findings} {noun}.")
            }
            (_, _, Lang::Ja) => format!("不合格: {findings} 件の問題があります。"),
        }
    }
}
