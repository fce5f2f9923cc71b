//! Both back ends make the same of what both can make, and any specification is read back.

use jiff::Timestamp;
use proptest::prelude::*;
use x509_cert::name::Name;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::rcgen;
use crate::encode::certificate::certificate;
use crate::encode::extension::Authority;
use crate::encode::name::name;
use crate::holder::Template;
use crate::key::PrivateKey;
use crate::plan::Plan;
use crate::profile::Profiles;
use crate::spec::*;

/// Calls `check` with the plan of a certificate under an issuer with an RSA key, whose signatures
/// are the same each time.
fn with_plan<T>(spec: &CertificateSpec, check: impl FnOnce(&Plan<'_>) -> T) -> T {
    use std::sync::LazyLock;
    static KEYS: LazyLock<[PrivateKey; 2]> = LazyLock::new(|| {
        [KeyKind::Rsa2048, KeyKind::EcP256].map(|k| PrivateKey::generate(k).unwrap())
    });
    let [issuer, subject] = &*KEYS;
    let now: Timestamp = "2026-11-23T01:02:03Z".parse().unwrap();
    let issuer_name = name(
        &dn([
            ("2.5.4.6", "JP", StringType::Printable),
            ("2.5.4.3", "CA", StringType::Utf8),
        ]),
        None,
    )
    .unwrap();
    let above = Name::default();
    check(&Plan {
        spec,
        holder: None,
        now,
        not_before: spec.not_before.resolve(now).unwrap(),
        not_after: spec.not_after.resolve(now).unwrap(),
        serial: vec![0x40, 1, 2],
        subject: name(&spec.subject, None).unwrap(),
        key: subject,
        key_sha1: subject.public_key_sha1().unwrap(),
        issuer_name,
        authority: Authority {
            key_identifier: issuer.public_key_sha1().unwrap(),
            issuer: &above,
            serial: &[1],
        },
        signer: issuer,
        algorithm: spec.signature.unwrap_or(SignatureAlgorithm::RsaSha256),
    })
}

fn template(text: &str) -> Template {
    Template::try_from(text.replace('{', "{{").replace('}', "}}")).unwrap()
}

fn oid(text: &str) -> Oid {
    Oid::try_from(text.to_owned()).unwrap()
}

fn dn<const N: usize>(attributes: [(&str, &str, StringType); N]) -> DistinguishedName {
    DistinguishedName(attributes.map(|a| vec![attribute(a)]).to_vec())
}

fn attribute((kind, value, string): (&str, &str, StringType)) -> Attribute {
    Attribute {
        oid: oid(kind).0,
        value: AttributeValue::Text(template(value), string),
    }
}

#[test]
fn the_end_entity_of_rfc4945_is_made_by_rcgen_and_that_of_hpki_is_not() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let profiles = Profiles::load(&dir).unwrap();
    let by_rcgen = |id: &str, certificate: &str| {
        let mut spec = profiles.get(id).unwrap().certificates[certificate]
            .spec
            .clone();
        // The placeholders do not matter here.
        spec.subject = dn([("2.5.4.3", "Gateway", StringType::Utf8)]);
        for extension in &mut spec.extensions {
            if let ExtensionValue::SubjectAltName(names) = &mut extension.value {
                *names = vec![GeneralName::Dns(Ia5Text(template("gw.example")))];
            }
        }
        with_plan(&spec, |plan| rcgen::certificate(plan).is_some())
    };
    assert!(by_rcgen("rfc4945", "root"));
    assert!(by_rcgen("rfc4945", "end-entity"));
    assert!(!by_rcgen("hpki-signing", "root"));
    assert!(!by_rcgen("hpki-signing", "end-entity"));
}

#[test]
fn what_rcgen_would_change_it_does_not_get() {
    let ordinary = CertificateSpec {
        subject: dn([("2.5.4.3", "gw", StringType::Utf8)]),
        not_before: Moment::NOW,
        not_after: Moment::NOW,
        key: KeyKind::EcP256,
        signature: None,
        serial: Serial::Random,
        version: Version::V3,
        extensions: Vec::new(),
        faults: Vec::new(),
    };
    let takes = |change: &dyn Fn(&mut CertificateSpec)| {
        let mut spec = ordinary.clone();
        change(&mut spec);
        with_plan(&spec, |plan| rcgen::certificate(plan).is_some())
    };
    let extensions = |extensions: Vec<(bool, ExtensionValue)>| {
        takes(&|spec| {
            let extension = |(critical, value)| Extension { critical, value };
            spec.extensions = extensions.clone().into_iter().map(extension).collect();
        })
    };
    let usage = || ExtensionValue::KeyUsage(vec![KeyUsageBit::DigitalSignature]);
    let no_authority = || {
        ExtensionValue::BasicConstraints(BasicConstraints {
            ca: false,
            path_len: None,
        })
    };
    let key = || ExtensionValue::SubjectKeyIdentifier(SubjectKeyMethod::Sha1);
    let authority =
        |parts: &[AuthorityKeyPart]| ExtensionValue::AuthorityKeyIdentifier(parts.to_vec());
    assert!(takes(&|_| ()));
    assert!(extensions(vec![
        (true, usage()),
        (false, key()),
        (true, no_authority())
    ]));
    assert!(extensions(vec![(
        false,
        authority(&[AuthorityKeyPart::KeyId])
    )]));

    assert!(!takes(&|spec| spec.version = Version::V1));
    assert!(!takes(
        &|spec| spec.not_before.form = Some(TimeForm::GeneralizedTime)
    ));
    assert!(!takes(
        &|spec| spec.signature = Some(SignatureAlgorithm::RsaSha1)
    ));
    assert!(!takes(&|spec| spec.faults = vec![Fault::SignedByOtherKey]));
    let unit = ("2.5.4.11", "unit", StringType::Utf8);
    assert!(!takes(&|spec| spec.subject = dn([unit, unit])));
    assert!(!takes(&|spec| {
        spec.subject.0 = vec![vec![
            attribute(unit),
            attribute(("2.5.4.3", "gw", StringType::Utf8)),
        ]];
    }));
    assert!(!takes(
        &|spec| spec.subject = dn([("2.5.4.3", "gw", StringType::Teletex)])
    ));
    assert!(!extensions(vec![(false, usage())]));
    assert!(!extensions(vec![(true, usage()), (true, usage())]));
    assert!(!extensions(vec![(true, no_authority()), (true, usage())]));
    assert!(!extensions(vec![(true, no_authority())]));
    assert!(!extensions(vec![(false, key())]));
    let both = [AuthorityKeyPart::KeyId, AuthorityKeyPart::IssuerAndSerial];
    assert!(!extensions(vec![(false, authority(&both))]));
    assert!(!extensions(vec![(
        true,
        ExtensionValue::SubjectAltName(vec![GeneralName::Dns(Ia5Text(template("a")))])
    )]));
    assert!(!extensions(vec![(
        false,
        ExtensionValue::CrlDistributionPoints(Vec::new())
    )]));
}

fn string() -> impl Strategy<Value = (String, StringType)> {
    prop_oneof![
        "[A-Za-z0-9 '()+,./:=?-]{1,20}".prop_map(|text| (text, StringType::Printable)),
        "\\PC{0,20}".prop_map(|text| (text, StringType::Utf8)),
        "[ -~]{0,20}".prop_map(|text| (text, StringType::Ia5)),
        "[ -~\u{a0}-\u{ff}病院]{0,20}".prop_map(|text| (text, StringType::Bmp)),
        "[ -~\u{a0}-\u{ff}]{0,20}".prop_map(|text| (text, StringType::Teletex)),
        "[0-9 ]{0,20}".prop_map(|text| (text, StringType::Numeric)),
    ]
}

fn any_attribute() -> impl Strategy<Value = Attribute> {
    let kinds = [
        "2.5.4.3",
        "2.5.4.5",
        "2.5.4.6",
        "2.5.4.10",
        "2.5.4.11",
        "0.9.2342.19200300.100.1.25",
    ];
    (prop::sample::select(kinds.to_vec()), string())
        .prop_map(|(kind, (value, string))| attribute((kind, &value, string)))
}

fn any_name() -> impl Strategy<Value = DistinguishedName> {
    let relative_name = prop_oneof![
        4 => any_attribute().prop_map(|one| vec![one]),
        1 => prop::collection::vec(any_attribute(), 2..4),
    ];
    prop::collection::vec(relative_name, 0..5).prop_map(DistinguishedName)
}

fn any_general_name() -> impl Strategy<Value = GeneralName> {
    let ia5 = || "[ -~]{0,30}".prop_map(|text| Ia5Text(template(&text)));
    let ip = any::<std::net::IpAddr>().prop_map(|ip| {
        GeneralName::IpOctets(Hex(match ip {
            std::net::IpAddr::V4(ip) => ip.octets().to_vec(),
            std::net::IpAddr::V6(ip) => ip.octets().to_vec(),
        }))
    });
    prop_oneof![
        ia5().prop_map(GeneralName::Dns),
        ia5().prop_map(GeneralName::Email),
        ia5().prop_map(GeneralName::Uri),
        any_name().prop_map(GeneralName::DirectoryName),
        ip,
    ]
}

fn any_value() -> impl Strategy<Value = ExtensionValue> {
    use ExtensionValue as Value;
    let bits = [
        KeyUsageBit::DigitalSignature,
        KeyUsageBit::NonRepudiation,
        KeyUsageBit::KeyEncipherment,
        KeyUsageBit::DataEncipherment,
        KeyUsageBit::KeyAgreement,
        KeyUsageBit::KeyCertSign,
        KeyUsageBit::CrlSign,
        KeyUsageBit::EncipherOnly,
        KeyUsageBit::DecipherOnly,
    ];
    let names = || prop::collection::vec(any_general_name(), 1..4);
    let uris = prop::collection::vec("[ -~]{1,20}", 1..3).prop_map(|uris| DistributionPoint {
        name: uris
            .iter()
            .map(|uri| GeneralName::Uri(Ia5Text(template(uri))))
            .collect(),
        crl_issuer: Vec::new(),
    });
    prop_oneof![
        Just(Value::AuthorityKeyIdentifier(vec![AuthorityKeyPart::KeyId])),
        Just(Value::SubjectKeyIdentifier(SubjectKeyMethod::Sha1)),
        (any::<bool>(), prop::option::of(0_u8..20))
            .prop_map(|(ca, path_len)| Value::BasicConstraints(BasicConstraints { ca, path_len })),
        prop::sample::subsequence(bits.to_vec(), 1..=9).prop_map(Value::KeyUsage),
        prop::sample::subsequence(vec!["2.5.29.37.0", "1.3.6.1.5.5.7.3.17", "1.2.3.4"], 1..=3)
            .prop_map(|oids| Value::ExtendedKeyUsage(oids.into_iter().map(oid).collect())),
        names().prop_map(Value::SubjectAltName),
        names().prop_map(Value::IssuerAltName),
        prop::collection::vec(uris, 1..3).prop_map(Value::CrlDistributionPoints),
        any::<u32>().prop_map(Value::InhibitAnyPolicy),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(|der| Value::Raw(RawExtension {
            oid: oid("1.3.6.1.4.1.99999.1"),
            der: Hex(der)
        })),
    ]
}

/// Extensions as rcgen would order them, so that some specifications are ordinary.
fn ordinary_extensions() -> impl Strategy<Value = Vec<Extension>> {
    let ia5 = "[a-z.]{1,20}".prop_map(|text| GeneralName::Dns(Ia5Text(template(&text))));
    let tail = (any::<bool>(), prop::option::of(0_u8..20)).prop_map(|(ca, length)| {
        let path_len = length.filter(|_| ca);
        vec![
            (
                false,
                ExtensionValue::SubjectKeyIdentifier(SubjectKeyMethod::Sha1),
            ),
            (
                true,
                ExtensionValue::BasicConstraints(BasicConstraints { ca, path_len }),
            ),
        ]
    });
    let part = |critical: bool, value: BoxedStrategy<ExtensionValue>| {
        prop::option::of(value.prop_map(move |value| (critical, value)))
            .prop_map(|part| part.into_iter().collect::<Vec<_>>())
    };
    (
        part(
            false,
            Just(ExtensionValue::AuthorityKeyIdentifier(vec![
                AuthorityKeyPart::KeyId,
            ]))
            .boxed(),
        ),
        part(
            false,
            prop::collection::vec(ia5, 1..3)
                .prop_map(ExtensionValue::SubjectAltName)
                .boxed(),
        ),
        part(
            true,
            Just(ExtensionValue::KeyUsage(vec![
                KeyUsageBit::DigitalSignature,
                KeyUsageBit::DecipherOnly,
            ]))
            .boxed(),
        ),
        part(
            false,
            Just(ExtensionValue::ExtendedKeyUsage(vec![oid(
                "1.3.6.1.5.5.7.3.17",
            )]))
            .boxed(),
        ),
        prop::option::of(tail).prop_map(Option::unwrap_or_default),
    )
        .prop_map(|(a, b, c, d, e)| {
            let parts = [a, b, c, d, e].into_iter().flatten();
            parts
                .map(|(critical, value)| Extension { critical, value })
                .collect()
        })
}

fn any_spec() -> impl Strategy<Value = CertificateSpec> {
    let extension =
        (any::<bool>(), any_value()).prop_map(|(critical, value)| Extension { critical, value });
    let extensions = prop_oneof![
        prop::collection::vec(extension, 0..6),
        ordinary_extensions()
    ];
    let ordinary_name = ("[a-z]{1,9}", "[A-Z ]{1,9}").prop_map(|(cn, o)| {
        dn([
            ("2.5.4.10", o.as_str(), StringType::Printable),
            ("2.5.4.3", cn.as_str(), StringType::Utf8),
        ])
    });
    (prop_oneof![any_name(), ordinary_name], extensions).prop_map(|(subject, extensions)| {
        CertificateSpec {
            subject,
            not_before: Moment::NOW,
            not_after: Moment::NOW,
            key: KeyKind::EcP256,
            signature: None,
            serial: Serial::Random,
            version: Version::V3,
            extensions,
            faults: Vec::new(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn both_back_ends_make_the_same_certificate(spec in any_spec()) {
        with_plan(&spec, |plan| {
            let ours = certificate(plan).unwrap();
            if let Some(theirs) = rcgen::certificate(plan) {
                assert_eq!(theirs.unwrap(), ours);
            }
        });
    }

    #[test]
    fn any_specification_is_read_back(spec in any_spec()) {
        let der = with_plan(&spec, |plan| certificate(plan).unwrap());
        let (rest, read) = X509Certificate::from_der(&der).unwrap();
        prop_assert!(rest.is_empty());
        let extensions: Vec<_> =
            read.extensions().iter().map(|e| (e.oid.to_string(), e.critical)).collect();
        let expected: Vec<_> =
            spec.extensions.iter().map(|e| (e.value.oid().to_string(), e.critical)).collect();
        prop_assert_eq!(extensions, expected);
        let relative_names: Vec<_> = read.subject().iter_rdn().map(|rdn| rdn.iter().count()).collect();
        let expected: Vec<_> = spec.subject.0.iter().map(Vec::len).collect();
        prop_assert_eq!(relative_names, expected);
        for (read, spec) in read.subject().iter_rdn().zip(&spec.subject.0) {
            if let [spec] = spec.as_slice() {
                let read = read.iter().next().unwrap();
                prop_assert_eq!(read.attr_type().to_string(), spec.oid.to_string());
            }
        }
    }
}
