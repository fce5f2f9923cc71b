//! What a run may be compared with: a matrix that somebody published or decided, folded as a printed
//! one is. Only the comparison reads it.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Outcome;
use crate::text::Text;

/// An expected matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What it is called inside a sentence.
    pub title: Text,
    pub source: Citation,
    /// SHA-256 of the file that it was read from, 64 hexadecimal digits.
    pub sha256: String,
    /// The vendors in the order of the matrix.
    pub vendors: Vec<ExpectedVendor>,
    /// Ids of the cases in the order of the matrix.
    pub cases: Vec<String>,
    /// One entry for each case on each pair of vendors.
    pub cells: Vec<ExpectedCell>,
}

/// Where an expected matrix was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    pub title: Text,
    pub publisher: Text,
    /// The day of publication, such as `2018-04-19`.
    #[schemars(with = "String", extend("format" = "date"))]
    pub date: Date,
}

/// A vendor of an expected matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedVendor {
    /// Id of the vendor's profile.
    pub id: String,
    /// What the source calls the vendor.
    pub name: Text,
}

/// What is expected of one case on a pair of vendors, whichever of them initiates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCell {
    pub case: String,
    /// Vendor id of the row.
    pub row: String,
    /// Vendor id of the column; the same as `row` on the diagonal.
    pub column: String,
    pub outcome: Expected,
}

/// The outcomes that can be expected: nobody expects a fault of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// ○
    Pass,
    /// ×
    Fail,
    /// 機能なし
    Unsupported,
}

impl Expectation {
    /// The vendor with this id.
    pub fn vendor(&self, id: &str) -> Option<&ExpectedVendor> {
        self.vendors.iter().find(|vendor| vendor.id == id)
    }
}

impl Expected {
    /// The outcome of a cell that is as expected.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Pass => Outcome::Pass,
            Self::Fail => Outcome::Fail,
            Self::Unsupported => Outcome::Unsupported,
        }
    }
}
