//! The way to the router under test.

use std::net::IpAddr;
use std::time::Instant;

use ikev2::endpoint::Datagram;

/// Carries packets between the tester and the router, and has the router begin and end.
pub trait Network {
    fn now(&self) -> Instant;

    /// Sends these; then waits until some have come from the router, or until that moment.
    ///
    /// # Errors
    ///
    /// The network itself is at fault. A router that answers nothing is no error.
    fn exchange(&mut self, sent: Vec<Packet>, until: Instant) -> Result<Vec<Packet>, NetworkFault>;

    /// Has the router set up an IKE SA with the tester. It does not wait for it.
    ///
    /// # Errors
    ///
    /// The network itself is at fault.
    fn call(&mut self) -> Result<(), NetworkFault>;
}

/// What goes between the tester and the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Of UDP: IKE, or ESP within UDP.
    Udp(Datagram),
    Esp(EspPacket),
}

/// A packet of ESP right within IP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EspPacket {
    /// The address of the tester.
    pub local: IpAddr,
    pub remote: IpAddr,
    /// From its SPI on.
    pub bytes: Vec<u8>,
}

/// What is wrong with the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NetworkFault(pub String);
