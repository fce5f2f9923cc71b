//! Every certificate vector against an endpoint of our own that knows the rules (see
//! [`super::validator`]), in both roles.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use cases::vector::{Expect, Function, Presented, TRUSTED, Vectors};
use certs::{Authority, Holder, Profiles};
use ikev2::authentication::PublicKey;
use ikev2::endpoint::{FindKey, Trust};
use jiff::Timestamp;

use super::router::{Broken, InProcess, random};
use super::validator::{Validator, first_key};
use super::{HOSTS, config, keys};
use crate::vector::{Verdict, present};
use crate::{Bench, Given, Patience, Setup, Stop};

const ALL_FUNCTIONS: [Function; 2] = [Function::CertificatePolicies, Function::ExtendedKeyUsage];

struct Made {
    presented: Vec<Presented>,
    anchors: Vec<Vec<u8>>,
    now: Timestamp,
}

/// Keys take long to make.
static MADE: LazyLock<Made> = LazyLock::new(make);

fn make() -> Made {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let profiles = Profiles::load(&root.join("certs/profiles")).unwrap();
    let folder = root.join("cases").join(cases::vector::THEME);
    let vectors: Vectors = cases::vector::load(&folder, &profiles).unwrap();
    let now = Timestamp::now();
    let authority = Authority::new(now);
    let holder = Holder {
        fqdn: "gw1.hosp.example".into(),
        email: "gw1@hosp.example".into(),
        ipv4: [192, 0, 2, 1].into(),
        vendor: "tester".into(),
        facility_number: "9999999999".into(),
    };
    let presented = vectors.iter();
    let presented = presented.map(|vector| vector.present(&authority, &holder).unwrap());
    let anchors = TRUSTED.iter().flat_map(|id| {
        let profile = profiles.get(id).unwrap();
        authority.trust_anchors(profile).unwrap()
    });
    Made {
        presented: presented.collect(),
        anchors: anchors.map(|anchor| anchor.der().to_vec()).collect(),
        now,
    }
}

fn show(presented: &Presented, trust: Arc<FindKey>, setup: Setup) -> Result<Verdict, Stop> {
    let mut router = config("router.example", [114, 113]);
    let own = keys::of_router();
    router.credential = own.credential(None);
    router.trust = Trust::Certificates(trust);
    let mut tester = config("gw1.hosp.example", [113, 114]);
    tester.credential = keys::of_tester()[0].credential(None);
    let key = own.key.public_key().unwrap();
    tester.trust = Trust::PublicKey(PublicKey::from_spki(&key).unwrap());
    let path = super::path();
    let mut network = InProcess::new(router, super::turned(path), Broken::not());
    let given = Given {
        setup,
        path,
        config: tester,
        patience: Patience {
            answer: std::time::Duration::from_secs(4),
            silence: std::time::Duration::from_millis(1500),
        },
        hosts: HOSTS,
        random,
        signers: Vec::new(),
        signatures: Vec::new(),
    };
    present(&mut Bench::new(&mut network, given), presented)
}

#[test]
fn an_endpoint_that_knows_the_rules_makes_of_every_vector_what_is_expected() {
    let Made {
        presented,
        anchors,
        now,
    } = &*MADE;
    let validator = Arc::new(Validator {
        anchors: anchors.clone(),
        at: *now,
        peer: [192, 0, 2, 1],
    });
    let mut wrong = Vec::new();
    for presented in presented {
        let vector = &presented.vector;
        let setups = [Setup::RESPONDS, Setup::INITIATES];
        for setup in setups.map(Setup::with_certificates) {
            if setup.router_initiates && !vector.fits_initiating_routers() {
                continue;
            }
            let knows = validator.clone();
            let trust = Arc::new(move |id: &_, shown: &[_]| knows.key(id, shown));
            let verdict = show(presented, trust, setup);
            let expected = vector.expect_of(&ALL_FUNCTIONS);
            let is_right = match (expected, &verdict) {
                (Expect::Accept, Ok(verdict)) => *verdict == Verdict::Accepted,
                (Expect::Reject, Ok(verdict)) => matches!(verdict, Verdict::Rejected(_)),
                (Expect::Either, Ok(_)) => true,
                (_, Err(_)) => false,
            };
            if !is_right {
                wrong.push(format!("{} {setup:?}: {verdict:?}", vector.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_endpoint_that_believes_everything_is_found() {
    let Made { presented, .. } = &*MADE;
    let mut found = 0;
    for presented in presented {
        let vector = &presented.vector;
        if vector.expect_of(&ALL_FUNCTIONS) == Expect::Reject {
            let trust = Arc::new(|_: &_, shown: &[_]| first_key(shown));
            let verdict = show(presented, trust, Setup::RESPONDS.with_certificates());
            found += usize::from(verdict == Ok(Verdict::Accepted));
        }
    }
    // All but those whose AUTH payload is wrong, or whose certificate has no key that can be read.
    assert!(found >= 40, "{found}");
}
