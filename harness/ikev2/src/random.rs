//! Where SPIs, nonces, private values and initialization vectors come from.

use crate::algorithm::DhGroup;
use crate::key_exchange::{KeyPair, private_octets};

/// A source of random octets. Tests and fuzzing give one that repeats itself.
pub trait Random: Send {
    fn fill(&mut self, out: &mut [u8]);
}

/// The random numbers of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) {
        aws_lc_rs::rand::fill(out).expect("the library ends the program itself if it has none");
    }
}

/// So many octets of it.
pub fn octets(random: &mut dyn Random, count: usize) -> Vec<u8> {
    let mut out = vec![0; count];
    random.fill(&mut out);
    out
}

/// An SPI of an IKE SA; 0 stands for none (RFC 7296, section 3.1).
pub(crate) fn ike_spi(random: &mut dyn Random) -> u64 {
    let mut out = [0; 8];
    random.fill(&mut out);
    u64::from_be_bytes(out).max(1)
}

/// An SPI of an SA of ESP; those up to 255 are reserved (RFC 4303, section 2.1).
pub(crate) fn esp_spi(random: &mut dyn Random) -> u32 {
    let mut out = [0; 4];
    random.fill(&mut out);
    u32::from_be_bytes(out) | 0x100
}

/// A key pair of a fresh private value; `None` if the source gives nothing that will do.
pub(crate) fn key_pair(random: &mut dyn Random, group: DhGroup) -> Option<KeyPair> {
    // A value beyond the order of a curve comes once in many millions.
    const TRIES: usize = 8;
    (0..TRIES).find_map(|_| {
        let mut value = octets(random, private_octets(group));
        // The order of P-521 has 521 bits.
        if group == DhGroup::Ecp521
            && let Some(first) = value.first_mut()
        {
            *first &= 1;
        }
        KeyPair::from_private(group, &value).ok()
    })
}
