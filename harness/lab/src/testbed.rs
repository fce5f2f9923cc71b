//! The lab's interface: one trait for the backends, one typed handle for the callers.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::{Fault, LabError};
use crate::operation::{
    Answer, Arrived, BlockRule, Cable, CannedAnswer, Captured, Carrier, Condition, Datagram,
    KernelPolicy, KernelSa, LinkSpec, NatSpec, NodeSpec, Operation, Output, Packet, Probe,
    ProbeReport, ProcessState, Program, ProgramSignal, SocketSpec, UdpSocket, WaitOutcome,
};

/// A place where testbeds can be set up.
#[async_trait]
pub trait Lab: Send + Sync {
    fn facts(&self) -> &LabFacts;

    /// Performs one operation in the testbed of that name, which the first operation creates.
    async fn perform(&self, testbed: &str, operation: Operation) -> Result<Answer, LabError>;

    /// Removes every testbed and the lab itself.
    async fn close(&self) -> Result<(), LabError>;

    /// Leaves everything up for a person to look at; `cell` says to them what it is. Gives the folder
    /// of the lab.
    async fn keep(&self, cell: &str) -> Result<PathBuf, LabError>;
}

/// What a lab runs on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LabFacts {
    pub backend: String,
    /// As `uname -r` prints it.
    pub kernel: String,
    /// `kvm`, `tcg` or `none`.
    pub accel: String,
    /// By how much time limits must be stretched here.
    pub slowness: u32,
    /// How many cells are worth running at once.
    pub parallel: usize,
    /// How many can be run at once, where there is a limit.
    #[serde(default)]
    pub most: Option<usize>,
    /// What the kernel says when it is asked for ESP, where it has none: then only routers that do it
    /// themselves can be tried.
    #[serde(default)]
    pub without_esp: Option<String>,
}

/// One isolated set of links and nodes. Removed by [`Testbed::close`].
#[derive(Clone)]
pub struct Testbed {
    lab: Arc<dyn Lab>,
    name: String,
}

/// Takes the expected variant out of an answer.
macro_rules! expect {
    ($answer:expr, $variant:ident) => {
        match $answer? {
            Answer::$variant(inner) => Ok(inner),
            other => Err(unexpected(&other)),
        }
    };
}

impl Testbed {
    /// `name` is unique in the lab: letters, digits, dots and dashes.
    pub fn new(lab: Arc<dyn Lab>, name: impl Into<String>) -> Self {
        Self {
            lab,
            name: name.into(),
        }
    }

    pub async fn add_link(&self, link: LinkSpec) -> Result<(), LabError> {
        self.done(Operation::AddLink(link)).await
    }

    pub async fn add_node(&self, node: NodeSpec) -> Result<(), LabError> {
        self.done(Operation::AddNode(node)).await
    }

    /// Joins a link with an interface of the lab's machine. The interface itself stays as it is.
    ///
    /// # Errors
    /// Also when it is not there, is down, or is what the machine itself is reached by.
    pub async fn plug(&self, cable: Cable) -> Result<(), LabError> {
        self.done(Operation::Plug(cable)).await
    }

    /// How the cables of a node fare that the lab does not run.
    pub async fn carriers(&self, node: &str) -> Result<Vec<Carrier>, LabError> {
        let node = node.to_owned();
        expect!(self.perform(Operation::Carriers { node }).await, Carriers)
    }

    pub async fn put(
        &self,
        node: &str,
        path: &str,
        mode: u32,
        bytes: Vec<u8>,
    ) -> Result<(), LabError> {
        let (node, path) = (node.to_owned(), path.to_owned());
        self.done(Operation::Put {
            node,
            path,
            mode,
            bytes,
        })
        .await
    }

    /// The last `limit` bytes of a file in a router.
    pub async fn read(&self, node: &str, path: &str, limit: u64) -> Result<Vec<u8>, LabError> {
        let (node, path) = (node.to_owned(), path.to_owned());
        expect!(
            self.perform(Operation::Read { node, path, limit }).await,
            Bytes
        )
    }

    pub async fn exec(&self, node: &str, argv: &[String], millis: u64) -> Result<Output, LabError> {
        /// Enough for every status a daemon prints; a router that talks more is cut.
        const OUTPUT_LIMIT: u64 = 256 * 1024;
        let (node, argv, limit) = (node.to_owned(), argv.to_vec(), OUTPUT_LIMIT);
        expect!(
            self.perform(Operation::Exec {
                node,
                argv,
                millis,
                limit
            })
            .await,
            Output
        )
    }

    pub async fn spawn(&self, node: &str, process: &str, argv: &[String]) -> Result<(), LabError> {
        let (node, process, argv) = (node.to_owned(), process.to_owned(), argv.to_vec());
        self.done(Operation::Spawn {
            node,
            process,
            argv,
        })
        .await
    }

    pub async fn process(&self, node: &str, process: &str) -> Result<ProcessState, LabError> {
        let (node, process) = (node.to_owned(), process.to_owned());
        expect!(
            self.perform(Operation::Process { node, process }).await,
            Process
        )
    }

    pub async fn kill(&self, node: &str, process: &str) -> Result<(), LabError> {
        let (node, process) = (node.to_owned(), process.to_owned());
        self.done(Operation::Kill { node, process }).await
    }

    /// What a spawned program printed, at most `limit` bytes: of a long output the beginning and the
    /// end, and between them a line that says how much is left out.
    pub async fn log(&self, node: &str, process: &str, limit: u64) -> Result<Vec<u8>, LabError> {
        let (node, process) = (node.to_owned(), process.to_owned());
        expect!(
            self.perform(Operation::Log {
                node,
                process,
                limit
            })
            .await,
            Bytes
        )
    }

    pub async fn wait(
        &self,
        node: &str,
        process: &str,
        condition: Condition,
        millis: u64,
    ) -> Result<WaitOutcome, LabError> {
        let (node, process) = (node.to_owned(), process.to_owned());
        expect!(
            self.perform(Operation::Wait {
                node,
                process,
                condition,
                millis
            })
            .await,
            Wait
        )
    }

    /// Listens at the ports of these links; keeps at most `limit` octets of packets.
    pub async fn start_capture(
        &self,
        name: &str,
        links: &[&str],
        limit: u64,
        comment: String,
    ) -> Result<(), LabError> {
        self.done(Operation::StartCapture {
            name: name.to_owned(),
            links: links.iter().map(|&link| link.to_owned()).collect(),
            limit,
            comment,
        })
        .await
    }

    /// The octets of its file that were not taken yet: taken one after the other, and what stopping it
    /// gives last, they are the file. What was taken does not count against its limit.
    pub async fn take_capture(&self, name: &str) -> Result<Vec<u8>, LabError> {
        let name = name.to_owned();
        expect!(self.perform(Operation::TakeCapture { name }).await, Bytes)
    }

    /// # Errors
    /// [`Fault::Capture`] when the capture died before it was stopped: its packets prove nothing.
    pub async fn stop_capture(&self, name: &str) -> Result<Captured, LabError> {
        expect!(
            self.perform(Operation::StopCapture {
                name: name.to_owned()
            })
            .await,
            Captured
        )
    }

    pub async fn probe(&self, probe: Probe) -> Result<ProbeReport, LabError> {
        expect!(self.perform(Operation::Probe(probe)).await, Probe)
    }

    pub async fn kernel_sas(&self, node: &str) -> Result<Vec<KernelSa>, LabError> {
        expect!(
            self.perform(Operation::KernelSas {
                node: node.to_owned()
            })
            .await,
            KernelSas
        )
    }

    pub async fn kernel_policies(&self, node: &str) -> Result<Vec<KernelPolicy>, LabError> {
        let operation = Operation::KernelPolicies {
            node: node.to_owned(),
        };
        expect!(self.perform(operation).await, KernelPolicies)
    }

    /// From now on drops what these rules say, and nothing else.
    pub async fn block(&self, link: &str, rules: Vec<BlockRule>) -> Result<(), LabError> {
        self.done(Operation::Block {
            link: link.to_owned(),
            rules,
        })
        .await
    }

    /// Sends a signal to every program of a router. Comes back when it has taken effect.
    pub async fn signal(&self, node: &str, signal: ProgramSignal) -> Result<(), LabError> {
        let node = node.to_owned();
        self.done(Operation::Signal { node, signal }).await
    }

    /// From now on answers such datagrams in the name of the router, which hears nothing of them.
    pub async fn answer_for(
        &self,
        node: &str,
        link: &str,
        datagram: Datagram,
        answers: Vec<CannedAnswer>,
    ) -> Result<(), LabError> {
        let (node, link) = (node.to_owned(), link.to_owned());
        self.done(Operation::AnswerFor {
            node,
            link,
            datagram,
            answers,
        })
        .await
    }

    /// From now on every program of the router dies when such a datagram is handed to it.
    pub async fn kill_on(
        &self,
        node: &str,
        link: &str,
        datagram: Datagram,
    ) -> Result<(), LabError> {
        let (node, link) = (node.to_owned(), link.to_owned());
        self.done(Operation::KillOn {
            node,
            link,
            datagram,
        })
        .await
    }

    /// Opens a socket on a node; [`Self::exchange`] sends and receives through it.
    pub async fn open_socket(&self, node: &str, socket: SocketSpec) -> Result<(), LabError> {
        let node = node.to_owned();
        self.done(Operation::OpenSocket { node, socket }).await
    }

    /// Sends packets from a node's open sockets; then waits until some have come, at most `millis`.
    ///
    /// # Errors
    /// Also when a packet names a socket that is not open.
    pub async fn exchange(
        &self,
        node: &str,
        packets: Vec<Packet>,
        millis: u64,
    ) -> Result<Arrived, LabError> {
        let operation = Operation::Exchange {
            node: node.to_owned(),
            packets,
            millis,
        };
        expect!(self.perform(operation).await, Arrived)
    }

    pub async fn programs(&self, node: &str) -> Result<Vec<Program>, LabError> {
        let node = node.to_owned();
        expect!(self.perform(Operation::Programs { node }).await, Programs)
    }

    pub async fn udp_sockets(&self, node: &str) -> Result<Vec<UdpSocket>, LabError> {
        let node = node.to_owned();
        expect!(
            self.perform(Operation::UdpSockets { node }).await,
            UdpSockets
        )
    }

    pub async fn flush_sas(&self, node: &str) -> Result<(), LabError> {
        let node = node.to_owned();
        self.done(Operation::FlushSas { node }).await
    }

    /// # Errors
    /// Also when the node has no SA from that address.
    pub async fn set_sequence(
        &self,
        node: &str,
        source: std::net::IpAddr,
        number: u32,
    ) -> Result<(), LabError> {
        let node = node.to_owned();
        self.done(Operation::SetSequence {
            node,
            source,
            number,
        })
        .await
    }

    /// # Errors
    /// Also when the node has no SA to that address.
    pub async fn corrupt_keys(
        &self,
        node: &str,
        destination: std::net::IpAddr,
    ) -> Result<(), LabError> {
        let node = node.to_owned();
        self.done(Operation::CorruptKeys { node, destination })
            .await
    }

    /// From now on the node, which forwards, is a NAT.
    pub async fn translate_addresses(&self, nat: NatSpec) -> Result<(), LabError> {
        self.done(Operation::TranslateAddresses(nat)).await
    }

    pub async fn bypass(
        &self,
        node: &str,
        between: (ipnet::IpNet, ipnet::IpNet),
    ) -> Result<(), LabError> {
        self.done(Operation::Bypass {
            node: node.to_owned(),
            between,
        })
        .await
    }

    pub async fn fail_capture(&self, link: &str) -> Result<(), LabError> {
        self.done(Operation::FailCapture {
            link: link.to_owned(),
        })
        .await
    }

    pub async fn close(&self) -> Result<(), LabError> {
        self.done(Operation::Close).await
    }

    async fn perform(&self, operation: Operation) -> Result<Answer, LabError> {
        self.lab.perform(&self.name, operation).await
    }

    async fn done(&self, operation: Operation) -> Result<(), LabError> {
        let answer = self.perform(operation).await?;
        if answer == Answer::Done {
            return Ok(());
        }
        Err(unexpected(&answer))
    }
}

fn unexpected(answer: &Answer) -> LabError {
    LabError::new(
        Fault::Harness,
        format!("the lab gave an unexpected answer: {answer:?}"),
    )
}
