//! The words of what cannot be read or written.

use std::io;

use super::{Action, Error, Unfit};
use crate::text::{Text, Words};

impl Action {
    /// What was not possible, with the path between the two halves.
    fn impossible(self) -> (&'static str, &'static str) {
        match self {
            Self::Read => ("read", "を読み込めません"),
            Self::Write => ("write", "に書き込めません"),
            Self::Make => ("make", "を作成できません"),
            Self::Replace => ("replace", "を置き換えられません"),
            Self::PutSite => ("put the site into", "にサイトを配置できません"),
            Self::Describe => ("describe what is for", "に記録する内容を表現できません"),
        }
    }
}

pub(super) fn refused(error: &Error) -> Text {
    let (en, ja) = error.action.impossible();
    let (path, reason) = (error.path.display(), reason(&error.reason));
    Text::new(
        format!("cannot {en} {path}: {}", reason.en),
        format!("{path} {ja}: {}", reason.ja),
    )
}

/// What the operating system says, in Japanese where it is common.
pub(crate) fn reason(error: &io::Error) -> Text {
    let unfit = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(unfit) = unfit {
        return Unfit::told(*unfit);
    }
    let en = error.to_string();
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the kinds are open, and the others are rare"
    )]
    let ja = match error.kind() {
        io::ErrorKind::NotFound => "ファイルまたはフォルダーがありません",
        io::ErrorKind::PermissionDenied => "権限がありません",
        io::ErrorKind::AlreadyExists => "既に存在します",
        io::ErrorKind::NotADirectory => "フォルダーではありません",
        io::ErrorKind::IsADirectory => "フォルダーです",
        io::ErrorKind::StorageFull => "ディスクの空き容量がありません",
        io::ErrorKind::ReadOnlyFilesystem => "書き込みできないファイルシステムです",
        _ => return Text::same(en),
    };
    Text::new(en, ja)
}

pub(super) fn unfit(unfit: Unfit) -> Text {
    const fn words(en: &'static str, ja: &'static str) -> Words {
        Words { en, ja }
    }
    let words = match unfit {
        Unfit::Folder => words(
            "it is a folder, not a regular file; name a file",
            "フォルダーです。ファイルを指定してください",
        ),
        Unfit::NamedPipe => words(
            "it is a named pipe, not a regular file; name a file",
            "名前付きパイプです。通常のファイルを指定してください",
        ),
        Unfit::Socket => words(
            "it is a socket, not a regular file; name a file",
            "ソケットです。通常のファイルを指定してください",
        ),
        Unfit::Device => words(
            "it is a device, not a regular file; name a file",
            "デバイスです。通常のファイルを指定してください",
        ),
        Unfit::NotText => words(
            "it is not text in UTF-8; name a file that this program has written",
            "UTF-8 のテキストではありません。本プログラムが出力したファイルを指定してください",
        ),
        Unfit::TooLarge { most } => {
            return Text::new(
                format!(
                    "it is larger than {most} octets, which no such file is; name another file"
                ),
                format!(
                    "この種のファイルの上限（{most} オクテット）を超えています。別のファイルを指定してください"
                ),
            );
        }
    };
    Text::new(words.en, words.ja)
}
