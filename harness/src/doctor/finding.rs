use reports::text::Text;

use super::requirement::Requirement;

/// What trying a requirement showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) requirement: Requirement,
    pub(crate) state: State,
    pub(crate) mend: Option<Mend>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// With what is worth knowing all the same.
    Works(Option<Text>),
    /// With the reason.
    Fails(Text),
    /// With why it need not work.
    NotNeeded(Text),
}

/// What makes a requirement met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mend {
    /// Packages of Debian and Ubuntu.
    Install(Vec<&'static str>),
    /// A shell command that needs root.
    AsRoot(String),
}

impl Finding {
    pub(super) fn works(requirement: Requirement) -> Self {
        Self {
            requirement,
            state: State::Works(None),
            mend: None,
        }
    }

    pub(super) fn noted(requirement: Requirement, note: Text) -> Self {
        Self {
            requirement,
            state: State::Works(Some(note)),
            mend: None,
        }
    }

    pub(super) fn fails(requirement: Requirement, reason: Text, mend: Option<Mend>) -> Self {
        Self {
            requirement,
            state: State::Fails(reason),
            mend,
        }
    }

    pub(super) fn not_needed(requirement: Requirement, why: Text) -> Self {
        Self {
            requirement,
            state: State::NotNeeded(why),
            mend: None,
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        match self.state {
            State::Fails(_) => true,
            State::Works(_) | State::NotNeeded(_) => false,
        }
    }
}

/// The commands that mend everything that can be mended, packages in one of them.
pub(crate) fn mends(findings: &[Finding]) -> Vec<String> {
    let mut packages: Vec<&str> = Vec::new();
    let mut commands = Vec::new();
    for mend in findings.iter().filter_map(|finding| finding.mend.as_ref()) {
        match mend {
            Mend::Install(names) => packages.extend(names),
            Mend::AsRoot(_) => commands.push(mend.command(is_root(findings))),
        }
    }
    packages.sort_unstable();
    packages.dedup();
    if !packages.is_empty() {
        commands.insert(0, Mend::Install(packages).command(is_root(findings)));
    }
    commands.dedup();
    commands
}

pub(super) fn is_root(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.requirement == Requirement::Root && !finding.has_failed())
}

impl Mend {
    /// The command for a shell.
    pub(super) fn command(&self, root: bool) -> String {
        let sudo = if root { "" } else { "sudo " };
        match self {
            Self::Install(packages) => format!(
                "{sudo}apt-get install --no-install-recommends {}",
                packages.join(" ")
            ),
            Self::AsRoot(command) => format!("{sudo}{command}"),
        }
    }
}
