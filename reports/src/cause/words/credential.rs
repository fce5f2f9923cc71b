//! Words for what is wrong with a certificate.

use super::{Entry, either, entry, here, there, words};
use crate::cause::CauseCode::{self, *};
use crate::text::Words;

/// The sentence about a router that lacks something of its own, where it is another one than about
/// its peer.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others say the same of one's own certificate"
)]
pub(super) fn of_its_own(code: CauseCode) -> Option<Words> {
    Some(words(match code {
        CredentialMissing => [
            "{by} has no certificate of its own that it can use",
            "{by}には使用できる自身の証明書がありません",
        ],
        CredentialKeyMismatch => [
            "{by} has no private key that belongs to its own certificate",
            "{by}には自身の証明書に対応する秘密鍵がありません",
        ],
        _ => return None,
    }))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the codes of other modules; a test asks every code for words of its own"
)]
pub(super) fn entry_of(code: CauseCode) -> Option<Entry> {
    Some(match code {
        CredentialIdNotInCertificate => entry(
            ["Identity not in the certificate", "証明書にない ID"],
            [
                "{by} found that the identity that {peer} sends does not stand in its certificate",
                "{by}は、{peer}の送出する ID がその証明書に記載されていないと判断しました",
            ],
            there([
                "Have the certificate issued with the identity in it (RFC 4945, section 3.1: an \
                 FQDN as dNSName, an address as iPAddress, an e-mail address as rfc822Name, a DN as \
                 the whole subject, octet for octet), or send an identity that the certificate has. \
                 ID_KEY_ID can stand in no certificate.",
                "送出する ID を記載した証明書の発行を受けてください（RFC 4945 3.1 節: FQDN は \
                 dNSName、アドレスは iPAddress、メールアドレスは rfc822Name、DN は主体者名全体と\
                 オクテット単位で一致）。または、証明書に記載された ID を送出するように設定して\
                 ください。ID_KEY_ID を証明書に記載することはできません。",
            ]),
        ),
        CredentialUntrustedIssuer => entry(
            ["Issuer not trusted", "信頼されていない発行者"],
            [
                "{by} trusts no authority above the certificate of {peer}",
                "{by}は、{peer}の証明書の上位にある認証局をいずれも信頼していません",
            ],
            either(
                [
                    "Install the root certificate of the peer's authority as a trust anchor.",
                    "対向の認証局のルート証明書を信頼点として登録してください。",
                ],
                [
                    "Use a certificate of an authority that the peer trusts.",
                    "対向が信頼する認証局の証明書を使用してください。",
                ],
            ),
        ),
        CredentialIssuerMissing => entry(
            [
                "Certificate of a subordinate CA missing",
                "下位認証局の証明書の欠落",
            ],
            [
                "{by} trusts the root above the certificate of {peer}, but the certificate of a \
                 subordinate CA between them was neither sent nor installed",
                "{by}は{peer}の証明書のルートを信頼していますが、間にある下位認証局の証明書が\
                 送出も登録もされていません",
            ],
            either(
                [
                    "Install the certificates of the peer's subordinate CAs: RFC 4945 obliges nobody \
                     to send them.",
                    "対向の下位認証局の証明書を登録してください。RFC 4945 はその送出を義務付けて\
                     いません。",
                ],
                [
                    "Configure the router to send the certificates of its subordinate CAs.",
                    "下位認証局の証明書を送出するように設定してください。",
                ],
            ),
        ),
        CredentialExpired => entry(
            ["Certificate expired", "証明書の有効期限切れ"],
            [
                "{by} refused the certificate of {peer}: it, or a CA's above it, has expired",
                "{by}は{peer}の証明書を拒否しました。その証明書または上位の認証局の証明書が有効期限切れです",
            ],
            there([
                "Renew the certificate that has expired.",
                "有効期限の切れた証明書を更新してください。",
            ]),
        ),
        CredentialNotYetValid => entry(
            ["Certificate not yet valid", "有効期間前の証明書"],
            [
                "{by} refused the certificate of {peer}: it, or a CA's above it, is not yet valid",
                "{by}は{peer}の証明書を拒否しました。その証明書または上位の認証局の証明書が有効期間前です",
            ],
            there([
                "Wait until the validity period begins, or have the certificate issued with an \
                 earlier notBefore.",
                "有効期間の開始を待つか、notBefore を早めた証明書の発行を受けてください。",
            ]),
        ),
        CredentialRevoked => entry(
            ["Certificate revoked", "証明書の失効"],
            [
                "{by} found the certificate of {peer} revoked",
                "{by}は、{peer}の証明書が失効していると判断しました",
            ],
            there([
                "Have a new certificate issued. If the revocation is a mistake, have the authority \
                 publish a corrected CRL.",
                "新しい証明書の発行を受けてください。誤って失効された場合は、訂正した CRL の公開を\
                 認証局に依頼してください。",
            ]),
        ),
        CredentialCrlUnavailable => entry(
            [
                "No usable CRL under strict checking",
                "厳格な失効確認における CRL の欠落",
            ],
            [
                "{by} demands revocation information for the certificate of {peer} and has no CRL \
                 that it can use",
                "{by}は{peer}の証明書の失効情報を必須としていますが、利用できる CRL がありません",
            ],
            either(
                [
                    "Install the CRL of every CA on the way, or make the distribution point \
                     reachable. In a closed network, distribute CRLs as files.",
                    "認証パス上の各認証局の CRL を登録するか、配布点に到達できるようにしてください。\
                     閉域網では CRL をファイルで配布してください。",
                ],
                [
                    "Have the certificate name a distribution point that the peer can reach.",
                    "対向から到達できる CRL 配布点を記載した証明書を使用してください。",
                ],
            ),
        ),
        CredentialCrlExpired => entry(
            ["CRL out of its time", "CRL の有効期間外"],
            [
                "{by} has a CRL for the certificate of {peer} whose nextUpdate is over",
                "{by}が持つ{peer}の証明書に対する CRL は、次回更新日時を過ぎています",
            ],
            here([
                "Fetch the current CRL, and have the authority publish one before each nextUpdate.",
                "最新の CRL を取得し、次回更新日時までに新しい CRL を公開するよう認証局に依頼して\
                 ください。",
            ]),
        ),
        CredentialKeyUsage => entry(
            ["keyUsage allows no signature", "署名を許可しない keyUsage"],
            [
                "{by} refused the certificate of {peer}: its keyUsage has neither \
                 digitalSignature nor nonRepudiation",
                "{by}は{peer}の証明書を拒否しました。その keyUsage に digitalSignature も \
                 nonRepudiation もありません",
            ],
            there([
                "Have the certificate issued with digitalSignature or nonRepudiation in keyUsage, or \
                 without keyUsage.",
                "keyUsage に digitalSignature または nonRepudiation を含む証明書、もしくは keyUsage \
                 のない証明書の発行を受けてください。",
            ]),
        ),
        CredentialExtendedKeyUsage => entry(
            [
                "extendedKeyUsage does not allow IKE",
                "IKE を許可しない extendedKeyUsage",
            ],
            [
                "{by} refused the certificate of {peer}: its extendedKeyUsage names neither \
                 id-kp-ipsecIKE nor anyExtendedKeyUsage",
                "{by}は{peer}の証明書を拒否しました。その extendedKeyUsage に id-kp-ipsecIKE も \
                 anyExtendedKeyUsage もありません",
            ],
            there([
                "Have the certificate issued without extendedKeyUsage, or with id-kp-ipsecIKE \
                 (1.3.6.1.5.5.7.3.17) or anyExtendedKeyUsage in it.",
                "extendedKeyUsage のない証明書、または id-kp-ipsecIKE（1.3.6.1.5.5.7.3.17）か \
                 anyExtendedKeyUsage を含む証明書の発行を受けてください。",
            ]),
        ),
        CredentialPolicyCriticalUnsupported => entry(
            [
                "Critical certificate policies not supported",
                "クリティカルな証明書ポリシーに未対応",
            ],
            [
                "{by} does not support the critical extension certificatePolicies, and must \
                 therefore refuse every certificate that has it (RFC 4945, section 5.1.3)",
                "{by}はクリティカルな certificatePolicies 拡張に対応していないため、これを含む\
                 証明書をすべて拒否しなければなりません（RFC 4945 5.1.3 節）",
            ],
            either(
                [
                    "Have the router process the extension certificatePolicies. Refusing what is \
                     critical and not understood conforms to RFC 4945, section 5.1.3, but HPKI \
                     certificates always mark it critical and can then not be used.",
                    "certificatePolicies 拡張を処理できるようにしてください。理解できない\
                     クリティカルな拡張の拒否は RFC 4945 5.1.3 節に適合しますが、HPKI の証明書では\
                     この拡張が常にクリティカルであるため、HPKI を利用できません。",
                ],
                [
                    "A certificate with the extension not critical is accepted; the HPKI issues none.",
                    "当該拡張がクリティカルでない証明書は受理されますが、HPKI では発行されません。",
                ],
            ),
        ),
        CredentialExtensionCriticalUnsupported => entry(
            [
                "Critical extension not supported",
                "クリティカルな拡張に未対応",
            ],
            [
                "{by} does not support a critical extension of the certificate of {peer}, and must \
                 therefore refuse it (RFC 5280, section 4.2)",
                "{by}は{peer}の証明書のクリティカルな拡張に対応していないため、当該証明書を拒否\
                 しなければなりません（RFC 5280 4.2 節）",
            ],
            either(
                [
                    "Have the router process the extension.",
                    "ルーターを当該拡張に対応させてください。",
                ],
                [
                    "Have the certificate issued without the extension, or with the extension not \
                     critical.",
                    "当該拡張を含まない、またはクリティカルでない証明書の発行を受けてください。",
                ],
            ),
        ),
        CredentialWeakKey => entry(
            ["Key too short", "鍵長の不足"],
            [
                "{by} refused the certificate of {peer}: its key is too short",
                "{by}は{peer}の証明書を拒否しました。鍵が短すぎます",
            ],
            there([
                "Have a certificate issued for an RSA key of at least 2048 bits, or an ECDSA key.",
                "2048 ビット以上の RSA 鍵、または ECDSA 鍵の証明書の発行を受けてください。",
            ]),
        ),
        CredentialWeakSignature => entry(
            [
                "Signature algorithm of the certificate refused",
                "証明書の署名アルゴリズムの拒否",
            ],
            [
                "{by} does not accept the algorithm with which the certificate of {peer} is signed",
                "{by}は、{peer}の証明書に使われた署名アルゴリズムを受け入れません",
            ],
            there([
                "Have the certificate issued with a signature of SHA-256 or better.",
                "SHA-256 以上の署名アルゴリズムによる証明書の発行を受けてください。",
            ]),
        ),
        CredentialSignatureInvalid => entry(
            ["Signature on the certificate invalid", "証明書の署名が不正"],
            [
                "{by} found the signature on the certificate of {peer} invalid",
                "{by}は、{peer}の証明書の署名が不正であると判断しました",
            ],
            there([
                "Have the certificate issued again, and look for what changes it on its way to the \
                 router: it is not as its issuer signed it.",
                "証明書が発行者の署名した内容と一致していません。再発行を受け、ルーターに登録する\
                 までに内容が変わっていないか確認してください。",
            ]),
        ),
        CredentialIssuerNotCa => entry(
            ["Issuer is no certification authority", "認証局でない発行者"],
            [
                "{by} refused the certificate of {peer}: its issuer may issue none, by its \
                 basicConstraints or keyUsage",
                "{by}は{peer}の証明書を拒否しました。発行者の basicConstraints または keyUsage が\
                 証明書の発行を許可していません",
            ],
            there([
                "Use a certificate whose issuer has cA in basicConstraints and keyCertSign in \
                 keyUsage.",
                "basicConstraints に cA、keyUsage に keyCertSign を持つ認証局の証明書を使用して\
                 ください。",
            ]),
        ),
        CredentialPathLength => entry(
            ["Path longer than allowed", "認証パス長の超過"],
            [
                "{by} refused the certificate of {peer}: there are more CAs above it than a \
                 pathLenConstraint allows",
                "{by}は{peer}の証明書を拒否しました。上位の認証局の数が pathLenConstraint を\
                 超えています",
            ],
            there([
                "Have the certificate issued by a CA that stands high enough, or the pathLenConstraint \
                 raised.",
                "より上位の認証局から発行を受けるか、pathLenConstraint を見直してください。",
            ]),
        ),
        CredentialNameConstraints => entry(
            ["Name outside the constraints of the CA", "名前制約違反"],
            [
                "{by} refused the certificate of {peer}: it bears a name that its CA may not certify",
                "{by}は{peer}の証明書を拒否しました。認証局の名前制約に反する名前が含まれています",
            ],
            there([
                "Use a name within the nameConstraints of the CA, or another CA. RFC 4945, section \
                 5.1.3.10, advises against nameConstraints.",
                "認証局の nameConstraints の範囲内の名前を使うか、他の認証局を使用してください。\
                 RFC 4945 5.1.3.10 節は nameConstraints を推奨していません。",
            ]),
        ),
        CredentialMalformed => entry(
            ["Certificate cannot be decoded", "証明書の復号不能"],
            [
                "{by} could not decode the certificate of {peer}",
                "{by}は{peer}の証明書を解釈できませんでした",
            ],
            there([
                "Check the certificate with `ikematrix certs lint`, and have it issued again.",
                "`ikematrix certs lint` で証明書を検査し、再発行を受けてください。",
            ]),
        ),
        CredentialMissing => entry(
            ["No certificate", "証明書なし"],
            [
                "{by} got no certificate from {peer}, and needs one to verify it",
                "{by}は{peer}の検証に必要な証明書を受け取っていません",
            ],
            either(
                [
                    "Send a CERTREQ, which some routers wait for.",
                    "CERTREQ を送出してください。これを待つルーターがあります。",
                ],
                [
                    "Install the router's certificate, and have it sent always.",
                    "ルーターの証明書を登録し、常に送出するように設定してください。",
                ],
            ),
        ),
        CredentialKeyMismatch => entry(
            [
                "Private key does not belong to the certificate",
                "証明書と秘密鍵の不一致",
            ],
            [
                "{by} found that {peer} signs with a key that is not that of its certificate",
                "{by}は、{peer}の署名がその証明書の鍵によるものではないと判断しました",
            ],
            there([
                "Install the private key for which the certificate was issued.",
                "証明書の発行時に使用した秘密鍵を登録してください。",
            ]),
        ),
        CredentialRefused => entry(
            [
                "Certificate refused without a reason",
                "証明書の拒否（理由不明）",
            ],
            [
                "{by} refused the certificate of {peer}",
                "{by}が{peer}の証明書を拒否しました",
            ],
            either(
                [
                    "Raise the log level of the router and run the cell again.",
                    "ルーターのログレベルを上げて再実行してください。",
                ],
                [
                    "Check the certificate with `ikematrix certs lint`.",
                    "`ikematrix certs lint` で証明書を検査してください。",
                ],
            ),
        ),
        _ => return None,
    })
}
