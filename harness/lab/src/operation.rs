//! Everything a lab can do, as data, so that it can cross into a virtual machine.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// One thing to do in a testbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    AddLink(LinkSpec),
    AddNode(NodeSpec),
    /// Writes a file in a router, making its folders; answers [`Answer::Done`].
    Put {
        node: String,
        path: String,
        mode: u32,
        bytes: Vec<u8>,
    },
    /// Reads the end of a file in a router: at most `limit` bytes of it.
    Read {
        node: String,
        path: String,
        limit: u64,
    },
    /// Runs a program in a router to its end or to the time limit.
    Exec {
        node: String,
        argv: Vec<String>,
        millis: u64,
        limit: u64,
    },
    /// Starts a program that stays, under a name; its output goes to a log kept by the lab.
    Spawn {
        node: String,
        process: String,
        argv: Vec<String>,
    },
    Process {
        node: String,
        process: String,
    },
    /// Kills a spawned program at once (SIGKILL).
    Kill {
        node: String,
        process: String,
    },
    /// Reads the end of a spawned program's output.
    Log {
        node: String,
        process: String,
        limit: u64,
    },
    /// Waits until a condition holds, the process ends, or the time is up.
    Wait {
        node: String,
        process: String,
        condition: Condition,
        millis: u64,
    },
    StartCapture {
        link: String,
        limit: u64,
    },
    StopCapture {
        link: String,
    },
    /// Sends marked datagrams from one host to another and says which arrived.
    Probe(Probe),
    KernelSas {
        node: String,
    },
    KernelPolicies {
        node: String,
    },
    /// From now on drops this traffic on a link; an empty list drops nothing.
    Block {
        link: String,
        traffic: Vec<Blocked>,
    },
    /// Lets traffic between these networks pass a router unprotected, above its IPsec policies.
    Bypass {
        node: String,
        between: (IpNet, IpNet),
    },
    /// Takes down the interface that a capture listens on. For tests of the harness itself.
    FailCapture {
        link: String,
    },
    /// Removes the whole testbed.
    Close,
}

/// What an operation gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Done,
    Bytes(Vec<u8>),
    Output(Output),
    Process(ProcessState),
    Wait(WaitOutcome),
    Captured(Captured),
    Probe(ProbeReport),
    KernelSas(Vec<KernelSa>),
    KernelPolicies(Vec<KernelPolicy>),
}

/// A broadcast link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSpec {
    /// At most 12 characters.
    pub name: String,
}

/// A router (with an image) or a plain host (without).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpec {
    pub name: String,
    /// Key of the image whose root file system it gets.
    pub image: Option<String>,
    pub interfaces: Vec<Interface>,
    pub routes: Vec<Route>,
    /// Whether it forwards packets between its interfaces.
    pub forwarding: bool,
}

/// A node's end of a link. The interface bears the link's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    pub link: String,
    /// The largest packet it sends, in octets; `None` for the kernel's own.
    pub mtu: Option<u32>,
    pub addresses: Vec<IpNet>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub to: IpNet,
    pub via: IpAddr,
}

/// How a program in a router ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Exit code; absent when a signal or the time limit ended it.
    pub code: Option<i32>,
    pub timed_out: bool,
    /// Standard output and standard error as they came, cut at the limit.
    pub text: Vec<u8>,
    /// Whether there was more than the limit.
    pub cut: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProcessState {
    Running,
    /// With the exit code, or none when a signal ended it.
    Ended(Option<i32>),
}

/// Something to wait for in a router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// The path exists.
    Path(String),
    /// A line matches: of the file, or of the process's own output when no file is named.
    Log {
        file: Option<String>,
        pattern: String,
    },
    /// The program ends with code 0.
    Command(Vec<String>),
    /// The program's output matches.
    CommandOutput { argv: Vec<String>, pattern: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitOutcome {
    Met,
    TimedOut,
    /// The process ended before the condition held.
    ProcessEnded(Option<i32>),
}

/// What a capture saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// A pcapng file with one Ethernet interface, named as the link.
    pub pcapng: Vec<u8>,
    pub packets: u64,
    /// Whether the limit was reached: what came after it is missing.
    pub cut: bool,
}

/// Marked datagrams from one host to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    pub from: String,
    pub to: String,
    pub source: IpAddr,
    pub destination: IpAddr,
    /// Datagrams to send, each with its own content.
    pub payloads: Vec<Vec<u8>>,
    /// How long to wait after the last one was sent.
    pub millis: u64,
}

/// Which of the datagrams arrived, as sent and from the address that sent them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    pub sent: u32,
    pub received: u32,
    /// The kernel's word on those that it refused to send, such as no route.
    pub refused: Option<String>,
}

/// An IPsec SA in a node's kernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelSa {
    pub spi: u32,
    pub source: IpAddr,
    pub destination: IpAddr,
    /// IP protocol number: 50 for ESP.
    pub protocol: u8,
    pub tunnel: bool,
    /// Names of the kernel's algorithms, such as `cbc(aes)` and `hmac(sha256)`.
    pub algorithms: Vec<String>,
    pub packets: u64,
}

/// A policy in a node's kernel that asks for protection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelPolicy {
    pub direction: PolicyDirection,
    pub source: IpNet,
    pub destination: IpNet,
}

/// Which packets a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyDirection {
    /// Those that came for the node itself.
    In,
    Out,
    /// Those that came to be passed on.
    Forward,
}

/// Traffic that a link can drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Blocked {
    /// IP protocol 50, and UDP port 4500 with anything but the four zero octets of an IKE message.
    Esp,
    Udp,
    /// Every fragment of a fragmented IPv4 or IPv6 packet.
    IpFragments,
}
