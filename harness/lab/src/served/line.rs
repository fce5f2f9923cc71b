//! The program's end of the line to the agent: many operations at once over one socket.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::oneshot;

use super::frames::{Decoder, Reply, Request, build, encode, fresh_nonce};
use crate::error::LabError;
use crate::operation::{Answer, Operation};
use crate::testbed::LabFacts;

type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Result<Answer, LabError>>>>>>;

pub(crate) struct Line {
    output: tokio::sync::Mutex<OwnedWriteHalf>,
    /// Who waits for which answer; nothing once the line is cut.
    waiting: Waiting,
    next: AtomicU64,
}

/// Why a line could not be opened.
pub(crate) enum Broken {
    /// The agent answered that it cannot serve.
    Refused(LabError),
    /// There was no answer.
    Cut(String),
}

impl Line {
    /// Greets the agent and waits for its answer.
    pub(crate) async fn open(
        stream: UnixStream,
        disks: Vec<(String, String)>,
    ) -> Result<(Self, LabFacts), Broken> {
        let cut = |error: String| Broken::Cut(format!("the agent did not answer: {error}"));
        let nonce = fresh_nonce().map_err(cut)?;
        let (mut input, mut output) = stream.into_split();
        let hello = encode(&Request::Hello {
            nonce,
            build: build(),
            disks,
        });
        let hello = hello.map_err(|error| cut(error.to_string()))?;
        output
            .write_all(&hello)
            .await
            .map_err(|error| cut(error.to_string()))?;

        let mut decoder = Decoder::default();
        let mut greeted = false;
        let facts = loop {
            read_some(&mut input, &mut decoder).await.map_err(cut)?;
            greeted = greeted || decoder.skip_past(&nonce);
            if !greeted {
                continue;
            }
            match decoder.next().map_err(cut)? {
                Some(Reply::Hello(facts)) => break facts.map_err(Broken::Refused)?,
                Some(Reply::Performed { .. }) | None => {}
            }
        };
        let waiting = Waiting::new(Mutex::new(Some(HashMap::new())));
        tokio::spawn(deliver(input, decoder, waiting.clone()));
        let line = Self {
            output: output.into(),
            waiting,
            next: AtomicU64::new(1),
        };
        Ok((line, facts))
    }

    /// Has one operation performed. The outer error says why the line is cut.
    pub(crate) async fn perform(
        &self,
        testbed: &str,
        operation: Operation,
    ) -> Result<Result<Answer, LabError>, String> {
        const CUT: &str = "the agent has ended";
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let request = Request::Perform {
            id,
            testbed: testbed.to_owned(),
            operation,
        };
        let bytes = encode(&request).map_err(|error| error.to_string())?;
        let (sender, answer) = oneshot::channel();
        match &mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(waiting) => waiting.insert(id, sender),
            None => return Err(CUT.into()),
        };
        let sent = self.output.lock().await.write_all(&bytes).await;
        sent.map_err(|error| format!("{CUT}: {error}"))?;
        answer.await.map_err(|_| CUT.into())
    }
}

/// Hands every answer to whoever waits for it, until the line is cut.
async fn deliver(mut input: OwnedReadHalf, mut decoder: Decoder, waiting: Waiting) {
    let why = loop {
        match decoder.next::<Reply>() {
            Ok(Some(Reply::Performed { id, result })) => {
                let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(sender) = waiting.as_mut().and_then(|waiting| waiting.remove(&id)) {
                    // The one who asked may have given up.
                    let _ = sender.send(result);
                }
            }
            Ok(Some(Reply::Hello(_))) => {}
            Ok(None) => {
                if let Err(why) = read_some(&mut input, &mut decoder).await {
                    break why;
                }
            }
            Err(why) => break why,
        }
    };
    tracing::debug!(why, "the line to the agent is cut");
    waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
}

async fn read_some(input: &mut OwnedReadHalf, decoder: &mut Decoder) -> Result<(), String> {
    let mut buffer = vec![0; 1 << 16];
    match input.read(&mut buffer).await {
        Ok(0) => Err("the line was closed".into()),
        Ok(length) => {
            decoder.push(&buffer[..length]);
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}
