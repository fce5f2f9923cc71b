//! Rules on files and encodings, before anything is decoded.

use crate::lint::entity::{self, Decoded};
use crate::lint::input::{Form, Object};
use crate::lint::report::{Kind, Severity};
use crate::lint::rule::{Check, Hits, Level, Rule, Source, words};
use crate::lint::tlv;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "FM-01",
        Source::File,
        ("RFC 4945", "6"),
        Level::Must,
        Check::Object(is_pem),
        words(
            "certificates, requests and CRLs can be exchanged as PEM",
            "証明書、発行要求および CRL は PEM 形式で受け渡せること",
        ),
        words(
            "hand it over as PEM too: openssl x509 (req, crl) -inform DER",
            "PEM 形式でも提供する（openssl x509、req、crl の -inform DER で変換できる）",
        ),
    )
    .with(Severity::Note),
    Rule::new(
        "FILE-key",
        Source::File,
        ("RFC 4945", "6"),
        Level::ShouldNot,
        Check::Object(private_key),
        words(
            "a file of certificates holds no private key",
            "証明書のファイルに秘密鍵を含めないこと",
        ),
        words(
            "keep the key in a file of its own; if others could read this one, make a new key",
            "秘密鍵は別のファイルで保管する。第三者が読めた可能性があれば鍵を作り直す",
        ),
    ),
    Rule::new(
        "FILE-kind",
        Source::File,
        ("RFC 7468", "4"),
        Level::Should,
        Check::Object(known_kind),
        words(
            "every object is a certificate, a request or a CRL",
            "すべてのデータが証明書、発行要求または CRL であること",
        ),
        words(
            "remove the object, or encode it anew; this one was not checked",
            "当該データを取り除くか、符号化し直す（このデータは検査していない）",
        ),
    )
    .with(Severity::Error),
    Rule::new(
        "FILE-label",
        Source::File,
        ("RFC 7468", "5.1, 6, 7"),
        Level::Must,
        Check::Object(label),
        words(
            "the PEM label says what the object is",
            "PEM のラベルが内容と一致すること",
        ),
        words(
            "use CERTIFICATE, CERTIFICATE REQUEST or X509 CRL",
            "ラベルを CERTIFICATE、CERTIFICATE REQUEST または X509 CRL にする",
        ),
    )
    .with(Severity::Warning),
    Rule::new(
        "5280-4.1-decode",
        Source::Rfc5280,
        ("RFC 5280", "4.1, 5.1"),
        Level::Must,
        Check::Object(decodes),
        words(
            "the object has the structure of RFC 5280",
            "RFC 5280 の構造に従っていること",
        ),
        words(
            "issue it anew; receivers cannot read this one",
            "発行し直す（受信側はこのデータを解読できない）",
        ),
    ),
    Rule::new(
        "5280-4.1-der",
        Source::Rfc5280,
        ("RFC 5280", "4.1"),
        Level::Must,
        Check::Object(is_der),
        words("the encoding is DER", "DER で符号化すること"),
        words(
            "encode it with DER; strict receivers reject what is only BER",
            "DER で符号化し直す（厳格な受信側は BER を拒否する）",
        ),
    ),
    Rule::new(
        "5280-4.1-trailing",
        Source::Rfc5280,
        ("RFC 5280", "4.1"),
        Level::Must,
        Check::Object(nothing_follows),
        words(
            "nothing follows the encoded object",
            "符号化データの後に余分なオクテットがないこと",
        ),
        words(
            "remove the octets after the object",
            "後続の余分なオクテットを取り除く",
        ),
    ),
];

fn is_pem(object: &Object, hits: &mut Hits) {
    if object.form == Form::Der && object.kind.can_be_decoded() {
        hits.add_value("encoding", "DER");
    }
}

fn private_key(object: &Object, hits: &mut Hits) {
    if object.kind == Kind::PrivateKey {
        hits.add_value("object", object.label.as_str());
    }
}

fn known_kind(object: &Object, hits: &mut Hits) {
    if object.kind == Kind::Unknown {
        hits.add_value("object", object.label.as_str());
    }
}

fn label(object: &Object, hits: &mut Hits) {
    let fits = match object.kind {
        Kind::Certificate => object.label == "CERTIFICATE",
        Kind::Request => object.label == "CERTIFICATE REQUEST",
        Kind::Crl => object.label == "X509 CRL",
        Kind::PrivateKey | Kind::Unknown => true,
    };
    if object.form == Form::Pem && !fits {
        hits.add_value("label", object.label.as_str());
    }
}

fn decodes(object: &Object, hits: &mut Hits) {
    let nothing = matches!(entity::decode_one(object), Decoded::Nothing);
    if object.kind.can_be_decoded() && nothing {
        match tlv::first_fault(&object.der) {
            Some((place, fault)) => {
                hits.add_at("encoding", Some(fault.name().into()), Some(place));
            }
            None => hits.add("structure"),
        }
    }
}

fn is_der(object: &Object, hits: &mut Hits) {
    let decodes = !matches!(entity::decode_one(object), Decoded::Nothing);
    if decodes && let Some((place, fault)) = tlv::first_fault(&object.der) {
        hits.add_at("encoding", Some(fault.name().into()), Some(place));
    }
}

fn nothing_follows(object: &Object, hits: &mut Hits) {
    if !object.kind.can_be_decoded() {
        return;
    }
    if let Some(outer) = tlv::first(&object.der)
        && let more @ 1.. = object.der.len() - outer.end()
    {
        hits.add_at("end", Some(format!("{more} octets")), Some(outer.end()));
    }
}
