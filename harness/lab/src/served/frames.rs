//! The language between a program and the agent that has the lab: frames of a length (four octets,
//! little endian) and that many octets of postcard.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::LabError;
use crate::operation::{Answer, Operation};
use crate::testbed::LabFacts;

/// The greeting's answer begins with the greeting's own number, as raw octets: whoever connects
/// skips all before it, which an earlier connection may have left on the line.
pub(crate) type Nonce = [u8; 16];

/// The largest frame; a capture is the largest thing that is ever sent.
pub(crate) const FRAME_LIMIT: u32 = 128 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
pub(crate) enum Request {
    Hello {
        nonce: Nonce,
        /// The build of the one who greets: both ends must be the same program.
        build: String,
        /// Serial numbers of the virtual machine's disks that hold root file systems, with the keys of
        /// the images.
        disks: Vec<(String, String)>,
    },
    Perform {
        id: u64,
        testbed: String,
        operation: Operation,
    },
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Reply {
    Hello(Result<LabFacts, LabError>),
    Performed {
        id: u64,
        result: Result<Answer, LabError>,
    },
}

pub(crate) fn fresh_nonce() -> Result<Nonce, String> {
    let random = ring::rand::SystemRandom::new();
    let nonce = ring::rand::generate::<Nonce>(&random);
    Ok(nonce.map_err(|_| "no random numbers".to_owned())?.expose())
}

/// Identifies this build of the program.
pub(crate) fn build() -> String {
    format!(
        "{} {}",
        env!("CARGO_PKG_VERSION"),
        if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        }
    )
}

pub(crate) fn encode(message: &impl Serialize) -> Result<Vec<u8>, postcard::Error> {
    let body = postcard::to_stdvec(message)?;
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    if length > FRAME_LIMIT {
        return Err(postcard::Error::SerializeBufferFull);
    }
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend(body);
    Ok(frame)
}

/// Cuts a stream of octets into messages.
#[derive(Default)]
pub(crate) struct Decoder {
    waiting: Vec<u8>,
}

impl Decoder {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Forgets everything up to and with the nonce; false when it has not come yet.
    pub(crate) fn skip_past(&mut self, nonce: &Nonce) -> bool {
        let found = self
            .waiting
            .windows(nonce.len())
            .position(|window| window == nonce);
        match found {
            Some(at) => {
                self.waiting.drain(..at + nonce.len());
                true
            }
            None => {
                let keep = self.waiting.len().min(nonce.len() - 1);
                self.waiting.drain(..self.waiting.len() - keep);
                false
            }
        }
    }

    /// The next message, if all of it has come.
    ///
    /// # Errors
    /// A frame over the limit, or octets that are no message: the line cannot be used any more.
    pub(crate) fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, String> {
        let Some(length) = self.waiting.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length);
        if length > FRAME_LIMIT {
            return Err(format!("a frame of {length} octets"));
        }
        let end = 4 + length as usize;
        let Some(body) = self.waiting.get(4..end) else {
            return Ok(None);
        };
        let message = postcard::from_bytes(body).map_err(|error| error.to_string())?;
        self.waiting.drain(..end);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_however_the_stream_is_cut() {
        let frame = encode(&Request::Perform {
            id: 7,
            testbed: "t".into(),
            operation: Operation::Close,
        })
        .unwrap();
        for cut in 0..frame.len() {
            let mut decoder = Decoder::default();
            decoder.push(&frame[..cut]);
            assert!(decoder.next::<Request>().unwrap().is_none());
            decoder.push(&frame[cut..]);
            assert!(matches!(
                decoder.next().unwrap(),
                Some(Request::Perform { id: 7, .. })
            ));
        }
    }

    #[test]
    fn what_an_earlier_connection_left_is_skipped() {
        let nonce = [9; 16];
        let mut decoder = Decoder::default();
        decoder.push(&[1; 100]);
        assert!(!decoder.skip_past(&nonce));
        decoder.push(&nonce[..5]);
        assert!(!decoder.skip_past(&nonce));
        decoder.push(&nonce[5..]);
        decoder.push(
            &encode(&Reply::Performed {
                id: 1,
                result: Ok(Answer::Done),
            })
            .unwrap(),
        );
        assert!(decoder.skip_past(&nonce));
        assert!(matches!(
            decoder.next().unwrap(),
            Some(Reply::Performed { id: 1, .. })
        ));
    }

    #[test]
    fn an_absurd_length_is_refused() {
        let mut decoder = Decoder::default();
        decoder.push(&[0xff; 8]);
        assert!(decoder.next::<Reply>().is_err());
    }
}
