//! Why a certificate could not be made.

/// What stopped the making of a certificate, a key, a revocation list or a PKCS#12 file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The profile has no certificate of that name.
    #[error("profile {profile:?} has no certificate {name:?}; it has {known}")]
    NoCertificate {
        profile: String,
        name: String,
        known: String,
    },
    /// The certificate of an authority speaks of a holder. The loader refuses such profiles.
    #[error("a placeholder where there is no holder")]
    NoHolder,
    /// The holder's text cannot stand where the profile puts it.
    #[error("{text:?} cannot be encoded as {form}")]
    Text { text: String, form: &'static str },
    /// A date is outside the range that can be reckoned with.
    #[error("a date is out of range: {0}")]
    Date(String),
    #[error("the key could not be made: {0}")]
    Key(String),
    #[error("the signature could not be made: {0}")]
    Signature(String),
    #[error("the structure could not be encoded: {0}")]
    Encoding(#[from] der::Error),
    #[error("rcgen refused the certificate: {0}")]
    Rcgen(String),
    #[error("the PKCS#12 file could not be made: {0}")]
    Pkcs12(String),
}
