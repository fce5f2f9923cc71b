//! The text of cases that exist only in tests.

/// A case that sets up a tunnel and sends probes through it, and what is different about it.
pub(crate) struct TestCase {
    /// `test.` and this is its id.
    pub(crate) name: &'static str,
    /// What `[setup]` says of the authentication.
    pub(crate) auth: Auth,
    /// Tables below `[setup]`, and before them more of its own lines.
    pub(crate) setup: &'static str,
    pub(crate) steps: &'static [&'static str],
}

/// A method, and the certificate profile of it.
#[derive(Clone, Copy)]
pub(crate) struct Auth {
    method: &'static str,
    certificates: Option<&'static str>,
}

pub(crate) const PSK: Auth = Auth {
    method: "psk",
    certificates: None,
};
pub(crate) const RFC_4945: Auth = Auth {
    method: "cert-rfc4945",
    certificates: Some("rfc4945"),
};
pub(crate) const HPKI: Auth = Auth {
    method: "cert-hpki",
    certificates: Some("hpki-auth-organisation"),
};

pub(crate) const INITIATE: &str = "do = \"initiate\"";
pub(crate) const PROBE: &str = "do = \"probe\"";
pub(crate) const BYPASS: &str = "do = \"bypass\"";
pub(crate) const FAIL_CAPTURE: &str = "do = \"fail-capture\"";
pub(crate) const BLOCK_ESP: &str = "do = \"block\"\nwhat = \"esp\"";
pub(crate) const BLOCK_UDP: &str = "do = \"block\"\nwhat = \"udp\"";
pub(crate) const KILL_RESPONDER: &str = "do = \"kill\"\nrouter = \"responder\"";

impl TestCase {
    pub(crate) fn id(&self) -> String {
        format!("test.{}", self.name)
    }

    /// The path of its file in a project.
    pub(crate) fn path(&self) -> String {
        format!("cases/test/{}.toml", self.name)
    }

    pub(crate) fn toml(&self) -> String {
        let steps: String = self
            .steps
            .iter()
            .map(|step| format!("\n[[steps]]\n{step}\n"))
            .collect();
        format!(
            r#"id = "{id}"
abbreviation = "TEST"
level = "extended"
needs = ["{method}"]

[title]
en = "{name}"
ja = "試験 {name}"

[clause]
rfc = 7296
section = "1"

[clause.restated]
en = "Words."
ja = "言葉。"

[setup]
auth = "{method}"
{certificates}{setup}
{steps}"#,
            id = self.id(),
            method = self.auth.method,
            certificates = self
                .auth
                .certificates
                .map_or_else(String::new, |id| format!("certificates = \"{id}\"\n")),
            name = self.name,
            setup = self.setup,
        )
    }
}
