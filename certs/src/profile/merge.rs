//! Laying the tables of a profile over those of its base.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use files::{Checks, Problem, Source};
use reports::text::Text;
use toml::Spanned;

use super::END_ENTITY;
use super::file::{CertificateFile, CrlFile, ProfileFile};
use crate::spec::{
    AuthorityKeyPart, CrlFault, DistinguishedName, Extension, Fault, IssuingPoint, KeyKind, Moment,
    Serial, SignatureAlgorithm, Version,
};

/// Tables of certificates, and of revocation lists, by their names.
pub(super) type Certificates = BTreeMap<Spanned<String>, CertificateFile>;
pub(super) type Crls = BTreeMap<Spanned<String>, CrlFile>;

/// All tables of a profile and those it is based on, not yet known to be complete.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) assumptions: Vec<Text>,
    pub(super) certificates: BTreeMap<String, CertificateDraft>,
    pub(super) crls: BTreeMap<String, CrlDraft>,
}

/// Where something stands, in whichever file it is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    source: Arc<Source>,
    span: Range<usize>,
}

impl Place {
    pub(super) fn problem(&self, message: impl std::fmt::Display) -> Problem {
        self.source.problem(self.span.clone(), message)
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) struct CertificateDraft {
    /// Where the certificate is named last.
    pub(super) place: Place,
    pub(super) issuer: Option<Placed<String>>,
    pub(super) trusted: Option<bool>,
    pub(super) subject: Option<DistinguishedName>,
    pub(super) not_before: Option<Moment>,
    pub(super) not_after: Option<Moment>,
    pub(super) key: Option<KeyKind>,
    pub(super) signature: Option<Placed<SignatureAlgorithm>>,
    pub(super) serial: Option<Serial>,
    pub(super) version: Option<Version>,
    pub(super) extensions: Vec<Extension>,
    pub(super) faults: Vec<Fault>,
}

#[derive(Clone, Debug)]
pub(super) struct CrlDraft {
    /// Where the list is named last.
    pub(super) place: Place,
    pub(super) issuer: Option<Placed<String>>,
    pub(super) this_update: Option<Moment>,
    pub(super) next_update: Option<Moment>,
    pub(super) number: Option<u64>,
    pub(super) authority_key_identifier: Option<Vec<AuthorityKeyPart>>,
    pub(super) issuing_point: Option<IssuingPoint>,
    pub(super) delta_of: Option<u64>,
    pub(super) signature: Option<Placed<SignatureAlgorithm>>,
    pub(super) faults: Vec<CrlFault>,
}

impl Draft {
    /// Lays a file's tables over those of this draft.
    pub(super) fn overlay(
        &mut self,
        file: ProfileFile,
        source: &Arc<Source>,
        checks: &mut Checks<'_>,
    ) {
        for text in file.assumptions {
            self.assumptions.push(checks.text(text));
        }
        self.overlay_tables((file.certificates, file.crls), source, checks);
    }

    /// Lays tables over those of this draft.
    pub(super) fn overlay_tables(
        &mut self,
        (certificates, crls): (Certificates, Crls),
        source: &Arc<Source>,
        checks: &mut Checks<'_>,
    ) {
        for (name, table) in certificates {
            check_name(checks, &name);
            let place = place(source, name.span());
            let name = name.into_inner();
            let draft = self
                .certificates
                .entry(name.clone())
                .and_modify(|draft| draft.place = place.clone())
                .or_insert_with(|| CertificateDraft::new(place));
            if name == END_ENTITY
                && let Some(trusted) = table.trusted.as_ref().filter(|trusted| *trusted.get_ref())
            {
                let message = "the end entity is made anew for each holder, so nobody can trust it \
                               beforehand\nremove `trusted`";
                checks.refuse(trusted, message);
            }
            draft.overlay(table, source, checks);
        }
        for (name, table) in crls {
            check_name(checks, &name);
            let place = place(source, name.span());
            let draft = self
                .crls
                .entry(name.into_inner())
                .and_modify(|draft| draft.place = place.clone())
                .or_insert_with(|| CrlDraft::new(place));
            draft.overlay(table, source);
        }
    }
}

impl CertificateDraft {
    fn new(place: Place) -> Self {
        Self {
            place,
            issuer: None,
            trusted: None,
            subject: None,
            not_before: None,
            not_after: None,
            key: None,
            signature: None,
            serial: None,
            version: None,
            extensions: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn overlay(&mut self, table: CertificateFile, source: &Arc<Source>, checks: &mut Checks<'_>) {
        over(
            &mut self.issuer,
            table.issuer.map(|issuer| placed(source, issuer)),
        );
        over(&mut self.trusted, table.trusted.map(Spanned::into_inner));
        over(&mut self.subject, table.subject);
        if let Some(validity) = table.validity {
            over(&mut self.not_before, validity.not_before);
            over(&mut self.not_after, validity.not_after);
        }
        over(&mut self.key, table.key);
        over(
            &mut self.signature,
            table.signature.map(|value| placed(source, value)),
        );
        over(&mut self.serial, table.serial);
        over(&mut self.version, table.version);
        if let Some(extensions) = table.extensions {
            self.extensions = extensions;
        }
        for oid in &table.remove {
            let before = self.extensions.len();
            self.extensions
                .retain(|extension| extension.value.oid() != oid.get_ref().0);
            if self.extensions.len() == before {
                let message = "the base has no such extension\nremove this line";
                checks.refuse(oid, message);
            }
        }
        for extension in table.replace {
            let oid = extension.get_ref().value.oid();
            let mut same = self
                .extensions
                .iter_mut()
                .filter(|candidate| candidate.value.oid() == oid);
            match (same.next(), same.next()) {
                (Some(old), None) => *old = extension.into_inner(),
                (None, _) => checks.refuse(
                    &extension,
                    "the base has no such extension to replace\nwrite it under `add`",
                ),
                (Some(_), Some(_)) => checks.refuse(
                    &extension,
                    "the base has this extension twice\nwrite all under `extensions`",
                ),
            }
        }
        self.extensions.extend(table.add);
        if let Some(faults) = table.faults {
            self.faults = faults;
        }
    }
}

impl CrlDraft {
    fn new(place: Place) -> Self {
        Self {
            place,
            issuer: None,
            this_update: None,
            next_update: None,
            number: None,
            authority_key_identifier: None,
            issuing_point: None,
            delta_of: None,
            signature: None,
            faults: Vec::new(),
        }
    }

    fn overlay(&mut self, table: CrlFile, source: &Arc<Source>) {
        over(
            &mut self.issuer,
            table.issuer.map(|issuer| placed(source, issuer)),
        );
        over(&mut self.this_update, table.this_update);
        over(&mut self.next_update, table.next_update);
        over(&mut self.number, table.number);
        over(
            &mut self.authority_key_identifier,
            table.authority_key_identifier,
        );
        over(&mut self.issuing_point, table.issuing_distribution_point);
        over(&mut self.delta_of, table.delta_of);
        over(
            &mut self.signature,
            table.signature.map(|value| placed(source, value)),
        );
        if let Some(faults) = table.faults {
            self.faults = faults;
        }
    }
}

fn over<T>(base: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *base = value;
    }
}

fn place(source: &Arc<Source>, span: Range<usize>) -> Place {
    Place {
        source: Arc::clone(source),
        span,
    }
}

fn placed<T>(source: &Arc<Source>, value: Spanned<T>) -> Placed<T> {
    Placed {
        place: place(source, value.span()),
        value: value.into_inner(),
    }
}

/// Names become parts of the names of files.
fn check_name(checks: &mut Checks<'_>, name: &Spanned<String>) {
    if !files::name::is_name(name.get_ref(), &['-']) {
        let message = format_args!(
            "{:?} cannot be a name\nuse lower-case letters, digits, and hyphens, such as \
             \"end-entity\"",
            name.get_ref()
        );
        checks.refuse(name, message);
    }
}
