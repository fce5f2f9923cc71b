use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair,
};

use super::*;
use crate::algorithm::Transform;
use crate::authentication::{AuthenticationError, Curve, PublicKey, Scheme, SigningKey};
use crate::message::{Certificate, PssHash, SignatureAlgorithm};
use crate::numbers::{CertEncoding, HashAlgorithm};

fn assert_established(a: Config, b: Config) -> Net {
    let (net, ..) = Net::established(a, b);
    net.assert_agreed(1);
    net
}

#[test]
fn every_encryption_protects_ike_and_esp() {
    for &encryption in Encryption::ALL {
        let integrity = if encryption.is_aead() {
            vec![]
        } else {
            vec![Integrity::HmacSha2Bits256Of128]
        };
        let (mut a, mut b) = both();
        for end in [&mut a, &mut b] {
            end.ike = vec![
                IkeProposal::new(
                    vec![encryption],
                    integrity.clone(),
                    vec![Prf::HmacSha2Bits256],
                    vec![DhGroup::Curve25519],
                )
                .unwrap(),
            ];
            end.esp = vec![EspProposal::new(vec![encryption], integrity.clone(), vec![]).unwrap()];
        }
        let net = assert_established(a, b);
        let child = net.child(A);
        assert_eq!(child.encryption, encryption);
        let octets = child.incoming.encryption_key.len();
        assert_eq!(octets, encryption.key_octets());
        let suite = net.ends[B].sa(net.only(B)).unwrap().suite().unwrap();
        assert_eq!(suite.encryption, encryption);
    }
}

#[test]
fn every_prf_and_integrity_algorithm_works() {
    for &prf in Prf::ALL {
        for &integrity in Integrity::ALL {
            let (mut a, mut b) = both();
            for end in [&mut a, &mut b] {
                end.ike = vec![
                    IkeProposal::new(
                        vec![Encryption::AesCbc128],
                        vec![integrity],
                        vec![prf],
                        vec![DhGroup::Curve25519],
                    )
                    .unwrap(),
                ];
                end.esp = vec![
                    EspProposal::new(vec![Encryption::AesCbc128], vec![integrity], vec![]).unwrap(),
                ];
            }
            let net = assert_established(a, b);
            let octets = net.child(B).outgoing.integrity_key.len();
            assert_eq!(octets, integrity.key_octets());
        }
    }
}

#[test]
fn every_group_makes_an_ike_sa_and_a_child_sa() {
    for &group in DhGroup::ALL {
        let (mut a, mut b) = both();
        for end in [&mut a, &mut b] {
            end.ike = vec![ike(&[group])];
            end.esp = vec![esp(&[group])];
        }
        let (mut net, sa, _) = Net::established(a, b);
        net.perform(A, sa, Action::CreateChild);
        net.run();
        net.assert_agreed(2);
        let children = net.ends[A].sa(sa).unwrap().children();
        assert_eq!((children[0].group, children[1].group), (None, Some(group)));
        assert_eq!(net.ends[B].sa(net.only(B)).unwrap().group(), Some(group));
    }
}

fn rsa() -> Arc<SigningKey> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
    Arc::new(SigningKey::from_pkcs8(der.as_ref()).unwrap())
}

fn ed25519() -> Arc<SigningKey> {
    let pair = Ed25519KeyPair::generate().unwrap();
    Arc::new(SigningKey::from_pkcs8(pair.to_pkcs8().unwrap().as_ref()).unwrap())
}

fn ecdsa(curve: Curve) -> Arc<SigningKey> {
    let how = match curve {
        Curve::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
    };
    let pair = EcdsaKeyPair::generate(how).unwrap();
    let der = pair.to_pkcs8v1().unwrap();
    Arc::new(SigningKey::from_pkcs8(der.as_ref()).unwrap())
}

fn signing(config: &mut Config, peer: &mut Config, key: &Arc<SigningKey>, scheme: Option<Scheme>) {
    config.credential = Credential::Signature {
        key: Arc::clone(key),
        scheme,
        certificates: Vec::new(),
    };
    let public = PublicKey::from_spki(&key.public_key().unwrap()).unwrap();
    peer.trust = Trust::PublicKey(public);
}

fn established_schemes(net: &Net) -> Vec<Option<Scheme>> {
    let all = net.events.iter().flatten();
    all.filter_map(|event| {
        if let Event::IkeSaEstablished { scheme, .. } = event {
            Some(*scheme)
        } else {
            None
        }
    })
    .collect()
}

#[test]
fn every_way_to_sign_is_accepted_in_both_roles() {
    let rsa = rsa();
    let mut ways: Vec<(Arc<SigningKey>, Scheme)> = vec![(Arc::clone(&rsa), Scheme::RsaSha1)];
    for algorithm in [
        SignatureAlgorithm::RsaSha256,
        SignatureAlgorithm::RsaSha384,
        SignatureAlgorithm::RsaSha512,
        SignatureAlgorithm::RsaPss(PssHash::Sha256),
        SignatureAlgorithm::RsaPss(PssHash::Sha384),
        SignatureAlgorithm::RsaPss(PssHash::Sha512),
    ] {
        ways.push((Arc::clone(&rsa), Scheme::Digital(algorithm)));
    }
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let key = ecdsa(curve);
        ways.push((Arc::clone(&key), Scheme::Ecdsa(curve)));
        ways.push((key, Scheme::Digital(curve.algorithm())));
    }
    ways.push((ed25519(), Scheme::Digital(SignatureAlgorithm::Ed25519)));
    for (key, scheme) in ways {
        let (mut a, mut b) = both();
        signing(&mut a, &mut b, &key, Some(scheme));
        signing(&mut b, &mut a, &key, Some(scheme));
        let net = assert_established(a, b);
        assert_eq!(established_schemes(&net), [Some(scheme), Some(scheme)]);
    }
}

#[test]
fn the_hashes_of_the_other_end_decide_how_an_end_signs() {
    let key = ecdsa(Curve::P384);
    for (hashes, expected) in [
        (vec![], Some(Scheme::Ecdsa(Curve::P384))),
        (
            vec![HashAlgorithm::SHA2_384],
            Some(Scheme::Digital(SignatureAlgorithm::EcdsaSha384)),
        ),
        (vec![HashAlgorithm::SHA2_256], None),
    ] {
        let (mut a, mut b) = both();
        signing(&mut a, &mut b, &key, None);
        b.hashes.clone_from(&hashes);
        let mut net = Net::new(a, b);
        net.initiate();
        net.run();
        match expected {
            Some(_) => assert_eq!(established_schemes(&net), [None, expected]),
            None => assert_eq!(
                net.failures(A),
                [&Failure::Authentication(AuthenticationError::NoCommonHash)]
            ),
        }
    }
}

#[test]
fn a_proof_of_another_key_method_or_identity_is_refused_by_either_end() {
    type Spoil = fn(&mut Config);
    let spoils: [Spoil; 4] = [
        |config| {
            let other = Key::from(b"another secret".as_slice());
            config.credential = Credential::SharedKey(other);
        },
        |config| {
            config.credential = Credential::Signature {
                key: ed25519(),
                scheme: None,
                certificates: Vec::new(),
            };
        },
        |config| config.identity = fqdn("mars.example"),
        |config| config.identity.kind = IdType::RFC822_ADDR,
    ];
    for spoil in spoils {
        for end in [A, B] {
            let (mut a, mut b) = both();
            a.peer_identity = Some(b.identity.clone());
            b.peer_identity = Some(a.identity.clone());
            spoil(if end == A { &mut a } else { &mut b });
            let mut net = Net::new(a, b);
            net.initiate();
            net.run();
            let other = 1 - end;
            assert_eq!(net.failures(other).len(), 1, "{:#?}", net.events);
            assert_eq!(net.refusals(end), [NotifyType::AUTHENTICATION_FAILED]);
            for closed in [A, B] {
                assert_eq!(net.open(closed).count(), 0);
                assert_eq!(net.closed(closed), [Closed::NotEstablished]);
            }
            let is_child = |event: &Event| matches!(event, Event::ChildSaEstablished { .. });
            assert_eq!(net.saw(other, is_child), 0);
        }
    }
}

#[test]
fn certificates_reach_whoever_finds_the_key() {
    let key = ecdsa(Curve::P256);
    let (mut a, b) = both();
    let mut b = b;
    signing(&mut a, &mut b, &key, None);
    let shown = Certificate {
        encoding: CertEncoding::X509_SIGNATURE,
        data: key.public_key().unwrap(),
    };
    a.credential = Credential::Signature {
        key,
        scheme: None,
        certificates: vec![shown.clone()],
    };
    b.trust = Trust::Certificates(Arc::new(move |identity, certificates| {
        assert_eq!(identity.text(), Some("moon.example"));
        assert_eq!(certificates, std::slice::from_ref(&shown));
        PublicKey::from_spki(&certificates[0].data).map_err(|error| error.to_string())
    }));
    assert_established(a, b);
}
