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
use rtnetlink::{
    Handle, LinkBridge, LinkMessageBuilder, LinkUnspec, LinkVeth, RouteMessageBuilder,
};

use crate::error::{Blame, Fault, LabError};

/// A network namespace, kept alive by a mount at `path`, with a netlink connection into it.
pub(super) struct Namespace {
    pub(super) path: PathBuf,
    file: Arc<File>,
    netlink: Handle,
}

impl Namespace {
    /// Makes a namespace and mounts it at `path`, a new file.
    pub(super) async fn create(path: &Path, forwarding: bool) -> Result<Self, LabError> {
        let doing = || format!("make network namespace {}", path.display());
        File::create_new(path).blame(Fault::Network, doing)?;
        let target = path.to_owned();
        on_own_thread(move || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            mount(
                Some("/proc/thread-self/ns/net"),
                &target,
                None::<&str>,
                MsFlags::MS_BIND,
                None::<&str>,
            )?;
            Ok(())
        })
        .await
        .blame(Fault::Network, doing)?;
        let file = Arc::new(File::open(path).blame(Fault::Network, doing)?);

        let runtime = tokio::runtime::Handle::current();
        let (connection, netlink) = inside(&file, move || {
            configure_kernel(forwarding)?;
            let _guard = runtime.enter();
            let (connection, netlink, _) = rtnetlink::new_connection()?;
            Ok((connection, netlink))
        })
        .await
        .blame(Fault::Network, doing)?;
        tokio::spawn(connection);

        let namespace = Self {
            path: path.to_owned(),
            file,
            netlink,
        };
        namespace.raise("lo").await?;
        Ok(namespace)
    }

    /// Runs `work` on a thread of its own inside the namespace: a thread's namespace is its own, and
    /// a socket stays in the namespace where it was opened.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        inside(&self.file, work).await
    }

    /// The namespace, for a thread that has to enter it itself.
    pub(super) fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    pub(super) async fn add_bridge(&self, name: &str) -> Result<(), LabError> {
        self.netlink
            .link()
            .add(LinkBridge::new(name).up().build())
            .execute()
            .await
            .blame(Fault::Network, || format!("make bridge {name}"))
    }

    /// Plugs an interface of another namespace into a bridge of this one.
    pub(super) async fn plug(
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

    pub(super) async fn add_address(
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

    pub(super) async fn add_route(&self, to: IpNet, via: IpAddr) -> Result<(), LabError> {
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

    pub(super) async fn lower(&self, interface: &str) -> Result<(), LabError> {
        let index = self.index(interface).await?;
        self.netlink
            .link()
            .change(LinkUnspec::new_with_index(index).down().build())
            .execute()
            .await
            .blame(Fault::Network, || format!("take down {interface}"))
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

    async fn index(&self, interface: &str) -> Result<u32, LabError> {
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
        link.map(|link| link.header.index).ok_or_else(|| {
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
    pub(super) fn release(&self) {
        let _ = umount2(&self.path, MntFlags::MNT_DETACH);
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.release();
    }
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
pub(super) fn enter(namespace: impl AsFd) -> std::io::Result<()> {
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
