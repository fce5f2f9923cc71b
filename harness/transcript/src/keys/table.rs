//! Wireshark's tables of keys: `ikev2_decryption_table` and `esp_sa`, in its profile folder.
//!
//! Each line is a record of comma-separated fields, text in quotation marks; a line that begins
//! with `#` is a comment. The names of algorithms are those of Wireshark's own lists.

use std::net::IpAddr;

use ikev2::algorithm::{Encryption, Integrity};
use ikev2::keys::Key;

use super::{EspKeys, IkeKeys};
use crate::bytes::hex;

/// Lines of a table that are read.
const MOST_LINES: usize = 10_000;

/// What every table of this program begins with.
const HEAD: &str = "# Session keys of a test run. Whoever has them can read its packets.\n";

/// Why a table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct TableError {
    /// From 1.
    pub line: usize,
    pub reason: String,
}

/// Reads a table `ikev2_decryption_table`.
///
/// # Errors
///
/// A line has another number of fields, an unknown algorithm, or no hexadecimal digits where they
/// belong.
pub fn read_ike_table(text: &str) -> Result<Vec<IkeKeys>, TableError> {
    let table = read_ike_rows(text)?;
    match table.skipped.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(table.keys),
    }
}

/// What a table holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IkeTable {
    pub keys: Vec<IkeKeys>,
    /// Rows whose algorithm is not known here, so that they open nothing.
    pub skipped: Vec<TableError>,
}

/// Reads a table `ikev2_decryption_table`, without the rows of algorithms that are not known here.
///
/// # Errors
///
/// A line has another number of fields, or no hexadecimal digits where they belong.
pub fn read_ike_rows(text: &str) -> Result<IkeTable, TableError> {
    let lines = text.lines().zip(1..);
    let records = lines.filter(|(line, _)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    let mut table = IkeTable::default();
    for (text, line) in records {
        if table.keys.len() + table.skipped.len() >= MOST_LINES {
            let reason = format!("only {MOST_LINES} sets of keys are read");
            return Err(TableError { line, reason });
        }
        match record(text) {
            Ok(keys) => table.keys.push(keys),
            Err(Odd::Algorithm(reason)) => table.skipped.push(TableError { line, reason }),
            Err(Odd::Form(reason)) => return Err(TableError { line, reason }),
        }
    }
    Ok(table)
}

/// Why a row is not used.
enum Odd {
    /// Its algorithm is not known here.
    Algorithm(String),
    /// It is no row of such a table.
    Form(String),
}

impl From<String> for Odd {
    fn from(reason: String) -> Self {
        Self::Form(reason)
    }
}

fn record(line: &str) -> Result<IkeKeys, Odd> {
    let fields: Vec<&str> = line
        .split(',')
        .map(|field| field.trim().trim_matches('"'))
        .collect();
    let &[spi_i, spi_r, ei, er, encryption, ai, ar, integrity] = fields.as_slice() else {
        return Err(Odd::Form(format!(
            "{} fields instead of 8: both SPIs, SK_ei, SK_er, encryption, SK_ai, SK_ar, integrity",
            fields.len()
        )));
    };
    let encryption = ENCRYPTION
        .iter()
        .find(|(_, name)| *name == encryption)
        .map(|(encryption, _)| *encryption)
        .ok_or_else(|| {
            let known: Vec<_> = ENCRYPTION.iter().map(|(_, name)| *name).collect();
            Odd::Algorithm(format!(
                "encryption {encryption:?} is not known; use one of {}",
                known.join(", ")
            ))
        })?;
    let integrity = if integrity == NO_INTEGRITY {
        None
    } else {
        let found = INTEGRITY.iter().find(|(_, name)| *name == integrity);
        let found = found.map(|(integrity, _)| *integrity);
        Some(found.ok_or_else(|| {
            let known: Vec<_> = INTEGRITY.iter().map(|(_, name)| *name).collect();
            Odd::Algorithm(format!(
                "integrity {integrity:?} is not known; use one of {}",
                known.join(", ")
            ))
        })?)
    };
    Ok(IkeKeys {
        spis: Some((spi(spi_i)?, spi(spi_r)?)),
        encryption: Some(encryption),
        integrity: integrity.filter(|_| !encryption.is_aead()),
        sk_ai: key(ai)?,
        sk_ar: key(ar)?,
        sk_ei: key(ei)?,
        sk_er: key(er)?,
    })
}

fn spi(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.len() != 16 {
        return Err(format!("{text:?} is no SPI: it has 16 hexadecimal digits"));
    }
    u64::from_str_radix(digits, 16).map_err(|_| format!("{text:?} is no hexadecimal number"))
}

fn key(text: &str) -> Result<Option<Key>, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let octets = digits.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok())?
    });
    let octets: Option<Vec<u8>> = octets.collect();
    // The text may be a key all the same: it is not repeated.
    let octets = octets.ok_or("a key is no even number of hexadecimal digits")?;
    Ok((!octets.is_empty()).then(|| Key::from(octets)))
}

/// Writes a table `ikev2_decryption_table`. Sets without SPIs, without keys, or of an algorithm
/// that Wireshark does not know are left out; their number is in a comment.
pub fn write_ike_table(sets: &[IkeKeys]) -> String {
    let mut lines: Vec<String> = sets.iter().filter_map(ike_line).collect();
    let written = lines.len();
    // Both ends tell the same keys.
    lines.sort_unstable();
    lines.dedup();
    finish(lines, sets.len() - written)
}

fn ike_line(keys: &IkeKeys) -> Option<String> {
    let (spi_i, spi_r) = keys.spis?;
    let (_, encryption) = ENCRYPTION
        .iter()
        .find(|(known, _)| Some(*known) == keys.encryption)?;
    let integrity = match keys.integrity {
        None => NO_INTEGRITY,
        Some(integrity) => INTEGRITY.iter().find(|(known, _)| *known == integrity)?.1,
    };
    let digits = |key: &Option<Key>| key.as_ref().map(|key| hex(key.as_bytes()));
    let (ai, ar) = (digits(&keys.sk_ai), digits(&keys.sk_ar));
    Some(format!(
        "{spi_i:016x},{spi_r:016x},{},{},\"{encryption}\",{},{},\"{integrity}\"",
        digits(&keys.sk_ei)?,
        digits(&keys.sk_er)?,
        ai.unwrap_or_default(),
        ar.unwrap_or_default(),
    ))
}

/// Writes a table `esp_sa`. SAs of an algorithm that Wireshark does not know are left out; their
/// number is in a comment.
pub fn write_esp_table(sas: &[EspKeys]) -> String {
    let mut lines: Vec<String> = sas.iter().filter_map(esp_line).collect();
    let written = lines.len();
    lines.sort_unstable();
    lines.dedup();
    finish(lines, sas.len() - written)
}

fn esp_line(sa: &EspKeys) -> Option<String> {
    let family = match sa.source {
        IpAddr::V4(_) => "IPv4",
        IpAddr::V6(_) => "IPv6",
    };
    let encryption = match sa.encryption {
        Encryption::AesCbc128 | Encryption::AesCbc192 | Encryption::AesCbc256 => {
            "AES-CBC [RFC3602]"
        }
        Encryption::AesCtr128 | Encryption::AesCtr192 | Encryption::AesCtr256 => {
            "AES-CTR [RFC3686]"
        }
        Encryption::AesGcm16Bits128 | Encryption::AesGcm16Bits192 | Encryption::AesGcm16Bits256 => {
            "AES-GCM with 16 octet ICV [RFC4106]"
        }
        Encryption::TripleDesCbc => "TripleDES-CBC [RFC2451]",
        Encryption::ChaCha20Poly1305 => return None,
    };
    let integrity = match sa.integrity {
        None => "NULL",
        Some(Integrity::HmacSha1Bits96) => "HMAC-SHA-1-96 [RFC2404]",
        Some(Integrity::HmacSha2Bits256Of128) => "HMAC-SHA-256-128 [RFC4868]",
        Some(Integrity::HmacSha2Bits384Of192) => "HMAC-SHA-384-192 [RFC4868]",
        Some(Integrity::HmacSha2Bits512Of256) => "HMAC-SHA-512-256 [RFC4868]",
    };
    let digits = sa
        .integrity_key
        .as_ref()
        .map(|key| format!("0x{}", hex(key.as_bytes())));
    Some(format!(
        "\"{family}\",\"{}\",\"{}\",\"0x{:08x}\",\"{encryption}\",\"0x{}\",\"{integrity}\",\"{}\"",
        sa.source,
        sa.destination,
        sa.spi,
        hex(sa.encryption_key.as_bytes()),
        digits.unwrap_or_default(),
    ))
}

fn finish(lines: Vec<String>, left_out: usize) -> String {
    let mut table = HEAD.to_owned();
    if left_out > 0 {
        table.push_str(&format!(
            "# Left out, because Wireshark has no form for them: {left_out}\n"
        ));
    }
    for line in lines {
        table.push_str(&line);
        table.push('\n');
    }
    table
}

const NO_INTEGRITY: &str = "NONE [RFC4306]";

const ENCRYPTION: [(Encryption, &str); 7] = [
    (Encryption::AesCbc128, "AES-CBC-128 [RFC3602]"),
    (Encryption::AesCbc192, "AES-CBC-192 [RFC3602]"),
    (Encryption::AesCbc256, "AES-CBC-256 [RFC3602]"),
    (
        Encryption::AesGcm16Bits128,
        "AES-GCM-128 with 16 octet ICV [RFC5282]",
    ),
    (
        Encryption::AesGcm16Bits192,
        "AES-GCM-192 with 16 octet ICV [RFC5282]",
    ),
    (
        Encryption::AesGcm16Bits256,
        "AES-GCM-256 with 16 octet ICV [RFC5282]",
    ),
    (Encryption::TripleDesCbc, "3DES [RFC2451]"),
];

const INTEGRITY: [(Integrity, &str); 4] = [
    (Integrity::HmacSha1Bits96, "HMAC_SHA1_96 [RFC2404]"),
    (
        Integrity::HmacSha2Bits256Of128,
        "HMAC_SHA2_256_128 [RFC4868]",
    ),
    (
        Integrity::HmacSha2Bits384Of192,
        "HMAC_SHA2_384_192 [RFC4868]",
    ),
    (
        Integrity::HmacSha2Bits512Of256,
        "HMAC_SHA2_512_256 [RFC4868]",
    ),
];
