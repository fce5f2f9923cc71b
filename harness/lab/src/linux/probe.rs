//! Marked datagrams between two hosts.

use std::collections::HashSet;
use std::net::UdpSocket;
use std::time::Duration;

use super::namespace::Namespace;
use crate::error::{Blame, Fault, LabError};
use crate::operation::{Probe, ProbeReport};
use crate::sys;

/// Sends every payload and waits until all have arrived or the time is up. A datagram counts when
/// its content and its source address are what was sent.
pub(super) async fn probe(
    from: &Namespace,
    to: &Namespace,
    probe: &Probe,
) -> Result<ProbeReport, LabError> {
    let doing = || format!("probe from {} to {}", probe.from, probe.to);
    let (source, destination) = (probe.source, probe.destination);
    let receiver = to
        .run(move || UdpSocket::bind((destination, 0)))
        .await
        .and_then(ready)
        .blame(Fault::Network, doing)?;
    let sender = from
        .run(move || {
            let socket = UdpSocket::bind((source, 0))?;
            if source.is_ipv4() {
                // A large probe may need several packets once it is protected.
                sys::allow_fragments(&socket)?;
            }
            Ok(socket)
        })
        .await
        .and_then(ready)
        .blame(Fault::Network, doing)?;
    let target = receiver.local_addr().blame(Fault::Network, doing)?;
    let origin = sender.local_addr().blame(Fault::Network, doing)?;

    let mut refused = None;
    for payload in &probe.payloads {
        if let Err(error) = sender.send_to(payload, target).await {
            refused = Some(error.to_string());
        }
    }
    let mut awaited: HashSet<&[u8]> = probe.payloads.iter().map(Vec::as_slice).collect();
    let sent = awaited.len();
    let arrivals = async {
        let mut buffer = vec![0; 65_536];
        while !awaited.is_empty() {
            if let Ok((length, source)) = receiver.recv_from(&mut buffer).await
                && source == origin
            {
                awaited.remove(&buffer[..length]);
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(probe.millis), arrivals).await;
    let received = sent - awaited.len();
    Ok(ProbeReport {
        sent: u32::try_from(sent).unwrap_or(u32::MAX),
        received: u32::try_from(received).unwrap_or(u32::MAX),
        refused,
    })
}

fn ready(socket: UdpSocket) -> std::io::Result<tokio::net::UdpSocket> {
    socket.set_nonblocking(true)?;
    tokio::net::UdpSocket::from_std(socket)
}
