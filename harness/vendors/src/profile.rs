//! Vendor profiles: one daemon family in one version, set up as one vendor's router.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use cases::AuthMethod;
use files::Problem;
use ikev2::authentication::Scheme;
use ikev2::{EspProposal, IkeProposal};
use reports::text::Text;

use crate::external::External;
use crate::implementation::{CredentialFile, Implementation, UserSpaceEsp, Version};
use crate::router::{Content, Credentials, IdentityKind, RenderedFile, RouterSettings};
use crate::templates::Templates;
use crate::view::View;
use cases::Setting;
use cases::vector::Function;

mod credentials;
mod digest;
mod file;
mod sample;

pub(crate) use file::Families;

/// All that makes one vendor's router.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Profile {
    /// The name of its folder.
    pub id: String,
    pub name: Text,
    /// The standard that the vendor says it follows, if it says so.
    pub basis: Option<Text>,
    pub implementation: Arc<Implementation>,
    /// Where the router is, when no lab runs it.
    pub external: Option<External>,
    /// One of the implementation's versions; what its maker calls it, of an external router.
    pub version: String,
    /// The authentication methods that the vendor declares; never empty.
    pub methods: Vec<AuthMethod>,
    /// The signatures in AUTH payloads that the vendor declares to accept.
    pub signatures: Vec<Scheme>,
    /// What the vendor declares to do with certificates beyond what every router must.
    pub functions: Vec<Function>,
    pub identity: Identities,
    /// What the router offers for the IKE SA; never empty.
    pub ike: Vec<IkeProposal>,
    /// What the router offers for a Child SA; never empty.
    pub esp: Vec<EspProposal>,
    /// Every setting of the implementation, with the profile's own value where it has one.
    pub settings: BTreeMap<String, Setting>,
    /// Whether the router does ESP itself, which nobody asks for whose kernel can do it.
    in_user_space: bool,
    /// SHA-256 over every file that decides what the router does, 64 hexadecimal digits.
    pub sha256: String,
    templates: Templates,
    path: PathBuf,
}

/// How the router names itself, by authentication method: one type for each that it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identities(BTreeMap<AuthMethod, IdentityKind>);

impl Identities {
    /// `None` for a method that the profile does not declare.
    pub fn of(&self, method: AuthMethod) -> Option<IdentityKind> {
        self.0.get(&method).copied()
    }
}

impl Profile {
    /// Where the daemon of this profile comes from; `None` for an external router.
    pub fn packages(&self) -> Option<&Version> {
        self.implementation.versions.get(&self.version)
    }

    /// The same router on a kernel that has no ESP; `None` where the daemon cannot do without.
    pub fn with_user_space_esp(&self) -> Option<Self> {
        let needed = self.implementation.user_space_esp.as_ref()?;
        let mut profile = self.clone();
        profile.in_user_space = true;
        profile.settings.extend(needed.settings.clone());
        Some(profile)
    }

    /// What it needs to do ESP itself, if it shall.
    pub fn user_space_esp(&self) -> Option<&UserSpaceEsp> {
        let needed = self.implementation.user_space_esp.as_ref();
        needed.filter(|_| self.in_user_space)
    }

    /// Renders the files of a router, in the order of the implementation, and adds those of its
    /// credentials.
    ///
    /// # Errors
    ///
    /// The daemon has no word for an algorithm that a case asks for, or a template trips over
    /// settings that no profile of its own has.
    pub fn render(&self, router: &RouterSettings) -> Result<Vec<RenderedFile>, Problem> {
        let mut settings = self.settings.clone();
        settings.extend(router.departures.settings.clone());
        let view = View::new(router, &self.implementation, &settings)
            .map_err(|no_word| Problem::of_file(&self.path, no_word))?;
        let mut files = Vec::new();
        for file in &self.implementation.files {
            files.push(RenderedFile {
                path: file.path.clone(),
                mode: file.mode,
                content: Content::Configuration(self.templates.render(&file.template, &view)?),
            });
        }
        if let Credentials::Certificate(credentials) = &router.auth {
            let wanted = |file: &&CredentialFile| {
                file.when
                    .as_ref()
                    .is_none_or(|name| settings.get(name).and_then(Setting::as_bool) == Some(true))
            };
            let places = self.implementation.credentials.iter().filter(wanted);
            files.extend(places.flat_map(|place| credentials::files(place, credentials)));
        }
        Ok(files)
    }
}
