//! The words of the story, in both languages.

use reports::text::Lang;

use crate::model::{CertificateFinding, EspFlow, IcmpError, IcmpWhat, IpFragments, Note, Role};

/// Says things in one language.
#[derive(Clone, Copy)]
pub(super) struct Say(pub(super) Lang);

impl Say {
    fn one(self, en: &'static str, ja: &'static str) -> &'static str {
        match self.0 {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    fn is_ja(self) -> bool {
        self.0 == Lang::Ja
    }

    pub(super) fn comma(self) -> &'static str {
        self.one(", ", "、")
    }

    pub(super) fn role(self, role: Role) -> &'static str {
        match role {
            Role::Initiator => self.one("(initiator)", "（開始側）"),
            Role::Responder => self.one("(responder)", "（応答側）"),
        }
    }

    pub(super) fn direction(self, response: bool) -> &'static str {
        if response {
            self.one("response", "応答")
        } else {
            self.one("request", "要求")
        }
    }

    pub(super) fn capture(self, packets: u64, started: &str, seconds: &str) -> String {
        match self.0 {
            Lang::En if started.is_empty() => "The capture holds no packet.".to_owned(),
            Lang::Ja if started.is_empty() => {
                "キャプチャーにパケットは含まれていません。".to_owned()
            }
            Lang::En => format!(
                "Capture of {packets} packets from {started} over {seconds} s; times count from its \
                 first packet."
            ),
            Lang::Ja => format!(
                "{started} から {seconds} 秒間、{packets} パケットのキャプチャー。時刻は最初のパケット\
                 からの秒数。"
            ),
        }
    }

    pub(super) fn no_ike(self) -> &'static str {
        self.one(
            "There is no IKE message in it.",
            "IKE メッセージは含まれていません。",
        )
    }

    pub(super) fn no_esp(self) -> &'static str {
        self.one("No ESP packet was seen.", "ESP パケットはありません。")
    }

    pub(super) fn keys_known(self) -> &'static str {
        self.one(
            "decrypted with the session's keys",
            "セッション鍵により復号",
        )
    }

    pub(super) fn keys_unknown(self) -> &'static str {
        self.one("its keys are not known", "鍵は不明")
    }

    pub(super) fn rekeys(self, old: usize) -> String {
        match self.0 {
            Lang::En => format!("replaces IKE SA {old}"),
            Lang::Ja => format!("IKE SA {old} の鍵更新"),
        }
    }

    pub(super) fn packet(self, packet: u64) -> String {
        match self.0 {
            Lang::En => format!("packet {packet}"),
            Lang::Ja => format!("パケット {packet}"),
        }
    }

    pub(super) fn ip_fragments(self, count: u64) -> String {
        match self.0 {
            Lang::En => format!("in {count} IP fragments"),
            Lang::Ja => format!("IP フラグメント {count} 個"),
        }
    }

    pub(super) fn retransmitted(self, again: u64, packets: &str) -> String {
        match (self.0, again) {
            (Lang::En, 1) => format!("retransmitted once (packet {packets})"),
            (Lang::En, _) => format!("retransmitted {again} times (packets {packets})"),
            (Lang::Ja, _) => format!("再送 {again} 回（パケット {packets}）"),
        }
    }

    pub(super) fn arrived(self, which: Option<u64>, there: u64) -> String {
        match (self.0, which) {
            (Lang::En, None) => format!("arrived (packet {there})"),
            (Lang::En, Some(sent)) => format!("packet {sent} arrived (packet {there})"),
            (Lang::Ja, None) => format!("到達（パケット {there}）"),
            (Lang::Ja, Some(sent)) => format!("パケット {sent} が到達（パケット {there}）"),
        }
    }

    pub(super) fn lost(self, repeatedly: bool) -> &'static str {
        if repeatedly {
            self.one("never arrived", "いずれも未到達")
        } else {
            self.one("did not arrive", "未到達")
        }
    }

    pub(super) fn encrypted(self) -> &'static str {
        self.one(
            "encrypted; without the session's keys its content cannot be read",
            "暗号化されており、セッション鍵がないため内容は不明",
        )
    }

    pub(super) fn undecryptable(self, why: &str) -> String {
        match self.0 {
            Lang::En => format!("cannot be decrypted although the keys are known: {why}"),
            Lang::Ja => format!("鍵は判明しているが復号できない: {why}"),
        }
    }

    pub(super) fn malformed(self, why: &str) -> String {
        match self.0 {
            Lang::En => format!("malformed: {why}"),
            Lang::Ja => format!("形式が不正: {why}"),
        }
    }

    pub(super) fn more_payloads(self, more: u64) -> String {
        match self.0 {
            Lang::En => format!("and {more} more payloads"),
            Lang::Ja => format!("ほかにペイロード {more} 個"),
        }
    }

    pub(super) fn and_more(self, more: u64) -> String {
        match self.0 {
            Lang::En => format!("and {more} more"),
            Lang::Ja => format!("ほか {more} 件"),
        }
    }

    pub(super) fn ike_fragments(self, have: usize, total: u16) -> String {
        match self.0 {
            Lang::En if have == usize::from(total) => {
                format!("put together from {total} IKE fragments (RFC 7383):")
            }
            Lang::En => format!("{have} of {total} IKE fragments were seen (RFC 7383):"),
            Lang::Ja if have == usize::from(total) => {
                format!("IKE フラグメント {total} 個から再構成（RFC 7383）:")
            }
            Lang::Ja => format!("IKE フラグメント {total} 個のうち {have} 個のみ確認（RFC 7383）:"),
        }
    }

    pub(super) fn proposal(self, response: bool) -> &'static str {
        if response {
            self.one("chooses", "選択")
        } else {
            self.one("offers", "提案")
        }
    }

    pub(super) fn octets(self, octets: u64) -> String {
        match self.0 {
            Lang::En => format!("{octets} octets"),
            Lang::Ja => format!("{octets} オクテット"),
        }
    }

    pub(super) fn critical(self, kind: &str) -> String {
        match self.0 {
            Lang::En => format!("{kind} has the critical bit"),
            Lang::Ja => format!("{kind} にはクリティカルビットあり"),
        }
    }

    pub(super) fn certificate_request(self, encoding: &str, count: u64, hashes: &str) -> String {
        match self.0 {
            Lang::En if count == 1 => format!("CERTREQ: {encoding}, 1 authority ({hashes})"),
            Lang::En => format!("CERTREQ: {encoding}, {count} authorities ({hashes})"),
            Lang::Ja => format!("CERTREQ: {encoding}、認証局 {count} 件（{hashes}）"),
        }
    }

    pub(super) fn error(self, notify: &str) -> String {
        match self.0 {
            Lang::En => format!("N: error {notify}"),
            Lang::Ja => format!("N: エラー {notify}"),
        }
    }

    /// After the name of a NAT_DETECTION notification.
    pub(super) fn nat(self) -> &'static str {
        match self.0 {
            Lang::En => " (a NAT changed the address)",
            Lang::Ja => "（NAT によるアドレス変換あり）",
        }
    }

    pub(super) fn delete(self, protocol: &str, spis: &str) -> String {
        match (self.0, spis.is_empty()) {
            (Lang::En, true) => format!("deletes this {protocol} SA"),
            (Lang::En, false) => format!("deletes {protocol} SPI {spis}"),
            (Lang::Ja, true) => format!("この {protocol} SA を削除"),
            (Lang::Ja, false) => format!("{protocol} SPI {spis} を削除"),
        }
    }

    pub(super) fn unknown_payload(self, kind: &str) -> String {
        match self.0 {
            Lang::En => format!("payload of unknown type {kind}"),
            Lang::Ja => format!("未知の種別のペイロード {kind}"),
        }
    }

    pub(super) fn undecodable(self, kind: &str, why: &str) -> String {
        match self.0 {
            Lang::En => format!("{kind} cannot be decoded: {why}"),
            Lang::Ja => format!("{kind} は解読できない: {why}"),
        }
    }

    pub(super) fn certificate(self, subject: &str, issuer: &str, ca: bool) -> String {
        let ca = if ca { " CA" } else { "" };
        match self.0 {
            Lang::En => format!("CERT{ca}: subject {subject}; issuer {issuer}"),
            Lang::Ja => format!("CERT{ca}: 主体者 {subject}、発行者 {issuer}"),
        }
    }

    pub(super) fn certificate_unread(self, encoding: &str, why: Option<&str>) -> String {
        match (self.0, why) {
            (_, None) => format!("CERT: {encoding}"),
            (Lang::En, Some(why)) => format!("CERT: {encoding}, which cannot be read: {why}"),
            (Lang::Ja, Some(why)) => format!("CERT: {encoding}（解読できない: {why}）"),
        }
    }

    pub(super) fn validity(self, from: &str, to: &str, key: &str, signature: &str) -> String {
        match self.0 {
            Lang::En => format!("  valid {from} to {to}; {key}, signed with {signature}"),
            Lang::Ja => format!("  有効期間 {from} ～ {to}、{key}、署名 {signature}"),
        }
    }

    pub(super) fn finding(self, finding: &CertificateFinding) -> String {
        let severity = match finding.severity.as_str() {
            "error" => self.one("error", "エラー"),
            "warning" => self.one("warning", "警告"),
            _ => self.one("note", "注記"),
        };
        let title = finding.title.in_lang(self.0);
        match self.0 {
            Lang::En => format!(
                "  {severity}: {}: by {}, {title}",
                finding.field, finding.clause
            ),
            Lang::Ja => format!(
                "  {severity}: {}（{}）: {title}",
                finding.field, finding.clause
            ),
        }
    }

    pub(super) fn esp(self, way: &str, flow: &EspFlow) -> String {
        let udp = if flow.in_udp {
            self.one(" in UDP", "（UDP カプセル化）")
        } else {
            ""
        };
        let (first, last) = (flow.first_packet, flow.last_packet);
        let (low, high) = (flow.sequence_min, flow.sequence_max);
        let (spi, packets) = (&flow.spi, flow.packets);
        match self.0 {
            Lang::En => format!(
                "ESP{udp} {way}, SPI {spi}: {packets} packets ({first} to {last}), sequence {low} to {high}"
            ),
            Lang::Ja => format!(
                "ESP{udp} {way}、SPI {spi}: {packets} パケット（{first}～{last}）、シーケンス番号 {low}～{high}"
            ),
        }
    }

    pub(super) fn of_which_arrived(self, arrived: u64, sent: u64) -> String {
        match self.0 {
            Lang::En if arrived == sent => "all arrived".to_owned(),
            Lang::En => format!("{arrived} of them arrived"),
            Lang::Ja if arrived == sent => "すべて到達".to_owned(),
            Lang::Ja => format!("うち到達 {arrived}"),
        }
    }

    pub(super) fn repeated(self, count: u64) -> String {
        match self.0 {
            Lang::En => format!("{count} with a sequence number that had been sent before"),
            Lang::Ja => format!("送信済みのシーケンス番号 {count} 件"),
        }
    }

    pub(super) fn fragments_of(self, way: &str, these: &IpFragments) -> String {
        let (sent, first, last) = (these.sent, these.first_packet, these.last_packet);
        match self.0 {
            Lang::En => format!("IP fragments {way}: {sent} ({first} to {last})"),
            Lang::Ja => format!("IP フラグメント {way}: {sent} 個（{first}～{last}）"),
        }
    }

    pub(super) fn incomplete(self, datagrams: u64) -> String {
        match self.0 {
            Lang::En => format!("{datagrams} datagrams never whole"),
            Lang::Ja => format!("再構成できないデータグラム {datagrams} 件"),
        }
    }

    pub(super) fn icmp(self, error: &IcmpError, from: &str, about: &str) -> String {
        let (packet, what) = (error.packet, self.icmp_what(error.what));
        if self.is_ja() {
            format!("ICMP エラー（パケット {packet}）: {from} より、{about} 宛について「{what}」")
        } else {
            format!("ICMP error (packet {packet}) from {from} about a packet to {about}: {what}")
        }
    }

    fn icmp_what(self, what: IcmpWhat) -> String {
        match what {
            IcmpWhat::FragmentationNeeded { mtu } => match self.0 {
                Lang::En => format!("too large, MTU {mtu}"),
                Lang::Ja => format!("パケット過大、MTU {mtu}"),
            },
            IcmpWhat::PortUnreachable => self.one("port unreachable", "ポート到達不能").to_owned(),
            IcmpWhat::HostUnreachable => self.one("host unreachable", "ホスト到達不能").to_owned(),
            IcmpWhat::NetworkUnreachable => self
                .one("network unreachable", "ネットワーク到達不能")
                .to_owned(),
            IcmpWhat::ProtocolUnreachable => self
                .one("protocol unreachable", "プロトコル到達不能")
                .to_owned(),
            IcmpWhat::AdministrativelyProhibited => self
                .one("administratively prohibited", "管理上の禁止")
                .to_owned(),
            IcmpWhat::TimeExceeded => self.one("time exceeded", "時間超過").to_owned(),
            IcmpWhat::Other { kind, code } => match self.0 {
                Lang::En => format!("type {kind} code {code}"),
                Lang::Ja => format!("タイプ {kind} コード {code}"),
            },
        }
    }

    pub(super) fn note(self, note: &Note) -> String {
        let text = match (self.0, note) {
            (Lang::En, Note::DamagedFile { after_packet, why }) => {
                format!(
                    "the file is damaged after packet {after_packet}, and read up to there: {why}"
                )
            }
            (Lang::Ja, Note::DamagedFile { after_packet, why }) => format!(
                "パケット {after_packet} より後でファイルが破損しているため、そこまでを読み取った: {why}"
            ),
            (Lang::En, Note::CutPackets { packets }) => {
                format!("{packets} IKE packets were captured only in part")
            }
            (Lang::Ja, Note::CutPackets { packets }) => {
                format!("IKE パケット {packets} 個は一部しか記録されていない")
            }
            (Lang::En, Note::UnknownLink { link, packets }) => {
                format!("{packets} packets of link type {link} were not read")
            }
            (Lang::Ja, Note::UnknownLink { link, packets }) => {
                format!("リンク種別 {link} のパケット {packets} 個は読み取れない")
            }
            (Lang::En, Note::MoreMessages { left_out }) => {
                format!("truncated: {left_out} more IKE packets were counted and not kept")
            }
            (Lang::Ja, Note::MoreMessages { left_out }) => {
                format!("打切り: ほかに IKE パケット {left_out} 個（件数のみ）")
            }
            (Lang::En, Note::MoreIkeSas { left_out }) => {
                format!("truncated: {left_out} messages of further IKE SAs were not kept")
            }
            (Lang::Ja, Note::MoreIkeSas { left_out }) => {
                format!("打切り: ほかの IKE SA のメッセージ {left_out} 個（件数のみ）")
            }
            (Lang::En, Note::MoreEsp { packets }) => {
                format!("truncated: {packets} ESP packets of further SPIs were only counted")
            }
            (Lang::Ja, Note::MoreEsp { packets }) => {
                format!("打切り: ほかの SPI の ESP パケット {packets} 個（件数のみ）")
            }
            (Lang::En, Note::MoreIcmp { left_out }) => {
                format!("truncated: {left_out} more ICMP errors")
            }
            (Lang::Ja, Note::MoreIcmp { left_out }) => {
                format!("打切り: ほかに ICMP エラー {left_out} 件")
            }
            (Lang::En, Note::FragmentsGivenUp { datagrams }) => {
                format!("{datagrams} fragmented IP datagrams could not be put together")
            }
            (Lang::Ja, Note::FragmentsGivenUp { datagrams }) => {
                format!("IP データグラム {datagrams} 件はフラグメントから再構成できない")
            }
            (Lang::En, Note::MorePayloads { left_out }) => {
                format!("truncated: {left_out} more payloads")
            }
            (Lang::Ja, Note::MorePayloads { left_out }) => {
                format!("打切り: ほかにペイロード {left_out} 個")
            }
            (Lang::En, Note::NotIke { datagrams }) => {
                format!("{datagrams} datagrams on the ports of IKE are no IKE messages")
            }
            (Lang::Ja, Note::NotIke { datagrams }) => {
                format!("IKE のポートのデータグラム {datagrams} 個は IKE メッセージではない")
            }
            (Lang::En, Note::WrongMarker { port, datagrams }) => {
                format!(
                    "{datagrams} IKE messages on port {port} are {} the non-ESP marker, so that no \
                     router reads them",
                    if *port == 500 { "with" } else { "without" }
                )
            }
            (Lang::Ja, Note::WrongMarker { port, datagrams }) => {
                format!(
                    "ポート {port} の IKE メッセージ {datagrams} 個は non-ESP マーカー{}ため、\
                     ルーターでは読み取れない",
                    if *port == 500 {
                        "が付いている"
                    } else {
                        "がない"
                    }
                )
            }
            (Lang::En, Note::OtherVersion { major, messages }) => {
                format!("{messages} packets are of IKE version {major}")
            }
            (Lang::Ja, Note::OtherVersion { major, messages }) => {
                format!("IKE バージョン {major} のパケット {messages} 個")
            }
        };
        match self.0 {
            Lang::En => format!("Note: {text}."),
            Lang::Ja => format!("注: {text}。"),
        }
    }
}
