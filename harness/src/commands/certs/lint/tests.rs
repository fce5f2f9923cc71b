use std::fs;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    lint: Lint,
}

fn parse(words: &[&str]) -> Result<Lint, String> {
    let words = std::iter::once(&"lint").chain(words);
    let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
    Ok(line.lint)
}

fn refusal(words: &[&str]) -> String {
    let report = report(&parse(words).unwrap());
    format!("{:?}", report.unwrap_err())
}

#[test]
fn a_time_is_a_day_or_an_instant() {
    let time = |text| parse_time(text).map(|time| time.to_string());
    assert_eq!(time("2026-04-01").unwrap(), "2026-04-01T00:00:00Z");
    let instant = time("2026-04-01T09:00:00+09:00").unwrap();
    assert_eq!(instant, "2026-04-01T00:00:00Z");
    for wrong in ["", "tomorrow", "2026-13-01", "2026-04-01T09:00"] {
        assert!(time(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_unknown_profile_is_refused_with_those_that_exist() {
    let Err(error) = parse(&["--profile", "tls", "a.pem"]) else {
        panic!("tls is no profile");
    };
    assert!(error.contains("hpki-auth-organisation"), "{error}");
    assert!(parse(&["--profile", "hpki-signing", "a.pem"]).is_ok());
    assert!(parse(&[]).is_err());
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "no certificate").unwrap();
    let text = text.to_str().unwrap();
    assert!(refusal(&["/nowhere/a.pem"]).contains("cannot read /nowhere/a.pem"));
    assert!(refusal(&[folder.path().to_str().unwrap()]).contains("not a regular file"));
    assert!(refusal(&[text]).contains("notes.txt: is neither PEM nor DER"));
    assert!(refusal(&["--password-file", "/nowhere/p", text]).contains("/nowhere/p"));
    assert!(refusal(&["/dev/zero"]).contains("not a regular file"));
    let large = folder.path().join("large.pem");
    let limit = u64::try_from(MAX_FILE).unwrap();
    fs::File::create(&large)
        .unwrap()
        .set_len(limit + 1)
        .unwrap();
    assert!(refusal(&[large.to_str().unwrap()]).contains("files of more than"));
}

#[test]
fn a_file_with_errors_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.pem");
    fs::write(
        &file,
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let report = report(&parse(&[file.to_str().unwrap()]).unwrap()).unwrap();
    assert_eq!(report.summary.errors, 1);
    assert_eq!(report.objects[0].findings[0].rule, "5280-4.1-decode");
}
