//! What each cause is called, and what an engineer changes to get rid of it.

use crate::cause::CauseCode;
use crate::text::Words;

impl CauseCode {
    /// A short title.
    pub fn title(self) -> Words {
        self.words().0
    }

    /// What to change.
    pub fn remedy(self) -> Words {
        self.words().1
    }

    fn words(self) -> (Words, Words) {
        match self {
            Self::AuthPskMismatch => entry(
                ["Pre-shared keys differ", "事前共有鍵の不一致"],
                [
                    "Configure the same pre-shared key on both routers, for the identities that \
                     they really send. Look for trailing blanks, for quotes, and for a hexadecimal \
                     or Base64 prefix that one side takes literally.",
                    "両ルーターが実際に送出する ID に対し、同一の事前共有鍵を設定してください。\
                     末尾の空白や引用符のほか、16進数・Base64 を示す接頭辞が文字列として\
                     扱われていないかも確認してください。",
                ],
            ),
            Self::AuthFailed => entry(
                [
                    "Authentication refused without a reason",
                    "認証の拒否（理由不明）",
                ],
                [
                    "Raise the log level of the router that refused and run the cell again. Compare \
                     the identity, the authentication method and the credential that it expects \
                     with those that its peer sends.",
                    "拒否したルーターのログレベルを上げて再実行し、そのルーターが期待する ID・\
                     認証方式・認証情報と、対向が送出する内容とを照合してください。",
                ],
            ),
            Self::ProposalIkeNoneInCommon => entry(
                ["No IKE proposal in common", "IKE SA のプロポーザル不一致"],
                [
                    "Configure at least one combination of encryption, integrity, PRF and key \
                     exchange group for the IKE SA that both routers accept. RFC 8247 names those \
                     that every implementation must have.",
                    "両ルーターが受け入れる暗号・完全性・PRF・鍵交換グループの組合せを、IKE SA に\
                     一つ以上設定してください。実装必須のアルゴリズムは RFC 8247 に定められています。",
                ],
            ),
            Self::ProposalEspNoneInCommon => entry(
                ["No ESP proposal in common", "ESP のプロポーザル不一致"],
                [
                    "Configure at least one combination of encryption, integrity and, where one side \
                     demands it, key exchange group for ESP that both routers accept. RFC 8221 \
                     names those that every implementation must have.",
                    "両ルーターが受け入れる暗号・完全性（必要に応じて鍵交換グループ）の組合せを、\
                     ESP に一つ以上設定してください。実装必須のアルゴリズムは RFC 8221 に\
                     定められています。",
                ],
            ),
            Self::SelectorsUnacceptable => entry(
                [
                    "Traffic selectors do not meet",
                    "トラフィックセレクターの不一致",
                ],
                [
                    "Make the local and remote networks of one router the remote and local networks \
                     of the other, with the same prefix lengths, protocols and ports.",
                    "一方のルーターの自側・対向側ネットワークが、他方の対向側・自側ネットワークと\
                     対応するように、プレフィックス長・プロトコル・ポートを含めて設定してください。",
                ],
            ),
            Self::IdentityUnknownPeer => entry(
                ["Identity of the peer is not known", "対向の ID が未登録"],
                [
                    "On the router that refused, configure the identity that its peer really sends, \
                     with the same type: address, FQDN, e-mail address, distinguished name or key \
                     ID.",
                    "拒否したルーターに、対向が実際に送出する ID を、種別（アドレス、FQDN、\
                     メールアドレス、識別名、鍵 ID）も含めて一致するように設定してください。",
                ],
            ),
            Self::PathNoAnswer => entry(
                ["No answer", "応答なし"],
                [
                    "Find the last message in the capture. If it did not reach the peer, mend the \
                     path: UDP ports 500 and 4500, fragments. If it did, the peer's log says why it \
                     kept silent.",
                    "パケットキャプチャで最後のメッセージを確認してください。対向に届いていない場合は\
                     経路（UDP 500・4500 番、フラグメント）を見直し、届いている場合は対向のログで\
                     応答しない理由を確認してください。",
                ],
            ),
            Self::CredentialIdNotInCertificate => entry(
                ["Identity not in the certificate", "証明書にない ID"],
                [
                    "Issue the certificate with the identity in it (RFC 4945, section 3.1: an FQDN as dNSName, an address as iPAddress, an e-mail address as rfc822Name, a DN as the whole subject), or configure the router to send an identity that its certificate has. ID_KEY_ID can stand in no certificate.",
                    "送出する ID を証明書に記載してください（RFC 4945 3.1 節: FQDN は dNSName、アドレスは iPAddress、メールアドレスは rfc822Name、DN は主体者名全体）。または、証明書に記載された ID を送出するように設定してください。ID_KEY_ID を証明書に記載することはできません。",
                ],
            ),
            Self::CredentialUntrustedIssuer => entry(
                ["Issuer not trusted", "信頼されていない発行者"],
                [
                    "Install the root certificate of the peer's authority as a trust anchor on the router that refused, or use a certificate of an authority that it trusts.",
                    "拒否したルーターに対向の認証局のルート証明書を信頼点として登録するか、信頼済みの認証局が発行した証明書を使用してください。",
                ],
            ),
            Self::CredentialIssuerMissing => entry(
                [
                    "Certificate of a subordinate CA missing",
                    "下位認証局の証明書の欠落",
                ],
                [
                    "Configure the router to send the certificates of its subordinate CAs, or install them on the peer. RFC 4945 obliges nobody to send them.",
                    "下位認証局の証明書を送出するようルーターを設定するか、対向に登録してください。RFC 4945 はその送出を義務付けていません。",
                ],
            ),
            Self::CredentialExpired => entry(
                ["Certificate expired", "証明書の有効期限切れ"],
                ["Renew the certificate.", "証明書を更新してください。"],
            ),
            Self::CredentialNotYetValid => entry(
                ["Certificate not yet valid", "有効期間前の証明書"],
                [
                    "Wait until the validity period begins, or have the certificate issued with an earlier notBefore.",
                    "有効期間の開始を待つか、notBefore を早めた証明書の発行を受けてください。",
                ],
            ),
            Self::CredentialRevoked => entry(
                ["Certificate revoked", "証明書の失効"],
                [
                    "Have a new certificate issued. If the revocation is a mistake, have the authority publish a corrected CRL.",
                    "新しい証明書の発行を受けてください。誤って失効された場合は、訂正した CRL の公開を認証局に依頼してください。",
                ],
            ),
            Self::CredentialPolicyCriticalUnsupported => entry(
                [
                    "Critical certificate policies not supported",
                    "クリティカルな証明書ポリシーに未対応",
                ],
                [
                    "Have the router process the extension certificatePolicies. Refusing what is critical and not understood conforms to RFC 4945, section 5.1.3, but HPKI certificates always mark it critical and can then not be used.",
                    "certificatePolicies 拡張を処理できるようにしてください。理解できないクリティカルな拡張の拒否は RFC 4945 5.1.3 節に適合しますが、HPKI の証明書ではこの拡張が常にクリティカルであるため、HPKI を利用できません。",
                ],
            ),
            Self::CredentialExtensionCriticalUnsupported => entry(
                [
                    "Critical extension not supported",
                    "クリティカルな拡張に未対応",
                ],
                [
                    "Have the certificate issued without the extension or with the extension not critical, or have the router process it.",
                    "当該拡張を含まない、またはクリティカルでない証明書の発行を受けるか、ルーターを当該拡張に対応させてください。",
                ],
            ),
            Self::CredentialSignatureInvalid => entry(
                ["Signature on the certificate invalid", "証明書の署名が不正"],
                [
                    "Have the certificate issued again, and look for what changes it on its way to \
                     the router: it is not as its issuer signed it.",
                    "証明書が発行者の署名した内容と一致していません。再発行を受け、ルーターに\
                     登録するまでに内容が変わっていないか確認してください。",
                ],
            ),
            Self::CredentialRefused => entry(
                [
                    "Certificate refused without a reason",
                    "証明書の拒否（理由不明）",
                ],
                [
                    "Raise the log level of the router that refused and run the cell again. Check the certificate with `ikematrix certs lint`.",
                    "拒否したルーターのログレベルを上げて再実行してください。証明書は `ikematrix certs lint` で検査できます。",
                ],
            ),
            Self::AuthSignatureRefused => entry(
                ["Signature algorithm refused", "署名アルゴリズムの拒否"],
                [
                    "Allow the same signature algorithm on both routers: RSASSA-PSS or PKCS#1 v1.5 \
                     with SHA-256 as of RFC 7427, or an ECDSA group that both have. SHA-1 must no \
                     longer be used (RFC 8247).",
                    "両ルーターで同じ署名アルゴリズム（RFC 7427 による SHA-256 の RSASSA-PSS または \
                     PKCS#1 v1.5、あるいは双方が対応する ECDSA）を許可してください。SHA-1 は\
                     使用できません（RFC 8247）。",
                ],
            ),
            Self::PathFragmentsLost => entry(
                ["IP fragments lost", "IP フラグメントの損失"],
                [
                    "Switch on IKE fragmentation (RFC 7383) on both routers, or let the path pass IP fragments. Certificates make IKE_AUTH larger than one packet.",
                    "両ルーターで IKE フラグメンテーション（RFC 7383）を有効にするか、経路で IP フラグメントを通過させてください。証明書を含む IKE_AUTH は 1 パケットに収まりません。",
                ],
            ),
            Self::RouterClockOff => entry(
                ["Clock of the router wrong", "ルーターの時計の誤り"],
                [
                    "Set the clock of the router, and have it follow a time server.",
                    "ルーターの時計を合わせ、時刻サーバーに同期させてください。",
                ],
            ),
            Self::EspOneSided => entry(
                ["Child SA on one end only", "Child SA が片側のみ"],
                [
                    "Look in the log of the end without the Child SA: it refused what it had agreed \
                     to, or could not install it in its kernel. Offer algorithms that its kernel \
                     has, or have it refuse the proposal during the negotiation.",
                    "Child SA を持たない側のログを確認してください。合意した内容を後から拒否したか、\
                     カーネルへの登録に失敗しています。そのカーネルが対応するアルゴリズムを\
                     提案するか、ネゴシエーション時に提案を拒否するよう修正してください。",
                ],
            ),
            Self::EspRefusedByKernel => entry(
                [
                    "Negotiated ESP refused by the router's own kernel",
                    "折衝した ESP をカーネルが拒否",
                ],
                [
                    "Offer and accept only the ESP algorithms that the router's kernel really has, so \
                     that the negotiation settles on one of them.",
                    "ルーターのカーネルが実際に対応する ESP アルゴリズムだけを提案・受諾するよう設定し、\
                     ネゴシエーションで対応可能なものが選ばれるようにしてください。",
                ],
            ),
            Self::EspNoTraffic => entry(
                ["Tunnel without traffic", "トンネル確立後の通信不可"],
                [
                    "Check on both routers the routes to the protected networks, the forwarding and \
                     the packet filter, and that IP protocol 50 (or UDP port 4500) passes between \
                     them.",
                    "両ルーターで、保護対象ネットワークへの経路、転送設定およびパケットフィルターを\
                     確認し、ルーター間で IP プロトコル 50（または UDP 4500 番）が通過することを\
                     確認してください。",
                ],
            ),
            Self::EspClearText => entry(
                ["Traffic left unprotected", "平文での送出"],
                [
                    "On the router that sent it, bind the protected networks to the IPsec policy so \
                     that what matches no SA is dropped, and remove any route that goes around the \
                     tunnel.",
                    "送出したルーターで、保護対象ネットワークを IPsec ポリシーの対象とし、SA に\
                     該当しない通信を破棄する設定としてください。トンネルを迂回する経路は\
                     削除してください。",
                ],
            ),
            Self::EspWrongSpi => entry(
                ["SPIs on the wire were not negotiated", "SPI の不一致"],
                [
                    "Compare the SPIs in the capture with the SAs of both ends. The router that sends \
                     with another SPI uses an SA of an earlier negotiation, or one that its daemon \
                     does not know of.",
                    "パケットキャプチャの SPI と両端の SA を照合してください。異なる SPI で送信する\
                     ルーターは、以前のネゴシエーションの SA、またはデーモンが把握していない SA を\
                     使用しています。",
                ],
            ),
            Self::RouterStopped => entry(
                ["IKE daemon ended", "IKE デーモンの停止"],
                [
                    "Read the end of the daemon's log. If it crashed, give its maker the log and the \
                     last message that it received, which is in the capture.",
                    "デーモンのログの末尾を確認してください。異常終了の場合は、ログと、最後に受信した\
                     メッセージ（パケットキャプチャに記録）を開発元に提供してください。",
                ],
            ),
            Self::RouterRefusedConfiguration => entry(
                ["Configuration refused", "設定の拒否"],
                [
                    "Correct the settings or the template of the vendor profile where the log says, \
                     and make sure that this version of the daemon knows the option.",
                    "ログが示す箇所について、ベンダープロファイルの設定またはテンプレートを\
                     修正してください。使用中のバージョンが該当の設定項目に対応しているかも\
                     確認してください。",
                ],
            ),
            Self::RouterNotReady => entry(
                ["IKE daemon not ready in time", "IKE デーモンの起動時間超過"],
                [
                    "The daemon's log says what it waits for. On a slow machine, run fewer cells at \
                     the same time (-j).",
                    "デーモンのログで待機の原因を確認してください。低速な機器では、同時に実行する\
                     試験の数（-j）を減らしてください。",
                ],
            ),
            Self::Unknown => entry(
                ["Cause not found", "原因不明"],
                [
                    "Compare what the observers saw with both logs and the capture. Run the cell \
                     again with --keep to look inside the routers.",
                    "観測結果を双方のログおよびパケットキャプチャと照合してください。--keep を付けて\
                     再実行すると、ルーターの内部を調査できます。",
                ],
            ),
            Self::DeclaredUnsupported => entry(
                ["Declared as not supported", "機能なしの申告"],
                [
                    "Nothing, if the declaration is right. If the router does have the function, \
                     correct its vendor profile.",
                    "申告が正しければ対処は不要です。当該機能を備えている場合は、ベンダープロファイルを\
                     修正してください。",
                ],
            ),
            Self::LabFault => entry(
                ["Fault of the lab", "試験環境の障害"],
                [
                    "Run `ikematrix doctor`, mend what it names, and run the cell again. The vendors \
                     have no part in it.",
                    "`ikematrix doctor` を実行し、示された問題を解消して再実行してください。\
                     ベンダー側の問題ではありません。",
                ],
            ),
        }
    }
}

const fn entry(title: [&'static str; 2], remedy: [&'static str; 2]) -> (Words, Words) {
    let [en, ja] = title;
    let title = Words { en, ja };
    let [en, ja] = remedy;
    (title, Words { en, ja })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code, from the schema, so that a new one cannot be forgotten here.
    fn codes() -> Vec<CauseCode> {
        let schema = serde_json::to_value(schemars::schema_for!(CauseCode)).unwrap();
        let variants = schema["oneOf"].as_array().unwrap();
        variants
            .iter()
            .map(|variant| serde_json::from_value(variant["const"].clone()).unwrap())
            .collect()
    }

    #[test]
    fn every_code_has_a_title_and_a_remedy_in_both_languages() {
        for code in codes() {
            for words in [code.title(), code.remedy()] {
                assert!(!words.en.is_empty() && !words.ja.is_empty(), "{code:?}");
                assert!(words.en.is_ascii(), "{code:?} is not English: {}", words.en);
                assert!(
                    !words.ja.is_ascii(),
                    "{code:?} is not Japanese: {}",
                    words.ja
                );
            }
        }
    }

    #[test]
    fn every_code_is_written_in_the_record_as_it_is_printed() {
        for code in codes() {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
