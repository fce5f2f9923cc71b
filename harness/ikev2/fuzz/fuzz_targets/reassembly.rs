//! Any order of fragments of several messages, within narrow limits.

#![no_main]

use ikev2::numbers::{ExchangeType, PayloadType};
use ikev2::reassembly::{Fragment, Limits, Progress, Reassembler, SetKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let limits = Limits {
        fragments: 12,
        octets: 64,
        sets: 5,
        total_octets: 100,
    };
    let mut reassembler = Reassembler::new(limits);
    let mut rest = input;
    while let Some((&[message, number, total, length], after)) = rest.split_first_chunk() {
        let (piece, after) = after.split_at(usize::from(length).min(after.len()));
        rest = after;
        let key = SetKey {
            initiator_spi: u64::from(message & 7),
            responder_spi: 1,
            exchange: ExchangeType::IKE_AUTH,
            message_id: u32::from(message >> 6),
            from_initiator: message & 8 != 0,
            is_response: message & 16 != 0,
        };
        let (number, total) = (u16::from(number), u16::from(total));
        let first = PayloadType(number.to_le_bytes()[0]);
        let fragment = Fragment {
            first,
            number,
            total,
            piece,
        };
        match reassembler.insert(key, fragment) {
            Ok(Progress::Complete(complete)) => {
                assert_eq!(complete.total, total);
                assert_eq!(complete.first, PayloadType(1));
                assert!(complete.plaintext.len() <= limits.octets);
                assert!(
                    complete
                        .plaintext
                        .windows(piece.len().max(1))
                        .any(|w| w == piece)
                        || piece.is_empty()
                );
            }
            Ok(
                Progress::Incomplete { have, total: of }
                | Progress::Restarted {
                    have, total: of, ..
                },
            ) => {
                assert_eq!(of, total);
                assert!(have < of);
            }
            Ok(Progress::Duplicate) => {}
            Err(refused) => assert!(!refused.to_string().is_empty()),
        }
        assert!(reassembler.octets() <= limits.total_octets);
        let mut sets = 0;
        for incomplete in reassembler.incomplete() {
            sets += 1;
            let missing = usize::from(incomplete.total - incomplete.have);
            assert_eq!(incomplete.missing.len(), missing);
        }
        assert!(sets <= limits.sets);
    }
});
