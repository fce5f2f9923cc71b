//! Files of one issue in a folder, and programs that read them.

use std::fs;
use std::process::Command;

use certs::{Authority, Certificate, Issued, Profile};
use tempfile::TempDir;

/// `anchors.pem`, `chain.pem`, `end-entity.pem`, `key.pem`, `end-entity.p12` and `lists.pem`.
pub(crate) struct Files(TempDir);

pub(crate) const PASSWORD: &str = "secret";

impl Files {
    pub(crate) fn of(
        authority: &Authority,
        profile: &Profile,
        issued: &Issued,
        revoked: &[&Issued],
    ) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        let anchors = authority.trust_anchors(profile).unwrap();
        files.write("anchors.pem", pem(anchors.iter().map(AsRef::as_ref)));
        let chain = issued.intermediates.iter().map(AsRef::as_ref);
        // OpenSSL refuses a file with no certificate in it.
        files.write("chain.pem", pem(chain.chain([&issued.certificate])));
        files.write("end-entity.pem", issued.certificate.pem().unwrap());
        files.write("key.pem", issued.key.pkcs8_pem().unwrap().as_bytes());
        let pkcs12 = issued.pkcs12("gw1", PASSWORD, true).unwrap();
        files.write("end-entity.p12", pkcs12);
        let lists = authority.crls(profile, revoked).unwrap();
        let lists: String = lists.iter().map(|list| list.pem().unwrap()).collect();
        files.write("lists.pem", lists);
        files
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    /// Whether the program was content, and what it said.
    pub(crate) fn run(&self, program: &str, arguments: &str) -> (bool, String) {
        let output = Command::new(program)
            .args(arguments.split(' '))
            .current_dir(self.0.path())
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}\n`make setup` installs it"));
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    /// What the program says, which must be content.
    #[track_caller]
    pub(crate) fn read(&self, program: &str, arguments: &str) -> String {
        let (content, said) = self.run(program, arguments);
        assert!(content, "{program} {arguments}: {said}");
        said
    }
}

fn pem<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> String {
    certificates
        .map(|certificate| certificate.pem().unwrap())
        .collect()
}
