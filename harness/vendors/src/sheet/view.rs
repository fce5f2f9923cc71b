//! What the templates of sheets see.

use std::net::IpAddr;

use cases::{IkeVersion, Mode, Role};
use ikev2::Transform;
use ipnet::IpNet;
use reports::escape::visible;
use reports::text::{Lang, Text, Words};
use serde::Serialize;

use super::gaps::{Fitting, Gap, Lack};
use super::material::{self, Use, material};
use super::model::{Model, Verification};
use super::{PASSWORD, PSK, Row, Subject, role, words};
use crate::router::{Credentials, End, Identity, RouterSettings};

/// Characters of one value that are shown.
const SHOWN: usize = 1000;

/// Every variable of the frame.
pub(super) fn frame_variables() -> Vec<String> {
    [
        "ja",
        "role",
        "vendor",
        "peer",
        "case",
        "title",
        "model",
        "verified",
        "sources",
        "notes",
        "missing",
        "unknown",
        "by_the_case",
        "groups",
        "files",
        "has_files",
        "has_draft",
        "commands",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Every variable of commands.
pub(super) fn command_variables() -> Vec<String> {
    let mut names: Vec<String> = [
        "role",
        "auth.method",
        "auth.psk",
        "auth.password",
        "auth.trust_anchors",
        "auth.intermediates",
        "auth.crls",
        "auth.certificate",
        "auth.private_key",
        "auth.pkcs12",
        "ike.proposals",
        "esp.proposals",
    ]
    .map(str::to_owned)
    .to_vec();
    for end in ["local", "remote"] {
        for name in [
            "address",
            "subnets",
            "id.type",
            "id.word",
            "id.value",
            "id.hex",
            "id.attributes",
        ] {
            names.push(format!("{end}.{name}"));
        }
    }
    names
}

#[derive(Serialize)]
pub(super) struct Frame<'a> {
    ja: bool,
    role: String,
    vendor: String,
    peer: String,
    case: &'a str,
    title: String,
    model: String,
    verified: &'a [Verification],
    sources: Vec<String>,
    notes: Vec<&'a str>,
    missing: Vec<&'a str>,
    unknown: Vec<&'a str>,
    by_the_case: Vec<&'a str>,
    groups: Vec<Group>,
    files: Vec<Row>,
    has_files: bool,
    has_draft: bool,
    /// Empty where there are none.
    commands: &'a str,
}

#[derive(Serialize)]
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(
        model: &'a Model,
        subject: Subject<'a>,
        gaps: &'a [Gap],
        commands: Option<&'a str>,
        lang: Lang,
    ) -> Self {
        let of = |lack| {
            let of_kind = gaps.iter().filter(move |gap| gap.lack == lack);
            of_kind.map(|gap| gap.text.in_lang(lang)).collect()
        };
        let text = |text: &Text| cell(text.in_lang(lang));
        Self {
            ja: lang == Lang::Ja,
            role: text(&role(subject.router.role)),
            vendor: text(&subject.vendor.name),
            peer: text(&subject.peer.name),
            case: &subject.case.id,
            title: text(&subject.case.title),
            model: text(&model.name),
            verified: &model.verified,
            sources: model.sources.iter().map(|source| cell(source)).collect(),
            notes: model.notes.iter().map(|note| note.in_lang(lang)).collect(),
            missing: of(Lack::Function),
            unknown: of(Lack::Knowledge),
            by_the_case: of(Lack::ByTheCase),
            groups: groups(subject, lang),
            files: material(&subject.router.auth)
                .into_iter()
                .map(|file| Row {
                    value: words::file(file.used_as).in_lang(lang).to_owned(),
                    name: cell(&file.name),
                })
                .collect(),
            has_files: subject.has_files,
            has_draft: model.has_draft(),
            commands: commands.unwrap_or_default(),
        }
    }
}

/// A text in a table of Markdown: on one line, and nothing of it is taken for a mark.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    for character in visible(text, SHOWN).chars() {
        if matches!(character, '|' | '<' | '`' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn groups(subject: Subject<'_>, lang: Lang) -> Vec<Group> {
    let row = |name: Words, value: String| Row {
        name: name.in_lang(lang).to_owned(),
        value: cell(&value),
    };
    let word = |word: Words| word.in_lang(lang).to_owned();
    let router = subject.router;
    let end = subject.case.setup.end(router.role);
    let departures = &router.departures;
    let nat = match subject.case.setup.nat {
        None => words::NONE,
        Some(Role::Initiator) => words::NAT_BEFORE_INITIATOR,
        Some(Role::Responder) => words::NAT_BEFORE_RESPONDER,
    };
    let places = vec![
        row(words::OWN_ADDRESS, router.local.address.to_string()),
        row(words::PEER_ADDRESS, router.remote.address.to_string()),
        row(words::NAT, word(nat)),
    ];
    let mut authentication = vec![row(
        words::METHOD,
        word(words::method(router.auth.method())),
    )];
    let ids = [
        (
            &router.local.id,
            words::OWN_ID,
            words::OWN_ID_VALUE,
            words::OWN_ID_HEX,
        ),
        (
            &router.remote.id,
            words::PEER_ID,
            words::PEER_ID_VALUE,
            words::PEER_ID_HEX,
        ),
    ];
    for (id, kind, value, hex) in ids {
        authentication.push(row(kind, words::identity(id.kind).to_owned()));
        authentication.push(row(value, id.value.clone()));
        authentication.push(row(hex, id.hex.clone()));
    }
    if let Credentials::Psk(key) = &router.auth {
        let value = match (key, subject.has_files) {
            (None, _) => words::NO_KEY,
            (Some(_), true) => words::KEY_IN_FOLDER,
            (Some(_), false) => words::KEY_NOT_SHOWN,
        };
        authentication.push(row(words::KEY, word(value)));
    }
    let version = match departures.ike_version {
        IkeVersion::V1 => "1",
        IkeVersion::V2 => "2",
    };
    let switch = if departures.nat_traversal {
        words::ON
    } else {
        words::OFF
    };
    let mut ike = vec![
        row(words::VERSION, version.to_owned()),
        row(words::NAT_TRAVERSAL, word(switch)),
    ];
    for (at, proposal) in router.ike.iter().enumerate() {
        let integrity = list(proposal.integrity()).unwrap_or_else(|| word(words::WITH_ENCRYPTION));
        let values = [
            (
                words::ENCRYPTION,
                list(proposal.encryption()).unwrap_or_default(),
            ),
            (words::INTEGRITY, integrity),
            (words::PRF, list(proposal.prf()).unwrap_or_default()),
            (words::DH, list(proposal.dh()).unwrap_or_default()),
        ];
        ike.extend(numbered(at, values.to_vec(), lang));
    }
    let mode = match departures.mode {
        Mode::Tunnel => words::TUNNEL,
        Mode::Transport => words::TRANSPORT,
    };
    let mut child = vec![
        row(words::PROTOCOL, word(mode)),
        row(words::OWN_NETWORKS, networks(&router.local.subnets)),
        row(words::PEER_NETWORKS, networks(&router.remote.subnets)),
    ];
    for (at, proposal) in router.esp.iter().enumerate() {
        let integrity = list(proposal.integrity()).unwrap_or_else(|| word(words::WITH_ENCRYPTION));
        let values = [
            (
                words::ENCRYPTION,
                list(proposal.encryption()).unwrap_or_default(),
            ),
            (words::INTEGRITY, integrity),
            (
                words::DH,
                list(proposal.dh()).unwrap_or_else(|| word(words::NO_PFS)),
            ),
        ];
        child.extend(numbered(at, values.to_vec(), lang));
    }
    child.push(row(words::LIFETIMES, word(words::NOT_PRESCRIBED)));
    let mut special = Vec::new();
    if !departures.connection {
        special.push(row(words::NO_CONNECTION, word(words::NONE)));
    }
    for (name, value) in &departures.settings {
        special.push(row(words::SETTING, format!("{name} = {value:?}")));
    }
    if !departures.raw.is_empty() {
        special.push(row(words::RAW, departures.raw.clone()));
    }
    if end.clock != 0 {
        special.push(row(words::CLOCK, format!("{:+}", end.clock)));
    }
    [
        (words::PLACES, places),
        (words::AUTHENTICATION, authentication),
        (words::IKE, ike),
        (words::CHILD, child),
        (words::SPECIAL, special),
    ]
    .into_iter()
    .filter(|(_, rows)| !rows.is_empty())
    .map(|(title, rows)| Group {
        title: title.in_lang(lang),
        rows,
    })
    .collect()
}

/// The rows of one proposal, each with its number.
fn numbered(at: usize, values: Vec<(Words, String)>, lang: Lang) -> impl Iterator<Item = Row> {
    values.into_iter().map(move |(name, value)| Row {
        name: format!(
            "{} {}: {}",
            words::PROPOSAL.in_lang(lang),
            at + 1,
            name.in_lang(lang)
        ),
        value: cell(&value),
    })
}

fn list<T: Transform>(algorithms: &[T]) -> Option<String> {
    let names: Vec<&str> = algorithms.iter().map(|one| one.name()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn networks(networks: &[IpNet]) -> String {
    let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
    networks.join(", ")
}

/// A router's settings in the words of a model.
#[derive(Serialize)]
pub(super) struct Commands<'a> {
    role: &'static str,
    local: EndView<'a>,
    remote: EndView<'a>,
    auth: AuthView,
    ike: Proposals<'a>,
    esp: Proposals<'a>,
}

#[derive(Serialize)]
struct Proposals<'a> {
    proposals: Vec<Proposal<'a>>,
}

/// `prf` is empty where it cannot be set, and for ESP.
#[derive(Serialize)]
struct Proposal<'a> {
    encryption: &'a [&'a str],
    integrity: &'a [&'a str],
    prf: &'a [&'a str],
    dh: &'a [&'a str],
}

#[derive(Serialize)]
struct EndView<'a> {
    address: IpAddr,
    subnets: Vec<Subnet>,
    id: IdView<'a>,
}

#[derive(Serialize)]
struct IdView<'a> {
    word: &'a str,
    #[serde(flatten)]
    identity: &'a Identity,
}

/// A network in the ways in which routers write it.
#[derive(Serialize)]
struct Subnet {
    cidr: IpNet,
    address: IpAddr,
    prefix: u8,
    netmask: IpAddr,
    wildcard: IpAddr,
}

/// What the router authenticates with; names are those of files.
#[derive(Serialize)]
struct AuthView {
    method: &'static str,
    psk: String,
    password: String,
    certificate: &'static str,
    private_key: &'static str,
    pkcs12: &'static str,
    trust_anchors: Vec<String>,
    intermediates: Vec<String>,
    crls: Vec<String>,
}

impl<'a> Commands<'a> {
    pub(super) fn new(fitting: &'a Fitting<'a>, router: &'a RouterSettings, secrets: bool) -> Self {
        let ike = fitting.ike.iter().map(|one| Proposal {
            encryption: &one.encryption,
            integrity: &one.integrity,
            prf: &one.prf,
            dh: &one.dh,
        });
        let esp = fitting.esp.iter().map(|one| Proposal {
            encryption: &one.encryption,
            integrity: &one.integrity,
            prf: &[],
            dh: &one.dh,
        });
        Self {
            role: router.role.as_str(),
            local: EndView::new(&router.local, fitting.local_id),
            remote: EndView::new(&router.remote, fitting.remote_id),
            auth: AuthView::new(&router.auth, secrets),
            ike: Proposals {
                proposals: ike.collect(),
            },
            esp: Proposals {
                proposals: esp.collect(),
            },
        }
    }
}

impl<'a> EndView<'a> {
    fn new(end: &'a End, word: &'a str) -> Self {
        let subnet = |net: &IpNet| Subnet {
            cidr: *net,
            address: net.network(),
            prefix: net.prefix_len(),
            netmask: net.netmask(),
            wildcard: net.hostmask(),
        };
        Self {
            address: end.address,
            subnets: end.subnets.iter().map(subnet).collect(),
            id: IdView {
                word,
                identity: &end.id,
            },
        }
    }
}

impl AuthView {
    fn new(credentials: &Credentials, secrets: bool) -> Self {
        let (psk, password) = match credentials {
            _ if !secrets => (PSK.to_owned(), PASSWORD.to_owned()),
            Credentials::Psk(key) => {
                let key = key.as_ref().map_or("", |key| key.expose());
                (key.to_owned(), String::new())
            }
            Credentials::Certificate(own) => (String::new(), own.password.expose().to_owned()),
        };
        let files = material(credentials);
        let names = |used_as| {
            let names = material::names(&files, used_as).into_iter();
            names.map(str::to_owned).collect()
        };
        Self {
            method: credentials.method().as_str(),
            psk,
            password,
            certificate: material::CERTIFICATE,
            private_key: material::PRIVATE_KEY,
            pkcs12: material::PKCS12,
            trust_anchors: names(Use::TrustAnchor),
            intermediates: names(Use::Intermediate),
            crls: names(Use::Crl),
        }
    }
}
