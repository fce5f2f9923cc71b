//! How much of a capture is kept, whatever it holds.

/// What is kept of a capture at most. Beyond it things are counted and noted.
///
/// With the default limits, reading takes less than 256 MB of memory for any file.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// IKE messages, each however often it was sent.
    pub messages: usize,
    /// Octets of these messages together.
    pub message_octets: usize,
    pub ike_sas: usize,
    /// SPIs of ESP, by direction.
    pub esp_flows: usize,
    /// Directions of IP fragments.
    pub fragment_flows: usize,
    pub icmp_errors: usize,
    /// Payloads of all messages together.
    pub payloads: usize,
    /// Transforms, traffic selectors and other parts of all payloads together.
    pub parts: usize,
    /// Certificates that are read and checked; the same one again costs nothing.
    pub certificates: usize,
}

impl Limits {
    /// Transmissions of one message that are listed.
    pub(crate) const TRANSMISSIONS: usize = 32;
    /// Unknown link types that are told apart.
    pub(crate) const LINKS: usize = 16;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: 20_000,
            message_octets: 16 << 20,
            ike_sas: 4_000,
            esp_flows: 10_000,
            fragment_flows: 1_000,
            icmp_errors: 1_000,
            payloads: 200_000,
            parts: 400_000,
            certificates: 64,
        }
    }
}
