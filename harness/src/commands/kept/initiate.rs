//! `ikematrix initiate`: the tunnel once more, and what all observers see of it.

use std::time::Instant;

use cases::Role;
use lab::LabError;
use reports::model::{Observation, Sight};
use reports::text::Lang;

use super::words;
use crate::cli::Common;
use crate::commands::print;
use crate::engine::probes::{Probes, send};
use crate::engine::settle::{POLL, Watched, settle};
use crate::engine::topology::WAN;
use crate::failure::{AS_EXPECTED, Failure, NOT_AS_EXPECTED};
use crate::judge::kernel_sa::has_both_directions;
use crate::judge::wire::Wire;
use crate::judge::{Ends, Sightings, passes};
use crate::session::Session;

/// The lab's name for the capture of this trial.
const NAME: &str = "initiate";
const LIMIT: u64 = 16 * 1024 * 1024;

/// Takes down what stands, has moon set up the tunnel anew, sends probes both ways, and tells what
/// each observer saw.
pub(in crate::commands) async fn initiate(common: &Common) -> Result<u8, Failure> {
    let session = Session::open().await?;
    take_down(&session).await?;
    let probes = Probes::fresh(session.limits)?;
    let _ = session.testbed.stop_capture(NAME).await;
    let comment = "ikematrix initiate".to_owned();
    session
        .testbed
        .start_capture(NAME, &[WAN], LIMIT, comment)
        .await?;
    let (moon, sun) = (&session.routers.initiator, &session.routers.responder);
    let watched = [
        Watched::from_now(moon).await?,
        Watched::from_now(sun).await?,
    ];
    let accepted = moon.initiate().await?;
    settle(&session.testbed, watched, accepted, session.limits).await?;
    let traffic = send(&session.testbed, &probes, None).await?;
    let captured = session.testbed.stop_capture(NAME).await?;
    if captured.cut {
        return Err(Failure::lab("the wan carried more than a capture holds"));
    }
    let wire = Wire::read(&captured.pcapng, &probes.mark)
        .map_err(|why| Failure::lab(format!("the capture is unreadable: {why}")))?;
    let (sas_moon, sas_sun, control_moon, control_sun) = tokio::try_join!(
        moon.sas(),
        sun.sas(),
        moon.control_state(),
        sun.control_state(),
    )?;
    let sightings = Sightings {
        control: Ends {
            initiator: control_moon,
            responder: control_sun,
        },
        sas: Ends {
            initiator: sas_moon,
            responder: sas_sun,
        },
        traffic,
        not_rekeyed: Vec::new(),
        sites: Ends {
            initiator: moon.site,
            responder: sun.site,
        },
        closed: Ends::default(),
        wire,
    };
    let observations = sightings.observations();
    print(&tell(&observations, common.lang()));
    Ok(if passes(&observations) {
        AS_EXPECTED
    } else {
        NOT_AS_EXPECTED
    })
}

/// Ends the tunnel by the initiator's own command, if there is one, and waits until both kernels have
/// forgotten it, but not for ever: the trial that follows shows what is left.
async fn take_down(session: &Session) -> Result<(), LabError> {
    let stands = async || -> Result<bool, LabError> {
        for role in Role::BOTH {
            let router = session.routers.of(role);
            let sas = router.sas().await?;
            if has_both_directions(&sas, router.site.own_address()) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    if !stands().await? {
        return Ok(());
    }
    session.routers.initiator.terminate().await?;
    let start = Instant::now();
    while stands().await? && start.elapsed() < session.limits.establish() {
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}

/// One line for each observer, and a last one that sums up.
fn tell(observations: &[Observation], lang: Lang) -> String {
    let mut text = String::new();
    for observation in observations {
        let mark = match observation.verdict {
            Sight::Good => "○",
            Sight::Bad => "×",
            Sight::Silent => "－",
        };
        let (observer, place) = (observation.observer.name(), observation.place.name());
        let detail = observation.detail.in_lang(lang);
        let detail = reports::escape::visible(detail, 600);
        text.push_str(&format!(
            "{mark} {} ({}): {detail}\n",
            observer.in_lang(lang),
            place.in_lang(lang)
        ));
    }
    let sum = words::sum(passes(observations));
    text.push_str(sum.in_lang(lang));
    text.push('\n');
    text
}
