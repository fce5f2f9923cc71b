//! Every fixed word of the doctor, in both languages. Names of requirements stand beside them.

use reports::text::{Text, Words};

use lab::requirement::Unmet;

macro_rules! vocabulary {
    ($($name:ident: $en:literal, $ja:literal;)*) => {
        pub(super) struct Vocabulary {
            $(pub(super) $name: Words,)*
        }

        pub(super) static WORDS: Vocabulary = Vocabulary {
            $($name: Words { en: $en, ja: $ja },)*
        };
    };
}

vocabulary! {
    title: "What the labs need, each tried on this machine", "試験環境の要件（このマシンで実際に試行）";
    crun_lab: "crun lab: routers as containers on this kernel",
        "crun 環境: このカーネル上のコンテナーでルーターを動作";
    vm_lab: "vm lab: the same in a virtual machine with a kernel of its own; no root",
        "vm 環境: 独自カーネルの仮想マシン内で同様に動作（root 不要）";
    docker_lab: "docker lab: the same as containers of a Docker engine; only when it is asked for",
        "docker 環境: Docker エンジンのコンテナーで同様に動作（指定時のみ使用）";
    images: "images: building and opening root file systems", "イメージ: ルートファイルシステムの作成と展開";
    works: "works", "使用可";
    fails: "fails", "使用不可";
    not_needed: "not needed", "不要";
    mend: "to mend", "対処";
    mend_all: "To mend everything that can be mended:", "対処可能な項目をすべて解消するコマンド:";
    labs: "Labs", "試験環境";
    crun_works: "crun works.", "crun は使用できます。";
    vm_works: "vm works.", "vm は使用できます。";
    docker_works: "docker works.", "docker は使用できます。";
    docker_limited: "docker works for daemons that do ESP themselves, such as strongSwan.",
        "docker は、ESP を自身で処理するデーモン（strongSwan など）に限り使用できます。";
    docker_fails: "docker does not work; it lacks", "docker は使用できません。不足";
    crun_fails: "crun does not work; it lacks", "crun は使用できません。不足";
    vm_fails: "vm does not work; it lacks", "vm は使用できません。不足";
    takes_crun: "--lab auto takes crun: the routers run on this machine's own kernel.",
        "--lab auto は crun を選択します: ルーターはこのマシンのカーネル上で動作します。";
    takes_vm_kvm: "--lab auto takes vm, with KVM: crun does not work here.",
        "--lab auto は vm（KVM 使用）を選択します: crun を使用できないためです。";
    takes_vm_tcg: "--lab auto takes vm, without KVM (several times slower): crun does not work here.",
        "--lab auto は vm（KVM なし、数倍低速）を選択します: crun を使用できないためです。";
    takes_none: "--lab auto finds no lab here.", "--lab auto で使用できる試験環境がありません。";

    no_root: "not run as root", "root で実行されていない";
    root_not_asked: "root builds images without them", "root での作成には不要";
    no_esp_no_crun: "the crun lab cannot run here without root and ESP in this kernel",
        "root 権限とカーネルの ESP がないため、crun 環境はここでは使用しない";
    first_look: "only a first look: the machine image's kernel is tried once it is built",
        "簡易確認のみ。仮想マシンのイメージの作成後、そのカーネルで確認";
    no_engine: "no engine answers here, and only --lab docker needs one",
        "エンジンは動作していない。必要なのは --lab docker の指定時のみ";
    built_later: "the first run that takes the vm lab builds it", "vm 環境の初回実行時に作成";
    trial_panicked: "the trial ended unexpectedly", "試行が異常終了";
}

pub(super) const fn words(en: &'static str, ja: &'static str) -> Words {
    Words { en, ja }
}

pub(super) fn text(words: Words) -> Text {
    Text::new(words.en, words.ja)
}

/// The reason in words: those of the system and of programs stay as they are.
pub(super) fn reason(unmet: &Unmet) -> Text {
    match unmet {
        Unmet::NotInstalled(program) => Text::new(
            format!("{program} is not installed"),
            format!("{program} が未インストール"),
        ),
        Unmet::Failed(why) => Text::same(why),
    }
}

pub(super) fn free(octets: u64) -> Text {
    let gigabytes = gigabytes(octets);
    Text::new(
        format!("{gigabytes} GB free"),
        format!("空き {gigabytes} GB"),
    )
}

pub(super) fn too_little(octets: u64, needed: u64, place: &str) -> Text {
    let (free, needed) = (gigabytes(octets), gigabytes(needed));
    Text::new(
        format!("{free} GB free{place}, {needed} GB needed"),
        format!("空き {free} GB{place}（{needed} GB 必要）"),
    )
}

fn gigabytes(octets: u64) -> String {
    let tenths = octets / 100_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The version of the engine.
pub(super) fn version(version: &str) -> Text {
    Text::new(
        format!("version {version}"),
        format!("バージョン {version}"),
    )
}

/// KVM is there, but not for this user; a new group counts from the next login on.
pub(super) fn kvm_refused(why: &str) -> Text {
    Text::new(
        format!("{why} (log in again after the change)"),
        format!("{why}（変更後に再ログインが必要）"),
    )
}
