//! Links as networks of the engine, by bollard: internal ones, with the addresses of the topology.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

use bollard::Docker;
use bollard::models::{
    EndpointIpamConfig, EndpointSettings, Ipam, IpamConfig, NetworkConnectRequest,
    NetworkCreateRequest,
};
use ipnet::IpNet;

use crate::error::{Blame, Fault, LabError};
use crate::linux::{Joint, Namespace};

/// The driver's option for the name of its bridge.
pub(super) const BRIDGE: &str = "com.docker.network.bridge.name";
/// The driver's option that keeps the host itself off the link.
const NO_HOST: &str = "com.docker.network.bridge.inhibit_ipv4";
/// Where the host's packet filter lets pass what is told by users: before the engine's own rules,
/// and where there are none of those.
const CHAINS: [&str; 2] = ["DOCKER-USER", "FORWARD"];

/// A link of a testbed.
pub(super) struct Link {
    /// The engine's name for it.
    pub(super) network: String,
    /// The device.
    pub(super) bridge: String,
    pub(super) networks: Vec<IpNet>,
}

impl Link {
    /// Makes the network.
    pub(super) async fn lay(
        &self,
        docker: &Docker,
        labels: &HashMap<String, String>,
        switch: &Namespace,
    ) -> Result<(), LabError> {
        let Self {
            network, bridge, ..
        } = self;
        let doing = || format!("make the network {network}");
        let configured = self.networks.iter().map(|network| IpamConfig {
            subnet: Some(network.trunc().to_string()),
            // It has to be one of the network, and none of the topology's.
            gateway: Some(last_address(network).to_string()),
            ..IpamConfig::default()
        });
        let request = NetworkCreateRequest {
            name: network.clone(),
            driver: Some("bridge".into()),
            internal: Some(true),
            enable_ipv6: Some(self.has_ipv6()),
            ipam: Some(Ipam {
                config: Some(configured.collect()),
                ..Ipam::default()
            }),
            options: Some(HashMap::from([
                (BRIDGE.to_owned(), bridge.clone()),
                (NO_HOST.to_owned(), "true".to_owned()),
            ])),
            labels: Some(labels.clone()),
            ..NetworkCreateRequest::default()
        };
        docker
            .create_network(request)
            .await
            .blame(Fault::Network, doing)
            .map_err(|fault| {
                fault.remedy(
                    "if another network has these addresses: `ikematrix clean` removes labs that \
                     were left up, and `docker network ls` shows yours",
                )
            })?;
        switch.index(bridge).await.map_err(|fault| {
            fault.remedy("the engine's links must be on this machine: use --lab vm otherwise")
        })?;
        quieten(bridge, self.has_ipv6()).blame(Fault::Network, doing)?;
        let (bridge, ipv6) = (bridge.clone(), self.has_ipv6());
        tokio::task::spawn_blocking(move || let_pass(&bridge, ipv6))
            .await
            .blame(Fault::Harness, doing)?
    }

    fn has_ipv6(&self) -> bool {
        self.networks.iter().any(|network| network.addr().is_ipv6())
    }

    /// Plugs a router in. Gives the device of its port.
    pub(super) async fn join(
        &self,
        docker: &Docker,
        joint: &Joint<'_>,
        switch: &Namespace,
    ) -> Result<String, LabError> {
        let interface = joint.interface;
        let doing = || format!("connect {} to {}", joint.container.id(), self.network);
        let first = |ipv6: bool| {
            let mut all = interface.addresses.iter().map(IpNet::addr);
            let found = all.find(|address| address.is_ipv6() == ipv6);
            found.map(|address| address.to_string())
        };
        let addresses = EndpointIpamConfig {
            ipv4_address: first(false),
            ipv6_address: first(true),
            ..EndpointIpamConfig::default()
        };
        let before = joint.namespace.interfaces().await?;
        let request = NetworkConnectRequest {
            container: joint.container.id().to_owned(),
            endpoint_config: Some(EndpointSettings {
                ipam_config: Some(addresses),
                ..EndpointSettings::default()
            }),
        };
        docker
            .connect_network(&self.network, request)
            .await
            .blame(Fault::Network, doing)?;
        let after = joint.namespace.interfaces().await?;
        let new: Vec<&String> = after.iter().filter(|name| !before.contains(name)).collect();
        let [device] = new[..] else {
            let what = format!("{}: {} new interfaces", doing(), new.len());
            return Err(LabError::new(Fault::Network, what));
        };
        let port = joint.namespace.far_index(device).await?;
        let port = switch.name(port).await?;
        switch.set_mtu(&port, interface.mtu).await?;
        let (namespace, link) = (joint.namespace, &interface.link);
        namespace.rename(device, link, interface.mtu).await?;
        // Of several of one kind the engine has given the first only, and taking an interface down
        // loses those of IPv6.
        namespace
            .ensure_addresses(link, &interface.addresses)
            .await?;
        Ok(port)
    }
}

/// The last address of a network that a host can have.
fn last_address(network: &IpNet) -> std::net::IpAddr {
    match network {
        IpNet::V4(network) => {
            let last = u32::from(network.broadcast()).saturating_sub(1);
            std::net::Ipv4Addr::from(last).into()
        }
        IpNet::V6(network) => network.broadcast().into(),
    }
}

/// Keeps the host off a link: it would answer ARP for addresses of its own that the topology has, too,
/// and speak IPv6 where that is not there.
fn quieten(bridge: &str, ipv6: bool) -> std::io::Result<()> {
    // "Do not reply for all local addresses."
    set(&format!("ipv4/conf/{bridge}/arp_ignore"), "8")?;
    if ipv6 {
        return Ok(());
    }
    set(&format!("ipv6/conf/{bridge}/disable_ipv6"), "1")
}

fn set(setting: &str, value: &str) -> std::io::Result<()> {
    match std::fs::write(format!("/proc/sys/net/{setting}"), value) {
        // A kernel without IPv6 has no such setting.
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Err(_) | Ok(()) => Ok(()),
    }
}

/// Where bridges hand packets to the host's packet filter, the engine's rules for internal networks
/// drop what is not from and to the network itself, which is what routers are for.
fn let_pass(bridge: &str, ipv6: bool) -> Result<(), LabError> {
    let calls = |name: &str| {
        let path = format!("/proc/sys/net/bridge/bridge-nf-call-{name}");
        std::fs::read_to_string(path).is_ok_and(|value| value.trim() == "1")
    };
    for program in ["iptables", "ip6tables"] {
        let wanted = program == "iptables" || ipv6;
        if !wanted || !calls(program) {
            continue;
        }
        let doing = || format!("let packets of {bridge} pass by {program}");
        let mut last = String::new();
        let mut passes = false;
        for chain in CHAINS {
            let output = rule(program, "--insert", chain, bridge)
                .output()
                .blame(Fault::Network, doing)
                .map_err(|fault| fault.remedy("install iptables"))?;
            passes = output.status.success();
            if passes {
                break;
            }
            last = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        }
        if !passes {
            let what = format!("{}: {last}", doing());
            return Err(LabError::new(Fault::Network, what));
        }
    }
    Ok(())
}

/// The device of a cable at a bridge: among this machine's own it has to be told whose it is.
pub(super) fn cable_name(bridge: &str, port: &str) -> String {
    let node: String = port.chars().take(1).collect();
    format!("{bridge}-{node}")
}

/// Takes away the cables of a bridge. What is not there any more is no fault.
fn unplug(bridge: &str) {
    let prefix = format!("{bridge}-");
    for entry in std::fs::read_dir("/sys/class/net")
        .into_iter()
        .flatten()
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = Command::new("ip")
                .args(["link", "delete"])
                .arg(entry.file_name())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

/// Takes back what was told to the host about a bridge. What is not there any more is no fault.
pub(super) fn forget(bridge: &str) {
    unplug(bridge);
    for program in ["iptables", "ip6tables"] {
        for chain in CHAINS {
            let _ = rule(program, "--delete", chain, bridge).output();
        }
    }
    let _ = Command::new("nft")
        .args(["delete", "table", "netdev", bridge])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

fn rule(program: &str, action: &str, chain: &str, bridge: &str) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--wait", action, chain])
        .args(["--in-interface", bridge, "--out-interface", bridge])
        .args(["--jump", "ACCEPT"])
        .stdin(Stdio::null());
    command
}
