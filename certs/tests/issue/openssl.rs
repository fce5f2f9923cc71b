//! OpenSSL, which several of the routers' programs use, reads keys, chains, lists and PKCS#12.

use std::fs;
use std::path::Path;
use std::process::Command;

use certs::{Authority, Certificate, Issued, Profile};
use tempfile::TempDir;

use crate::support::{holder, now, profiles};

/// Files of one issue, for programs to read.
struct Files(TempDir);

impl Files {
    fn of(authority: &Authority, profile: &Profile, issued: &Issued, revoked: &[&Issued]) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        let anchors = authority.trust_anchors(profile).unwrap();
        files.write("anchors.pem", &pem(anchors.iter().map(AsRef::as_ref)));
        let chain = issued.intermediates.iter().map(AsRef::as_ref);
        // OpenSSL refuses a file with no certificate in it.
        files.write("chain.pem", &pem(chain.chain([&issued.certificate])));
        files.write("end-entity.pem", &issued.certificate.pem().unwrap());
        files.write("key.pem", &issued.key.pkcs8_pem().unwrap());
        fs::write(
            files.0.path().join("end-entity.p12"),
            issued.pkcs12("gw1", "secret", true).unwrap(),
        )
        .unwrap();
        let lists = authority.crls(profile, revoked).unwrap();
        let lists: String = lists.iter().map(|list| list.pem().unwrap()).collect();
        files.write("lists.pem", &lists);
        files
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// What the program says, both what it prints and what it complains of.
    fn run(&self, program: &str, arguments: &str) -> (bool, String) {
        run(self.0.path(), program, arguments)
    }
}

fn run(dir: &Path, program: &str, arguments: &str) -> (bool, String) {
    let output = Command::new(program)
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; `make setup` installs it"));
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn pem<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> String {
    certificates.map(|c| c.pem().unwrap()).collect()
}

const VERIFY: &str = "verify -CAfile anchors.pem -untrusted chain.pem -x509_strict";

#[test]
fn every_chain_verifies_and_a_revoked_end_entity_does_not() {
    let authority = Authority::new(now());
    for profile in profiles().iter() {
        let issued = authority.issue(profile, &holder()).unwrap();
        let files = Files::of(&authority, profile, &issued, &[]);
        let check = format!("{VERIFY} -crl_check_all -extended_crl -CRLfile lists.pem");
        for arguments in [VERIFY, &check] {
            let (verified, said) = files.run("openssl", &format!("{arguments} end-entity.pem"));
            assert!(verified, "{}: {said}", profile.id);
        }
        let files = Files::of(&authority, profile, &issued, &[&issued]);
        let (verified, said) = files.run("openssl", &format!("{check} end-entity.pem"));
        assert!(
            !verified && said.contains("certificate revoked"),
            "{}: {said}",
            profile.id
        );
    }
}
