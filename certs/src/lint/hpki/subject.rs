//! The subject, and the role of the person or institution that it names.

use x509_parser::asn1_rs::Tag;
use x509_parser::x509::AttributeTypeAndValue;

use super::{hc_role, rule};
use crate::lint::entity::Entity;
use crate::lint::role::HpkiProfile;
use crate::lint::rule::{Hits, Level, Rule};
use crate::lint::{names, oids};

pub(in crate::lint) const SUBJECT: &[Rule] = &[
    rule(
        "HPKI-country",
        "subject",
        Level::Must,
        country,
        (
            "the subject begins with countryName JP, a PrintableString",
            "サブジェクトの先頭が PrintableString の countryName JP であること",
        ),
        (
            "put C=JP first, as a PrintableString",
            "C=JP を PrintableString で先頭に記載する",
        ),
    ),
    rule(
        "HPKI-common-name",
        "subject",
        Level::Must,
        common_name,
        (
            "subordinate CAs and end entities have a commonName",
            "中間 CA およびエンドエンティティに commonName があること",
        ),
        ("add commonName", "commonName を追加する"),
    ),
    rule(
        "HPKI-utf8",
        "subject",
        Level::Must,
        utf8,
        (
            "commonName, organizationName and organizationalUnitName are UTF8String",
            "commonName、organizationName、organizationalUnitName が UTF8String であること",
        ),
        (
            "encode the attribute as UTF8String",
            "属性を UTF8String で符号化する",
        ),
    ),
    rule(
        "HPKI-serial",
        "subject",
        Level::Must,
        serial,
        (
            "the attribute serialNumber is a PrintableString",
            "serialNumber 属性が PrintableString であること",
        ),
        (
            "encode it as a PrintableString",
            "PrintableString で符号化する",
        ),
    ),
    rule(
        "HPKI-serial-present",
        "subject",
        Level::May,
        serial_present,
        (
            "certificates of persons have the attribute serialNumber",
            "人の証明書は serialNumber 属性を持つ",
        ),
        (
            "add the number by which the CA tells persons of one name apart",
            "同名の人を区別するために CA が付与する番号を追加する",
        ),
    ),
    rule(
        "HPKI-order",
        "subject",
        Level::Should,
        order,
        (
            "the attributes are in the order C, O, OU, CN, serialNumber",
            "属性が C、O、OU、CN、serialNumber の順であること",
        ),
        (
            "put them in this order; identities are compared octet by octet",
            "この順に並べる（識別名はオクテット単位で比較される）",
        ),
    ),
    rule(
        "HPKI-organisation",
        "subject",
        Level::May,
        organisation,
        (
            "certificates of organisations have organizationName",
            "組織の証明書は organizationName を持つ",
        ),
        ("add organizationName", "organizationName を追加する"),
    ),
    rule(
        "HPKI-hc-role-form",
        "subjectDirectoryAttributes",
        Level::Must,
        role_form,
        (
            "hcRole has the structure of ISO 17090 and a role as UTF8String",
            "hcRole が ISO 17090 の構造に従い、資格名を UTF8String で記載すること",
        ),
        (
            "encode the attribute as HCActorData",
            "属性を HCActorData として符号化する",
        ),
    ),
    rule(
        "HPKI-hc-role-critical",
        "subjectDirectoryAttributes",
        Level::Must,
        role_critical,
        (
            "subjectDirectoryAttributes with hcRole is not critical",
            "hcRole を含む subjectDirectoryAttributes をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "HPKI-hc-role-scheme",
        "subjectDirectoryAttributes",
        Level::May,
        role_scheme,
        (
            "roles are coded by the scheme 1.2.392.100495.1.6.1.1",
            "資格名は符号化方式 1.2.392.100495.1.6.1.1 による",
        ),
        (
            "check that receivers know the other scheme",
            "受信側が別の方式に対応していることを確認する",
        ),
    ),
    rule(
        "HPKI-hc-role-present",
        "subjectDirectoryAttributes",
        Level::May,
        role_present,
        (
            "licence holders and managers of institutions have hcRole",
            "国家資格者および医療機関等の管理責任者は hcRole を持つ",
        ),
        (
            "add hcRole, if the subject is one of these",
            "該当する場合は hcRole を追加する",
        ),
    ),
];

fn country(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let first = entity.subject.iter_attributes().next();
    let fits = first.is_some_and(|first| {
        let value = first.attr_value();
        *first.attr_type() == oids::COUNTRY
            && value.tag() == Tag::PrintableString
            && value.data == b"JP"
    });
    if !fits {
        hits.add_value("subject.countryName", names::distinguished(entity.subject));
    }
}

fn common_name(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let mut names = entity.subject.iter_by_oid(&oids::COMMON_NAME);
    if profile != HpkiProfile::Root && names.next().is_none() {
        hits.add("subject.commonName");
    }
}

fn add_attribute(entity: &Entity<'_>, attribute: &AttributeTypeAndValue<'_>, hits: &mut Hits) {
    let value = attribute.attr_value();
    let field = format!("subject.{}", oids::name(attribute.attr_type()));
    let text = format!("{} {}", names::string_type(value), names::text_of(value));
    hits.add_at(field, Some(text), entity.offset(value.data));
}

fn utf8(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let kinds = [
        oids::COMMON_NAME,
        oids::ORGANIZATION,
        oids::ORGANIZATIONAL_UNIT,
    ];
    for attribute in entity.subject.iter_attributes() {
        let is_utf8 = attribute.attr_value().tag() == Tag::Utf8String;
        if kinds.contains(attribute.attr_type()) && !is_utf8 {
            add_attribute(entity, attribute, hits);
        }
    }
}

fn serial(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    for attribute in entity.subject.iter_by_oid(&oids::SERIAL_NUMBER) {
        if attribute.attr_value().tag() != Tag::PrintableString {
            add_attribute(entity, attribute, hits);
        }
    }
}

fn serial_present(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let of_person = matches!(profile, HpkiProfile::Signing | HpkiProfile::AuthPerson);
    let mut serials = entity.subject.iter_by_oid(&oids::SERIAL_NUMBER);
    if of_person && serials.next().is_none() {
        hits.add("subject.serialNumber");
    }
}

fn order(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let usual = [
        oids::COUNTRY,
        oids::ORGANIZATION,
        oids::ORGANIZATIONAL_UNIT,
        oids::COMMON_NAME,
        oids::SERIAL_NUMBER,
    ];
    let attributes = entity.subject.iter_attributes();
    let places = attributes
        .filter_map(|attribute| usual.iter().position(|kind| kind == attribute.attr_type()));
    if !places.is_sorted() {
        hits.add_value("subject", names::distinguished(entity.subject));
    }
}

fn organisation(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let mut names = entity.subject.iter_by_oid(&oids::ORGANIZATION);
    if profile == HpkiProfile::AuthOrganisation && names.next().is_none() {
        hits.add("subject.organizationName");
    }
}

const ROLE: &str = "subjectDirectoryAttributes.hcRole";

fn role_form(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    if hc_role::roles(entity).is_err() {
        let extension = entity.extension(&oids::SUBJECT_DIRECTORY_ATTRIBUTES);
        let value = extension.map(|extension| names::hex(extension.value));
        let offset = entity.offset_of(&oids::SUBJECT_DIRECTORY_ATTRIBUTES);
        hits.add_at(ROLE, value, offset);
    }
}

fn role_critical(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    let extension = entity.extension(&oids::SUBJECT_DIRECTORY_ATTRIBUTES);
    if extension.is_some_and(|extension| extension.critical) {
        let offset = entity.offset_of(&oids::SUBJECT_DIRECTORY_ATTRIBUTES);
        let field = "subjectDirectoryAttributes.critical";
        hits.add_at(field, Some("TRUE".into()), offset);
    }
}

fn role_scheme(entity: &Entity<'_>, _: HpkiProfile, hits: &mut Hits) {
    for role in hc_role::roles(entity).unwrap_or_default() {
        if role.scheme != oids::JHPKI_CODING {
            let offset = entity.offset_of(&oids::SUBJECT_DIRECTORY_ATTRIBUTES);
            hits.add_at(ROLE, Some(oids::dotted(&role.scheme)), offset);
        }
    }
}

fn role_present(entity: &Entity<'_>, profile: HpkiProfile, hits: &mut Hits) {
    let of_person = matches!(profile, HpkiProfile::Signing | HpkiProfile::AuthPerson);
    if of_person && hc_role::roles(entity).is_ok_and(|roles| roles.is_empty()) {
        hits.add(ROLE);
    }
}
