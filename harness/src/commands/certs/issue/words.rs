//! What is said of certificates that were issued.

use std::path::Path;

use certs::{Certificate, Profile};
use reports::text::{Lang, Words};

use super::files::{Access, Files};

const FILES: Words = Words {
    en: "Files in",
    ja: "出力先のファイル:",
};
const OWNER_ONLY: Words = Words {
    en: "(readable by its owner only)",
    ja: "（所有者だけが読取り可能）",
};
const VALID: Words = Words {
    en: "valid",
    ja: "有効期間",
};
const ASSUMPTIONS: Words = Words {
    en: "Assumptions of the profile",
    ja: "プロファイルの前提",
};

pub(super) fn report(
    profile: &Profile,
    chain: &[&Certificate],
    files: &Files,
    folder: &Path,
    lang: Lang,
) -> String {
    let mut text = format!("{}: {}\n\n", profile.id, profile.title.in_lang(lang));
    for certificate in chain {
        text.push_str(&format!(
            "{}\n  {}\n  {} {} – {}\n  SHA-256 {}\n",
            certificate.name(),
            certificate.subject_text(),
            VALID.in_lang(lang),
            certificate.not_before(),
            certificate.not_after(),
            certificate.sha256(),
        ));
    }
    text.push_str(&format!("\n{} {}\n", FILES.in_lang(lang), folder.display()));
    for (name, access) in files.names() {
        let note = match access {
            Access::All => String::new(),
            Access::Owner => format!(" {}", OWNER_ONLY.in_lang(lang)),
        };
        text.push_str(&format!("  {name}{note}\n"));
    }
    if !profile.assumptions.is_empty() {
        text.push_str(&format!("\n{}\n", ASSUMPTIONS.in_lang(lang)));
        for assumption in &profile.assumptions {
            text.push_str(&format!("- {}\n", assumption.in_lang(lang)));
        }
    }
    text
}
