//! Sections 4.1.2.4, 4.1.2.6 and 4.2.1.6: strings of distinguished names, and general names.

use x509_parser::asn1_rs::Tag;
use x509_parser::extensions::GeneralName;
use x509_parser::x509::X509Name;

use super::rule;
use crate::lint::entity::Entity;
use crate::lint::report::Severity;
use crate::lint::rule::{Hits, Level, Rule};
use crate::lint::{Options, names, oids};

pub(in crate::lint) const NAMES: &[Rule] = &[
    rule(
        "5280-4.1.2.4-string",
        "4.1.2.4",
        Level::Must,
        string_types,
        (
            "names are PrintableString or UTF8String",
            "名前は PrintableString または UTF8String であること",
        ),
        (
            "encode the attribute as UTF8String; other types often fail a bitwise comparison",
            "属性を UTF8String で符号化する（他の型はビット単位の比較で不一致になりやすい）",
        ),
    )
    .with(Severity::Warning),
    rule(
        "5280-A.1-printable",
        "A.1",
        Level::Must,
        printable,
        (
            "a PrintableString has only letters, digits, blanks and '()+,-./:=?",
            "PrintableString の文字は英数字、空白および '()+,-./:=? に限ること",
        ),
        (
            "encode the attribute as UTF8String",
            "属性を UTF8String で符号化する",
        ),
    ),
    rule(
        "5280-A.1-country",
        "A.1",
        Level::Must,
        country,
        (
            "countryName is a PrintableString of two capital letters",
            "countryName が大文字 2 文字の PrintableString であること",
        ),
        (
            "use the code of ISO 3166-1, such as JP",
            "JP のような ISO 3166-1 のコードを使用する",
        ),
    ),
    rule(
        "5280-A.1-length",
        "A.1",
        Level::Must,
        lengths,
        (
            "attributes are not empty and not longer than their upper bound",
            "属性が空でなく、上限の文字数を超えないこと",
        ),
        (
            "shorten it (commonName, organizationName, organizationalUnitName and serialNumber: 64)",
            "短くする（commonName、organizationName、organizationalUnitName、serialNumber は 64 文字まで）",
        ),
    ),
    rule(
        "5280-4.2.1.6-some",
        "4.2.1.6",
        Level::Must,
        some_name,
        (
            "subjectAltName has at least one name",
            "subjectAltName に名前が一つ以上あること",
        ),
        (
            "add a name, or leave the extension out",
            "名前を追加するか、拡張を省く",
        ),
    ),
    rule(
        "5280-4.2.1.6-critical",
        "4.2.1.6",
        Level::Should,
        alt_name_critical,
        (
            "subjectAltName is not critical where the subject is not empty",
            "サブジェクトが空でない場合は subjectAltName をクリティカルにしないこと",
        ),
        ("make it non-critical", "非クリティカルにする"),
    ),
    rule(
        "5280-4.2.1.6-ascii",
        "4.2.1.6",
        Level::Must,
        ascii,
        (
            "dNSName, rfc822Name and URI are IA5String",
            "dNSName、rfc822Name および URI が IA5String であること",
        ),
        (
            "write names of other scripts with A-labels (xn--…)",
            "他の文字を含む名前は A ラベル（xn--…）で記載する",
        ),
    ),
    rule(
        "5280-4.2.1.6-nul",
        "4.2.1.6",
        Level::MustNot,
        control_characters,
        (
            "names have no NUL or other control character",
            "名前に NUL などの制御文字を含めないこと",
        ),
        (
            "remove the character; some receivers read only what is before it",
            "当該文字を取り除く（その前の部分のみを名前とみなす受信側がある）",
        ),
    ),
    rule(
        "5280-4.2.1.6-dns",
        "4.2.1.6",
        Level::Must,
        host_names,
        (
            "dNSName is a host name of letters, digits and hyphens, without a dot at the end",
            "dNSName が英数字とハイフンからなり、末尾にドットのないホスト名であること",
        ),
        (
            "write it as gw1.hosp.example",
            "gw1.hosp.example のような形式で記載する",
        ),
    ),
    rule(
        "5280-4.2.1.6-mail",
        "4.2.1.6",
        Level::Must,
        mailboxes,
        (
            "rfc822Name is a mailbox, without a person's name or brackets",
            "rfc822Name が、表示名や括弧を含まないメールアドレスであること",
        ),
        (
            "write it as user@hosp.example",
            "user@hosp.example のような形式で記載する",
        ),
    ),
    rule(
        "5280-4.2.1.6-address",
        "4.2.1.6",
        Level::Must,
        address_length,
        (
            "iPAddress has 4 or 16 octets",
            "iPAddress が 4 または 16 オクテットであること",
        ),
        (
            "encode the address as 4 octets for IPv4 and 16 for IPv6",
            "IPv4 は 4 オクテット、IPv6 は 16 オクテットで符号化する",
        ),
    ),
    rule(
        "5280-4.2.1.6-uri",
        "4.2.1.6",
        Level::MustNot,
        absolute_uris,
        ("a URI is absolute", "URI が絶対形式であること"),
        (
            "write it with scheme and host",
            "スキームとホストを含めて記載する",
        ),
    ),
    rule(
        "5280-4.2.1.6-form",
        "4.2.1.6",
        Level::Must,
        readable,
        (
            "every name is one of the nine choices of GeneralName and decodes",
            "すべての名前が GeneralName の 9 種のいずれかとして解読できること",
        ),
        ("encode the name anew", "名前を符号化し直す"),
    ),
    rule(
        "5280-4.2.1.6-directory",
        "4.2.1.6",
        Level::Must,
        directory_names,
        ("directoryName is not empty", "directoryName が空でないこと"),
        ("fill the name, or leave it out", "名前を記載するか省く"),
    ),
];

/// Subject and issuer with their fields.
fn distinguished<'a>(
    entity: &Entity<'a>,
) -> impl Iterator<Item = (&'static str, &'a X509Name<'a>)> {
    let issuer = entity
        .certificate
        .map(|certificate| &certificate.tbs_certificate.issuer);
    let issuer = issuer.filter(|_| !entity.is_self_issued());
    std::iter::once(("subject", entity.subject)).chain(issuer.map(|issuer| ("issuer", issuer)))
}

fn string_types(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (name, attributes) in distinguished(entity) {
        for attribute in attributes.iter_attributes() {
            let value = attribute.attr_value();
            if matches!(
                value.tag(),
                Tag::TeletexString | Tag::BmpString | Tag::UniversalString
            ) {
                let field = format!("{name}.{}", oids::name(attribute.attr_type()));
                let text = format!("{} {}", names::string_type(value), names::text_of(value));
                hits.add_at(field, Some(text), entity.offset(value.data));
            }
        }
    }
}

fn printable(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let allowed = |c: &u8| c.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(c);
    for (name, attributes) in distinguished(entity) {
        for attribute in attributes.iter_attributes() {
            let value = attribute.attr_value();
            if value.tag() == Tag::PrintableString && !value.data.iter().all(allowed) {
                let field = format!("{name}.{}", oids::name(attribute.attr_type()));
                hits.add_at(
                    field,
                    Some(names::text_of(value)),
                    entity.offset(value.data),
                );
            }
        }
    }
}

fn country(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (name, attributes) in distinguished(entity) {
        for attribute in attributes.iter_by_oid(&oids::COUNTRY) {
            let value = attribute.attr_value();
            let code = value.data.len() == 2 && value.data.iter().all(u8::is_ascii_uppercase);
            if value.tag() != Tag::PrintableString || !code {
                let text = format!("{} {}", names::string_type(value), names::text_of(value));
                let offset = entity.offset(value.data);
                hits.add_at(format!("{name}.countryName"), Some(text), offset);
            }
        }
    }
}

fn lengths(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    const UPPER_BOUND: usize = 64;
    let bounded = [
        oids::COMMON_NAME,
        oids::ORGANIZATION,
        oids::ORGANIZATIONAL_UNIT,
        oids::SERIAL_NUMBER,
    ];
    for (name, attributes) in distinguished(entity) {
        for attribute in attributes.iter_attributes() {
            let value = attribute.attr_value();
            let length = names::text_of(value).chars().count();
            let too_long = length > UPPER_BOUND && bounded.contains(attribute.attr_type());
            if length == 0 || too_long {
                let field = format!("{name}.{}", oids::name(attribute.attr_type()));
                let text = format!("{length} characters");
                hits.add_at(field, Some(text), entity.offset(value.data));
            }
        }
    }
}

fn some_name(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    // 30 00: a SEQUENCE of nothing.
    let extension = entity.extension(&oids::SUBJECT_ALT_NAME);
    if extension.is_some_and(|extension| extension.value == [0x30, 0x00]) {
        hits.add("subjectAltName");
    }
}

fn alt_name_critical(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let critical = entity
        .extension(&oids::SUBJECT_ALT_NAME)
        .is_some_and(|extension| extension.critical);
    if critical && entity.subject.iter_rdn().next().is_some() {
        hits.add_value("subjectAltName.critical", "TRUE");
    }
}

/// The names of subjectAltName that are text, with their fields.
fn texts<'a>(entity: &Entity<'a>) -> impl Iterator<Item = (String, &'a str)> {
    entity.named_alt_names().filter_map(|(field, name)| {
        if let GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) =
            name
        {
            Some((field, *text))
        } else {
            None
        }
    })
}

fn ascii(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, text) in texts(entity).filter(|(_, text)| !text.is_ascii()) {
        hits.add_at(field, Some(text.into()), entity.offset(text.as_bytes()));
    }
}

fn control_characters(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    let controlled = |text: &str| text.chars().any(char::is_control);
    for (field, text) in texts(entity).filter(|(_, text)| controlled(text)) {
        hits.add_at(field, Some(text.into()), entity.offset(text.as_bytes()));
    }
    for attribute in entity.subject.iter_attributes() {
        let text = names::text_of(attribute.attr_value());
        if controlled(&text) {
            let field = format!("subject.{}", oids::name(attribute.attr_type()));
            hits.add_at(
                field,
                Some(text),
                entity.offset(attribute.attr_value().data),
            );
        }
    }
}

/// Wildcards, NUL and other scripts have rules of their own.
fn host_names(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::DNSName(text) = name {
            let plain = text.replace('*', "x");
            let is_other = !text.is_ascii() || text.chars().any(char::is_control);
            if !is_other && !names::is_host_name(&plain) {
                hits.add_at(field, Some((*text).into()), entity.offset(text.as_bytes()));
            }
        }
    }
}

fn mailboxes(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::RFC822Name(text) = name
            && text.is_ascii()
            && !names::is_mailbox(text)
        {
            hits.add_at(field, Some((*text).into()), entity.offset(text.as_bytes()));
        }
    }
}

/// Networks with a mask are the matter of PX-19.
fn address_length(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::IPAddress(octets) = name
            && !matches!(octets.len(), 4 | 16 | 8 | 32)
        {
            hits.add_at(field, Some(names::hex(octets)), entity.offset(octets));
        }
    }
}

fn absolute_uris(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::URI(text) = name
            && text.is_ascii()
            && !names::is_absolute_uri(text)
        {
            hits.add_at(field, Some((*text).into()), entity.offset(text.as_bytes()));
        }
    }
}

fn readable(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::Invalid(_, octets) = name {
            hits.add_at(field, Some(names::hex(octets)), entity.offset(octets));
        }
    }
}

fn directory_names(entity: &Entity<'_>, _: &Options, hits: &mut Hits) {
    for (field, name) in entity.named_alt_names() {
        if let GeneralName::DirectoryName(name) = name
            && name.iter_rdn().next().is_none()
        {
            hits.add(field);
        }
    }
}
