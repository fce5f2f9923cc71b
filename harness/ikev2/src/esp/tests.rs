use proptest::prelude::*;

use super::*;
use crate::algorithm::Transform as _;
use crate::hex::hex;
use crate::random::SystemRandom;

fn child(encryption: Encryption, key: &[u8], spi: u32) -> ChildSa {
    let integrity = (!encryption.is_aead()).then_some(Integrity::HmacSha2Bits256Of128);
    let sa = EspSa {
        spi,
        encryption_key: key.into(),
        integrity_key: vec![7; integrity.map_or(0, Integrity::key_octets)].into(),
    };
    ChildSa {
        incoming: sa.clone(),
        outgoing: sa,
        encryption,
        integrity,
        group: None,
        local_selectors: Vec::new(),
        remote_selectors: Vec::new(),
        is_being_deleted: false,
    }
}

fn pair(encryption: Encryption) -> (EspSender, EspReceiver) {
    let child = child(encryption, &vec![9; encryption.key_octets()], 0x0102_0304);
    (EspSender::new(&child), EspReceiver::new(&child))
}

#[test]
fn the_example_of_rfc_7634_is_met() {
    let key: Vec<u8> = (0x80..=0xa3).collect();
    let child = child(Encryption::ChaCha20Poly1305, &key, 0x0102_0304);
    let source = hex(
        "45000054a6f200004001e778c6336405 c000020508005b7a3a080000553bec10
         0007362708090a0b0c0d0e0f10111213 1415161718191a1b1c1d1e1f20212223
         2425262728292a2b2c2d2e2f30313233 34353637",
    );
    let packet = hex("01020304000000051011121314151617
         24039428b97f417e3c13753a4f05087b 67c352e6a7fab1b982d466ef407ae5c6
         14ee8099d52844eb61aa95dfab4c02f7 2aa71e7c4c4f64c9befe2facc638e8f3
         cbec163fac469b502773f6fb94e664da 9165b82829f641e0
         76aaa8266b7fb0f7b11b369907e1ad43");
    let mut sender = EspSender::new(&child);
    sender.continue_after(4);
    sender.next_iv = 0x1011_1213_1415_1617;
    let sealed = sender.seal(&mut SystemRandom, IPV4, &source).unwrap();
    assert_eq!(sealed, packet);
    let opened = EspReceiver::new(&child).open(&packet).unwrap();
    assert_eq!(
        opened,
        Opened {
            sequence: 5,
            next_header: IPV4,
            payload: source,
        }
    );
}

#[test]
fn what_every_algorithm_seals_is_opened_once() {
    for &encryption in Encryption::ALL {
        let (mut sender, mut receiver) = pair(encryption);
        for octets in 0..40 {
            let payload = vec![5; octets];
            let packet = sender.seal(&mut SystemRandom, IPV6, &payload).unwrap();
            let opened = receiver.open(&packet).unwrap();
            assert_eq!((opened.next_header, opened.payload), (IPV6, payload));
            let sequence = opened.sequence;
            assert_eq!(receiver.open(&packet), Err(EspError::Replayed { sequence }));
        }
    }
}

#[test]
fn packets_may_overtake_each_other_within_the_window() {
    let (mut sender, mut receiver) = pair(Encryption::AesGcm16Bits256);
    let packets: Vec<_> = (0..100)
        .map(|_| sender.seal(&mut SystemRandom, IPV4, b"x").unwrap())
        .collect();
    assert!(receiver.open(&packets[99]).is_ok());
    assert!(receiver.open(&packets[36]).is_ok());
    assert!(receiver.open(&packets[98]).is_ok());
    for (at, sequence) in [(35, 36), (36, 37), (98, 99)] {
        let replayed = Err(EspError::Replayed { sequence });
        assert_eq!(receiver.open(&packets[at]), replayed);
    }
    sender.continue_after(u32::MAX);
    let last = sender.seal(&mut SystemRandom, IPV4, b"x");
    assert_eq!(last, Err(EspError::SequenceNumbers));
}

#[test]
fn what_is_of_another_sa_or_cut_short_is_refused() {
    for &encryption in Encryption::ALL {
        let (mut sender, mut receiver) = pair(encryption);
        let packet = sender.seal(&mut SystemRandom, IPV4, b"probe").unwrap();
        for end in 0..packet.len() {
            assert!(receiver.open(&packet[..end]).is_err());
        }
        let mut other = packet.clone();
        other[3] = 9;
        let spi = 0x0102_0309;
        assert_eq!(receiver.open(&other), Err(EspError::Spi { spi }));
        assert!(receiver.open(&packet).is_ok());
    }
}

proptest! {
    #[test]
    fn a_changed_octet_is_noticed(
        which in 0..Encryption::ALL.len(),
        at in any::<prop::sample::Index>(),
        mask in 1_u8..,
    ) {
        let (mut sender, mut receiver) = pair(Encryption::ALL[which]);
        let mut packet = sender.seal(&mut SystemRandom, IPV4, b"probe").unwrap();
        let at = at.index(packet.len());
        packet[at] ^= mask;
        prop_assert!(receiver.open(&packet).is_err());
    }
}
