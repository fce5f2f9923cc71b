//! How a person gets into a node of a lab that was left up.

use std::path::Path;
use std::process::Command;

use crate::docker;
use crate::error::{Blame, Fault, LabError};
use crate::home;
use crate::linux::SWITCH;

/// The command that runs `argv` in a node: a shell when `argv` is empty. The lab in `home` has one
/// testbed.
pub(crate) fn command(home: &Path, node: &str, argv: &[String]) -> Result<Command, LabError> {
    let nodes = nodes(home);
    let Some((testbed, netns)) = nodes
        .iter()
        .find_map(|(name, testbed, netns)| (name == node).then_some((testbed, netns)))
    else {
        let known: Vec<&str> = nodes.iter().map(|(name, ..)| name.as_str()).collect();
        return Err(LabError::new(
            Fault::Harness,
            format!("the lab has no node {node}; it has {}", known.join(", ")),
        ));
    };
    let router = home.join(testbed).join(node);
    let mut command = if home.join(home::CONTAINERS).is_dir() && router.is_dir() {
        let mut command = Command::new("crun");
        command.arg("--root").arg(home.join(home::CONTAINERS));
        command.args(["--cgroup-manager=disabled", "exec", "--tty"]);
        command.arg(format!("{testbed}.{node}"));
        command
    } else if router.is_dir() {
        let pid = std::fs::read_to_string(router.join(docker::PID))
            .blame(Fault::Runtime, || format!("read the process id of {node}"))?;
        let mut command = Command::new("nsenter");
        command.args(["--target", pid.trim()]);
        command.args([
            "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd",
        ]);
        command
    } else {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", netns.display()));
        command
    };
    if argv.is_empty() {
        command.arg("/bin/bash");
    } else {
        command.args(argv);
    }
    Ok(command)
}

/// Every node with its testbed and its namespace's file.
fn nodes(home: &Path) -> Vec<(String, String, std::path::PathBuf)> {
    let mut found = Vec::new();
    for testbed in std::fs::read_dir(home).into_iter().flatten().flatten() {
        for entry in std::fs::read_dir(testbed.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(node) = name.strip_suffix(".net")
                && node != SWITCH
            {
                let testbed = testbed.file_name().to_string_lossy().into_owned();
                found.push((node.to_owned(), testbed, entry.path()));
            }
        }
    }
    found.sort();
    found
}
