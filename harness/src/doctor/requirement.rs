use reports::text::Words;

use super::words::{WORDS, words};

/// Something that a lab, or building its images, needs of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
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
}

/// What a requirement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    CrunLab,
    VmLab,
    DockerLab,
    Images,
}

impl Requirement {
    pub(crate) fn used_for(self) -> Part {
        match self {
            Self::Root
            | Self::Namespaces
            | Self::Esp
            | Self::PfKey
            | Self::Crun
            | Self::PacketFilter => Part::CrunLab,
            Self::Qemu | Self::Kvm | Self::Memory | Self::MachineImage => Part::VmLab,
            Self::DockerEngine | Self::DockerEsp => Part::DockerLab,
            Self::Mmdebstrap
            | Self::UserNamespaces
            | Self::ArchiveKeys
            | Self::Squashfs
            | Self::Cache
            | Self::Disk => Part::Images,
        }
    }

    pub(crate) fn name(self) -> Words {
        match self {
            Self::Root => words("root", "root 権限"),
            Self::Namespaces => words(
                "network namespaces and overlayfs",
                "ネットワーク名前空間と overlayfs",
            ),
            Self::Esp => words("ESP in this kernel", "カーネルの ESP"),
            Self::PfKey => words("PF_KEY (for OpenIKED)", "PF_KEY（OpenIKED 用）"),
            Self::Crun => words("crun", "crun"),
            Self::PacketFilter => words("nftables", "nftables"),
            Self::Qemu => words("QEMU", "QEMU"),
            Self::Kvm => words("KVM (for speed only)", "KVM（高速化のみ）"),
            Self::Memory => words("memory", "メモリー"),
            Self::MachineImage => words("machine image", "仮想マシンのイメージ"),
            Self::DockerEngine => words("Docker engine", "Docker エンジン"),
            Self::DockerEsp => words("ESP in its containers", "コンテナー内の ESP"),
            Self::Mmdebstrap => words("mmdebstrap", "mmdebstrap"),
            Self::UserNamespaces => words("user namespaces", "ユーザー名前空間"),
            Self::ArchiveKeys => words("Debian's archive keys", "Debian アーカイブの鍵"),
            Self::Squashfs => words("squashfs tools and tar", "squashfs ツールと tar"),
            Self::Cache => words("cache folder", "キャッシュフォルダー"),
            Self::Disk => words("disk space", "ディスク空き容量"),
        }
    }
}

impl Part {
    pub(crate) const ALL: [Self; 4] = [Self::CrunLab, Self::VmLab, Self::DockerLab, Self::Images];

    pub(crate) fn name(self) -> Words {
        match self {
            Self::CrunLab => WORDS.crun_lab,
            Self::VmLab => WORDS.vm_lab,
            Self::DockerLab => WORDS.docker_lab,
            Self::Images => WORDS.images,
        }
    }
}
