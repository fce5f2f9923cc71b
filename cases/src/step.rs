//! The steps of a case's file.

use files::Checks;
use serde::Deserialize;
use toml::Spanned;

use crate::case::{Block, Role, Step, Traffic};

/// One step; which of the other keys it takes depends on `do`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepFile {
    r#do: Action,
    what: Option<What>,
    from: Option<Role>,
    router: Option<Role>,
    when: Option<When>,
    size: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    Initiate,
    Probe,
    Block,
    Unblock,
    Kill,
    AskForGroups,
    Hang,
    Resume,
    FlushSas,
    Replay,
    CorruptKey,
    RekeyChild,
    RekeyIke,
    Terminate,
    Bypass,
    FailCapture,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    All,
    Esp,
    Udp,
    #[serde(rename = "udp-500")]
    Udp500,
    #[serde(rename = "udp-4500")]
    Udp4500,
    IpFragments,
    IkeAuth,
    LargerThan,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum When {
    IkeAuth,
}

/// The content of a probe: at least its mark, and at most what an IPv4 packet on Ethernet holds
/// (RFC 894) once it has been protected.
const PROBE_SIZES: std::ops::RangeInclusive<u16> = 64..=1400;
/// Every IPv4 link carries packets of the first, and Ethernet none beyond the second (RFC 791,
/// RFC 894).
const PACKET_SIZES: std::ops::RangeInclusive<u16> = 68..=1499;

const BLOCK_REMEDY: &str = "`block` says what it drops\n\
    add what = \"all\", \"esp\", \"udp\", \"udp-500\", \"udp-4500\", \"ip-fragments\", \
    \"ike-auth\", or \"larger-than\" (with `size`); from = \"initiator\" or from = \"responder\" \
    makes it one way only";

impl StepFile {
    fn into_step(self) -> Result<Step, String> {
        self.only_known_keys()?;
        match self.r#do {
            Action::Initiate => Ok(Step::Initiate),
            Action::Probe => Ok(Step::Probe {
                size: sized(self.size, &PROBE_SIZES)?,
            }),
            Action::Block => self.block(),
            Action::Unblock => Ok(Step::Unblock),
            Action::Kill => Ok(match self.when {
                Some(When::IkeAuth) => Step::KillInIkeAuth(self.router()?),
                None => Step::Kill(self.router()?),
            }),
            Action::AskForGroups => Ok(Step::AskForGroups(self.router()?)),
            Action::Hang => Ok(Step::Hang(self.router()?)),
            Action::Resume => Ok(Step::Resume(self.router()?)),
            Action::FlushSas => Ok(Step::FlushSas(self.router()?)),
            Action::Replay => Ok(Step::Replay(self.router()?)),
            Action::CorruptKey => Ok(Step::CorruptKey(self.router()?)),
            Action::RekeyChild => Ok(Step::RekeyChild(self.router()?)),
            Action::RekeyIke => Ok(Step::RekeyIke(self.router()?)),
            Action::Terminate => Ok(Step::Terminate(self.router()?)),
            Action::Bypass => Ok(Step::Bypass),
            Action::FailCapture => Ok(Step::FailCapture),
        }
    }

    fn only_known_keys(&self) -> Result<(), String> {
        let takes: &[&str] = match self.r#do {
            Action::Probe => &["size"],
            Action::Block => &["what", "from", "size"],
            Action::Kill => &["router", "when"],
            Action::AskForGroups
            | Action::Hang
            | Action::Resume
            | Action::FlushSas
            | Action::Replay
            | Action::CorruptKey
            | Action::RekeyChild
            | Action::RekeyIke
            | Action::Terminate => &["router"],
            Action::Initiate | Action::Unblock | Action::Bypass | Action::FailCapture => &[],
        };
        let given = [
            ("what", self.what.is_some()),
            ("from", self.from.is_some()),
            ("router", self.router.is_some()),
            ("when", self.when.is_some()),
            ("size", self.size.is_some()),
        ];
        for (key, there) in given {
            if there && !takes.contains(&key) {
                let others = if takes.is_empty() {
                    "no key but `do`".to_owned()
                } else {
                    format!("`{}`", takes.join("`, `"))
                };
                return Err(format!("this step takes {others}\nremove `{key}`"));
            }
        }
        Ok(())
    }

    fn router(&self) -> Result<Role, String> {
        self.router.ok_or_else(|| {
            "nothing says which router\nadd router = \"initiator\" or router = \"responder\""
                .to_owned()
        })
    }

    fn block(&self) -> Result<Step, String> {
        let what = self.what.ok_or(BLOCK_REMEDY)?;
        let size = sized(self.size, &PACKET_SIZES)?;
        let traffic = match (what, size) {
            (What::LargerThan, Some(size)) => Traffic::LargerThan(size),
            (What::LargerThan, None) => {
                return Err(
                    "nothing says larger than what\nadd the octets of an IP packet, such as \
                     size = 1000"
                        .into(),
                );
            }
            (_, Some(_)) => {
                return Err(
                    "only what = \"larger-than\" has a size\nremove `size`, or write what = \
                     \"larger-than\""
                        .into(),
                );
            }
            (What::All, None) => Traffic::All,
            (What::Esp, None) => Traffic::Esp,
            (What::Udp, None) => Traffic::Udp,
            (What::Udp500, None) => Traffic::Udp500,
            (What::Udp4500, None) => Traffic::Udp4500,
            (What::IpFragments, None) => Traffic::IpFragments,
            (What::IkeAuth, None) => Traffic::IkeAuth,
        };
        Ok(Step::Block(Block {
            from: self.from,
            traffic,
        }))
    }
}

fn sized(
    size: Option<u16>,
    allowed: &std::ops::RangeInclusive<u16>,
) -> Result<Option<u16>, String> {
    match size {
        Some(size) if !allowed.contains(&size) => Err(format!(
            "the size {size} cannot be\nwrite a number from {} to {}",
            allowed.start(),
            allowed.end()
        )),
        Some(_) | None => Ok(size),
    }
}

/// The steps, each by itself and in their order.
pub(crate) fn steps(checks: &mut Checks<'_>, list: Spanned<Vec<Spanned<StepFile>>>) -> Vec<Step> {
    let whole = Spanned::new(list.span(), ());
    let mut steps = Vec::new();
    let mut all_read = true;
    for step in list.into_inner() {
        let place = Spanned::new(step.span(), ());
        match step.into_inner().into_step() {
            Ok(step) => {
                if all_read && let Some(message) = out_of_order(&steps, step) {
                    checks.refuse(&place, message);
                }
                steps.push(step);
            }
            Err(message) => {
                all_read = false;
                checks.refuse(&place, message);
            }
        }
    }
    let initiated = steps.iter().position(|step| *step == Step::Initiate);
    let probed = steps
        .iter()
        .rposition(|step| matches!(step, Step::Probe { .. }));
    if all_read && (initiated.is_none() || initiated > probed) {
        let message = "these steps prove nothing\na case needs do = \"initiate\" and, after \
                       it, do = \"probe\"";
        checks.refuse(&whole, message);
    }
    steps
}

/// Why a step cannot come after these.
fn out_of_order(before: &[Step], step: Step) -> Option<&'static str> {
    let blocked = before
        .iter()
        .rev()
        .find(|step| matches!(step, Step::Block(_) | Step::Unblock));
    let hung = |role: Role| {
        let last = before.iter().rev();
        let mut last =
            last.filter(|step| matches!(step, Step::Hang(r) | Step::Resume(r) if *r == role));
        matches!(last.next(), Some(Step::Hang(_)))
    };
    let initiated = before.contains(&Step::Initiate);
    match step {
        Step::Unblock if !matches!(blocked, Some(Step::Block(_))) => {
            Some("nothing is blocked here\nadd a step do = \"block\" before")
        }
        Step::Resume(role) if !hung(role) => {
            Some("this router does not hang here\nadd a step do = \"hang\" before")
        }
        Step::Replay(_)
        | Step::CorruptKey(_)
        | Step::RekeyChild(_)
        | Step::RekeyIke(_)
        | Step::Terminate(_)
            if !initiated =>
        {
            Some("there is no tunnel yet\nadd a step do = \"initiate\" before")
        }
        Step::AskForGroups(_) if initiated => {
            Some("the IKE_SA_INIT messages have passed\nmove this step before do = \"initiate\"")
        }
        Step::KillInIkeAuth(_) if initiated => {
            Some("the IKE_AUTH messages have passed\nmove this step before do = \"initiate\"")
        }
        Step::Initiate
        | Step::Probe { .. }
        | Step::Block(_)
        | Step::Unblock
        | Step::Kill(_)
        | Step::KillInIkeAuth(_)
        | Step::AskForGroups(_)
        | Step::Hang(_)
        | Step::Resume(_)
        | Step::FlushSas(_)
        | Step::Replay(_)
        | Step::CorruptKey(_)
        | Step::RekeyChild(_)
        | Step::RekeyIke(_)
        | Step::Terminate(_)
        | Step::Bypass
        | Step::FailCapture => None,
    }
}
