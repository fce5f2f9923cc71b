//! Finding the files of vectors and checking each.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use certs::profile::{END_ENTITY, Tables, Variations};
use certs::{Profile, Profiles};
use files::source::entries;
use files::{Checks, Problem, Problems, Source, use_known};
use ikev2::authentication::{SIGNATURES, Scheme};
use ikev2::numbers::{CertEncoding, IdType};
use ring::digest;
use toml::Spanned;

use super::file::{IdentityFile, IdentityType, RulesFile, SentFile, VectorFile, VectorsFile};
use super::{BASELINE, Identity, Rule, Sent, Signer, Vector, Vectors};

/// The file of the rules; every other one is of vectors.
const RULES: &str = "rules.toml";
/// What a vector is based on that does not say it.
const USUAL_BASE: &str = "rfc4945";
/// In `sign-with`, a key that stands in no certificate.
const STRANGER: &str = "other-key";

type Rules = BTreeMap<String, Arc<Rule>>;

/// Loads every vector of a folder over these certificate profiles.
///
/// # Errors
///
/// Something is wrong with one or more of the files, or the baseline is missing.
pub fn load(dir: &Path, profiles: &Profiles) -> Result<Vectors, Problems> {
    let rules_source = Source::read(&dir.join(RULES))?;
    let rules = rules(&rules_source)?;
    let mut variations = profiles.variations();
    let mut vectors: Vec<Arc<Vector>> = Vec::new();
    let mut problems = Vec::new();
    for path in files(dir)? {
        let source = Arc::new(Source::read(&path)?);
        let file: VectorsFile = match source.parse() {
            Ok(file) => file,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        for of_file in file.vectors {
            let mut loader = Loader {
                rules: &rules,
                rules_text: rules_source.text(),
                variations: &mut variations,
                source: &source,
            };
            let id = of_file.id.clone();
            if vectors.iter().any(|known| known.id == *id.get_ref()) {
                let message = format!("there is a vector {} already\nrename one", id.get_ref());
                problems.push(source.problem(id.span(), message));
                continue;
            }
            match loader.vector(of_file) {
                Ok(vector) => vectors.push(Arc::new(vector)),
                Err(found) => problems.extend(found.into_vec()),
            }
        }
    }
    let baseline = vectors.iter().position(|vector| vector.id == BASELINE);
    match baseline {
        Some(at) => vectors[..=at].rotate_right(1),
        None if problems.is_empty() => {
            let message = format!(
                "there is no vector {BASELINE}, which every router must accept\nadd one with id = \
                 {BASELINE:?}"
            );
            problems.push(Problem::of_file(dir, message));
        }
        None => {}
    }
    Problems::none_in(problems)?;
    Ok(Vectors(vectors))
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut paths = entries(dir)?;
    paths.retain(|path| {
        path.extension() == Some(OsStr::new("toml")) && path.file_name() != Some(OsStr::new(RULES))
    });
    Ok(paths)
}

fn rules(source: &Source) -> Result<Rules, Problems> {
    let file: RulesFile = source.parse()?;
    let mut checks = Checks::new(source);
    let mut rules = Rules::new();
    for rule in file.rules {
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !rule.section.get_ref().split('.').all(is_number) {
            let message = "not the number of a section\nwrite it such as \"5.1.3.2\"";
            checks.refuse(&rule.section, message);
        }
        let says = checks.text(rule.says);
        let id = rule.id.get_ref().clone();
        let made = Arc::new(Rule {
            id: id.clone(),
            rfc: rule.rfc,
            section: rule.section.into_inner(),
            strength: rule.level,
            says,
        });
        if rules.insert(id, made).is_some() {
            checks.refuse(&rule.id, "the rule stands twice\nrename one of them");
        }
    }
    checks.finish()?;
    Ok(rules)
}

struct Loader<'l, 'p> {
    rules: &'l Rules,
    rules_text: &'l str,
    variations: &'l mut Variations<'p>,
    source: &'l Arc<Source>,
}

impl Loader<'_, '_> {
    fn vector(&mut self, file: VectorFile) -> Result<Vector, Problems> {
        let mut checks = Checks::new(self.source);
        if !is_id(file.id.get_ref()) {
            let message = format!(
                "{:?} cannot be the id of a vector\nwrite a letter and two digits, such as V07, and \
                 words in lower case behind it if need be, such as X17-long",
                file.id.get_ref()
            );
            checks.refuse(&file.id, message);
        }
        let title = checks.text(file.title);
        let rule = self.rules.get(file.rule.get_ref()).cloned();
        if rule.is_none() {
            let known: Vec<&String> = self.rules.keys().collect();
            let message = format!(
                "there is no rule {:?} in {RULES}\n{}",
                file.rule.get_ref(),
                use_known(file.rule.get_ref(), &known)
            );
            checks.refuse(&file.rule, message);
        }
        let signature = signature(&mut checks, file.signature);
        let sha256 = sha256(&[file.id.get_ref(), self.source.text(), self.rules_text]);
        let base = file
            .base
            .unwrap_or_else(|| Spanned::new(0..0, USUAL_BASE.to_owned()));
        let tables = Tables {
            certificates: file.certificates,
            crls: file.crls,
        };
        let id = file.id.into_inner();
        let profile = self
            .variations
            .add(&id, &title, &base, tables, self.source)?;
        let identity = identity(&mut checks, &profile, file.identity);
        let sent = match file.send {
            Some(list) => sent(&mut checks, &profile, list.into_inner()),
            None => usual(&profile),
        };
        let signer = signer(&mut checks, &profile, file.sign_with);
        checks.finish()?;
        let Some(rule) = rule else {
            // Refused above, so that this is never reached.
            return Err(Problem::of_file(self.source.path(), "a vector without a rule").into());
        };
        Ok(Vector {
            id,
            title,
            rule,
            expect: file.expect,
            when: file.when,
            profile,
            identity,
            sent,
            signer,
            signature,
            announces_hashes: file.announces_hashes,
            request: file.request.map(|hex| hex.0),
            sha256,
        })
    }
}

/// A capital letter and two digits, and words in lower case behind it.
fn is_id(id: &str) -> bool {
    let (head, tail) = match id.split_once('-') {
        Some((head, tail)) => (head, Some(tail)),
        None => (id, None),
    };
    let head = matches!(head.as_bytes(), [letter, tens, ones]
        if letter.is_ascii_uppercase() && tens.is_ascii_digit() && ones.is_ascii_digit());
    head && tail.is_none_or(|tail| files::name::is_name(tail, &['-']))
}

fn signature(checks: &mut Checks<'_>, name: Option<Spanned<String>>) -> Option<Scheme> {
    let name = name?;
    let found = SIGNATURES
        .iter()
        .chain(&super::present::WEAK_SIGNATURES)
        .find(|(known, _)| known == name.get_ref());
    if found.is_none() {
        let known = SIGNATURES.iter().chain(&super::present::WEAK_SIGNATURES);
        let known: Vec<&str> = known.map(|(known, _)| *known).collect();
        let message = format!(
            "the signature {:?} is not known\n{}",
            name.get_ref(),
            use_known(name.get_ref(), &known)
        );
        checks.refuse(&name, message);
    }
    found.map(|(_, scheme)| *scheme)
}

/// The name of a certificate of the profile; what is not one is refused.
fn certificate(checks: &mut Checks<'_>, profile: &Profile, name: &Spanned<String>) -> String {
    let known: Vec<&str> = profile.certificates().map(|(known, _)| known).collect();
    if !known.contains(&name.get_ref().as_str()) {
        let message = format!(
            "the vector has no certificate {:?}\n{}",
            name.get_ref(),
            use_known(name.get_ref(), &known)
        );
        checks.refuse(name, message);
    }
    name.get_ref().clone()
}

fn identity(
    checks: &mut Checks<'_>,
    profile: &Profile,
    file: Option<Spanned<IdentityFile>>,
) -> Identity {
    let Some(file) = file else {
        return Identity::Usual;
    };
    let span = file.span();
    let IdentityFile {
        r#type,
        value,
        of,
        name,
        octets,
    } = file.into_inner();
    let of = of.map(|of| certificate(checks, profile, &of));
    let text = |kind| match (value.clone(), &of, &name, &octets) {
        (Some(value), None, None, None) => Some(Identity::Text(kind, value)),
        _ => None,
    };
    let made = match r#type {
        IdentityType::Fqdn => text(IdType::FQDN),
        IdentityType::Rfc822 => text(IdType::RFC822_ADDR),
        IdentityType::Ipv4 => match (value, of, name, octets) {
            (Some(value), None, None, None) => Some(Identity::Address(value)),
            _ => None,
        },
        IdentityType::Dn => match (value, of, name, octets) {
            (None, Some(of), None, None) => Some(Identity::Subject(of)),
            (None, None, Some(name), None) => Some(Identity::Name(name)),
            _ => None,
        },
        IdentityType::KeyId => match (value, of, name, octets) {
            (None, Some(of), None, None) => Some(Identity::SubjectKey(of)),
            (None, None, None, Some(octets)) => Some(Identity::Octets(IdType::KEY_ID, octets.0)),
            _ => None,
        },
        IdentityType::Gn => match (value, of, name, octets) {
            (None, None, None, Some(octets)) => {
                Some(Identity::Octets(IdType::DER_ASN1_GN, octets.0))
            }
            _ => None,
        },
    };
    made.unwrap_or_else(|| {
        let message = "not an identity of this type\nwrite `value` with fqdn, rfc822 and ipv4, `of` \
                       or `name` with dn, `of` or `octets` with key-id, `octets` with gn, and \
                       nothing else";
        checks.refuse(&Spanned::new(span, ()), message);
        Identity::Usual
    })
}

fn sent(checks: &mut Checks<'_>, profile: &Profile, list: Vec<Spanned<SentFile>>) -> Vec<Sent> {
    let mut named = |span, name| certificate(checks, profile, &Spanned::new(span, name));
    list.into_iter()
        .map(|one| {
            let span = one.span();
            match one.into_inner() {
                SentFile::Certificate(name) => Sent::Certificate(named(span, name)),
                SentFile::Pkcs7(file) => Sent::Pkcs7(named(span, file.pkcs7)),
                SentFile::Octets(file) => Sent::Octets(CertEncoding(file.encoding), file.octets.0),
            }
        })
        .collect()
}

/// The end entity, then the authorities below the root, the nearest first.
fn usual(profile: &Profile) -> Vec<Sent> {
    std::iter::once(END_ENTITY)
        .chain(profile.intermediates())
        .map(|name| Sent::Certificate(name.to_owned()))
        .collect()
}

fn signer(checks: &mut Checks<'_>, profile: &Profile, name: Option<Spanned<String>>) -> Signer {
    let Some(name) = name else {
        return Signer::EndEntity;
    };
    if name.get_ref() == STRANGER {
        return Signer::Stranger;
    }
    let other = certificate(checks, profile, &name);
    if profile.is_authority(&other) {
        let message = format!(
            "{other:?} is an authority, whose key signs certificates only\nname another \
             certificate, or {STRANGER:?}"
        );
        checks.refuse(&name, message);
    }
    Signer::Other(other)
}

/// SHA-256 of these texts, 64 hexadecimal digits.
fn sha256(texts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for text in texts {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    let octets = context.finish();
    octets
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}
