//! What the pages are made of: a run with its cells found by their coordinates, and its folder.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use crate::file;
use crate::model::{CaseRecord, Cell, Run, Vendor};
use crate::private_key;
use crate::seal::{self, Seal};
use crate::text::Text;

/// With more cells than this, transcripts and configurations of passes are files beside their pages:
/// twenty thousand passes told in full would be some 300 MB.
const MOST_IN_FULL: usize = 5000;

pub(super) struct Source<'run> {
    pub(super) run: &'run Run,
    /// The folder of `run.json`.
    pub(super) folder: &'run Path,
    /// What the seal of the run says; absent when it was not sealed.
    pub(super) seal: Option<Seal>,
    /// The run is so large that passes are told in brief.
    pub(super) brief: bool,
    cells: HashMap<(&'run str, &'run str, &'run str), &'run Cell>,
    cases: HashMap<&'run str, &'run CaseRecord>,
    vendors: HashMap<&'run str, &'run Vendor>,
}

impl<'run> Source<'run> {
    /// # Errors
    ///
    /// The run bears a seal or a signature that is not good.
    pub(super) fn new(run: &'run Run, folder: &'run Path) -> Result<Self, seal::Error> {
        let coordinates = |cell: &'run Cell| (&*cell.case, &*cell.initiator, &*cell.responder);
        let cells = run.cells.iter().map(|cell| (coordinates(cell), cell));
        Ok(Self {
            run,
            folder,
            seal: seal::read_for_site(folder)?,
            brief: run.cells.len() > MOST_IN_FULL,
            cells: cells.collect(),
            cases: run.cases.iter().map(|case| (&*case.id, case)).collect(),
            vendors: run
                .vendors
                .iter()
                .map(|vendor| (&*vendor.id, vendor))
                .collect(),
        })
    }

    pub(super) fn cell(&self, case: &str, initiator: &str, responder: &str) -> Option<&'run Cell> {
        self.cells.get(&(case, initiator, responder)).copied()
    }

    pub(super) fn case(&self, id: &str) -> Option<&'run CaseRecord> {
        self.cases.get(id).copied()
    }

    pub(super) fn vendor(&self, id: &str) -> Option<&'run Vendor> {
        self.vendors.get(id).copied()
    }

    /// The name of a vendor, or its id where the record does not list it.
    pub(super) fn name(&self, vendor: &str) -> Text {
        self.vendor(vendor)
            .map_or_else(|| Text::same(vendor), |vendor| vendor.name.clone())
    }

    /// The lines of a file that the run was made of; none when the run's folder does not hold it.
    /// `path` is made of ids of the record, which name no folder above.
    pub(super) fn input(&self, path: &str) -> Option<Vec<String>> {
        const MOST: u64 = 64 * 1024;
        let inputs = self.run.inputs.as_ref()?;
        let folder = self.folder.join(&inputs.project);
        let (folder, path) = (
            folder.canonicalize().ok()?,
            folder.join(path).canonicalize().ok()?,
        );
        let run = self.folder.canonicalize().ok()?;
        if !(folder.starts_with(run) && path.starts_with(&folder) && path.is_file()) {
            return None;
        }
        let mut octets = Vec::new();
        file::open(&path, u64::MAX)
            .ok()?
            .take(MOST)
            .read_to_end(&mut octets)
            .ok()?;
        if private_key::is_in(&octets) {
            return None;
        }
        let text = String::from_utf8_lossy(&octets);
        Some(text.lines().map(tabs_as_blanks).collect())
    }
}

/// A tab in the field's files is an indentation.
pub(super) fn tabs_as_blanks(line: &str) -> String {
    line.replace('\t', "    ")
}
