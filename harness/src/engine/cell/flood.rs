//! Whether one node sent nearly all that crossed the wan.

use lab::{Count, PortCount};

/// What a node sent, if it was more than nine tenths of all that was sent.
pub(super) fn of(node: &str, ports: &[PortCount]) -> Option<Count> {
    let all: u64 = ports.iter().map(|port| port.sent.bytes).sum();
    let sent = ports.iter().find(|port| port.node == node)?.sent;
    (sent.bytes > all / 10 * 9).then_some(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_of_the_node_that_sent_nearly_everything() {
        let port = |node: &str, bytes| PortCount {
            node: node.into(),
            interface: format!("{node}-wan"),
            sent: Count { packets: 1, bytes },
            delivered: Count::default(),
        };
        let flood = |moon, sun| {
            let ports = [port("moon", moon), port("sun", sun)];
            ["moon", "sun"].map(|node| of(node, &ports).is_some())
        };
        assert_eq!(flood(91_000, 9_000), [true, false]);
        assert_eq!(flood(5, 20_000_000), [false, true]);
        assert_eq!(flood(60_000, 40_000), [false, false]);
        assert_eq!(flood(0, 0), [false, false]);
    }
}
