//! What a single router is tried with: a case, or a certificate vector.

use std::sync::Arc;

use cases::Role;
use cases::vector::{Strength, Vector};
use conformance::{Case, Level, Setup};
use reports::text::{Text, Words};

/// A case, or a vector in one of its roles.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Clause(&'static Case),
    Vector {
        vector: Arc<Vector>,
        router_initiates: bool,
    },
}

impl Subject {
    /// The vector, to routers that respond, and to those that initiate if it can be shown to them.
    pub(crate) fn of_vector(vector: &Arc<Vector>) -> impl Iterator<Item = Self> {
        let roles: &[bool] = if vector.fits_initiating_routers() {
            &[false, true]
        } else {
            &[false]
        };
        roles.iter().map(|&router_initiates| Self::Vector {
            vector: vector.clone(),
            router_initiates,
        })
    }

    /// Such as `rfc7296-2.6.cookie-returned`, `certificates.v07`, and `certificates.v07-of-responder`
    /// where the router initiates.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Clause(case) => case.id.to_owned(),
            Self::Vector {
                vector,
                router_initiates: false,
            } => vector.case_id(),
            Self::Vector { vector, .. } => format!("{}-of-responder", vector.case_id()),
        }
    }

    /// A word short enough for the head of a column.
    pub(crate) fn abbreviation(&self) -> String {
        match self {
            Self::Clause(case) => case.abbreviation.to_owned(),
            Self::Vector {
                vector,
                router_initiates: false,
            } => vector.id.clone(),
            Self::Vector { vector, .. } => format!("I-{}", vector.id),
        }
    }

    pub(crate) fn title(&self) -> Text {
        match self {
            Self::Clause(case) => both(case.title),
            Self::Vector { vector, .. } => vector.title.clone(),
        }
    }

    /// The clause as reports show it.
    pub(crate) fn clause(&self) -> String {
        match self {
            Self::Clause(case) => case.clause(),
            Self::Vector { vector, .. } => {
                format!("RFC {}, section {}", vector.rule.rfc, vector.rule.section)
            }
        }
    }

    /// What the clause asks for.
    pub(crate) fn restated(&self) -> Text {
        match self {
            Self::Clause(case) => both(case.restated),
            Self::Vector { vector, .. } => vector.rule.says.clone(),
        }
    }

    pub(crate) fn level(&self) -> Level {
        match self {
            Self::Clause(case) => case.level,
            Self::Vector { vector, .. } => match vector.rule.strength {
                Strength::May => Level::May,
                Strength::Should => Level::Should,
                Strength::Must => Level::Must,
            },
        }
    }

    pub(crate) fn setup(&self) -> Setup {
        match self {
            Self::Clause(case) => case.setup,
            Self::Vector {
                router_initiates, ..
            } => Setup {
                router_initiates: *router_initiates,
                has_certificates: true,
            },
        }
    }

    pub(crate) fn is_vector(&self) -> bool {
        matches!(self, Self::Vector { .. })
    }

    /// The part of the router in the first exchange.
    pub(crate) fn role(&self) -> Role {
        if self.setup().router_initiates {
            Role::Initiator
        } else {
            Role::Responder
        }
    }
}

fn both(words: Words) -> Text {
    Text::new(words.en, words.ja)
}
