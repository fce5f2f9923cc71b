//! `ikematrix sheet`: what a person sets on a router that the lab does not run.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use cases::Role;
use clap::{Args, ValueEnum};
use reports::text::{Lang, Text};
use vendors::external::GENERIC;
use vendors::sheet::{Material, Sheet as Rendered, Sheets, Subject, material};

use super::print;
use crate::cli::Common;
use crate::engine::credentials::{CredentialStore, Issuing};
use crate::engine::router::{Keys, settings};
use crate::failure::{AS_EXPECTED, Failure};
use crate::plan::{Pair, Plan};
use crate::project::{Project, VENDORS};
use crate::{sheet_files, words};

#[cfg(test)]
mod tests;

#[derive(Args)]
pub(crate) struct Sheet {
    /// The vendor whose router is set up
    vendor: String,
    /// The case
    case: String,
    /// The vendor at the other end [default: the same]
    #[arg(long, value_name = "ID")]
    peer: Option<String>,
    /// Which end the router is
    #[arg(long, value_enum, default_value = "initiator")]
    role: RoleChoice,
    /// The model of the router: a folder of vendor-profiles/sheets/ [default: that of an external
    /// router's profile, else generic]
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Folder, not there yet, for the sheet, the commands, the keys and the certificates
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleChoice {
    Initiator,
    Responder,
}

pub(crate) async fn sheet(common: &Common, arguments: &Sheet) -> Result<u8, Failure> {
    let project = Project::load(common.project.as_deref())?;
    let (rendered, files) = render(&project, arguments, common.lang()).await?;
    if let Some(folder) = &arguments.out {
        write(folder, &rendered, &files)?;
    }
    print(&rendered.text);
    if let Some(folder) = &arguments.out {
        let folder = folder.display();
        let written = Text::new(
            format!("\nwritten, with secrets, for you alone: {folder}\n"),
            format!("\n秘密情報を含むファイルを出力しました（所有者のみ読取り可能）: {folder}\n"),
        );
        print(written.in_lang(common.lang()));
    }
    Ok(AS_EXPECTED)
}

async fn render(
    project: &Project,
    arguments: &Sheet,
    lang: Lang,
) -> Result<(Rendered, Vec<Material>), Failure> {
    let sheets = Sheets::load(&project.folder().join(VENDORS).join("sheets"))?;
    let vendor = project.profile(&arguments.vendor)?;
    let own = vendor.external.as_ref().map(|external| &external.sheet);
    let model = arguments.model.as_ref().or(own);
    let model = sheets.model(model.map_or(GENERIC, String::as_str));
    let model = model.map_err(Failure::input)?;
    let peer = project.profile(arguments.peer.as_ref().unwrap_or(&arguments.vendor))?;
    let case = project.case(&arguments.case)?;
    let (role, initiator, responder) = match arguments.role {
        RoleChoice::Initiator => (Role::Initiator, &vendor, &peer),
        RoleChoice::Responder => (Role::Responder, &peer, &vendor),
    };
    let pair = Pair {
        initiator: initiator.id.clone(),
        responder: responder.id.clone(),
    };
    let mut profiles = vec![vendor.clone()];
    if peer.id != vendor.id {
        profiles.push(peer.clone());
    }
    let certificates = project.certificates().clone();
    let plan = Plan::new(profiles, vec![case.clone()], certificates, Some(&[pair]));
    let cell = plan
        .cells
        .first()
        .ok_or_else(|| Failure::input("there is no such pairing"))?;
    let lacking = cell.lacking();
    if !lacking.is_empty() {
        let text = words::declared_unsupported(&lacking, &case);
        return Err(Failure::input(text.in_lang(lang)));
    }
    let store = CredentialStore::begin(&plan, Issuing::now()?);
    let shown = store.of_cell(cell).await?;
    let router = settings(&case, role, &vendor, &peer, &Keys::fresh()?, shown.as_ref());
    let subject = Subject {
        vendor: &vendor,
        peer: &peer,
        case: &case,
        router: &router,
        has_files: arguments.out.is_some(),
    };
    let rendered = sheets
        .render(model, subject, lang)
        .map_err(Failure::input)?;
    Ok((rendered, material(&router.auth)))
}

/// Writes the folder whole or not at all.
fn write(folder: &Path, rendered: &Rendered, files: &[Material]) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::input(format!("{} cannot be written: {error}", folder.display()))
    };
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::input(format!(
            "{} is there already; name another folder with --out",
            folder.display()
        )));
    }
    let parent = folder.parent().filter(|parent| *parent != Path::new(""));
    let staging = tempfile::Builder::new()
        .prefix(".sheet-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent.unwrap_or_else(|| Path::new(".")))
        .map_err(cannot)?;
    sheet_files::fill(staging.path(), rendered, files)?;
    // A folder that came in between is not replaced unless it is empty.
    std::fs::rename(staging.path(), folder).map_err(cannot)?;
    let _moved = staging.keep();
    Ok(())
}
