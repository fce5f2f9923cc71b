//! A router that the harness does not manage: strongSwan, set up by hand in a box of its own and
//! reached over virtual cables.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use lab::image::{Definition, Store};
use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;
use vendors::Catalogue;

use super::project::{Project, repository};

/// The machine's ends of the cables.
pub(crate) const WAN: &str = "ikmtest-wan";
pub(crate) const LAN: &str = "ikmtest-lan";
/// The vendor's id.
pub(crate) const VENDOR: &str = "by-hand";

/// How somebody tells the router what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Commands,
    Hand,
}

/// The program, where crun finds cgroups that it knows: some of its versions refuse a second hierarchy
/// beside the first, so in a mount namespace of the program's own that one is away.
pub(crate) fn program() -> Command {
    let program = env!("CARGO_BIN_EXE_ikematrix");
    if !Path::new("/sys/fs/cgroup/unified").exists() {
        return Command::new(program);
    }
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--propagation", "private", "sh", "-c"])
        .args([
            "umount /sys/fs/cgroup/unified && exec \"$@\"",
            "sh",
            program,
        ]);
    command
}

/// A box that is on.
pub(crate) struct Device {
    process: Child,
    state: TempDir,
    /// The first process in it, as this machine numbers it.
    pub(crate) pid: i32,
}

impl Device {
    /// # Errors
    /// Why there can be none here.
    pub(crate) fn switch_on() -> Result<Self, String> {
        if !nix::unistd::geteuid().is_root() {
            return Err("cables of this machine need root".into());
        }
        if !Path::new("/dev/net/tun").exists() {
            return Err("strongSwan in user space needs /dev/net/tun".into());
        }
        if Command::new("crun").arg("--version").output().is_err() {
            return Err("the crun lab needs crun".into());
        }
        let image = image()?;
        let state = tempfile::tempdir().unwrap();
        let script = state.path().join("box.sh");
        fs::write(&script, include_str!("../by_hand/box.sh")).unwrap();
        let root = state.path().join("box");
        fs::create_dir(&root).unwrap();
        let router = state.path().join("router.sh");
        fs::write(&router, include_str!("../by_hand/router.sh")).unwrap();
        fs::set_permissions(&router, fs::Permissions::from_mode(0o755)).unwrap();
        let mut process =
            std::os::unix::process::CommandExt::process_group(&mut Command::new("unshare"), 0)
                .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "sh"])
                .arg(&script)
                .args([&image, &root])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
        let mut said = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n", "the box did not come up");
        let children = format!("/proc/{0}/task/{0}/children", process.id());
        let pid = fs::read_to_string(children).unwrap();
        let pid = pid.trim().parse().unwrap();
        let switched_on = Self {
            process,
            state,
            pid,
        };
        for (ours, theirs) in [(WAN, "wan"), (LAN, "lan")] {
            ip(&[
                "link",
                "add",
                ours,
                "type",
                "veth",
                "peer",
                "name",
                theirs,
                "netns",
                &pid.to_string(),
            ]);
            // The machine itself says nothing there, so nothing changes by itself.
            let silent = format!("/proc/sys/net/ipv6/conf/{ours}/disable_ipv6");
            let _ = fs::write(silent, "1");
            ip(&["link", "set", ours, "up"]);
            switched_on.network(&["ip", "link", "set", theirs, "up"]);
        }
        Ok(switched_on)
    }

    /// Adds the vendor of this router, with its sheet.
    pub(crate) fn add_to(&self, project: &Project, by: By) {
        project.write(
            "vendor-profiles/sheets/by-hand/model.toml",
            include_str!("../by_hand/model.toml"),
        );
        project.write(
            "vendor-profiles/sheets/by-hand/commands.tera",
            include_str!("../by_hand/commands.tera"),
        );
        let order = |what: &str| self.words(what);
        let control = match by {
            By::Hand => "lan = \"echo\"\ncontrol = \"manual\"\n".to_owned(),
            By::Commands => format!(
                "lan = {{ interface = {LAN:?} }}\ncontrol = \"command\"\n\
                 [external.commands]\n\
                 load = [[{}, \"{{folder}}\", \"{{wan_address}}\", \"{{lan_address}}\", \"{{gateway}}\"]]\n\
                 initiate = [[{}]]\nterminate = [[{}]]\nstatus = [[{}]]\nlog = [[{}]]\n\
                 [external.status]\n\
                 ike_established = '(?m)^tunnel: #\\d+, ESTABLISHED, IKEv2'\n\
                 child_installed = '(?m)^  net: #\\d+, reqid \\d+, INSTALLED, TUNNEL'\n",
                order("load"),
                order("initiate"),
                order("terminate"),
                order("status"),
                order("log"),
            ),
        };
        project.write(
            &format!("vendor-profiles/{VENDOR}/profile.toml"),
            &format!("{PROFILE}\n[external]\ninterface = {WAN:?}\nsheet = \"by-hand\"\n{control}"),
        );
    }

    /// From now on these are done one after the other when it is to initiate.
    pub(crate) fn initiates_by(&self, project: &Project, whats: &[&str]) {
        let commands = whats.iter().map(|what| format!("[{}]", self.words(what)));
        let commands: Vec<String> = commands.collect();
        let (from, to) = (self.words("initiate"), commands.join(", "));
        project.replace(
            &profile(),
            &format!("initiate = [[{from}]]"),
            &format!("initiate = [{to}]"),
        );
    }

    /// From now on this is done when it is to be set up.
    pub(crate) fn is_loaded_by(&self, project: &Project, what: &str) {
        let text = project.read(&profile());
        let line = text
            .lines()
            .find(|line| line.starts_with("load = "))
            .unwrap();
        let start = line
            .split(&format!("{:?}", self.pid.to_string()))
            .next()
            .unwrap();
        let rest = line.split_once("\"{folder}\"").unwrap().1;
        let root = self.state.path().join("box/root");
        let pid = self.pid.to_string();
        let new = format!("{start}{pid:?}, {root:?}, {what:?}, \"{{folder}}\"{rest}");
        project.replace(&profile(), line, &new);
    }

    /// What a person types at this machine, as it stands in a list of TOML.
    fn words(&self, what: &str) -> String {
        let words = self.command(what);
        let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        words.join(", ")
    }

    /// From now on answers every IKE message with nonsense.
    pub(crate) fn babble(&self) -> Babbler {
        Babbler::start(self.pid)
    }

    /// What a person types at this machine to have something done on the router.
    fn command(&self, what: &str) -> Vec<String> {
        let script = self.state.path().join("router.sh");
        let root = self.state.path().join("box/root");
        vec![
            script.display().to_string(),
            self.pid.to_string(),
            root.display().to_string(),
            what.to_owned(),
        ]
    }

    /// Has something done on it, and gives what that said.
    pub(crate) fn order(&self, what: &str, more: &[&str]) -> String {
        let words = self.command(what);
        let output = Command::new(&words[0])
            .args(&words[1..])
            .args(more)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {said}\n{failed}");
        said
    }

    /// The same, where it may well fail.
    pub(crate) fn try_order(&self, what: &str) -> Option<String> {
        let words = self.command(what);
        let output = Command::new(&words[0]).args(&words[1..]).output().unwrap();
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs a program of this machine in its network.
    pub(crate) fn network(&self, words: &[&str]) {
        let target = self.pid.to_string();
        let done = Command::new("nsenter")
            .args(["--target", &target, "--net"])
            .args(words)
            .status();
        assert!(done.unwrap().success(), "{words:?}");
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let group = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        // Its first process is `unshare`, which has not been waited for.
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.process.wait();
        for ours in [WAN, LAN] {
            let _ = Command::new("ip")
                .args(["link", "delete", ours])
                .stderr(Stdio::null())
                .status();
        }
    }
}

fn profile() -> String {
    format!("vendor-profiles/{VENDOR}/profile.toml")
}

/// Somebody who answers what nobody has asked.
pub(crate) struct Babbler {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u32>,
}

impl Babbler {
    fn start(pid: i32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let network = fs::File::open(format!("/proc/{pid}/ns/net")).unwrap();
            // A thread's namespace is its own, and this one ends with it.
            setns(network, CloneFlags::CLONE_NEWNET).unwrap();
            let socket = UdpSocket::bind("0.0.0.0:500").unwrap();
            socket
                .set_read_timeout(Some(Duration::from_millis(50)))
                .unwrap();
            let (mut buffer, mut asked) = ([0; 4096], 0);
            while !stopped.load(Ordering::Relaxed) {
                let Ok((length, peer)) = socket.recv_from(&mut buffer) else {
                    continue;
                };
                asked += 1;
                let question = &buffer[..length];
                // As if it were a response, of an absurd length, and cut.
                let mut absurd = question.to_vec();
                absurd[19] = 0x20;
                absurd[24..28].copy_from_slice(&[0xff; 4]);
                let cut = &absurd[..length.min(30)];
                for answer in [question, &absurd, cut, &[0xff; 1400], &[0]] {
                    let _ = socket.send_to(answer, peer);
                }
            }
            asked
        });
        Self { stop, thread }
    }

    /// How often it was asked.
    pub(crate) fn end(self) -> u32 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

pub(crate) fn ip(words: &[&str]) {
    let done = Command::new("ip").args(words).status().unwrap();
    assert!(done.success(), "ip {words:?}");
}

/// The root file system of a strongSwan that does ESP in user space: that of the stand-in, which is
/// made anew where no run has made it yet.
fn image() -> Result<PathBuf, String> {
    let catalogue = Catalogue::load(&repository().join("vendor-profiles")).unwrap();
    let profile = catalogue.profile("strongswan-6.0").unwrap();
    let version = profile.packages().unwrap();
    let mut packages = version.packages.clone();
    packages.extend(["iproute2", "iputils-ping", "libfaketime"].map(str::to_owned));
    let more = profile.implementation.user_space_esp.as_ref().unwrap();
    packages.extend(more.packages.iter().cloned());
    let definition = Definition {
        name: "strongswan-6.0".to_owned(),
        suite: version.suite.clone(),
        packages,
        prepare: version.prepare.iter().map(|argv| argv.to_vec()).collect(),
        hook: None,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let image = runtime.block_on(Store::new(&super::cache::default()).obtain(&definition));
    let unpacked = image.and_then(|image| image.unpacked());
    unpacked.map_err(|fault| fault.to_string())
}

const PROFILE: &str = r#"id = "by-hand"
implementation = "external"
version = "6.0, set up by hand"

[name]
en = "Router by hand"
ja = "手動設定ルーター"

[auth]
methods = ["psk", "cert-rfc4945", "cert-hpki"]

[identity]
psk = "fqdn"
cert-rfc4945 = "fqdn"
cert-hpki = "dn"

[[ike.proposals]]
encryption = ["aes-cbc-256"]
integrity = ["hmac-sha2-256-128"]
prf = ["hmac-sha2-256"]
dh = ["ecp-256"]

[[esp.proposals]]
encryption = ["aes-cbc-256"]
integrity = ["hmac-sha2-256-128"]
"#;
