//! Dropping chosen traffic on a link, by nftables in the namespace of the links.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::namespace::Namespace;
use crate::error::{Blame, Fault, LabError};
use crate::operation::Blocked;

/// Replaces what is dropped between the ports of the bridge `link`.
pub(super) async fn block(
    switch: &Namespace,
    link: &str,
    traffic: &[Blocked],
) -> Result<(), LabError> {
    let rules = ruleset(link, traffic);
    let doing = || format!("set the packet filter of {link}");
    // The program inherits the namespace of the thread that starts it.
    let output = switch
        .run(move || nft(&rules))
        .await
        .blame(Fault::Network, doing)
        .map_err(|fault| fault.remedy("install nftables; `ikematrix doctor` says how"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(LabError::new(
        Fault::Network,
        format!("{}: nft: {said}", doing()),
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

fn ruleset(link: &str, traffic: &[Blocked]) -> String {
    let drops: String = traffic
        .iter()
        .map(|traffic| format!("    {} drop\n", matcher(*traffic)))
        .collect();
    // Declaring the table before deleting it makes the deletion succeed the first time, too.
    format!(
        "table bridge {link} {{}}\ndelete table bridge {link}\ntable bridge {link} {{\n  \
         chain forward {{\n    type filter hook forward priority 0; policy accept;\n\
         {drops}  }}\n}}\n"
    )
}

fn matcher(traffic: Blocked) -> &'static str {
    match traffic {
        // UDP-encapsulated ESP has a non-zero SPI where an IKE message has four zero octets
        // (RFC 3948 section 2.2).
        Blocked::Esp => "meta l4proto esp drop\n    udp dport 4500 @th,64,32 != 0",
        Blocked::Udp => "meta l4proto udp",
        // The bits are "more fragments" and the offset (RFC 791, section 3.1).
        Blocked::IpFragments => "ip frag-off & 0x3fff != 0 drop\n    exthdr frag exists",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_name_what_is_dropped_and_nothing_else() {
        let rules = ruleset("wan", &[Blocked::Esp]);
        assert!(rules.contains("meta l4proto esp drop"));
        assert!(!rules.contains("l4proto udp"));
        assert_eq!(ruleset("wan", &[]).matches("drop").count(), 0);
    }
}
