//! The files of a router's certificates and keys.

use std::path::PathBuf;

use crate::implementation::{Credential, CredentialFile, Form, NAME};
use crate::router::{CertificateCredentials, Content, Document, RenderedFile};

/// The files of one kind, at the place that the implementation has for it.
pub(super) fn files(
    place: &CredentialFile,
    credentials: &CertificateCredentials,
) -> Vec<RenderedFile> {
    let at = |name: &str, content| RenderedFile {
        path: PathBuf::from(place.path.replace(NAME, name)),
        mode: place.mode,
        content,
    };
    let public = |document: &Document| {
        at(
            &document.name,
            Content::Public(match place.form {
                Form::Pem => document.pem.clone().into_bytes(),
                Form::Der => document.der.clone(),
            }),
        )
    };
    if !credentials.has_certificate && place.what.is_own() {
        return Vec::new();
    }
    match place.what {
        Credential::Certificate => vec![public(&credentials.certificate)],
        Credential::Intermediates => credentials.intermediates.iter().map(public).collect(),
        Credential::TrustAnchors => credentials.trust_anchors.iter().map(public).collect(),
        Credential::Crls => credentials.crls.iter().map(public).collect(),
        Credential::PrivateKey => {
            let key = credentials.private_key.expose().as_bytes();
            vec![at("", Content::Secret(key.to_vec()))]
        }
        Credential::Pkcs12 => vec![at("", Content::Secret(credentials.pkcs12.clone()))],
    }
}
