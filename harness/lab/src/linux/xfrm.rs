//! The kernel's IPsec state, over its XFRM netlink protocol.

use std::net::IpAddr;

use ipnet::IpNet;
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_xfrm::constants::XFRM_STATE_ESN;
use netlink_packet_xfrm::policy::{
    DelGetMessage as PolicyDelGetMessage, ModifyMessage as PolicyMessage,
};
use netlink_packet_xfrm::state::{GetDumpMessage, ModifyMessage as StateMessage};
use netlink_packet_xfrm::{Address, Alg, AlgAead, AlgAuth, ReplayEsn, XfrmAttrs, XfrmMessage};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_XFRM};

use crate::operation::{KernelPolicy, KernelSa, PolicyDirection, SaDrops, SaKeys};

mod change;

pub(crate) use change::{corrupt_keys, flush_sas, set_sequence};

/// A dump stops here: more SAs than any router of a testbed has, a runaway one excepted.
const SA_LIMIT: usize = 4096;
/// `XFRM_MODE_TUNNEL` of linux/xfrm.h.
const MODE_TUNNEL: u8 = 1;
/// `IPPROTO_ESP`.
const PROTO_ESP: u8 = 50;

/// Every SA of the calling thread's namespace.
pub(crate) fn dump_sas() -> std::io::Result<Vec<KernelSa>> {
    Ok(dump()?.iter().map(describe).collect())
}

fn dump() -> std::io::Result<Vec<StateMessage>> {
    let mut sas = Vec::new();
    talk(
        XfrmMessage::GetDumpSa(GetDumpMessage::default()),
        NLM_F_DUMP,
        |message| {
            if let XfrmMessage::AddSa(sa) = message
                && sas.len() < SA_LIMIT
            {
                sas.push(sa);
            }
        },
    )?;
    Ok(sas)
}

/// Every policy of the calling thread's namespace that asks for protection, sockets' own excepted.
pub(crate) fn dump_policies() -> std::io::Result<Vec<KernelPolicy>> {
    let mut policies = Vec::new();
    talk(
        XfrmMessage::GetPolicy(PolicyDelGetMessage::default()),
        NLM_F_DUMP,
        |message| {
            if let XfrmMessage::AddPolicy(policy) = message
                && policies.len() < SA_LIMIT
            {
                policies.extend(describe_policy(&policy));
            }
        },
    )?;
    Ok(policies)
}

/// The ESP transforms that routers of today negotiate (RFC 8221), by the kernel's names. A kernel that
/// lacks one would make a router fail that is right.
const ESP_TRANSFORMS: &[Transform] = &[
    Transform::Cipher {
        authentication: "hmac(sha1)",
        key: 160,
        truncated: 96,
        esn: false,
    },
    Transform::Cipher {
        authentication: "hmac(sha256)",
        key: 256,
        truncated: 128,
        esn: false,
    },
    Transform::Cipher {
        authentication: "hmac(sha256)",
        key: 256,
        truncated: 128,
        esn: true,
    },
    Transform::Cipher {
        authentication: "hmac(sha384)",
        key: 384,
        truncated: 192,
        esn: false,
    },
    Transform::Cipher {
        authentication: "hmac(sha512)",
        key: 512,
        truncated: 256,
        esn: false,
    },
    // Key lengths include the salt: RFC 4106 section 8.1, RFC 7634 section 2.
    Transform::Aead {
        name: "rfc4106(gcm(aes))",
        key: 256 + 32,
    },
    Transform::Aead {
        name: "rfc7539esp(chacha20,poly1305)",
        key: 256 + 32,
    },
];

enum Transform {
    /// AES-CBC with this authentication; lengths in bits. Extended sequence numbers take another
    /// construction in the kernel.
    Cipher {
        authentication: &'static str,
        key: u32,
        truncated: u32,
        esn: bool,
    },
    Aead {
        name: &'static str,
        key: u32,
    },
}

/// Adds a harmless SA with unused addresses for every transform to the calling thread's namespace:
/// the one sure way to learn whether the kernel can do ESP.
///
/// # Errors
/// The kernel's answer, with the name of the transform.
pub(crate) fn add_trial_sas() -> std::io::Result<usize> {
    for (number, transform) in (1..).zip(ESP_TRANSFORMS) {
        add_trial_sa(number, transform).map_err(|error| {
            let name = match transform {
                Transform::Cipher {
                    authentication,
                    esn,
                    ..
                } => {
                    format!(
                        "cbc(aes) {authentication}{}",
                        if *esn { " with ESN" } else { "" }
                    )
                }
                Transform::Aead { name, .. } => (*name).to_owned(),
            };
            std::io::Error::new(error.kind(), format!("{name}: {error}"))
        })?;
    }
    Ok(ESP_TRANSFORMS.len())
}

fn add_trial_sa(number: u32, transform: &Transform) -> std::io::Result<()> {
    let (source, destination) = (
        IpAddr::from([198, 51, 100, 253]),
        IpAddr::from([198, 51, 100, 254]),
    );
    let mut sa = StateMessage::default();
    let info = &mut sa.user_sa_info;
    info.source(&source);
    info.destination(&destination);
    info.id.spi = 0x1000 + number;
    info.id.proto = PROTO_ESP;
    info.mode = MODE_TUNNEL;
    info.family = u16::try_from(nix::libc::AF_INET).unwrap_or_default();
    let key = |bits: u32| vec![1; bits as usize / 8];
    sa.nlas = match *transform {
        Transform::Cipher {
            authentication,
            key: bits,
            truncated,
            ..
        } => vec![
            XfrmAttrs::AuthenticationAlgTrunc(AlgAuth {
                alg_name: algorithm_name(authentication),
                alg_key_len: bits,
                alg_trunc_len: truncated,
                alg_key: key(bits),
            }),
            XfrmAttrs::EncryptionAlg(Alg {
                alg_name: algorithm_name("cbc(aes)"),
                alg_key_len: 256,
                alg_key: key(256),
            }),
        ],
        Transform::Aead { name, key: bits } => vec![XfrmAttrs::EncryptionAlgAead(AlgAead {
            alg_name: algorithm_name(name),
            alg_key_len: bits,
            alg_icv_len: 128,
            alg_key: key(bits),
        })],
    };
    if matches!(transform, Transform::Cipher { esn: true, .. }) {
        sa.user_sa_info.flags |= XFRM_STATE_ESN;
        // A bitmap of one word: a window of 32 packets.
        let window = ReplayEsn {
            bmp_len: 1,
            replay_window: 32,
            bmp: vec![0],
            ..Default::default()
        };
        sa.nlas.push(XfrmAttrs::ReplayStateEsn(window));
    }
    talk(XfrmMessage::AddSa(sa), NLM_F_ACK | NLM_F_CREATE, |_| {})
}

/// Lets packets between two networks pass in clear, whatever the other policies say: in, out and
/// forward, at the highest priority, in the place of a policy for the very same networks.
pub(crate) fn add_bypass(between: (IpNet, IpNet)) -> std::io::Result<()> {
    // XFRM_POLICY_IN, _OUT and _FWD of linux/xfrm.h.
    for direction in 0..=2 {
        for (source, destination) in [between, (between.1, between.0)] {
            let mut policy = PolicyMessage::default();
            let info = &mut policy.user_policy_info;
            info.selector
                .source_prefix(&source.network(), source.prefix_len());
            info.selector
                .destination_prefix(&destination.network(), destination.prefix_len());
            info.direction = direction;
            info.priority = 1;
            talk(
                XfrmMessage::UpdatePolicy(policy),
                NLM_F_ACK | NLM_F_CREATE,
                |_| {},
            )?;
        }
    }
    Ok(())
}

/// Sends one request and hands every message of the answer to `each`.
fn talk(
    request: XfrmMessage,
    flags: u16,
    mut each: impl FnMut(XfrmMessage),
) -> std::io::Result<()> {
    let mut socket = Socket::new(NETLINK_XFRM)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | flags;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(request));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    socket.send(&bytes, 0)?;
    loop {
        let (answer, _) = socket.recv_from_full()?;
        let mut rest = &answer[..];
        while !rest.is_empty() {
            let message = NetlinkMessage::<XfrmMessage>::deserialize(rest)
                .map_err(|error| std::io::Error::other(error.to_string()))?;
            let length = usize::try_from(message.header.length).unwrap_or(rest.len());
            match message.payload {
                NetlinkPayload::InnerMessage(inner) => each(inner),
                NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io()),
                NetlinkPayload::Error(_) | NetlinkPayload::Done(_) => return Ok(()),
                NetlinkPayload::Overrun(_) => {
                    return Err(std::io::Error::other("the kernel's answer was cut"));
                }
                NetlinkPayload::Noop | _ => {}
            }
            // Messages are aligned to four octets (netlink(7)).
            rest = rest
                .get(length.max(16).next_multiple_of(4)..)
                .unwrap_or_default();
        }
    }
}

fn describe(sa: &StateMessage) -> KernelSa {
    let info = &sa.user_sa_info;
    KernelSa {
        spi: info.id.spi,
        source: ip_address(&info.saddr, info.family),
        destination: ip_address(&info.id.daddr, info.family),
        protocol: info.id.proto,
        tunnel: info.mode == MODE_TUNNEL,
        algorithms: sa.nlas.iter().filter_map(algorithm_of).collect(),
        keys: keys_of(&sa.nlas),
        esn: info.flags & XFRM_STATE_ESN != 0,
        encapsulation: sa.nlas.iter().find_map(encapsulation_of),
        packets: info.lifetime_cur.packets,
        dropped: SaDrops {
            replay: info.stats.replay,
            replay_window: info.stats.replay_window,
            integrity: info.stats.integrity_failed,
        },
    }
}

fn keys_of(attributes: &[XfrmAttrs]) -> SaKeys {
    let mut keys = SaKeys::default();
    for attribute in attributes {
        // Only those: the rest of the attributes are not algorithms.
        if let XfrmAttrs::EncryptionAlg(algorithm) = attribute {
            keys.encryption.clone_from(&algorithm.alg_key);
        } else if let XfrmAttrs::AuthenticationAlgTrunc(algorithm) = attribute {
            keys.authentication.clone_from(&algorithm.alg_key);
            keys.truncated = algorithm.alg_trunc_len;
        } else if let XfrmAttrs::EncryptionAlgAead(algorithm) = attribute {
            keys.aead.clone_from(&algorithm.alg_key);
            keys.truncated = algorithm.alg_icv_len;
        }
    }
    keys
}

fn encapsulation_of(attribute: &XfrmAttrs) -> Option<(u16, u16)> {
    if let XfrmAttrs::EncapsulationTemplate(template) = attribute {
        Some((template.encap_sport, template.encap_dport))
    } else {
        None
    }
}

fn describe_policy(policy: &PolicyMessage) -> Option<KernelPolicy> {
    let is_template = |attribute: &XfrmAttrs| matches!(attribute, XfrmAttrs::Template(_));
    if !policy.nlas.iter().any(is_template) {
        return None;
    }
    let info = &policy.user_policy_info;
    // XFRM_POLICY_IN, _OUT and _FWD of linux/xfrm.h; above them are those of sockets.
    let direction = match info.direction {
        0 => PolicyDirection::In,
        1 => PolicyDirection::Out,
        2 => PolicyDirection::Forward,
        _ => return None,
    };
    let selector = &info.selector;
    let network = |address: &Address, prefix: u8| {
        let address = ip_address(address, selector.family);
        IpNet::new(address, prefix).ok()
    };
    Some(KernelPolicy {
        direction,
        source: network(&selector.saddr, selector.prefixlen_s)?,
        destination: network(&selector.daddr, selector.prefixlen_d)?,
    })
}

fn ip_address(address: &Address, family: u16) -> IpAddr {
    if i32::from(family) == nix::libc::AF_INET6 {
        IpAddr::V6(address.to_ipv6())
    } else {
        IpAddr::V4(address.to_ipv4())
    }
}

fn algorithm_of(attribute: &XfrmAttrs) -> Option<String> {
    // Only those: the rest of the attributes are not algorithms.
    let name = if let XfrmAttrs::EncryptionAlg(algorithm) = attribute {
        &algorithm.alg_name
    } else if let XfrmAttrs::EncryptionAlgAead(algorithm) = attribute {
        &algorithm.alg_name
    } else if let XfrmAttrs::AuthenticationAlgTrunc(algorithm) = attribute {
        &algorithm.alg_name
    } else {
        return None;
    };
    let end = name
        .iter()
        .position(|octet| *octet == 0)
        .unwrap_or(name.len());
    Some(String::from_utf8_lossy(&name[..end]).into_owned())
}

fn algorithm_name(name: &str) -> [u8; 64] {
    let mut field = [0; 64];
    field[..name.len()].copy_from_slice(name.as_bytes());
    field
}
