//! Keys, extensions and validity.

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA,
};

use super::{AUTH_ORGANISATION, AUTH_PERSON, POLICIES, SIGNING, is_under, policy_text, rule};
use crate::lint::entity::Entity;
use crate::lint::report::Severity;
use crate::lint::role::HpkiProfile;
use crate::lint::rule::{Hits, Level, Rule, words};
use crate::lint::{names, oids, signature};

pub(in crate::lint) const CERTIFICATE: &[Rule] = &[
    rule(
        "HPKI-role",
        "certificate",
        Level::Must,
        role,
        (
            "the certificate is of the kind that the profile is for",
            "証明書の種類がプロファイルと一致すること",
        ),
        (
            "check it with --profile hpki, or correct basicConstraints",
            "--profile hpki で検査するか、basicConstraints を修正する",
        ),
    ),
    rule(
        "HPKI-rsa",
        "key",
        Level::Must,
        rsa,
        (
            "the key is RSA of at least 2048 bits",
            "鍵が 2048 ビット以上の RSA であること",
        ),
        (
            "make an RSA key of 2048 bits or more",
            "2048 ビット以上の RSA 鍵を作成する",
        ),
    ),
    rule(
        "HPKI-hash",
        "signature",
        Level::Must,
        hash,
        (
            "it is signed by RSA with SHA-256 or stronger",
            "SHA-256 以上のハッシュと RSA で署名すること",
        ),
        (
            "sign it with sha256WithRSAEncryption",
            "sha256WithRSAEncryption で署名する",
        ),
    ),
    rule(
        "HPKI-validity",
        "validity",
        Level::May,
        validity,
        (
            "end entities are valid from and to midnight in Japan (15:00:00Z to 14:59:59Z)",
            "エンドエンティティの有効期間は日本時間の 0 時に始まり 0 時の直前に終わる（15:00:00Z～14:59:59Z）",
        ),
        (
            "nothing, if the CA does it otherwise on purpose",
            "CA が意図して異なる時刻としている場合は変更不要",
        ),
    ),
    rule(
        "HPKI-policy",
        "certificatePolicies",
        Level::Must,
        policy,
        (
            "certificatePolicies has a policy of HPKI (1.2.392.100495.1.5.1…), except in the root",
            "ルート以外の certificatePolicies に HPKI のポリシー（1.2.392.100495.1.5.1…）があること",
        ),
        ("add the policy of the CA", "CA のポリシーを追加する"),
    ),
    rule(
        "HPKI-policy-critical",
        "certificatePolicies",
        Level::Must,
        policy_critical,
        (
            "certificatePolicies is critical",
            "certificatePolicies をクリティカルにすること",
        ),
        (
            "make it critical (receivers that do not process policies then have to reject it)",
            "クリティカルにする（ポリシー処理に対応しない受信側は拒否することになる）",
        ),
    ),
    rule(
        "HPKI-policy-purpose",
        "certificatePolicies",
        Level::Should,
        policy_purpose,
        (
            "the policy is of the certificate's purpose (…1 signing, …2 person, …3 organisation)",
            "ポリシーが証明書の用途と一致すること（…1 署名用、…2 認証用・人、…3 認証用・組織）",
        ),
        (
            "use the policy of the purpose",
            "用途に対応するポリシーを使用する",
        ),
    ),
    rule(
        "HPKI-usage",
        "keyUsage",
        Level::Must,
        usage,
        (
            "keyUsage is keyCertSign and cRLSign for a CA, nonRepudiation alone for signing, and digitalSignature for authentication",
            "keyUsage は、CA では keyCertSign と cRLSign、署名用では nonRepudiation のみ、認証用では digitalSignature とすること",
        ),
        (
            "set the bits of the purpose",
            "用途に対応するビットを 1 にする",
        ),
    ),
    rule(
        "HPKI-usage-critical",
        "keyUsage",
        Level::Must,
        usage_critical,
        ("keyUsage is critical", "keyUsage をクリティカルにすること"),
        ("make it critical", "クリティカルにする"),
    ),
    rule(
        "HPKI-constraints",
        "basicConstraints",
        Level::Should,
        constraints,
        (
            "basicConstraints is absent in end entities, and has no pathLenConstraint in CAs",
            "エンドエンティティは basicConstraints を、CA は pathLenConstraint を含めないこと",
        ),
        ("leave it out", "省く"),
    ),
    rule(
        "HPKI-purposes",
        "extKeyUsage",
        Level::ShouldNot,
        purposes,
        (
            "CAs and signing certificates have no extKeyUsage",
            "CA および署名用の証明書に extKeyUsage を含めないこと",
        ),
        ("leave the extension out", "この拡張を省く"),
    ),
    rule(
        "HPKI-authority",
        "authorityKeyIdentifier",
        Level::Should,
        authority,
        (
            "authorityKeyIdentifier has keyIdentifier, authorityCertIssuer and authorityCertSerialNumber",
            "authorityKeyIdentifier に keyIdentifier、authorityCertIssuer、authorityCertSerialNumber があること",
        ),
        ("add what is missing", "不足する項目を追加する"),
    ),
    rule(
        "HPKI-crl",
        "cRLDistributionPoints",
        Level::Must,
        distribution_points,
        (
            "cRLDistributionPoints is present",
            "cRLDistributionPoints があること",
        ),
        ("add the URI of the CRL", "CRL の URI を追加する"),
    ),
    rule(
        "HPKI-alt-name-critical",
        "subjectAltName",
        Level::Must,
        alt_name_critical,
        (
            "subjectAltName is not critical",
            "subjectAltName をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "HPKI-alt-name",
        "subjectAltName",
        Level::Should,
        alt_name,
        (
            "subjectAltName has only a directoryName",
            "subjectAltName は directoryName のみとすること",
        ),
        (
            "leave the other names out, or agree on them with the CA",
            "他の名前を省くか、CA と取り決める",
        ),
    ),
];

fn role(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    if entity.role != profile.role() {
        hits.add_value("certificate", entity.role.words().en);
    }
}

fn rsa(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    const SMALLEST: usize = 2048;
    match signature::rsa_bits(entity.key) {
        Some(SMALLEST..) => {}
        Some(bits) => hits.add_value("subjectPublicKeyInfo", format!("RSA, {bits} bits")),
        None => {
            let algorithm = oids::dotted(&entity.key.algorithm.algorithm);
            hits.add_value("subjectPublicKeyInfo", algorithm);
        }
    }
}

fn hash(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let strong = [
        OID_PKCS1_SHA256WITHRSA,
        OID_PKCS1_SHA384WITHRSA,
        OID_PKCS1_SHA512WITHRSA,
    ];
    if let Some(certificate) = entity.certificate
        && !strong.contains(&certificate.signature_algorithm.algorithm)
    {
        let algorithm = oids::dotted(&certificate.signature_algorithm.algorithm);
        hits.add_value("signatureAlgorithm", algorithm);
    }
}

fn validity(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    const DAY: i64 = 24 * 60 * 60;
    const MIDNIGHT: i64 = 15 * 60 * 60;
    let Some(certificate) = entity.certificate.filter(|_| profile.is_end_entity()) else {
        return;
    };
    let period = &certificate.validity;
    if period.not_before.timestamp().rem_euclid(DAY) != MIDNIGHT {
        hits.add_value("validity.notBefore", names::time(&period.not_before));
    }
    if period.not_after.timestamp().rem_euclid(DAY) != MIDNIGHT - 1 {
        hits.add_value("validity.notAfter", names::time(&period.not_after));
    }
}

fn policy(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let policies = entity.policies();
    let has_one = policies.iter().any(|policy| is_under(policy, &POLICIES));
    if profile != HpkiProfile::Root && !has_one {
        let offset = entity.offset_of(&oids::CERTIFICATE_POLICIES);
        hits.add_at("certificatePolicies", Some(policy_text(entity)), offset);
    }
}

fn policy_critical(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let extension = entity.extension(&oids::CERTIFICATE_POLICIES);
    if extension.is_some_and(|extension| !extension.critical) {
        let offset = entity.offset_of(&oids::CERTIFICATE_POLICIES);
        hits.add_at("certificatePolicies.critical", Some("FALSE".into()), offset);
    }
}

fn policy_purpose(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let arc = match profile {
        HpkiProfile::Root | HpkiProfile::SubCa => return,
        HpkiProfile::Signing => SIGNING,
        HpkiProfile::AuthPerson => AUTH_PERSON,
        HpkiProfile::AuthOrganisation => AUTH_ORGANISATION,
    };
    let policies = entity.policies();
    let of_hpki = policies.iter().any(|policy| is_under(policy, &POLICIES));
    if of_hpki && !policies.iter().any(|policy| is_under(policy, &arc)) {
        let offset = entity.offset_of(&oids::CERTIFICATE_POLICIES);
        hits.add_at("certificatePolicies", Some(policy_text(entity)), offset);
    }
}

fn usage(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    const DIGITAL_SIGNATURE: u16 = 1;
    const NON_REPUDIATION: u16 = 1 << 1;
    const KEY_CERT_SIGN: u16 = 1 << 5;
    const CRL_SIGN: u16 = 1 << 6;
    let flags = entity.key_usage().map(|usage| usage.flags);
    let fits = match profile {
        HpkiProfile::Root | HpkiProfile::SubCa => flags == Some(KEY_CERT_SIGN | CRL_SIGN),
        HpkiProfile::Signing => flags == Some(NON_REPUDIATION),
        HpkiProfile::AuthPerson | HpkiProfile::AuthOrganisation => {
            flags.is_some_and(|flags| flags & DIGITAL_SIGNATURE != 0)
        }
    };
    if fits {
        return;
    }
    let value = entity.key_usage().map(|usage| usage.to_string());
    hits.add_at("keyUsage", value, entity.offset_of(&oids::KEY_USAGE));
    if matches!(
        profile,
        HpkiProfile::AuthPerson | HpkiProfile::AuthOrganisation
    ) {
        hits.but(
            Severity::Warning,
            words(
                "the public documents do not fix the bits of authentication certificates",
                "公開文書は認証用証明書のビットを確定していない",
            ),
        );
    }
}

fn usage_critical(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let extension = entity.extension(&oids::KEY_USAGE);
    if extension.is_some_and(|extension| !extension.critical) {
        let offset = entity.offset_of(&oids::KEY_USAGE);
        hits.add_at("keyUsage.critical", Some("FALSE".into()), offset);
    }
}

fn constraints(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let Some(constraints) = entity.basic_constraints() else {
        return;
    };
    let offset = entity.offset_of(&oids::BASIC_CONSTRAINTS);
    if profile.is_end_entity() {
        hits.add_at("basicConstraints", None, offset);
    } else if let Some(length) = constraints.path_len_constraint {
        let field = "basicConstraints.pathLenConstraint";
        hits.add_at(field, Some(length.to_string()), offset);
    }
}

fn purposes(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let authenticates = matches!(
        profile,
        HpkiProfile::AuthPerson | HpkiProfile::AuthOrganisation
    );
    if !authenticates && entity.extension(&oids::EXTENDED_KEY_USAGE).is_some() {
        hits.add_at(
            "extKeyUsage",
            None,
            entity.offset_of(&oids::EXTENDED_KEY_USAGE),
        );
    }
}

fn authority(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    if entity.certificate.is_none() {
        return;
    }
    let offset = entity.offset_of(&oids::AUTHORITY_KEY_IDENTIFIER);
    let Some(ParsedExtension::AuthorityKeyIdentifier(identifier)) =
        entity.parsed(&oids::AUTHORITY_KEY_IDENTIFIER)
    else {
        hits.add_at("authorityKeyIdentifier", None, offset);
        return;
    };
    for (field, missing) in [
        ("keyIdentifier", identifier.key_identifier.is_none()),
        (
            "authorityCertIssuer",
            identifier.authority_cert_issuer.is_none(),
        ),
        (
            "authorityCertSerialNumber",
            identifier.authority_cert_serial.is_none(),
        ),
    ] {
        if missing {
            hits.add_at(format!("authorityKeyIdentifier.{field}"), None, offset);
        }
    }
}

fn distribution_points(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let is_issued = entity.certificate.is_some();
    if is_issued && entity.extension(&oids::CRL_DISTRIBUTION_POINTS).is_none() {
        hits.add("cRLDistributionPoints");
    }
}

fn alt_name_critical(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let extension = entity.extension(&oids::SUBJECT_ALT_NAME);
    if extension.is_some_and(|extension| extension.critical) {
        let offset = entity.offset_of(&oids::SUBJECT_ALT_NAME);
        hits.add_at("subjectAltName.critical", Some("TRUE".into()), offset);
    }
}

fn alt_name(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if !matches!(name, GeneralName::DirectoryName(_)) {
            hits.add_value(field, names::value(name));
        }
    }
}
