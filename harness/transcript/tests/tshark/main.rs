//! tshark reads the captures as we do, field by field, and opens the tables of keys that we write.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use ikev2::algorithm::{Encryption, Integrity};
use ikev2::decrypt::{encrypt, padding_octets};
use ikev2::keys::{Key, SkKeys};
use ikev2::message::{Body, Chain, Encrypted, Identification, Message, Payload};
use ikev2::numbers::{ExchangeType, IdType};
use ikev2::wire::Flags;
use transcript::Options;
use transcript::keys::{EspKeys, IkeKeys, read_ike_table, write_esp_table, write_ike_table};

mod oracle;

const DEFECTS: &str = include_str!("defects.toml");

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

#[test]
fn the_transcript_agrees_with_tshark_field_by_field() {
    if !oracle::is_there() {
        println!("skipped: there is no tshark");
        return;
    }
    for name in ["certificates", "ike-fragments", "fragments-lost"] {
        let capture = captures().join(format!("{name}.pcapng"));
        let table = fs::read_to_string(captures().join(format!("{name}.keys"))).unwrap_or_default();
        let keys = read_ike_table(&table).unwrap();
        let options = Options {
            keys: &keys,
            ..Options::default()
        };
        let transcript = transcript::read(File::open(&capture).unwrap(), &options).unwrap();
        let profile = profile(&write_ike_table(&keys), "");
        let (differences, compared) =
            oracle::differences(&capture, profile.path(), &transcript, DEFECTS);
        println!("{name}: {compared:?}");
        assert!(
            differences.is_empty(),
            "{name}:\n{}",
            differences.join("\n")
        );
        assert!(
            compared.packets >= 4 && compared.values > 50,
            "{compared:?}"
        );
    }
}

/// A capture with one message of IKE_AUTH that only keys open.
fn sealed(keys: &SkKeys, directory: &Path) -> PathBuf {
    let identity = Identification {
        kind: IdType::FQDN,
        data: b"moon.example".to_vec(),
        ..Identification::default()
    };
    let chain = Chain {
        payloads: vec![Payload::new(Body::IdI(identity))],
        trailing: Vec::new(),
    };
    let mut message = Message::default();
    message.header.initiator_spi = 0x1111_2222_3333_4444;
    message.header.responder_spi = 0x5555_6666_7777_8888;
    message.header.exchange = ExchangeType::IKE_AUTH;
    message.header.flags = Flags::INITIATOR;
    message.header.message_id = 1;
    message.payloads = vec![Payload::new(Body::Sk(Encrypted {
        first: chain.first(),
        content: Vec::new(),
    }))];
    let plaintext = chain.emit();
    let padding = vec![0; padding_octets(keys.encryption, plaintext.len())];
    let iv = vec![9; keys.encryption.iv_octets()];
    let octets = encrypt(&message, &iv, &plaintext, &padding, keys, true).unwrap();
    let path = directory.join("sealed.pcap");
    write_pcap(&path, &[udp(&octets)]);
    path
}

fn udp(payload: &[u8]) -> Vec<u8> {
    let builder = etherparse::PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
        .udp(500, 500);
    let mut packet = Vec::new();
    builder.write(&mut packet, payload).unwrap();
    packet
}

fn write_pcap(path: &Path, packets: &[Vec<u8>]) {
    let mut writer = pcap_file::pcap::PcapWriter::new(File::create(path).unwrap()).unwrap();
    for packet in packets {
        let length = u32::try_from(packet.len()).unwrap();
        let time = std::time::Duration::from_secs(1);
        let packet = pcap_file::pcap::PcapPacket::new(time, length, packet);
        writer.write_packet(&packet).unwrap();
    }
}

fn fields(capture: &Path, profile: &Path, more: &[&str], field: &str) -> String {
    let mut command = Command::new("tshark");
    command.env("WIRESHARK_CONFIG_DIR", profile);
    command
        .arg("-r")
        .arg(capture)
        .args(more)
        .args(["-T", "fields", "-e", field]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !said.contains("rror"), "{said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn wireshark_opens_every_kind_of_ike_key_that_the_table_has() {
    if !oracle::is_there() {
        println!("skipped: there is no tshark");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let integrities = [
        Integrity::HmacSha1Bits96,
        Integrity::HmacSha2Bits256Of128,
        Integrity::HmacSha2Bits384Of192,
        Integrity::HmacSha2Bits512Of256,
    ];
    let with_integrity = [
        Encryption::AesCbc128,
        Encryption::AesCbc192,
        Encryption::AesCbc256,
    ];
    let alone = [Encryption::AesGcm16Bits128, Encryption::AesGcm16Bits256];
    let suites = with_integrity
        .iter()
        .flat_map(|encryption| integrities.map(|integrity| (*encryption, Some(integrity))))
        .chain(alone.map(|encryption| (encryption, None)));
    for (encryption, integrity) in suites {
        let key = |octets: usize, seed: u8| Some(Key::from(vec![seed; octets]));
        let authentication = |seed| integrity.and_then(|these| key(these.key_octets(), seed));
        let keys = SkKeys {
            encryption,
            integrity,
            prf: None,
            sk_d: None,
            sk_ai: authentication(1),
            sk_ar: authentication(2),
            sk_ei: key(encryption.key_octets(), 3),
            sk_er: key(encryption.key_octets(), 4),
            sk_pi: None,
            sk_pr: None,
        };
        let capture = sealed(&keys, folder.path());
        let table = write_ike_table(&[IkeKeys {
            spis: Some((0x1111_2222_3333_4444, 0x5555_6666_7777_8888)),
            encryption: Some(encryption),
            integrity,
            sk_ai: keys.sk_ai.clone(),
            sk_ar: keys.sk_ar.clone(),
            sk_ei: keys.sk_ei.clone(),
            sk_er: keys.sk_er.clone(),
        }]);
        let profile = profile(&table, "");
        let found = fields(&capture, profile.path(), &[], "isakmp.id.data.fqdn");
        assert_eq!(found, "moon.example", "{encryption} {integrity:?}\n{table}");
        // The same table opens it for us, too.
        let read = read_ike_table(&table).unwrap();
        let options = Options {
            keys: &read,
            ..Options::default()
        };
        let transcript = transcript::read(File::open(&capture).unwrap(), &options).unwrap();
        assert!(
            transcript.messages[0].payload("IDi").is_some(),
            "{encryption}"
        );
    }
}

/// ESP in tunnel mode with AES-CBC-256 and HMAC-SHA2-256-128, which holds a UDP datagram.
#[test]
fn wireshark_opens_esp_with_the_table_that_is_written() {
    if !oracle::is_there() {
        println!("skipped: there is no tshark");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (key, integrity_key) = ([5_u8; 32], [6_u8; 32]);
    let mut inner = Vec::new();
    etherparse::PacketBuilder::ipv4([203, 0, 113, 10], [203, 0, 113, 74], 64)
        .udp(9, 9)
        .write(&mut inner, b"a probe that was sent through the tunnel")
        .unwrap();
    let packet = esp(&inner, &key, &integrity_key);
    let capture = folder.path().join("esp.pcap");
    write_pcap(&capture, &[packet]);
    let table = write_esp_table(&[EspKeys {
        source: [192, 0, 2, 1].into(),
        destination: [192, 0, 2, 2].into(),
        spi: 0xc1c2_c3c4,
        encryption: EspKeys::kernel_encryption("cbc(aes)", 32).unwrap(),
        encryption_key: Key::from(&key[..]),
        integrity: EspKeys::kernel_integrity("hmac(sha256)"),
        integrity_key: Some(Key::from(&integrity_key[..])),
    }]);
    let profile = profile("", &table);
    let decode = ["-o", "esp.enable_encryption_decode:TRUE"];
    let found = fields(&capture, profile.path(), &decode, "udp.payload");
    let expected: String = b"a probe that was sent through the tunnel"
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    assert_eq!(found, expected, "{table}");
}

/// One ESP packet (RFC 4303), sealed by openssl, which nobody here wrote.
fn esp(inner: &[u8], key: &[u8], integrity_key: &[u8]) -> Vec<u8> {
    let mut plain = inner.to_vec();
    let pad = (16 - (plain.len() + 2) % 16) % 16;
    plain.extend((1..).take(pad));
    plain.push(u8::try_from(pad).unwrap());
    plain.push(4);
    let hex = |octets: &[u8]| {
        octets
            .iter()
            .map(|o| format!("{o:02x}"))
            .collect::<String>()
    };
    let iv = [7_u8; 16];
    let sealed = piped(
        &[
            "enc",
            "-aes-256-cbc",
            "-nopad",
            "-K",
            &hex(key),
            "-iv",
            &hex(&iv),
        ],
        &plain,
    );
    let mut esp = [0xc1, 0xc2, 0xc3, 0xc4, 0, 0, 0, 1].to_vec();
    esp.extend(iv);
    esp.extend(sealed);
    let option = format!("hexkey:{}", hex(integrity_key));
    let mac = piped(
        &[
            "dgst", "-sha256", "-mac", "HMAC", "-macopt", &option, "-binary",
        ],
        &esp,
    );
    esp.extend(&mac[..16]);
    let mut packet = Vec::new();
    etherparse::PacketBuilder::ethernet2([2; 6], [4; 6])
        .ip(etherparse::IpHeaders::Ipv4(
            etherparse::Ipv4Header::new(
                u16::try_from(esp.len()).unwrap(),
                64,
                etherparse::IpNumber(50),
                [192, 0, 2, 1],
                [192, 0, 2, 2],
            )
            .unwrap(),
            etherparse::Ipv4Extensions::default(),
        ))
        .write(&mut packet, etherparse::IpNumber(50), &esp)
        .unwrap();
    packet
}

fn piped(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// A folder of Wireshark's with these tables.
fn profile(ike: &str, esp: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ikev2_decryption_table"), ike).unwrap();
    fs::write(folder.path().join("esp_sa"), esp).unwrap();
    folder
}
