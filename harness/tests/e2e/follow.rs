//! One thing is changed, in a file that a person would change, and the matrix follows.

use crate::support::alone;
use crate::support::broken::{Broken, expect_failures};
use crate::support::cases::{HPKI, INITIATE, PROBE, RFC_4945, TestCase};
use crate::support::expect::{PASS, check, fail};
use crate::support::program::Call;
use crate::support::project::Project;

/// The vendors of the trial that have certificates, both ways.
const WITHOUT_POLICIES: [&str; 3] = ["trial-a:trial-a", "trial-a:trial-b", "trial-b:trial-c"];

/// A certificate profile like another, but for a few lines.
fn certificates(project: &Project, id: &str, base: &str, lines: &str) {
    let text = format!(
        "id = {id:?}\nbase = {base:?}\ntitle = {{ en = \"For a test\", ja = \"試験用\" }}\n\
         description = {{ en = \"For a test.\", ja = \"試験用です。\" }}\n{lines}"
    );
    project.write(&format!("certs/profiles/{id}.toml"), &text);
}

#[test]
fn without_the_critical_bit_the_vendors_that_know_no_policies_connect_with_hpki() {
    let _machine = alone();
    let project = Project::new();
    // In the subordinate CA's certificate and in the end entity's.
    for _ in 0..2 {
        project.replace(
            "certs/profiles/hpki-auth-organisation.toml",
            "critical = true\ncertificate-policies",
            "certificate-policies",
        );
    }
    let ran = Call::run(&project)
        .cases(["auth.cert-hpki"])
        .pairs(WITHOUT_POLICIES)
        .done();
    let run = ran.record();
    let table = WITHOUT_POLICIES.map(|pair| (format!("auth.cert-hpki/{pair}"), PASS));
    check(&ran, &run, &table);
    ran.expect_code(0);
}

#[test]
fn with_an_identity_that_stands_in_its_certificate_vendor_b_connects_to_vendor_c() {
    let _machine = alone();
    let project = Project::new();
    project.replace(
        "vendor-profiles/trial-b/profile.toml",
        "cert-rfc4945 = \"key-id\"",
        "cert-rfc4945 = \"fqdn\"",
    );
    let pairs = ["trial-b:trial-c", "trial-c:trial-b"];
    let ran = Call::run(&project)
        .cases(["auth.cert-rfc4945"])
        .pairs(pairs)
        .done();
    let run = ran.record();
    check(
        &ran,
        &run,
        &pairs.map(|pair| (format!("auth.cert-rfc4945/{pair}"), PASS)),
    );
    ran.expect_code(0);
}

#[test]
fn without_its_subordinate_ca_vendor_c_does_not_even_connect_to_itself() {
    let _machine = alone();
    let project = Project::new();
    project.replace(
        "vendor-profiles/trial-c/profile.toml",
        "sendca = \"all\"",
        "sendca = \"none\"\ninstall_intermediates = false",
    );
    let ran = Call::run(&project)
        .cases(["auth.cert-hpki"])
        .pairs(["trial-c:trial-c"])
        .done();
    let run = ran.expect_code(1).record();
    let table = [(
        "auth.cert-hpki/trial-c:trial-c".to_owned(),
        fail("credential.issuer-missing", "responder"),
    )];
    check(&ran, &run, &table);
}

/// What is wrong, and how the responder, which sees the other's certificate first, must find it.
const WRONG: &[Broken] = &[
    (
        TestCase {
            name: "revoked",
            auth: RFC_4945,
            setup: "[setup.initiator]\nrevoked = true",
            steps: &[INITIATE, PROBE],
        },
        [fail("credential.revoked", "responder"); 3],
    ),
    (
        TestCase {
            name: "revoked-hpki",
            auth: HPKI,
            setup: "[setup.initiator]\nrevoked = true",
            steps: &[INITIATE, PROBE],
        },
        [fail("credential.revoked", "responder"); 3],
    ),
    (
        TestCase {
            name: "revoked-with-a-certificate-of-its-own-kind",
            auth: HPKI,
            setup: "[setup.initiator]\ncertificates = \"hpki-auth-person\"\nrevoked = true",
            steps: &[INITIATE, PROBE],
        },
        [fail("credential.revoked", "responder"); 3],
    ),
    (
        TestCase {
            name: "expired",
            auth: RFC_4945,
            setup: "[setup.initiator]\ncertificates = \"expired\"",
            steps: &[INITIATE, PROBE],
        },
        [
            fail("credential.expired", "responder"),
            // libreswan does not even begin with such a certificate of its own.
            fail("credential.expired", "initiator"),
            fail("credential.expired", "responder"),
        ],
    ),
    (
        TestCase {
            name: "not-yet-valid",
            auth: RFC_4945,
            setup: "[setup.initiator]\ncertificates = \"not-yet-valid\"",
            steps: &[INITIATE, PROBE],
        },
        [
            fail("credential.not-yet-valid", "responder"),
            // libreswan does not even begin with such a certificate of its own.
            fail("credential.not-yet-valid", "initiator"),
            fail("credential.not-yet-valid", "responder"),
        ],
    ),
    (
        TestCase {
            name: "other-root",
            auth: RFC_4945,
            setup: "[setup.initiator]\ncertificates = \"other-root\"",
            steps: &[INITIATE, PROBE],
        },
        [fail("credential.untrusted-issuer", "responder"); 3],
    ),
    (
        TestCase {
            name: "clock-behind",
            auth: RFC_4945,
            setup: "[setup.responder]\nclock = -4000",
            steps: &[INITIATE, PROBE],
        },
        [fail("router.clock-off", "responder"); 3],
    ),
    (
        TestCase {
            name: "clock-ahead",
            auth: RFC_4945,
            setup: "[setup.responder]\nclock = 9000",
            steps: &[INITIATE, PROBE],
        },
        [fail("router.clock-off", "responder"); 3],
    ),
];

#[test]
fn a_certificate_that_must_not_be_accepted_is_refused_for_the_right_reason() {
    let _machine = alone();
    let project = Project::with_cases(WRONG.iter().map(|(case, _)| case));
    let in_time = |from: i32, until: i32| {
        format!(
            "[certificates.end-entity]\nvalidity = {{ not-before = {{ days = {from} }}, not-after \
             = {{ days = {until} }} }}\n"
        )
    };
    certificates(&project, "expired", "rfc4945", &in_time(-90, -1));
    certificates(&project, "not-yet-valid", "rfc4945", &in_time(30, 90));
    certificates(
        &project,
        "other-root",
        "rfc4945",
        "[certificates.root]\nsubject = [{ type = \"CN\", value = \"Another test root\", string = \
         \"utf8\" }]\n",
    );
    expect_failures(&project, WRONG);
}
