//! The fixed words of the site, in both languages; what the one page of a run says, too, stands in
//! [`crate::words`].

use serde::Serialize;

use crate::words::vocabulary;

vocabulary! {
    SiteWords, SITE;

    title: "IKEv2 connectivity report", "IKEv2 接続性試験報告";
    overview: "Overview", "概要";
    history: "All runs", "試験履歴";
    other_results: "Results other than pass", "合格以外の結果";
    all: "all", "すべて";
    clear: "show all", "絞り込みを解除";
    shown: "shown", "件を表示";

    matrix_of_methods: "Matrix of authentication methods", "認証方式別の検証表";
    ordered_matrix: "Matrix in both directions", "双方向の検証表";
    ordered_caption: "Rows: the vendor that initiates. Columns: the vendor that responds.",
        "行: 開始側ベンダー。列: 応答側ベンダー。";
    peers_caption: "→ this vendor initiates, ← the peer initiates.",
        "→ 本ベンダーが開始側、← 相手が開始側。";
    works_with: "What works with whom", "相手ベンダー別の結果";
    peer: "Peer", "相手";
    all_cases: "Cases and their totals", "試験項目別の集計";
    all_vendors: "Vendors and their totals", "ベンダー別の集計";
    causes: "Causes", "原因別の集計";
    cause: "Cause", "原因";
    count: "Cells", "件数";
    by_case: "Too many to be listed one by one: each case leads to its matrix, with these alone shown.",
        "件数が多いため試験項目ごとに示す。各項目のリンク先の検証表では該当する結果のみを表示する。";
    outcome: "Outcome", "結果";
    initiator: "Initiator", "開始側";
    responder: "Responder", "応答側";
    version: "Version", "バージョン";
    implementation: "Implementation", "実装";
    identifier: "Id", "ID";

    result: "Outcome", "結果";
    tried: "What was tried", "試験内容";
    other_direction: "The other direction", "逆方向";
    side: "Side", "原因箇所";
    timeline: "Timeline of stages", "段階の推移";
    transcript: "Transcript of the exchange", "通信の経過";
    transcript_none: "This cell has no transcript.", "この試験の通信経過は記録されていない。";
    configurations: "Configurations side by side", "設定の比較";
    configurations_caption: "As they were rendered, without secrets. In files of the same name, what differs is marked and the rest is left out; the names lead to the whole files.",
        "実際に適用した設定（秘密情報を除く）。同名のファイルでは相違箇所に印を付け、他の行は省略する。全文はファイル名のリンクを参照。";
    same_content: "the same on both sides", "両側とも同一";
    equal_lines: "equal lines", "行は同一";
    log_ends: "The end of each log", "ログの末尾";
    downloads: "Downloads", "ダウンロード";
    record_download: "The whole record (run.json, compressed)", "全記録（run.json、圧縮）";
    evidence_missing: "The folder of the run does not hold this cell's evidence.",
        "この試験の証跡は結果フォルダーに存在しない。";
    evidence_none: "Nothing ran, so there is no evidence.", "実行していないため証跡はない。";
    left_out: "Left out, because it holds a private key or is too large",
        "秘密鍵を含む、または過大のため除外";
    brief: "The run is so large that transcripts and configurations of cells that passed are files.",
        "試験数が多いため、合格した試験の通信の経過と設定はファイルとして収録する。";
    session_keys: "Files below keys/ are the keys of this session only; Wireshark decrypts the capture with them.",
        "keys/ 以下は本セッション限りの鍵であり、Wireshark でキャプチャーを復号するために用いる。";

    judged: "How it is judged", "判定方法";
    judged_text: "A cell passes only when four observers agree: the state of both IKE daemons, the SAs in both kernels, marked probes between the hosts behind the routers in both directions, and the packets between the routers. A fault of the lab is an error and never counts against a vendor.",
        "IKE デーモンの状態（両端）、カーネルの SA（両端）、ルーター背後のホスト間における双方向の試験通信、ルーター間のパケットの四者がすべて正常な場合に限り合格とする。試験環境の障害はエラーとし、ベンダーの評価には含めない。";

    seal: "Seal", "封印";
    signed: "sealed and signed", "封印・署名済み";
    signed_by: "sealed, and signed with the key of fingerprint", "封印済み。署名鍵のフィンガープリント:";
    not_signed: "sealed, not signed", "封印済み（署名なし）";
    not_sealed: "not sealed", "封印なし";

    no_runs: "No run has been published yet.", "公開された試験結果はまだない。";
    latest: "Latest run", "最新の試験";
    changes: "Changes since the run before", "前回からの変化";
    no_changes: "Every cell ended as before.", "すべて前回と同じ結果である。";
    unchanged: "Cells that ended as before", "前回と同じ結果の件数";
    incomplete: "interrupted", "中断";
    over_time: "Matrix over time", "検証表の推移";
    over_time_caption: "The latest outcome comes first, then what it was before. Runs looked back on",
        "最新の結果に続き、以前の結果を示す。対象とした試験の回数";
    versions: "Versions of every daemon", "各デーモンのバージョン";
    versions_caption: "The latest run stands on the left.", "左端が最新の試験である。";
    version_changed: "changed", "変更";
    old: "out of date: run it again", "古い結果: 再試験が必要";
}

#[cfg(test)]
mod tests {
    use super::SITE;

    #[test]
    fn no_word_of_the_site_is_empty_in_a_language() {
        let table = serde_json::to_value(&SITE).unwrap();
        for (name, words) in table.as_object().unwrap() {
            for lang in ["en", "ja"] {
                let word = words[lang].as_str().unwrap();
                assert!(!word.trim().is_empty(), "{name} has no {lang}");
            }
        }
    }
}
