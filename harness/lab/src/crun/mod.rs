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
    if !nix::unistd::geteuid().is_root() {
        return Err(LabError::new(Fault::Runtime, "it needs root"));
    }
    kernel::try_esp()
        .blame(Fault::Kernel, || {
            "this machine's kernel cannot do ESP".into()
        })
        .map_err(|fault| fault.remedy("use --lab vm, which has a kernel of its own"))?;
    kernel::try_pf_key()
        .blame(Fault::Kernel, || {
            "this machine's kernel has no PF_KEY".into()
        })
        .map_err(|fault| fault.remedy("modprobe af_key"))?;
    let unmet = |fault, unmet: Unmet| LabError::new(fault, unmet.to_string());
    requirement::try_namespaces()
        .await
        .map_err(|why| unmet(Fault::Kernel, why))?;
    requirement::try_packet_filter()
        .await
        .map_err(|why| unmet(Fault::Network, why))?;
    requirement::try_container()
        .await
        .map_err(|why| unmet(Fault::Runtime, why))
}

/// A lab on this machine, in the folder `home`, whose routers get these root file systems, by the
/// keys of their images.
pub fn start(home: Home, images: HashMap<String, PathBuf>) -> Result<LinuxLab, LabError> {
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
        without_esp: None,
    };
    let makers = CrunMakers {
        state,
        images: Arc::new(images),
    };
    Ok(LinuxLab::new(facts, home, Box::new(makers)))
}

struct CrunMakers {
    /// crun's folder, shared by the lab's testbeds.
    state: PathBuf,
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
            images: self.images.clone(),
        }))
    }
}

/// Links and routers of one testbed: bridges in a namespace of their own, and crun's containers.
struct CrunMaker {
    testbed: String,
    switch: Namespace,
    state: PathBuf,
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
        let id = format!("{}.{}", self.testbed, router.name);
        let Unplugged {
            name,
            folder,
            netns,
            ..
        } = router;
        let started = container::start(&id, name, folder, image, netns, &self.state).await?;
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
