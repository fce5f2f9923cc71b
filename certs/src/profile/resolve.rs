//! Making a profile of its tables: nothing is missing, and every chain ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use files::{Problem, Problems, use_known};

use super::merge::{CertificateDraft, CrlDraft, Draft, Place, Placed};
use super::{CrlNode, END_ENTITY, Node};
use crate::error::IssueError;
use crate::holder::Holder;
use crate::spec::{
    AuthorityKeyPart, CertificateSpec, CrlSpec, KeyKind, Moment, Serial, SignatureAlgorithm,
    Version,
};

/// The certificates and lists of a profile, complete.
pub(super) struct Resolved {
    pub(super) certificates: BTreeMap<String, Arc<Node>>,
    pub(super) anchors: Vec<String>,
    pub(super) crls: Vec<CrlNode>,
}

/// Makes the chains of a draft; `file` is what problems of the profile as a whole name.
pub(super) fn resolve(draft: Draft, file: &Path) -> Result<Resolved, Problems> {
    if !draft.certificates.contains_key(END_ENTITY) {
        let message = format!(
            "the profile has no certificate {END_ENTITY:?}\nadd a table [certificates.{END_ENTITY}]"
        );
        return Err(Problem::of_file(file, message).into());
    }
    let mut chains = Chains {
        drafts: &draft.certificates,
        nodes: BTreeMap::new(),
        problems: Vec::new(),
    };
    for name in draft.certificates.keys() {
        chains.node(name, &mut Vec::new());
    }
    let Chains {
        nodes,
        mut problems,
        ..
    } = chains;
    let mut crls = Vec::new();
    for (name, list) in &draft.crls {
        match crl(name, list, &nodes, &draft.certificates) {
            Ok(crl) => crls.extend(crl),
            Err(problem) => problems.push(problem),
        }
    }
    Problems::none_in(problems)?;
    let certificates: BTreeMap<_, _> = nodes
        .into_iter()
        .filter_map(|(name, node)| Some((name, node?)))
        .collect();
    let anchors = certificates
        .iter()
        .filter(|(name, node)| {
            let usual = node.issuer.is_none() && *name != END_ENTITY;
            draft
                .certificates
                .get(*name)
                .and_then(|draft| draft.trusted)
                .unwrap_or(usual)
        })
        .map(|(name, _)| name.clone())
        .collect();
    let resolved = Resolved {
        certificates,
        anchors,
        crls,
    };
    check_placeholders(&resolved, &draft)?;
    Ok(resolved)
}

struct Chains<'a> {
    drafts: &'a BTreeMap<String, CertificateDraft>,
    /// `None` stands for one that has problems of its own.
    nodes: BTreeMap<String, Option<Arc<Node>>>,
    problems: Vec<Problem>,
}

impl Chains<'_> {
    /// The node of a name that a draft has. `below` are those whose issuer is looked for.
    fn node(&mut self, name: &str, below: &mut Vec<String>) -> Option<Arc<Node>> {
        if let Some(node) = self.nodes.get(name) {
            return node.clone();
        }
        let draft = self.drafts.get(name)?;
        let node = self.make(name, draft, below);
        self.nodes.insert(name.to_owned(), node.clone());
        node
    }

    fn make(
        &mut self,
        name: &str,
        draft: &CertificateDraft,
        below: &mut Vec<String>,
    ) -> Option<Arc<Node>> {
        let Some(issuer) = &draft.issuer else {
            self.missing(
                name,
                &draft.place,
                "issuer",
                "which is its own name if it signs itself",
            );
            return None;
        };
        let issuer_node = if issuer.value == name {
            None
        } else {
            below.push(name.to_owned());
            let found = self.issuer(issuer, below);
            below.pop();
            Some(found?)
        };
        let spec = self.spec(name, draft)?;
        let signer = issuer_node.as_ref().map_or(spec.key, |node| node.spec.key);
        if let Some(signature) = &draft.signature
            && let Some(problem) = unfit(signature, signer)
        {
            self.problems.push(problem);
            return None;
        }
        Some(Arc::new(Node {
            name: name.to_owned(),
            spec,
            issuer: issuer_node,
        }))
    }

    fn issuer(&mut self, issuer: &Placed<String>, below: &mut Vec<String>) -> Option<Arc<Node>> {
        if below.contains(&issuer.value) {
            let circle = below.join(", issued by ");
            let message = format_args!(
                "the chain comes back to {:?} and never ends: {circle}\nlet one of them issue \
                 itself: issuer = its own name",
                issuer.value
            );
            self.problems.push(issuer.place.problem(message));
            return None;
        }
        if !self.drafts.contains_key(&issuer.value) {
            self.problems.push(unknown_issuer(issuer, self.drafts));
            return None;
        }
        self.node(&issuer.value, below)
    }

    fn spec(&mut self, name: &str, draft: &CertificateDraft) -> Option<CertificateSpec> {
        let mut required = |missing: bool, key: &str, such_as: &str| {
            if missing {
                self.missing(name, &draft.place, key, such_as);
            }
        };
        required(
            draft.subject.is_none(),
            "subject",
            "an empty list is an empty name",
        );
        required(
            draft.not_before.is_none(),
            "validity.not-before",
            "such as { days = 0 }",
        );
        required(
            draft.not_after.is_none(),
            "validity.not-after",
            "such as { years = 1 }",
        );
        Some(CertificateSpec {
            subject: draft.subject.clone()?,
            not_before: draft.not_before.clone()?,
            not_after: draft.not_after.clone()?,
            key: draft.key.unwrap_or(KeyKind::Rsa2048),
            signature: draft.signature.as_ref().map(|signature| signature.value),
            serial: draft.serial.clone().unwrap_or(Serial::Random),
            version: draft.version.unwrap_or(Version::V3),
            extensions: draft.extensions.clone(),
            faults: draft.faults.clone(),
        })
    }

    fn missing(&mut self, name: &str, place: &Place, key: &str, such_as: &str) {
        let message = format_args!("certificate {name:?} has no `{key}`\nadd `{key}`, {such_as}");
        self.problems.push(place.problem(message));
    }
}

/// `Ok(None)` when all that is wrong is the issuer, which has been reported already.
fn crl(
    name: &str,
    draft: &CrlDraft,
    nodes: &BTreeMap<String, Option<Arc<Node>>>,
    drafts: &BTreeMap<String, CertificateDraft>,
) -> Result<Option<CrlNode>, Problem> {
    let Some(issuer) = &draft.issuer else {
        let message =
            format_args!("list {name:?} has no `issuer`\nname the certificate whose key signs it");
        return Err(draft.place.problem(message));
    };
    let issuer = match nodes.get(&issuer.value) {
        None => return Err(unknown_issuer(issuer, drafts)),
        Some(None) => return Ok(None),
        Some(Some(issuer)) => Arc::clone(issuer),
    };
    if let Some(signature) = &draft.signature
        && let Some(problem) = unfit(signature, issuer.spec.key)
    {
        return Err(problem);
    }
    let spec = CrlSpec {
        this_update: draft.this_update.clone().unwrap_or(Moment::NOW),
        next_update: draft.next_update.clone(),
        number: draft.number,
        authority_key_identifier: draft
            .authority_key_identifier
            .clone()
            .unwrap_or_else(|| vec![AuthorityKeyPart::KeyId]),
        issuing_point: draft.issuing_point.clone(),
        delta_of: draft.delta_of,
        signature: draft.signature.as_ref().map(|signature| signature.value),
        faults: draft.faults.clone(),
    };
    Ok(Some(CrlNode {
        name: name.to_owned(),
        spec,
        issuer,
    }))
}

fn unknown_issuer(issuer: &Placed<String>, drafts: &BTreeMap<String, CertificateDraft>) -> Problem {
    let known: Vec<&str> = drafts.keys().map(String::as_str).collect();
    issuer.place.problem(format_args!(
        "there is no certificate {:?}\n{}",
        issuer.value,
        use_known(&issuer.value, &known)
    ))
}

fn unfit(signature: &Placed<SignatureAlgorithm>, key: KeyKind) -> Option<Problem> {
    (!key.can_sign(signature.value)).then(|| {
        signature.place.problem(format_args!(
            "the issuer's key is {key}, which cannot make this signature\nremove `signature` for \
             the usual one, or change the issuer's key"
        ))
    })
}

/// An authority is the same for all holders, so nothing of it may speak of one; and what does,
/// must come out well for an ordinary holder.
fn check_placeholders(resolved: &Resolved, draft: &Draft) -> Result<(), Problems> {
    let sample = sample_holder();
    let mut problems = Vec::new();
    for (name, node) in &resolved.certificates {
        let is_authority = resolved.certificates.values().any(|other| {
            other
                .issuer
                .as_ref()
                .is_some_and(|issuer| issuer.name == *name)
        }) || resolved.crls.iter().any(|crl| crl.issuer.name == *name)
            || resolved.anchors.contains(name);
        let holder = (!is_authority).then_some(&sample);
        if let Err(error) = crate::encode::rehearse(node, holder)
            && let Some(draft) = draft.certificates.get(name)
        {
            problems.push(draft.place.problem(format_args!(
                "certificate {name:?} cannot be made: {error}\n{}",
                remedy(&error)
            )));
        }
    }
    for crl in &resolved.crls {
        if let Err(error) = crate::encode::rehearse_crl(crl)
            && let Some(draft) = draft.crls.get(&crl.name)
        {
            problems.push(draft.place.problem(format_args!(
                "list {:?} cannot be made: {error}\n{}",
                crl.name,
                remedy(&error)
            )));
        }
    }
    Problems::none_in(problems)
}

fn remedy(error: &IssueError) -> &'static str {
    if *error == IssueError::NoHolder {
        "lists, and certificates that issue or are trusted, are the same for all holders: write \
         out what they say"
    } else {
        "mend this table"
    }
}

fn sample_holder() -> Holder {
    Holder {
        fqdn: "gw1.hosp.example".into(),
        email: "gw1@hosp.example".into(),
        ipv4: [192, 0, 2, 1].into(),
        vendor: "trial-a".into(),
        facility_number: "1319999999".into(),
    }
}
