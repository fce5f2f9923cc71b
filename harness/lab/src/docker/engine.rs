//! The engine: where it is, and whether its containers are on this machine.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use bollard::{API_DEFAULT_VERSION, Docker};

use super::container::{Order, start_trial};
use crate::error::{Blame, Fault, LabError};
use crate::kernel;

/// Where it is when nothing else is said.
const DEFAULT: &str = "unix:///var/run/docker.sock";
const SCHEME: &str = "unix://";
/// Seconds for one answer.
const PATIENCE: u64 = 120;

/// An engine that answers and whose containers are on this machine.
pub struct Engine {
    pub(super) docker: Docker,
    /// As in `DOCKER_HOST`.
    pub(super) address: String,
    pub(super) kernel: String,
    /// What the kernel answered to an SA of ESP in a container; absent where it can do ESP.
    pub without_esp: Option<String>,
    /// The engine's own version.
    pub version: String,
}

/// Connects to the engine, and tries in a container what a lab needs.
///
/// # Errors
/// When there is none, when it is on another machine, or when this user may not enter its containers.
pub async fn connect() -> Result<Engine, LabError> {
    let address = address();
    let docker = open(&address)?;
    let version = docker.version().await;
    let version = version
        .blame(Fault::Runtime, || {
            format!("no Docker engine answers at {address}")
        })
        .map_err(|fault| {
            fault.remedy("start it, e.g. with `systemctl start docker`, or name it in DOCKER_HOST")
        })?;
    if !nix::unistd::geteuid().is_root() {
        return Err(LabError::new(
            Fault::Runtime,
            "it needs root, to enter the namespaces of the engine's containers",
        )
        .remedy("run it with sudo, or use --lab vm, which needs no root"));
    }
    let name = format!("ikematrix-trial-{}", std::process::id());
    let order = Order {
        name,
        hostname: "trial",
        image: "",
        labels: HashMap::from([(super::LAB.to_owned(), "trial".to_owned())]),
        tunnels: false,
    };
    let (pid, container) = start_trial(&docker, order).await?;
    let tried = try_kernel(pid).await;
    container.stop().await?;
    Ok(Engine {
        docker,
        address,
        kernel: version.kernel_version.unwrap_or_default(),
        without_esp: tried?,
        version: version.version.unwrap_or_default(),
    })
}

/// What keeps the kernel from ESP in the container of this process.
async fn try_kernel(pid: i32) -> Result<Option<String>, LabError> {
    let doing = || "try the kernel in a container".to_owned();
    let namespace = File::open(format!("/proc/{pid}/ns/net")).blame(Fault::Kernel, doing)?;
    let tried = tokio::task::spawn_blocking(move || kernel::try_esp_in(&namespace)).await;
    Ok(tried
        .blame(Fault::Harness, doing)?
        .err()
        .map(|error| error.to_string()))
}

/// Whether anything says that there is an engine: a name for one, or its socket.
pub fn is_there() -> bool {
    let address = address();
    address
        .strip_prefix(SCHEME)
        .is_none_or(|path| Path::new(path).exists())
}

/// Where the engine is, as every other program that talks to it looks it up.
pub(super) fn address() -> String {
    std::env::var("DOCKER_HOST")
        .ok()
        .filter(|address| !address.is_empty())
        .unwrap_or_else(|| DEFAULT.to_owned())
}

/// A connection, which need not have an engine at its other end yet.
pub(super) fn open(address: &str) -> Result<Docker, LabError> {
    let Some(path) = address.strip_prefix(SCHEME) else {
        return Err(LabError::new(
            Fault::Runtime,
            format!("the Docker engine at {address} is not on this machine"),
        )
        .remedy(
            "a lab captures on the engine's own links: run ikematrix on the engine's machine, or use \
             --lab vm",
        ));
    };
    Docker::connect_with_unix(path, PATIENCE, API_DEFAULT_VERSION)
        .blame(Fault::Runtime, || format!("connect to {address}"))
        .map_err(|fault| {
            fault.remedy("install Docker (docker.io in Debian) and start it, or use --lab vm")
        })
}
