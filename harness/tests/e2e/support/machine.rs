//! What runs, is mounted and lies about on this machine.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

/// Everything that a lab or a build may leave behind. What belongs to a program that still runs is
/// not left behind: somebody may be at work on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    labs: BTreeSet<PathBuf>,
    mounts: BTreeSet<String>,
    namespaces: BTreeSet<u64>,
    /// Number, name and arguments of every process that belongs to a lab or a build.
    processes: BTreeSet<String>,
}

/// Names of programs that only labs and builds start here.
const PROGRAMS: &[&str] = &[
    "qemu-system",
    "mmdebstrap",
    "tar2sqfs",
    "crun",
    "sqfs2tar",
    // The agent of a lab that was left up.
    "ikematrix",
];

impl Remains {
    pub(crate) fn now() -> Self {
        let labs = lab::home::leftovers()
            .into_iter()
            .map(|leftover| leftover.path);
        let labs: BTreeSet<PathBuf> = labs.collect();
        let is_left = |point: &String| labs.iter().any(|lab| Path::new(point).starts_with(lab));
        let orphans = orphans();
        let is_ours =
            |process: &&Process| PROGRAMS.iter().any(|name| process.name.starts_with(name));
        Self {
            mounts: mounts().into_iter().filter(is_left).collect(),
            namespaces: orphans.iter().filter_map(network_namespace).collect(),
            processes: orphans
                .iter()
                .filter(is_ours)
                .map(|process| format!("{} {} {}", process.pid, process.name, process.arguments))
                .collect(),
            labs,
        }
    }

    /// Fails when there is anything that was not there before.
    pub(crate) fn expect_nothing_since(&self, before: &Self) {
        assert_eq!(
            self.since(before),
            Self::default(),
            "something was left behind"
        );
    }

    pub(crate) fn is_nothing_since(&self, before: &Self) -> bool {
        self.since(before) == Self::default()
    }

    /// The folders of labs that are new, when nothing else is.
    pub(crate) fn only_folders_since(&self, before: &Self) -> Option<BTreeSet<PathBuf>> {
        let Self {
            labs,
            mounts,
            namespaces,
            processes,
        } = self.since(before);
        let nothing = mounts.is_empty() && namespaces.is_empty() && processes.is_empty();
        (nothing && !labs.is_empty()).then_some(labs)
    }

    /// What is new: other programs of this machine may end meanwhile.
    fn since(&self, before: &Self) -> Self {
        Self {
            labs: self.labs.difference(&before.labs).cloned().collect(),
            mounts: self.mounts.difference(&before.mounts).cloned().collect(),
            namespaces: self
                .namespaces
                .difference(&before.namespaces)
                .copied()
                .collect(),
            processes: self
                .processes
                .difference(&before.processes)
                .cloned()
                .collect(),
        }
    }
}

/// A process as `/proc` shows it.
pub(crate) struct Process {
    pub(crate) pid: i32,
    parent: i32,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// Every process that is not a zombie.
pub(crate) fn processes() -> Vec<Process> {
    let numbers = fs::read_dir("/proc").unwrap().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter_map(|pid: i32| {
            let folder = PathBuf::from(format!("/proc/{pid}"));
            let name = fs::read_to_string(folder.join("comm"))
                .ok()?
                .trim()
                .to_owned();
            let arguments = fs::read(folder.join("cmdline")).ok()?;
            let arguments = String::from_utf8_lossy(&arguments).replace('\0', " ");
            // A zombie has no arguments any more, and a thread of the kernel never had any.
            let parent = parent(pid)?;
            (!arguments.is_empty()).then_some(Process {
                pid,
                parent,
                name,
                arguments,
            })
        })
        .collect()
}

/// The descendants of a process with this name.
pub(crate) fn descendants(of: Pid, name: &str) -> Vec<Process> {
    let processes = processes();
    let family = family(&processes, BTreeSet::from([of.as_raw()]));
    let wanted =
        |process: &Process| family.contains(&process.pid) && process.name.starts_with(name);
    processes.into_iter().filter(wanted).collect()
}

/// Every process that no living `ikematrix` has started.
fn orphans() -> Vec<Process> {
    let processes = processes();
    let programs = processes
        .iter()
        .filter(|process| process.name == "ikematrix");
    let family = family(&processes, programs.map(|process| process.pid).collect());
    processes
        .into_iter()
        .filter(|process| !family.contains(&process.pid))
        .collect()
}

/// These processes with all that they have started.
fn family(processes: &[Process], mut members: BTreeSet<i32>) -> BTreeSet<i32> {
    loop {
        let children = processes
            .iter()
            .filter(|process| members.contains(&process.parent));
        let children: Vec<i32> = children.map(|process| process.pid).collect();
        let before = members.len();
        members.extend(children);
        if members.len() == before {
            return members;
        }
    }
}

fn parent(pid: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok())
}

fn mounts() -> Vec<String> {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
    table
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(str::to_owned)
        .collect()
}

/// The inode of the network namespace that a process is in.
fn network_namespace(process: &Process) -> Option<u64> {
    fs::metadata(format!("/proc/{}/ns/net", process.pid))
        .ok()
        .map(|about| about.ino())
}
