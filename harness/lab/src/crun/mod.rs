//! The `crun` backend: OCI containers on network namespaces of this machine's own kernel.

mod container;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::{Blame, Fault, LabError};
use crate::home::{self, Home};
use crate::kernel;
use crate::linux::{Container, Joint, LinuxLab, Maker, Makers, Namespace, SWITCH, Unplugged};
use crate::operation::LinkSpec;
use crate::requirement::{self, Unmet};
use crate::testbed::LabFacts;

/// Whether this machine can be such a lab, found out by doing what it will have to do.
///
/// # Errors
/// The first thing that does not work.
pub async fn try_out() -> Result<(), LabError> {
    match try_out_any_kernel().await? {
        None => Ok(()),
        Some(why) => {
            let what = format!("this machine's kernel cannot do ESP: {why}");
            let remedy = "use --lab vm, which has a kernel of its own";
            Err(LabError::new(Fault::Kernel, what).remedy(remedy))
        }
    }
}

/// The same, but a kernel without ESP will do: then only routers that do it themselves can be tried.
/// Gives what it says when it is asked for ESP, where it has none.
///
/// # Errors
/// The first thing that does not work.
pub async fn try_out_any_kernel() -> Result<Option<String>, LabError> {
    if !nix::unistd::geteuid().is_root() {
        return Err(LabError::new(Fault::Runtime, "it needs root"));
    }
    let without_esp = kernel::try_esp().err().map(|why| why.to_string());
    if without_esp.is_none() {
        kernel::try_pf_key()
            .blame(Fault::Kernel, || {
                "this machine's kernel has no PF_KEY".into()
            })
            .map_err(|fault| fault.remedy("modprobe af_key"))?;
    }
    let unmet = |fault, unmet: Unmet| LabError::new(fault, unmet.to_string());
    requirement::try_namespaces()
        .await
        .map_err(|why| unmet(Fault::Kernel, why))?;
    requirement::try_packet_filter()
        .await
        .map_err(|why| unmet(Fault::Network, why))?;
    requirement::try_container()
        .await
        .map_err(|why| unmet(Fault::Runtime, why))?;
    Ok(without_esp)
}

/// A lab on this machine, in the folder `home`, whose routers get these root file systems, by the
/// keys of their images. `without_esp` is what the kernel says when it is asked for ESP, where it has
/// none.
pub fn start(
    home: Home,
    images: HashMap<String, PathBuf>,
    without_esp: Option<String>,
) -> Result<LinuxLab, LabError> {
    let state = home.path().join(home::CONTAINERS);
    std::fs::create_dir_all(&state).blame(Fault::Files, || format!("make {}", state.display()))?;
    let kernel = nix::sys::utsname::uname()
        .map(|name| name.release().to_string_lossy().into_owned())
        .blame(Fault::Kernel, || "ask for the kernel's release".into())?;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let facts = LabFacts {
        backend: "crun".into(),
        kernel,
        accel: "none".into(),
        slowness: 1,
        parallel: processors * 2,
        most: None,
        without_esp,
    };
    let makers = CrunMakers {
        state,
        tunnels: facts.without_esp.is_some(),
        images: Arc::new(images),
    };
    Ok(LinuxLab::new(facts, home, Box::new(makers)))
}

struct CrunMakers {
    /// crun's folder, shared by the lab's testbeds.
    state: PathBuf,
    /// Whether routers get the device for ESP in user space.
    tunnels: bool,
    /// Root file systems by the key of their image.
    images: Arc<HashMap<String, PathBuf>>,
}

#[async_trait]
impl Makers for CrunMakers {
    async fn maker(&self, testbed: &str, folder: &Path) -> Result<Box<dyn Maker>, LabError> {
        Ok(Box::new(CrunMaker {
            testbed: testbed.to_owned(),
            switch: Namespace::create(&folder.join(format!("{SWITCH}.net")), false).await?,
            state: self.state.clone(),
            tunnels: self.tunnels,
            images: self.images.clone(),
        }))
    }
}

/// Links and routers of one testbed: bridges in a namespace of their own, and crun's containers.
struct CrunMaker {
    testbed: String,
    switch: Namespace,
    state: PathBuf,
    tunnels: bool,
    images: Arc<HashMap<String, PathBuf>>,
}

#[async_trait]
impl Maker for CrunMaker {
    fn switch(&self) -> &Namespace {
        &self.switch
    }

    async fn add_link(&self, link: &LinkSpec) -> Result<String, LabError> {
        self.switch.add_bridge(&link.name).await?;
        Ok(link.name.clone())
    }

    async fn start(&self, router: Unplugged<'_>) -> Result<(Namespace, Container), LabError> {
        let image = self.images.get(router.image).ok_or_else(|| {
            LabError::new(
                Fault::Image,
                format!("the lab has no image {}", router.image),
            )
        })?;
        let namespace = Namespace::create(router.netns, router.forwarding).await?;
        let order = container::Order {
            id: format!("{}.{}", self.testbed, router.name),
            hostname: router.name,
            folder: router.folder,
            image,
            netns: router.netns,
            state: &self.state,
            tunnels: self.tunnels,
        };
        let started = container::start(order).await?;
        Ok((namespace, started))
    }

    async fn plug(&self, joint: Joint<'_>) -> Result<String, LabError> {
        let Joint {
            bridge,
            port,
            namespace,
            interface,
            ..
        } = joint;
        self.switch.join(bridge, port, namespace, interface).await?;
        Ok(port.to_owned())
    }

    async fn close(&self) -> Result<(), LabError> {
        // The bridges go with their namespace.
        Ok(())
    }
}
