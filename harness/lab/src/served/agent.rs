//! The agent's side: requests come, operations are performed, answers go back.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use tokio::runtime::Runtime;

use super::SOCKET;
use super::frames::{Decoder, Reply, Request, build, encode};
use super::own::Made;
use crate::error::{Blame, Fault, LabError};
use crate::linux::LinuxLab;
use crate::operation::Answer;
use crate::testbed::Lab;

/// Who asks, as the agent sees it.
pub(crate) struct Caller<'a> {
    pub(crate) runtime: &'a Runtime,
    /// Takes frames that are to be sent back.
    pub(crate) replies: &'a Sender<Vec<u8>>,
}

/// Answers one request. `greeted` gives the lab for the disks of a greeting; `lab` is the one that was
/// greeted before.
pub(crate) fn answer(
    caller: &Caller<'_>,
    request: Request,
    lab: Option<Arc<LinuxLab>>,
    greeted: impl FnOnce(&[(String, String)]) -> Result<Arc<LinuxLab>, LabError>,
) {
    match request {
        Request::Hello {
            nonce,
            build: theirs,
            disks,
        } => {
            let answer = if theirs == build() {
                greeted(&disks).map(|lab| lab.facts().clone())
            } else {
                Err(LabError::new(
                    Fault::Machine,
                    format!("the lab is that of ikematrix {}, not {theirs}", build()),
                ))
            };
            let mut bytes = nonce.to_vec();
            bytes.extend(encode(&Reply::Hello(answer)).unwrap_or_default());
            let _ = caller.replies.send(bytes);
        }
        Request::Perform {
            id,
            testbed,
            operation,
        } => {
            let replies = caller.replies.clone();
            caller.runtime.spawn(async move {
                let result = match lab {
                    Some(lab) => lab.perform(&testbed, operation).await,
                    None => Err(LabError::new(Fault::Harness, "no greeting came first")),
                };
                let _ = replies.send(performed(id, result));
            });
        }
    }
}

fn performed(id: u64, result: Result<Answer, LabError>) -> Vec<u8> {
    encode(&Reply::Performed { id, result }).unwrap_or_else(|error| {
        let fault = LabError::new(Fault::Harness, format!("an answer cannot be sent: {error}"));
        encode(&Reply::Performed {
            id,
            result: Err(fault),
        })
        .unwrap_or_default()
    })
}

/// Makes the lab that standard input tells of in the folder `home`, and serves it to everybody who
/// connects there, until this process is killed. Blocks the calling thread.
///
/// # Errors
/// When nobody could ever connect. A lab that cannot be made is told to whoever does.
pub fn serve(runtime: &Runtime, home: &Path) -> Result<(), LabError> {
    let mut order = Vec::new();
    let doing = || format!("serve a lab in {}", home.display());
    std::io::stdin()
        .read_to_end(&mut order)
        .blame(Fault::Harness, doing)?;
    let made: Made = serde_json::from_slice(&order).blame(Fault::Harness, doing)?;
    // Whoever connects meanwhile waits.
    let listener = UnixListener::bind(home.join(SOCKET)).blame(Fault::Files, doing)?;
    let lab = runtime.block_on(made.make(home)).map(Arc::new);
    std::thread::scope(|threads| {
        for stream in listener.incoming().flatten() {
            let lab = &lab;
            threads.spawn(move || serve_one(runtime, stream, lab));
        }
    });
    Ok(())
}

/// Serves one program until it hangs up.
fn serve_one(runtime: &Runtime, mut input: UnixStream, lab: &Result<Arc<LinuxLab>, LabError>) {
    let Ok(mut output) = input.try_clone() else {
        return;
    };
    let (replies, to_send) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        for bytes in to_send {
            // Whoever asked has gone.
            if output.write_all(&bytes).is_err() {
                break;
            }
        }
    });
    let caller = Caller {
        runtime,
        replies: &replies,
    };
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = input.read(&mut buffer) {
        decoder.push(&buffer[..length]);
        loop {
            match decoder.next::<Request>() {
                Ok(Some(request)) => {
                    let known = lab.as_ref().ok().cloned();
                    answer(&caller, request, known, |_| lab.clone());
                }
                Ok(None) => break,
                Err(why) => {
                    tracing::error!(why, "the line is out of step");
                    return;
                }
            }
        }
    }
}
