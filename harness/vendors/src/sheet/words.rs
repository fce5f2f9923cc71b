//! Every word of a sheet that the program gives, in Japanese and English side by side. Those of the
//! frame stand in its template, side by side as well.

use cases::{AuthMethod, IdentityKind};
use reports::text::{Text, Words};

pub(super) const PLACES: Words = Words {
    en: "Addresses",
    ja: "アドレス",
};
pub(super) const OWN_ADDRESS: Words = Words {
    en: "address of the router towards the peer",
    ja: "自ルーターの対向側アドレス",
};
pub(super) const PEER_ADDRESS: Words = Words {
    en: "address of the peer",
    ja: "対向ルーターのアドレス",
};
pub(super) const NAT: Words = Words {
    en: "NAT on the way",
    ja: "経路上のNAT",
};
pub(super) const NAT_BEFORE_INITIATOR: Words = Words {
    en: "before the initiator",
    ja: "開始側の手前にあり",
};
pub(super) const NAT_BEFORE_RESPONDER: Words = Words {
    en: "before the responder",
    ja: "応答側の手前にあり",
};
pub(super) const NONE: Words = Words {
    en: "none",
    ja: "なし",
};
pub(super) const AUTHENTICATION: Words = Words {
    en: "Authentication",
    ja: "認証",
};
pub(super) const METHOD: Words = Words {
    en: "authentication method, both ends",
    ja: "認証方式（両端とも）",
};
pub(super) const OWN_ID: Words = Words {
    en: "own identity, type",
    ja: "自身の識別子の種別",
};
pub(super) const OWN_ID_VALUE: Words = Words {
    en: "own identity",
    ja: "自身の識別子",
};
pub(super) const PEER_ID: Words = Words {
    en: "peer's identity, type",
    ja: "対向の識別子の種別",
};
pub(super) const PEER_ID_VALUE: Words = Words {
    en: "peer's identity",
    ja: "対向の識別子",
};
pub(super) const OWN_ID_HEX: Words = Words {
    en: "own identity as sent, in hexadecimal",
    ja: "送信する識別子データ（16進）",
};
pub(super) const PEER_ID_HEX: Words = Words {
    en: "peer's identity as received, in hexadecimal",
    ja: "受信する識別子データ（16進）",
};
pub(super) const KEY: Words = Words {
    en: "pre-shared key",
    ja: "事前共有鍵",
};
pub(super) const KEY_IN_FOLDER: Words = Words {
    en: "in psk.txt",
    ja: "psk.txt に記載",
};
pub(super) const KEY_NOT_SHOWN: Words = Words {
    en: "not shown here: --out DIR writes it into a file",
    ja: "ここには表示しません（--out DIR でファイルに出力されます）",
};
pub(super) const NO_KEY: Words = Words {
    en: "none in this case",
    ja: "この試験項目では設定しない",
};
pub(super) const IKE: Words = Words {
    en: "IKE SA",
    ja: "IKE SA",
};
pub(super) const VERSION: Words = Words {
    en: "version of IKE",
    ja: "IKEのバージョン",
};
pub(super) const NAT_TRAVERSAL: Words = Words {
    en: "NAT traversal",
    ja: "NATトラバーサル",
};
pub(super) const ON: Words = Words {
    en: "on",
    ja: "有効",
};
pub(super) const OFF: Words = Words {
    en: "off",
    ja: "無効",
};
pub(super) const CHILD: Words = Words {
    en: "Child SA",
    ja: "Child SA",
};
pub(super) const PROTOCOL: Words = Words {
    en: "protocol and mode",
    ja: "プロトコルとモード",
};
pub(super) const TUNNEL: Words = Words {
    en: "ESP, tunnel mode",
    ja: "ESP、トンネルモード",
};
pub(super) const TRANSPORT: Words = Words {
    en: "ESP, transport mode",
    ja: "ESP、トランスポートモード",
};
pub(super) const OWN_NETWORKS: Words = Words {
    en: "own networks (traffic selector)",
    ja: "自身のネットワーク（トラフィックセレクタ）",
};
pub(super) const PEER_NETWORKS: Words = Words {
    en: "peer's networks (traffic selector)",
    ja: "対向のネットワーク（トラフィックセレクタ）",
};
pub(super) const PROPOSAL: Words = Words {
    en: "proposal",
    ja: "プロポーザル",
};
pub(super) const ENCRYPTION: Words = Words {
    en: "encryption",
    ja: "暗号化",
};
pub(super) const INTEGRITY: Words = Words {
    en: "integrity",
    ja: "完全性",
};
pub(super) const PRF: Words = Words {
    en: "PRF",
    ja: "擬似乱数関数（PRF）",
};
pub(super) const DH: Words = Words {
    en: "Diffie-Hellman group",
    ja: "Diffie-Hellmanグループ",
};
pub(super) const NO_PFS: Words = Words {
    en: "none (no PFS)",
    ja: "なし（PFSを使用しない）",
};
pub(super) const WITH_ENCRYPTION: Words = Words {
    en: "none (the encryption algorithm provides it)",
    ja: "なし（暗号化アルゴリズムが兼ねる）",
};
pub(super) const LIFETIMES: Words = Words {
    en: "lifetimes, rekeying, liveness checks",
    ja: "有効期間・鍵更新・生存確認",
};
pub(super) const NOT_PRESCRIBED: Words = Words {
    en: "not prescribed: what the router does by itself, but no end within 10 minutes",
    ja: "指定なし（ルーターの既定値。ただし10分以内に満了しないこと）",
};
pub(super) const SPECIAL: Words = Words {
    en: "Special to this case",
    ja: "この試験項目に固有の設定",
};
pub(super) const NO_CONNECTION: Words = Words {
    en: "connection",
    ja: "接続の設定",
};
pub(super) const SETTING: Words = Words {
    en: "setting of the daemon",
    ja: "デーモンの設定",
};
pub(super) const RAW: Words = Words {
    en: "line in the daemon's configuration",
    ja: "デーモンの設定ファイルへの追加行",
};
pub(super) const CLOCK: Words = Words {
    en: "clock of the router, in days from now",
    ja: "ルーターの時計のずれ（日）",
};

/// An authentication method, as part of a sentence.
pub(super) fn method(method: AuthMethod) -> Words {
    match method {
        AuthMethod::Psk => Words {
            en: "authentication by a pre-shared key",
            ja: "事前共有鍵による認証",
        },
        AuthMethod::CertRfc4945 => Words {
            en: "authentication by certificates (RFC 4945)",
            ja: "証明書（自己署名）による認証",
        },
        AuthMethod::CertHpki => Words {
            en: "authentication by certificates (HPKI)",
            ja: "証明書（HPKI）による認証",
        },
    }
}

/// A type of identity, as RFC 7296, section 3.5, names it.
pub(super) fn identity(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Fqdn => "ID_FQDN",
        IdentityKind::Ipv4 => "ID_IPV4_ADDR",
        IdentityKind::Ipv6 => "ID_IPV6_ADDR",
        IdentityKind::Rfc822 => "ID_RFC822_ADDR",
        IdentityKind::KeyId => "ID_KEY_ID",
        IdentityKind::Dn => "ID_DER_ASN1_DN",
    }
}

/// What a file of a sheet is for.
pub(super) fn file(use_of: super::material::Use) -> Text {
    use super::material::Use;
    match use_of {
        Use::Key => Text::new("the pre-shared key", "事前共有鍵"),
        Use::Certificate => Text::new("the router's own certificate", "自ルーターの証明書"),
        Use::PrivateKey => Text::new(
            "the private key of that certificate (PKCS#8): a secret",
            "その証明書の秘密鍵（PKCS#8）。取扱注意",
        ),
        Use::Pkcs12 => Text::new(
            "the certificate and its key in one file (PKCS#12): a secret",
            "証明書と秘密鍵を一つにしたファイル（PKCS#12）。取扱注意",
        ),
        Use::Password => Text::new(
            "the password of the PKCS#12 file",
            "PKCS#12 ファイルのパスワード",
        ),
        Use::Intermediate => Text::new(
            "a subordinate CA, to be sent and to be known",
            "中間認証局の証明書（送信用及び検証用）",
        ),
        Use::TrustAnchor => Text::new(
            "a trust anchor",
            "信頼する認証局（トラストアンカー）の証明書",
        ),
        Use::Crl => Text::new("a revocation list (CRL)", "失効リスト（CRL）"),
    }
}
