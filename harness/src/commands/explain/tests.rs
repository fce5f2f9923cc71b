use std::fs;

use clap::Parser;
use reports::file;
use reports::terminal::Options;

use super::*;
use crate::cli::{Cli, Command};
use crate::sample::root;

/// The captures of real daemons beside the crate that reads them.
fn captures() -> PathBuf {
    root().join("harness/transcript/tests/captures")
}

fn told(capture: &str, keys: Option<&str>, lang: Lang) -> String {
    let keys = keys.map(|keys| captures().join(keys));
    let keys = read_keys(&keys.into_iter().collect::<Vec<_>>()).unwrap();
    let options = transcript::Options {
        keys: &keys,
        ..transcript::Options::default()
    };
    let transcript = transcript::read(
        file::open(&captures().join(capture), u64::MAX).unwrap(),
        &options,
    )
    .unwrap();
    let terminal = Options {
        lang,
        colour: false,
        width: 100,
    };
    capture::render(&transcript, &Told::of_each(&transcript), &[], terminal)
}

fn refusal(words: &[&str]) -> String {
    let words = ["ikematrix", "explain"].iter().chain(words);
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => return error.to_string(),
    };
    let Command::Explain(arguments) = cli.command else {
        panic!("another command");
    };
    let refused = explain(&cli.common, &arguments).unwrap_err();
    format!("{refused:?}").replace(&root().display().to_string(), "")
}

#[test]
fn a_capture_of_a_tunnel_is_told_with_the_keys() {
    let story = told("certificates.pcapng", Some("certificates.keys"), Lang::En);
    insta::assert_snapshot!(story);
    let story = told("certificates.pcapng", Some("certificates.keys"), Lang::Ja);
    insta::assert_snapshot!(story);
}

#[test]
fn a_capture_of_a_failure_ends_in_its_cause() {
    insta::assert_snapshot!(told("fragments-lost.pcapng", None, Lang::En));
    insta::assert_snapshot!(told("fragments-lost.pcapng", None, Lang::Ja));
}

#[test]
fn what_is_no_capture_and_no_table_of_keys_is_refused_with_what_is_expected() {
    let readme = captures().join("README.md");
    let capture = captures().join("certificates.pcapng");
    let (readme, capture) = (readme.to_str().unwrap(), capture.to_str().unwrap());
    let root = root();
    let project = root.to_str().unwrap();
    for (words, expected) in [
        (&["--pcap", readme][..], "this is a text, no capture"),
        (
            &["--pcap", "/nowhere.pcapng"],
            "cannot read /nowhere.pcapng",
        ),
        (&["--pcap", project], "not a regular file"),
        (
            &["--pcap", capture, "--keys", readme],
            "this must be Wireshark's ikev2_decryption_table",
        ),
        (
            &["--pcap", capture, "--keys", capture],
            "is no table of keys",
        ),
        (
            &["--pcap", capture, "--keys", project],
            "holds no ikev2_decryption_table",
        ),
        (&["nonsense"], "a cell is CASE/INITIATOR:RESPONDER"),
        (&["a/b:c", "--from", "/nowhere"], "/nowhere/run.json"),
        (&[], "required"),
        (&["a/b:c", "--pcap", capture], "cannot be used with"),
    ] {
        let refused = refusal(words);
        assert!(refused.contains(expected), "{words:?}: {refused}");
    }
}

/// A finished run of two cells: one that failed and one that was not tried. Some proofs of its record
/// point to where nothing is, or nothing may be read.
fn finished() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let evidence = "evidence/path.ike-fragmentation/a--b";
    let of_cell = folder.path().join(evidence);
    fs::create_dir_all(of_cell.join("initiator")).unwrap();
    fs::copy(
        captures().join("fragments-lost.pcapng"),
        of_cell.join("wan.pcapng"),
    )
    .unwrap();
    let log: String = (1..=20)
        .map(|line| match line {
            12 => "retransmit 1 of request with message ID 1 \u{1b}[2J\n".to_owned(),
            _ => format!("line {line} of the log\n"),
        })
        .collect();
    fs::write(of_cell.join("initiator/daemon.log"), log).unwrap();
    let text = |en: &str, ja: &str| serde_json::json!({ "en": en, "ja": ja });
    let cell = |id: &str, more: serde_json::Value| {
        let (case, pair) = id.split_once('/').unwrap();
        let (initiator, responder) = pair.split_once(':').unwrap();
        let mut cell = serde_json::json!({
            "id": id, "case": case, "initiator": initiator, "responder": responder, "attempts": 1
        });
        cell.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        cell
    };
    let vendor = |id: &str, name: &str| {
        serde_json::json!({
            "id": id, "name": text(name, name), "implementation": "strongswan", "version": "6.0",
            "packages": [], "image": format!("sha256:{}", "0".repeat(64)),
            "profile_sha256": "0".repeat(64)
        })
    };
    let case = |id: &str| {
        serde_json::json!({
            "id": id, "abbreviation": "FRAG",
            "title": text("IKE fragmentation", "IKE フラグメンテーション"),
            "clause": "RFC 7383 2.5",
            "requirement": text("Large messages are sent in fragments of IKE.",
                "大きなメッセージは IKE のフラグメントとして送信する。"),
            "case_sha256": "0".repeat(64)
        })
    };
    let failed = serde_json::json!({
        "outcome": "fail",
        "evidence": evidence,
        "cause": {
            "code": "path.fragments-lost", "side": "path",
            "sentence": text("fragments of IKE_AUTH did not arrive",
                "IKE_AUTH のフラグメントが届きませんでした"),
            "rule": "RFC 7383, section 1",
            "proof": [
                { "file": "wan.pcapng", "packet": 18, "excerpt": "IKE_AUTH was sent 3 times" },
                { "file": "initiator/daemon.log", "line": 12, "excerpt": "retransmit 1" },
                { "file": "../../../secret", "line": 1, "excerpt": "what the record quotes" },
                { "file": "responder/daemon.log", "line": 900_000, "excerpt": "not there any more" }
            ],
            "contradictions": [text("the log of b says that it was asked", "b のログには要求を受信したとある")]
        },
        "observations": [{
            "observer": "control", "place": "initiator", "verdict": "bad",
            "detail": text("no IKE SA", "IKE SA なし")
        }],
        "stages": [{ "name": "start", "millis": 1200 }, { "name": "steps", "millis": 9300 }]
    });
    let run = serde_json::json!({
        "schema": 1, "started": "2026-01-01T00:00:00Z", "finished": "2026-01-01T00:01:00Z",
        "complete": true, "tool": { "name": "ikematrix", "version": "0" },
        "lab": { "backend": "vm", "kernel": "6", "accel": "tcg", "reason": text("", "") },
        "vendors": [vendor("a", "Vendor A"), vendor("b", "Vendor B")],
        "cases": [case("path.ike-fragmentation")],
        "cells": [
            cell("path.ike-fragmentation/a:b", failed),
            cell("path.ike-fragmentation/b:a", serde_json::json!({ "outcome": "skipped" })),
        ]
    });
    fs::write(folder.path().join("run.json"), run.to_string()).unwrap();
    folder
}

fn told_of_cell(id: &str, words: &[&str]) -> Result<String, String> {
    let folder = finished();
    let from = folder.path().to_str().unwrap();
    let words = [&["ikematrix", "explain", id, "--from", from], words].concat();
    let cli = Cli::try_parse_from(words).unwrap();
    let Command::Explain(arguments) = cli.command else {
        panic!("another command");
    };
    let told = cell::explain(&cli.common, &arguments.from, id, arguments.json);
    told.map_err(|error| format!("{error:?}").replace(from, "RESULTS"))
}

#[test]
fn a_cell_that_failed_is_told_from_its_record_and_its_evidence() {
    let id = "path.ike-fragmentation/a:b";
    insta::assert_snapshot!(told_of_cell(id, &["--lang", "en"]).unwrap());
    insta::assert_snapshot!(told_of_cell(id, &["--lang", "ja"]).unwrap());
    let json = told_of_cell(id, &["--json"]).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["cell"]["id"], id);
    // The capture of this record was made at one end.
    assert_eq!(json["wire"]["code"], "path.no-answer");
    assert_eq!(
        json["transcript"]["messages"][2]["exchange"]["name"],
        "IKE_AUTH"
    );
}

#[test]
fn a_cell_that_was_not_tried_has_little_to_tell() {
    let told = told_of_cell("path.ike-fragmentation/b:a", &["--lang", "en"]).unwrap();
    insta::assert_snapshot!(told);
}

#[test]
fn a_cell_that_is_not_there_is_answered_with_the_one_that_was_meant() {
    let error = told_of_cell("path.ike-fragmentation/a:c", &[]).unwrap_err();
    assert!(error.contains("did you mean"), "{error}");
}
