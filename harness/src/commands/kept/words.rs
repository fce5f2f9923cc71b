//! The words of work in a lab that was left up.

use reports::text::Text;

use crate::engine::router::{Refusal, Router};

pub(super) fn reloaded(router: &Router, reloaded: &Result<(), Refusal>) -> Text {
    let node = router.site.router;
    match reloaded {
        Ok(()) => Text::new(
            format!("{node}: the configuration was read again"),
            format!("{node}: 設定を再読み込みしました"),
        ),
        Err(Refusal::Configuration { command, .. }) => Text::new(
            format!("{node}: the configuration was refused: `{command}` failed"),
            format!("{node}: 設定が受け付けられませんでした（`{command}` が失敗）"),
        ),
        Err(Refusal::Stopped { .. }) => Text::new(
            format!("{node}: the daemon has ended"),
            format!("{node}: デーモンが終了しました"),
        ),
        Err(Refusal::NotReady { .. }) => Text::new(
            format!("{node}: the daemon did not become ready"),
            format!("{node}: デーモンの準備が完了しませんでした"),
        ),
    }
}

pub(super) fn removed(cell: &str) -> Text {
    let cell = reports::escape::visible(cell, 200);
    Text::new(
        format!("The lab of {cell} was removed."),
        format!("{cell} の試験環境を削除しました。"),
    )
}

pub(super) fn sum(works: bool) -> Text {
    if works {
        Text::new("The tunnel works.", "トンネルは正常に動作しています。")
    } else {
        Text::new(
            "The tunnel does not work: `ikematrix logs moon` and `ikematrix logs sun` tell what the \
             daemons said.",
            "トンネルは正常に動作していません。デーモンの出力は `ikematrix logs moon` と \
             `ikematrix logs sun` で確認できます。",
        )
    }
}
