use std::fs;

use super::*;
use crate::sample::project;

fn arguments(case: &str, model: &str, out: Option<PathBuf>) -> Sheet {
    Sheet {
        vendor: "strongswan-6.0".into(),
        case: case.into(),
        peer: Some("libreswan-5.2".into()),
        role: RoleChoice::Responder,
        model: Some(model.into()),
        out,
    }
}

#[tokio::test]
async fn a_key_is_in_the_folder_of_its_owner_and_never_in_the_sheet() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let wanted = arguments("auth.psk", "fortigate", Some(out.clone()));
    let (rendered, files) = render(&project(), &wanted, Lang::Ja).await.unwrap();
    write(&out, &rendered, &files).unwrap();
    let key = fs::read_to_string(out.join("psk.txt")).unwrap();
    assert_eq!(key.len(), 64);
    assert!(!rendered.text.contains(&key));
    assert!(
        !fs::read_to_string(out.join("sheet.md"))
            .unwrap()
            .contains(&key)
    );
    assert!(
        fs::read_to_string(out.join("commands.txt"))
            .unwrap()
            .contains(&key)
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&out), 0o700);
    for file in fs::read_dir(&out).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    assert!(write(&out, &rendered, &files).is_err());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_model_without_certificates_says_so_and_gives_no_commands() {
    let wanted = arguments("auth.cert-hpki", "nec-ix", None);
    let (rendered, files) = render(&project(), &wanted, Lang::Ja).await.unwrap();
    assert!(rendered.commands.is_none());
    assert!(rendered.text.contains("機能なし"), "{}", rendered.text);
    assert!(files.iter().any(|file| file.name == "private-key.pem"));
}

#[tokio::test]
async fn an_unknown_model_is_refused_with_those_that_there_are() {
    let wanted = arguments("auth.psk", "acme", None);
    let failure = render(&project(), &wanted, Lang::En).await.err().unwrap();
    assert!(format!("{failure:?}").contains("yamaha-rtx"));
}
