//! The words of a baseline that is not signed as it has to be.

use std::path::Path;

use reports::seal::Signer;
use reports::text::Text;

pub(super) fn not_sealed(baseline: &Path) -> Text {
    let baseline = baseline.display();
    Text::new(
        format!(
            "{baseline} bears no seal, and --key demands one: keep manifest.json and manifest.sig beside \
             the run.json of the baseline, and name their folder"
        ),
        format!(
            "{baseline} には封印がなく、--key の条件を満たしません。基準の実行の run.json と同じフォルダーに \
             manifest.json と manifest.sig を置き、そのフォルダーを指定してください"
        ),
    )
}

pub(super) fn not_signed_so(baseline: &Path, signer: Option<Signer>) -> Text {
    let baseline = baseline.display();
    match signer {
        None => Text::new(
            format!(
                "{baseline} is not signed, and so not by the key that --key demands: take a run that was \
                 made with --sign as the baseline"
            ),
            format!(
                "{baseline} には署名がなく、--key で指定された鍵による署名を確認できません。--sign を付けて\
                 実行した結果を基準にしてください"
            ),
        ),
        Some(signer) => {
            let fingerprint = signer.fingerprint();
            Text::new(
                format!(
                    "{baseline} is signed by another key than --key demands, with the fingerprint \
                     {fingerprint}: take a baseline of the right signer, or name the right key"
                ),
                format!(
                    "{baseline} の署名は --key で指定された鍵によるものではありません（フィンガープリント: \
                     {fingerprint}）。正しい署名者の基準を使用するか、正しい鍵を指定してください"
                ),
            )
        }
    }
}
