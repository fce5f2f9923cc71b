//! Names by which receivers identify the device: subject and subjectAltName.

use x509_parser::extensions::GeneralName;

use super::rule;
use crate::lint::entity::Entity;
use crate::lint::report::Severity;
use crate::lint::rule::{Hits, Level, Rule, words};
use crate::lint::{Options, names, oids};

pub(in crate::lint) const IDENTITY: &[Rule] = &[
    rule(
        "ID-20",
        "3.1.9",
        Level::Must,
        fqdn_in_subject,
        (
            "a domain name that identifies the device is in subjectAltName.dNSName",
            "装置を識別するドメイン名は subjectAltName の dNSName に記載すること",
        ),
        (
            "add the name as subjectAltName.dNSName; receivers ignore it in the subject",
            "同じ名前を subjectAltName の dNSName に追加する（サブジェクト内の名前は識別に使用されない）",
        ),
    ),
    rule(
        "PX-04",
        "5.1.2.2",
        Level::Must,
        host_outside_common_name,
        (
            "a host name that is not fully qualified is in commonName",
            "完全修飾でないホスト名は commonName に記載すること",
        ),
        (
            "move the host name to commonName",
            "ホスト名を commonName に移す",
        ),
    ),
    rule(
        "PX-05",
        "5.1.2.3",
        Level::MustNot,
        email_in_subject,
        (
            "the subject has no emailAddress",
            "サブジェクトに emailAddress を含めないこと",
        ),
        (
            "move the address to subjectAltName.rfc822Name",
            "アドレスを subjectAltName の rfc822Name に移す",
        ),
    ),
    rule(
        "PX-06",
        "5.1.2",
        Level::Must,
        common_attributes,
        (
            "the subject can be matched by C, CN, O or OU",
            "サブジェクトが C、CN、O、OU のいずれかで照合できること",
        ),
        (
            "add at least one of C, CN, O and OU: policies of receivers select by these",
            "C、CN、O、OU のいずれかを追加する（受信側のポリシーはこれらで選択される）",
        ),
    )
    .with(Severity::Warning),
    rule(
        "PX-15",
        "5.1.3.6",
        Level::Must,
        identity_in_subject,
        (
            "an address that identifies the device is in subjectAltName",
            "装置を識別する IP アドレスやメールアドレスは subjectAltName に記載すること",
        ),
        (
            "add it as subjectAltName.iPAddress or rfc822Name",
            "subjectAltName の iPAddress または rfc822Name に追加する",
        ),
    ),
    rule(
        "PX-15-dn",
        "5.1.3.6",
        Level::May,
        only_distinguished_name,
        (
            "without dNSName, rfc822Name and iPAddress, only ID_DER_ASN1_DN can identify the device",
            "dNSName、rfc822Name、iPAddress がない場合、識別に使用できるのは ID_DER_ASN1_DN のみ",
        ),
        (
            "add such a name, unless all peers use ID_DER_ASN1_DN",
            "すべての接続先が ID_DER_ASN1_DN を使用する場合を除き、いずれかの名前を追加する",
        ),
    ),
    rule(
        "PX-16",
        "5.1.3.6",
        Level::Should,
        usual_alt_names,
        (
            "subjectAltName has only rfc822Name, dNSName and iPAddress",
            "subjectAltName は rfc822Name、dNSName、iPAddress のみとすること",
        ),
        (
            "leave the other names out; IKE has no identity that they can match",
            "他の種類の名前を省く（IKE の識別情報と照合できない）",
        ),
    ),
    rule(
        "PX-17",
        "5.1.3.6.1",
        Level::MustNot,
        wildcard,
        (
            "no dNSName has a wildcard",
            "dNSName にワイルドカードを含めないこと",
        ),
        ("give each name in full", "名前を一つずつ省略せずに記載する"),
    ),
    rule(
        "PX-19",
        "5.1.3.6.2",
        Level::MustNot,
        network_as_address,
        (
            "no iPAddress is a network with a mask",
            "iPAddress にマスク付きのネットワークを記載しないこと",
        ),
        (
            "give single addresses of 4 or 16 octets",
            "4 または 16 オクテットの単一のアドレスを記載する",
        ),
    ),
];

/// Texts of the subject's attributes that receivers must not take for identities, with their fields.
fn subject_texts<'a>(entity: &Entity<'a>) -> impl Iterator<Item = (String, String)> + use<'a> {
    let attributes = entity.subject.iter_attributes();
    let texts = attributes.filter(|attribute| {
        let oid = attribute.attr_type();
        *oid != oids::EMAIL_ADDRESS && *oid != oids::COUNTRY
    });
    texts.map(|attribute| {
        let field = format!("subject.{}", oids::name(attribute.attr_type()));
        (field, names::text_of(attribute.attr_value()))
    })
}

fn fqdn_in_subject(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if !entity.is_end_entity() {
        return;
    }
    for (field, text) in subject_texts(entity).filter(|(_, text)| names::reads_as_fqdn(text)) {
        let is_same = |name: &GeneralName<'_>| matches!(name, GeneralName::DNSName(dns) if dns.eq_ignore_ascii_case(&text));
        if !entity.alt_names().iter().any(is_same) {
            hits.add_value(field, text);
        }
    }
}

fn host_outside_common_name(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let host_attributes = [
        oids::UNSTRUCTURED_NAME,
        oids::UNSTRUCTURED_ADDRESS,
        oids::HOST,
    ];
    for attribute in entity.subject.iter_attributes() {
        if host_attributes.contains(attribute.attr_type()) {
            let field = format!("subject.{}", oids::name(attribute.attr_type()));
            hits.add_value(field, names::text_of(attribute.attr_value()));
        }
    }
}

fn email_in_subject(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for attribute in entity.subject.iter_by_oid(&oids::EMAIL_ADDRESS) {
        let text = names::text_of(attribute.attr_value());
        hits.add_value("subject.emailAddress", text);
    }
}

fn common_attributes(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let common = [
        oids::COUNTRY,
        oids::COMMON_NAME,
        oids::ORGANIZATION,
        oids::ORGANIZATIONAL_UNIT,
    ];
    let mut attributes = entity.subject.iter_attributes().peekable();
    let is_empty = attributes.peek().is_none();
    if !is_empty && !attributes.any(|attribute| common.contains(attribute.attr_type())) {
        hits.add_value("subject", names::distinguished(entity.subject));
    }
}

fn identity_in_subject(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    if !entity.is_end_entity() {
        return;
    }
    let is_identity = |text: &String| names::is_mailbox(text) || names::reads_as_address(text);
    for (field, text) in subject_texts(entity).filter(|(_, text)| is_identity(text)) {
        let is_same = |name: &GeneralName<'_>| {
            let has_text = matches!(name, GeneralName::RFC822Name(_) | GeneralName::IPAddress(_));
            has_text && names::value(name).eq_ignore_ascii_case(&text)
        };
        if !entity.alt_names().iter().any(is_same) {
            hits.add_value(field, text);
        }
    }
}

/// Whether IKE has an identity that matches the name.
fn is_usual(name: &GeneralName<'_>) -> bool {
    matches!(
        name,
        GeneralName::RFC822Name(_) | GeneralName::DNSName(_) | GeneralName::IPAddress(_)
    )
}

fn only_distinguished_name(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let is_named = entity.subject.iter_rdn().next().is_some();
    if entity.is_end_entity() && is_named && !entity.alt_names().iter().any(is_usual) {
        hits.add_value("subject", names::distinguished(entity.subject));
    }
}

fn usual_alt_names(entity: &Entity<'_>, options: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if is_usual(name) {
            continue;
        }
        hits.add_value(field, names::value(name));
        if options.profile.is_hpki() && matches!(name, GeneralName::DirectoryName(_)) {
            hits.but(
                Severity::Note,
                words(
                    "the HPKI profile puts the Japanese name here",
                    "HPKI プロファイルは日本語の名称をここに記載する",
                ),
            );
        }
    }
}

fn wildcard(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::DNSName(text) = name
            && text.contains('*')
        {
            hits.add_at(field, Some((*text).into()), entity.offset(text.as_bytes()));
        }
    }
}

fn network_as_address(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::IPAddress(octets) = name
            && matches!(octets.len(), 8 | 32)
        {
            let (address, mask) = octets.split_at(octets.len() / 2);
            let value = format!("{}/{}", names::address(address), names::address(mask));
            hits.add_at(field, Some(value), entity.offset(octets));
        }
    }
}
