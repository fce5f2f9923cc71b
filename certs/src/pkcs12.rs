//! PKCS#12 files.

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};

use crate::error::IssueError;
use crate::issued::Issued;

pub(crate) fn write(
    issued: &Issued,
    friendly_name: &str,
    password: &str,
    with_chain: bool,
) -> Result<Vec<u8>, IssueError> {
    let mut certificates = vec![certificate(issued.certificate.der())?];
    if with_chain {
        for issuer in issued.intermediates.iter().chain(&issued.anchor) {
            certificates.push(certificate(issuer.der())?);
        }
    }
    let key = PrivateKey::from_der(&issued.key.pkcs8_der()).map_err(failed)?;
    // OpenSSL and NSS pair the key with the certificate by this.
    let local_key_id = issued.key.public_key_sha1()?;
    let chain = PrivateKeyChain::new(local_key_id, key, certificates);
    let mut store = KeyStore::new();
    store.add_entry(friendly_name, KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().map_err(failed)
}

fn certificate(der: &[u8]) -> Result<Certificate, IssueError> {
    Certificate::from_der(der).map_err(failed)
}

fn failed(error: p12_keystore::error::Error) -> IssueError {
    IssueError::Pkcs12(error.to_string())
}
