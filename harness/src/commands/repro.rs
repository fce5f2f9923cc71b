//! `ikematrix repro`: one cell again.

use reports::text::Lang;

use super::print;
use super::run::{Task, carry_out, exit_code};
use super::verify::signing_key;
use crate::cli::{Common, Repro, parse_cell};
use crate::engine::{Issuing, Orders};
use crate::failure::Failure;
use crate::plan::Plan;
use crate::project::Project;

pub(crate) async fn repro(common: &Common, arguments: &Repro) -> Result<u8, Failure> {
    let (case, pair) = parse_cell(&arguments.cell)
        .map_err(|why| Failure::input(format!("{:?}: {why}", arguments.cell)))?;
    let project = Project::load(common.project.as_deref())?;
    let case = project.case(&case)?;
    let profiles = project.select_profiles(&[pair.initiator.clone(), pair.responder.clone()])?;
    let plan = Plan::new(
        profiles,
        vec![case],
        project.certificates().clone(),
        Some(&[pair]),
    );
    let orders = Orders {
        parallel: Some(1),
        out: arguments.out.clone(),
        keep: arguments.keep,
        tries: 1,
    };
    let key = signing_key(None)?;
    let task = Task {
        project: &project,
        plan: &plan,
        expectation: None,
        issuing: Issuing::now()?,
    };
    let carried = carry_out(common, task, &arguments.place, &orders).await?;
    carried.seal(key.as_ref())?;
    if arguments.keep
        && carried.record.complete
        && let Ok(lab) = &carried.prepared.lab
    {
        lab.keep(&arguments.cell).await?;
        print(match common.lang() {
            Lang::En => KEPT_EN,
            Lang::Ja => KEPT_JA,
        });
    }
    Ok(exit_code(&carried.record))
}

const KEPT_EN: &str = "
The lab is still up:  alice -- moon == wan == sun -- bob   (moon is the initiator)
  ikematrix shell moon        ikematrix shell alice
  ikematrix shell sun         ikematrix shell bob
  ikematrix shell moon -- ip -s xfrm state
When you are done:
  ikematrix clean
";

const KEPT_JA: &str = "
試験環境は起動したままです:  alice -- moon == wan == sun -- bob   （moon が開始側）
  ikematrix shell moon        ikematrix shell alice
  ikematrix shell sun         ikematrix shell bob
  ikematrix shell moon -- ip -s xfrm state
終了するには:
  ikematrix clean
";
