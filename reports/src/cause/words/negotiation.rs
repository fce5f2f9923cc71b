//! Words for what the two ends do not agree on.

use super::{Entry, either, entry, here, there};
use crate::cause::CauseCode::{self, *};

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the codes of other modules; a test asks every code for words of its own"
)]
pub(super) fn entry_of(code: CauseCode) -> Option<Entry> {
    Some(match code {
        AuthPskMismatch => entry(
            ["Pre-shared keys differ", "事前共有鍵の不一致"],
            [
                "{by} found that {peer} holds a different pre-shared key",
                "{by}は、{peer}の事前共有鍵が自身のものと異なると判断しました",
            ],
            here([
                "Configure the same pre-shared key on both routers, for the identities that they \
                 really send. Look for trailing blanks and line ends, for quotes, and for a \
                 hexadecimal or Base64 prefix that one side takes literally.",
                "両ルーターが実際に送出する ID に対し、同一の事前共有鍵を設定してください。\
                 末尾の空白・改行や引用符のほか、16進数・Base64 を示す接頭辞が文字列として\
                 扱われていないかも確認してください。",
            ]),
        ),
        AuthMethodMismatch => entry(
            ["Authentication methods differ", "認証方式の不一致"],
            [
                "{by} does not accept the authentication method of {peer}",
                "{by}は{peer}の認証方式を受け入れません",
            ],
            either(
                [
                    "Configure the method by which the peer authenticates, or have both use another.",
                    "対向が使用する認証方式を設定するか、双方で別の方式に揃えてください。",
                ],
                [
                    "Configure the method that the peer demands: pre-shared key or certificate.",
                    "対向が求める方式（事前共有鍵または証明書）を設定してください。",
                ],
            ),
        ),
        AuthNoKeyForPeer => entry(
            ["No key for the peer", "対向に対する鍵の未設定"],
            [
                "{by} has no key for {peer}",
                "{by}には{peer}に対する鍵が設定されていません",
            ],
            either(
                [
                    "Configure a key, or a certificate with its private key, for the identity that \
                     the peer sends.",
                    "対向が送出する ID に対する事前共有鍵、または証明書と秘密鍵を設定してください。",
                ],
                [
                    "Make sure that the router sends the identity for which its peer has a key.",
                    "対向に鍵が設定されている ID を送出しているか確認してください。",
                ],
            ),
        ),
        AuthSignatureRefused => entry(
            ["Signature algorithm refused", "署名アルゴリズムの拒否"],
            [
                "{by} does not accept the signature algorithm of {peer}",
                "{by}は、{peer}の署名アルゴリズムを受け入れません",
            ],
            either(
                [
                    "Allow RSASSA-PSS and PKCS#1 v1.5 with SHA-256 as of RFC 7427, or an ECDSA group \
                     that both have.",
                    "RFC 7427 による SHA-256 の RSASSA-PSS および PKCS#1 v1.5、または双方が対応する \
                     ECDSA を許可してください。",
                ],
                [
                    "Sign with an algorithm that the peer accepts. SHA-1 must no longer be used (RFC \
                     8247).",
                    "対向が受け入れるアルゴリズムで署名してください。SHA-1 は使用できません\
                     （RFC 8247）。",
                ],
            ),
        ),
        AuthFailed => entry(
            [
                "Authentication refused without a reason",
                "認証の拒否（理由不明）",
            ],
            [
                "{by} refused the authentication of {peer}",
                "{by}が{peer}の認証を拒否しました",
            ],
            either(
                [
                    "Raise the log level of the router and run the cell again.",
                    "ルーターのログレベルを上げて再実行してください。",
                ],
                [
                    "Compare the identity, the method and the credential that the peer expects with \
                     those that this router sends.",
                    "対向が期待する ID・認証方式・認証情報と、このルーターが送出する内容とを照合して\
                     ください。",
                ],
            ),
        ),
        IdentityUnknownPeer => entry(
            ["Identity of the peer is not known", "対向の ID が未登録"],
            [
                "{by} does not know the identity that {peer} presented",
                "{by}の設定に、{peer}が提示した ID がありません",
            ],
            either(
                [
                    "Configure the identity that the peer really sends, with the same type: address, \
                     FQDN, e-mail address, distinguished name or key ID.",
                    "対向が実際に送出する ID を、種別（アドレス、FQDN、メールアドレス、識別名、\
                     鍵 ID）も含めて一致するように設定してください。",
                ],
                [
                    "Send the identity that the peer is configured for.",
                    "対向に設定されている ID を送出してください。",
                ],
            ),
        ),
        IdentityTypeMismatch => entry(
            ["Identity of another type", "ID 種別の不一致"],
            [
                "{by} knows the words of the identity of {peer}, but under another ID type",
                "{by}の設定には{peer}の ID と同じ文字列がありますが、ID 種別が異なります",
            ],
            either(
                [
                    "Configure the ID type that the peer sends.",
                    "対向が送出する ID 種別を設定してください。",
                ],
                [
                    "Send the identity with the ID type that the peer expects: ID_FQDN, \
                     ID_RFC822_ADDR and ID_KEY_ID with the same text are different identities.",
                    "対向が期待する ID 種別で送出してください。同じ文字列でも ID_FQDN、\
                     ID_RFC822_ADDR、ID_KEY_ID は別の ID です。",
                ],
            ),
        ),
        ProposalIkeNoneInCommon => entry(
            ["No IKE proposal in common", "IKE SA のプロポーザル不一致"],
            [
                "{by} accepted none of the IKE proposals of {peer}",
                "{by}は、{peer}の IKE プロポーザルをいずれも受け入れませんでした",
            ],
            here([
                "Configure at least one combination of encryption, integrity, PRF and key exchange \
                 group for the IKE SA that both routers accept. RFC 8247 names those that every \
                 implementation must have.",
                "両ルーターが受け入れる暗号・完全性・PRF・鍵交換グループの組合せを、IKE SA に\
                 一つ以上設定してください。実装必須のアルゴリズムは RFC 8247 に定められています。",
            ]),
        ),
        ProposalEspNoneInCommon => entry(
            ["No ESP proposal in common", "ESP のプロポーザル不一致"],
            [
                "{by} accepted none of the ESP proposals of {peer}",
                "{by}は、{peer}の ESP プロポーザルをいずれも受け入れませんでした",
            ],
            here([
                "Configure at least one combination of encryption, integrity and, where one side \
                 demands it, key exchange group for ESP that both routers accept. RFC 8221 names \
                 those that every implementation must have.",
                "両ルーターが受け入れる暗号・完全性（必要に応じて鍵交換グループ）の組合せを、\
                 ESP に一つ以上設定してください。実装必須のアルゴリズムは RFC 8221 に\
                 定められています。",
            ]),
        ),
        ProposalPfsMismatch => entry(
            ["Perfect forward secrecy differs", "PFS の不一致"],
            [
                "{by} did not accept the key exchange group of {peer} for a new Child SA",
                "{by}は、新しい Child SA に対する{peer}の鍵交換グループを受け入れませんでした",
            ],
            here([
                "Configure the same key exchange group, or none, for ESP on both routers. The first \
                 Child SA comes up without one, so the fault shows only when it is rekeyed.",
                "ESP の鍵交換グループ（PFS）を両ルーターで同一にするか、双方で無効にしてください。\
                 最初の Child SA では使用されないため、鍵更新の際に初めて問題となります。",
            ]),
        ),
        ProposalKeGroupLoop => entry(
            [
                "Key exchange groups go round in circles",
                "鍵交換グループの再要求の繰返し",
            ],
            [
                "{by} asked {peer} again and again for another key exchange group",
                "{by}は{peer}に対し、鍵交換グループの変更を繰り返し要求しました",
            ],
            here([
                "Ask only for a group that stands in the accepted proposal, and take it when it \
                 comes (RFC 7296, section 1.2).",
                "受け入れるプロポーザルに含まれるグループのみを要求し、それを受け入れるように\
                 してください（RFC 7296 1.2 節）。",
            ]),
        ),
        SelectorsUnacceptable => entry(
            [
                "Traffic selectors do not meet",
                "トラフィックセレクターの不一致",
            ],
            [
                "{by} did not accept the traffic selectors of {peer}",
                "{by}は、{peer}のトラフィックセレクターを受け入れませんでした",
            ],
            here([
                "Make the local and remote networks of one router the remote and local networks of \
                 the other, with the same prefix lengths, protocols and ports.",
                "一方のルーターの自側・対向側ネットワークが、他方の対向側・自側ネットワークと\
                 対応するように、プレフィックス長・プロトコル・ポートを含めて設定してください。",
            ]),
        ),
        SelectorsNarrowingRefused => entry(
            [
                "Narrowed traffic selectors refused",
                "絞り込まれたトラフィックセレクターの拒否",
            ],
            [
                "{by} did not take the traffic selectors to which {peer} had narrowed its offer",
                "{by}は、{peer}が絞り込んだトラフィックセレクターを受け入れませんでした",
            ],
            either(
                [
                    "Accept a subset of what was offered (RFC 7296, section 2.9), or offer the \
                     networks that the peer has.",
                    "提案した範囲の部分集合を受け入れるか（RFC 7296 2.9 節）、対向と同じネットワーク\
                     を提案してください。",
                ],
                [
                    "Configure the networks that the initiator offers.",
                    "開始側が提案するネットワークを設定してください。",
                ],
            ),
        ),
        SelectorsNotNarrowed => entry(
            [
                "Traffic selectors beyond the offer",
                "提案範囲外のトラフィックセレクター",
            ],
            [
                "{by} answered with traffic selectors that {peer} had not offered",
                "{by}は、{peer}が提案していないトラフィックセレクターで応答しました",
            ],
            either(
                [
                    "Answer with a subset of what was offered, or with TS_UNACCEPTABLE (RFC 7296, \
                     section 2.9), and configure the networks that the initiator offers.",
                    "提案の部分集合、または TS_UNACCEPTABLE で応答し（RFC 7296 2.9 節）、開始側が\
                     提案するネットワークを設定してください。",
                ],
                [
                    "Refuse such an answer instead of taking the tunnel for up, and offer the \
                     networks that the responder has.",
                    "このような応答はトンネル成立とみなさずに拒否し、応答側と同じネットワークを提案\
                     してください。",
                ],
            ),
        ),
        SelectorsModeMismatch => entry(
            [
                "Tunnel and transport mode",
                "トンネルモードとトランスポートモードの不一致",
            ],
            [
                "{by} and {peer} do not agree on tunnel or transport mode",
                "{by}と{peer}のモード（トンネル・トランスポート）が一致しません",
            ],
            here([
                "Configure tunnel mode on both routers: transport mode protects the routers' own \
                 packets only.",
                "両ルーターをトンネルモードに設定してください。トランスポートモードで保護される\
                 のはルーター自身の通信だけです。",
            ]),
        ),
        SelectorsAddressFamily => entry(
            [
                "Traffic selectors of different address families",
                "トラフィックセレクターのアドレス種別の不一致",
            ],
            [
                "{by} was offered traffic selectors of another address family by {peer} than it is \
                 configured for",
                "{by}の設定と{peer}のトラフィックセレクターとで、アドレス種別（IPv4・IPv6）が\
                 異なります",
            ],
            here([
                "Configure the protected networks of both routers with the same address family, or \
                 one Child SA for each.",
                "保護対象ネットワークのアドレス種別を両ルーターで揃えるか、種別ごとに Child SA を\
                 設定してください。",
            ]),
        ),
        EspOneSided => entry(
            ["Child SA on one end only", "Child SA が片側のみ"],
            [
                "one-sided Child SA: {peer} has installed it and takes the tunnel to be up; {by} \
                 has not",
                "片側のみの Child SA: {peer}は Child SA を設定しトンネルが成立したとみなして\
                 いますが、{by}には設定されていません",
            ],
            either(
                [
                    "Look in the log: the router refused what it had agreed to, could not install it \
                     in its kernel, or has lost it. Offer algorithms that its kernel has, and tell \
                     the peer when a Child SA goes.",
                    "ログを確認してください。合意した内容を後から拒否したか、カーネルへの登録に\
                     失敗したか、登録後に失われています。カーネルが対応するアルゴリズムを提案し、\
                     Child SA を削除する際は対向に通知してください。",
                ],
                [
                    "Liveness checks do not find this: the IKE SA is alive.",
                    "IKE SA は有効なため、死活監視では検出できません。",
                ],
            ),
        ),
        EspRefusedByKernel => entry(
            [
                "Negotiated ESP refused by the router's own kernel",
                "折衝した ESP をカーネルが拒否",
            ],
            [
                "the kernel interface of {by} refused the negotiated algorithms",
                "{by}のカーネルインターフェースが、合意したアルゴリズムを拒否しました",
            ],
            either(
                [
                    "Offer and accept only the ESP algorithms that the router's kernel really has, so \
                     that the negotiation settles on one of them.",
                    "ルーターのカーネルが実際に対応する ESP アルゴリズムだけを提案・受諾するよう\
                     設定し、ネゴシエーションで対応可能なものが選ばれるようにしてください。",
                ],
                [
                    "Until then, offer only algorithms that the peer's kernel has.",
                    "それまでは、対向のカーネルが対応するアルゴリズムのみを提案してください。",
                ],
            ),
        ),
        CauseCode::DeclaredUnsupported => entry(
            ["Declared as not supported", "機能なしの申告"],
            [
                "{by} is declared not to have the function",
                "{by}は当該機能を備えていないと申告しています",
            ],
            there([
                "Nothing, if the declaration is right. If the router does have the function, correct \
                 its vendor profile.",
                "申告が正しければ対処は不要です。当該機能を備えている場合は、ベンダープロファイルを\
                 修正してください。",
            ]),
        ),
        _ => return None,
    })
}
