//! Every sentence that the program makes, in Japanese and English side by side.

use std::path::Path;

use cases::{Case, Role};
use lab::LabError;
use reports::cause::CauseCode;
use reports::text::Text;
use vendors::Profile;

use crate::engine::router::ControlState;
use crate::judge::Traffic;

mod conformance;
pub(crate) mod external;
#[cfg(test)]
mod tests;

pub(crate) use conformance::{
    baseline_refused, conforms, conforms_without_hpki, control_failed, made_as_due, made_of_vector,
    no_certificates, no_shared_key, no_signature, one_peer_only, router_did, tester,
};

/// A router as a sentence names it: its role and its vendor.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) role: Role,
    pub(crate) vendor: &'a Text,
}

impl Named<'_> {
    pub(crate) fn text(&self) -> Text {
        Text::new(self.en(), self.ja())
    }

    fn en(&self) -> String {
        format!("the {} ({})", self.role, self.vendor.en)
    }

    fn ja(&self) -> String {
        let role = match self.role {
            Role::Initiator => "開始側",
            Role::Responder => "応答側",
        };
        format!("{role}（{}）", self.vendor.ja)
    }
}

/// A run was added to a site.
pub(crate) fn published(place: &Path) -> Text {
    let place = place.display();
    Text::new(format!("added: {place}"), format!("追加: {place}"))
}

/// A run stands in a site already.
pub(crate) fn published_before(place: &Path) -> Text {
    let place = place.display();
    Text::new(
        format!("published before: {place}"),
        format!("公開済み: {place}"),
    )
}

pub(crate) fn declared_unsupported(lacking: &[&Profile], case: &Case) -> Text {
    let names = |lang: fn(&Profile) -> &str, and: &str| {
        let names: Vec<_> = lacking.iter().map(|profile| lang(profile)).collect();
        names.join(and)
    };
    let are = if lacking.len() == 1 { "is" } else { "are" };
    Text::new(
        format!(
            "{} {are} declared not to support \"{}\"",
            names(|profile| &profile.name.en, " and "),
            case.title.en
        ),
        format!(
            "{}は「{}」の機能を備えていないと申告しています",
            names(|profile| &profile.name.ja, "、"),
            case.title.ja
        ),
    )
}

pub(crate) fn lab_fault(fault: &LabError) -> Text {
    Text::new(
        format!("the lab failed, not a router: {fault}"),
        format!("ルーターではなく試験環境の障害です: {fault}"),
    )
}

pub(crate) fn control(state: &ControlState) -> Text {
    if !state.running {
        return Text::new("the daemon is not running", "デーモンが動作していません");
    }
    if !state.answered {
        return Text::new(
            "the daemon runs and does not answer",
            "デーモンは動作していますが、応答しません",
        );
    }
    match (state.ike_established, state.child_installed) {
        (true, true) => Text::new(
            "the daemon has an established IKE SA and an installed Child SA",
            "デーモンは IKE SA の確立と Child SA の設定を報告しています",
        ),
        (true, false) => Text::new(
            "the daemon has an established IKE SA and no Child SA",
            "デーモンは IKE SA の確立を報告していますが、Child SA がありません",
        ),
        (false, true) => Text::new(
            "the daemon has a Child SA without an established IKE SA",
            "デーモンは Child SA の設定を報告していますが、IKE SA が確立していません",
        ),
        (false, false) => Text::new(
            "the daemon has no established IKE SA",
            "デーモンに確立済みの IKE SA がありません",
        ),
    }
}

/// What a kernel holds; or what a daemon says that it holds itself, in user space.
pub(crate) fn kernel_sas(out: &[u32], into: &[u32], good: bool, in_user_space: bool) -> Text {
    let held = |spis: &[u32], one: &str, none: &str| {
        if spis.is_empty() {
            return none.to_owned();
        }
        let spis: Vec<_> = spis.iter().map(|spi| format!("{spi:#010x}")).collect();
        format!("{one} {}", spis.join(", "))
    };
    let (en_who, ja_who, en_place, ja_place) = if in_user_space {
        (
            "peer",
            "対向",
            "in user space, by the daemon's own word: ",
            "ユーザー空間（デーモンの報告による）: ",
        )
    } else {
        ("peer's kernel", "対向のカーネル", "", "")
    };
    let (en_same, ja_same) = if good {
        ("holds the same SAs", "の SA と一致")
    } else {
        ("does not hold the same SAs", "の SA と不一致")
    };
    Text::new(
        format!(
            "{en_place}{}, {}; the {en_who} {en_same}",
            held(out, "outbound SPI", "no outbound SA"),
            held(into, "inbound SPI", "no inbound SA")
        ),
        format!(
            "{ja_place}{}、{}（{ja_who}{ja_same}）",
            held(out, "送信 SPI", "送信 SA なし"),
            held(into, "受信 SPI", "受信 SA なし")
        ),
    )
}

pub(crate) fn traffic(from: &str, to: &str, traffic: &Traffic, clear: usize) -> Text {
    let Traffic {
        sent,
        received,
        rounds,
        refused,
    } = traffic;
    if *sent == 0 {
        return Text::new(
            format!("no probe was sent from {from} to {to}"),
            format!("{from} から {to} への試験パケットは送信されていません"),
        );
    }
    let (en, ja) = match refused {
        None => (String::new(), String::new()),
        Some(why) => (
            format!("; the sender's kernel said: {why}"),
            format!("（送信側カーネル: {why}）"),
        ),
    };
    let (clear_en, clear_ja) = if clear > 0 && *received > 0 {
        (
            "; probes crossed the wan without protection",
            "。WAN 上では平文で転送",
        )
    } else {
        ("", "")
    };
    Text::new(
        format!(
            "{received} of {sent} probes from {from} reached {to} in round {rounds}{clear_en}{en}"
        ),
        format!(
            "{from} から {to} への試験パケット {sent} 個中 {received} 個が到達（{rounds} 回目）\
             {clear_ja}{ja}"
        ),
    )
}

pub(crate) fn wire(esp: [u64; 2], clear: usize) -> Text {
    let [out, back] = esp;
    Text::new(
        format!(
            "ESP packets with the negotiated SPIs: {out} from the initiator, {back} from the \
             responder; probes in clear: {clear}"
        ),
        format!(
            "合意した SPI の ESP パケット: 開始側から {out} 個、応答側から {back} 個。\
             平文の試験パケット: {clear} 個"
        ),
    )
}

pub(crate) fn clear_text(count: usize, first: u64) -> Text {
    Text::new(
        format!(
            "probes crossed the wan unprotected in {}, the first of them packet {first} of the \
             capture",
            counted(count as u64, "packet")
        ),
        format!(
            "試験パケット {count} 個が保護されずに WAN を通過しました（最初はキャプチャの {first} 番）"
        ),
    )
}

pub(crate) fn stopped(router: Named<'_>) -> Text {
    Text::new(
        format!("the daemon of {} ended during the case", router.en()),
        format!("試験中に{}のデーモンが終了しました", router.ja()),
    )
}

pub(crate) fn stopped_at_start(router: Named<'_>, code: Option<i32>) -> Text {
    let (en, ja) = match code {
        Some(code) => (format!("exit code {code}"), format!("終了コード {code}")),
        None => ("by a signal".into(), "シグナルによる".into()),
    };
    Text::new(
        format!(
            "the daemon of {} ended while it was starting ({en})",
            router.en()
        ),
        format!("{}のデーモンが起動中に終了しました（{ja}）", router.ja()),
    )
}

pub(crate) fn not_ready(router: Named<'_>, seconds: u64) -> Text {
    Text::new(
        format!(
            "the daemon of {} was not ready within {seconds} s",
            router.en()
        ),
        format!(
            "{}のデーモンの起動が {seconds} 秒以内に完了しませんでした",
            router.ja()
        ),
    )
}

pub(crate) fn refused_configuration(router: Named<'_>, command: &str, said: &str) -> Text {
    /// Enough for any message; the rest of a longer one is in the log.
    const LIMIT: usize = 300;
    let said: String = said
        .lines()
        .last()
        .unwrap_or_default()
        .chars()
        .take(LIMIT)
        .collect();
    let (en, ja) = if said.is_empty() {
        (
            "failed without a word".into(),
            "がメッセージなしで失敗".into(),
        )
    } else {
        (format!("said \"{said}\""), format!(" の応答「{said}」"))
    };
    Text::new(
        format!(
            "{} refused its configuration: `{command}` {en}",
            router.en()
        ),
        format!(
            "{}が設定を受け付けませんでした: `{command}`{ja}",
            router.ja()
        ),
    )
}

pub(crate) fn one_sided(with: Named<'_>, without: Named<'_>, by_kernel: bool) -> Text {
    let (en, ja) = if by_kernel {
        (
            ": its kernel interface refused the negotiated algorithms",
            "（合意したアルゴリズムをカーネルインターフェースが拒否）",
        )
    } else {
        ("", "")
    };
    Text::new(
        format!(
            "one-sided Child SA: {} has installed it and takes the tunnel to be up; {} has not{en}",
            with.en(),
            without.en()
        ),
        format!(
            "片側のみの Child SA: {}は Child SA を設定しトンネルが成立したとみなしていますが、\
             {}には設定されていません{ja}",
            with.ja(),
            without.ja()
        ),
    )
}

/// A sentence, and what exactly it speaks of.
pub(crate) fn with_detail(sentence: &Text, detail: &Text) -> Text {
    Text::new(
        format!("{}: {}", sentence.en, detail.en),
        format!("{}（{}）", sentence.ja, detail.ja),
    )
}

/// What the folder of keys holds.
pub(crate) fn about_keys(ike: usize, esp: usize) -> Text {
    let (en, ja) = if ike == 0 {
        (
            "No router of this cell told the keys of an IKE SA (libreswan never does: its NSS keeps \
             them), so what was encrypted cannot be read. The transcript is made of the clear \
             messages; both logs tell the rest."
                .to_owned(),
            "このセルのルーターはいずれも IKE SA の鍵を出力していないため（libreswan は NSS が鍵を\
             保持するため常に出力しない）、暗号化された内容は読めない。通信記録は平文のメッセージ\
             から作成したものであり、残りは双方のログを参照。"
                .to_owned(),
        )
    } else {
        (
            format!(
                "Keys of this session only: {} of IKE, {} of ESP. Both files are tables of \
                 Wireshark: put them into a folder with its other settings (-C, or \
                 WIRESHARK_CONFIG_DIR) to read wan.pcapng decrypted.",
                counted(ike as u64, "set"),
                counted(esp as u64, "SA")
            ),
            format!(
                "このセッションに限り有効な鍵（IKE {ike} 組、ESP の SA {esp} 個）。いずれも \
                 Wireshark の設定表であり、設定フォルダー（-C または WIRESHARK_CONFIG_DIR）に\
                 置くと wan.pcapng を復号して閲覧できる。"
            ),
        )
    };
    Text::new(
        format!("SESSION KEYS OF A TEST RUN. {en}"),
        format!("試験で使用したセッション鍵。{ja}"),
    )
}

pub(crate) fn not_rekeyed() -> Text {
    Text::new(
        "the rekeying that was asked for did not come about",
        "要求した鍵更新が行われていません",
    )
}

/// What a router's kernel counts.
pub(crate) fn dropped(count: u32) -> Text {
    Text::new(
        format!("its kernel dropped {}", counted(count.into(), "packet")),
        format!("カーネルが {count} パケットを破棄"),
    )
}

/// The word of a host's kernel on its own packets.
pub(crate) fn not_encapsulated(both: bool) -> Text {
    if both {
        return Text::new(
            "the SAs of neither end encapsulate ESP in UDP",
            "両端の SA がいずれも ESP を UDP でカプセル化していません",
        );
    }
    Text::new(
        "its SAs do not encapsulate ESP in UDP, and those of its peer do",
        "対向の SA は ESP を UDP でカプセル化していますが、このルーターの SA はしていません",
    )
}

pub(crate) fn host_said(host: &str, why: &str) -> Text {
    Text::new(
        format!("the kernel of {host} says: {why}"),
        format!("{host} のカーネルの応答: {why}"),
    )
}

pub(crate) fn esp_lost(sent: u64, arrived: u64) -> Text {
    Text::new(
        format!("of {}, {arrived} arrived", counted(sent, "ESP packet")),
        format!("ESP パケット {sent} 個のうち到達は {arrived} 個"),
    )
}

/// What waits for a daemon that takes nothing.
pub(crate) fn waiting(octets: u64) -> Text {
    Text::new(
        format!(
            "its daemon gave no answer to its own status command, and {octets} octets wait in its \
             sockets"
        ),
        format!("状態照会に応答がなく、ソケットに {octets} オクテットが滞留"),
    )
}

/// Two details beside each other.
pub(crate) fn joined(one: &Text, other: &Text) -> Text {
    Text::new(
        format!("{}; {}", one.en, other.en),
        format!("{}、{}", one.ja, other.ja),
    )
}

pub(crate) fn daemon_without_kernel(router: Named<'_>) -> Text {
    Text::new(
        format!(
            "the daemon of {} reports an installed Child SA, and its kernel holds none",
            router.en()
        ),
        format!(
            "{}のデーモンは Child SA の設定を報告していますが、カーネルにはありません",
            router.ja()
        ),
    )
}

pub(crate) fn kernel_without_daemon(router: Named<'_>) -> Text {
    Text::new(
        format!(
            "the kernel of {} holds SAs of which its daemon reports none",
            router.en()
        ),
        format!(
            "{}のカーネルには、デーモンが報告していない SA があります",
            router.ja()
        ),
    )
}

pub(crate) fn established_alone(router: Named<'_>, peer: Named<'_>) -> Text {
    Text::new(
        format!(
            "{} reports an established IKE SA, and {} reports none",
            router.en(),
            peer.en()
        ),
        format!(
            "{}は IKE SA の確立を報告していますが、{}は報告していません",
            router.ja(),
            peer.ja()
        ),
    )
}

pub(crate) fn fragments_lost(from: Named<'_>, count: u64, first: u64) -> Text {
    Text::new(
        format!(
            "{} sent an IKE message in {}, the first of them packet {first} of the capture, and \
             never got an answer: the path loses fragments, and not both ends use IKE \
             fragmentation (RFC 7383)",
            from.en(),
            counted(count, "IP fragment")
        ),
        format!(
            "{}は IKE メッセージを {count} 個の IP フラグメントで送信しましたが（最初はキャプチャの \
             {first} 番）、応答がありませんでした。経路上でフラグメントが失われており、\
             IKE フラグメンテーション（RFC 7383）を使わない側があります",
            from.ja()
        ),
    )
}

/// What a code says of the router that did not accept, and its peer.
pub(crate) fn refused(code: CauseCode, by: Named<'_>, peer: Named<'_>) -> Text {
    code.sentence(&by.text(), &peer.text())
}

/// Where a router's own words are less exact than the cause.
pub(crate) fn found_by_the_lab(sentence: &Text) -> Text {
    Text::new(
        format!(
            "{} (found by the lab in the settings and certificates of both ends; the router itself \
             says less)",
            sentence.en
        ),
        format!(
            "{}（両端の設定と証明書から特定した原因で、ルーター自身はここまで述べていません）",
            sentence.ja
        ),
    )
}

pub(crate) fn no_answer(router: Named<'_>, asked: u64) -> Text {
    Text::new(
        format!(
            "{} went out to {}, and none came back",
            counted(asked, "IKE message"),
            router.en()
        ),
        format!(
            "{}へ IKE メッセージを {asked} 個送信しましたが、応答がありません",
            router.ja()
        ),
    )
}

pub(crate) fn flooded(router: Named<'_>, packets: u64, octets: u64) -> Text {
    Text::new(
        format!(
            "{} sent {} with {octets} octets, more than nine tenths of what crossed the wan and \
             more than is recorded of a cell; the tunnel was not judged",
            router.en(),
            counted(packets, "packet"),
        ),
        format!(
            "{}が {packets} 個のパケット（{octets} オクテット）を送信しました。WAN の通信量の 9 割を\
             超え、1 セルの記録可能量も超えたため、トンネルの合否は判定していません",
            router.ja()
        ),
    )
}

pub(crate) fn wrong_spi(sender: Named<'_>, receiver: Named<'_>) -> Text {
    Text::new(
        format!(
            "{} sends ESP under an SPI that {} does not hold",
            sender.en(),
            receiver.en()
        ),
        format!(
            "{}は、{}が保持していない SPI で ESP を送信しています",
            sender.ja(),
            receiver.ja()
        ),
    )
}

pub(crate) fn no_traffic(from: &str, to: &str, traffic: &Traffic, on_wire: u64) -> Text {
    let Traffic { sent, received, .. } = traffic;
    let (en, ja) = if on_wire == 0 {
        (
            "no ESP packet left the router in that direction".into(),
            "この方向の ESP パケットはルーターから送出されていません".into(),
        )
    } else {
        (
            format!(
                "{} left the router in that direction and did not get through the wan or the other \
                 router",
                counted(on_wire, "ESP packet")
            ),
            format!(
                "この方向の ESP パケット {on_wire} 個はルーターから送出されましたが、WAN 上または\
                 対向ルーター以降で失われました"
            ),
        )
    };
    Text::new(
        format!(
            "the tunnel stands at both ends, but {received} of {sent} probes from {from} reached \
             {to}: {en}"
        ),
        format!(
            "トンネルは両端で成立していますが、{from} から {to} への試験パケット {sent} 個のうち\
             到達は {received} 個です。{ja}"
        ),
    )
}

pub(crate) fn unknown(bad: &[Text]) -> Text {
    let join = |lang: fn(&Text) -> &str, and: &str| {
        let details: Vec<_> = bad.iter().map(lang).collect();
        details.join(and)
    };
    Text::new(
        format!(
            "the observers do not agree, and no log line says why: {}",
            join(|t| &t.en, "; ")
        ),
        format!(
            "観測結果が一致せず、原因を示すログもありません: {}",
            join(|t| &t.ja, "。")
        ),
    )
}

/// A count with its noun, in English.
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
