//! The program under test, and what one call of it left.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reports::model::{Cell, Run};
use tempfile::TempDir;

use super::agreement;
use super::machine::{Process, descendants};
use super::project::Project;
use super::wait_for;

/// Longer than any run of these tests takes: whoever is still at work then hangs.
const LIMIT: Duration = Duration::from_secs(400);

/// A call that has not been made yet.
pub(crate) struct Call {
    command: Command,
    out: Out,
}

/// The folder of the results.
enum Out {
    Own(TempDir),
    Given(PathBuf),
    None,
}

impl Out {
    fn path(&self) -> PathBuf {
        match self {
            Self::Own(folder) => folder.path().join("results"),
            Self::Given(path) => path.clone(),
            Self::None => panic!("this command has no results"),
        }
    }
}

/// The bare program. What a person has set up for themselves does not count, but for their cache.
pub(crate) fn program() -> Command {
    quiet(Command::new(env!("CARGO_BIN_EXE_ikematrix")))
}

fn quiet(mut command: Command) -> Command {
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "IKEMATRIX_LOG"] {
        command.env_remove(name);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Call {
    /// `ikematrix run` in a project, with its results in a folder of its own.
    pub(crate) fn run(project: &Project) -> Self {
        Self::new(program(), project, ["run"])
    }

    pub(crate) fn conform(project: &Project) -> Self {
        Self::new(program(), project, ["conform"])
    }

    pub(crate) fn repro(project: &Project, cell: &str) -> Self {
        Self::new(program(), project, ["repro", cell])
    }

    /// One cell of a finished run again, in whatever folder the call is made.
    pub(crate) fn repro_from(run: &Path, cell: &str) -> Self {
        let mut command = program();
        command.args(["repro", cell, "--from"]).arg(run);
        Self {
            command,
            out: Out::Own(tempfile::tempdir().unwrap()),
        }
    }

    /// A command that has no results, such as `logs sun`.
    pub(crate) fn bare(words: &[&str]) -> Self {
        Self::bare_by(program(), words)
    }

    /// The same by a program that is called in another way.
    pub(crate) fn bare_by(program: Command, words: &[&str]) -> Self {
        let mut command = quiet(program);
        command.args(words);
        Self {
            command,
            out: Out::None,
        }
    }

    /// The same by a program that is called in another way.
    pub(crate) fn by<const N: usize>(
        program: Command,
        project: &Project,
        words: [&str; N],
    ) -> Self {
        Self::new(quiet(program), project, words)
    }

    fn new<const N: usize>(mut command: Command, project: &Project, words: [&str; N]) -> Self {
        command.args(words).arg("--project").arg(project.path());
        Self {
            command,
            out: Out::Own(tempfile::tempdir().unwrap()),
        }
    }

    pub(crate) fn out(mut self, path: impl Into<PathBuf>) -> Self {
        self.out = Out::Given(path.into());
        self
    }

    pub(crate) fn cache(self, path: &Path) -> Self {
        self.arg("--cache").arg(path)
    }

    pub(crate) fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.command.arg(word);
        self
    }

    pub(crate) fn args<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(words);
        self
    }

    pub(crate) fn cases<'a>(mut self, ids: impl IntoIterator<Item = &'a str>) -> Self {
        for id in ids {
            self.command.args(["--case", id]);
        }
        self
    }

    /// Compares the run with an expected matrix, which also says what is run.
    pub(crate) fn expecting(mut self, expectation: &Path) -> Self {
        self.command.arg("--expect").arg(expectation);
        self
    }

    pub(crate) fn pairs<'a>(mut self, pairs: impl IntoIterator<Item = &'a str>) -> Self {
        for pair in pairs {
            self.command.args(["--pair", pair]);
        }
        self
    }

    /// For what this has no words for.
    pub(crate) fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    pub(crate) fn start(mut self) -> Running {
        if !matches!(self.out, Out::None) {
            self.command.arg("--out").arg(self.out.path());
        }
        let begun = Instant::now();
        let mut child = self.command.spawn().unwrap();
        let (tell, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let stderr = std::thread::spawn(move || {
            let mut said = String::new();
            for line in stderr.split(b'\n') {
                let line = String::from_utf8_lossy(&line.unwrap()).into_owned() + "\n";
                said.push_str(&line);
                // Nobody may be listening any more.
                let _ = tell.send(line);
            }
            said
        });
        let mut stdout = child.stdout.take().unwrap();
        let stdout = std::thread::spawn(move || {
            let mut said = Vec::new();
            stdout.read_to_end(&mut said).unwrap();
            String::from_utf8_lossy(&said).into_owned()
        });
        Running {
            child,
            out: self.out,
            begun,
            lines,
            stdout,
            stderr,
        }
    }

    /// Makes the call and waits for its end.
    pub(crate) fn done(self) -> Ran {
        self.start().end()
    }

    pub(crate) fn done_within(self, limit: Duration) -> Ran {
        self.start().end_within(limit)
    }
}

/// A call under way.
pub(crate) struct Running {
    child: Child,
    out: Out,
    begun: Instant,
    lines: Receiver<String>,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Running {
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.out.path()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // Nobody has waited for it yet: the number is its own.
        kill(self.pid(), signal).unwrap();
    }

    /// Waits until it says this on standard error.
    pub(crate) fn wait_for_words(&self, wanted: &str) {
        self.hear_until(wanted);
    }

    /// What it reads, where that is piped.
    pub(crate) fn stdin(&mut self) -> ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Waits until it says this on standard error, and gives what it has said since the last time.
    pub(crate) fn hear_until(&self, wanted: &str) -> String {
        let deadline = Instant::now() + LIMIT;
        let mut said = String::new();
        while !said.contains(wanted) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => said.push_str(&line),
                Err(_) => panic!("it never said {wanted:?}; it said:\n{said}"),
            }
        }
        said
    }

    /// Waits until it has started a program of this name, and gives one of them.
    pub(crate) fn wait_for_program(&self, name: &str, arguments: &str) -> Process {
        let found = wait_for(LIMIT, || {
            let family = descendants(self.pid(), name);
            family
                .into_iter()
                .find(|process| process.arguments.contains(arguments))
        });
        found.unwrap_or_else(|| panic!("it never started {name}"))
    }

    /// Waits for the end.
    pub(crate) fn end(self) -> Ran {
        self.end_within(LIMIT)
    }

    pub(crate) fn end_within(mut self, limit: Duration) -> Ran {
        let waiting = Instant::now();
        let status = wait_for(limit, || self.child.try_wait().unwrap());
        let in_time = status.is_some();
        let status = status.unwrap_or_else(|| {
            self.child.kill().unwrap();
            self.child.wait().unwrap()
        });
        let ran = Ran {
            status,
            took: self.begun.elapsed(),
            ended_after: waiting.elapsed(),
            agreed: Once::new(),
            stdout: self.stdout.join().unwrap(),
            stderr: self.stderr.join().unwrap(),
            out: self.out,
        };
        assert!(in_time, "it did not end within {limit:?}\n{ran}");
        ran
    }
}

/// A call that has ended.
pub(crate) struct Ran {
    status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    out: Out,
    pub(crate) took: Duration,
    /// From when its end was waited for.
    pub(crate) ended_after: Duration,
    /// Whether its captures were compared already.
    agreed: Once,
}

impl Ran {
    /// The folder of the results.
    pub(crate) fn out(&self) -> PathBuf {
        self.out.path()
    }

    pub(crate) fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// Fails unless standard error has these words, and no panic.
    pub(crate) fn expect_words(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(
                self.stderr.contains(word),
                "it does not say {word:?}\n{self}"
            );
        }
        assert!(!self.stderr.contains("panicked"), "{self}");
        self
    }

    /// `run.json`, which must be valid; tshark must agree on every capture of the run.
    pub(crate) fn record(&self) -> Run {
        let read = reports::json::read(&self.out().join("run.json"));
        let run = read.unwrap_or_else(|error| panic!("{error}\n{self}"));
        self.agreed
            .call_once(|| agreement::check(&run, &self.out()));
        run
    }

    pub(crate) fn evidence(&self, cell: &Cell) -> PathBuf {
        let relative = cell.evidence.as_ref();
        self.out()
            .join(relative.unwrap_or_else(|| panic!("{} has no evidence", cell.id)))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "it ended with {}", self.status)?;
        writeln!(f, "stderr:\n{}", self.stderr)?;
        writeln!(f, "stdout:\n{}", self.stdout)
    }
}

/// The cell of that id, which must be there.
pub(crate) fn cell<'a>(run: &'a Run, id: &str) -> &'a Cell {
    let found = run.cells.iter().find(|cell| cell.id == id);
    found.unwrap_or_else(|| {
        let ids: Vec<_> = run.cells.iter().map(|cell| cell.id.as_str()).collect();
        panic!("there is no cell {id}; there are {ids:?}")
    })
}

/// A short command, such as `clean` or `shell moon -- true`: its exit code and what it said.
pub(crate) fn short(words: &[&str]) -> (Option<i32>, String, String) {
    const SHORT: Duration = Duration::from_secs(30);
    let ran = Call::bare(words).start().end_within(SHORT);
    (ran.status.code(), ran.stdout, ran.stderr)
}
