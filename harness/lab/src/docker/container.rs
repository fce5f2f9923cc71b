//! Routers as containers of the engine, by testcontainers: parked, without a network, and with no
//! more rights than a router in another lab has.

use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bollard::Docker;
use bollard::models::{DeviceMapping, HostConfig, NetworkDisconnectRequest};
use testcontainers::core::WaitFor;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, ContainerRequest, GenericImage, ImageExt};
use tokio::sync::Mutex;

use super::image;
use crate::error::{Blame, Fault, LabError};
use crate::linux::{Container, Runtime};
use crate::sys;

/// How long the engine may take to start one.
const LIMIT: Duration = Duration::from_secs(60);
/// Tells a container by its first process.
const NAME: &str = "IKEMATRIX_CONTAINER";
/// Through which a program gets the packets that it protects itself.
const TUNNEL: &str = "/dev/net/tun";
/// The engine's name for no network.
const NO_NETWORK: &str = "none";
/// What a machine's own shell tools consist of.
const OWN_PROGRAMS: [&str; 5] = ["/bin", "/lib", "/lib64", "/sbin", "/usr"];

/// A container that is to be started.
pub(super) struct Order<'a> {
    /// Unique on the engine.
    pub(super) name: String,
    pub(super) hostname: &'a str,
    /// The engine's id of its image.
    pub(super) image: &'a str,
    pub(super) labels: HashMap<String, String>,
    pub(super) tunnels: bool,
}

/// Starts a router. Gives the id of its first process.
pub(super) async fn start(docker: &Docker, order: Order<'_>) -> Result<(i32, Container), LabError> {
    let tunnels = order.tunnels;
    run(docker, order, move |host: &mut HostConfig| {
        if tunnels {
            host.devices = Some(vec![DeviceMapping {
                path_on_host: Some(TUNNEL.into()),
                path_in_container: Some(TUNNEL.into()),
                cgroup_permissions: Some("rwm".into()),
            }]);
        }
    })
    .await
}

/// Starts a container that runs a program of this machine, to try the engine with.
pub(super) async fn start_trial(
    docker: &Docker,
    order: Order<'_>,
) -> Result<(i32, Container), LabError> {
    let image = image::empty(docker).await?;
    let order = Order {
        image: &image,
        ..order
    };
    run(docker, order, |host: &mut HostConfig| {
        let there = OWN_PROGRAMS.iter().filter(|path| Path::new(path).is_dir());
        host.binds = Some(there.map(|path| format!("{path}:{path}:ro")).collect());
    })
    .await
}

async fn run(
    docker: &Docker,
    order: Order<'_>,
    more: impl Fn(&mut HostConfig) + Send + Sync + 'static,
) -> Result<(i32, Container), LabError> {
    let Order {
        name,
        hostname,
        image,
        labels,
        ..
    } = order;
    let doing = || format!("start the container {name}");
    // By the image's id: a name could mean another image by now, or one that nobody here has made.
    let (kind, digest) = image.split_once(':').unwrap_or_default();
    let capabilities: Vec<String> = sys::ROUTER_CAPABILITIES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let mut request: ContainerRequest<GenericImage> = GenericImage::new(kind, digest)
        .with_wait_for(WaitFor::Nothing)
        .with_cmd(["/bin/sleep", "infinity"])
        .with_container_name(&name)
        .with_hostname(hostname)
        .with_labels(labels)
        .with_network(NO_NETWORK)
        .with_env_var(NAME, &name)
        .with_cap_drop("ALL")
        .with_security_opt("no-new-privileges")
        .with_startup_timeout(LIMIT)
        .with_host_config_modifier(move |host| {
            host.publish_all_ports = Some(false);
            let run = "rw,nosuid,nodev,mode=755,size=16m".to_owned();
            host.tmpfs = Some(HashMap::from([("/run".to_owned(), run)]));
            more(host);
        });
    for capability in capabilities {
        request = request.with_cap_add(capability);
    }
    // Removed on request or by its label, but not when this is dropped: a lab may be left up.
    let started = ManuallyDrop::new(request.start().await.blame(Fault::Runtime, doing)?);
    let id = started.id().to_owned();
    let runtime = DockerContainer {
        started: Mutex::new(Some(started)),
    };
    match adopt(docker, &name, &id).await {
        Ok(pid) => Ok((pid, Container::parked(&name, pid, Box::new(runtime))?)),
        Err(fault) => {
            let _ = runtime.stop().await;
            Err(fault)
        }
    }
}

/// Takes the container off all networks, and finds its first process.
async fn adopt(docker: &Docker, name: &str, id: &str) -> Result<i32, LabError> {
    let doing = || format!("look at the container {name}");
    let about = docker.inspect_container(id, None).await;
    let state = about.blame(Fault::Runtime, doing)?.state;
    let pid = state.and_then(|state| state.pid).unwrap_or_default();
    let pid = i32::try_from(pid).ok().filter(|pid| *pid > 0);
    let pid =
        pid.ok_or_else(|| LabError::new(Fault::Runtime, format!("{}: it has ended", doing())))?;
    check_is_here(name, pid)?;
    let none = NetworkDisconnectRequest {
        container: id.to_owned(),
        force: None,
    };
    docker
        .disconnect_network(NO_NETWORK, none)
        .await
        .blame(Fault::Network, doing)?;
    Ok(pid)
}

/// Process ids of another machine, or of a virtual one that only looks like this one, mean nothing
/// here, or somebody else.
fn check_is_here(name: &str, pid: i32) -> Result<(), LabError> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let wanted = format!("{NAME}={name}");
    if environment
        .split(|octet| *octet == 0)
        .any(|word| word == wanted.as_bytes())
    {
        return Ok(());
    }
    Err(LabError::new(
        Fault::Runtime,
        "the Docker engine's containers are not on this machine, or cannot be seen from here",
    )
    .remedy(
        "run ikematrix where the engine runs and in its process namespace (Docker Desktop has a \
         virtual machine of its own), or use --lab vm",
    ))
}

/// A container that testcontainers has started.
struct DockerContainer {
    started: Mutex<Option<ManuallyDrop<ContainerAsync<GenericImage>>>>,
}

#[async_trait]
impl Runtime for DockerContainer {
    async fn stop(&self) -> Result<(), LabError> {
        let Some(started) = self.started.lock().await.take() else {
            return Ok(());
        };
        let id = started.id().to_owned();
        let removed = ManuallyDrop::into_inner(started).rm().await;
        removed.blame(Fault::Runtime, || format!("remove the container {id}"))
    }
}
