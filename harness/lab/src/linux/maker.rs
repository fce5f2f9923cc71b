//! What the backends on this kernel do differently: they make links and routers.

use std::path::Path;

use async_trait::async_trait;

use super::container::Container;
use super::namespace::Namespace;
use crate::error::LabError;
use crate::operation::{Interface, LinkSpec};

/// A router that is to be started.
pub(crate) struct Unplugged<'a> {
    pub(crate) name: &'a str,
    /// Key of its image.
    pub(crate) image: &'a str,
    pub(crate) forwarding: bool,
    /// A new folder of its own.
    pub(crate) folder: &'a Path,
    /// The file to which its network namespace is to be mounted; not there yet.
    pub(crate) netns: &'a Path,
}

/// Where a router is to be plugged in.
pub(crate) struct Joint<'a> {
    pub(crate) namespace: &'a Namespace,
    pub(crate) container: &'a Container,
    /// The device of the link, in the switch.
    pub(crate) bridge: &'a str,
    /// What it is to be known as.
    pub(crate) port: &'a str,
    pub(crate) interface: &'a Interface,
}

/// Makes the links and the routers of one testbed.
#[async_trait]
pub(crate) trait Maker: Send + Sync {
    /// The namespace where the links are: a bridge each, apart from every node.
    fn switch(&self) -> &Namespace;

    /// Lays a link. Gives the name of its bridge in the switch.
    async fn add_link(&self, link: &LinkSpec) -> Result<String, LabError>;

    /// Starts a parked router that is not plugged in anywhere.
    async fn start(&self, router: Unplugged<'_>) -> Result<(Namespace, Container), LabError>;

    /// Plugs a router in, with its addresses. Gives the device of its port in the switch.
    async fn plug(&self, joint: Joint<'_>) -> Result<String, LabError>;

    /// What the port of a cable is to be called in the switch; `port` is its name among the ports.
    fn cable_name(&self, _bridge: &str, port: &str) -> String {
        port.to_owned()
    }

    /// Removes the links. The routers have been stopped.
    async fn close(&self) -> Result<(), LabError>;
}
