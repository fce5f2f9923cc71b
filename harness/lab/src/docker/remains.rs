//! What labs leave in the engine, found by its labels.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use bollard::Docker;
use bollard::errors::Error;
use bollard::query_parameters::{
    ListContainersOptions, ListNetworksOptions, RemoveContainerOptions,
};

use super::{LAB, engine, link};
use crate::error::{Blame, Fault, LabError};

/// In the folder of a lab: where its engine is.
const MARK: &str = "docker";

/// Notes in a lab's folder that it has things in an engine.
pub(crate) fn mark(home: &Path, address: &str) -> Result<(), LabError> {
    let path = home.join(MARK);
    std::fs::write(&path, address).blame(Fault::Files, || format!("write {}", path.display()))
}

/// Removes what the lab in this folder has in an engine.
pub(crate) fn remove_lab(home: &Path) -> Result<(), LabError> {
    let Ok(address) = std::fs::read_to_string(home.join(MARK)) else {
        return Ok(());
    };
    let labels = HashMap::from([(LAB.to_owned(), home.display().to_string())]);
    on_own_runtime(async move { remove(&engine::open(&address)?, &labels).await })
}

/// Removes what is left in this machine's engine of labs whose folders are gone, and says how many
/// labs that were. Where there is no engine, there is nothing left.
pub fn sweep() -> Result<usize, LabError> {
    let address = engine::address();
    // What is on another machine was not made from here.
    if !address.starts_with("unix://") || !engine::is_there() {
        return Ok(0);
    }
    on_own_runtime(async move {
        let docker = engine::open(&address)?;
        let gone: BTreeSet<String> = labs(&docker)
            .await?
            .into_iter()
            .filter(|lab| !Path::new(lab).is_dir())
            .collect();
        for lab in &gone {
            let labels = HashMap::from([(LAB.to_owned(), lab.clone())]);
            remove(&docker, &labels).await?;
        }
        Ok(gone.len())
    })
}

/// Every lab that has something in the engine.
async fn labs(docker: &Docker) -> Result<BTreeSet<String>, LabError> {
    let (containers, networks) = find(docker, vec![LAB.to_owned()]).await?;
    let all = containers.into_iter().chain(networks);
    Ok(all
        .filter_map(|found| found.labels.get(LAB).cloned())
        .collect())
}

/// Something of ours in the engine.
struct Found {
    id: String,
    labels: HashMap<String, String>,
    /// The device of a network.
    bridge: Option<String>,
}

/// Containers and networks that have all these labels.
async fn find(docker: &Docker, labels: Vec<String>) -> Result<(Vec<Found>, Vec<Found>), LabError> {
    let doing = || "list what labs have left in the engine".to_owned();
    let filters = Some(HashMap::from([("label".to_owned(), labels)]));
    let containers = ListContainersOptions {
        all: true,
        filters: filters.clone(),
        ..ListContainersOptions::default()
    };
    let containers = docker.list_containers(Some(containers)).await;
    let networks = docker.list_networks(Some(ListNetworksOptions { filters }));
    let networks = networks.await.blame(Fault::Runtime, doing)?;
    let containers = containers.blame(Fault::Runtime, doing)?;
    let containers = containers.into_iter().filter_map(|found| {
        Some(Found {
            id: found.id?,
            labels: found.labels?,
            bridge: None,
        })
    });
    let networks = networks.into_iter().filter_map(|found| {
        let bridge = found
            .options
            .as_ref()
            .and_then(|options| options.get(link::BRIDGE).cloned());
        Some(Found {
            id: found.id?,
            labels: found.labels?,
            bridge,
        })
    });
    Ok((containers.collect(), networks.collect()))
}

/// Removes every container and every network that has all these labels.
pub(super) async fn remove(
    docker: &Docker,
    labels: &HashMap<String, String>,
) -> Result<(), LabError> {
    let wanted = labels.iter().map(|(key, value)| format!("{key}={value}"));
    let (containers, networks) = find(docker, wanted.collect()).await?;
    for container in containers {
        let options = RemoveContainerOptions {
            force: true,
            v: true,
            ..RemoveContainerOptions::default()
        };
        let removed = docker.remove_container(&container.id, Some(options)).await;
        unless_gone(removed).blame(Fault::Runtime, || {
            format!("remove the container {}", container.id)
        })?;
    }
    for network in networks {
        if let Some(bridge) = network.bridge {
            // Waits for other programs.
            let forgotten = tokio::task::spawn_blocking(move || link::forget(&bridge)).await;
            forgotten.blame(Fault::Harness, || "take back rules for a bridge".into())?;
        }
        unless_gone(docker.remove_network(&network.id).await).blame(Fault::Network, || {
            format!("remove the network {}", network.id)
        })?;
    }
    Ok(())
}

/// Somebody else may remove the same, and the engine itself does.
fn unless_gone(removed: Result<(), Error>) -> Result<(), Error> {
    match removed {
        Err(Error::DockerResponseServerError {
            status_code: 404 | 409,
            message,
        }) if message.contains("No such")
            || message.contains("not found")
            || message.contains("already in progress") =>
        {
            Ok(())
        }
        removed => removed,
    }
}

/// Waits for the work from any thread, one of a runtime's included.
fn on_own_runtime<T: Send + 'static>(
    work: impl Future<Output = Result<T, LabError>> + Send + 'static,
) -> Result<T, LabError> {
    let doing = || "talk to the Docker engine".to_owned();
    let thread = std::thread::Builder::new()
        .name("docker".into())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .blame(Fault::Harness, doing)?;
            runtime.block_on(work)
        })
        .blame(Fault::Harness, doing)?;
    thread
        .join()
        .unwrap_or_else(|_| Err(LabError::new(Fault::Harness, "its thread panicked")))
}
