//! Words for what a router does as a whole, for the lab, and for what nobody can tell.

use super::{Entry, either, entry, here};
use crate::cause::CauseCode::{self, *};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the codes of other modules; a test asks every code for words of its own"
)]
pub(super) fn entry_of(code: CauseCode) -> Entry {
    match code {
        RouterStopped => entry(
            ["IKE daemon ended", "IKE デーモンの停止"],
            [
                "the daemon of {by} ended during the case",
                "試験中に{by}のデーモンが終了しました",
            ],
            here([
                "Read the end of the daemon's log. If it crashed, give its maker the log and the \
                 last message that it received, which is in the capture.",
                "デーモンのログの末尾を確認してください。異常終了の場合は、ログと、最後に受信した\
                 メッセージ（パケットキャプチャに記録）を開発元に提供してください。",
            ]),
        ),
        RouterHang => entry(
            ["IKE daemon hangs", "IKE デーモンの無応答"],
            [
                "the daemon of {by} is there and answers nothing: neither its peer nor its own \
                 control command",
                "{by}のデーモンは動作していますが、対向にも制御コマンドにも応答しません",
            ],
            here([
                "Find out what the daemon waits for: a stack trace of its threads shows it. Give its \
                 maker that and the last message that it received.",
                "デーモンが何を待っているか、スレッドのスタックトレースで確認してください。その内容と\
                 最後に受信したメッセージを開発元に提供してください。",
            ]),
        ),
        RouterNotReady => entry(
            ["IKE daemon not ready in time", "IKE デーモンの起動時間超過"],
            [
                "the daemon of {by} was not ready in time",
                "{by}のデーモンの起動が時間内に完了しませんでした",
            ],
            here([
                "The daemon's log says what it waits for. On a slow machine, run fewer cells at the \
                 same time (-j).",
                "デーモンのログで待機の原因を確認してください。低速な機器では、同時に実行する\
                 試験の数（-j）を減らしてください。",
            ]),
        ),
        RouterRefusedConfiguration => entry(
            ["Configuration refused", "設定の拒否"],
            [
                "{by} refused its configuration",
                "{by}が設定を受け付けませんでした",
            ],
            here([
                "Correct the settings or the template of the vendor profile where the log says, and \
                 make sure that this version of the daemon knows the option.",
                "ログが示す箇所について、ベンダープロファイルの設定またはテンプレートを修正して\
                 ください。使用中のバージョンが該当の設定項目に対応しているかも確認してください。",
            ]),
        ),
        RouterNoConnection => entry(
            ["No connection for the peer", "対向に対する接続設定なし"],
            [
                "{by} is up, and has no connection that fits {peer}",
                "{by}は動作していますが、{peer}に該当する接続設定がありません",
            ],
            either(
                [
                    "Configure the connection, for the address that the peer really uses, and load it.",
                    "対向が実際に使用するアドレスに対する接続を設定し、読み込ませてください。",
                ],
                [
                    "Make sure that the router speaks from the address that its peer is configured for.",
                    "対向に設定されているアドレスから通信しているか確認してください。",
                ],
            ),
        ),
        RouterIkeVersion => entry(
            ["IKEv1 where IKEv2 is needed", "IKE バージョンの不一致"],
            [
                "{by} speaks IKEv1, and {peer} IKEv2",
                "{by}は IKEv1、{peer}は IKEv2 を使用しています",
            ],
            here([
                "Configure IKEv2: RFC 9395 has made IKEv1 historic.",
                "IKEv2 を設定してください。IKEv1 は RFC 9395 により廃止されています。",
            ]),
        ),
        RouterClockOff => entry(
            ["Clock of the router wrong", "ルーターの時計の誤り"],
            [
                "the clock of {by} is wrong: it takes what is valid now for expired or not yet \
                 valid, the certificate of {peer} or a CRL",
                "{by}の時計が誤っています。現在有効なもの（{peer}の証明書または CRL）を有効期間外と\
                 判断しました",
            ],
            here([
                "Set the clock of the router, and have it follow a time server.",
                "ルーターの時計を合わせ、時刻サーバーに同期させてください。",
            ]),
        ),
        RouterFloodedWan => entry(
            ["Router floods the wan", "ルーターによる過剰な送信"],
            [
                "{by} sent more than the lab records of a cell",
                "{by}の送信量が、試験環境で記録できる量を超えました",
            ],
            here([
                "Find what sends: the capture shows the beginning of it. A tunnel is not judged from \
                 half a capture.",
                "何が送信されているかをパケットキャプチャの冒頭で確認してください。不完全な\
                 キャプチャからは合否を判定しません。",
            ]),
        ),
        ConformanceViolated => entry(
            ["Clause violated", "規定への違反"],
            [
                "{by} does not do what the clause demands",
                "{by}は規定が要求する動作をしません",
            ],
            here([
                "The transcript shows what the tester sent and what came back. Give it to the maker of \
                 the daemon, with the clause.",
                "トランスクリプトに、試験装置の送信内容とその応答が記録されています。該当する規定と\
                 ともに開発元に提供してください。",
            ]),
        ),
        ConformanceAdviceIgnored => entry(
            ["Advice of a clause not followed", "推奨事項の不履行"],
            [
                "{by} does not do what the clause advises",
                "{by}は規定が推奨する動作をしません",
            ],
            here([
                "Routers that do not follow a SHOULD need a reason for it. The transcript shows what was \
                 sent and what came back.",
                "SHOULD に従わない場合は理由が必要です。送信内容とその応答はトランスクリプトに\
                 記録されています。",
            ]),
        ),
        ConformanceNoControl => entry(
            ["Nothing to test with", "試験の前提の不成立"],
            [
                "{by} does not set up a correct tunnel with {peer}, so the clause was not tried",
                "{by}は{peer}との正常なトンネルを確立できず、規定は試験されていません",
            ],
            here([
                "Run the case rfc7296-1.2.initial-exchanges first: its transcript and the daemon's log \
                 say why no tunnel comes up.",
                "先に rfc7296-1.2.initial-exchanges を実行してください。トンネルを確立できない理由は、\
                 そのトランスクリプト及びデーモンのログで確認できます。",
            ]),
        ),
        ConformanceNotAlive => entry(
            ["No answer after the case", "試験後の無応答"],
            [
                "{by} no longer answers a correct IKE_SA_INIT request of {peer} after the case",
                "試験後、{by}は{peer}の正しい IKE_SA_INIT 要求に応答しません",
            ],
            here([
                "Anybody can send what the case sent. Read the end of the daemon's log, and give its \
                 maker the transcript.",
                "この試験の内容は誰でも送信できます。デーモンのログの末尾を確認し、トランスクリプトを\
                 開発元に提供してください。",
            ]),
        ),
        ConformanceNotApplicable => entry(
            ["Function not announced", "機能の通知なし"],
            [
                "{by} does not announce to {peer} the function that the clause is about",
                "{by}は、規定の対象となる機能を{peer}に通知しません",
            ],
            here([
                "Nothing, if the router is not meant to have the function.",
                "この機能を備えない製品であれば、対応は不要です。",
            ]),
        ),
        ConformancePoliciesUnsupported => entry(
            ["Conforms, cannot serve HPKI", "適合、HPKI 利用不可"],
            [
                "{by} does not process certificate policies and refuses a critical one, as RFC 4945 wants",
                "{by}は証明書ポリシーを処理せず、RFC 4945 の要求どおりクリティカルなものを拒否します",
            ],
            here([
                "Nothing for RFC 4945. For HPKI, whose certificates have critical policies, use a \
                 version of the router that processes certificatePolicies.",
                "RFC 4945 に関する対応は不要です。HPKI の証明書はポリシーがクリティカルであるため、\
                 HPKI には certificatePolicies を処理する版のルーターを使用してください。",
            ]),
        ),
        LabOutOfReach => entry(
            ["Out of reach", "外部ルーターでは実施不可"],
            [
                "{by} or {peer} is an external router, and the case needs more than can be done to \
                 it from outside",
                "{by}または{peer}が外部ルーターであり、試験項目の操作を外部から実施できません",
            ],
            here([
                "Nothing on the routers. Where the profile lacks a command, add it to \
                 [external.commands].",
                "ルーター側の対応は不要です。コマンドが不足している場合は、プロファイルの \
                 [external.commands] に追加してください。",
            ]),
        ),
        LabFault => entry(
            ["Fault of the lab", "試験環境の障害"],
            [
                "the lab failed, neither {by} nor {peer}",
                "{by}でも{peer}でもなく、試験環境の障害です",
            ],
            here([
                "Run `ikematrix doctor`, mend what it names, and run the cell again. The vendors \
                 have no part in it.",
                "`ikematrix doctor` を実行し、示された問題を解消して再実行してください。\
                 ベンダー側の問題ではありません。",
            ]),
        ),
        // Every other code has its words in another module; a test asks each code for its own.
        _ => entry(
            ["Cause not found", "原因不明"],
            [
                "the observers of {by} and {peer} do not agree, and nothing says why",
                "{by}と{peer}の観測結果が一致せず、原因も示されていません",
            ],
            here([
                "Compare what the observers saw with both logs and the capture. Run the cell again \
                 with --keep to look inside the routers.",
                "観測結果を双方のログおよびパケットキャプチャと照合してください。--keep を付けて\
                 再実行すると、ルーターの内部を調査できます。",
            ]),
        ),
    }
}
