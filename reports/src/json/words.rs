//! The words of a record that cannot be read.

use super::{Error, Fault};
use crate::escape::visible;
use crate::model::{OLDEST_SCHEMA, SCHEMA};
use crate::text::{Text, Words};

/// Characters of a detail that are shown.
const LONGEST: usize = 400;

impl Fault {
    /// What is wrong, and what to do.
    fn words(self) -> Words {
        match self {
            Self::Cut => Words {
                en: "the record ends before it is complete; copy it again from where the run was made, \
                     or run the cells again",
                ja: "記録が途中で切れています。実行した環境からコピーし直すか、再実行してください",
            },
            Self::NotJson => Words {
                en: "this is not JSON; name the run.json that `ikematrix run` has written, or run the \
                     cells again",
                ja: "JSON ではありません。`ikematrix run` が出力した run.json を指定するか、\
                     再実行してください",
            },
            Self::NotOfARecord => Words {
                en: "this does not stand here in the record of a run; name the run.json that `ikematrix \
                     run` has written, or run the cells again",
                ja: "実行記録のこの位置には置けない内容です。`ikematrix run` が出力した run.json を\
                     指定するか、再実行してください",
            },
        }
    }
}

impl Error {
    /// What is wrong and what to do, in both languages.
    pub fn told(&self) -> Text {
        match self {
            Self::File(error) => error.told(),
            Self::Syntax {
                path,
                line,
                column,
                fault,
                detail,
            } => {
                let place = format!("{}:{line}:{column}", path.display());
                let (words, detail) = (fault.words(), visible(detail, LONGEST));
                Text::new(
                    format!("{place}: {} (detail: {detail})", words.en),
                    format!("{place}: {}（詳細: {detail}）", words.ja),
                )
            }
            Self::Schema { path, found } => {
                let path = path.display();
                Text::new(
                    format!(
                        "{path}: schema version {found} cannot be read (this program reads versions \
                         {OLDEST_SCHEMA} to {SCHEMA}); use the version of ikematrix that wrote it, or \
                         run the cells again"
                    ),
                    format!(
                        "{path}: スキーマのバージョン {found} は読み込めません（対応するバージョンは \
                         {OLDEST_SCHEMA} から {SCHEMA}）。記録を出力したバージョンの ikematrix を使用するか、\
                         再実行してください"
                    ),
                )
            }
            Self::Inconsistent { path, reason } => {
                let (path, reason) = (path.display(), reason.told());
                Text::new(
                    format!(
                        "{path}: {}; the record was changed since it was written: take it from where \
                         the run was made, or run the cells again",
                        reason.en
                    ),
                    format!(
                        "{path}: {}。出力後に変更された記録です。元の記録を取得し直すか、\
                         再実行してください",
                        reason.ja
                    ),
                )
            }
        }
    }
}
