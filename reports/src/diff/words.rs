//! What is said of a diff, in both languages.

use crate::cause::Side;
use crate::diff::{Change, Diff, Ending, Fate, Kind, RunFacts, VendorChange, Versions};
use crate::escape::visible;
use crate::text::{Lang, Text, Words};
use crate::words::cells;

/// Longest name or version that is shown, in characters.
const LONGEST: usize = 80;

const fn words(en: &'static str, ja: &'static str) -> Words {
    Words { en, ja }
}

pub(super) const TITLE: Words = words("What changed between two runs", "実行結果の差分");
pub(super) const OLD: Words = words("Before", "変更前");
pub(super) const NEW: Words = words("After", "変更後");
pub(super) const INTERRUPTED: Words = words("interrupted", "中断");
pub(super) const NOTHING: Words = words(
    "Every cell ended as before.",
    "すべての試験が以前と同じ結果です。",
);
pub(super) const UNCHANGED: Words = words("as before", "変化なし");
pub(super) const LEFT_OUT: Words = words(
    "not run, because nothing that decides them changed",
    "影響を受けないため未実施",
);
pub(super) const INPUTS: Words = words("What went in", "入力の変更");
pub(super) const SAME_INPUTS: Words = words(
    "Profiles, case and certificates are the same: try it with --repeat",
    "プロファイル・試験項目・証明書に変更なし（--repeat による再確認を推奨）",
);
pub(super) const MORE: Words = words(
    "more; --json has them all",
    "件は省略（--json で全件を出力）",
);
pub(super) const NONE: Words = words("none", "なし");
pub(super) const COUNT: Words = words("Cells", "件数");
pub(super) const CHANGE: Words = words("Change", "変化");
const VENDOR: Words = words("vendor", "ベンダー");
const CASE: Words = words("case", "試験項目");
const PROFILE: Words = words("profile changed", "プロファイル変更");
const PROGRAM: Words = words("program", "プログラム");
const LAB: Words = words("lab", "試験環境");

impl Kind {
    /// The heading over cells of this kind.
    pub fn title(self) -> Words {
        match self {
            Self::Regression => words("Regressions", "リグレッション"),
            Self::NewFailure => words("New failures", "新たな不合格"),
            Self::FailsDifferently => words("Failing in another way", "不合格の内容が変化"),
            Self::NewlyUnsupported => words("Newly unsupported", "新たに機能なし"),
            Self::NoLongerTried => words("No longer tried", "未実施に変化"),
            Self::Removed => words("Missing now", "結果なし"),
            Self::LabFault => words("Lab faults", "試験環境の障害"),
            Self::Fixed => words("Fixed", "解消"),
            Self::NewPass => words("Newly passing", "新たに合格"),
            Self::Added => words("Added", "追加"),
        }
    }

    /// What the kind means, in a few words.
    pub fn meaning(self) -> Words {
        match self {
            Self::Regression => words("passed before", "以前は合格"),
            Self::NewFailure => words("had no outcome before", "以前の判定なし"),
            Self::FailsDifferently => words("another cause than before", "以前と異なる原因"),
            Self::NewlyUnsupported => words(
                "now declared as a function that the vendor lacks",
                "ベンダーの申告が変化",
            ),
            Self::NoLongerTried => words("skipped now", "今回は実施せず"),
            Self::Removed => words("not in the new run", "新しい実行に含まれず"),
            Self::LabFault => words("nothing can be said of them", "判定不能"),
            Self::Fixed => words("failed or unstable before", "以前は不合格または不安定"),
            Self::NewPass => words("had no outcome before", "以前の判定なし"),
            Self::Added => words("not in the old run", "以前の実行に含まれず"),
        }
    }
}

impl Kind {
    /// `Regressions (passed before): 3`
    pub(super) fn heading(self, count: usize, lang: Lang) -> String {
        let (title, meaning) = (self.title().in_lang(lang), self.meaning().in_lang(lang));
        match lang {
            Lang::En => format!("{title} ({meaning}): {count}"),
            Lang::Ja => format!("{title}（{meaning}）: {count} 件"),
        }
    }

    /// Whether the same profiles and case were expected to end as before.
    pub(super) fn is_for_repeats(self) -> bool {
        matches!(
            self,
            Self::Regression | Self::NewFailure | Self::FailsDifferently
        )
    }
}

impl Fate {
    fn name(self) -> Words {
        match self {
            Self::Added => words("added", "追加"),
            Self::Removed => words("removed", "削除"),
            Self::Changed => words("changed", "変更"),
        }
    }
}

impl Ending {
    /// `○`, or `△9/10`.
    pub(crate) fn mark(&self, lang: Lang) -> String {
        let symbol = self.outcome.symbol().in_lang(lang);
        match self.tally {
            Some(tally) => format!("{symbol}{tally}"),
            None => symbol.to_owned(),
        }
    }
}

impl Change {
    /// `○ → ×`; one mark where there is only one ending.
    pub(super) fn marks(&self, lang: Lang) -> String {
        let mark = |ending: &Option<Ending>| {
            let mark = ending.as_ref().map(|ending| ending.mark(lang));
            mark.unwrap_or_else(|| crate::words::BLANK.to_owned())
        };
        format!("{} → {}", mark(&self.old), mark(&self.new))
    }

    /// The codes of the causes, and the side that the newer one speaks of: `a → b, responder`.
    pub(super) fn causes(&self, lang: Lang) -> Option<String> {
        let cause = |ending: &Option<Ending>| {
            let cause = ending.as_ref()?.cause.as_ref()?;
            Some((cause.code.as_str(), cause.side))
        };
        let with_side = |side: Side| side.name().in_lang(lang);
        match (cause(&self.old), cause(&self.new)) {
            (None, None) => None,
            (Some((code, side)), None) | (None, Some((code, side))) => {
                Some(format!("{code}, {}", with_side(side)))
            }
            (Some((old, _)), Some((new, side))) if old == new => {
                Some(format!("{new}, {}", with_side(side)))
            }
            (Some((old, _)), Some((new, side))) => {
                Some(format!("{old} → {new}, {}", with_side(side)))
            }
        }
    }

    /// The sentence of the newer cause.
    pub(super) fn sentence(&self) -> Option<&Text> {
        let ending = self.new.as_ref().or(self.old.as_ref())?;
        ending.cause.as_ref().map(|cause| &cause.sentence)
    }
}

impl RunFacts {
    /// When, by what, where, and how many cells of each outcome.
    pub(super) fn line(&self, lang: Lang) -> String {
        let totals = self.totals.iter().filter(|total| total.cells > 0);
        let totals: Vec<String> = totals
            .map(|total| format!("{} {}", total.outcome.name().in_lang(lang), total.cells))
            .collect();
        let count = self.cells();
        let mut line = format!(
            "{} · ikematrix {} · {} {} · {count} {}",
            self.started.strftime("%Y-%m-%d %H:%M UTC"),
            visible(&self.tool, LONGEST),
            visible(&self.backend, LONGEST),
            visible(&self.kernel, LONGEST),
            cells(count).in_lang(lang),
        );
        if !totals.is_empty() {
            line.push_str(": ");
            line.push_str(&totals.join(", "));
        }
        if !self.complete {
            line.push_str(" · ");
            line.push_str(INTERRUPTED.in_lang(lang));
        }
        line
    }
}

impl Diff {
    /// The diff in one line: each kind with its count, or that nothing changed.
    pub(super) fn headline(&self, lang: Lang) -> String {
        let kinds = self.kinds();
        if kinds.is_empty() {
            return NOTHING.in_lang(lang).to_owned();
        }
        let said: Vec<String> = kinds
            .iter()
            .map(|(kind, count)| format!("{} {count}", kind.title().in_lang(lang)))
            .collect();
        said.join(", ")
    }

    /// What went into the runs and differs: a label, and what there is to tell. The second part may
    /// hold whatever a record holds.
    pub(crate) fn changed_inputs(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        let (old, new) = (&self.old, &self.new);
        if old.tool != new.tool {
            let versions = arrow(Some(&old.tool), Some(&new.tool), lang);
            lines.push((PROGRAM.in_lang(lang), format!("ikematrix {versions}")));
        }
        let lab = |facts: &RunFacts| format!("{} {}", facts.backend, facts.kernel);
        if lab(old) != lab(new) {
            let labs = arrow(Some(&lab(old)), Some(&lab(new)), lang);
            lines.push((LAB.in_lang(lang), labs));
        }
        for vendor in &self.vendors {
            lines.push((VENDOR.in_lang(lang), vendor.line(lang)));
        }
        for case in &self.cases {
            let fate = case.fate.name().in_lang(lang);
            let title = visible(case.title.in_lang(lang), LONGEST);
            lines.push((CASE.in_lang(lang), format!("{} ({title}): {fate}", case.id)));
        }
        lines
    }
}

impl VendorChange {
    fn line(&self, lang: Lang) -> String {
        /// Packages that are named; the rest is counted.
        const PACKAGES: usize = 8;
        let mut said = Vec::new();
        let Versions { old, new } = &self.daemon;
        if self.fate != Fate::Changed {
            said.push(self.fate.name().in_lang(lang).to_owned());
        } else if old != new {
            said.push(arrow(old.as_deref(), new.as_deref(), lang));
        }
        if self.profile {
            said.push(PROFILE.in_lang(lang).to_owned());
        }
        for package in self.packages.iter().take(PACKAGES) {
            let Versions { old, new } = &package.version;
            let versions = arrow(old.as_deref(), new.as_deref(), lang);
            said.push(format!("{} {versions}", visible(&package.name, LONGEST)));
        }
        if self.packages.len() > PACKAGES {
            said.push(format!("… +{}", self.packages.len() - PACKAGES));
        }
        let name = visible(self.name.in_lang(lang), LONGEST);
        format!("{} ({name}): {}", self.id, said.join(", "))
    }
}

fn arrow(old: Option<&str>, new: Option<&str>, lang: Lang) -> String {
    let shown = |version: Option<&str>| match version {
        Some(version) => visible(version, LONGEST),
        None => NONE.in_lang(lang).to_owned(),
    };
    format!("{} → {}", shown(old), shown(new))
}
