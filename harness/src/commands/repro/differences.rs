//! What is not as it was when a recorded cell ran.

use std::collections::BTreeMap;

use jiff::Timestamp;
use reports::escape::visible;
use reports::model::{Cell, Run, Vendor};
use reports::text::{Lang, Text};

use super::recorded::Recorded;
use crate::project::Project;

#[cfg(test)]
mod tests;

/// Names and versions are shorter than this.
const LONGEST: usize = 200;

/// One thing that was one way then and is another now.
struct Row {
    what: Text,
    then: Text,
    now: Text,
}

/// Compares a cell that was run again with the record of its run.
pub(super) struct Comparison<'a> {
    pub(super) then: &'a Run,
    pub(super) now: &'a Run,
    pub(super) cell: &'a str,
    /// The project of now, where there is one.
    pub(super) project: Option<&'a Project>,
    /// From when the certificates of then were reckoned.
    pub(super) certificate_time: Timestamp,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        recorded: &'a Recorded,
        now: &'a Run,
        cell: &'a str,
        project: Option<&'a Project>,
    ) -> Self {
        Self {
            then: &recorded.run,
            now,
            cell,
            project,
            certificate_time: recorded.certificate_time(),
        }
    }

    /// As a person reads it: first what came out, then what else is not as it was.
    pub(super) fn tell(&self, lang: Lang) -> String {
        let mut text = String::new();
        let mut line = |words: &Text| {
            text.push_str(words.in_lang(lang));
            text.push('\n');
        };
        let started = self.then.started.strftime("%Y-%m-%d %H:%M UTC");
        line(&Text::new(
            format!("\nCompared with the run of {started}"),
            format!("\n{started} の試験との比較"),
        ));
        line(&self.outcome());
        let rows = self.rows();
        for Row { what, then, now } in &rows {
            line(&Text::new(
                format!("  {}: {} then, {} now", what.en, then.en, now.en),
                format!("  {}: 当時 {}、現在 {}", what.ja, then.ja, now.ja),
            ));
        }
        if rows.is_empty() {
            line(&Text::new(
                "  Nothing else differs: program, lab, packages, profiles, case and certificates are \
                 as they were.",
                "  その他の相違なし: プログラム、試験環境、パッケージ、プロファイル、ケース、証明書は\
                 すべて当時と同じです。",
            ));
        }
        if self.project.is_none() {
            line(&Text::new(
                "  There is no project here, so nothing says whether profiles and case have changed \
                 since.",
                "  ここにプロジェクトがないため、プロファイルとケースがその後変更されたかは不明です。",
            ));
        }
        text
    }

    fn outcome(&self) -> Text {
        let of = |run: &'a Run| run.cells.iter().find(|cell| cell.id == self.cell);
        let (Some(then), Some(now)) = (of(self.then), of(self.now)) else {
            return Text::new("  The cell did not end.", "  セルは完了しませんでした。");
        };
        let (was, is) = (result(then), result(now));
        if was == is {
            return Text::new(
                format!("  The same result: {}", is.en),
                format!("  同じ結果: {}", is.ja),
            );
        }
        Text::new(
            format!("  Another result: {} then, {} now", was.en, is.en),
            format!("  異なる結果: 当時 {}、現在 {}", was.ja, is.ja),
        )
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut compare = |what: Text, then: &str, now: &str| {
            if then != now {
                let [then, now] = [then, now].map(|text| Text::same(visible(text, LONGEST)));
                rows.push(Row { what, then, now });
            }
        };
        let (then, now) = (self.then, self.now);
        compare(
            Text::new("program", "プログラム"),
            &then.tool.version,
            &now.tool.version,
        );
        let labs = (&then.lab, &now.lab);
        compare(
            Text::new("lab", "試験環境"),
            &labs.0.backend,
            &labs.1.backend,
        );
        compare(
            Text::new("kernel", "カーネル"),
            &labs.0.kernel,
            &labs.1.kernel,
        );
        compare(
            Text::new("acceleration", "仮想化支援"),
            &labs.0.accel,
            &labs.1.accel,
        );
        for vendor in &now.vendors {
            rows.extend(self.vendor(vendor));
        }
        rows.extend(self.case());
        if let Some(inputs) = &now.inputs
            && inputs.certificate_time != self.certificate_time
        {
            rows.push(Row {
                what: Text::new(
                    "certificates (those of then would have begun or ceased to be valid)",
                    "証明書（当時のものは有効期間の状態が変化）",
                ),
                then: Text::same(self.certificate_time.to_string()),
                now: Text::same(inputs.certificate_time.to_string()),
            });
        }
        rows
    }

    /// Packages of the image, and the profile of now.
    fn vendor(&self, now: &Vendor) -> Vec<Row> {
        let mut rows = Vec::new();
        let Some(then) = self.then.vendors.iter().find(|then| then.id == now.id) else {
            return rows;
        };
        // A cell that never ran had no image.
        if !then.packages.is_empty() && !now.packages.is_empty() {
            let (was, is) = (versions(then), versions(now));
            let names = was
                .keys()
                .chain(is.keys().filter(|name| !was.contains_key(*name)));
            for name in names.filter(|name| was.get(*name) != is.get(*name)) {
                let told = |version: Option<&&str>| match version {
                    Some(version) => Text::same(visible(version, LONGEST)),
                    None => Text::new("absent", "なし"),
                };
                let shown = visible(name, LONGEST);
                rows.push(Row {
                    what: Text::new(
                        format!("{}, package {shown}", now.id),
                        format!("{}のパッケージ {shown}", now.id),
                    ),
                    then: told(was.get(name)),
                    now: told(is.get(name)),
                });
            }
        }
        let digest = self
            .project
            .map(|project| project.profile(&now.id).ok().map(|p| p.sha256.clone()));
        rows.extend(changed(
            Text::new(
                format!("profile {} in the project here", now.id),
                format!("現在のプロジェクトのプロファイル {}", now.id),
            ),
            &then.profile_sha256,
            digest,
        ));
        rows
    }

    fn case(&self) -> Option<Row> {
        let case = self.now.cases.first()?;
        let then = self.then.cases.iter().find(|then| then.id == case.id)?;
        let digest = self
            .project
            .map(|project| project.case(&case.id).ok().map(|c| c.sha256.clone()));
        changed(
            Text::new(
                format!("case {} in the project here", case.id),
                format!("現在のプロジェクトのケース {}", case.id),
            ),
            &then.case_sha256,
            digest,
        )
    }
}

/// The version of each package.
fn versions(vendor: &Vendor) -> BTreeMap<&str, &str> {
    let packages = vendor.packages.iter();
    packages
        .map(|package| (package.name.as_str(), package.version.as_str()))
        .collect()
}

/// A file of the project of now that is not the recorded one. The recorded one was used.
fn changed(what: Text, then: &str, now: Option<Option<String>>) -> Option<Row> {
    /// Enough of a digest to see that two differ.
    const SHOWN: usize = 12;
    let short = |digest: &str| Text::same(digest.chars().take(SHOWN).collect::<String>());
    let now = match now? {
        Some(digest) if digest == then => return None,
        Some(digest) => short(&digest),
        None => Text::new("absent", "なし"),
    };
    Some(Row {
        what,
        then: short(then),
        now,
    })
}

fn result(cell: &Cell) -> Text {
    let name = cell.outcome.name();
    match &cell.cause {
        None => Text::new(name.en, name.ja),
        Some(cause) => {
            let code = cause.code.as_str();
            Text::new(
                format!("{} ({code})", name.en),
                format!("{}（{code}）", name.ja),
            )
        }
    }
}
