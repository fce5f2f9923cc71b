//! Everything a lab can do, as data, so that it can cross into a virtual machine.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// One thing to do in a testbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    AddLink(LinkSpec),
    AddNode(NodeSpec),
    /// Joins a link with an interface of the machine that the lab is on, as the port of a node that the
    /// lab does not run.
    Plug(Cable),
    /// How the cables of such a node fare, in the order in which they were plugged in.
    Carriers {
        node: String,
    },
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
    /// Reads a spawned program's output: of a long one the beginning and the end, and between them
    /// a line that says how much is left out.
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
    /// Listens at every port of these links that there is by now.
    StartCapture {
        name: String,
        links: Vec<String>,
        /// Of the file, in octets.
        limit: u64,
        /// Stands in the file's head.
        comment: String,
    },
    /// Hands over what a capture has written and not handed over yet, and forgets it.
    TakeCapture {
        name: String,
    },
    StopCapture {
        name: String,
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
        rules: Vec<BlockRule>,
    },
    /// Sends a signal to every program of a router.
    Signal {
        node: String,
        signal: ProgramSignal,
    },
    /// From now on kills every program of a router at once when a datagram of this kind comes to it.
    KillOn {
        node: String,
        link: String,
        datagram: Datagram,
    },
    /// From now on answers datagrams of this kind in the name of a router: to each the next of these,
    /// and after the last the first again. The router itself hears nothing on these ports any more.
    AnswerFor {
        node: String,
        link: String,
        datagram: Datagram,
        answers: Vec<CannedAnswer>,
    },
    /// Opens a socket on a node, to send and receive through it with [`Operation::Exchange`].
    OpenSocket {
        node: String,
        socket: SocketSpec,
    },
    /// Sends these packets from a node's open sockets; then waits until some have come, or the time is
    /// up.
    Exchange {
        node: String,
        packets: Vec<Packet>,
        millis: u64,
    },
    /// What programs a router runs, the lab's own placeholder excepted.
    Programs {
        node: String,
    },
    /// The UDP sockets of a node.
    UdpSockets {
        node: String,
    },
    /// Deletes every SA in the node's kernel.
    FlushSas {
        node: String,
    },
    /// Sets the number of the last packet that each SA from this address has sent.
    SetSequence {
        node: String,
        source: IpAddr,
        number: u32,
    },
    /// Puts other authentication keys in the place of those of each SA to this address.
    CorruptKeys {
        node: String,
        destination: IpAddr,
    },
    /// Makes a node that forwards a NAT.
    TranslateAddresses(NatSpec),
    /// Lets traffic between these networks pass a router unprotected, above its IPsec policies.
    Bypass {
        node: String,
        between: (IpNet, IpNet),
    },
    /// Takes down the interfaces that a capture of the link listens on. For tests of the harness
    /// itself.
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
    Programs(Vec<Program>),
    UdpSockets(Vec<UdpSocket>),
    Arrived(Arrived),
    Carriers(Vec<Carrier>),
}

/// A broadcast link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSpec {
    /// At most 12 characters.
    pub name: String,
    /// The networks of the addresses of its nodes, one of each IP version at most.
    pub networks: Vec<IpNet>,
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

/// What joins a link with an interface of the lab's machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cable {
    /// The node whose port it is.
    pub node: String,
    pub link: String,
    /// The interface, or a bridge.
    pub device: String,
    /// Also when the machine itself is reached by it, which it then is not any more.
    pub even_in_use: bool,
}

/// Whether there is something at the other end of a cable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carrier {
    /// The interface of the lab's machine.
    pub device: String,
    pub up: bool,
    /// How often that has changed since the machine started.
    pub changes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub to: IpNet,
    pub via: IpAddr,
}

/// A NAT of addresses and ports, as access networks have them (NAPT; RFC 3022, section 2.2): it
/// translates TCP, UDP and ICMP of IPv4, gives each flow another port, and passes nothing else, so
/// that ESP of its own does not get through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatSpec {
    pub node: String,
    /// The link of the nodes that it hides.
    pub inside: String,
    /// The link on which they appear under the node's own address.
    pub outside: String,
    /// Ports at which a node inside can be reached from outside.
    pub forwards: Vec<PortForward>,
}

/// What comes to a UDP port of a NAT from outside goes to the same port of a node inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortForward {
    pub port: u16,
    pub to: std::net::Ipv4Addr,
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
    /// A pcapng file with one Ethernet interface for each port, named `NODE-LINK`. Each packet has
    /// its direction: inbound at the port of the node that sent it, outbound at the port of one to
    /// which it was delivered. In order of time.
    pub pcapng: Vec<u8>,
    /// How many are in the file.
    pub packets: u64,
    /// Whether packets are missing: the limit was reached, or they came faster than they were taken.
    pub cut: bool,
    /// What crossed each port in all, by the kernel's count.
    pub ports: Vec<PortCount>,
}

/// What crossed one port of a link while a capture listened there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortCount {
    pub node: String,
    /// The port's name, `NODE-LINK`.
    pub interface: String,
    pub sent: Count,
    pub delivered: Count,
}

impl PortCount {
    /// What has been added since an earlier count of the same port.
    #[must_use]
    pub fn since(self, earlier: &Self) -> Self {
        Self {
            sent: self.sent.since(earlier.sent),
            delivered: self.delivered.since(earlier.delivered),
            ..self
        }
    }
}

/// An amount of traffic; the octets are those of Ethernet frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub packets: u64,
    pub bytes: u64,
}

impl Count {
    fn since(self, earlier: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(earlier.packets),
            bytes: self.bytes.saturating_sub(earlier.bytes),
        }
    }
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
    pub keys: SaKeys,
    /// Whether sequence numbers have 64 bits (RFC 4303, section 2.2.1).
    pub esn: bool,
    /// UDP ports of the sender and the receiver when ESP goes in UDP (RFC 3948).
    pub encapsulation: Option<(u16, u16)>,
    /// Packets that the SA has carried.
    pub packets: u64,
    pub dropped: SaDrops,
}

/// Packets that came to an SA and were thrown away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaDrops {
    /// Seen before, by their sequence number (RFC 4303, section 3.4.3).
    pub replay: u32,
    /// Older than the window of that check.
    pub replay_window: u32,
    /// The integrity check value was not right.
    pub integrity: u32,
}

/// The keys of an SA, in octets; empty where its algorithms have none. Printing shows lengths only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaKeys {
    pub encryption: Vec<u8>,
    pub authentication: Vec<u8>,
    /// Bits of the integrity check value: what authentication leaves of the hash.
    pub truncated: u32,
    /// Of a combined-mode algorithm, with its salt at the end (RFC 4106, section 8.1).
    pub aead: Vec<u8>,
}

impl std::fmt::Debug for SaKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaKeys")
            .field("encryption", &self.encryption.len())
            .field("authentication", &self.authentication.len())
            .field("truncated", &self.truncated)
            .field("aead", &self.aead.len())
            .finish()
    }
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

/// What a link drops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockRule {
    /// Only from this node; from all when absent.
    pub from: Option<String>,
    pub traffic: Blocked,
}

/// Traffic that a link can drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Blocked {
    /// Every IP packet.
    All,
    /// IP protocol 50, and UDP port 4500 with anything but the four zero octets of an IKE message.
    Esp,
    Udp,
    /// UDP from or to this port.
    UdpPort(u16),
    /// Every fragment of a fragmented IPv4 or IPv6 packet.
    IpFragments,
    /// IP packets of more octets than this.
    LargerThan(u16),
    Datagram(Datagram),
}

/// UDP datagrams by one octet of their content. On port 4500 those that begin with four zero octets,
/// and the content is what comes after them (RFC 3948, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datagram {
    /// From 0.
    pub offset: u8,
    pub value: u8,
}

/// An answer to a datagram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CannedAnswer {
    /// So many octets of the datagram's content come first.
    pub copied: u8,
    /// What follows them.
    pub rest: Vec<u8>,
}

/// A socket on which packets come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SocketSpec {
    Udp(SocketAddr),
    /// Of an IP protocol, such as 50 for ESP.
    Ip {
        address: IpAddr,
        protocol: u8,
    },
}

impl fmt::Display for SocketSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(address) => write!(f, "UDP {address}"),
            Self::Ip { address, protocol } => write!(f, "IP protocol {protocol} of {address}"),
        }
    }
}

/// What goes out of a socket or came in by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    pub socket: SocketSpec,
    /// The other end; its port is 0 where there are none.
    pub peer: SocketAddr,
    /// What UDP, or the IP packet, carries.
    pub bytes: Vec<u8>,
}

/// What came to the open sockets of a node, in order, since it was asked last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    pub packets: Vec<Packet>,
    /// How many were thrown away because there were too many.
    pub lost: u64,
}

/// What can be done to the programs of a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgramSignal {
    /// SIGSTOP.
    Stop,
    /// SIGCONT.
    Continue,
    /// SIGKILL.
    Kill,
}

/// A program that runs in a router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// As the kernel calls it: at most 15 octets.
    pub name: String,
    /// Whether it is stopped by a signal.
    pub stopped: bool,
    /// For how long the busiest of its threads has computed since it began, in milliseconds.
    pub computed_ms: u64,
    /// For how long that thread could have computed, and waited for a processor, in milliseconds.
    pub waited_ms: u64,
}

/// A UDP socket of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UdpSocket {
    pub port: u16,
    /// Octets that have arrived and that no program has taken, with the kernel's own use.
    pub waiting: u64,
    /// Datagrams that the kernel threw away because nobody took them.
    pub dropped: u64,
}
