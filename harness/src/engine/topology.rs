//! The network of a pairing: `alice — moon ═ wan ═ sun — bob`; where a case wants it, one router
//! reaches the wan through a NAT: `alice — moon ═ access ═ nat ═ wan ═ sun — bob`.

use std::net::{IpAddr, Ipv4Addr};

use cases::Role;
use ipnet::{IpNet, Ipv4Net};
use lab::{Interface, LabError, LinkSpec, NatSpec, NodeSpec, PortForward, Route, Testbed};

/// The link between the routers.
pub(crate) const WAN: &str = "wan";
/// The link between a router and its NAT.
const ACCESS: &str = "access";
/// The node that translates.
const NAT: &str = "nat";
const NAT_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// Of the router behind it, whichever it is.
const HIDDEN_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const ACCESS_PREFIX: u8 = 29;
/// UDP ports of IKE, and of IKE and ESP in UDP (RFC 7296, section 2).
const IKE_PORTS: [u16; 2] = [500, 4500];

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
    /// Whether a NAT stands between the router and the wan.
    behind_nat: bool,
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
    behind_nat: false,
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
    behind_nat: false,
};

impl Site {
    /// The site of a role whose router stands on the wan itself.
    pub(crate) fn of(role: Role) -> Self {
        match role {
            Role::Initiator => MOON,
            Role::Responder => SUN,
        }
    }

    /// The site of a role where `nat` tells whose router stands behind a NAT.
    pub(crate) fn with_nat(role: Role, nat: Option<Role>) -> Self {
        Self {
            behind_nat: nat == Some(role),
            ..Self::of(role)
        }
    }

    /// Where the router is reached on the wan: behind a NAT, at the address of that.
    pub(crate) fn wan_address(self) -> IpAddr {
        self.wan_address.into()
    }

    pub(crate) fn wan_ipv4(self) -> Ipv4Addr {
        self.wan_address
    }

    /// The address that the router itself has towards the wan.
    pub(crate) fn own_address(self) -> IpAddr {
        if self.behind_nat {
            HIDDEN_ADDRESS.into()
        } else {
            self.wan_address()
        }
    }

    pub(crate) fn is_behind_nat(self) -> bool {
        self.behind_nat
    }

    /// The link that leads from the router to the wan.
    pub(crate) fn uplink(self) -> &'static str {
        if self.behind_nat { ACCESS } else { WAN }
    }

    /// The node that stands on the wan for this site.
    pub(crate) fn wan_node(self) -> &'static str {
        if self.behind_nat { NAT } else { self.router }
    }

    pub(crate) fn host_address(self) -> IpAddr {
        self.host_address.into()
    }

    pub(crate) fn host_ipv4(self) -> Ipv4Addr {
        self.host_address
    }

    /// The same with the length of its prefix.
    pub(crate) fn own_network(self) -> IpNet {
        if self.behind_nat {
            network(HIDDEN_ADDRESS, ACCESS_PREFIX)
        } else {
            network(self.wan_address, WAN_PREFIX)
        }
    }

    /// The router's address towards its host, with the length of its prefix.
    pub(crate) fn lan_router(self) -> IpNet {
        network(self.lan_address, LAN_PREFIX)
    }

    /// Where the router sends what is for the other side.
    pub(crate) fn gateway(self) -> IpAddr {
        if self.behind_nat {
            NAT_ADDRESS.into()
        } else {
            Self::of(self.role.peer()).wan_address()
        }
    }

    /// The network behind the other router.
    pub(crate) fn peer_lan(self) -> IpNet {
        Self::of(self.role.peer()).lan_subnet()
    }

    /// The link between the router and its host.
    pub(crate) fn lan(self) -> &'static str {
        self.lan
    }

    pub(crate) fn lan_subnet(self) -> IpNet {
        network(self.lan_network, LAN_PREFIX)
    }
}

/// Lays the links and, behind which one of the routers shall stand, the NAT. Sites can then be added
/// at the same time.
pub(crate) async fn add_network(
    testbed: &Testbed,
    nat: Option<Role>,
    wan_mtu: Option<u32>,
) -> Result<(), LabError> {
    let wan = (WAN, network(MOON.wan_address, WAN_PREFIX).trunc());
    let lans = [MOON, SUN].map(|site| (site.lan, site.lan_subnet()));
    let access = nat.map(|_| (ACCESS, network(NAT_ADDRESS, ACCESS_PREFIX).trunc()));
    for (name, network) in [wan].into_iter().chain(lans).chain(access) {
        let link = LinkSpec {
            name: name.into(),
            networks: vec![network],
        };
        testbed.add_link(link).await?;
    }
    let Some(role) = nat else { return Ok(()) };
    let site = Site::of(role);
    let node = NodeSpec {
        name: NAT.into(),
        image: None,
        interfaces: vec![
            interface(ACCESS, NAT_ADDRESS, ACCESS_PREFIX, None),
            interface(WAN, site.wan_address, WAN_PREFIX, wan_mtu),
        ],
        routes: Vec::new(),
        forwarding: true,
    };
    testbed.add_node(node).await?;
    let forward = |port| PortForward {
        port,
        to: HIDDEN_ADDRESS,
    };
    testbed
        .translate_addresses(NatSpec {
            node: NAT.into(),
            inside: ACCESS.into(),
            outside: WAN.into(),
            // Nobody can call a responder that is behind a NAT unless that lets the calls in.
            forwards: match role {
                Role::Initiator => Vec::new(),
                Role::Responder => IKE_PORTS.map(forward).to_vec(),
            },
        })
        .await
}

/// The host of one site; without `lan_route` it cannot answer beyond its own network.
pub(crate) fn host(site: Site, lan_route: bool) -> NodeSpec {
    NodeSpec {
        name: site.host.into(),
        image: None,
        interfaces: vec![interface(site.lan, site.host_address, LAN_PREFIX, None)],
        routes: lan_route
            .then(|| Route {
                to: network(Ipv4Addr::UNSPECIFIED, 0),
                via: site.lan_address.into(),
            })
            .into_iter()
            .collect(),
        forwarding: false,
    }
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
    let peer = Site::of(site.role.peer());
    let host = host(site, lan_route);
    let (uplink, routes) = if site.behind_nat {
        let beyond = |to| Route {
            to,
            via: NAT_ADDRESS.into(),
        };
        let wan = network(peer.wan_address, WAN_PREFIX).trunc();
        (
            interface(ACCESS, HIDDEN_ADDRESS, ACCESS_PREFIX, None),
            vec![beyond(wan), beyond(peer.lan_subnet())],
        )
    } else {
        let to_peer = Route {
            to: peer.lan_subnet(),
            via: peer.wan_address(),
        };
        (
            interface(WAN, site.wan_address, WAN_PREFIX, wan_mtu),
            vec![to_peer],
        )
    };
    let router = NodeSpec {
        name: site.router.into(),
        image: Some(image.into()),
        interfaces: vec![
            uplink,
            interface(site.lan, site.lan_address, LAN_PREFIX, None),
        ],
        routes,
        forwarding: true,
    };
    let (host, router) = tokio::join!(testbed.add_node(host), testbed.add_node(router));
    host.and(router)
}

fn interface(link: &str, address: Ipv4Addr, prefix: u8, mtu: Option<u32>) -> Interface {
    Interface {
        link: link.into(),
        mtu,
        addresses: vec![network(address, prefix)],
    }
}

/// The tester's end of the wan, in the place of the router of a site.
pub(crate) fn tester_interface(site: Site) -> Interface {
    interface(WAN, site.wan_address, WAN_PREFIX, None)
}

fn network(address: Ipv4Addr, prefix: u8) -> IpNet {
    // The prefix lengths here are constants of at most 32.
    Ipv4Net::new_assert(address, prefix).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nat_gives_its_router_another_address_and_leaves_that_of_the_wan() {
        for role in Role::BOTH {
            let plain = Site::with_nat(role, None);
            assert_eq!(plain.own_address(), plain.wan_address());
            assert_eq!((plain.uplink(), plain.wan_node()), (WAN, plain.router));
            let hidden = Site::with_nat(role, Some(role));
            assert_eq!(hidden.wan_address(), plain.wan_address());
            assert_ne!(hidden.own_address(), hidden.wan_address());
            assert_eq!((hidden.uplink(), hidden.wan_node()), (ACCESS, NAT));
            let peer = Site::with_nat(role.peer(), Some(role));
            assert_eq!(peer.own_address(), peer.wan_address());
        }
    }
}
