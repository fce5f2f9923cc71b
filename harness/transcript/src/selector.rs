//! Traffic selectors as people write them.

use std::net::IpAddr;

/// `192.0.2.0/24`, or `192.0.2.1-192.0.2.9`; with protocol and ports where they are limited, such as
/// `192.0.2.0/24 UDP 4500`. Ports from 65535 to 0 stand for OPAQUE (RFC 7296, section 3.13.1).
pub(crate) fn text(
    protocol: u8,
    [first, last]: [u16; 2],
    addresses: Option<[IpAddr; 2]>,
    kind: &str,
) -> String {
    let mut text = match addresses {
        Some([first, last]) => range(first, last),
        None => kind.to_owned(),
    };
    match protocol {
        0 => {}
        1 => text.push_str(" ICMP"),
        6 => text.push_str(" TCP"),
        17 => text.push_str(" UDP"),
        58 => text.push_str(" ICMPv6"),
        other => text.push_str(&format!(" protocol {other}")),
    }
    match (first, last) {
        (0, u16::MAX) => {}
        (u16::MAX, 0) => text.push_str(" port OPAQUE"),
        _ if addresses.is_none() => {}
        (first, last) if first == last => text.push_str(&format!(" port {first}")),
        (first, last) => text.push_str(&format!(" port {first}-{last}")),
    }
    text
}

fn range(first: IpAddr, last: IpAddr) -> String {
    let (low, high, bits) = match (first, last) {
        (IpAddr::V4(low), IpAddr::V4(high)) => {
            (u128::from(u32::from(low)), u128::from(u32::from(high)), 32)
        }
        (IpAddr::V6(low), IpAddr::V6(high)) => (u128::from(low), u128::from(high), 128),
        _ => return format!("{first}-{last}"),
    };
    // A prefix: the addresses differ in all of their last bits, and in no other.
    let differ = low ^ high;
    let host = 128 - differ.leading_zeros();
    let all_ones = differ.count_ones() == host;
    if all_ones && low & differ == 0 {
        format!("{first}/{}", bits - host)
    } else {
        format!("{first}-{last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(first: &str, last: &str) -> String {
        range(first.parse().unwrap(), last.parse().unwrap())
    }

    #[test]
    fn a_range_that_is_a_prefix_is_written_as_one() {
        assert_eq!(between("192.0.2.0", "192.0.2.255"), "192.0.2.0/24");
        assert_eq!(between("192.0.2.7", "192.0.2.7"), "192.0.2.7/32");
        assert_eq!(between("0.0.0.0", "255.255.255.255"), "0.0.0.0/0");
        assert_eq!(between("2001:db8::", "2001:db8::ffff"), "2001:db8::/112");
        assert_eq!(
            between("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            "::/0"
        );
    }

    #[test]
    fn other_ranges_are_written_with_both_ends() {
        assert_eq!(between("192.0.2.1", "192.0.2.9"), "192.0.2.1-192.0.2.9");
        assert_eq!(between("192.0.2.9", "192.0.2.1"), "192.0.2.9-192.0.2.1");
    }

    #[test]
    fn protocol_and_ports_are_told_where_they_are_limited() {
        let net = Some(["192.0.2.0", "192.0.2.255"].map(|text| text.parse().unwrap()));
        assert_eq!(text(0, [0, u16::MAX], net, ""), "192.0.2.0/24");
        assert_eq!(text(17, [500, 500], net, ""), "192.0.2.0/24 UDP port 500");
        assert_eq!(text(6, [1, 9], net, ""), "192.0.2.0/24 TCP port 1-9");
        assert_eq!(text(0, [u16::MAX, 0], net, ""), "192.0.2.0/24 port OPAQUE");
        assert_eq!(text(0, [0, 0], None, "TS_SECLABEL"), "TS_SECLABEL");
    }
}
