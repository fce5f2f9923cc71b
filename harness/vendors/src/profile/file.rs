//! The format of `profile.toml`, and the checks that make a [`Profile`] of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use cases::AuthMethod;
use cases::vector::Function;
use files::{Checks, Problem, Problems};
use ikev2::authentication::{SIGNATURES, Scheme};
use ikev2::{EspProposal, IkeProposal};
use reports::text::Text;
use serde::Deserialize;
use toml::Spanned;

use super::{Identities, Profile, digest, sample};
use crate::catalogue::SHEETS;
use crate::checks::{check_id, name_of, read_main};
use crate::external::{EXTERNAL, External, ExternalTable, external};
use crate::implementation::{Credential, Implementation, NoWord};
use crate::router::IdentityKind;
use crate::templates::Templates;
use crate::view::{EspWords, IkeWords};
use cases::Setting;
use files::source::folders;
use files::use_known;

/// The daemon families by id; `None` stands for one that has problems of its own.
pub(crate) type Families = BTreeMap<String, Option<Arc<Implementation>>>;

impl Profile {
    /// Loads the folder of one vendor. `Ok(None)` when all that is wrong is the implementation,
    /// which has been reported already.
    pub(crate) fn load(folder: &Path, families: &Families) -> Result<Option<Self>, Problems> {
        let source = read_main(folder, "profile.toml")?;
        let file: ProfileFile = source.parse()?;
        let mut checks = Checks::new(&source);
        check_id(&mut checks, &file.id);
        let name = checks.text(file.name);
        let basis = file.basis.map(|basis| checks.text(basis));
        let methods = methods(&mut checks, &file.auth);
        let signatures = signatures(&mut checks, &file.auth);
        let functions = functions(&mut checks, &file.auth);
        let identity = identities(&mut checks, &methods, &file.identity);
        let (external, implementation) = if file.implementation.get_ref() == EXTERNAL {
            let Some((external, stand_in)) =
                external_router(&mut checks, &file.implementation, file.external, folder)?
            else {
                checks.finish()?;
                return Ok(None);
            };
            check_free_version(&mut checks, &file.version);
            (Some(external), Arc::new(stand_in))
        } else {
            if let Some(external) = &file.external {
                let message = "this vendor's router runs in the lab\nwrite implementation = \"external\", or remove [external]";
                checks.refuse(external, message);
            }
            let Some(implementation) = implementation(&mut checks, &file.implementation, families)
            else {
                checks.finish()?;
                return Ok(None);
            };
            check_version(&mut checks, &file.version, &implementation);
            check_credentials(&mut checks, &file.auth, &implementation);
            (None, implementation)
        };
        check_words(&mut checks, &file.ike, |proposal| {
            IkeWords::new(proposal, &implementation).err()
        });
        check_words(&mut checks, &file.esp, |proposal| {
            EspWords::new(proposal, &implementation).err()
        });
        let settings = settings(&mut checks, file.settings, &implementation);
        let templates = templates(&mut checks, folder, &implementation)?;
        checks.finish()?;
        let parts = [
            ("profile.toml", source.text()),
            ("implementation.toml", &implementation.text),
        ];
        let profile = Self {
            id: file.id.into_inner(),
            name,
            version: file.version.into_inner(),
            methods,
            signatures,
            functions,
            identity,
            basis,
            ike: bare(file.ike),
            esp: bare(file.esp),
            settings,
            in_user_space: false,
            sha256: digest::of_parts(
                parts
                    .into_iter()
                    .chain(implementation.dockerfile().map(|text| ("Dockerfile", text)))
                    .chain(templates.texts()),
            ),
            templates,
            path: source.path().to_owned(),
            implementation,
            external,
        };
        profile.try_templates()?;
        Ok(Some(profile))
    }

    /// Renders every file with every sample. The same fault shows up under many of them.
    fn try_templates(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        for router in sample::settings(self) {
            if let Err(problem) = self.render(&router)
                && !problems.contains(&problem)
            {
                problems.push(problem);
            }
        }
        Problems::none_in(problems)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    id: Spanned<String>,
    implementation: Spanned<String>,
    version: Spanned<String>,
    name: Spanned<Text>,
    basis: Option<Spanned<Text>>,
    auth: AuthTable,
    identity: Spanned<BTreeMap<Spanned<AuthMethod>, Spanned<IdentityKind>>>,
    ike: Proposals<IkeProposal>,
    esp: Proposals<EspProposal>,
    #[serde(default)]
    settings: BTreeMap<Spanned<String>, Spanned<Setting>>,
    external: Option<Spanned<ExternalTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthTable {
    methods: Spanned<Vec<Spanned<AuthMethod>>>,
    #[serde(default)]
    signatures: Vec<Spanned<String>>,
    /// Extensions of certificates that the router processes beyond those that every one must.
    #[serde(default)]
    extensions: Vec<Spanned<Function>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "T: Deserialize<'de>")]
struct Proposals<T> {
    proposals: Spanned<Vec<Spanned<T>>>,
}

fn bare<T>(list: Proposals<T>) -> Vec<T> {
    list.proposals
        .into_inner()
        .into_iter()
        .map(Spanned::into_inner)
        .collect()
}

fn methods(checks: &mut Checks<'_>, auth: &AuthTable) -> Vec<AuthMethod> {
    if auth.methods.get_ref().is_empty() {
        let message = "the vendor declares no authentication method\nadd one of psk, \
                       cert-rfc4945, cert-hpki";
        checks.refuse(&auth.methods, message);
    }
    let mut methods = Vec::new();
    for method in auth.methods.get_ref() {
        if methods.contains(method.get_ref()) {
            let message =
                format_args!("the method {} stands twice\nname it once", method.get_ref());
            checks.refuse(method, message);
        }
        methods.push(*method.get_ref());
    }
    methods
}

fn signatures(checks: &mut Checks<'_>, auth: &AuthTable) -> Vec<Scheme> {
    let mut schemes = Vec::new();
    for name in &auth.signatures {
        let mut known = SIGNATURES.iter();
        match known.find(|(known, _)| known == name.get_ref()) {
            Some((_, scheme)) if schemes.contains(scheme) => {
                let message = format_args!("{} stands twice\nname it once", name.get_ref());
                checks.refuse(name, message);
            }
            Some((_, scheme)) => schemes.push(*scheme),
            None => {
                let known: Vec<&str> = SIGNATURES.iter().map(|(known, _)| *known).collect();
                let message = format_args!(
                    "the signature {:?} is not known\n{}",
                    name.get_ref(),
                    use_known(name.get_ref(), &known)
                );
                checks.refuse(name, message);
            }
        }
    }
    schemes
}

fn functions(checks: &mut Checks<'_>, auth: &AuthTable) -> Vec<Function> {
    let mut functions = Vec::new();
    for function in &auth.extensions {
        if functions.contains(function.get_ref()) {
            checks.refuse(function, "the extension stands twice\nname it once");
        }
        functions.push(*function.get_ref());
    }
    functions
}

/// One type of identity for each declared method, and none for others.
fn identities(
    checks: &mut Checks<'_>,
    methods: &[AuthMethod],
    table: &Spanned<BTreeMap<Spanned<AuthMethod>, Spanned<IdentityKind>>>,
) -> Identities {
    let mut kinds = BTreeMap::new();
    for (method, kind) in table.get_ref() {
        if !methods.contains(method.get_ref()) {
            let message = format_args!(
                "the vendor does not declare {0}\nadd {0:?} to auth.methods, or remove this line",
                method.get_ref().as_str()
            );
            checks.refuse(method, message);
        }
        if *method.get_ref() == AuthMethod::Psk && *kind.get_ref() == IdentityKind::Dn {
            let message = "a DN is the subject of a certificate, and a pre-shared key has none\n\
                           use one of fqdn, ipv4, ipv6, rfc822, key-id";
            checks.refuse(kind, message);
        }
        kinds.insert(*method.get_ref(), *kind.get_ref());
    }
    for method in methods {
        if !kinds.contains_key(method) {
            let message = format_args!(
                "nothing says how the router names itself with {method}\nadd a type of identity, \
                 such as {method} = {:?}",
                match method {
                    AuthMethod::Psk | AuthMethod::CertRfc4945 => "fqdn",
                    AuthMethod::CertHpki => "dn",
                }
            );
            checks.refuse(table, message);
        }
    }
    Identities(kinds)
}

fn implementation(
    checks: &mut Checks<'_>,
    id: &Spanned<String>,
    families: &Families,
) -> Option<Arc<Implementation>> {
    match families.get(id.get_ref()) {
        Some(implementation) => implementation.clone(),
        None => {
            let known: Vec<&str> = families.keys().map(String::as_str).collect();
            let message = format_args!(
                "there is no implementation {:?}\n{}",
                id.get_ref(),
                use_known(id.get_ref(), &known)
            );
            checks.refuse(id, message);
            None
        }
    }
}

/// What the profile says of a router that no lab runs; nothing where it does not say it.
fn external_router(
    checks: &mut Checks<'_>,
    implementation: &Spanned<String>,
    table: Option<Spanned<ExternalTable>>,
    folder: &Path,
) -> Result<Option<(External, Implementation)>, Problems> {
    let Some(table) = table else {
        let message = "nothing says where the router is\nadd [external] with `interface`, `lan` and \
                       `control`, or name an implementation that the lab runs";
        checks.refuse(implementation, message);
        return Ok(None);
    };
    let sheets = folder.parent().map(|parent| parent.join(SHEETS));
    let models = match sheets.filter(|sheets| sheets.is_dir()) {
        Some(sheets) => folders(&sheets)?,
        None => Vec::new(),
    };
    let models: Vec<&str> = models.iter().map(|folder| name_of(folder)).collect();
    Ok(Some(external(checks, table, &models)))
}

/// The maker calls it as he likes.
fn check_free_version(checks: &mut Checks<'_>, version: &Spanned<String>) {
    let text = version.get_ref();
    if text.trim().is_empty() || text.contains(char::is_control) {
        let message = "this is no version\nwrite what the maker calls the router's software, such as \
                       \"Rev.15.04.06\"";
        checks.refuse(version, message);
    }
}

fn check_version(
    checks: &mut Checks<'_>,
    version: &Spanned<String>,
    implementation: &Implementation,
) {
    if !implementation.versions.contains_key(version.get_ref()) {
        let known: Vec<&str> = implementation.versions.keys().map(String::as_str).collect();
        let message = format_args!(
            "{} has no version {:?}\n{}",
            implementation.name,
            version.get_ref(),
            use_known(version.get_ref(), &known)
        );
        checks.refuse(version, message);
    }
}

/// A method of certificates needs a daemon that can be given certificates and keys.
fn check_credentials(checks: &mut Checks<'_>, auth: &AuthTable, implementation: &Implementation) {
    let has = |what: &[Credential]| {
        let mut places = implementation.credentials.iter();
        places.any(|place| what.contains(&place.what))
    };
    if has(&[Credential::Certificate, Credential::Pkcs12]) {
        return;
    }
    for method in auth.methods.get_ref() {
        if method.get_ref().uses_certificates() {
            let message = format_args!(
                "{} has no place for certificates\nadd [[credentials]] to the implementation, or \
                 remove {} here",
                implementation.name,
                method.get_ref()
            );
            checks.refuse(method, message);
        }
    }
}

/// Every proposal can be said in the daemon's own words, and there is at least one.
fn check_words<T>(
    checks: &mut Checks<'_>,
    list: &Proposals<T>,
    missing: impl Fn(&T) -> Option<NoWord>,
) {
    if list.proposals.get_ref().is_empty() {
        checks.refuse(&list.proposals, "the router offers nothing\nadd a proposal");
    }
    for proposal in list.proposals.get_ref() {
        if let Some(no_word) = missing(proposal.get_ref()) {
            checks.refuse(proposal, no_word);
        }
    }
}

/// The settings of the implementation, with those that the profile overrides.
fn settings(
    checks: &mut Checks<'_>,
    own: BTreeMap<Spanned<String>, Spanned<Setting>>,
    implementation: &Implementation,
) -> BTreeMap<String, Setting> {
    let mut settings = implementation.settings.clone();
    for (name, value) in own {
        if value
            .get_ref()
            .texts()
            .any(|text| text.contains(char::is_control))
        {
            let message = format_args!(
                "the setting {:?} has a line break or another control character\nwrite its value \
                 on one line",
                name.get_ref()
            );
            checks.refuse(&value, message);
        }
        match implementation.refuses_setting(name.get_ref(), value.get_ref()) {
            None => {
                settings.insert(name.into_inner(), value.into_inner());
            }
            Some(message) if implementation.settings.contains_key(name.get_ref()) => {
                checks.refuse(&value, message);
            }
            Some(message) => checks.refuse(&name, message),
        }
    }
    settings
}

/// The templates of the implementation, with those that the vendor replaces.
fn templates(
    checks: &mut Checks<'_>,
    folder: &Path,
    implementation: &Implementation,
) -> Result<Templates, Problems> {
    let own = Templates::read(folder)?;
    let known: Vec<&str> = implementation.templates.names().collect();
    for (name, source) in &own {
        if !known.contains(&name.as_str()) {
            let message = format_args!(
                "{} has no template {name:?} that this one could replace\n{}",
                implementation.name,
                use_known(name, &known)
            );
            checks.note(Problem::of_file(source.path(), message));
        }
    }
    let templates = implementation.templates.with(own)?;
    for problem in templates.unknown_variables(&crate::templates::known(&implementation.settings)) {
        checks.note(problem);
    }
    Ok(templates)
}
