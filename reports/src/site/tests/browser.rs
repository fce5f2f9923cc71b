//! The pages in a real browser, from files: with and without scripts, on a telephone and on a wide
//! screen.

use std::process::Command;

use serde::Deserialize;

use super::*;

/// What the browser found in one frame.
#[derive(Debug, Deserialize)]
struct Seen {
    lang: String,
    /// Elements of each language that are shown.
    en: usize,
    ja: usize,
    /// Columns of pixels that stick out of the window.
    overflow: f64,
    /// The filter's fields, and the cells that do not fit it.
    fields: usize,
    apart: usize,
    /// Links and fields that have no name for who hears the page.
    nameless: Vec<String>,
    /// Boxes that scroll and cannot be reached by keys.
    unreachable: usize,
    heading: String,
}

/// A page to open: its address below the site, the width of the window, and whether scripts run.
struct Frame<'a> {
    address: &'a str,
    width: u16,
    scripts: bool,
}

fn frame(address: &str, width: u16) -> Frame<'_> {
    Frame {
        address,
        width,
        scripts: true,
    }
}

/// Opens the pages in frames of one page, which then looks into each of them.
fn browse(site: &Path, frames: &[Frame<'_>]) -> Vec<Seen> {
    let frame = |frame: &Frame<'_>| {
        let sandbox = if frame.scripts {
            ""
        } else {
            " sandbox=\"allow-same-origin\""
        };
        let Frame { address, width, .. } = frame;
        format!(
            "<iframe width={width} height=900 style=\"border:0\" src=\"site/{address}\"{sandbox}></iframe>"
        )
    };
    let frames_html: String = frames.iter().map(frame).collect();
    let page = format!(
        "<!DOCTYPE html><meta charset=utf-8><body>{frames_html}<script>{}</script>",
        include_str!("browser.js")
    );
    let folder = site.parent().unwrap();
    let path = folder.join("frames.html");
    fs::write(&path, page).unwrap();
    let mut browser = Command::new("timeout");
    browser.args([
        "--kill-after=5",
        "120",
        "chromium",
        "--headless",
        "--disable-gpu",
    ]);
    // Frames may then be looked into; the pages themselves get no more by it.
    browser.args([
        "--no-sandbox",
        "--allow-file-access-from-files",
        "--enable-logging=stderr",
    ]);
    browser.arg(format!(
        "--user-data-dir={}",
        folder.join("profile").display()
    ));
    browser.arg("--dump-dom");
    browser.arg(format!("file://{}", path.display()));
    let output = browser.output().expect("`make setup` installs chromium");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // That a frame without scripts runs none is what was asked for.
    let complains = |line: &&str| line.contains(":CONSOLE") && !line.contains("is sandboxed");
    let complaints: Vec<&str> = said.lines().filter(complains).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let dom = String::from_utf8(output.stdout).unwrap();
    let (_, json) = dom
        .split_once("<pre>")
        .expect("the frames were looked into");
    let (json, _) = json.split_once("</pre>").unwrap();
    let json = json
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let seen: Vec<Seen> = serde_json::from_str(&json).unwrap();
    assert_eq!(seen.len(), frames.len());
    seen
}

fn site_for_browser(run: &Run) -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    write(&site, run, folder_of(run).path(), Lang::Ja).unwrap();
    (parent, site)
}

const PAGES: [&str; 5] = [
    "index.html",
    "others.html",
    "cases/auth.psk.html",
    "vendors/v2.html",
    "cells/auth.psk/v4/v1.html",
];

#[test]
fn the_address_says_which_language_is_shown_with_and_without_scripts() {
    let (_parent, site) = site_for_browser(&example::mixed(4));
    let addresses: Vec<String> = PAGES
        .iter()
        .flat_map(|page| ["", "#en", "#ja"].map(|lang| format!("{page}{lang}")))
        .collect();
    let frames: Vec<Frame<'_>> = [true, false]
        .into_iter()
        .flat_map(|scripts| {
            addresses.iter().map(move |address| Frame {
                address,
                width: 800,
                scripts,
            })
        })
        .collect();
    for (frame, seen) in frames.iter().zip(browse(&site, &frames)) {
        let (lang, this, other) = if frame.address.ends_with("#en") {
            ("en", seen.en, seen.ja)
        } else {
            ("ja", seen.ja, seen.en)
        };
        let place = format!("{} {}", frame.address, frame.scripts);
        assert!(this > 5 && other == 0, "{place}: {seen:?}");
        assert!(!seen.heading.is_empty(), "{place}");
        // Without a script the parts say their language, not the whole.
        assert!(!frame.scripts || seen.lang == lang, "{place}: {seen:?}");
    }
}

#[test]
fn a_telephone_and_a_wide_screen_show_every_page_without_scrolling_sideways() {
    for vendors in [4, 24] {
        let (_parent, site) = site_for_browser(&example::mixed(vendors));
        let frames: Vec<Frame<'_>> = PAGES
            .iter()
            .flat_map(|page| [frame(page, 380), frame(page, 1600)])
            .collect();
        for (frame, seen) in frames.iter().zip(browse(&site, &frames)) {
            let place = format!("{} {} {vendors}", frame.address, frame.width);
            assert!(seen.overflow <= 0.0, "{place}: {seen:?}");
            assert!(seen.nameless.is_empty(), "{place}: {:?}", seen.nameless);
            assert_eq!(seen.unreachable, 0, "{place}");
        }
    }
}

/// In pixels of CSS, a 96th of an inch: A4 upright with margins of 14 mm, and on its side with 10 mm.
const PAPER: [(usize, u16); 2] = [(4, 688), (24, 1047)];

#[test]
fn on_paper_no_column_is_cut_off() {
    for (vendors, width) in PAPER {
        let (_parent, site) = site_for_browser(&example::mixed(vendors));
        for (name, _) in pages::ASSETS
            .iter()
            .filter(|(name, _)| name.ends_with(".css"))
        {
            let style = fs::read_to_string(site.join(name)).unwrap();
            fs::write(site.join(name), style.replace("@media print", "@media all")).unwrap();
        }
        let frames = PAGES.map(|page| frame(page, width));
        for (frame, seen) in frames.iter().zip(browse(&site, &frames)) {
            let place = format!("{} {vendors}", frame.address);
            assert!(seen.overflow <= 0.0, "{place}: {seen:?}");
        }
    }
}

#[test]
fn the_address_filters_where_scripts_run_and_all_is_shown_where_they_do_not() {
    let (_parent, site) = site_for_browser(&example::mixed(6));
    let failed = "index.html?outcome=fail&vendor=v3#en";
    let frames = [
        frame("index.html", 800),
        frame(failed, 800),
        frame("others.html?cause=auth.psk-mismatch#ja", 800),
        frame("index.html?outcome=%3Cscript%3E", 800),
        Frame {
            address: failed,
            width: 800,
            scripts: false,
        },
    ];
    let seen = browse(&site, &frames);
    assert_eq!((seen[0].fields, seen[0].apart), (4, 0));
    assert!(seen[1].apart > 10, "{:?}", seen[1]);
    assert!(seen[2].apart > 3, "{:?}", seen[2]);
    assert!(seen[3].apart > seen[1].apart, "nothing has this outcome");
    assert_eq!((seen[4].fields, seen[4].apart), (0, 0));
}
