use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lab::image::Store;
use lab::requirement::{self as trial, Unmet};
use lab::vm::{self, Accel};
use reports::text::Text;

use super::finding::{Finding, Mend, State};
use super::requirement::Requirement::{self, *};
use super::words::{WORDS, free, kvm_refused, reason, text, too_little, version};

/// A machine with 1 GiB, and what QEMU itself takes.
const MEMORY_NEEDED: u64 = 1_500_000_000;
/// All stand-in vendors' images, packed and unpacked, and one that is being built.
const DISK_NEEDED: u64 = 2_000_000_000;
/// A root file system while it is built, which without root is in the temporary folder.
const BUILD_NEEDED: u64 = 1_000_000_000;
/// Trials end by themselves; this is for one that hangs in a system call.
const LIMIT: Duration = Duration::from_secs(30);

/// Tries every requirement. `cache` is the folder that images are kept in.
pub(crate) async fn examine(cache: &Path) -> Vec<Finding> {
    let root = trial::is_root();
    let (namespaces, esp, pf_key, crun, packet_filter) = tokio::join!(
        bounded(Namespaces, namespaces()),
        bounded(Esp, esp()),
        bounded(PfKey, pf_key()),
        bounded(Crun, program(Crun, trial::try_container(), "crun")),
        bounded(PacketFilter, packet_filter()),
    );
    let (qemu, kvm, mmdebstrap, user_namespaces, keys, squashfs) = tokio::join!(
        bounded(Qemu, program(Qemu, trial::try_qemu(), "qemu-system-x86")),
        bounded(Kvm, kvm(cache)),
        bounded(
            Mmdebstrap,
            program(Mmdebstrap, trial::try_mmdebstrap(), "mmdebstrap")
        ),
        bounded(UserNamespaces, user_namespaces(root)),
        bounded(ArchiveKeys, archive_keys()),
        bounded(Squashfs, squashfs()),
    );
    let machine_image = bounded(MachineImage, machine_image_finding(cache)).await;
    let [engine, engine_esp] = docker().await;
    let mut findings = vec![
        root_finding(root),
        namespaces,
        esp,
        pf_key,
        crun,
        packet_filter,
        qemu,
        kvm,
        memory(),
        machine_image,
        engine,
        engine_esp,
        mmdebstrap,
        user_namespaces,
        keys,
        squashfs,
        cache_folder(cache),
        disk(cache, root),
    ];
    excuse_the_crun_lab(&mut findings);
    findings
}

/// Whether there is an engine for the docker lab, and what its kernel can do in a container.
async fn docker() -> [Finding; 2] {
    let not_needed = |requirement| Finding::not_needed(requirement, text(WORDS.no_engine));
    if !lab::docker::is_there() {
        return [DockerEngine, DockerEsp].map(not_needed);
    }
    let connected = tokio::time::timeout(LIMIT, lab::docker::connect()).await;
    match connected {
        Ok(Ok(engine)) => {
            let esp = match &engine.without_esp {
                None => Finding::works(DockerEsp),
                Some(why) => Finding::fails(DockerEsp, Text::same(why), None),
            };
            [Finding::noted(DockerEngine, version(&engine.version)), esp]
        }
        Ok(Err(fault)) => {
            let why = Text::same(fault.to_string());
            [
                Finding::fails(DockerEngine, why, None),
                not_needed(DockerEsp),
            ]
        }
        Err(_) => [
            Finding::fails(DockerEngine, no_answer(), None),
            not_needed(DockerEsp),
        ],
    }
}

fn no_answer() -> Text {
    let seconds = LIMIT.as_secs();
    Text::new(
        format!("no answer within {seconds} s"),
        format!("{seconds} 秒以内に応答なし"),
    )
}

/// A trial that hangs has failed.
async fn bounded(requirement: Requirement, trial: impl Future<Output = Finding>) -> Finding {
    tokio::time::timeout(LIMIT, trial)
        .await
        .unwrap_or_else(|_| Finding::fails(requirement, no_answer(), None))
}

fn root_finding(root: bool) -> Finding {
    if root {
        Finding::works(Root)
    } else {
        Finding::fails(Root, text(WORDS.no_root), None)
    }
}

async fn namespaces() -> Finding {
    match trial::try_namespaces().await {
        Ok(()) => Finding::works(Namespaces),
        Err(unmet) => {
            let mend = modules(&["overlay"]).await;
            Finding::fails(Namespaces, reason(&unmet), mend)
        }
    }
}

async fn esp() -> Finding {
    match blocking(lab::kernel::try_esp).await {
        Ok(()) => Finding::works(Esp),
        Err(error) => {
            let mend = modules(&["xfrm_user", "esp4", "esp6"]).await;
            Finding::fails(Esp, Text::same(error.to_string()), mend)
        }
    }
}

async fn pf_key() -> Finding {
    match blocking(lab::kernel::try_pf_key).await {
        Ok(()) => Finding::works(PfKey),
        Err(error) => {
            let mend = modules(&["af_key"]).await;
            Finding::fails(PfKey, Text::same(error.to_string()), mend)
        }
    }
}

async fn packet_filter() -> Finding {
    match trial::try_packet_filter().await {
        Ok(()) => Finding::works(PacketFilter),
        Err(unmet) => {
            let mend = match unmet {
                Unmet::NotInstalled(_) => Some(Mend::Install(vec!["nftables"])),
                Unmet::Failed(_) => modules(&["nf_tables"]).await,
            };
            Finding::fails(PacketFilter, reason(&unmet), mend)
        }
    }
}

/// A program that Debian has in a package of its own.
async fn program(
    requirement: Requirement,
    trial: impl Future<Output = Result<(), Unmet>>,
    package: &'static str,
) -> Finding {
    match trial.await {
        Ok(()) => Finding::works(requirement),
        Err(unmet) => {
            let mend = match unmet {
                Unmet::NotInstalled(_) => Some(Mend::Install(vec![package])),
                Unmet::Failed(_) => None,
            };
            Finding::fails(requirement, reason(&unmet), mend)
        }
    }
}

async fn kvm(cache: &Path) -> Finding {
    let kernel = machine_kernel(cache).await;
    let tried = match &kernel {
        Some(kernel) => vm::try_kernel(Accel::Kvm, kernel).await,
        None => vm::try_firmware(Accel::Kvm).await,
    };
    match tried {
        Ok(()) if kernel.is_some() => Finding::works(Kvm),
        Ok(()) => Finding::noted(Kvm, text(WORDS.first_look)),
        Err(why) => kvm_failure(&why).await,
    }
}

async fn kvm_failure(why: &str) -> Finding {
    match trial::open_kvm() {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            let mend = r#"usermod --append --groups kvm "$USER""#.into();
            let reason = kvm_refused(&format!("/dev/kvm: {error}"));
            Finding::fails(Kvm, reason, Some(Mend::AsRoot(mend)))
        }
        Err(error) => {
            let mend = match trial::kvm_module() {
                Some(module) => modules(&[module]).await,
                None => None,
            };
            Finding::fails(Kvm, Text::same(format!("/dev/kvm: {error}")), mend)
        }
        Ok(()) => Finding::fails(Kvm, Text::same(why), None),
    }
}

fn memory() -> Finding {
    match trial::free_memory() {
        Ok(octets) if octets >= MEMORY_NEEDED => Finding::noted(Memory, free(octets)),
        Ok(octets) => Finding::fails(Memory, too_little(octets, MEMORY_NEEDED, ""), None),
        Err(error) => Finding::fails(Memory, Text::same(error.to_string()), None),
    }
}

/// The image is read, not looked for: its kernel is what a machine starts with.
async fn machine_image_finding(cache: &Path) -> Finding {
    match machine_kernel(cache).await {
        Some(_) => Finding::works(MachineImage),
        None => Finding::not_needed(MachineImage, text(WORDS.built_later)),
    }
}

async fn machine_kernel(cache: &Path) -> Option<PathBuf> {
    let store = Store::new(cache);
    let kernel = move || {
        let image = store.find(&vm::system_definition())?;
        image.extracted("/boot/vmlinuz").ok()
    };
    tokio::task::spawn_blocking(kernel).await.ok().flatten()
}

async fn user_namespaces(root: bool) -> Finding {
    if root {
        return Finding::not_needed(UserNamespaces, text(WORDS.root_not_asked));
    }
    let Err(unmet) = trial::try_user_namespaces().await else {
        return Finding::works(UserNamespaces);
    };
    let mend = match &unmet {
        Unmet::NotInstalled(program) if program == "mmdebstrap" => {
            Mend::Install(vec!["mmdebstrap"])
        }
        Unmet::NotInstalled(_) => Mend::Install(vec!["uidmap"]),
        Unmet::Failed(_) => Mend::AsRoot(match trial::user_namespace_switch() {
            Some(switch) => format!("sysctl -w {switch}"),
            None => {
                "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \"$USER\"".into()
            }
        }),
    };
    Finding::fails(UserNamespaces, reason(&unmet), Some(mend))
}

async fn archive_keys() -> Finding {
    match trial::try_archive_keys().await {
        Ok(()) => Finding::works(ArchiveKeys),
        Err(unmet) => {
            let package = match unmet {
                Unmet::NotInstalled(_) => "gpg",
                Unmet::Failed(_) => "debian-archive-keyring",
            };
            let mend = Mend::Install(vec![package]);
            Finding::fails(ArchiveKeys, reason(&unmet), Some(mend))
        }
    }
}

async fn squashfs() -> Finding {
    match trial::try_squashfs().await {
        Ok(()) => Finding::works(Squashfs),
        Err(unmet) => {
            let mend = match &unmet {
                Unmet::NotInstalled(program) if program == "tar" => {
                    Some(Mend::Install(vec!["tar"]))
                }
                Unmet::NotInstalled(_) => Some(Mend::Install(vec!["squashfs-tools-ng"])),
                Unmet::Failed(_) => None,
            };
            Finding::fails(Squashfs, reason(&unmet), mend)
        }
    }
}

fn cache_folder(cache: &Path) -> Finding {
    let place = cache.display().to_string();
    match trial::try_writing(cache) {
        Ok(()) => Finding::noted(Cache, Text::same(place)),
        Err(error) => {
            let mend = (error.kind() == std::io::ErrorKind::PermissionDenied && cache.exists())
                .then(|| Mend::AsRoot(format!("chown -R \"$USER\" {}", quoted(&place))));
            Finding::fails(Cache, Text::same(format!("{place}: {error}")), mend)
        }
    }
}

fn disk(cache: &Path, root: bool) -> Finding {
    let temporary = std::env::temp_dir();
    let mut places = vec![(cache, DISK_NEEDED)];
    if !root {
        places.push((&temporary, BUILD_NEEDED));
    }
    let mut note = None;
    for (place, needed) in places {
        match trial::free_disk(place) {
            Ok(octets) if octets < needed => {
                let place = format!(" ({})", place.display());
                return Finding::fails(Disk, too_little(octets, needed, &place), None);
            }
            Ok(octets) => {
                note.get_or_insert(octets);
            }
            Err(error) => {
                let why = format!("{}: {error}", place.display());
                return Finding::fails(Disk, Text::same(why), None);
            }
        }
    }
    Finding::noted(Disk, free(note.unwrap_or_default()))
}

/// Loading them mends it if the kernel has them.
async fn modules(names: &[&str]) -> Option<Mend> {
    for name in names {
        if !trial::has_module(name).await {
            return None;
        }
    }
    Some(Mend::AsRoot(format!("modprobe -a {}", names.join(" "))))
}

/// Nobody has to mend what only serves a lab that cannot run here anyway.
fn excuse_the_crun_lab(findings: &mut [Finding]) {
    let hopeless = findings.iter().any(|finding| {
        matches!(finding.requirement, Root | Esp) && finding.has_failed() && finding.mend.is_none()
    });
    for finding in findings {
        let excused = matches!(finding.requirement, Crun | PacketFilter);
        if hopeless && excused && finding.has_failed() {
            finding.state = State::NotNeeded(text(WORDS.no_esp_no_crun));
            finding.mend = None;
        }
    }
}

async fn blocking(
    trial: impl FnOnce() -> std::io::Result<()> + Send + 'static,
) -> std::io::Result<()> {
    let joined = tokio::task::spawn_blocking(trial).await;
    joined.unwrap_or_else(|_| Err(std::io::Error::other(WORDS.trial_panicked.en)))
}

/// The text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
