//! The `docker` backend: containers and networks of a Docker engine on this machine.
//!
//! The engine makes the links and the parked routers; what is done in them goes straight into their
//! namespaces, as in every other lab. So the engine has to be on this machine, and this needs root.

mod build;
mod container;
mod engine;
mod image;
mod link;
mod remains;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bollard::Docker;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::error::{Blame, Fault, LabError};
use crate::home::Home;
use crate::image::{Image, Package};
use crate::linux::{Container, Joint, LinuxLab, Maker, Makers, Namespace, Unplugged};
use crate::operation::LinkSpec;
use crate::testbed::LabFacts;
use link::Link;

pub use build::{Base, Built, Recipe};
pub use engine::{Engine, connect, is_there};
pub use remains::sweep;
pub(crate) use remains::{mark, remove_lab};

/// The name of this backend.
pub(crate) const BACKEND: &str = "docker";
/// On every container and every network: the folder of the lab that it is of.
const LAB: &str = "org.ikematrix.lab";
/// On those of a testbed: its name.
const TESTBED: &str = "org.ikematrix.testbed";

/// The image of a router of this lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouterImage {
    /// The file system that every other lab uses.
    Packed(Image),
    /// One that the engine has built itself.
    Built(Built),
}

impl RouterImage {
    pub fn key(&self) -> &str {
        match self {
            Self::Packed(image) => &image.key,
            Self::Built(built) => &built.key,
        }
    }

    /// `sha256:` and the digest of the file system, or the engine's id of the image.
    pub fn digest(&self) -> &str {
        match self {
            Self::Packed(image) => &image.digest,
            Self::Built(built) => &built.id,
        }
    }

    /// Every Debian package in it.
    pub fn packages(&self) -> &[Package] {
        match self {
            Self::Packed(image) => &image.packages,
            Self::Built(built) => &built.packages,
        }
    }
}

/// A lab on the engine, in the folder `home`, whose routers get these images. The engine takes in
/// those that it does not have.
pub async fn start(
    home: Home,
    engine: Engine,
    images: &[RouterImage],
) -> Result<LinuxLab, LabError> {
    let mut taken = HashMap::new();
    for image in images {
        let id = match image {
            RouterImage::Packed(image) => image::take_in(&engine.docker, image).await?,
            RouterImage::Built(built) => built.id.clone(),
        };
        taken.insert(image.key().to_owned(), id);
    }
    mark(home.path(), &engine.address)?;
    let facts = LabFacts {
        backend: BACKEND.into(),
        kernel: engine.kernel.clone(),
        accel: "none".into(),
        slowness: 1,
        parallel: 1,
        // The engine gives no address twice, and every testbed has the same ones.
        most: Some(1),
        without_esp: engine.without_esp.clone(),
    };
    let makers = DockerMakers {
        docker: engine.docker,
        home: home.path().to_owned(),
        images: Arc::new(taken),
        tunnels: engine.without_esp.is_some(),
        links: Arc::default(),
    };
    Ok(LinuxLab::new(facts, home, Box::new(makers)))
}

struct DockerMakers {
    docker: Docker,
    home: PathBuf,
    /// The engine's ids of images, by their keys.
    images: Arc<HashMap<String, String>>,
    /// Whether routers get the device for ESP in user space.
    tunnels: bool,
    /// How many links were laid.
    links: Arc<AtomicU32>,
}

#[async_trait]
impl Makers for DockerMakers {
    async fn maker(&self, testbed: &str, _folder: &Path) -> Result<Box<dyn Maker>, LabError> {
        let number = self.home.file_name().unwrap_or_default().to_string_lossy();
        Ok(Box::new(DockerMaker {
            docker: self.docker.clone(),
            switch: Namespace::own().await?,
            labels: HashMap::from([
                (LAB.to_owned(), self.home.display().to_string()),
                (TESTBED.to_owned(), testbed.to_owned()),
            ]),
            name: format!("ikematrix-{number}-{testbed}"),
            bridges: format!("ikm{number}"),
            images: self.images.clone(),
            tunnels: self.tunnels,
            count: self.links.clone(),
            links: Mutex::default(),
        }))
    }
}

/// Links and routers of one testbed.
struct DockerMaker {
    docker: Docker,
    /// The engine's bridges are among this machine's own devices.
    switch: Namespace,
    labels: HashMap<String, String>,
    /// Begins the names of containers and networks.
    name: String,
    /// Begins the names of bridges.
    bridges: String,
    images: Arc<HashMap<String, String>>,
    tunnels: bool,
    count: Arc<AtomicU32>,
    links: Mutex<Vec<Link>>,
}

#[async_trait]
impl Maker for DockerMaker {
    fn switch(&self) -> &Namespace {
        &self.switch
    }

    async fn add_link(&self, link: &LinkSpec) -> Result<String, LabError> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let link = Link {
            network: format!("{}-{}", self.name, link.name),
            bridge: format!("{}-{number}", self.bridges),
            networks: link.networks.clone(),
        };
        let bridge = link.bridge.clone();
        link.lay(&self.docker, &self.labels, &self.switch).await?;
        self.links.lock().await.push(link);
        Ok(bridge)
    }

    async fn start(&self, router: Unplugged<'_>) -> Result<(Namespace, Container), LabError> {
        let image = self.images.get(router.image).ok_or_else(|| {
            LabError::new(
                Fault::Image,
                format!("the lab has no image {}", router.image),
            )
        })?;
        let order = container::Order {
            name: format!("{}-{}", self.name, router.name),
            hostname: router.name,
            image,
            labels: self.labels.clone(),
            tunnels: self.tunnels,
        };
        let (pid, container) = container::start(&self.docker, order).await?;
        let pid_file = router.folder.join(PID);
        std::fs::write(&pid_file, pid.to_string())
            .blame(Fault::Files, || format!("write {}", pid_file.display()))?;
        let namespace = Namespace::adopt(router.netns, pid, router.forwarding).await?;
        Ok((namespace, container))
    }

    async fn plug(&self, joint: Joint<'_>) -> Result<String, LabError> {
        let links = self.links.lock().await;
        let link = links.iter().find(|link| link.bridge == joint.bridge);
        let link = link.ok_or_else(|| {
            LabError::new(Fault::Harness, format!("there is no link {}", joint.bridge))
        })?;
        link.join(&self.docker, &joint, &self.switch).await
    }

    fn cable_name(&self, bridge: &str, port: &str) -> String {
        link::cable_name(bridge, port)
    }

    async fn close(&self) -> Result<(), LabError> {
        // Also what was begun and not finished.
        remains::remove(&self.docker, &self.labels).await
    }
}

/// In the folder of a router: the id of its first process.
pub(crate) const PID: &str = "pid";
