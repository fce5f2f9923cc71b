//! The person at a router: reads on standard error what is to be done, and answers on standard input.

use std::io::{BufRead, Read};

use lab::{Fault, LabError};
use reports::event::Event;
use reports::text::{Lang, Text};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::engine::Listener;
use crate::words;

/// Octets of an answer.
const LINE: u64 = 1024;

/// Whoever sits before the terminal, or writes into the pipe.
pub(crate) struct Operator {
    listener: Listener,
    lang: Lang,
    /// Made when the first question is asked: nobody else's standard input is read.
    lines: Mutex<Option<UnboundedReceiver<String>>>,
}

impl Operator {
    pub(crate) fn new(listener: Listener, lang: Lang) -> Self {
        Self {
            listener,
            lang,
            lines: Mutex::default(),
        }
    }
}

/// The lines that are typed. They are read by a thread that nobody waits for: a read of a terminal
/// does not end by itself.
fn typed() -> UnboundedReceiver<String> {
    let (typed, lines) = unbounded_channel();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match input.by_ref().take(LINE).read_until(b'\n', &mut line) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if typed.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Operator {
    /// Shows what is to be done and waits for an answer. False when the person cannot do it.
    ///
    /// # Errors
    /// When nobody is there to answer.
    pub(crate) async fn ask(&self, task: &str) -> Result<bool, LabError> {
        let text = format!("{task}\n{}", words::external::question().in_lang(self.lang));
        (self.listener)(Event::Asked {
            what: Text::same(text),
        });
        let mut lines = self.lines.lock().await;
        let typed = lines.get_or_insert_with(typed).recv().await;
        let Some(line) = typed else {
            let what = "nobody answers: standard input is at its end";
            return Err(LabError::new(Fault::Runtime, what)
                .remedy("run it on a terminal, or control the router by commands"));
        };
        Ok(!matches!(
            line.to_lowercase().as_str(),
            "n" | "no" | "いいえ"
        ))
    }
}
