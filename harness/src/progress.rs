//! Shows on standard error what the engine tells. On a terminal a bar that moves, elsewhere lines.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reports::escape;
use reports::event::Event;
use reports::model::Cell;
use reports::text::{Lang, Text};

use crate::engine::Listener;

/// A listener that shows progress.
pub(crate) fn listener(lang: Lang) -> Listener {
    let progress = Mutex::new(Progress::new(lang));
    Arc::new(move |event| {
        progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .hear(event)
    })
}

struct Progress {
    lang: Lang,
    bar: ProgressBar,
    on_terminal: bool,
    preparing: Vec<Text>,
    running: BTreeSet<String>,
    total: usize,
    done: usize,
    begun: Instant,
}

impl Progress {
    fn new(lang: Lang) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if on_terminal {
            bar.enable_steady_tick(Duration::from_millis(200));
            bar.set_style(style("{spinner} {wide_msg}"));
        }
        Self {
            lang,
            bar,
            on_terminal,
            preparing: Vec::new(),
            running: BTreeSet::new(),
            total: 0,
            done: 0,
            begun: Instant::now(),
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::PreparationStarted { what } => {
                self.preparing.push(what);
                self.show_preparation();
            }
            Event::PreparationFinished { what, millis } => {
                self.preparing.retain(|other| *other != what);
                let seconds = seconds(millis);
                self.line(&format!("{} {seconds}", what.in_lang(self.lang)));
                self.show_preparation();
            }
            Event::LabReady {
                lab,
                cells,
                parallel,
            } => {
                // One listener may hear several runs.
                (self.total, self.done) = (cells, 0);
                self.begun = Instant::now();
                let reason = escape::visible(lab.reason.in_lang(self.lang), 300);
                let about = format!("{} {} {}", lab.backend, lab.kernel, lab.accel);
                self.line(&match self.lang {
                    Lang::En => {
                        format!("lab: {about} ({reason}); {cells} cells, {parallel} at once")
                    }
                    Lang::Ja => {
                        format!("試験環境: {about}（{reason}）、{cells} 件、同時 {parallel} 件")
                    }
                });
                if self.on_terminal {
                    self.bar.set_length(cells as u64);
                    self.bar.set_style(style("{bar:20} {pos}/{len} {wide_msg}"));
                }
            }
            Event::CellStarted { id } => {
                self.running.insert(id);
                self.show_running();
            }
            Event::CellRetried { id, reason } => {
                let reason = escape::visible(reason.in_lang(self.lang), 300);
                self.line(&match self.lang {
                    Lang::En => format!("{id} is run again: {reason}"),
                    Lang::Ja => format!("{id} を再実行します: {reason}"),
                });
            }
            Event::TryFinished {
                id,
                number,
                tries,
                outcome,
            } => {
                let symbol = outcome.symbol().in_lang(self.lang);
                self.line(&format!("{id} {number}/{tries} {symbol}"));
            }
            Event::Asked { what } => self.line(what.in_lang(self.lang)),
            Event::CellFinished { cell } => self.finished(&cell),
            Event::RunFinished { .. } => self.bar.finish_and_clear(),
        }
    }

    fn finished(&mut self, cell: &Cell) {
        if !self.running.remove(&cell.id) {
            return;
        }
        self.done += 1;
        let millis = cell.stages.iter().map(|stage| stage.millis).sum();
        let symbol = cell.outcome.symbol().in_lang(self.lang);
        let code = cell.cause.as_ref().map_or("", |cause| cause.code.as_str());
        let (done, total) = (self.done, self.total);
        if self.on_terminal {
            self.bar.set_position(done as u64);
        }
        self.line(&format!(
            "[{done}/{total}] {symbol} {} {} {code}",
            cell.id,
            seconds(millis)
        ));
        self.show_running();
    }

    fn show_preparation(&self) {
        let what: Vec<_> = self
            .preparing
            .iter()
            .map(|what| what.in_lang(self.lang))
            .collect();
        self.bar.set_message(what.join(" · "));
    }

    fn show_running(&self) {
        let running: Vec<_> = self.running.iter().map(String::as_str).collect();
        let left = self
            .time_left()
            .map_or_else(String::new, |left| match self.lang {
                Lang::En => format!("about {left} s left · "),
                Lang::Ja => format!("残り約 {left} 秒 · "),
            });
        self.bar
            .set_message(format!("{left}{}", running.join(" · ")));
    }

    /// Seconds, going by the cells so far.
    fn time_left(&self) -> Option<u64> {
        let done = u32::try_from(self.done).ok().filter(|done| *done > 0)?;
        let left = u32::try_from(self.total - self.done).ok()?;
        Some((self.begun.elapsed() / done * left).as_secs())
    }

    #[expect(clippy::print_stderr, reason = "showing progress is what this is for")]
    fn line(&self, text: &str) {
        if self.on_terminal {
            self.bar.println(text.trim_end());
        } else {
            eprintln!("{}", text.trim_end());
        }
    }
}

fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants; a broken one shows the default bar.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
