//! The page `docs/causes.md`, generated from the list of codes.

use std::fs;
use std::path::Path;

use super::CauseCode;

#[test]
fn the_page_of_causes_is_generated_from_the_list() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/causes.md");
    let page = page();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "{} is not what the list says; `UPDATE_SCHEMA=1 cargo test -p reports` rewrites it",
        path.display()
    );
}

/// What the parts before the dot say, in the order of the list.
const BLAMES: &[(&str, &str, &str)] = &[
    (
        "credential",
        "A certificate, or what belongs to it. The side is the router that checked it.",
        "証明書及びその関連情報。side は検証した側のルーター。",
    ),
    (
        "auth",
        "The proof of who an end is. The side is the router that did not accept it.",
        "相手認証。side は受け入れなかった側のルーター。",
    ),
    (
        "identity",
        "Who an end says it is. The side is the router that does not know it.",
        "ID。side は相手の ID を認識しなかった側のルーター。",
    ),
    (
        "proposal",
        "Algorithms. The side is the router that refused.",
        "アルゴリズム。side は拒否した側のルーター。",
    ),
    (
        "selectors",
        "What the tunnel is for. The side is the router that refused.",
        "トンネルの対象となる通信。side は拒否した側のルーター。",
    ),
    (
        "path",
        "What lies between the routers, or behind one. The side is `path`, or the router behind \
         which it is.",
        "ルーター間又はルーター配下の経路。side は path、又は当該ルーター。",
    ),
    (
        "esp",
        "The tunnel itself. The side is the router that lacks or drops something.",
        "トンネルそのもの。side は欠落・破棄が起きた側のルーター。",
    ),
    (
        "router",
        "A router as a whole. The side is that router.",
        "ルーター全体。side は当該ルーター。",
    ),
    (
        "conformance",
        "A router alone, put to the test by a tester of our own. The side is that router.",
        "試験装置による単体のルーターの試験。side は当該ルーター。",
    ),
    (
        "declared",
        "What a profile declares. Nothing was run.",
        "プロファイルの申告。試験は実行していない。",
    ),
    (
        "lab",
        "The lab or the program. No vendor is to blame, and the outcome is `error`.",
        "試験環境又は本プログラム。ベンダーの責任ではなく、結果は error となる。",
    ),
    (
        "unknown",
        "Nothing says why. The number of these is to be driven to zero.",
        "原因を示すものがない。件数をゼロにすることを目標とする。",
    ),
];

fn page() -> String {
    let mut page = String::from(
        "# Causes / 原因コード\n\n\
         Every cell that does not pass has a cause: a code of this list, the side that did not \
         accept, did not answer, or broke, a sentence, the rule, and the proof. The list is closed. \
         Generated from `reports/src/cause` by its tests.\n\n\
         成功しなかったセルには必ず原因が付く。原因は、この一覧のコード、受け入れなかった・\
         応答しなかった・故障した側（side）、文、規則及び証拠から成る。一覧は閉じている。\
         このページは `reports/src/cause` の定義からテストにより生成される。\n",
    );
    let mut listed = 0;
    for (blame, en, ja) in BLAMES {
        page.push_str(&format!("\n## {blame}\n\n{en}\n\n{ja}\n"));
        for code in CauseCode::ALL.iter().filter(|code| code.blame() == *blame) {
            listed += 1;
            let title = code.title();
            page.push_str(&format!(
                "\n### `{}`: {} / {}\n\n{}",
                code.as_str(),
                title.en,
                title.ja,
                code.meaning().trim()
            ));
            if code.rule().is_empty() {
                page.push_str("\n\n");
            } else {
                page.push_str(&format!(" ({})\n\n", code.rule()));
            }
            // The responder stands for the side that the cause names.
            for advice in code.advice(super::Side::Responder, false) {
                let (en, ja) = if advice.at == Some(super::Side::Responder) {
                    ("at that side", "当該側")
                } else {
                    ("at the other side", "相手側")
                };
                let words = advice.words;
                page.push_str(&format!("- {en}: {}\n- {ja}: {}\n", words.en, words.ja));
            }
        }
    }
    assert_eq!(listed, CauseCode::ALL.len(), "a code has no group");
    page
}
