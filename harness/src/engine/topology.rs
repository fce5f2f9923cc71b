//! The network of a pairing: `alice — moon ═ wan ═ sun — bob`.

use std::net::{IpAddr, Ipv4Addr};

use cases::Role;
use ipnet::{IpNet, Ipv4Net};
use lab::{Interface, LabError, LinkSpec, NodeSpec, Route, Testbed};

/// The link between the routers.
pub(crate) const WAN: &str = "wan";

/// One router with the host behind it. Addresses are of the documentation ranges (RFC 5737).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) role: Role,
    pub(crate) router: &'static str,
    pub(crate) host: &'static str,
    lan: &'static str,
    wan_address: Ipv4Addr,
    lan_address: Ipv4Addr,
    host_address: Ipv4Addr,
    lan_network: Ipv4Addr,
}

const WAN_PREFIX: u8 = 24;
const LAN_PREFIX: u8 = 26;

const MOON: Site = Site {
    role: Role::Initiator,
    router: "moon",
    host: "alice",
    lan: "lan-moon",
    wan_address: Ipv4Addr::new(198, 51, 100, 1),
    lan_address: Ipv4Addr::new(203, 0, 113, 1),
    host_address: Ipv4Addr::new(203, 0, 113, 10),
    lan_network: Ipv4Addr::new(203, 0, 113, 0),
};

const SUN: Site = Site {
    role: Role::Responder,
    router: "sun",
    host: "bob",
    lan: "lan-sun",
    wan_address: Ipv4Addr::new(198, 51, 100, 2),
    lan_address: Ipv4Addr::new(203, 0, 113, 65),
    host_address: Ipv4Addr::new(203, 0, 113, 74),
    lan_network: Ipv4Addr::new(203, 0, 113, 64),
};

impl Site {
    pub(crate) fn of(role: Role) -> Self {
        match role {
            Role::Initiator => MOON,
            Role::Responder => SUN,
        }
    }

    pub(crate) fn peer(self) -> Self {
        Self::of(self.role.peer())
    }

    pub(crate) fn wan_address(self) -> IpAddr {
        self.wan_address.into()
    }

    pub(crate) fn wan_ipv4(self) -> Ipv4Addr {
        self.wan_address
    }

    pub(crate) fn host_address(self) -> IpAddr {
        self.host_address.into()
    }

    pub(crate) fn lan_subnet(self) -> IpNet {
        network(self.lan_network, LAN_PREFIX)
    }
}

/// Lays the links. Nodes can then be added at the same time.
pub(crate) async fn add_links(testbed: &Testbed) -> Result<(), LabError> {
    for name in [WAN, MOON.lan, SUN.lan] {
        testbed.add_link(LinkSpec { name: name.into() }).await?;
    }
    Ok(())
}

/// Adds the router and the host of one site; without `lan_route` the host cannot answer beyond its
/// own network.
pub(crate) async fn add_site(
    testbed: &Testbed,
    site: Site,
    image: &str,
    lan_route: bool,
    wan_mtu: Option<u32>,
) -> Result<(), LabError> {
    let interface = |link: &str, address: Ipv4Addr, prefix: u8| Interface {
        link: link.into(),
        mtu: wan_mtu.filter(|_| link == WAN),
        addresses: vec![network(address, prefix)],
    };
    let host = NodeSpec {
        name: site.host.into(),
        image: None,
        interfaces: vec![interface(site.lan, site.host_address, LAN_PREFIX)],
        routes: lan_route
            .then(|| Route {
                to: network(Ipv4Addr::UNSPECIFIED, 0),
                via: site.lan_address.into(),
            })
            .into_iter()
            .collect(),
        forwarding: false,
    };
    let router = NodeSpec {
        name: site.router.into(),
        image: Some(image.into()),
        interfaces: vec![
            interface(WAN, site.wan_address, WAN_PREFIX),
            interface(site.lan, site.lan_address, LAN_PREFIX),
        ],
        routes: vec![Route {
            to: site.peer().lan_subnet(),
            via: site.peer().wan_address(),
        }],
        forwarding: true,
    };
    let (host, router) = tokio::join!(testbed.add_node(host), testbed.add_node(router));
    host.and(router)
}

fn network(address: Ipv4Addr, prefix: u8) -> IpNet {
    // The prefix lengths here are constants of at most 32.
    Ipv4Net::new_assert(address, prefix).into()
}
