//! A node that translates addresses and ports, by nftables in its namespace.

use super::filter;
use super::namespace::Namespace;
use crate::error::LabError;
use crate::operation::NatSpec;

/// Makes the node a NAT.
pub(super) async fn translate(node: &Namespace, nat: &NatSpec) -> Result<(), LabError> {
    filter::apply(node, ruleset(nat), &format!("make {} a NAT", nat.node)).await
}

/// The ports are changed also where they could be kept: that asks more of what is inside, and of
/// its peers.
fn ruleset(nat: &NatSpec) -> String {
    let NatSpec {
        inside, outside, ..
    } = nat;
    let forwards: String = nat
        .forwards
        .iter()
        .map(|to| {
            format!(
                "    iifname \"{outside}\" udp dport {} dnat to {}\n",
                to.port, to.to
            )
        })
        .collect();
    let leaves = format!("iifname \"{inside}\" oifname \"{outside}\"");
    format!(
        "table ip nat {{
  chain prerouting {{
    type nat hook prerouting priority -100; policy accept;
{forwards}  }}
  chain postrouting {{
    type nat hook postrouting priority 100; policy accept;
    {leaves} meta l4proto {{ tcp, udp }} masquerade to :1024-65535 random
    {leaves} masquerade
  }}
  chain forward {{
    type filter hook forward priority 0; policy accept;
    meta l4proto != {{ tcp, udp, icmp }} drop
  }}
}}
"
    )
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::operation::PortForward;

    #[test]
    fn a_nat_hides_what_leaves_and_lets_in_what_comes_to_a_forwarded_port() {
        let nat = |forwards| NatSpec {
            node: "nat".into(),
            inside: "home".into(),
            outside: "wan".into(),
            forwards,
        };
        let forward = PortForward {
            port: 4500,
            to: Ipv4Addr::new(192, 0, 2, 2),
        };
        let rules = ruleset(&nat(vec![forward]));
        assert!(rules.contains("iifname \"wan\" udp dport 4500 dnat to 192.0.2.2\n"));
        assert_eq!(
            rules.matches("iifname \"home\" oifname \"wan\" ").count(),
            2
        );
        assert!(!ruleset(&nat(Vec::new())).contains("dnat"));
    }
}
