//! `ikematrix repro`: one cell again.

use jiff::Timestamp;
use reports::text::Lang;

use super::print;
use super::run::{Task, carry_out, exit_code};
use super::verify::signing_key;
use crate::cli::{Common, Repro, parse_cell};
use crate::engine::{Issuing, Orders};
use crate::failure::Failure;
use crate::plan::{Pair, Plan};
use crate::project::Project;
use crate::session;

mod differences;
mod recorded;

use differences::Comparison;
use recorded::{Recorded, project_of_now};

pub(crate) async fn repro(common: &Common, arguments: &Repro) -> Result<u8, Failure> {
    let (case, pair) = parse_cell(&arguments.cell)
        .map_err(|why| Failure::input(format!("{:?}: {why}", arguments.cell)))?;
    let key = signing_key(None)?;
    let recorded = match &arguments.from {
        Some(path) => Some(Recorded::open(path)?),
        None => None,
    };
    let own: Project;
    let (project, plan, issuing) = match &recorded {
        Some(recorded) => {
            recorded.check_cell(&arguments.cell)?;
            let plan = plan(&recorded.project, &case, pair)?;
            let issuing = match plan.cells.first() {
                Some(cell) => recorded.issuing(cell, Timestamp::now())?,
                None => Issuing::now()?,
            };
            (&recorded.project, plan, issuing)
        }
        None => {
            own = Project::load(common.project.as_deref())?;
            let plan = plan(&own, &case, pair)?;
            (&own, plan, Issuing::now()?)
        }
    };
    if arguments.keep && plan.has_external() {
        return Err(Failure::input(
            "--keep is for labs that run both routers: an external one cannot be left up with the \
             lab; leave --keep out",
        ));
    }
    let orders = Orders {
        parallel: Some(1),
        out: arguments.out.clone(),
        keep: arguments.keep,
        tries: 1,
        desk: None,
    };
    let task = Task {
        project,
        plan: &plan,
        expectation: None,
        issuing,
    };
    let carried = carry_out(common, task, &arguments.place, &orders).await?;
    carried.seal(key.as_ref())?;
    if let Some(recorded) = &recorded {
        let of_now = project_of_now(common)?;
        let comparison =
            Comparison::new(recorded, &carried.record, &arguments.cell, of_now.as_ref());
        print(&comparison.tell(common.lang()));
    }
    if arguments.keep
        && carried.record.complete
        && let Ok(lab) = &carried.prepared.lab
    {
        let attempts = carried.record.cells.first().map_or(1, |cell| cell.attempts);
        session::keep(lab, project, &plan, attempts).await?;
        print(match common.lang() {
            Lang::En => KEPT_EN,
            Lang::Ja => KEPT_JA,
        });
    }
    Ok(exit_code(&carried.record))
}

fn plan(project: &Project, case: &str, pair: Pair) -> Result<Plan, Failure> {
    let case = project.case(case)?;
    let profiles = project.select_profiles(&[pair.initiator.clone(), pair.responder.clone()])?;
    Ok(Plan::new(
        profiles,
        vec![case],
        project.certificates().clone(),
        Some(&[pair]),
    ))
}

const KEPT_EN: &str = "
The lab is still up:  alice -- moon == wan == sun -- bob   (moon is the initiator)
  ikematrix shell moon        ikematrix shell alice
  ikematrix shell sun         ikematrix shell bob
  ikematrix shell moon -- ip -s xfrm state
  ikematrix logs --follow sun          what a daemon says
  ikematrix capture wan                packets, for Wireshark
  ikematrix reload moon                after you have edited its configuration
  ikematrix initiate                   try again
When you are done:
  ikematrix down
";

const KEPT_JA: &str = "
試験環境は起動したままです:  alice -- moon == wan == sun -- bob   （moon が開始側）
  ikematrix shell moon        ikematrix shell alice
  ikematrix shell sun         ikematrix shell bob
  ikematrix shell moon -- ip -s xfrm state
  ikematrix logs --follow sun          デーモンの出力
  ikematrix capture wan                パケット（Wireshark 用）
  ikematrix reload moon                設定を編集した後の再読み込み
  ikematrix initiate                   もう一度接続
終了するには:
  ikematrix down
";
