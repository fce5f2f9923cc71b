//! What was issued to a holder.

use std::sync::Arc;

use crate::certificate::Certificate;
use crate::error::IssueError;
use crate::key::PrivateKey;
use crate::pkcs12;

/// A certificate with its key and the chain up to, and without, its anchor.
#[derive(Debug)]
pub struct Issued {
    pub certificate: Certificate,
    pub key: PrivateKey,
    /// The nearest issuer first.
    pub intermediates: Vec<Arc<Certificate>>,
    /// The certificate that signed itself at the end of the chain; `None` when that is the issued
    /// one.
    pub anchor: Option<Arc<Certificate>>,
}

impl Issued {
    /// A PKCS#12 file (RFC 7292) with the key and the certificate, and the intermediates and the
    /// anchor `with_chain`, encrypted with AES-256 and protected by HMAC-SHA-256.
    ///
    /// # Errors
    ///
    /// The name or the password cannot be encoded.
    pub fn pkcs12(
        &self,
        friendly_name: &str,
        password: &str,
        with_chain: bool,
    ) -> Result<Vec<u8>, IssueError> {
        pkcs12::write(self, friendly_name, password, with_chain)
    }

    /// The direct issuer; `None` when it signed itself.
    pub(crate) fn issuer(&self) -> Option<&Arc<Certificate>> {
        self.intermediates.first().or(self.anchor.as_ref())
    }
}
