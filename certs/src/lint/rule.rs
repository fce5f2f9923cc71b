//! What a rule is, the registry of all rules, and how they are applied.

use reports::escape;
use reports::text::{Text, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lint::entity::{Crl, Entity, Set};
use crate::lint::input::Object;
use crate::lint::names::{self, LONGEST};
use crate::lint::report::{Finding, Kind, ObjectReport, Report, SCHEMA, Severity, Summary};
use crate::lint::role::HpkiProfile;
use crate::lint::{Options, algorithms, chain, crl, csr, file, hpki, rfc4945, rfc5280};

/// Findings of one rule in one object that are listed; further ones are only counted.
const MOST_HITS: usize = 10;

/// One demand on a certificate, a request, a CRL, a chain or a file.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Such as `PX-12` or `5280-4.1.2.2-positive`.
    pub id: &'static str,
    pub source: Source,
    /// Such as `RFC 4945`.
    pub document: &'static str,
    pub section: &'static str,
    /// The document's own word.
    pub level: Level,
    /// How bad it is to break it, where that differs from the level.
    pub(super) severity: Option<Severity>,
    /// What it demands.
    pub title: Words,
    /// What to change where it is broken.
    pub change: Words,
    pub(super) check: Check,
}

/// Where a rule comes from; rules of a source are in a module of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    File,
    Rfc4945,
    Rfc5280,
    Algorithms,
    Chain,
    Crl,
    Request,
    Hpki,
}

/// How strongly a document demands it (RFC 2119), or that it is only an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Level {
    #[serde(rename = "MUST")]
    Must,
    #[serde(rename = "MUST NOT")]
    MustNot,
    #[serde(rename = "SHOULD")]
    Should,
    #[serde(rename = "SHOULD NOT")]
    ShouldNot,
    #[serde(rename = "MAY")]
    May,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    /// Any object by its octets.
    Object(fn(&Object, &mut Hits)),
    /// A certificate, or a request for one.
    Entity(fn(&Entity<'_>, &Options, &mut Hits)),
    /// The same where it is held against a profile of HPKI.
    Hpki(fn(&Entity<'_>, HpkiProfile, &mut Hits)),
    Crl(fn(&Crl<'_>, &Options, &mut Hits)),
    /// Everything together; hits name their object.
    Set(fn(&Set<'_>, &Options, &mut Hits)),
}

/// One place that breaks a rule.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    object: usize,
    field: String,
    value: Option<String>,
    offset: Option<usize>,
    severity: Option<Severity>,
    remark: Option<Words>,
}

/// The places that one rule found, while it looks.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// The object that is looked at.
    object: usize,
    hits: Vec<Hit>,
    /// Objects and numbers of hits that are only counted.
    omitted: Vec<(usize, usize)>,
}

impl Source {
    /// In the order of the page of rules.
    pub const ALL: [Self; 8] = [
        Self::Rfc4945,
        Self::Rfc5280,
        Self::Algorithms,
        Self::Chain,
        Self::Crl,
        Self::Request,
        Self::Hpki,
        Self::File,
    ];

    pub fn words(self) -> Words {
        match self {
            Self::File => words("Files", "ファイル"),
            Self::Rfc4945 => words("Certificates, RFC 4945", "証明書（RFC 4945）"),
            Self::Rfc5280 => words("Certificates, RFC 5280", "証明書（RFC 5280）"),
            Self::Algorithms => words("Algorithms and keys", "アルゴリズムと鍵"),
            Self::Chain => words("Chains", "証明書チェーン"),
            Self::Crl => words("CRLs", "CRL"),
            Self::Request => words("Certificate requests", "証明書発行要求"),
            Self::Hpki => words("HPKI profile", "HPKI プロファイル"),
        }
    }
}

impl Level {
    /// The words of RFC 2119.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::MustNot => "MUST NOT",
            Self::Should => "SHOULD",
            Self::ShouldNot => "SHOULD NOT",
            Self::May => "MAY",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Must | Self::MustNot => Severity::Error,
            Self::Should | Self::ShouldNot => Severity::Warning,
            Self::May => Severity::Note,
        }
    }
}

impl Rule {
    pub(super) const fn new(
        id: &'static str,
        source: Source,
        (document, section): (&'static str, &'static str),
        level: Level,
        check: Check,
        title: Words,
        change: Words,
    ) -> Self {
        Self {
            id,
            source,
            document,
            section,
            level,
            severity: None,
            title,
            change,
            check,
        }
    }

    /// The same rule with a severity of its own.
    pub(super) const fn with(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// How bad it is to break it, unless a profile says otherwise.
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or_else(|| self.level.severity())
    }

    fn finding(&self, hit: Hit) -> Finding {
        let text = |words: Words| Text::new(words.en, words.ja);
        Finding {
            rule: self.id.to_owned(),
            document: self.document.to_owned(),
            section: self.section.to_owned(),
            level: self.level,
            severity: hit.severity.unwrap_or_else(|| self.severity()),
            title: text(self.title),
            field: escape::visible(&hit.field, LONGEST),
            value: hit.value.map(|value| escape::visible(&value, LONGEST)),
            change: text(self.change),
            remark: hit.remark.map(text),
            offset: hit.offset,
            omitted: 0,
        }
    }
}

/// English and Japanese, in this order.
pub(super) const fn words(en: &'static str, ja: &'static str) -> Words {
    Words { en, ja }
}

impl Hits {
    /// A field that breaks the rule as a whole, such as one that is absent.
    pub(super) fn add(&mut self, field: impl Into<String>) {
        self.push(field.into(), None, None);
    }

    /// A field that breaks the rule by its value.
    pub(super) fn add_value(&mut self, field: impl Into<String>, value: impl Into<String>) {
        self.push(field.into(), Some(value.into()), None);
    }

    /// The same with its place in the DER of the object.
    pub(super) fn add_at(
        &mut self,
        field: impl Into<String>,
        value: Option<String>,
        offset: Option<usize>,
    ) {
        self.push(field.into(), value, offset);
    }

    /// What follows is found in this object.
    pub(super) fn in_object(&mut self, object: usize) -> &mut Self {
        self.object = object;
        self
    }

    /// The last hit is as bad as this instead, and why.
    pub(super) fn but(&mut self, severity: Severity, remark: Words) {
        if let Some(hit) = self.hits.last_mut().filter(|hit| hit.object == self.object) {
            hit.severity = Some(severity);
            hit.remark = Some(remark);
        }
    }

    fn push(&mut self, field: String, value: Option<String>, offset: Option<usize>) {
        let object = self.object;
        let listed = self.hits.iter().rev();
        let listed = listed.take_while(|hit| hit.object == object).count();
        if listed < MOST_HITS {
            self.hits.push(Hit {
                object,
                field,
                value,
                offset,
                severity: None,
                remark: None,
            });
            return;
        }
        match self.omitted.last_mut() {
            Some((last, count)) if *last == object => *count += 1,
            Some(_) | None => self.omitted.push((object, 1)),
        }
    }
}

/// Every rule, by source and in the order of its document.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        file::RULES,
        rfc4945::IDENTITY,
        rfc4945::EXTENSIONS,
        rfc5280::FIELDS,
        rfc5280::NAMES,
        rfc5280::IDENTIFIERS,
        rfc5280::CONSTRAINTS,
        algorithms::RULES,
        chain::LINKS,
        chain::PATHS,
        crl::LISTS,
        crl::SETS,
        csr::RULES,
        hpki::CERTIFICATE,
        hpki::SUBJECT,
    ]
    .into_iter()
    .flatten()
}

/// Holds every object against every rule that concerns it.
pub(super) fn apply(objects: &[Object], options: &Options) -> Report {
    let decoded = super::entity::decode(objects);
    let set = Set::of(objects, &decoded, options);
    let mut found: Vec<Vec<Finding>> = vec![Vec::new(); objects.len()];
    for rule in rules() {
        let Hits { hits, omitted, .. } = look(rule, &set, options);
        for hit in hits {
            if let Some(findings) = found.get_mut(hit.object) {
                findings.push(rule.finding(hit));
            }
        }
        for (object, count) in omitted {
            let findings = found.get_mut(object);
            if let Some(last) = findings.and_then(|findings| findings.last_mut()) {
                last.omitted = count;
            }
        }
    }
    let reports: Vec<_> = objects
        .iter()
        .zip(found)
        .enumerate()
        .map(|(index, (object, findings))| report(index, object, findings, &set))
        .collect();
    Report {
        schema: SCHEMA,
        profile: options.profile.name().to_owned(),
        text: options.text.as_str().to_owned(),
        at: options.at,
        summary: Summary::of(&reports),
        objects: reports,
    }
}

fn look(rule: &Rule, set: &Set<'_>, options: &Options) -> Hits {
    let mut hits = Hits::default();
    match rule.check {
        Check::Object(check) => {
            for (index, object) in set.objects.iter().enumerate() {
                check(object, hits.in_object(index));
            }
        }
        Check::Entity(check) => {
            for entity in &set.entities {
                check(entity, options, hits.in_object(entity.object));
            }
        }
        Check::Hpki(check) => {
            for entity in &set.entities {
                if let Some(profile) = entity.hpki {
                    check(entity, profile, hits.in_object(entity.object));
                }
            }
        }
        Check::Crl(check) => {
            for crl in &set.crls {
                check(crl, options, hits.in_object(crl.object));
            }
        }
        Check::Set(check) => check(set, options, &mut hits),
    }
    hits
}

fn report(
    index: usize,
    object: &Object,
    mut findings: Vec<Finding>,
    set: &Set<'_>,
) -> ObjectReport {
    // Stable: rules keep their order within a severity.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let entity = set.entities.iter().find(|entity| entity.object == index);
    let crl = set.crls.iter().find(|crl| crl.object == index);
    let name = match (entity, crl) {
        (Some(entity), _) => Some(names::distinguished(entity.subject)),
        (None, Some(crl)) => Some(names::distinguished(&crl.list.tbs_cert_list.issuer)),
        (None, None) => None,
    };
    let certificate = entity.and_then(|entity| entity.certificate);
    let role = entity.map(|entity| entity.role.words());
    ObjectReport {
        file: escape::visible(&object.file_name, LONGEST),
        number: object.number,
        offset: object.offset,
        kind: object.kind,
        role: role.map(|role| Text::new(role.en, role.ja)),
        name,
        serial: certificate.map(|certificate| names::hex(certificate.raw_serial())),
        findings,
    }
}

impl Kind {
    pub(super) fn can_be_decoded(self) -> bool {
        matches!(self, Self::Certificate | Self::Crl | Self::Request)
    }
}
