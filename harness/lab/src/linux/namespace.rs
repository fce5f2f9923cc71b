//! Network namespaces: made, configured and entered.

use std::fs::File;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt;
use ipnet::IpNet;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use rtnetlink::packet_route::address::AddressAttribute;
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags, LinkMessage, MacVlanMode};
use rtnetlink::{
    Handle, LinkBridge, LinkMacVlan, LinkMessageBuilder, LinkUnspec, LinkVeth, RouteMessageBuilder,
};

use crate::error::{Blame, Fault, LabError};
use crate::operation::Interface;

/// A network namespace with a netlink connection into it.
pub(crate) struct Namespace {
    /// The mount that keeps it alive; this program's own namespace needs none.
    path: Option<PathBuf>,
    file: Arc<File>,
    netlink: Handle,
}

impl Namespace {
    /// Makes a namespace and mounts it at `path`, a new file.
    pub(crate) async fn create(path: &Path, forwarding: bool) -> Result<Self, LabError> {
        let doing = || format!("make network namespace {}", path.display());
        File::create_new(path).blame(Fault::Network, doing)?;
        let target = path.to_owned();
        on_own_thread(move || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            mount_namespace("/proc/thread-self/ns/net", &target)
        })
        .await
        .blame(Fault::Network, doing)?;
        Self::mounted(path, forwarding).await
    }

    /// Mounts the namespace of another process at `path`, a new file.
    pub(crate) async fn adopt(path: &Path, pid: i32, forwarding: bool) -> Result<Self, LabError> {
        let doing = || format!("enter the network namespace of process {pid}");
        File::create_new(path).blame(Fault::Network, doing)?;
        mount_namespace(&format!("/proc/{pid}/ns/net"), path).blame(Fault::Network, doing)?;
        Self::mounted(path, forwarding).await
    }

    async fn mounted(path: &Path, forwarding: bool) -> Result<Self, LabError> {
        let doing = || format!("configure network namespace {}", path.display());
        let file = Arc::new(File::open(path).blame(Fault::Network, doing)?);
        inside(&file, move || configure_kernel(forwarding))
            .await
            .blame(Fault::Network, doing)?;
        let namespace = Self {
            path: Some(path.to_owned()),
            netlink: connect(&file).await.blame(Fault::Network, doing)?,
            file,
        };
        namespace.raise("lo").await?;
        Ok(namespace)
    }

    /// The namespace that this program itself is in. Its settings stay as they are.
    pub(crate) async fn own() -> Result<Self, LabError> {
        let doing = || "use this machine's network namespace".to_owned();
        let file = File::open("/proc/self/ns/net").blame(Fault::Network, doing)?;
        let file = Arc::new(file);
        Ok(Self {
            path: None,
            netlink: connect(&file).await.blame(Fault::Network, doing)?,
            file,
        })
    }

    /// Runs `work` on a thread of its own inside the namespace: a thread's namespace is its own, and
    /// a socket stays in the namespace where it was opened.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        inside(&self.file, work).await
    }

    /// The namespace, for a thread that has to enter it itself.
    pub(crate) fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    pub(crate) async fn add_bridge(&self, name: &str) -> Result<(), LabError> {
        self.netlink
            .link()
            .add(LinkBridge::new(name).up().build())
            .execute()
            .await
            .blame(Fault::Network, || format!("make bridge {name}"))
    }

    /// Plugs a new interface of another namespace into a bridge of this one, with its addresses.
    pub(crate) async fn join(
        &self,
        bridge: &str,
        port: &str,
        other: &Self,
        interface: &Interface,
    ) -> Result<(), LabError> {
        let link = &interface.link;
        self.plug(bridge, port, other, link, interface.mtu).await?;
        for address in &interface.addresses {
            other.add_address(link, *address).await?;
        }
        Ok(())
    }

    async fn plug(
        &self,
        bridge: &str,
        port: &str,
        other: &Self,
        interface: &str,
        mtu: Option<u32>,
    ) -> Result<(), LabError> {
        let doing = || format!("connect interface {interface} to link {bridge} as {port}");
        // The far end needs a name that is free here until it is moved and renamed.
        let passing = format!("{port}~");
        let links = self.netlink.link();
        links
            .add(LinkVeth::new(port, &passing).build())
            .execute()
            .await
            .blame(Fault::Network, doing)?;
        let far = self.index(&passing).await?;
        let fd = other.file.as_raw_fd();
        let with_mtu = |link: LinkMessageBuilder<LinkUnspec>| match mtu {
            Some(mtu) => link.mtu(mtu),
            None => link,
        };
        links
            .change(
                with_mtu(LinkUnspec::new_with_index(far))
                    .setns_by_fd(fd)
                    .name(interface)
                    .build(),
            )
            .execute()
            .await
            .blame(Fault::Network, doing)?;
        let (near, bridge) = (self.index(port).await?, self.index(bridge).await?);
        links
            .change(
                with_mtu(LinkUnspec::new_with_index(near))
                    .controller(bridge)
                    .up()
                    .build(),
            )
            .execute()
            .await
            .blame(Fault::Network, doing)?;
        other.raise(interface).await
    }

    pub(crate) async fn add_address(
        &self,
        interface: &str,
        address: IpNet,
    ) -> Result<(), LabError> {
        let index = self.index(interface).await?;
        self.netlink
            .address()
            .add(index, address.addr(), address.prefix_len())
            .execute()
            .await
            .blame(Fault::Network, || {
                format!("add address {address} to {interface}")
            })
    }

    pub(crate) async fn add_route(&self, to: IpNet, via: IpAddr) -> Result<(), LabError> {
        let doing = || format!("add route to {to} via {via}");
        let route = RouteMessageBuilder::<IpAddr>::new()
            .destination_prefix(to.network(), to.prefix_len())
            .blame(Fault::Network, doing)?
            .gateway(via)
            .blame(Fault::Network, doing)?
            .build();
        self.netlink
            .route()
            .add(route)
            .execute()
            .await
            .blame(Fault::Network, doing)
    }

    pub(crate) async fn lower(&self, interface: &str) -> Result<(), LabError> {
        let index = self.index(interface).await?;
        self.netlink
            .link()
            .change(LinkUnspec::new_with_index(index).down().build())
            .execute()
            .await
            .blame(Fault::Network, || format!("take down {interface}"))
    }

    /// The device that other namespaces' `interface` of this one is the far end of: what a virtual
    /// Ethernet cable has at its other end, as its index there.
    pub(crate) async fn far_index(&self, interface: &str) -> Result<u32, LabError> {
        let link = self.look_up(interface).await?;
        let far = link.attributes.iter().find_map(|attribute| {
            if let LinkAttribute::Link(index) = attribute {
                Some(*index)
            } else {
                None
            }
        });
        far.ok_or_else(|| {
            LabError::new(
                Fault::Network,
                format!("interface {interface} has no other end"),
            )
        })
    }

    /// The names of its interfaces, the loopback excepted.
    pub(crate) async fn interfaces(&self) -> Result<Vec<String>, LabError> {
        let mut found = self.netlink.link().get().execute();
        let mut names = Vec::new();
        while let Some(link) = found
            .try_next()
            .await
            .blame(Fault::Network, || "list the interfaces of a node".into())?
        {
            if !link.header.flags.contains(LinkFlags::Loopback) {
                names.extend(name_of(&link));
            }
        }
        Ok(names)
    }

    /// The name of the interface with this index.
    pub(crate) async fn name(&self, index: u32) -> Result<String, LabError> {
        let doing = || format!("look up interface number {index}");
        let mut found = self.netlink.link().get().match_index(index).execute();
        let link = found.try_next().await.blame(Fault::Network, doing)?;
        link.as_ref()
            .and_then(name_of)
            .ok_or_else(|| LabError::new(Fault::Network, format!("{}: it has none", doing())))
    }

    /// Gives an interface another name and, if wanted, another MTU, and brings it up.
    pub(crate) async fn rename(
        &self,
        interface: &str,
        name: &str,
        mtu: Option<u32>,
    ) -> Result<(), LabError> {
        let index = self.index(interface).await?;
        let doing = || format!("name interface {interface} {name}");
        // Older kernels rename only what is down.
        for link in [
            LinkUnspec::new_with_index(index).down(),
            LinkUnspec::new_with_index(index).name(name.to_owned()),
        ] {
            let change = self.netlink.link().change(link.build());
            change.execute().await.blame(Fault::Network, doing)?;
        }
        self.raise(name).await?;
        self.set_mtu(name, mtu).await
    }

    pub(crate) async fn set_mtu(&self, interface: &str, mtu: Option<u32>) -> Result<(), LabError> {
        let Some(mtu) = mtu else { return Ok(()) };
        let index = self.index(interface).await?;
        self.netlink
            .link()
            .change(LinkUnspec::new_with_index(index).mtu(mtu).build())
            .execute()
            .await
            .blame(Fault::Network, || {
                format!("set the MTU of {interface} to {mtu}")
            })
    }

    /// Adds those of the addresses that the interface does not have.
    pub(crate) async fn ensure_addresses(
        &self,
        interface: &str,
        wanted: &[IpNet],
    ) -> Result<(), LabError> {
        let doing = || format!("list the addresses of {interface}");
        let index = self.index(interface).await?;
        let addresses = self.netlink.address().get();
        let mut found = addresses.set_link_index_filter(index).execute();
        let mut there = Vec::new();
        while let Some(address) = found.try_next().await.blame(Fault::Network, doing)? {
            let prefix = address.header.prefix_len;
            there.extend(address.attributes.iter().filter_map(|attribute| {
                let AddressAttribute::Address(address) = attribute else {
                    return None;
                };
                IpNet::new(*address, prefix).ok()
            }));
        }
        for address in wanted.iter().filter(|address| !there.contains(address)) {
            self.add_address(interface, *address).await?;
        }
        Ok(())
    }

    /// Makes a device on top of an interface of this namespace, in another one: it takes all that comes
    /// in there.
    pub(crate) async fn lay_over(
        &self,
        index: u32,
        other: &Self,
        name: &str,
    ) -> Result<(), LabError> {
        let device = LinkMacVlan::new(name, index, MacVlanMode::Passthrough)
            .setns_by_fd(other.file.as_raw_fd())
            .build();
        let made = self.netlink.link().add(device).execute().await;
        made.blame(Fault::Network, || {
            format!("make {name} on top of interface number {index}")
        })
    }

    /// Makes a device the port of a bridge, without any address of its own.
    pub(crate) async fn enslave(&self, device: &str, bridge: &str) -> Result<(), LabError> {
        let doing = || format!("make {device} a port of {bridge}");
        let setting = format!("/proc/sys/net/ipv6/conf/{device}/disable_ipv6");
        let silenced = self.run(move || match std::fs::write(&setting, "1") {
            // A kernel without IPv6 has no such setting.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            Err(_) | Ok(()) => Ok(()),
        });
        silenced.await.blame(Fault::Network, doing)?;
        // First up, then a port: a kernel would count the promiscuous listeners of the device below
        // wrongly otherwise, and take more of them away than it had added.
        self.raise(device).await?;
        let (port, bridge) = (self.index(device).await?, self.index(bridge).await?);
        let change = LinkUnspec::new_with_index(port).controller(bridge).build();
        let changed = self.netlink.link().change(change).execute().await;
        changed.blame(Fault::Network, doing)
    }

    pub(crate) async fn delete(&self, interface: &str) -> Result<(), LabError> {
        let index = self.index(interface).await?;
        // First out of its bridge: a kernel would leave the device below counted as listened to.
        let free = LinkUnspec::new_with_index(index).controller(0).build();
        let freed = self.netlink.link().change(free).execute().await;
        freed.blame(Fault::Network, || format!("unplug interface {interface}"))?;
        let deleted = self.netlink.link().del(index).execute().await;
        deleted.blame(Fault::Network, || format!("remove interface {interface}"))
    }

    pub(super) fn netlink(&self) -> &Handle {
        &self.netlink
    }

    async fn raise(&self, interface: &str) -> Result<(), LabError> {
        let index = self.index(interface).await?;
        self.netlink
            .link()
            .change(LinkUnspec::new_with_index(index).up().build())
            .execute()
            .await
            .blame(Fault::Network, || format!("bring up {interface}"))
    }

    pub(crate) async fn index(&self, interface: &str) -> Result<u32, LabError> {
        Ok(self.look_up(interface).await?.header.index)
    }

    pub(super) async fn look_up(&self, interface: &str) -> Result<LinkMessage, LabError> {
        let mut found = self
            .netlink
            .link()
            .get()
            .match_name(interface.to_owned())
            .execute();
        let link = found
            .try_next()
            .await
            .blame(Fault::Network, || format!("look up interface {interface}"))?;
        link.ok_or_else(|| {
            LabError::new(
                Fault::Network,
                format!("interface {interface} does not exist"),
            )
        })
    }
}

impl Namespace {
    /// Takes away the mount that keeps the namespace alive: it goes when its last socket and process
    /// have gone.
    pub(crate) fn release(&self) {
        if let Some(path) = &self.path {
            let _ = umount2(path, MntFlags::MNT_DETACH);
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.release();
    }
}

fn mount_namespace(source: &str, target: &Path) -> std::io::Result<()> {
    mount(
        Some(source),
        target,
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )?;
    Ok(())
}

/// A netlink connection into a namespace, served by the runtime of the caller.
async fn connect(namespace: &Arc<File>) -> std::io::Result<Handle> {
    let runtime = tokio::runtime::Handle::current();
    let (connection, netlink) = inside(namespace, move || {
        let _guard = runtime.enter();
        let (connection, netlink, _) = rtnetlink::new_connection()?;
        Ok((connection, netlink))
    })
    .await?;
    tokio::spawn(connection);
    Ok(netlink)
}

fn name_of(link: &LinkMessage) -> Option<String> {
    link.attributes.iter().find_map(|attribute| {
        if let LinkAttribute::IfName(name) = attribute {
            Some(name.clone())
        } else {
            None
        }
    })
}

/// Sets what a lab's node needs of the kernel's network settings, in the thread's namespace.
fn configure_kernel(forwarding: bool) -> std::io::Result<()> {
    let forwarding = if forwarding { "1" } else { "0" };
    for (setting, value) in [
        ("ipv4/ip_forward", forwarding),
        ("ipv6/conf/all/forwarding", forwarding),
        // Protected packets leave by another way than their answers come in by.
        ("ipv4/conf/all/rp_filter", "0"),
        ("ipv4/conf/default/rp_filter", "0"),
        // Redirects would teach the hosts a way beside the tunnel.
        ("ipv4/conf/all/send_redirects", "0"),
        ("ipv4/conf/default/send_redirects", "0"),
        ("ipv4/conf/all/accept_redirects", "0"),
        ("ipv4/conf/default/accept_redirects", "0"),
        // Addresses are unique by construction: usable at once, without duplicate detection.
        ("ipv6/conf/default/accept_dad", "0"),
        ("ipv6/conf/default/accept_ra", "0"),
    ] {
        let path = format!("/proc/sys/net/{setting}");
        match std::fs::write(&path, value) {
            Ok(()) => {}
            // A kernel without IPv6 has no such settings.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(std::io::Error::new(
                    error.kind(),
                    format!("{path}: {error}"),
                ));
            }
        }
    }
    Ok(())
}

async fn inside<T: Send + 'static>(
    namespace: &Arc<File>,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    let namespace = namespace.clone();
    on_own_thread(move || {
        enter(&namespace)?;
        work()
    })
    .await
}

/// Moves the calling thread into a namespace for the rest of its life.
pub(crate) fn enter(namespace: impl AsFd) -> std::io::Result<()> {
    setns(namespace, CloneFlags::CLONE_NEWNET)?;
    Ok(())
}

/// Runs `work` on a fresh thread: never on one of the runtime's, which others use after it.
async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    let (answer, result) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("netns".into())
        .spawn(move || {
            let _ = answer.send(work());
        })?;
    result
        .await
        .unwrap_or_else(|_| Err(std::io::Error::other("the worker thread panicked")))
}
