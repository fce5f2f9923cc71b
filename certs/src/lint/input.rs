//! Files as they come: PEM with any number of objects, DER, PKCS#12. Whatever they hold, reading
//! them takes bounded time and memory.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as Pkcs12Error;
use x509_parser::pem::Pem;

use crate::lint::report::Kind;
use crate::lint::tlv::{self, BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, Tlv};

/// Largest file that is read, in octets.
pub const MAX_FILE: usize = 16 << 20;
/// Most objects that are taken from all files together.
pub const MAX_OBJECTS: usize = 1000;
/// Longest time that opening a PKCS#12 file may take. The author of the file chooses how often its
/// keys are derived, and each bag may ask for a million rounds.
const PKCS12_LIMIT: Duration = Duration::from_secs(20);

/// One file.
#[derive(Clone, Debug)]
pub struct Input {
    /// What the caller calls it.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Why files cannot be checked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{file}: has {size} octets; files of more than {MAX_FILE} are not read")]
    TooLarge { file: String, size: usize },
    #[error("the files hold more than {MAX_OBJECTS} objects; give fewer at once")]
    TooMany,
    #[error("{file}: is empty")]
    Empty { file: String },
    #[error(
        "{file}: is neither PEM nor DER nor PKCS#12: it has no line `-----BEGIN …-----` and does \
         not begin with a SEQUENCE (octet 30)"
    )]
    Unknown { file: String },
    #[error("{file}: the password does not open this PKCS#12 file; give one by --password-file")]
    Password { file: String },
    #[error("{file}: this PKCS#12 file cannot be opened: {reason}")]
    Pkcs12 { file: String, reason: String },
    #[error(
        "{file}: this PKCS#12 file was not open after {} seconds; its key derivation asks for more \
         rounds than any honest file needs",
        PKCS12_LIMIT.as_secs()
    )]
    Slow { file: String },
}

/// How an object is wrapped in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Pem,
    Der,
    Pkcs12,
}

/// One object of a file, undecoded.
#[derive(Clone, Debug)]
pub(super) struct Object {
    /// Place of its file among the inputs.
    pub(super) file: usize,
    pub(super) file_name: String,
    /// Place among the objects of the file, from 1.
    pub(super) number: usize,
    /// Octets of the file before it.
    pub(super) offset: Option<usize>,
    pub(super) form: Form,
    /// Of the PEM block; empty otherwise.
    pub(super) label: String,
    pub(super) kind: Kind,
    /// Empty for a PEM block that cannot be decoded, and for private keys.
    pub(super) der: Vec<u8>,
}

pub(super) fn read(inputs: &[Input], password: Option<&str>) -> Result<Vec<Object>, Error> {
    let mut objects = Vec::new();
    for (file, input) in inputs.iter().enumerate() {
        let room = MAX_OBJECTS - objects.len();
        let found = read_file(file, input, password, room)?;
        if found.len() > room {
            return Err(Error::TooMany);
        }
        objects.extend(found);
    }
    Ok(objects)
}

fn read_file(
    file: usize,
    input: &Input,
    password: Option<&str>,
    room: usize,
) -> Result<Vec<Object>, Error> {
    let name = || input.name.clone();
    let bytes = input.bytes.as_slice();
    if bytes.len() > MAX_FILE {
        let (file, size) = (name(), bytes.len());
        return Err(Error::TooLarge { file, size });
    }
    let object = |number, offset, form, label: &str, der| Object {
        file,
        file_name: name(),
        number,
        offset,
        form,
        label: label.to_owned(),
        kind: Kind::Unknown,
        der,
    };
    let objects: Vec<Object> = if bytes.is_empty() {
        return Err(Error::Empty { file: name() });
    } else if bytes.first() == Some(&SEQUENCE) {
        if is_pkcs12(bytes) {
            let certificates = open_pkcs12(input, password.unwrap_or_default())?;
            let numbered = certificates.into_iter().enumerate().take(room + 1);
            numbered
                .map(|(index, der)| object(index + 1, None, Form::Pkcs12, "", der))
                .collect()
        } else {
            vec![object(1, Some(0), Form::Der, "", bytes.to_vec())]
        }
    } else {
        let blocks = pem_blocks(bytes).take(room + 1).enumerate();
        blocks
            .map(|(index, block)| {
                let der = block.der().unwrap_or_default();
                object(index + 1, Some(block.start), Form::Pem, &block.label, der)
            })
            .collect()
    };
    if objects.is_empty() {
        return Err(Error::Unknown { file: name() });
    }
    Ok(objects.into_iter().map(classified).collect())
}

/// The object with its kind, by its label and by its form. A private key's octets are forgotten.
fn classified(mut object: Object) -> Object {
    object.kind = match object.label.as_str() {
        label if label.ends_with("PRIVATE KEY") => Kind::PrivateKey,
        label => match (kind_of(&object.der), label) {
            (Kind::Unknown, "CERTIFICATE" | "X509 CERTIFICATE") => Kind::Certificate,
            (Kind::Unknown, "X509 CRL") => Kind::Crl,
            (Kind::Unknown, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST") => Kind::Request,
            (by_shape, _) => by_shape,
        },
    };
    if object.kind == Kind::PrivateKey {
        object.der = Vec::new();
    }
    object
}

/// What an encoding is, by the shape of its first elements.
fn kind_of(der: &[u8]) -> Kind {
    let Some(outer) = tlv::first(der) else {
        return Kind::Unknown;
    };
    let parts: Vec<Tlv<'_>> = outer.children().take(4).collect();
    let tags: Vec<u8> = parts.iter().map(|part| part.tag).collect();
    match tags.as_slice() {
        // PKCS#1, PKCS#8, RFC 5915, and PKCS#8 under a password.
        [INTEGER, INTEGER | SEQUENCE | OCTET_STRING, ..] | [SEQUENCE, OCTET_STRING] => {
            Kind::PrivateKey
        }
        [SEQUENCE, SEQUENCE, BIT_STRING, ..] => parts
            .first()
            .map_or(Kind::Unknown, |signed| kind_of_signed(signed)),
        _ => Kind::Unknown,
    }
}

/// A request has a public key where a CRL has a time and a certificate a name or a validity.
fn kind_of_signed(signed: &Tlv<'_>) -> Kind {
    let parts: Vec<Tlv<'_>> = signed.children().take(4).collect();
    let tags: Vec<u8> = parts.iter().map(|part| part.tag).collect();
    let inner = |index: usize| {
        let inner = parts.get(index).and_then(|part| part.child(1));
        inner.map(|part| part.tag)
    };
    match tags.as_slice() {
        [
            SEQUENCE,
            SEQUENCE,
            tlv::UTC_TIME | tlv::GENERALIZED_TIME,
            ..,
        ]
        | [
            INTEGER,
            SEQUENCE,
            SEQUENCE,
            tlv::UTC_TIME | tlv::GENERALIZED_TIME,
        ] => Kind::Crl,
        [INTEGER, SEQUENCE, SEQUENCE, ..] if inner(2) == Some(BIT_STRING) => Kind::Request,
        _ => Kind::Certificate,
    }
}

/// PFX (RFC 7292): version 3, then a content type.
fn is_pkcs12(der: &[u8]) -> bool {
    let Some(outer) = tlv::first(der) else {
        return false;
    };
    let version = outer.child(0);
    let content_type = outer.child(1).and_then(|content| content.child(0));
    version.is_some_and(|part| part.tag == INTEGER && part.contents == [3])
        && content_type.is_some_and(|part| part.tag == OID)
}

/// The certificates of a PKCS#12 file, in its order.
fn open_pkcs12(input: &Input, password: &str) -> Result<Vec<Vec<u8>>, Error> {
    let file = input.name.clone();
    let (bytes, password) = (input.bytes.clone(), password.to_owned());
    let (sender, receiver) = mpsc::channel();
    // Key derivation cannot be interrupted: where it takes too long, it is left to itself.
    thread::spawn(move || {
        let open = || Pkcs12Archive::from_pkcs12(&bytes, &password);
        // The caller may have stopped waiting.
        let _ = sender.send(panic::catch_unwind(AssertUnwindSafe(open)));
    });
    let broken = |reason: String| Error::Pkcs12 {
        file: file.clone(),
        reason,
    };
    match receiver.recv_timeout(PKCS12_LIMIT) {
        Ok(Ok(Ok(archive))) => {
            let certificates = archive.certs.iter();
            let ders: Vec<_> = certificates.map(|bag| bag.cert.as_der().to_vec()).collect();
            if ders.is_empty() {
                return Err(broken("it holds no certificate".into()));
            }
            Ok(ders)
        }
        Ok(Ok(Err(Pkcs12Error::MacError(_)))) => Err(Error::Password { file }),
        Ok(Ok(Err(error))) => Err(broken(error.to_string())),
        Ok(Err(_panic)) => Err(broken("its structure is broken".into())),
        Err(_timeout) => Err(Error::Slow { file }),
    }
}

struct PemBlock<'a> {
    label: String,
    /// Octets of the file before its first line.
    start: usize,
    /// All of it, with its first and last line; up to the next block if it has no last line.
    text: &'a [u8],
}

impl PemBlock<'_> {
    fn der(&self) -> Option<Vec<u8>> {
        let pem = Pem::iter_from_buffer(self.text).next()?.ok()?;
        Some(pem.contents)
    }
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

fn pem_blocks(bytes: &[u8]) -> impl Iterator<Item = PemBlock<'_>> {
    let mut starts = line_starts(bytes)
        .filter(|at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(BEGIN)))
        .peekable();
    std::iter::from_fn(move || {
        let start = starts.next()?;
        let stop = starts.peek().copied().unwrap_or(bytes.len());
        let text = bytes.get(start..stop).unwrap_or_default();
        let last =
            line_starts(text).find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(END)));
        let end = last.map_or(text.len(), |at| {
            let rest = text.get(at..).unwrap_or_default();
            at + rest.iter().position(|c| *c == b'\n').unwrap_or(rest.len())
        });
        let head = text.split(|c| *c == b'\n').next().unwrap_or_default();
        let label = String::from_utf8_lossy(head.get(BEGIN.len()..).unwrap_or_default());
        Some(PemBlock {
            label: label.trim_end().trim_end_matches('-').to_owned(),
            start,
            text: text.get(..end).unwrap_or_default(),
        })
    })
}

fn line_starts(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let ends = bytes.iter().enumerate().filter(|(_, c)| **c == b'\n');
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1))
}
