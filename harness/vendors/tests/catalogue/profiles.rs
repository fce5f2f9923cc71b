//! What a loaded profile holds and renders.

use std::fs;

use crate::fixture::{self, DOCKERFILE, Fixture, IMPLEMENTATION, PROFILE, TEMPLATE};
use cases::Role;
use ikev2::{DhGroup, Encryption, EspProposal, Integrity};
use vendors::{
    Credentials, Departures, End, Identity, IdentityKind, RouterSettings, Secret, Setting,
};

#[test]
fn a_profile_keeps_the_settings_that_it_does_not_override() {
    let catalogue = Fixture::new().load().unwrap();
    let settings = &catalogue.profile("acme").unwrap().settings;
    assert_eq!(settings["retries"], Setting::Number(5));
    assert_eq!(settings["dpd"], Setting::Text("30s".to_owned()));
}

#[test]
fn a_router_is_rendered_in_the_words_of_its_daemon() {
    let catalogue = Fixture::new().load().unwrap();
    let profile = catalogue.profile("acme").unwrap();
    let files = profile.render(&router(profile.esp.clone())).unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path.to_str(), Some("/etc/road.conf"));
    assert_eq!(files[0].mode, 0o600);
    insta::assert_snapshot!(fixture::text(&files[0]), @r#"
    # moon to sun: 
    role initiator
    fragment
    dpd 30s tries 5
    plugins random nonce 
    here 203.0.113.1 fqdn=moon.example.org
    there 203.0.113.2 fqdn=sun.example.org
    ike aes256 sha256 group14
    esp aes256
    psk "a<b>&c"
    "#);
}

#[test]
fn a_template_of_the_vendor_replaces_that_of_the_implementation() {
    let fixture = Fixture::new();
    fixture.write("acme/road.conf.tera", "only {{ role }}");
    let catalogue = fixture.load().unwrap();
    let profile = catalogue.profile("acme").unwrap();
    let files = profile.render(&router(profile.esp.clone())).unwrap();
    assert_eq!(fixture::text(&files[0]), "only initiator");
}

#[test]
fn an_algorithm_that_the_daemon_has_no_word_for_is_a_problem_of_the_profile() {
    let catalogue = Fixture::new().load().unwrap();
    let profile = catalogue.profile("acme").unwrap();
    let esp = EspProposal::new(
        vec![Encryption::AesCbc256],
        vec![Integrity::HmacSha2Bits256Of128],
        vec![DhGroup::Curve25519],
    );
    let problem = profile.render(&router(vec![esp.unwrap()])).unwrap_err();
    assert!(problem.file.ends_with(PROFILE));
    assert_eq!(problem.what, "Roadrunner has no word for dh curve25519");
}

#[test]
fn the_digest_follows_every_file_that_decides_what_the_router_does() {
    let fixture = Fixture::new();
    let digest = || fixture.load().unwrap().profiles[0].sha256.clone();
    let mut digests = vec![digest()];
    fixture.replace(PROFILE, "retries = 5", "retries = 6");
    digests.push(digest());
    fixture.replace(IMPLEMENTATION, "dpd = \"30s\"", "dpd = \"31s\"");
    digests.push(digest());
    fixture.replace(TEMPLATE, "a note", "another note");
    digests.push(digest());
    let changed = fixture.read(TEMPLATE).replace("here", "from");
    fixture.write("acme/road.conf.tera", changed);
    digests.push(digest());
    fixture.write(
        DOCKERFILE,
        "ARG BASE\nFROM $BASE\nARG PACKAGES\nARG PREPARE\n",
    );
    digests.push(digest());
    fixture.write("acme/README.md", "Words change nothing.");
    assert_eq!(digests.last(), Some(&digest()));
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), 6);
}

#[test]
fn hidden_and_loose_files_are_no_vendors() {
    let fixture = Fixture::new();
    fixture.write("README.md", "# Vendors");
    fs::create_dir(fixture.path().join(".git")).unwrap();
    assert_eq!(fixture.load().unwrap().profiles.len(), 1);
}

fn router(esp: Vec<EspProposal>) -> RouterSettings {
    let catalogue = Fixture::new().load().unwrap();
    RouterSettings {
        role: Role::Initiator,
        local: end("moon", "203.0.113.1", "10.1.0.0/24"),
        remote: end("sun", "203.0.113.2", "10.2.0.0/24"),
        auth: Credentials::Psk(Some(Secret::new("a<b>&c"))),
        ike: catalogue.profile("acme").unwrap().ike.clone(),
        esp,
        departures: Departures::default(),
    }
}

fn end(name: &str, address: &str, subnet: &str) -> End {
    End {
        name: name.to_owned(),
        address: address.parse().unwrap(),
        subnets: vec![subnet.parse().unwrap()],
        id: Identity::new(IdentityKind::Fqdn, format!("{name}.example.org")),
    }
}
