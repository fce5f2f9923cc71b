//! What a person can do in a lab that `repro --keep` has left up: read logs, listen to the wan, load a
//! changed configuration, try again, and remove it.

mod capture;
mod initiate;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::print;
use super::run::stop_on_signal;
use crate::cli::Common;
use crate::failure::{AS_EXPECTED, Failure, NOT_AS_EXPECTED};
use crate::session::Session;

pub(super) use capture::capture;
pub(super) use initiate::initiate;

/// How often a lab is looked at again by those who follow it.
const PACE: Duration = Duration::from_millis(500);

#[derive(Args)]
pub(crate) struct Logs {
    /// moon or sun
    node: String,
    /// Go on with what is logged from now on, until interrupted
    #[arg(short, long)]
    follow: bool,
}

#[derive(Args)]
pub(crate) struct Capture {
    /// wan, lan-moon or lan-sun
    pub(super) link: String,
    /// File for the packets as pcapng, which must not be there yet, or - for standard output
    /// [default: the link's name with .pcapng]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Reload {
    /// moon or sun [default: both]
    node: Option<String>,
}

/// Prints what the router's daemon has logged; what a program prints before the daemon runs comes
/// first.
pub(super) async fn logs(arguments: &Logs) -> Result<u8, Failure> {
    let stop = stop_on_signal()?;
    let mut printed = BTreeMap::new();
    loop {
        // What was logged until then is printed as well.
        let is_last = !arguments.follow || stop.is_cancelled();
        let session = Session::open().await?;
        for router in session.routers(Some(&arguments.node))? {
            for (place, text) in router.logs().await? {
                let known: &mut String = printed.entry(place).or_default();
                print(news(known, &text));
                *known = text;
            }
        }
        drop(session);
        if is_last {
            return Ok(AS_EXPECTED);
        }
        wait(&stop).await;
    }
}

/// What a log says beyond what was known of it. Of one that grew so long that its middle is left out,
/// what follows the last known line.
fn news<'a>(known: &str, text: &'a str) -> &'a str {
    if let Some(new) = text.strip_prefix(known) {
        return new;
    }
    let Some(last) = known.trim_end().lines().last() else {
        return text;
    };
    text.rfind(last)
        .map_or(text, |at| text[at + last.len()..].trim_start_matches('\n'))
}

/// Waits for the next look. False when it was interrupted.
async fn wait(stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(PACE) => true,
    }
}

/// Has routers read their configuration again, as it now stands in them.
pub(super) async fn reload(common: &Common, arguments: &Reload) -> Result<u8, Failure> {
    let session = Session::open().await?;
    let mut good = true;
    for router in session.routers(arguments.node.as_deref())? {
        let connection = session.case.setup.end(router.site.role).has_connection;
        let (said, reloaded) = router.reload(connection).await?;
        let text = words::reloaded(router, &reloaded);
        print(&format!("{said}{}\n", text.in_lang(common.lang())));
        good &= reloaded.is_ok();
    }
    Ok(if good { AS_EXPECTED } else { NOT_AS_EXPECTED })
}

/// Removes the lab that was left up last, and no other.
pub(super) fn down(common: &Common) -> Result<u8, Failure> {
    let kept = lab::home::newest_kept()?;
    kept.remove()?;
    let cell = kept.kept.map(|kept| kept.cell).unwrap_or_default();
    print(&format!(
        "{}\n",
        words::removed(&cell).in_lang(common.lang())
    ));
    Ok(AS_EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_in_a_log_is_printed() {
        assert_eq!(news("", "one\n"), "one\n");
        assert_eq!(news("one\n", "one\ntwo\n"), "two\n");
        assert_eq!(news("one\n", "one\n"), "");
        // Its middle was left out meanwhile.
        let long = "one\n\n[9 octets of the log are left out here]\nfour\nfive\n";
        assert_eq!(news("one\ntwo\nthree\nfour\n", long), "five\n");
        assert_eq!(news("one\n", "begun anew\n"), "begun anew\n");
    }
}
