//! Who is made once, and who anew.

use std::sync::Arc;

use certs::{Authority, Holder};

use crate::support::{holder, now, profiles, with_test};

#[test]
fn profiles_that_share_a_root_by_their_base_share_its_certificate() {
    let profiles = profiles();
    let authority = Authority::new(now());
    let of = |id: &str| {
        let profile = profiles.get(id).unwrap();
        let anchors = authority.trust_anchors(profile).unwrap();
        let intermediates = authority.intermediates(profile).unwrap();
        (
            anchors[0].sha256(),
            intermediates.first().map(|sub| sub.sha256()),
        )
    };
    let (signing, person) = (of("hpki-signing"), of("hpki-auth-person"));
    assert_eq!(signing.0, person.0);
    assert_ne!(signing.1, person.1);
    assert_eq!(person, of("hpki-auth-person"));
    assert_eq!(of("rfc4945").1, None);
    assert_ne!(of("rfc4945").0, signing.0);
    assert_ne!(
        Authority::new(now())
            .trust_anchors(profiles.get("rfc4945").unwrap())
            .unwrap()[0]
            .sha256(),
        of("rfc4945").0
    );
}

#[test]
fn threads_that_need_the_same_root_at_once_get_the_same_one() {
    let profiles = profiles();
    let profile = profiles.get("hpki-auth-organisation").unwrap();
    let authority = Authority::new(now());
    let issued: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| authority.issue(profile, &holder()).unwrap()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let first = &issued[0];
    for other in &issued[1..] {
        assert!(Arc::ptr_eq(
            &first.intermediates[0],
            &other.intermediates[0]
        ));
        assert_ne!(first.certificate.sha256(), other.certificate.sha256());
        assert_ne!(first.key.public_key_der(), other.key.public_key_der());
    }
}

#[test]
fn the_chain_goes_from_the_nearest_issuer_to_before_the_anchor() {
    let profiles = with_test(
        "base = \"hpki-signing\"\n[certificates.sub2]\nissuer = \"sub\"\nsubject = [{ type = \
         \"CN\", value = \"Sub 2\" }]\nvalidity = { not-before = { days = 0 }, not-after = { \
         years = 1 } }\n[certificates.end-entity]\nissuer = \"sub2\"\n",
    );
    let profile = profiles.get("test").unwrap();
    let authority = Authority::new(now());
    let issued = authority.issue(profile, &holder()).unwrap();
    let names: Vec<&str> = issued.intermediates.iter().map(|c| c.name()).collect();
    assert_eq!(names, ["sub2", "sub"]);
    assert_eq!(
        authority.intermediates(profile).unwrap(),
        issued.intermediates
    );
    let anchors = authority.trust_anchors(profile).unwrap();
    assert_eq!(issued.anchor.as_ref(), anchors.first());
    assert_eq!(anchors[0].name(), "root");
}

#[test]
fn an_end_entity_that_signs_itself_is_no_anchor() {
    let profiles =
        with_test("base = \"rfc4945\"\n[certificates.end-entity]\nissuer = \"end-entity\"\n");
    let profile = profiles.get("test").unwrap();
    let authority = Authority::new(now());
    let anchors = authority.trust_anchors(profile).unwrap();
    let names: Vec<&str> = anchors.iter().map(|anchor| anchor.name()).collect();
    assert_eq!(names, ["root"]);
    let issued = authority.issue(profile, &holder()).unwrap();
    assert_eq!((issued.intermediates.len(), issued.anchor), (0, None));
}

#[test]
fn a_root_that_is_not_trusted_is_no_anchor() {
    let profiles = with_test("base = \"rfc4945\"\n[certificates.root]\ntrusted = false\n");
    let authority = Authority::new(now());
    let anchors = authority
        .trust_anchors(profiles.get("test").unwrap())
        .unwrap();
    assert_eq!(anchors, []);
}

#[test]
fn a_key_does_not_show_itself() {
    let profiles = profiles();
    let authority = Authority::new(now());
    let issued = authority
        .issue(profiles.get("rfc4945").unwrap(), &holder())
        .unwrap();
    let shown = format!("{:?}", issued.key);
    assert_eq!(shown, "PrivateKey { kind: Rsa2048, .. }");
}

#[test]
fn an_unknown_profile_or_certificate_is_answered_with_those_that_exist() {
    let profiles = profiles();
    let message = profiles.get("rfc4954").unwrap_err().to_string();
    let start = "there is no certificate profile \"rfc4954\"; did you mean \"rfc4945\"? known: ";
    assert!(
        message.starts_with(start) && message.contains("hpki-signing, "),
        "{message}"
    );
    let authority = Authority::new(now());
    let profile = profiles.get("rfc4945").unwrap();
    let error = authority
        .issue_named(profile, "sub", &holder())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "profile \"rfc4945\" has no certificate \"sub\"; it has end-entity, root"
    );
}

#[test]
fn the_same_seed_gives_the_same_serial_numbers_and_other_keys() {
    let profiles = profiles();
    let profile = profiles.get("hpki-auth-organisation").unwrap();
    let chain = |authority: &Authority, holder: &Holder| {
        let issued = authority.issue(profile, holder).unwrap();
        let serials = std::iter::once(&issued.certificate)
            .chain(issued.intermediates.iter().map(Arc::as_ref))
            .chain(issued.anchor.as_deref())
            .map(|certificate| certificate.serial().to_vec());
        (
            serials.collect::<Vec<_>>(),
            issued.key.public_key_der().to_vec(),
        )
    };
    let one = Authority::seeded(now(), [1; 32]);
    let (serials, key) = chain(&one, &holder());
    let (again, other_key) = chain(&Authority::seeded(now(), [1; 32]), &holder());
    assert_eq!(serials, again);
    assert_ne!(key, other_key);
    assert!(
        serials
            .iter()
            .all(|serial| serial.len() == 16 && serial[0] & 0xc0 == 0x40)
    );

    // Another holder under the same authorities, and another seed.
    let other = Holder {
        vendor: "another".into(),
        fqdn: "gw2.hosp.example".into(),
        ..holder()
    };
    let (others, _) = chain(&one, &other);
    assert_eq!(others[1..], serials[1..]);
    assert_ne!(others[0], serials[0]);
    let (elsewhere, _) = chain(&Authority::seeded(now(), [2; 32]), &holder());
    assert!(elsewhere.iter().all(|serial| !serials.contains(serial)));
}

#[test]
fn a_profile_knows_when_its_certificates_would_have_run_out() {
    let profiles = profiles();
    let profile = profiles.get("rfc4945").unwrap();
    let same = |days: i64| {
        let later = now() + jiff::SignedDuration::from_hours(24 * days);
        profile.has_same_validity(now(), now(), later).unwrap()
    };
    assert!(same(0) && same(1));
    assert!(!same(365 * 50));
}

#[test]
fn a_profile_names_the_files_that_it_is_made_of() {
    let profiles = profiles();
    let names = |id: &str| -> Vec<String> {
        let files = profiles.get(id).unwrap().files.iter();
        files
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(names("rfc4945"), ["rfc4945.toml"]);
    assert_eq!(
        names("hpki-auth-person"),
        ["hpki-auth-person.toml", "hpki-signing.toml"]
    );
}
