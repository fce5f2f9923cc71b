//! `ikematrix clean`: removes what labs left behind, and labs that were left up on purpose.

use reports::text::Lang;

use super::print;
use crate::cli::Common;
use crate::failure::{AS_EXPECTED, Failure};

pub(crate) fn clean(common: &Common) -> Result<u8, Failure> {
    let leftovers = lab::home::leftovers();
    for leftover in &leftovers {
        leftover.remove()?;
    }
    let count = leftovers.len() + lab::docker::sweep()?;
    print(&match common.lang() {
        Lang::En => format!("labs removed: {count}\n"),
        Lang::Ja => format!("{count} 個の試験環境を削除しました\n"),
    });
    Ok(AS_EXPECTED)
}
