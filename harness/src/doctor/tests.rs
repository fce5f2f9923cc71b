use std::path::Path;

use reports::text::{Lang, Text};

use super::finding::{Finding, Mend, State, mends};
use super::requirement::Requirement::{self, *};
use super::verdict::Verdict;
use super::words;
use super::{examine, render};

const ALL: [Requirement; 18] = [
    Root,
    Namespaces,
    Esp,
    PfKey,
    Crun,
    PacketFilter,
    Qemu,
    Kvm,
    Memory,
    MachineImage,
    DockerEngine,
    DockerEsp,
    Mmdebstrap,
    UserNamespaces,
    ArchiveKeys,
    Squashfs,
    Cache,
    Disk,
];

#[test]
fn a_kernel_without_esp_leaves_the_vm_lab() {
    let findings = kernel_without_esp();
    let verdict = Verdict::of(&findings);
    assert!(!verdict.crun() && verdict.vm() && verdict.some_lab());
    assert_eq!(verdict.crun_lacks, [Esp, PfKey]);
    insta::assert_snapshot!("without_esp_en", render(&findings, Lang::En, false, 80));
    insta::assert_snapshot!("without_esp_ja", render(&findings, Lang::Ja, false, 80));
}

#[test]
fn a_fresh_desktop_without_root_is_told_every_command() {
    let findings = fresh_desktop();
    let verdict = Verdict::of(&findings);
    assert!(!verdict.some_lab());
    insta::assert_snapshot!("fresh_desktop_en", render(&findings, Lang::En, false, 60));
    insta::assert_snapshot!("fresh_desktop_ja", render(&findings, Lang::Ja, false, 60));
}

#[test]
fn where_everything_works_the_crun_lab_is_taken_and_nothing_is_to_mend() {
    let findings = ALL.map(Finding::works).to_vec();
    assert!(Verdict::of(&findings).crun());
    assert_eq!(mends(&findings), [""; 0]);
    insta::assert_snapshot!(render(&findings, Lang::En, true, 80));
}

#[test]
fn images_built_before_make_up_for_tools_that_are_missing() {
    let without_tools = |machine_image| {
        let missing = Text::same("gone");
        vec![
            Finding::fails(Mmdebstrap, missing, None),
            Finding {
                requirement: MachineImage,
                state: machine_image,
                mend: None,
            },
        ]
    };
    let later = State::NotNeeded(Text::same("built later"));
    assert!(!Verdict::of(&without_tools(later)).some_lab());
    assert!(Verdict::of(&without_tools(State::Works(None))).some_lab());
}

#[test]
fn every_reason_is_safe_on_a_terminal() {
    let hostile = Text::same("\u{1b}[2Jgone\r\nsecond line\u{202e}");
    let findings = [Finding::fails(Qemu, hostile, None)];
    let page = render(&findings, Lang::En, false, 80);
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
    assert!(!page.contains('\u{202e}'));
}

/// Whatever this machine is like, the doctor comes to an end and tells of every requirement.
#[tokio::test(flavor = "multi_thread")]
async fn this_machine_can_be_examined() {
    let cache = tempfile::tempdir().unwrap();
    let findings = examine(&cache.path().join("キャッシュ with blanks")).await;
    let examined: Vec<_> = findings.iter().map(|finding| finding.requirement).collect();
    assert_eq!(examined, ALL);
    let fails = |wanted| {
        let found = findings
            .iter()
            .find(|finding| finding.requirement == wanted);
        found.unwrap().has_failed()
    };
    assert_eq!(fails(Esp), lab::kernel::try_esp().is_err());
    assert_eq!(fails(PfKey), lab::kernel::try_pf_key().is_err());
    assert!(!fails(Cache) && !fails(MachineImage));
    for lang in [Lang::En, Lang::Ja] {
        assert!(!render(&findings, lang, true, 80).is_empty());
    }
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_found() {
    let findings = examine(Path::new("/proc/ikematrix")).await;
    let cache = findings.iter().find(|finding| finding.requirement == Cache);
    assert!(cache.unwrap().has_failed());
    assert!(!Verdict::of(&findings).some_lab());
}

fn kernel_without_esp() -> Vec<Finding> {
    let system = |words: &str| Text::same(words);
    let mut findings = ALL.map(Finding::works).to_vec();
    replace(
        &mut findings,
        Finding::fails(Esp, system("Requested type not found"), None),
    );
    let reason = system("Address family not supported by protocol (os error 97)");
    replace(&mut findings, Finding::fails(PfKey, reason, None));
    let reason = system("the kernel did not boot within 10 s");
    replace(&mut findings, Finding::fails(Kvm, reason, None));
    replace(
        &mut findings,
        Finding::noted(Memory, words::free(3_912_000_000)),
    );
    replace(
        &mut findings,
        Finding::noted(DockerEngine, words::version("28.5.2")),
    );
    replace(
        &mut findings,
        Finding::fails(DockerEsp, system("Requested type not found"), None),
    );
    let why = words::text(words::WORDS.root_not_asked);
    replace(&mut findings, Finding::not_needed(UserNamespaces, why));
    findings
}

fn fresh_desktop() -> Vec<Finding> {
    let refused = || Text::same("EPERM: Operation not permitted");
    let missing = |requirement, program: &str, package| {
        let unmet = lab::requirement::Unmet::NotInstalled(program.into());
        let mend = Mend::Install(vec![package]);
        Finding::fails(requirement, words::reason(&unmet), Some(mend))
    };
    let mut findings = ALL.map(Finding::works).to_vec();
    let group = r#"usermod --append --groups kvm "$USER""#;
    for finding in [
        Finding::fails(Root, words::text(words::WORDS.no_root), None),
        Finding::fails(Namespaces, refused(), None),
        Finding::fails(Esp, refused(), None),
        Finding::fails(PfKey, refused(), None),
        missing(Qemu, "qemu-system-x86_64", "qemu-system-x86"),
        Finding::fails(
            Kvm,
            words::kvm_refused("Permission denied"),
            Some(Mend::AsRoot(group.into())),
        ),
        Finding::not_needed(DockerEngine, words::text(words::WORDS.no_engine)),
        Finding::not_needed(DockerEsp, words::text(words::WORDS.no_engine)),
        Finding::not_needed(MachineImage, words::text(words::WORDS.built_later)),
        missing(Mmdebstrap, "mmdebstrap", "mmdebstrap"),
        missing(UserNamespaces, "newuidmap", "uidmap"),
        missing(Squashfs, "tar2sqfs", "squashfs-tools-ng"),
        Finding::fails(
            Disk,
            words::too_little(900_000_000, 2_000_000_000, " (/home)"),
            None,
        ),
    ] {
        replace(&mut findings, finding);
    }
    findings
}

fn replace(findings: &mut [Finding], with: Finding) {
    let place = findings
        .iter_mut()
        .find(|finding| finding.requirement == with.requirement);
    *place.unwrap() = with;
}
