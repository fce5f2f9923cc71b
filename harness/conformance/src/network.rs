//! The way to the router under test.

use std::time::Instant;

use ikev2::endpoint::Datagram;

/// Carries datagrams between the tester and the router.
pub trait Network {
    fn now(&self) -> Instant;

    /// Sends these; then waits until some have come from the router, or until that moment.
    ///
    /// # Errors
    ///
    /// The network itself is at fault. A router that answers nothing is no error.
    fn exchange(
        &mut self,
        sent: Vec<Datagram>,
        until: Instant,
    ) -> Result<Vec<Datagram>, NetworkFault>;
}

/// What is wrong with the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NetworkFault(pub String);
