//! How many tunnels a second the endpoint sets up with itself, by group: IKE_SA_INIT and IKE_AUTH with
//! a pre-shared key, both ends on one thread and nothing between them.

use std::io::Write;
use std::time::{Duration, Instant};

use ikev2::endpoint::{Config, Credential, Datagram, Endpoint, Path, Phase, Trust};
use ikev2::keys::Key;
use ikev2::message::Identification;
use ikev2::numbers::IdType;
use ikev2::random::SystemRandom;
use ikev2::{
    DhGroup, Encryption, EspProposal, IkeProposal, Integrity, InvalidProposal, Prf, Transform as _,
};

/// How long each group is measured at least.
const TIME: Duration = Duration::from_secs(2);
type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{:18} {:>12}", "group", "tunnels/s")?;
    for group in DhGroup::ALL {
        let begun = Instant::now();
        let mut count = 0_u32;
        while begun.elapsed() < TIME {
            handshake(*group)?;
            count += 1;
        }
        let rate = f64::from(count) / begun.elapsed().as_secs_f64();
        writeln!(output, "{:18} {rate:>12.0}", group.name())?;
    }
    Ok(())
}

/// One tunnel, from the first message until both ends have it.
fn handshake(group: DhGroup) -> Result<(), Failure> {
    let now = Instant::now();
    let mut ends = [
        Endpoint::new(config("moon.example", group)?, Box::new(SystemRandom)),
        Endpoint::new(config("sun.example", group)?, Box::new(SystemRandom)),
    ];
    let path = Path {
        local: "192.0.2.1:500".parse()?,
        remote: "192.0.2.2:500".parse()?,
    };
    ends[0]
        .initiate(now, path)
        .map_err(|_| "the first message cannot be made")?;
    let mut from = 0;
    while let Some(Datagram {
        local,
        remote,
        bytes,
    }) = ends[from].transmit(now)
    {
        from = 1 - from;
        let turned = Datagram {
            local: remote,
            remote: local,
            bytes,
        };
        ends[from].receive(now, &turned);
    }
    let is_up = |end: &Endpoint| {
        let mut all = end.sas().iter();
        all.any(|sa| sa.phase() == Phase::Established && sa.children().len() == 1)
    };
    if ends.iter().all(is_up) {
        Ok(())
    } else {
        Err("the ends have no tunnel".into())
    }
}

fn config(name: &str, group: DhGroup) -> Result<Config, InvalidProposal> {
    let key = Key::from(b"a secret of both ends".as_slice());
    let ike = IkeProposal::new(
        vec![Encryption::AesCbc256],
        vec![Integrity::HmacSha2Bits256Of128],
        vec![Prf::HmacSha2Bits256],
        vec![group],
    )?;
    let esp = EspProposal::new(vec![Encryption::AesGcm16Bits256], vec![], vec![])?;
    let identity = Identification {
        kind: IdType::FQDN,
        reserved: [0; 3],
        data: name.into(),
    };
    let credential = Credential::SharedKey(key.clone());
    Ok(Config::new(
        vec![ike],
        vec![esp],
        identity,
        credential,
        Trust::SharedKey(key),
    ))
}
