//! The words of a verification.

use reports::seal::{Difference, Signer};
use reports::text::{Text, Words};

pub(super) const NOT_RELIABLE: Words = Words {
    en: "The seal is broken: nothing in this folder can be relied on.",
    ja: "封印が壊れているため、このフォルダーの内容は信頼できません。",
};

pub(super) fn difference(what: &Difference) -> Text {
    match what {
        Difference::Changed => Text::new("changed", "変更"),
        Difference::Missing => Text::new("missing", "欠落"),
        Difference::Added => Text::new("added", "追加"),
        Difference::NotAFile => Text::new(
            "a link or the like in the place of a file",
            "通常のファイルではない（リンク等）",
        ),
        Difference::NotOfTheRecord => Text::new(
            "changed, and not what this program makes of run.json (`ikematrix report` makes it \
             again)",
            "変更（run.json から本プログラムが生成する内容と不一致。`ikematrix report` で再作成可能）",
        ),
        Difference::Manifest(why) => {
            let why = reports::escape::visible(why, 300);
            Text::new(format!("changed ({why})"), format!("変更（{why}）"))
        }
        Difference::Signature => Text::new(
            "changed, or the manifest is: the signature is not one of it",
            "署名がマニフェストと不一致（いずれかが変更）",
        ),
    }
}

pub(super) fn as_sealed(files: usize, bytes: u64) -> Text {
    Text::new(
        format!("As it was sealed: {files} files, {bytes} octets."),
        format!("封印時から変更なし（{files} ファイル、{bytes} オクテット）。"),
    )
}

pub(super) fn not_as_sealed(findings: usize) -> Text {
    Text::new(
        format!("Not as it was sealed: {findings} of its files differ."),
        format!("封印時と異なるファイルが {findings} 件あります。"),
    )
}

pub(super) fn signed(signer: Option<Signer>, wanted: Option<Signer>) -> Text {
    match (signer, wanted) {
        (None, None) => Text::new(
            "Not signed: nothing changed by accident, but whoever changes a file on purpose can \
             change the manifest as well.",
            "署名なし: 偶発的な変更は検出できますが、意図的な改ざんではマニフェストも書き換えられる\
             可能性があります。",
        ),
        (None, Some(_)) => Text::new(
            "Not signed, and so not by the key that was demanded.",
            "署名がないため、指定された鍵による署名を確認できません。",
        ),
        (Some(signer), None) => {
            let fingerprint = signer.fingerprint();
            Text::new(
                format!(
                    "Signed by the key with the fingerprint {fingerprint}. Whose it is, this does \
                     not show: demand a key that you know by --key."
                ),
                format!(
                    "フィンガープリント {fingerprint} の鍵で署名されています。鍵の所有者は確認\
                     できないため、既知の公開鍵を --key で指定してください。"
                ),
            )
        }
        (Some(signer), Some(wanted)) if signer == wanted => {
            let fingerprint = signer.fingerprint();
            Text::new(
                format!("Signed by the key that was demanded ({fingerprint})."),
                format!("指定された鍵（{fingerprint}）で署名されています。"),
            )
        }
        (Some(signer), Some(wanted)) => {
            let (signer, wanted) = (signer.fingerprint(), wanted.fingerprint());
            Text::new(
                format!("Signed by another key ({signer}) than the one demanded ({wanted})."),
                format!("指定された鍵（{wanted}）ではなく、別の鍵（{signer}）で署名されています。"),
            )
        }
    }
}

pub(super) fn not_covered(folder: &str) -> Text {
    Text::new(
        format!("Not part of the seal: {folder}/, which is made of the record afterwards."),
        format!("封印の対象外: {folder}/（記録から後で生成されるもの）。"),
    )
}
