//! Words for what happens between the routers, and to the packets of the tunnel.

use super::{Entry, either, entry, here};
use crate::cause::CauseCode::{self, *};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the codes of other modules; a test asks every code for words of its own"
)]
pub(super) fn entry_of(code: CauseCode) -> Option<Entry> {
    Some(match code {
        PathNoAnswer => entry(
            ["No answer", "応答なし"],
            [
                "{by} did not answer {peer}",
                "{by}が{peer}に応答しませんでした",
            ],
            here([
                "Find the last message in the capture. If it did not reach the peer, mend the path: \
                 UDP ports 500 and 4500, fragments. If it did, the peer's log says why it kept \
                 silent.",
                "パケットキャプチャで最後のメッセージを確認してください。対向に届いていない場合は\
                 経路（UDP 500・4500 番、フラグメント）を見直し、届いている場合は対向のログで\
                 応答しない理由を確認してください。",
            ]),
        ),
        PathOneWay => entry(
            ["Packets arrive one way only", "片方向のみの到達"],
            [
                "what {by} sends reaches {peer}, and what {peer} sends does not reach {by}",
                "{by}の送信は{peer}に届きますが、{peer}の送信は{by}に届きません",
            ],
            here([
                "Look for a packet filter or a route that treats the two directions differently.",
                "方向によって扱いの異なるパケットフィルターまたは経路がないか確認してください。",
            ]),
        ),
        PathPort500Blocked => entry(
            ["UDP port 500 does not pass", "UDP 500 番の遮断"],
            [
                "no packet to or from UDP port 500 passes between {by} and {peer}",
                "{by}と{peer}の間で UDP 500 番のパケットが通過しません",
            ],
            here([
                "Open UDP port 500 in both directions on every packet filter between the routers.",
                "ルーター間のすべてのパケットフィルターで UDP 500 番を双方向に許可してください。",
            ]),
        ),
        PathPort4500Blocked => entry(
            ["UDP port 4500 does not pass", "UDP 4500 番の遮断"],
            [
                "packets to UDP port 500 pass between {by} and {peer}, and those to port 4500 do not",
                "{by}と{peer}の間で UDP 500 番は通過しますが、4500 番が通過しません",
            ],
            here([
                "Open UDP port 4500 in both directions: behind a NAT, IKE moves to it after \
                 IKE_SA_INIT, and ESP follows.",
                "UDP 4500 番を双方向に許可してください。NAT 配下では、IKE_SA_INIT の後の IKE と \
                 ESP がこのポートを使用します。",
            ]),
        ),
        PathFragmentsLost => entry(
            ["IP fragments lost", "IP フラグメントの損失"],
            [
                "{by} sent an IKE message in IP fragments, and they did not reach {peer}",
                "{by}は IKE メッセージを IP フラグメントで送信しましたが、{peer}に届きませんでした",
            ],
            here([
                "Switch on IKE fragmentation (RFC 7383) on both routers, or let the path pass IP \
                 fragments. Certificates make IKE_AUTH larger than one packet.",
                "両ルーターで IKE フラグメンテーション（RFC 7383）を有効にするか、経路で IP \
                 フラグメントを通過させてください。証明書を含む IKE_AUTH は 1 パケットに\
                 収まりません。",
            ]),
        ),
        PathMtuBlackHole => entry(
            [
                "Large packets vanish",
                "大きなパケットの消失（MTU ブラックホール）",
            ],
            [
                "large packets of {by} vanish on the way to {peer}, small ones arrive, and nobody is \
                 told",
                "{by}から{peer}への大きなパケットが経路上で通知なく失われています（小さなパケットは\
                 到達）",
            ],
            here([
                "Let the path pass packets of the size that it promises, or ICMP \"fragmentation \
                 needed\" (ICMPv6 \"packet too big\"); on the routers, lower the MTU of the tunnel or \
                 clamp the MSS of TCP.",
                "経路上で本来の MTU のパケットを通過させるか、ICMP（fragmentation needed、ICMPv6 \
                 では packet too big）を通過させてください。ルーターではトンネルの MTU を下げるか、\
                 TCP の MSS を調整してください。",
            ]),
        ),
        PathEspBlocked => entry(
            ["ESP does not pass", "ESP の遮断"],
            [
                "the ESP packets of {by} do not reach {peer}, though IKE does",
                "{by}の ESP パケットが{peer}に届きません（IKE は到達）",
            ],
            here([
                "Open IP protocol 50 (or UDP port 4500, where ESP is encapsulated) in both \
                 directions, or have the routers encapsulate ESP in UDP.",
                "IP プロトコル 50（UDP カプセル化の場合は UDP 4500 番）を双方向に許可するか、\
                 ESP を UDP でカプセル化してください。",
            ]),
        ),
        PathNatWithoutTraversal => entry(
            ["NAT without NAT traversal", "NAT トラバーサルなしの NAT"],
            [
                "there is a NAT between {by} and {peer}, and {by} does not use NAT traversal",
                "{by}と{peer}の間に NAT がありますが、{by}が NAT トラバーサルを使用していません",
            ],
            here([
                "Switch on NAT traversal on both routers: NAT_DETECTION notifications, UDP port 4500, \
                 and ESP in UDP (RFC 7296, section 2.23; RFC 3948).",
                "両ルーターで NAT トラバーサル（NAT_DETECTION 通知、UDP 4500 番の使用、ESP の UDP \
                 カプセル化）を有効にしてください（RFC 7296 2.23 節、RFC 3948）。",
            ]),
        ),
        PathRouteMissing => entry(
            ["No route behind the router", "ルーター配下の経路の欠落"],
            [
                "packets leave the tunnel at {by}, and the host behind it has no route back",
                "トンネルのパケットは{by}に到達していますが、その配下のホストに戻りの経路が\
                 ありません",
            ],
            here([
                "Give the hosts behind the router a route to the peer's network through it, and \
                 check that the router forwards.",
                "配下のホストに、このルーターを経由する対向ネットワークへの経路を設定し、ルーターの\
                 転送設定も確認してください。",
            ]),
        ),
        EspNoTraffic => entry(
            ["Tunnel without traffic", "トンネル確立後の通信不可"],
            [
                "the tunnel stands at both ends, but packets between the networks of {by} and {peer} \
                 do not arrive",
                "トンネルは両端で成立していますが、{by}と{peer}の配下のネットワーク間で通信が\
                 できません",
            ],
            here([
                "Check on both routers the routes to the protected networks, the forwarding and the \
                 packet filter.",
                "両ルーターで、保護対象ネットワークへの経路、転送設定およびパケットフィルターを\
                 確認してください。",
            ]),
        ),
        EspClearText => entry(
            ["Traffic left unprotected", "平文での送出"],
            [
                "probes crossed the wan unprotected between {by} and {peer}",
                "{by}と{peer}の間で、試験パケットが保護されずに WAN を通過しました",
            ],
            here([
                "On the router that sent it, bind the protected networks to the IPsec policy so that \
                 what matches no SA is dropped, and remove any route that goes around the tunnel.",
                "送出したルーターで、保護対象ネットワークを IPsec ポリシーの対象とし、SA に該当\
                 しない通信を破棄する設定としてください。トンネルを迂回する経路は削除してください。",
            ]),
        ),
        EspWrongSpi => entry(
            ["SPIs on the wire were not negotiated", "SPI の不一致"],
            [
                "{by} sends ESP under an SPI that {peer} does not hold",
                "{by}は、{peer}が保持していない SPI で ESP を送信しています",
            ],
            here([
                "Compare the SPIs in the capture with the SAs of both ends. The router that sends \
                 with another SPI uses an SA of an earlier negotiation, or one that its daemon does \
                 not know of.",
                "パケットキャプチャの SPI と両端の SA を照合してください。異なる SPI で送信する\
                 ルーターは、以前のネゴシエーションの SA、またはデーモンが把握していない SA を\
                 使用しています。",
            ]),
        ),
        EspReplayRejected => entry(
            ["ESP taken for a replay", "ESP のリプレイ判定による破棄"],
            [
                "{by} drops the ESP packets of {peer} as replayed: their sequence numbers do not grow",
                "{by}は{peer}の ESP パケットをリプレイとみなして破棄しています。シーケンス番号が\
                 増加していません",
            ],
            either(
                [
                    "If packets only come out of order, widen the replay window.",
                    "順序の入れ替わりが原因であれば、リプレイウィンドウを広げてください。",
                ],
                [
                    "Never send a sequence number twice under one SPI: after a failover or a restart, \
                     negotiate a new Child SA.",
                    "同一の SPI で同じシーケンス番号を再使用しないでください。切替えや再起動の後は \
                     Child SA を新しく確立してください。",
                ],
            ),
        ),
        EspIntegrityFailed => entry(
            ["Integrity check of ESP fails", "ESP の完全性検証の失敗"],
            [
                "{by} finds the integrity check value of the ESP packets of {peer} wrong",
                "{by}は{peer}の ESP パケットの完全性検証に失敗しています",
            ],
            here([
                "The two ends do not use the same keys or algorithm for this SPI. Compare the \
                 negotiated integrity algorithm and its truncation with what each kernel uses.",
                "この SPI の鍵またはアルゴリズムが両端で一致していません。合意した完全性\
                 アルゴリズムとその切詰め長を、各カーネルの設定と照合してください。",
            ]),
        ),
        _ => return None,
    })
}
