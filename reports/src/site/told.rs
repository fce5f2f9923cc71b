//! A text in both languages, of which what is the same in both stands there once.

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::side_by_side::changed;

/// A line: in both languages up to what differs, or in one language alone.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Line {
    before: String,
    /// Whether anything differs.
    differs: bool,
    en: String,
    ja: String,
    after: String,
    /// The language of a line that the other one does not have, and its text.
    alone: Option<&'static str>,
    text: String,
}

/// The lines in order.
pub(super) fn merge(en: &[String], ja: &[String]) -> Vec<Line> {
    let mut lines = Vec::with_capacity(en.len().max(ja.len()));
    for op in capture_diff_slices(Algorithm::Myers, en, ja) {
        let (en, ja) = (&en[op.old_range()], &ja[op.new_range()]);
        if matches!(op, DiffOp::Equal { .. }) {
            lines.extend(en.iter().map(|line| Line::same(line)));
            continue;
        }
        let paired = en.len().min(ja.len());
        lines.extend(en.iter().zip(ja).map(|(en, ja)| Line::told(en, ja)));
        lines.extend(en[paired..].iter().map(|line| Line::alone("en", line)));
        lines.extend(ja[paired..].iter().map(|line| Line::alone("ja", line)));
    }
    lines
}

impl Line {
    fn same(line: &str) -> Self {
        Self {
            before: line.to_owned(),
            ..Self::default()
        }
    }

    fn told(en: &str, ja: &str) -> Self {
        let (en, ja) = changed(en, ja);
        Self {
            before: en.before,
            differs: true,
            en: en.differs,
            ja: ja.differs,
            after: en.after,
            ..Self::default()
        }
    }

    fn alone(lang: &'static str, line: &str) -> Self {
        Self {
            alone: Some(lang),
            text: line.to_owned(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_reads_as_it_was_told() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let en = lines("IKE_SA_INIT request 0\n  SPI 1\n  COOKIE\nend\nand more");
        let ja = lines("IKE_SA_INIT 要求 0\n  SPI 1\n終了");
        let merged = merge(&en, &ja);
        assert_eq!(merged[0].before, "IKE_SA_INIT ");
        assert_eq!((&*merged[0].en, &*merged[0].ja), ("request", "要求"));
        assert_eq!(merged[0].after, " 0");
        let read = |lang: &str, pick: fn(&Line) -> &str| -> Vec<String> {
            let of = |line: &&Line| line.alone.is_none_or(|alone| alone == lang);
            let whole =
                |line: &Line| format!("{}{}{}{}", line.before, pick(line), line.after, line.text);
            merged.iter().filter(of).map(whole).collect()
        };
        assert_eq!(read("en", |line| &line.en), en);
        assert_eq!(read("ja", |line| &line.ja), ja);
    }
}
