//! Vendor profiles and the daemon families behind them, loaded from TOML and checked.
//!
//! A [`Catalogue`] is the folder `vendor-profiles`. All that its files can have wrong is found
//! when it is loaded, before any router starts; only the loader makes a [`Profile`] or an
//! [`Implementation`].

pub mod catalogue;
mod checks;
pub mod external;
pub mod implementation;
pub mod profile;
pub mod router;
pub mod sheet;
mod templates;
mod view;

pub use cases::Setting;
pub use catalogue::{Catalogue, UnknownProfile};
pub use external::{EXTERNAL, External, Lan, Way};
pub use implementation::{
    Argv, ConfigFile, Control, Credential, CredentialFile, Daemon, Form, Implementation, LogCause,
    LogPattern, LogSide, Ready, SessionKeyLog, Status, Version, Words,
};
pub use profile::{Identities, Profile};
pub use router::{
    Attribute, CertificateCredentials, Content, Credentials, Departures, Document, End, Identity,
    IdentityKind, RenderedFile, RouterSettings, Secret,
};
pub use sheet::{Sheet, Sheets};
