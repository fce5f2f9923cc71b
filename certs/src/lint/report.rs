//! What a check found: the JSON that `certs lint` prints.
//!
//! The committed JSON Schema (`certs/schema/lint-1.json`) is generated from these types. A change
//! that an old reader would misread needs a new [`SCHEMA`] number.

use jiff::Timestamp;
use reports::text::{Text, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lint::rule::Level;

/// Version of the format that this program writes.
pub const SCHEMA: u32 = 1;

/// Everything that was checked, and what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Version of this format.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: u32,
    /// The profile as `--profile` names it.
    pub profile: String,
    /// `2007` or `current`: which age of the standards decided on algorithms.
    pub text: String,
    /// The time at which the objects were to be valid (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// In the order of the files and of the objects in them.
    pub objects: Vec<ObjectReport>,
    pub summary: Summary,
}

/// One certificate, request, CRL or other object of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectReport {
    /// The file as the caller named it.
    pub file: String,
    /// Place among the objects of the file, from 1.
    pub number: usize,
    /// Octets of the file before the object; absent inside PKCS#12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    pub kind: Kind,
    /// What a certificate or a request is for, such as `end entity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
    /// Subject, or issuer of a CRL, in the order of its RDNs; absent where it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Serial number in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Errors first.
    pub findings: Vec<Finding>,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Certificate,
    Crl,
    Request,
    PrivateKey,
    Unknown,
}

/// One rule that an object breaks, at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule's id, such as `PX-12`.
    pub rule: String,
    /// The document that the rule is from, such as `RFC 4945`.
    pub document: String,
    /// Its section there.
    pub section: String,
    /// The document's own word.
    pub level: Level,
    pub severity: Severity,
    /// What the rule demands.
    pub title: Text,
    /// The offending field, such as `subjectAltName.dNSName[0]`.
    pub field: String,
    /// What stands there, with control and direction characters escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What to change.
    pub change: Text,
    /// Why the severity is not that of the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Text>,
    /// Octets of the object's DER before the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// Further findings of this rule in this object that are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// How bad a finding is. The worst is the greatest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

impl Severity {
    pub fn words(self) -> Words {
        match self {
            Self::Note => Words {
                en: "note",
                ja: "注記",
            },
            Self::Warning => Words {
                en: "warning",
                ja: "警告",
            },
            Self::Error => Words {
                en: "error",
                ja: "エラー",
            },
        }
    }
}

/// Counts over all objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub objects: usize,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

impl Summary {
    pub(super) fn of(objects: &[ObjectReport]) -> Self {
        let count = |severity| {
            let findings = objects.iter().flat_map(|object| &object.findings);
            let such = findings.filter(|finding| finding.severity == severity);
            such.map(|finding| 1 + finding.omitted).sum()
        };
        Self {
            objects: objects.len(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }
}

impl Kind {
    pub fn words(self) -> Words {
        match self {
            Self::Certificate => Words {
                en: "certificate",
                ja: "証明書",
            },
            Self::Crl => Words {
                en: "CRL",
                ja: "CRL",
            },
            Self::Request => Words {
                en: "certificate request",
                ja: "証明書発行要求",
            },
            Self::PrivateKey => Words {
                en: "private key",
                ja: "秘密鍵",
            },
            Self::Unknown => Words {
                en: "unreadable object",
                ja: "解読できないデータ",
            },
        }
    }
}
