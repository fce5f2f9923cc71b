//! Dropping chosen traffic on a link, by nftables where it comes in at the ports of the bridge.
//!
//! That is before anything else looks at it: a bridge whose packets pass the host's own filters, too,
//! may put fragments together first.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::capture::Port;
use super::namespace::Namespace;
use crate::error::{Blame, Fault, LabError};
use crate::operation::{BlockRule, Blocked};

/// Replaces what is dropped between these ports of a bridge. The table bears the bridge's name.
pub(super) async fn block(
    switch: &Namespace,
    bridge: &str,
    ports: &[Port],
    rules: &[BlockRule],
) -> Result<(), LabError> {
    let rules = ruleset(bridge, ports, rules);
    apply(switch, rules, &format!("set the packet filter of {bridge}")).await
}

/// Keeps from the programs of a node what comes to the ports of IKE. Whoever listens at its
/// interfaces still sees it.
pub(super) async fn deafen(node: &Namespace, name: &str) -> Result<(), LabError> {
    let rules = "table inet deaf {\n  chain input {\n    type filter hook input priority 0; \
                 policy accept;\n    udp dport { 500, 4500 } drop\n  }\n}\n";
    apply(
        node,
        rules.to_owned(),
        &format!("set the packet filter of {name}"),
    )
    .await
}

/// Gives a namespace these rules; `doing` says what for.
pub(super) async fn apply(
    namespace: &Namespace,
    rules: String,
    doing: &str,
) -> Result<(), LabError> {
    // The program inherits the namespace of the thread that starts it.
    let output = namespace
        .run(move || nft(&rules))
        .await
        .blame(Fault::Network, || doing.to_owned())
        .map_err(|fault| fault.remedy("install nftables; `ikematrix doctor` says how"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(LabError::new(
        Fault::Network,
        format!("{doing}: nft: {said}"),
    ))
}

fn nft(rules: &str) -> std::io::Result<Output> {
    let mut child = Command::new("nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(rules.as_bytes())?;
    }
    child.wait_with_output()
}

fn ruleset(bridge: &str, ports: &[Port], rules: &[BlockRule]) -> String {
    let mut chains = String::new();
    for (number, port) in ports.iter().enumerate() {
        let from_here = rules
            .iter()
            .filter(|rule| rule.from.as_ref().is_none_or(|node| *node == port.node));
        let drops: String = from_here
            .flat_map(|rule| matchers(rule.traffic))
            .map(|matcher| format!("    {matcher} drop\n"))
            .collect();
        if !drops.is_empty() {
            let device = &port.device;
            chains.push_str(&format!(
                "  chain port{number} {{\n    type filter hook ingress device \"{device}\" \
                 priority 0; policy accept;\n{drops}  }}\n"
            ));
        }
    }
    // Declaring the table before deleting it makes the deletion succeed the first time, too.
    format!(
        "table netdev {bridge} {{}}\ndelete table netdev {bridge}\ntable netdev {bridge} {{\n\
         {chains}}}\n"
    )
}

fn matchers(traffic: Blocked) -> Vec<String> {
    match traffic {
        Blocked::All => vec!["meta protocol { ip, ip6 }".into()],
        // UDP-encapsulated ESP has a non-zero SPI where an IKE message has four zero octets
        // (RFC 3948 section 2.2).
        Blocked::Esp => vec![
            "meta l4proto esp".into(),
            "udp dport 4500 @th,64,32 != 0".into(),
        ],
        Blocked::Udp => vec!["meta l4proto udp".into()],
        Blocked::UdpPort(port) => vec![format!("udp dport {port}"), format!("udp sport {port}")],
        // The bits are "more fragments" and the offset (RFC 791, section 3.1).
        Blocked::IpFragments => vec![
            "ip frag-off & 0x3fff != 0".into(),
            "exthdr frag exists".into(),
        ],
        // The length of an IPv6 header is not part of its payload length (RFC 8200, section 3).
        Blocked::LargerThan(size) => vec![
            format!("ip length > {size}"),
            format!("ip6 length > {}", size.saturating_sub(40)),
        ],
        Blocked::Datagram(datagram) => {
            // In bits from the UDP header, which has eight octets; the marker has four.
            let (plain, marked) = (
                (u32::from(datagram.offset) + 8) * 8,
                (u32::from(datagram.offset) + 12) * 8,
            );
            let value = datagram.value;
            ["dport", "sport"]
                .into_iter()
                .flat_map(|port| {
                    [
                        format!("udp {port} 500 @th,{plain},8 {value}"),
                        format!("udp {port} 4500 @th,64,32 0 @th,{marked},8 {value}"),
                    ]
                })
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(from: Option<&str>, traffic: Blocked) -> BlockRule {
        BlockRule {
            from: from.map(str::to_owned),
            traffic,
        }
    }

    fn ports() -> [Port; 2] {
        [("veth1", "moon"), ("veth2", "sun")].map(|(device, node)| Port {
            device: device.into(),
            interface: format!("{node}-wan"),
            node: node.into(),
            link: "wan".into(),
        })
    }

    #[test]
    fn the_rules_name_what_is_dropped_and_nothing_else() {
        let rules = ruleset("wan", &ports(), &[rule(None, Blocked::Esp)]);
        assert_eq!(rules.matches("    meta l4proto esp drop\n").count(), 2);
        assert!(rules.contains("device \"veth1\"") && rules.contains("device \"veth2\""));
        assert!(!rules.contains("l4proto udp"));
        assert_eq!(ruleset("wan", &ports(), &[]).matches("drop").count(), 0);
    }

    #[test]
    fn a_rule_for_one_node_is_at_its_port() {
        let rules = ruleset(
            "wan",
            &ports(),
            &[rule(Some("moon"), Blocked::UdpPort(500))],
        );
        assert!(rules.contains("device \"veth1\"") && !rules.contains("veth2"));
        assert_eq!(rules.matches("drop").count(), 2);
    }
}
