//! A link that is joined with an interface of this machine, and so with what is cabled to that.
//!
//! The port is a device on top of the interface (macvlan, passthrough), made in the namespace of the
//! links: it takes all that comes in and can send as anybody. The interface itself stays where it is
//! and as it is, with its name, addresses and routes, and when the port goes, however it goes, nothing
//! of it is left.

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use rtnetlink::packet_route::address::AddressScope;
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags, LinkLayerType, LinkMessage};
use rtnetlink::packet_route::route::{RouteAttribute, RouteType};
use rtnetlink::{IpVersion, RouteMessageBuilder};

use super::namespace::Namespace;
use crate::error::{Blame, Fault, LabError};
use crate::operation::{Cable, Carrier};

/// How long the port of a lab that was killed may take to go.
const PATIENCE: Duration = Duration::from_secs(5);
const PACE: Duration = Duration::from_millis(50);

/// A cable that is plugged in.
pub(super) struct Plugged {
    pub(super) node: String,
    machine: Namespace,
    device: String,
    /// In the namespace of the links.
    port: String,
}

impl Plugged {
    /// Joins an interface of this machine with a bridge of the switch.
    ///
    /// # Errors
    /// When the interface is not there, is down, is no Ethernet, or belongs to somebody.
    pub(super) async fn plug(
        switch: &Namespace,
        bridge: &str,
        port: &str,
        cable: &Cable,
    ) -> Result<Self, LabError> {
        let machine = Namespace::own().await?;
        let device = &cable.device;
        let found = machine.look_up(device).await.map_err(|fault| {
            fault.remedy("name an interface that `ip link` shows, in the table [external]")
        })?;
        check_kind(device, &found)?;
        if !cable.even_in_use
            && let Some(use_) = use_of(&machine, found.header.index).await?
        {
            let what = format!("interface {device} {use_}: nothing of it would reach this machine");
            let remedy = format!(
                "give the router an interface of its own, or say it twice: --take-over {device}"
            );
            return Err(LabError::new(Fault::Network, what).remedy(remedy));
        }
        let begun = Instant::now();
        loop {
            match machine.lay_over(found.header.index, switch, port).await {
                Ok(()) => break,
                // The last lab on it was killed, and the kernel still tidies up.
                Err(_) if begun.elapsed() < PATIENCE => tokio::time::sleep(PACE).await,
                Err(fault) => {
                    let remedy = format!(
                        "see with `ip -d link` whether something else is on top of {device}; \
                         `ikematrix clean` removes labs that were left up"
                    );
                    return Err(fault.remedy(remedy));
                }
            }
        }
        let plugged = Self {
            node: cable.node.clone(),
            machine,
            device: device.clone(),
            port: port.to_owned(),
        };
        if let Err(fault) = switch.enslave(port, bridge).await {
            // It must not stay where nobody knows of it.
            let _ = plugged.pull(switch).await;
            return Err(fault);
        }
        Ok(plugged)
    }

    /// Takes the port away, unless it went with its interface.
    pub(super) async fn pull(&self, switch: &Namespace) -> Result<(), LabError> {
        if switch.index(&self.port).await.is_err() {
            return Ok(());
        }
        switch.delete(&self.port).await
    }

    pub(super) async fn carrier(&self) -> Result<Carrier, LabError> {
        let found = self.machine.look_up(&self.device).await?;
        let mut carrier = Carrier {
            device: self.device.clone(),
            up: false,
            changes: 0,
        };
        for attribute in &found.attributes {
            if let LinkAttribute::Carrier(state) = attribute {
                carrier.up = *state == 1;
            }
            if let LinkAttribute::CarrierChanges(count) = attribute {
                carrier.changes = *count;
            }
        }
        Ok(carrier)
    }
}

fn check_kind(device: &str, found: &LinkMessage) -> Result<(), LabError> {
    let refuse = |why: &str, remedy: String| {
        let what = format!("interface {device} {why}");
        Err(LabError::new(Fault::Network, what).remedy(remedy))
    };
    let is_ethernet = found.header.link_layer_type == LinkLayerType::Ether;
    if !is_ethernet || found.header.flags.contains(LinkFlags::Loopback) {
        let remedy = "name the Ethernet interface that the router is cabled to";
        return refuse("is no Ethernet", remedy.into());
    }
    let port_of = found.attributes.iter().any(
        |attribute| matches!(attribute, LinkAttribute::Controller(controller) if *controller != 0),
    );
    if port_of {
        let remedy = format!("name that bridge, or `ip link set {device} nomaster`");
        return refuse("is the port of a bridge or a bond", remedy);
    }
    if !found.header.flags.contains(LinkFlags::Up) {
        return refuse("is down", format!("ip link set {device} up"));
    }
    Ok(())
}

/// What this machine uses an interface for, as a predicate; `None` when it is for the router alone.
async fn use_of(machine: &Namespace, index: u32) -> Result<Option<String>, LabError> {
    for version in [IpVersion::V4, IpVersion::V6] {
        if machine.has_default_route(&version, index).await? {
            return Ok(Some("carries the default route".into()));
        }
    }
    Ok(machine
        .global_address(index)
        .await?
        .map(|address| format!("has the address {address} of this machine")))
}

impl Namespace {
    async fn has_default_route(&self, version: &IpVersion, index: u32) -> Result<bool, LabError> {
        let doing = || "read the routes of this machine".to_owned();
        let any = match version {
            IpVersion::V4 => RouteMessageBuilder::<std::net::Ipv4Addr>::new().build(),
            IpVersion::V6 => RouteMessageBuilder::<std::net::Ipv6Addr>::new().build(),
        };
        let mut routes = Box::pin(self.netlink().route().get(any).execute());
        while let Some(route) = routes.try_next().await.blame(Fault::Network, doing)? {
            let over = route.attributes.iter().any(|attribute| {
                if let RouteAttribute::MultiPath(hops) = attribute {
                    return hops.iter().any(|hop| hop.interface_index == index);
                }
                matches!(attribute, RouteAttribute::Oif(over) if *over == index)
            });
            let is_default = route.header.destination_prefix_length == 0
                && route.header.kind == RouteType::Unicast;
            if is_default && over {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// An address by which others reach this machine, if the interface has one.
    async fn global_address(&self, index: u32) -> Result<Option<String>, LabError> {
        let doing = || "read the addresses of this machine".to_owned();
        let addresses = self.netlink().address().get();
        let mut found = addresses.set_link_index_filter(index).execute();
        while let Some(address) = found.try_next().await.blame(Fault::Network, doing)? {
            if address.header.scope == AddressScope::Universe {
                return Ok(address.attributes.iter().find_map(|attribute| {
                    use rtnetlink::packet_route::address::AddressAttribute::Address;
                    let Address(address) = attribute else {
                        return None;
                    };
                    Some(address.to_string())
                }));
            }
        }
        Ok(None)
    }
}
