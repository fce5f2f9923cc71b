//! Configuration sheets: what a person sets on a router that the lab does not run.
//!
//! A [`Sheets`] is the folder `vendor-profiles/sheets`: the frame of every sheet, and for each model
//! of router what it can be told and a draft of the commands. A sheet follows from the same
//! [`RouterSettings`] as the files of a router in the lab.

use std::path::Path;

use cases::{Case, Role};
use files::source::folders;
use files::{Problem, Problems, use_known};
use reports::text::{Lang, Text};
use serde::Serialize;

use crate::profile::Profile;
use crate::router::RouterSettings;
use crate::templates::Templates;

mod gaps;
mod material;
mod model;
mod view;
mod words;

pub use gaps::{Gap, Lack};
pub use material::{Material, material};
pub use model::{Model, Verification};

/// The template that every sheet is rendered from.
const FRAME: &str = "sheet.md.tera";
/// Stand in a sheet for what only the folder of the sheet holds.
const PSK: &str = "<PSK>";
const PASSWORD: &str = "<PASSWORD>";

/// Every model of router that there is a sheet for.
#[derive(Clone, Debug)]
pub struct Sheets {
    frame: Templates,
    /// By the names of their folders; never empty.
    models: Vec<Model>,
}

/// What a sheet is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Whose router is set up.
    pub vendor: &'a Profile,
    /// Whose router is at the other end.
    pub peer: &'a Profile,
    pub case: &'a Case,
    pub router: &'a RouterSettings,
    /// Whether the files that the sheet names are written beside it.
    pub has_files: bool,
}

/// A sheet for people, and its commands for a router.
#[derive(Clone)]
pub struct Sheet {
    /// Markdown. It holds no secret: [`PSK`](Sheet::commands) and the like stand in their places.
    pub text: String,
    /// The commands with the secrets in them; `None` where the model has no draft, or where the case
    /// cannot be set up by it.
    pub commands: Option<String>,
    pub gaps: Vec<Gap>,
}

/// A model that there is no sheet for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no sheet for the model {id:?}\n{}", use_known(id, known))]
pub struct UnknownModel {
    pub id: String,
    pub known: Vec<String>,
}

impl Sheets {
    /// Loads the folder `vendor-profiles/sheets` and checks all that is in it.
    ///
    /// # Errors
    ///
    /// Something is wrong with one or more of the files; every file is looked at.
    pub fn load(dir: &Path) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let frame = Templates::compile(Templates::read(dir)?)?;
        if !frame.names().any(|name| name == FRAME) {
            let message = format_args!("the folder has no {FRAME}\nadd the frame of the sheets");
            problems.push(Problem::of_file(dir, message));
        }
        problems.extend(frame.unknown_variables(&view::frame_variables()));
        let mut models = Vec::new();
        for folder in folders(dir)? {
            match Model::load(&folder) {
                Ok(model) => models.push(model),
                Err(found) => problems.extend(found.into_vec()),
            }
        }
        if models.is_empty() && problems.is_empty() {
            let message = "no model in this folder\na model is a folder with a model.toml";
            problems.push(Problem::of_file(dir, message));
        }
        Problems::none_in(problems)?;
        Ok(Self { frame, models })
    }

    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The model with this id.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn model(&self, id: &str) -> Result<&Model, UnknownModel> {
        let found = self.models.iter().find(|model| model.id == id);
        found.ok_or_else(|| UnknownModel {
            id: id.to_owned(),
            known: self.models.iter().map(|model| model.id.clone()).collect(),
        })
    }

    /// The sheet of one router for one model.
    ///
    /// # Errors
    ///
    /// A template trips over these settings.
    pub fn render(
        &self,
        model: &Model,
        subject: Subject<'_>,
        lang: Lang,
    ) -> Result<Sheet, Problem> {
        let fitting = gaps::Fitting::new(model, subject.router);
        let mut shown = None;
        let mut commands = None;
        if let (Some(draft), true) = (&model.draft, fitting.can_be_set_up()) {
            let view = |secrets| view::Commands::new(&fitting, subject.router, secrets);
            shown = Some(draft.templates.render(model::COMMANDS, &view(false))?);
            commands = Some(draft.templates.render(model::COMMANDS, &view(true))?);
        }
        let view = view::Frame::new(model, subject, &fitting.gaps, shown.as_deref(), lang);
        Ok(Sheet {
            text: self.frame.render(FRAME, &view)?,
            commands,
            gaps: fitting.gaps,
        })
    }
}

/// The word for a role, as part of a sentence.
fn role(role: Role) -> Text {
    match role {
        Role::Initiator => Text::new("initiator", "開始側"),
        Role::Responder => Text::new("responder", "応答側"),
    }
}

/// A value with its name.
#[derive(Clone, Debug, Serialize)]
struct Row {
    name: String,
    value: String,
}
