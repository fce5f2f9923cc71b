//! The format of a case's file, and the checks that make a [`Case`] of it.

use std::path::Path;

use ikev2::{EspProposal, IkeProposal};
use reports::text::Text;
use ring::digest;
use serde::Deserialize;
use toml::Spanned;

use crate::case::{AuthMethod, Case, Clause, Level, Role, Setup};
use crate::step::{StepFile, steps};
use files::Checks;
use files::Problems;
use files::Source;
use files::name::is_name;

mod end;

use end::{EndFile, end};

/// The longest abbreviation: it heads a column of the printed matrix.
const MAX_ABBREVIATION: usize = 12;

/// Makes a case of a file.
pub(crate) fn parse(source: &Source) -> Result<Case, Problems> {
    let file: CaseFile = source.parse()?;
    let mut checks = Checks::new(source);
    let case = Case {
        id: id(&mut checks, file.id),
        title: checks.text(file.title),
        abbreviation: abbreviation(&mut checks, file.abbreviation),
        level: file.level,
        needs: needs(&mut checks, file.needs, &file.setup),
        clause: clause(&mut checks, file.clause),
        setup: setup(&mut checks, file.setup),
        steps: steps(&mut checks, file.steps),
        sha256: sha256(source.text()),
    };
    checks.finish()?;
    Ok(case)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    id: Spanned<String>,
    title: Spanned<Text>,
    abbreviation: Spanned<String>,
    level: Level,
    needs: Vec<Spanned<AuthMethod>>,
    clause: ClauseFile,
    setup: SetupFile,
    steps: Spanned<Vec<Spanned<StepFile>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClauseFile {
    rfc: u32,
    section: Spanned<String>,
    restated: Spanned<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetupFile {
    auth: Spanned<AuthMethod>,
    certificates: Option<Spanned<String>>,
    wan_mtu: Option<Spanned<u32>>,
    nat: Option<Role>,
    ike: Option<Proposals<IkeProposal>>,
    esp: Option<Proposals<EspProposal>>,
    #[serde(default)]
    initiator: EndFile,
    #[serde(default)]
    responder: EndFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "T: Deserialize<'de>")]
struct Proposals<T> {
    proposals: Spanned<Vec<T>>,
}

fn id(checks: &mut Checks<'_>, id: Spanned<String>) -> String {
    let well_formed = id
        .get_ref()
        .split_once('.')
        .is_some_and(|(theme, name)| is_name(theme, &['-']) && is_name(name, &['-']));
    if !well_formed {
        let message = format_args!(
            "the id {:?} is not of the form theme.name\nuse lower-case letters, digits, and \
             hyphens, such as \"auth.psk\"",
            id.get_ref()
        );
        checks.refuse(&id, message);
    } else if let Some(place) = id_of_place(checks.source().path())
        && place != *id.get_ref()
    {
        let message = format_args!(
            "the id {:?} does not fit the place of the file\nwrite id = {place:?}, or move \
             the file",
            id.get_ref()
        );
        checks.refuse(&id, message);
    }
    id.into_inner()
}

fn abbreviation(checks: &mut Checks<'_>, word: Spanned<String>) -> String {
    let length = word.get_ref().chars().count();
    let visible = word.get_ref().chars().all(|c| !c.is_control());
    if length == 0 || length > MAX_ABBREVIATION || !visible {
        let message = format_args!(
            "the abbreviation {:?} does not fit the head of a column\nuse 1 to \
             {MAX_ABBREVIATION} characters",
            word.get_ref()
        );
        checks.refuse(&word, message);
    }
    word.into_inner()
}

fn needs(
    checks: &mut Checks<'_>,
    needs: Vec<Spanned<AuthMethod>>,
    setup: &SetupFile,
) -> Vec<AuthMethod> {
    let mut known = Vec::new();
    for need in needs {
        if known.contains(need.get_ref()) {
            let message = format_args!(
                "{:?} stands twice in `needs`\nname it once",
                need.get_ref().as_str()
            );
            checks.refuse(&need, message);
        }
        known.push(need.into_inner());
    }
    let of_ends = [&setup.initiator, &setup.responder].map(|end| end.auth.as_ref());
    for auth in [&setup.auth]
        .into_iter()
        .chain(of_ends.into_iter().flatten())
    {
        if !known.contains(auth.get_ref()) {
            let message = format_args!(
                "the set-up uses {0:?}, which `needs` does not name\nadd {0:?} to `needs`",
                auth.get_ref().as_str()
            );
            checks.refuse(auth, message);
        }
    }
    known
}

fn clause(checks: &mut Checks<'_>, clause: ClauseFile) -> Clause {
    let section = clause.section;
    let numbered = section
        .get_ref()
        .split('.')
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()));
    if !numbered {
        let message = format_args!(
            "{:?} is not the number of a section\nwrite it as the RFC does, such as \"2.15\"",
            section.get_ref()
        );
        checks.refuse(&section, message);
    }
    Clause {
        rfc: clause.rfc,
        section: section.into_inner(),
        restated: checks.text(clause.restated),
    }
}

/// The smallest packet that every IPv6 link must carry (RFC 8200, section 5), and what Ethernet does.
const WAN_MTU: std::ops::RangeInclusive<u32> = 1280..=1500;

fn setup(checks: &mut Checks<'_>, setup: SetupFile) -> Setup {
    let auth = setup.auth.get_ref().to_owned();
    match &setup.certificates {
        Some(certificates) => with_certificates_only(checks, certificates, "certificates", auth),
        None if auth.uses_certificates() => checks.refuse(
            &setup.auth,
            "nothing says which certificates the ends show\nadd a certificate profile, such as \
             certificates = \"rfc4945\"",
        ),
        None => {}
    }
    if let Some(mtu) = &setup.wan_mtu
        && !WAN_MTU.contains(mtu.get_ref())
    {
        let (least, most) = WAN_MTU.into_inner();
        let message = format_args!(
            "the wan cannot have an MTU of {}\nwrite a number from {least} to {most}",
            mtu.get_ref()
        );
        checks.refuse(mtu, message);
    }
    Setup {
        auth,
        certificates: setup.certificates.map(Spanned::into_inner),
        wan_mtu: setup.wan_mtu.map(Spanned::into_inner),
        nat: setup.nat,
        ike: proposals(checks, setup.ike),
        esp: proposals(checks, setup.esp),
        initiator: end(checks, setup.initiator, auth),
        responder: end(checks, setup.responder, auth),
    }
}

fn with_certificates_only<T>(
    checks: &mut Checks<'_>,
    at: &Spanned<T>,
    key: &str,
    auth: AuthMethod,
) {
    if !auth.uses_certificates() {
        let message = format_args!(
            "certificates with auth = {:?}\nremove `{key}`, or write auth = \"cert-rfc4945\" or \
             auth = \"cert-hpki\"",
            auth.as_str()
        );
        checks.refuse(at, message);
    }
}

fn proposals<T>(checks: &mut Checks<'_>, proposals: Option<Proposals<T>>) -> Option<Vec<T>> {
    let proposals = proposals?.proposals;
    if proposals.get_ref().is_empty() {
        let message = "no proposal in the list\nadd one, or remove the list to keep those of \
                       the profiles";
        checks.refuse(&proposals, message);
    }
    Some(proposals.into_inner())
}

/// The id that a file should have: its folder and its name. `None` for a bare name.
fn id_of_place(path: &Path) -> Option<String> {
    let theme = path.parent()?.file_name()?.to_str()?;
    let name = path.file_stem()?.to_str()?;
    Some(format!("{theme}.{name}"))
}

fn sha256(text: &str) -> String {
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
