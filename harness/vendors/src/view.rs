//! What a template sees of a router's settings: the daemon's own words instead of neutral names.

use std::collections::BTreeMap;
use std::net::IpAddr;

use cases::{IkeVersion, Setting};
use ikev2::{EspProposal, IkeProposal};
use ipnet::IpNet;
use serde::Serialize;

use crate::implementation::{Implementation, NoWord};
use crate::router::{Credentials, Document, End, Identity, RouterSettings, Secret, hex};

/// The variables of a template, all of them.
#[derive(Serialize)]
pub(crate) struct View<'a> {
    role: &'static str,
    local: EndView<'a>,
    remote: EndView<'a>,
    auth: AuthView<'a>,
    ike: IkeView<'a>,
    esp: EspView<'a>,
    nat_traversal: bool,
    connection: bool,
    raw: &'a str,
    settings: &'a BTreeMap<String, Setting>,
}

impl<'a> View<'a> {
    /// Translates a router's settings for one implementation.
    pub(crate) fn new(
        router: &'a RouterSettings,
        implementation: &'a Implementation,
        settings: &'a BTreeMap<String, Setting>,
    ) -> Result<Self, NoWord> {
        let ike = router
            .ike
            .iter()
            .map(|proposal| IkeWords::new(proposal, implementation));
        let esp = router
            .esp
            .iter()
            .map(|proposal| EspWords::new(proposal, implementation));
        Ok(Self {
            role: router.role.as_str(),
            local: EndView::new(&router.local),
            remote: EndView::new(&router.remote),
            auth: AuthView::new(&router.auth),
            ike: IkeView {
                version: match router.departures.ike_version {
                    IkeVersion::V1 => 1,
                    IkeVersion::V2 => 2,
                },
                proposals: ike.collect::<Result<_, _>>()?,
            },
            esp: EspView {
                mode: router.departures.mode.as_str(),
                proposals: esp.collect::<Result<_, _>>()?,
            },
            nat_traversal: router.departures.nat_traversal,
            connection: router.departures.connection,
            raw: &router.departures.raw,
            settings,
        })
    }
}

#[derive(Serialize)]
struct EndView<'a> {
    name: &'a str,
    address: IpAddr,
    subnets: &'a [IpNet],
    id: &'a Identity,
}

impl<'a> EndView<'a> {
    fn new(end: &'a End) -> Self {
        Self {
            name: &end.name,
            address: end.address,
            subnets: &end.subnets,
            id: &end.id,
        }
    }
}

/// With a pre-shared key all that belongs to certificates is empty, and the other way round.
#[derive(Default, Serialize)]
struct AuthView<'a> {
    method: &'static str,
    /// The key as text; empty where it cannot stand between quotation marks.
    psk: &'a str,
    /// The octets of the key in hexadecimal.
    psk_hex: String,
    /// Whether the router has a certificate of its own.
    certificate: bool,
    /// Names of documents.
    trust_anchors: Vec<&'a str>,
    intermediates: Vec<&'a str>,
    crls: Vec<&'a str>,
    /// Of the PKCS#12.
    password: &'a str,
}

impl<'a> AuthView<'a> {
    fn new(credentials: &'a Credentials) -> Self {
        let method = credentials.method().as_str();
        match credentials {
            Credentials::Psk(secret) => Self {
                method,
                psk: secret
                    .as_ref()
                    .map(Secret::expose)
                    .filter(|text| !text.contains(char::is_control))
                    .unwrap_or_default(),
                psk_hex: secret
                    .as_ref()
                    .map(|secret| hex(secret.expose().as_bytes()))
                    .unwrap_or_default(),
                ..Self::default()
            },
            Credentials::Certificate(credentials) => Self {
                method,
                certificate: credentials.has_certificate,
                trust_anchors: names(&credentials.trust_anchors),
                intermediates: names(&credentials.intermediates),
                crls: names(&credentials.crls),
                password: credentials.password.expose(),
                ..Self::default()
            },
        }
    }
}

fn names(documents: &[Document]) -> Vec<&str> {
    documents
        .iter()
        .map(|document| document.name.as_str())
        .collect()
}

#[derive(Serialize)]
struct IkeView<'a> {
    version: u8,
    proposals: Vec<IkeWords<'a>>,
}

#[derive(Serialize)]
struct EspView<'a> {
    mode: &'static str,
    proposals: Vec<EspWords<'a>>,
}

/// An IKE proposal in the daemon's words.
#[derive(Serialize)]
pub(crate) struct IkeWords<'a> {
    encryption: Vec<&'a str>,
    integrity: Vec<&'a str>,
    prf: Vec<&'a str>,
    dh: Vec<&'a str>,
}

impl<'a> IkeWords<'a> {
    pub(crate) fn new(
        proposal: &IkeProposal,
        implementation: &'a Implementation,
    ) -> Result<Self, NoWord> {
        Ok(Self {
            encryption: implementation.spell(proposal.encryption())?,
            integrity: implementation.spell(proposal.integrity())?,
            prf: implementation.spell(proposal.prf())?,
            dh: implementation.spell(proposal.dh())?,
        })
    }
}

/// An ESP proposal in the daemon's words.
#[derive(Serialize)]
pub(crate) struct EspWords<'a> {
    encryption: Vec<&'a str>,
    integrity: Vec<&'a str>,
    dh: Vec<&'a str>,
}

impl<'a> EspWords<'a> {
    pub(crate) fn new(
        proposal: &EspProposal,
        implementation: &'a Implementation,
    ) -> Result<Self, NoWord> {
        Ok(Self {
            encryption: implementation.spell(proposal.encryption())?,
            integrity: implementation.spell(proposal.integrity())?,
            dh: implementation.spell(proposal.dh())?,
        })
    }
}
