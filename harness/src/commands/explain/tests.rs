use clap::Parser;
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
    let transcript = transcript::read(open(&captures().join(capture)).unwrap(), &options).unwrap();
    let terminal = Options {
        lang,
        colour: false,
        width: 100,
    };
    capture::render(&transcript, &Told::of(&transcript), terminal)
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
        (&["--pcap", project], "is not a regular file"),
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
