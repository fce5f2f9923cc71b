//! Every sentence that the program makes, in Japanese and English side by side.

use cases::{Case, Role};
use lab::LabError;
use reports::text::Text;
use vendors::{LogCause, Profile};

use crate::engine::router::ControlState;
use crate::judge::Traffic;

/// A router as a sentence names it: its role and its vendor.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) role: Role,
    pub(crate) vendor: &'a Text,
}

impl Named<'_> {
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

pub(crate) fn declared_unsupported(lacking: &[&Profile], case: &Case) -> Text {
    let names = |lang: fn(&Profile) -> &str, and: &str| {
        lacking
            .iter()
            .map(|profile| lang(profile))
            .collect::<Vec<_>>()
            .join(and)
    };
    Text::new(
        format!(
            "{} declares no function for \"{}\"",
            names(|profile| &profile.name.en, " and "),
            case.title.en
        ),
        format!(
            "{}は「{}」の機能を持たないと宣言しています",
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
    match (state.ike_established, state.child_installed) {
        (true, true) => Text::new(
            "the daemon has an established IKE SA and an installed Child SA",
            "デーモンは IKE SA の確立と Child SA の設定完了を示しています",
        ),
        (true, false) => Text::new(
            "the daemon has an established IKE SA and no Child SA",
            "デーモンは IKE SA の確立を示していますが、Child SA がありません",
        ),
        (false, true) => Text::new(
            "the daemon has a Child SA without an established IKE SA",
            "デーモンは Child SA を示していますが、IKE SA が確立していません",
        ),
        (false, false) => Text::new(
            "the daemon has no established IKE SA",
            "デーモンに確立した IKE SA がありません",
        ),
    }
}

pub(crate) fn kernel_sas(out: &[u32], into: &[u32], good: bool) -> Text {
    let spis = |spis: &[u32], none: &str| {
        if spis.is_empty() {
            return none.to_owned();
        }
        spis.iter()
            .map(|spi| format!("{spi:#010x}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (en_match, ja_match) = if good {
        (
            "the peer's kernel holds their other halves",
            "対向のカーネルと対応しています",
        )
    } else {
        (
            "they do not match the peer's kernel",
            "対向のカーネルと対応していません",
        )
    };
    Text::new(
        format!(
            "outbound SPI {}, inbound SPI {}: {en_match}",
            spis(out, "none"),
            spis(into, "none")
        ),
        format!(
            "送信 SPI {}、受信 SPI {}: {ja_match}",
            spis(out, "なし"),
            spis(into, "なし")
        ),
    )
}

pub(crate) fn traffic(from: &str, to: &str, traffic: &Traffic) -> Text {
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
    Text::new(
        format!("{received} of {sent} probes from {from} reached {to} in round {rounds}{en}"),
        format!(
            "{from} から {to} への試験パケット {sent} 個中 {received} 個が到達（{rounds} 回目）{ja}"
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
            "折衝した SPI の ESP パケット: 開始側から {out}、応答側から {back}。平文の試験パケット: {clear}"
        ),
    )
}

pub(crate) fn clear_text(count: usize, first: u64) -> Text {
    Text::new(
        format!(
            "{count} packets with a probe's mark crossed the wan unprotected, the first as packet \
             {first} of the capture"
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
        None => ("a signal".into(), "シグナル".into()),
    };
    Text::new(
        format!(
            "the daemon of {} ended while it was starting, with {en}",
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
            "{}のデーモンが {seconds} 秒以内に準備できませんでした",
            router.ja()
        ),
    )
}

pub(crate) fn refused_configuration(router: Named<'_>, command: &str, said: &str) -> Text {
    let said = said.lines().last().unwrap_or_default();
    Text::new(
        format!(
            "{} refused its configuration: `{command}` said \"{said}\"",
            router.en()
        ),
        format!(
            "{}が設定を受け付けませんでした: `{command}` の応答「{said}」",
            router.ja()
        ),
    )
}

pub(crate) fn one_sided(with: Named<'_>, without: Named<'_>, by_kernel: bool) -> Text {
    let (en, ja) = if by_kernel {
        (
            ": its kernel interface refused the negotiated algorithms",
            "（折衝したアルゴリズムをカーネルが拒否）",
        )
    } else {
        ("", "")
    };
    Text::new(
        format!(
            "one-sided Child SA: {} has installed it and believes in the tunnel, {} has not{en}",
            with.en(),
            without.en()
        ),
        format!(
            "片側だけの Child SA: {}は設定済みでトンネルが成立したとみなしていますが、{}にはありません{ja}",
            with.ja(),
            without.ja()
        ),
    )
}

pub(crate) fn refused(cause: LogCause, by: Named<'_>, peer: Named<'_>) -> Text {
    let (by_en, by_ja, peer_en, peer_ja) = (by.en(), by.ja(), peer.en(), peer.ja());
    match cause {
        LogCause::AuthPskMismatch => Text::new(
            format!("{by_en} found that {peer_en} holds a different pre-shared key"),
            format!("{by_ja}は、{peer_ja}の事前共有鍵が自身のものと異なると判断しました"),
        ),
        LogCause::AuthFailed => Text::new(
            format!("{by_en} refused the authentication of {peer_en}"),
            format!("{by_ja}が{peer_ja}の認証を拒否しました"),
        ),
        LogCause::ProposalIkeNoneInCommon => Text::new(
            format!("{by_en} accepted none of the IKE proposals of {peer_en}"),
            format!("{by_ja}は、{peer_ja}の IKE プロポーザルをいずれも受け入れませんでした"),
        ),
        LogCause::ProposalEspNoneInCommon => Text::new(
            format!("{by_en} accepted none of the ESP proposals of {peer_en}"),
            format!("{by_ja}は、{peer_ja}の ESP プロポーザルをいずれも受け入れませんでした"),
        ),
        LogCause::SelectorsUnacceptable => Text::new(
            format!("{by_en} did not accept the traffic selectors of {peer_en}"),
            format!("{by_ja}は、{peer_ja}のトラフィックセレクタを受け入れませんでした"),
        ),
        LogCause::IdentityUnknownPeer => Text::new(
            format!("{by_en} does not know the identity that {peer_en} presented"),
            format!("{by_ja}は、{peer_ja}が提示した ID を知りません"),
        ),
        LogCause::PathNoAnswer => Text::new(
            format!("{by_en} did not answer {peer_en}"),
            format!("{by_ja}が{peer_ja}に応答しませんでした"),
        ),
        LogCause::EspRefusedByKernel => Text::new(
            format!("the kernel interface of {by_en} refused the negotiated algorithms"),
            format!("{by_ja}のカーネルが、折衝したアルゴリズムを拒否しました"),
        ),
        LogCause::RouterCrashed => Text::new(
            format!("the daemon of {by_en} crashed"),
            format!("{by_ja}のデーモンが異常終了しました"),
        ),
    }
}

pub(crate) fn no_answer(router: Named<'_>, asked: u64) -> Text {
    Text::new(
        format!(
            "{asked} IKE messages went out to {}, and none came back",
            router.en()
        ),
        format!(
            "{}へ IKE メッセージを {asked} 個送信しましたが、応答が 1 つもありません",
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
            "no ESP packet of that direction left the router",
            "この方向の ESP パケットはルーターから送出されていません",
        )
    } else {
        (
            "ESP packets of that direction left the router and were lost on the wan or behind the \
             other router",
            "この方向の ESP パケットは送出されましたが、WAN 上または対向ルーターの内側で失われました",
        )
    };
    Text::new(
        format!(
            "the tunnel stands at both ends, but only {received} of {sent} probes from {from} \
             reached {to}: {en} ({on_wire} seen on the wan)"
        ),
        format!(
            "トンネルは両端で成立していますが、{from} から {to} への試験パケットは {sent} 個中 \
             {received} 個しか到達していません: {ja}（WAN 上で {on_wire} 個を確認）"
        ),
    )
}

pub(crate) fn unknown(bad: &[Text]) -> Text {
    let join =
        |lang: fn(&Text) -> &str, and: &str| bad.iter().map(lang).collect::<Vec<_>>().join(and);
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
