use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

use flate2::read::GzDecoder;

use super::*;
use crate::cause::{CauseCode, Side};
use crate::example;

mod browser;

const TRANSCRIPTS: [(&str, &str); 2] = [
    (
        "transcript.txt",
        "IKE_SA_INIT request\n  SPI 0123456789abcdef\n",
    ),
    (
        "transcript.ja.txt",
        "IKE_SA_INIT 要求\n  SPI 0123456789abcdef\n",
    ),
];

/// A folder with a run's evidence, as far as the pages read it.
fn folder_of(run: &Run) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for cell in &run.cells {
        let Some(evidence) = &cell.evidence else {
            continue;
        };
        let evidence = folder.path().join(evidence);
        let put = |name: &str, content: &str| {
            let path = evidence.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        for (name, content) in TRANSCRIPTS {
            put(name, content);
        }
        for (role, peer) in [("initiator", "sun"), ("responder", "moon")] {
            let configuration = format!("connections {{\n\tremote {{ id = {peer} }}\n}}\n");
            put(&format!("{role}/swanctl.conf"), &configuration);
            let log: String = (1..=40).map(|line| format!("line {line}\n")).collect();
            put(&format!("{role}/daemon.log"), &log);
        }
        put("responder/charon.log", "one\ntwo\n");
        put("keys/esp_sa", "# of this session\n");
    }
    folder
}

/// Every file of a site by its path, with what a browser would read; packed ones unpacked.
fn site_of(run: &Run, evidence: &Path, lang: Lang) -> BTreeMap<String, String> {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("site");
    write(&target, run, evidence, lang).unwrap();
    let mut files = BTreeMap::new();
    read_all(&target, "", &mut files);
    files
}

fn read_all(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read_all(&path, &format!("{name}/"), files);
        } else {
            let octets = fs::read(&path).unwrap();
            let text = if name.ends_with(".gz") {
                let mut text = String::new();
                GzDecoder::new(&*octets).read_to_string(&mut text).unwrap();
                text
            } else {
                String::from_utf8(octets).unwrap()
            };
            files.insert(name, text);
        }
    }
}

fn pages(files: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    files.iter().filter(|(name, _)| name.ends_with(".html"))
}

fn attributes<'page>(page: &'page str, name: &str) -> impl Iterator<Item = &'page str> {
    let opening = format!(" {name}=\"");
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&opening)?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some(value)
    })
}

#[test]
fn a_group_of_many_cells_is_told_by_cases_that_lead_to_their_own_matrix() {
    let mut run = example::all_pass(24, 2);
    let ids: Vec<String> = run.cells.iter().map(|cell| cell.id.clone()).collect();
    for id in &ids {
        example::fail(&mut run, id, CauseCode::AuthFailed, Side::Both);
    }
    let folder = tempfile::tempdir().unwrap();
    let source = Source::new(&run, folder.path()).unwrap();
    let pages = Pages::new(Lang::En, None).unwrap();
    let text = |page: Result<Vec<u8>, Error>| String::from_utf8(page.unwrap()).unwrap();
    let page = text(others::page(&pages, &source));
    assert_eq!(page.matches(": 576 ").count(), 2, "{page}");
    for case in &run.cases {
        let link = format!(
            "cases/{}.html?outcome=fail&amp;cause=auth.failed#en",
            case.id
        );
        assert!(page.contains(&link), "{link} is not in {page}");
        let matrix = text(case::page(&pages, &source, case));
        assert_eq!(matrix.matches("data-cause=\"auth.failed\"").count(), 576);
    }
    assert!(!page.contains("cells/"), "no cell is listed");
}

#[test]
fn every_cell_vendor_and_case_has_a_page_and_the_record_lies_beside_them() {
    let run = example::mixed(4);
    let files = site_of(&run, folder_of(&run).path(), Lang::Ja);
    for cell in &run.cells {
        assert!(files.contains_key(&marks::cell_path(cell)), "{}", cell.id);
    }
    for vendor in &run.vendors {
        assert!(files.contains_key(&format!("vendors/{}.html", vendor.id)));
    }
    for case in &run.cases {
        assert!(files.contains_key(&format!("cases/{}.html", case.id)));
    }
    let record: Run = serde_json::from_str(&files[RECORD]).unwrap();
    assert_eq!(record, run);
}

#[test]
fn every_link_leads_to_a_file_of_the_site() {
    for run in [
        example::mixed(6),
        example::differing_trial(),
        example::hostile(),
        example::all_pass(0, 0),
    ] {
        let files = site_of(&run, folder_of(&run).path(), Lang::En);
        for (name, page) in pages(&files) {
            for link in attributes(page, "href").chain(attributes(page, "src")) {
                let file = link.split(['#', '?']).next().unwrap();
                let depth = name.matches('/').count();
                let above = file.matches("../").count();
                assert!(above == 0 || above == depth, "{name}: {link}");
                let file = file.trim_start_matches("../");
                // The switch of the language stays on the page.
                assert!(
                    file.is_empty() || files.contains_key(file),
                    "{name}: {link}"
                );
            }
        }
    }
}

#[test]
fn a_link_names_the_language_that_it_is_written_in() {
    let run = example::mixed(4);
    let files = site_of(&run, folder_of(&run).path(), Lang::Ja);
    for (name, page) in pages(&files) {
        let links = page
            .split("<a ")
            .skip(1)
            .map(|link| link.split('>').next().unwrap());
        for link in links.filter(|link| link.contains(".html")) {
            let of = |lang| {
                link.contains(&format!("lang=\"{lang}\"")) && link.contains(&format!("#{lang}\""))
            };
            assert!(of("en") || of("ja"), "{name}: {link}");
        }
        assert!(page.contains("href=\"#en\"") && page.contains("href=\"#ja\""));
    }
}

#[test]
fn the_site_asks_nobody_for_anything() {
    let run = example::mixed(4);
    let files = site_of(&run, folder_of(&run).path(), Lang::En);
    for (name, page) in pages(&files) {
        assert!(page.contains("default-src 'none'"), "{name}");
        for request in [
            "<img", "<iframe", "url(", "@import", "//", "style=\"", " on",
        ] {
            let found = page.split('<').any(|tag| {
                let tag = tag.split('>').next().unwrap();
                format!("<{tag}").contains(request)
            });
            assert!(!found, "{name}: {request}");
        }
    }
    for asset in ["style.css", "site.css", "site.js"] {
        for request in [
            "url(",
            "@import",
            "http",
            "fetch",
            "XMLHttpRequest",
            "innerHTML",
        ] {
            assert!(!files[asset].contains(request), "{asset}: {request}");
        }
    }
}

#[test]
fn what_scrolls_is_reached_by_the_keyboard_and_has_a_name() {
    let run = example::differing_trial();
    let files = site_of(&run, folder_of(&run).path(), Lang::En);
    let mut regions = 0;
    for (name, page) in pages(&files) {
        for tag in page
            .split('<')
            .filter(|tag| tag.contains("class=\"scroll\""))
        {
            let tag = tag.split('>').next().unwrap();
            assert!(
                tag.contains("tabindex=\"0\"") && tag.contains("role=\"region\""),
                "{name}: {tag}"
            );
            let label = attributes(tag, "aria-labelledby").next().unwrap();
            assert!(page.contains(&format!("id=\"{label}\"")), "{name}: {label}");
            regions += 1;
        }
    }
    assert!(regions > 10, "{regions}");
}

#[test]
fn a_site_never_replaces_the_folder_that_its_run_lies_in() {
    let run = example::all_pass(2, 1);
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    write(&site, &run, parent.path(), Lang::En).unwrap();
    let within = site.join("results");
    fs::create_dir(&within).unwrap();
    let refused = write(&site, &run, &within, Lang::En).unwrap_err();
    assert!(matches!(refused, Error::RunInside { .. }), "{refused}");
    assert!(within.is_dir());
}

#[test]
fn what_a_router_said_does_nothing_on_any_page() {
    let run = example::hostile();
    let folder = folder_of(&run);
    let nasty = "<script>alert(1)</script>\u{1b}[2J\0\u{202e}<img src=//evil>";
    let long = format!("{}{nasty}\n", "y".repeat(1 << 20));
    let evidence = folder
        .path()
        .join(run.cells[1].evidence.as_deref().unwrap());
    for name in [
        "initiator/daemon.log",
        "initiator/swanctl.conf",
        "transcript.txt",
        "responder/<b>\"&.conf",
    ] {
        fs::write(evidence.join(name), format!("{nasty}\n{long}{nasty}\n")).unwrap();
    }
    let files = site_of(&run, folder.path(), Lang::Ja);
    for (name, page) in pages(&files) {
        for live in [
            "<script>", "<img", "\u{1b}", "\0", "\u{202e}", "\u{7}", "<b>\"",
        ] {
            assert!(!page.contains(live), "{name}: {live:?}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert!(page.len() < 120_000, "{name}: {} octets", page.len());
    }
}

#[test]
fn a_private_key_in_the_evidence_stays_out() {
    let run = example::mixed(4);
    let folder = folder_of(&run);
    for cell in &run.cells {
        if let Some(evidence) = &cell.evidence {
            let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n";
            let evidence = folder.path().join(evidence);
            fs::write(evidence.join("initiator/local.pem"), key).unwrap();
            fs::write(evidence.join("key.pem"), key).unwrap();
            let log = format!("starting\n{key}stopped\n");
            fs::write(evidence.join("initiator/daemon.log"), log).unwrap();
            let wide: Vec<u8> = key.encode_utf16().flat_map(u16::to_le_bytes).collect();
            fs::write(evidence.join("initiator/wide.txt"), wide).unwrap();
            fs::write(
                evidence.join("key.der"),
                b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20MC4CAQ",
            )
            .unwrap();
        }
    }
    let files = site_of(&run, folder.path(), Lang::En);
    for (name, content) in &files {
        assert!(!content.contains("MC4CAQ"), "{name}");
        assert!(!content.contains("M\0C\x004"), "{name}");
    }
    let page = &files["cells/auth.psk/v4/v1.html"];
    for name in [
        "initiator/local.pem",
        "initiator/wide.txt",
        "initiator/daemon.log",
        "key.der",
    ] {
        assert!(page.contains(&format!("{name}: ")), "{name}");
    }
}

#[test]
fn passes_bring_their_configurations_and_other_cells_their_whole_evidence() {
    let run = example::mixed(4);
    let files = site_of(&run, folder_of(&run).path(), Lang::En);
    let below = |folder: &str| files.keys().filter(|name| name.starts_with(folder)).count();
    assert_eq!(below("configurations/"), 3, "each content once");
    assert_eq!(below("evidence/auth.psk/v1/v1/"), 0);
    assert_eq!(
        files["evidence/auth.psk/v4/v1/keys/esp_sa.gz"],
        "# of this session\n"
    );
}

#[test]
fn of_a_large_run_passes_bring_their_transcripts_and_configurations_as_files() {
    let run = example::all_pass(42, 3);
    let one = Run {
        cells: vec![run.cells[1].clone()],
        ..run.clone()
    };
    let files = site_of(&run, folder_of(&one).path(), Lang::En);
    let page = &files[&marks::cell_path(&run.cells[1])];
    assert!(page.contains(words::SITE.brief.ja) && !page.contains("<pre"));
    let of_cell = "evidence/auth.psk/v1/v2/";
    let brought: Vec<&String> = files
        .keys()
        .filter(|name| name.starts_with(of_cell))
        .collect();
    assert_eq!(
        brought,
        [
            &format!("{of_cell}transcript.ja.txt.gz"),
            &format!("{of_cell}transcript.txt.gz")
        ]
    );
    for link in attributes(page, "href").filter(|link| link.contains("configurations/")) {
        assert!(files.contains_key(link.trim_start_matches("../")), "{link}");
    }
    assert_eq!(page.matches("configurations/").count(), 3);
}

#[test]
fn a_cell_whose_evidence_is_gone_says_so() {
    let run = example::mixed(4);
    let elsewhere = tempfile::tempdir().unwrap();
    let files = site_of(&run, elsewhere.path(), Lang::En);
    let page = &files["cells/auth.psk/v4/v1.html"];
    assert!(page.contains(words::SITE.evidence_missing.ja));
    assert!(!page.contains(words::SITE.evidence_none.ja));
    let unsupported = &files["cells/esp.aes256-sha256/v1/v2.html"];
    assert!(unsupported.contains(words::SITE.evidence_none.ja));
}

#[test]
fn the_pages_of_a_small_run() {
    let run = example::differing_trial();
    let files = site_of(&run, folder_of(&run).path(), Lang::Ja);
    for name in [
        "index.html",
        "others.html",
        "cases/auth.cert-rfc4945.html",
        "vendors/v2.html",
        "cells/auth.cert-hpki/v1/v3.html",
        "cells/auth.psk/v1/v2.html",
    ] {
        insta::assert_snapshot!(name.replace('/', "_"), files[name]);
    }
}
