//! The words of what contradicts itself in a record.

use super::{Error, Kind, Plenty};
use crate::escape::visible;
use crate::text::{Text, Words};

/// Characters of an id or a path that are shown.
const LONGEST: usize = 200;

const fn words(en: &'static str, ja: &'static str) -> Words {
    Words { en, ja }
}

impl Kind {
    fn name(self) -> Words {
        match self {
            Self::Vendor => words("vendor", "ベンダー"),
            Self::Case => words("case", "試験項目"),
            Self::Cell => words("cell", "試験"),
        }
    }
}

impl Plenty {
    fn name(self) -> Words {
        match self {
            Self::Vendors => words("vendors", "ベンダー"),
            Self::Cases => words("cases", "試験項目"),
            Self::Places => words(
                "places of the matrix (vendors × vendors × cases)",
                "マトリクスの欄（ベンダー × ベンダー × 試験項目）",
            ),
            Self::ChangedFiles => words("changed files", "変更されたファイル"),
            Self::LeftOut => words("cells that were left out", "省略された試験"),
            Self::Packages => words("packages of one vendor", "一ベンダーのパッケージ"),
            Self::Tries => words("tries of one cell", "一試験の繰返し"),
            Self::Observations => words("observations of one cell", "一試験の観測結果"),
            Self::Stages => words("stages of one cell", "一試験の段階"),
            Self::Proofs => words("proofs of one cause", "一つの原因に対する根拠"),
            Self::Contradictions => words("contradictions of one cause", "一つの原因に対する矛盾"),
        }
    }
}

/// In quotes, on one line.
fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(text, LONGEST))
}

impl Error {
    /// What contradicts what, in both languages.
    pub fn told(&self) -> Text {
        match self {
            Self::BadId { kind, id } => {
                let (kind, id) = (kind.name(), quoted(id));
                Text::new(
                    format!(
                        "{} id {id} has characters other than ASCII letters, digits, '.', '_' and '-', \
                         or is '.' or '..'",
                        kind.en
                    ),
                    format!(
                        "{}の ID {id} に ASCII の英数字・'.'・'_'・'-' 以外の文字が含まれるか、ID が '.' \
                         または '..' です",
                        kind.ja
                    ),
                )
            }
            Self::Twice { kind, id } => {
                let (kind, id) = (kind.name(), quoted(id));
                Text::new(
                    format!("{} {id} is listed twice", kind.en),
                    format!("{} {id} が二度記載されています", kind.ja),
                )
            }
            Self::Unlisted { cell, kind, id } => {
                let (cell, kind, id) = (quoted(cell), kind.name(), quoted(id));
                Text::new(
                    format!(
                        "cell {cell} names the {} {id}, which the record does not list",
                        kind.en
                    ),
                    format!("試験 {cell} の{} {id} が記録の一覧にありません", kind.ja),
                )
            }
            Self::WrongCellId { cell, expected } => {
                let (cell, expected) = (quoted(cell), quoted(expected));
                Text::new(
                    format!("cell {cell} should have the id {expected}, by its case and routers"),
                    format!(
                        "試験 {cell} の ID は、試験項目とルーターから {expected} となるはずです"
                    ),
                )
            }
            Self::EvidenceOutside { cell, evidence } => {
                let (cell, evidence) = (quoted(cell), quoted(evidence));
                Text::new(
                    format!(
                        "cell {cell} has its evidence in {evidence}, outside the folder of the run"
                    ),
                    format!("試験 {cell} の証跡 {evidence} が実行結果のフォルダー外にあります"),
                )
            }
            Self::WrongTries { cell, outcome } => {
                let (cell, name) = (quoted(cell), outcome.name());
                Text::new(
                    format!(
                        "cell {cell} says that it ended in {:?}, which its tries do not come to",
                        name.en
                    ),
                    format!(
                        "試験 {cell} の結果「{}」が各回の結果と一致しません",
                        name.ja
                    ),
                )
            }
            Self::BadDigest { cell, digest } => {
                let (cell, digest) = (quoted(cell), quoted(digest));
                Text::new(
                    format!("cell {cell} has {digest} as the SHA-256 of its inputs"),
                    format!("試験 {cell} の入力の SHA-256 が {digest} となっています"),
                )
            }
            Self::NotLeftOut { cell } => {
                let cell = quoted(cell);
                Text::new(
                    format!("cell {cell} is said to be left out, and is there or is named twice"),
                    format!("省略したとされる試験 {cell} の結果があるか、二度記載されています"),
                )
            }
            Self::BadCellId { cell } => {
                let cell = quoted(cell);
                Text::new(
                    format!(
                        "{cell}, which was left out, is no id of a cell: CASE/INITIATOR:RESPONDER"
                    ),
                    format!(
                        "省略された {cell} は試験の ID（CASE/INITIATOR:RESPONDER）ではありません"
                    ),
                )
            }
            Self::InputsOutside { folder } => {
                let folder = quoted(folder);
                Text::new(
                    format!("the inputs are in {folder}, outside the folder of the run"),
                    format!("入力の写し {folder} が実行結果のフォルダー外にあります"),
                )
            }
            Self::BadTime { started } => Text::new(
                format!("the run is said to have begun at {started}, before 1970"),
                format!("開始日時 {started} が 1970 年より前です"),
            ),
            Self::BadSeed => Text::new(
                "the seed of the certificates is not 64 hexadecimal digits",
                "証明書の種が 64 桁の十六進数ではありません",
            ),
            Self::WrongComparison => Text::new(
                "the comparison does not fit the expectation and the cells of the record",
                "比較結果が、想定結果および記録された試験と一致しません",
            ),
            Self::TooMany { what, count, most } => {
                let name = what.name();
                Text::new(
                    format!(
                        "{count} {} are more than a report can show: at most {most}",
                        name.en
                    ),
                    format!(
                        "{}の数 {count} が、報告できる上限 {most} を超えています",
                        name.ja
                    ),
                )
            }
        }
    }
}
