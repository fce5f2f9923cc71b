//! One testbed on this kernel: its namespaces, containers, processes and captures.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regex::bytes::{Regex, RegexBuilder};
use tokio::sync::{Mutex, RwLock};

use super::cable::Plugged;
use super::capture::{Capture, Port};
use super::container::Container;
use super::impostor::Impostor;
use super::mailbox::Mailbox;
use super::maker::{Joint, Maker, Unplugged};
use super::namespace::Namespace;
use super::process::Process;
use super::trap::{Place, Trap};
use super::{filter, nat, probe, programs, xfrm};
use crate::error::{Blame, Fault, LabError};
use crate::operation::{
    Answer, Cable, CannedAnswer, Condition, Datagram, NodeSpec, Operation, ProcessState,
    ProgramSignal, WaitOutcome,
};

/// How often a condition is looked at again.
const POLL: Duration = Duration::from_millis(25);
/// How much of a log a condition looks at.
const LOG_WINDOW: u64 = 1024 * 1024;

pub(crate) struct LinuxTestbed {
    folder: PathBuf,
    maker: Box<dyn Maker>,
    /// The bridge of each link, in the maker's switch.
    links: RwLock<HashMap<String, String>>,
    nodes: RwLock<HashMap<String, Arc<Node>>>,
    /// What has been plugged into the links.
    ports: Mutex<Vec<Port>>,
    /// What joins links with this machine's own interfaces.
    cables: Mutex<Vec<Plugged>>,
    captures: Mutex<HashMap<String, Capture>>,
    traps: Mutex<Vec<Trap>>,
    impostors: Mutex<Vec<Impostor>>,
}

struct Node {
    namespace: Namespace,
    container: Option<Container>,
    processes: Mutex<HashMap<String, Arc<Process>>>,
    mailbox: RwLock<Mailbox>,
}

impl LinuxTestbed {
    /// `folder` is its own, and there already.
    pub(crate) fn new(folder: PathBuf, maker: Box<dyn Maker>) -> Self {
        Self {
            folder,
            maker,
            links: RwLock::default(),
            nodes: RwLock::default(),
            ports: Mutex::default(),
            cables: Mutex::default(),
            captures: Mutex::default(),
            traps: Mutex::default(),
            impostors: Mutex::default(),
        }
    }

    pub(crate) async fn perform(&self, operation: Operation) -> Result<Answer, LabError> {
        match operation {
            Operation::AddLink(link) => {
                let bridge = self.maker.add_link(&link).await?;
                self.links.write().await.insert(link.name, bridge);
            }
            Operation::AddNode(spec) => self.add_node(spec).await?,
            Operation::Plug(cable) => self.plug(cable).await?,
            Operation::Carriers { node } => {
                let cables = self.cables.lock().await;
                let theirs = cables.iter().filter(|plugged| plugged.node == node);
                let carriers = theirs.map(Plugged::carrier);
                let carriers = futures::future::try_join_all(carriers).await?;
                return Ok(Answer::Carriers(carriers));
            }
            Operation::Put {
                node,
                path,
                mode,
                bytes,
            } => {
                self.node(&node)
                    .await?
                    .container()?
                    .put(&path, mode, &bytes)?;
            }
            Operation::Read { node, path, limit } => {
                let node = self.node(&node).await?;
                return Ok(Answer::Bytes(node.container()?.read(&path, limit)?));
            }
            Operation::Exec {
                node,
                argv,
                millis,
                limit,
            } => {
                let node = self.node(&node).await?;
                let time = Duration::from_millis(millis);
                return Ok(Answer::Output(
                    node.container()?.exec(&argv, time, limit).await?,
                ));
            }
            Operation::Spawn {
                node,
                process,
                argv,
            } => {
                let node = self.node(&node).await?;
                let started = Process::spawn(node.container()?, &argv)?;
                node.processes
                    .lock()
                    .await
                    .insert(process, Arc::new(started));
            }
            Operation::Process { node, process } => {
                return Ok(Answer::Process(
                    self.process(&node, &process).await?.state(),
                ));
            }
            Operation::Kill { node, process } => self.process(&node, &process).await?.kill().await,
            Operation::Log {
                node,
                process,
                limit,
            } => {
                let process = self.process(&node, &process).await?;
                let text = blocking(move || Ok(process.log(limit))).await;
                return Ok(Answer::Bytes(
                    text.blame(Fault::Files, || "read a log".into())?,
                ));
            }
            Operation::Wait {
                node,
                process,
                condition,
                millis,
            } => {
                let process = self.process(&node, &process).await?;
                let node = self.node(&node).await?;
                let limit = Duration::from_millis(millis);
                return Ok(Answer::Wait(node.wait(&process, condition, limit).await?));
            }
            Operation::StartCapture {
                name,
                links,
                limit,
                comment,
            } => {
                let mut ports = self.ports_of(&links).await;
                ports.sort_by(|one, other| one.interface.cmp(&other.interface));
                let file = self.maker.switch().file();
                let capture = Capture::start(&name, ports, file, limit, comment).await?;
                self.captures.lock().await.insert(name, capture);
            }
            Operation::TakeCapture { name } => {
                let captures = self.captures.lock().await;
                let capture = captures.get(&name).ok_or_else(|| {
                    LabError::new(Fault::Harness, format!("there is no capture {name}"))
                })?;
                return Ok(Answer::Bytes(capture.take()));
            }
            Operation::StopCapture { name } => {
                let capture = self.captures.lock().await.remove(&name).ok_or_else(|| {
                    LabError::new(Fault::Harness, format!("there is no capture {name}"))
                })?;
                return Ok(Answer::Captured(capture.stop().await?));
            }
            Operation::Probe(spec) => {
                let (from, to) = (self.node(&spec.from).await?, self.node(&spec.to).await?);
                let report = probe::probe(&from.namespace, &to.namespace, &spec).await?;
                return Ok(Answer::Probe(report));
            }
            Operation::KernelSas { node } => {
                let sas = self.node(&node).await?.namespace.run(xfrm::dump_sas).await;
                let sas = sas.blame(Fault::Kernel, || format!("read the SAs of {node}"))?;
                return Ok(Answer::KernelSas(sas));
            }
            Operation::KernelPolicies { node } => {
                let policies = self
                    .node(&node)
                    .await?
                    .namespace
                    .run(xfrm::dump_policies)
                    .await;
                let policies =
                    policies.blame(Fault::Kernel, || format!("read the policies of {node}"))?;
                return Ok(Answer::KernelPolicies(policies));
            }
            Operation::Block { link, rules } => {
                let ports = self.ports_of(std::slice::from_ref(&link)).await;
                let bridge = self.bridge(&link).await?;
                filter::block(self.maker.switch(), &bridge, &ports, &rules).await?;
            }
            Operation::Signal { node, signal } => self.signal(&node, signal).await?,
            Operation::KillOn {
                node,
                link,
                datagram,
            } => self.kill_on(&node, &link, datagram).await?,
            Operation::AnswerFor {
                node,
                link,
                datagram,
                answers,
            } => self.answer_for(&node, link, datagram, answers).await?,
            Operation::OpenSocket { node, socket } => {
                let node = self.node(&node).await?;
                let mut mailbox = node.mailbox.write().await;
                mailbox.open(&node.namespace, socket).await?;
            }
            Operation::Exchange {
                node,
                packets,
                millis,
            } => {
                let node = self.node(&node).await?;
                let limit = Duration::from_millis(millis);
                let arrived = node.mailbox.read().await.exchange(&packets, limit).await?;
                return Ok(Answer::Arrived(arrived));
            }
            Operation::Programs { node } => {
                let pid = self.node(&node).await?.container()?.pid();
                let listed = blocking(move || programs::programs(pid)).await;
                let listed = listed.blame(Fault::Runtime, || format!("list what {node} runs"))?;
                return Ok(Answer::Programs(listed));
            }
            Operation::UdpSockets { node } => {
                let sockets = self.inside(&node, programs::udp_sockets).await?;
                return Ok(Answer::UdpSockets(sockets));
            }
            Operation::FlushSas { node } => self.inside(&node, xfrm::flush_sas).await?,
            Operation::SetSequence {
                node,
                source,
                number,
            } => {
                self.inside(&node, move || xfrm::set_sequence(source, number))
                    .await?;
            }
            Operation::CorruptKeys { node, destination } => {
                self.inside(&node, move || xfrm::corrupt_keys(destination))
                    .await?;
            }
            Operation::TranslateAddresses(spec) => {
                let node = self.node(&spec.node).await?;
                nat::translate(&node.namespace, &spec).await?;
            }
            Operation::Bypass { node, between } => {
                let namespace = &self.node(&node).await?.namespace;
                let added = namespace.run(move || xfrm::add_bypass(between)).await;
                added.blame(Fault::Kernel, || format!("add a bypass policy on {node}"))?;
            }
            Operation::FailCapture { link } => {
                for port in self.ports_of(&[link]).await {
                    self.maker.switch().lower(&port.device).await?;
                }
            }
            Operation::Close => self.close().await?,
        }
        Ok(Answer::Done)
    }

    async fn bridge(&self, link: &str) -> Result<String, LabError> {
        let bridge = self.links.read().await.get(link).cloned();
        bridge.ok_or_else(|| LabError::new(Fault::Harness, format!("there is no link {link}")))
    }

    async fn ports_of(&self, links: &[String]) -> Vec<Port> {
        let ports = self.ports.lock().await;
        let there = ports.iter().filter(|port| links.contains(&port.link));
        there.cloned().collect()
    }

    async fn signal(&self, node: &str, signal: ProgramSignal) -> Result<(), LabError> {
        let pid = self.node(node).await?.container()?.pid();
        blocking(move || programs::signal_all(pid, signal))
            .await
            .blame(Fault::Runtime, || format!("signal what {node} runs"))
    }

    async fn kill_on(&self, node: &str, link: &str, datagram: Datagram) -> Result<(), LabError> {
        let router = self.node(node).await?;
        let pid = router.container()?.pid();
        let ports = self.ports_of(&[link.to_owned()]).await;
        let port = ports.into_iter().find(|port| port.node == node);
        let port = port.ok_or_else(|| {
            LabError::new(Fault::Harness, format!("{node} is not plugged into {link}"))
        })?;
        let place = Place {
            switch: self.maker.switch().file(),
            port: port.device,
            node: router.namespace.file(),
            interface: link.to_owned(),
        };
        let trap = blocking(move || Trap::arm(place, pid, datagram))
            .await
            .blame(Fault::Network, || format!("watch what comes to {node}"))?;
        self.traps.lock().await.push(trap);
        Ok(())
    }

    async fn answer_for(
        &self,
        node: &str,
        link: String,
        datagram: Datagram,
        answers: Vec<CannedAnswer>,
    ) -> Result<(), LabError> {
        let router = self.node(node).await?;
        filter::deafen(&router.namespace, node).await?;
        let namespace = router.namespace.file();
        let impostor = blocking(move || Impostor::start(namespace, link, datagram, answers)).await;
        let impostor =
            impostor.blame(Fault::Network, || format!("answer in the name of {node}"))?;
        self.impostors.lock().await.push(impostor);
        Ok(())
    }

    /// Does something with the kernel of a node.
    async fn inside<T: Send + 'static>(
        &self,
        node: &str,
        work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, LabError> {
        let done = self.node(node).await?.namespace.run(work).await;
        done.blame(Fault::Kernel, || format!("ask the kernel of {node}"))
    }

    /// Stops captures and containers. The namespaces go with the testbed.
    pub(crate) async fn close(&self) -> Result<(), LabError> {
        self.traps.lock().await.clear();
        self.impostors.lock().await.clear();
        for (_, capture) in std::mem::take(&mut *self.captures.lock().await) {
            // Whatever it says now, nobody waits for its packets any more.
            let _ = capture.stop().await;
        }
        let mut unplugged = Ok(());
        for cable in std::mem::take(&mut *self.cables.lock().await) {
            unplugged = unplugged.and(cable.pull(self.maker.switch()).await);
        }
        let nodes = std::mem::take(&mut *self.nodes.write().await);
        let stops = nodes
            .values()
            .filter_map(|node| node.container.as_ref())
            .map(Container::stop);
        let first_fault = futures::future::join_all(stops)
            .await
            .into_iter()
            .find_map(Result::err);
        for node in nodes.values() {
            node.namespace.release();
        }
        let closed = self.maker.close().await;
        self.maker.switch().release();
        first_fault.map_or(Ok(()), Err).and(unplugged).and(closed)?;
        std::fs::remove_dir_all(&self.folder)
            .blame(Fault::Files, || format!("remove {}", self.folder.display()))
    }

    async fn add_node(&self, spec: NodeSpec) -> Result<(), LabError> {
        let name = &spec.name;
        let netns = self.folder.join(format!("{name}.net"));
        let (namespace, container) = match &spec.image {
            None => (Namespace::create(&netns, spec.forwarding).await?, None),
            Some(image) => {
                let folder = self.folder.join(name);
                std::fs::create_dir(&folder)
                    .blame(Fault::Files, || format!("make {}", folder.display()))?;
                let router = Unplugged {
                    name,
                    image,
                    forwarding: spec.forwarding,
                    folder: &folder,
                    netns: &netns,
                };
                let (namespace, container) = self.maker.start(router).await?;
                (namespace, Some(container))
            }
        };
        for interface in &spec.interfaces {
            let link = &interface.link;
            let (bridge, port) = (self.bridge(link).await?, format!("{name}-{link}"));
            let device = match &container {
                None => {
                    let switch = self.maker.switch();
                    switch.join(&bridge, &port, &namespace, interface).await?;
                    port.clone()
                }
                Some(container) => {
                    let joint = Joint {
                        namespace: &namespace,
                        container,
                        bridge: &bridge,
                        port: &port,
                        interface,
                    };
                    self.maker.plug(joint).await?
                }
            };
            self.ports.lock().await.push(Port {
                device,
                interface: port,
                node: name.clone(),
                link: link.clone(),
            });
        }
        for route in &spec.routes {
            namespace.add_route(route.to, route.via).await?;
        }
        let node = Node {
            namespace,
            container,
            processes: Mutex::default(),
            mailbox: RwLock::default(),
        };
        self.nodes.write().await.insert(spec.name, Arc::new(node));
        Ok(())
    }

    async fn plug(&self, cable: Cable) -> Result<(), LabError> {
        let Cable { node, link, .. } = &cable;
        let (bridge, port) = (self.bridge(link).await?, format!("{node}-{link}"));
        let device = self.maker.cable_name(&bridge, &port);
        let plugged = Plugged::plug(self.maker.switch(), &bridge, &device, &cable).await?;
        self.cables.lock().await.push(plugged);
        self.ports.lock().await.push(Port {
            device,
            interface: port,
            node: cable.node,
            link: cable.link,
        });
        Ok(())
    }

    async fn node(&self, name: &str) -> Result<Arc<Node>, LabError> {
        let node = self.nodes.read().await.get(name).cloned();
        node.ok_or_else(|| LabError::new(Fault::Harness, format!("there is no node {name}")))
    }

    async fn process(&self, node: &str, name: &str) -> Result<Arc<Process>, LabError> {
        let process = self
            .node(node)
            .await?
            .processes
            .lock()
            .await
            .get(name)
            .cloned();
        process.ok_or_else(|| {
            LabError::new(
                Fault::Harness,
                format!("nothing was started as {name} on {node}"),
            )
        })
    }
}

impl Node {
    fn container(&self) -> Result<&Container, LabError> {
        self.container.as_ref().ok_or_else(|| {
            LabError::new(
                Fault::Harness,
                "a plain host has no files and runs no programs",
            )
        })
    }

    async fn wait(
        &self,
        process: &Process,
        condition: Condition,
        limit: Duration,
    ) -> Result<WaitOutcome, LabError> {
        let container = self.container()?;
        let watched = Watched::new(condition)?;
        let deadline = Instant::now() + limit;
        loop {
            // Looked at first: a process that ends may have met the condition just before.
            let state = process.state();
            if watched.holds(container, process, deadline).await? {
                return Ok(WaitOutcome::Met);
            }
            if let ProcessState::Ended(code) = state {
                return Ok(WaitOutcome::ProcessEnded(code));
            }
            if Instant::now() >= deadline {
                return Ok(WaitOutcome::TimedOut);
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// A condition with its pattern compiled.
enum Watched {
    Path(String),
    Log {
        file: Option<String>,
        pattern: Regex,
    },
    Command {
        argv: Vec<String>,
        pattern: Option<Regex>,
    },
}

impl Watched {
    fn new(condition: Condition) -> Result<Self, LabError> {
        Ok(match condition {
            Condition::Path(path) => Self::Path(path),
            Condition::Log { file, pattern } => Self::Log {
                file,
                pattern: compile(&pattern)?,
            },
            Condition::Command(argv) => Self::Command {
                argv,
                pattern: None,
            },
            Condition::CommandOutput { argv, pattern } => Self::Command {
                argv,
                pattern: Some(compile(&pattern)?),
            },
        })
    }

    async fn holds(
        &self,
        container: &Container,
        process: &Process,
        deadline: Instant,
    ) -> Result<bool, LabError> {
        match self {
            Self::Path(path) => Ok(container.exists(path)),
            Self::Log {
                file: None,
                pattern,
            } => Ok(process.log_holds(|text| pattern.is_match(text))),
            // The daemon may not have made its log yet.
            Self::Log {
                file: Some(file),
                pattern,
            } => Ok(container.exists(file) && pattern.is_match(&container.read(file, LOG_WINDOW)?)),
            Self::Command { argv, pattern } => {
                let left = deadline.saturating_duration_since(Instant::now()).max(POLL);
                let output = container.exec(argv, left, LOG_WINDOW).await?;
                Ok(match pattern {
                    None => output.code == Some(0),
                    Some(pattern) => pattern.is_match(&output.text),
                })
            }
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, LabError> {
    RegexBuilder::new(pattern)
        .multi_line(true)
        .size_limit(1 << 20)
        .build()
        .blame(Fault::Harness, || {
            "compile the pattern of a condition".into()
        })
}

/// Runs what takes a while on a thread where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(std::io::Error::other(error)))
}
