use super::finding::{Finding, State};
use super::requirement::Requirement::{self, *};

/// Which labs work here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What the crun lab lacks.
    pub(crate) crun_lacks: Vec<Requirement>,
    /// What the vm lab lacks.
    pub(crate) vm_lacks: Vec<Requirement>,
    /// What the docker lab lacks.
    pub(crate) docker_lacks: Vec<Requirement>,
    /// Whether only daemons with ESP of their own can be tried in the docker lab.
    pub(crate) docker_limited: bool,
    /// What a virtual machine can be accelerated by.
    pub(crate) kvm: bool,
}

const BOTH: &[Requirement] = &[Squashfs, Cache];
/// OpenIKED is among the stand-ins, so a lab must be able to carry it.
const CRUN: &[Requirement] = &[Root, Namespaces, Esp, PfKey, Crun, PacketFilter];
const VM: &[Requirement] = &[Qemu, Memory];
const BUILDING: &[Requirement] = &[Mmdebstrap, UserNamespaces, ArchiveKeys, Disk];

impl Verdict {
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let failed = |wanted: &[Requirement]| -> Vec<Requirement> {
            let failed = findings.iter().filter(|finding| finding.has_failed());
            let failed = failed.map(|finding| finding.requirement);
            failed.filter(|failed| wanted.contains(failed)).collect()
        };
        let works = |wanted| {
            findings.iter().any(|finding| {
                finding.requirement == wanted && matches!(finding.state, State::Works(_))
            })
        };
        // The machine's image shows that images were built here before: what is needed is there.
        let building = if works(MachineImage) {
            vec![]
        } else {
            failed(BUILDING)
        };
        let lacks = |own: &[Requirement]| [failed(own), failed(BOTH), building.clone()].concat();
        Self {
            crun_lacks: lacks(CRUN),
            vm_lacks: lacks(VM),
            docker_lacks: if works(DockerEngine) {
                lacks(&[])
            } else {
                vec![DockerEngine]
            },
            docker_limited: !works(DockerEsp),
            kvm: works(Kvm),
        }
    }

    pub(crate) fn crun(&self) -> bool {
        self.crun_lacks.is_empty()
    }

    pub(crate) fn vm(&self) -> bool {
        self.vm_lacks.is_empty()
    }

    /// Whether any lab works.
    pub(crate) fn some_lab(&self) -> bool {
        self.crun() || self.vm()
    }
}
