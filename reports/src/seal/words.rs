//! The words of a seal that is not good.

use super::{Error, MANIFEST, RECORD};
use crate::escape::visible;
use crate::text::Text;

/// Characters of a path, and of a reason, that are shown.
const LONGEST: usize = 400;

impl Error {
    /// What is wrong and what to do, in both languages.
    pub fn told(&self) -> Text {
        let shown = |path: &std::path::Path| visible(&path.display().to_string(), LONGEST);
        match self {
            Self::File(error) => error.told(),
            Self::Unsealable { path, what } => Text::new(
                format!(
                    "{}: {what}; a sealed run holds regular files and folders only: take it away",
                    shown(path)
                ),
                format!(
                    "{}: 通常のファイルでもフォルダーでもありません。封印できるのはこの二つのみのため、\
                     取り除いてください",
                    shown(path)
                ),
            ),
            Self::Manifest { path, reason } => {
                let (path, reason) = (shown(path), visible(reason, LONGEST));
                Text::new(
                    format!(
                        "{path}: this is no manifest as it was sealed ({reason}); take the run from \
                         where it was made, or run it again"
                    ),
                    format!(
                        "{path}: 封印時のマニフェストではありません（{reason}）。元の実行結果を取得し直すか、\
                         再実行してください"
                    ),
                )
            }
            Self::Signature { path } => Text::new(
                format!(
                    "{}: the signature is not one of this manifest by the signer that it names; take \
                     the run from where it was signed, or run it again",
                    shown(path)
                ),
                format!(
                    "{}: 署名が、マニフェストに記された署名者によるものではありません。署名された元の\
                     実行結果を取得し直すか、再実行してください",
                    shown(path)
                ),
            ),
            Self::Broken { path, folder } => {
                let (path, folder) = (shown(path), shown(folder));
                Text::new(
                    format!(
                        "{path} is not as it was sealed; `ikematrix verify {folder}` tells all that \
                         differs; take the run from where it was sealed, or run it again"
                    ),
                    format!(
                        "{path} は封印時から変更されています。すべての相違は `ikematrix verify {folder}` で\
                         確認できます。封印された元の実行結果を取得し直すか、再実行してください"
                    ),
                )
            }
            Self::NoRun { path } => Text::new(
                format!(
                    "{} holds no run: it has neither {RECORD} nor {MANIFEST}; name the folder of a run",
                    shown(path)
                ),
                format!(
                    "{} には {RECORD} も {MANIFEST} もありません。実行結果のフォルダーを指定してください",
                    shown(path)
                ),
            ),
        }
    }
}
