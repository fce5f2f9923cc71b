//! What to offer and what to choose of an offer (RFC 7296, sections 2.7, 2.9 and 3.3).

pub mod selectors;

use crate::algorithm::{DhGroup, Encryption, Integrity, Prf, Transform as _};
use crate::keys::Suite;
use crate::message::{Proposal, SecurityAssociation, Transform};
use crate::numbers::{Protocol, SequenceNumbersId, TransformType};
use crate::proposal::{EspProposal, IkeProposal};

/// The algorithms of an IKE SA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IkeChoice {
    pub suite: Suite,
    pub group: DhGroup,
    /// The SPI that the proposal brought; empty in IKE_SA_INIT.
    pub spi: Vec<u8>,
    /// The number and the transforms of the answer; its SPI is empty.
    pub answer: Proposal,
}

/// The algorithms of a Child SA with ESP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EspChoice {
    pub encryption: Encryption,
    /// `None` with an AEAD.
    pub integrity: Option<Integrity>,
    /// The group of a key exchange of its own.
    pub group: Option<DhGroup>,
    /// The SPI that the proposal brought.
    pub spi: u32,
    /// The number and the transforms of the answer; its SPI is empty.
    pub answer: Proposal,
}

/// The SA payload that offers an IKE SA; `spi` is empty in IKE_SA_INIT.
pub fn offer_ike(own: &[IkeProposal], spi: &[u8]) -> SecurityAssociation {
    offer(Protocol::IKE, own.iter().map(ike_transforms), spi)
}

/// The SA payload that offers a Child SA. In IKE_AUTH no groups are named (RFC 7296, section 1.2).
pub fn offer_esp(own: &[EspProposal], spi: u32, with_groups: bool) -> SecurityAssociation {
    let transforms = own.iter().map(|one| esp_transforms(one, with_groups));
    offer(Protocol::ESP, transforms, &spi.to_be_bytes())
}

/// The first proposal of the offer that some proposal of this end has an answer to.
pub fn choose_ike(offered: &SecurityAssociation, own: &[IkeProposal]) -> Option<IkeChoice> {
    let of_ike = |one: &&Proposal| one.protocol == Protocol::IKE;
    offered.proposals.iter().filter(of_ike).find_map(|offer| {
        own.iter().find_map(|one| {
            let answer = choose(offer, &ike_transforms(one), true)?;
            ike_choice(answer, &offer.spi)
        })
    })
}

/// The first proposal of the offer that some proposal of this end has an answer to. Without groups,
/// as in IKE_AUTH, those of the offer do not count.
pub fn choose_esp(
    offered: &SecurityAssociation,
    own: &[EspProposal],
    with_groups: bool,
) -> Option<EspChoice> {
    let of_esp = |one: &&Proposal| one.protocol == Protocol::ESP;
    offered.proposals.iter().filter(of_esp).find_map(|offer| {
        own.iter().find_map(|one| {
            let answer = choose(offer, &esp_transforms(one, with_groups), with_groups)?;
            esp_choice(answer, &offer.spi)
        })
    })
}

/// Takes the answer to an offer: one proposal with one transform of each type, all of them offered.
pub fn accept_ike(answer: &SecurityAssociation, own: &[IkeProposal]) -> Option<IkeChoice> {
    let chosen = single(answer)?;
    let one = own.get(usize::from(chosen.number).checked_sub(1)?)?;
    choose_ike(answer, std::slice::from_ref(one))
}

/// Takes the answer to an offer, as [`accept_ike`] does.
pub fn accept_esp(
    answer: &SecurityAssociation,
    own: &[EspProposal],
    with_groups: bool,
) -> Option<EspChoice> {
    let chosen = single(answer)?;
    let one = own.get(usize::from(chosen.number).checked_sub(1)?)?;
    choose_esp(answer, std::slice::from_ref(one), with_groups)
}

fn offer(
    protocol: Protocol,
    all: impl Iterator<Item = Vec<Transform>>,
    spi: &[u8],
) -> SecurityAssociation {
    let numbered = (1..=u8::MAX).zip(all);
    let proposals = numbered.map(|(number, transforms)| Proposal {
        reserved: 0,
        number,
        protocol,
        spi: spi.to_vec(),
        transforms,
    });
    SecurityAssociation {
        proposals: proposals.collect(),
    }
}

fn ike_transforms(proposal: &IkeProposal) -> Vec<Transform> {
    let mut all: Vec<_> = proposal
        .encryption()
        .iter()
        .map(|&e| encryption(e))
        .collect();
    let prf = |prf: &Prf| Transform::new(TransformType::PRF, prf.transform_id());
    all.extend(proposal.prf().iter().map(prf));
    all.extend(proposal.integrity().iter().map(|&i| integrity(i)));
    all.extend(proposal.dh().iter().map(|&g| group(g)));
    all
}

fn esp_transforms(proposal: &EspProposal, with_groups: bool) -> Vec<Transform> {
    let mut all: Vec<_> = proposal
        .encryption()
        .iter()
        .map(|&e| encryption(e))
        .collect();
    all.extend(proposal.integrity().iter().map(|&i| integrity(i)));
    if with_groups {
        all.extend(proposal.dh().iter().map(|&g| group(g)));
    }
    all.push(Transform::new(
        TransformType::SEQUENCE_NUMBERS,
        SequenceNumbersId::SEQUENTIAL_32.0,
    ));
    all
}

fn encryption(algorithm: Encryption) -> Transform {
    let transform = Transform::new(TransformType::ENCRYPTION, algorithm.transform_id());
    match algorithm.key_length() {
        Some(bits) => transform.with_key_length(bits),
        None => transform,
    }
}

fn integrity(algorithm: Integrity) -> Transform {
    Transform::new(TransformType::INTEGRITY, algorithm.transform_id())
}

fn group(group: DhGroup) -> Transform {
    Transform::new(TransformType::KEY_EXCHANGE, group.transform_id())
}

/// One transform of each type that both have; of those that both have, the first offered.
fn choose(offer: &Proposal, own: &[Transform], with_groups: bool) -> Option<Proposal> {
    let mut kinds: Vec<TransformType> = own.iter().map(|one| one.kind).collect();
    kinds.dedup();
    for transform in &offer.transforms {
        let kind = transform.kind;
        let is_ignored = kind == TransformType::KEY_EXCHANGE && !with_groups;
        if !kinds.contains(&kind) && !is_ignored && !offer.of_kind(kind).any(|one| one.id == 0) {
            return None;
        }
    }
    let mut transforms = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let common = offer.of_kind(kind).find(|offered| own.contains(offered));
        match common {
            Some(common) => transforms.push(common.clone()),
            // 32-bit numbers need not be named (RFC 7296, section 3.3.3).
            None if kind == TransformType::SEQUENCE_NUMBERS => {
                if offer.of_kind(kind).next().is_some() {
                    return None;
                }
            }
            None => return None,
        }
    }
    Some(Proposal {
        reserved: 0,
        number: offer.number,
        protocol: offer.protocol,
        spi: Vec::new(),
        transforms,
    })
}

fn ike_choice(answer: Proposal, spi: &[u8]) -> Option<IkeChoice> {
    let prf = answer.of_kind(TransformType::PRF).next()?.id;
    Some(IkeChoice {
        suite: Suite {
            encryption: encryption_of(&answer)?,
            integrity: integrity_of(&answer),
            prf: Prf::from_id(prf)?,
        },
        group: group_of(&answer)?,
        spi: spi.to_vec(),
        answer,
    })
}

fn esp_choice(answer: Proposal, spi: &[u8]) -> Option<EspChoice> {
    Some(EspChoice {
        encryption: encryption_of(&answer)?,
        integrity: integrity_of(&answer),
        group: group_of(&answer),
        spi: u32::from_be_bytes(spi.try_into().ok()?),
        answer,
    })
}

fn encryption_of(answer: &Proposal) -> Option<Encryption> {
    let transform = answer.of_kind(TransformType::ENCRYPTION).next()?;
    Encryption::from_wire(transform.id, transform.key_length())
}

fn integrity_of(answer: &Proposal) -> Option<Integrity> {
    let transform = answer.of_kind(TransformType::INTEGRITY).next()?;
    Integrity::from_id(transform.id)
}

fn group_of(answer: &Proposal) -> Option<DhGroup> {
    let transform = answer.of_kind(TransformType::KEY_EXCHANGE).next()?;
    DhGroup::from_id(transform.id)
}

fn single(answer: &SecurityAssociation) -> Option<&Proposal> {
    let [chosen] = answer.proposals.as_slice() else {
        return None;
    };
    let mut kinds: Vec<_> = chosen.transforms.iter().map(|one| one.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    (kinds.len() == chosen.transforms.len()).then_some(chosen)
}

#[cfg(test)]
mod tests;
