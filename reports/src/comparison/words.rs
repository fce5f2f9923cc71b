//! What is said of a comparison, in both languages.

use crate::comparison::{Comparison, Finding, Verdict};
use crate::model::Run;
use crate::text::{Lang, Text};

impl Comparison {
    /// `30 of 30 cells agree with …`, and what else there is to tell of the whole.
    pub(crate) fn sentences(&self, run: &Run) -> Vec<Text> {
        let mut sentences = vec![self.agreement()];
        let one_way = self.count(Verdict::AgreesOneWay);
        if one_way > 0 {
            sentences.push(Text::new(
                format!("{one_way} more agree in one direction; the other one was not tried."),
                format!("ほかに {one_way} 件が片方向のみの実施で一致しています。"),
            ));
        }
        let not_run = self.count(Verdict::NotRun);
        if not_run > 0 {
            sentences.push(Text::new(
                format!("Not run: {not_run} of them."),
                format!("うち {not_run} 件は未実施です。"),
            ));
        }
        let strangers = self.strangers(run).join(", ");
        if !strangers.is_empty() {
            sentences.push(Text::new(
                format!("Not named there, and so not compared: {strangers}."),
                format!("記載がないため比較の対象外: {strangers}"),
            ));
        }
        sentences
    }

    fn agreement(&self) -> Text {
        let (agreed, all) = (self.count(Verdict::Agrees), self.verdicts.len());
        let title = &self.expectation.title;
        let (cells, agree) = (
            if all == 1 { "cell" } else { "cells" },
            if agreed == 1 { "agrees" } else { "agree" },
        );
        Text::new(
            format!("{agreed} of {all} {cells} {agree} with {}.", title.en),
            format!(
                "{}と比較し、{all} 件中 {agreed} 件が一致しました。",
                title.ja
            ),
        )
    }

    /// Title, publisher and day of the source.
    pub(crate) fn source(&self) -> Text {
        let source = &self.expectation.source;
        let date = source.date;
        Text::new(
            format!("{}, {}, {date}", source.publisher.en, source.title.en),
            format!("{}「{}」{date}", source.publisher.ja, source.title.ja),
        )
    }
}

impl Finding<'_> {
    /// `Vendor B – Vendor A, Pre-shared key: expected ○, got ×`
    pub(crate) fn sentence(&self) -> Text {
        let outcome = self.cell.outcome.outcome();
        let expected = |lang| outcome.symbol().in_lang(lang);
        let got = |lang| {
            let first = self.tried.first().map(|cell| cell.outcome.symbol());
            first.map_or("", |symbol| symbol.in_lang(lang))
        };
        let (en, ja) = match self.verdict {
            Verdict::DirectionsDiffer => (
                "but the two directions differ".to_owned(),
                "方向により結果が異なります".to_owned(),
            ),
            Verdict::Error => (
                "but the lab failed".to_owned(),
                "試験環境の障害のため比較できません".to_owned(),
            ),
            Verdict::Differs | Verdict::Agrees | Verdict::AgreesOneWay | Verdict::NotRun => (
                format!("got {}", got(Lang::En)),
                format!("結果 {}", got(Lang::Ja)),
            ),
        };
        let Self {
            row, column, case, ..
        } = self;
        Text::new(
            format!(
                "{} – {}, {}: expected {}, {en}",
                row.en,
                column.en,
                case.en,
                expected(Lang::En)
            ),
            format!(
                "{} – {}、{}: 想定 {}、{ja}",
                row.ja,
                column.ja,
                case.ja,
                expected(Lang::Ja)
            ),
        )
    }
}
