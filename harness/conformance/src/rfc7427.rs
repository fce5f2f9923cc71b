//! Signatures in the AUTH payload (RFC 7296, section 3.8; RFC 4754; RFC 7427; RFC 8420): those that a
//! router accepts, and those that it makes.

pub(crate) mod of_initiators;
pub(crate) mod of_responders;

use ikev2::authentication::{SIGNATURES, Scheme};
use ikev2::deviation::{Edit, MessageChange};
use ikev2::message::{Auth, Body, Payload};
use ikev2::numbers::HashAlgorithm;

use crate::bench::Bench;
use crate::case::{Level, Seen, Stop, words};

/// How strongly RFC 8247, section 3, asks for one of them.
const MUST: Level = Level::Must;
const SHOULD: Level = Level::Should;
const MAY: Level = Level::May;

/// What a list of cases for [`SIGNATURES`] is made of: a function that tries one of them, for each.
macro_rules! each_signature {
    ($case:ident: $($number:literal, $run:ident, $level:ident, $id:literal, $abbreviation:literal,
        $rfc:literal, $section:literal, $name:literal;)*) => {
        $(
            fn $run(bench: &mut crate::bench::Bench<'_>) -> Result<(), crate::case::Stop> {
                super::taken(bench, super::SIGNATURES[$number].1)
            }
        )*
        const SIGNED: [crate::case::Case; 14] = [$(
            $case(
                ($id, $abbreviation),
                ($rfc, $section),
                super::$level,
                crate::case::words::words(
                    concat!("Signature of the tester: ", $name),
                    concat!("試験装置の署名: ", $name),
                ),
                $run,
            ),
        )*];
    };
}
use each_signature;

/// That the router accepts such a signature of the tester, and that the tunnel carries traffic.
fn taken(bench: &mut Bench<'_>, scheme: Scheme) -> Result<(), Stop> {
    if !bench.signatures().contains(&scheme) {
        return Err(Stop::NotApplicable(words::NO_SIGNATURE));
    }
    let signer = bench.signers().iter().find(|signer| signer.fits(scheme));
    let credential = signer.map(|signer| signer.credential(Some(scheme)));
    let mut config = bench.config().clone();
    config.credential = credential.ok_or(Stop::NotApplicable(words::NO_SIGNATURE))?;
    let mut tester = bench.tester_with(config);
    let sa = bench.establish(&mut tester)?.map_err(Stop::Violation)?;
    bench.still_has(&mut tester, sa)?;
    bench.carries_traffic(&mut tester, sa)?;
    bench.end(&mut tester, sa)
}

/// A signature with one bit wrong.
fn damaged() -> MessageChange {
    MessageChange::Edit(Edit::new("a damaged signature", |draft| {
        let mut all = draft.payloads().iter_mut();
        let last = all.find_map(|payload| match &mut payload.body {
            Body::Auth(auth) => auth.data.last_mut(),
            _ => None,
        });
        last.map(|octet| *octet ^= 1).is_some()
    }))
}

fn auth(payloads: &[Payload]) -> Option<&Auth> {
    payloads.iter().find_map(|payload| match &payload.body {
        Body::Auth(auth) => Some(auth),
        _ => None,
    })
}

/// That an AUTH payload of the router uses RFC 7427 with one of these hashes only, or not at all.
fn uses_only(hashes: &[HashAlgorithm], payloads: &[Payload]) -> Result<(), Stop> {
    let signature = auth(payloads).and_then(Auth::digital_signature);
    let Some(signature) = signature else {
        return Ok(());
    };
    let algorithm = signature.ok().and_then(|one| one.known_algorithm());
    let hash = algorithm.and_then(|algorithm| Scheme::Digital(algorithm).hash());
    if hash.is_some_and(|hash| hashes.contains(&hash)) {
        Ok(())
    } else {
        Err(Stop::Violation(Seen::Wrong(words::NOT_ANNOUNCED)))
    }
}
