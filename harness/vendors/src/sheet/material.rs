//! The keys, certificates and lists that belong to a sheet, as files.

use crate::router::{CertificateCredentials, Credentials, Document};

/// A file that belongs to a sheet. All of them lie in one folder.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Material {
    /// Fit for the name of a file.
    pub name: String,
    pub(super) used_as: Use,
    pub content: Vec<u8>,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Use {
    Key,
    Certificate,
    PrivateKey,
    Pkcs12,
    Password,
    Intermediate,
    TrustAnchor,
    Crl,
}

pub(super) const CERTIFICATE: &str = "certificate.pem";
pub(super) const PRIVATE_KEY: &str = "private-key.pem";
pub(super) const PKCS12: &str = "certificate.p12";

/// The files that a router is given besides its configuration. A router that the case gives no
/// certificate gets none.
pub fn material(credentials: &Credentials) -> Vec<Material> {
    match credentials {
        Credentials::Psk(None) => Vec::new(),
        Credentials::Psk(Some(key)) => vec![Material {
            name: "psk.txt".to_owned(),
            used_as: Use::Key,
            content: key.expose().as_bytes().to_vec(),
        }],
        Credentials::Certificate(credentials) => of_certificates(credentials),
    }
}

fn of_certificates(credentials: &CertificateCredentials) -> Vec<Material> {
    let mut files = Vec::new();
    let mut add = |name: String, used_as, content: &[u8]| {
        files.push(Material {
            name,
            used_as,
            content: content.to_vec(),
        });
    };
    if credentials.has_certificate {
        let Document { der, pem, .. } = &credentials.certificate;
        let key = credentials.private_key.expose();
        add(CERTIFICATE.to_owned(), Use::Certificate, pem.as_bytes());
        add("certificate.der".to_owned(), Use::Certificate, der);
        add(PRIVATE_KEY.to_owned(), Use::PrivateKey, key.as_bytes());
        add(PKCS12.to_owned(), Use::Pkcs12, &credentials.pkcs12);
        let password = credentials.password.expose();
        add(
            "password.txt".to_owned(),
            Use::Password,
            password.as_bytes(),
        );
    }
    let lists = [
        ("sub-ca", Use::Intermediate, &credentials.intermediates),
        ("ca", Use::TrustAnchor, &credentials.trust_anchors),
        ("crl", Use::Crl, &credentials.crls),
    ];
    for (prefix, used_as, documents) in lists {
        for Document { name, der, pem } in documents {
            add(format!("{prefix}-{name}.pem"), used_as, pem.as_bytes());
            add(format!("{prefix}-{name}.der"), used_as, der);
        }
    }
    files
}

/// The names of the PEM files of one use, in their order.
pub(super) fn names(files: &[Material], used_as: Use) -> Vec<&str> {
    files
        .iter()
        .filter(|file| file.used_as == used_as)
        .map(|file| file.name.as_str())
        .filter(|name| name.ends_with(".pem"))
        .collect()
}
