//! What a user reads about an implementation that is wrong.

use crate::fixture::{Fault, IMPLEMENTATION, messages};

const FAULTS: &[Fault] = &[
    ("an unknown key", IMPLEMENTATION, "homepage =", "home ="),
    (
        "an id that is not the folder",
        IMPLEMENTATION,
        "\"roadrunner\"",
        "\"coyote\"",
    ),
    (
        "no version",
        IMPLEMENTATION,
        "[versions.\"1.0\"]\nsuite = \"trixie\"\npackages = [\"roadrunner\", \"roadrunner-tools\"]\nversion_package = \"roadrunner\"\nprepare = [[\"roadrunner\", \"--init\"]]\n",
        "[versions]\n",
    ),
    (
        "no package",
        IMPLEMENTATION,
        "[\"roadrunner\", \"roadrunner-tools\"]",
        "[]",
    ),
    (
        "a package that is an option",
        IMPLEMENTATION,
        "\"roadrunner-tools\"",
        "\"--purge\"",
    ),
    (
        "a version package not installed",
        IMPLEMENTATION,
        "version_package = \"roadrunner\"",
        "version_package = \"road\"",
    ),
    (
        "a missing template",
        IMPLEMENTATION,
        "\"road.conf.tera\"",
        "\"raod.conf.tera\"",
    ),
    (
        "a credential without a name in its path",
        IMPLEMENTATION,
        "/etc/road/{name}.crl",
        "/etc/road/all.crl",
    ),
    (
        "a credential with a name too many",
        IMPLEMENTATION,
        "/etc/road/local.key",
        "/etc/road/{name}.key",
    ),
    (
        "a relative path of a credential",
        IMPLEMENTATION,
        "\"/etc/road/local.key\"",
        "\"road/local.key\"",
    ),
    (
        "an unknown credential",
        IMPLEMENTATION,
        "what = \"crls\"",
        "what = \"tickets\"",
    ),
    (
        "a key in DER",
        IMPLEMENTATION,
        "path = \"/etc/road/local.key\"\n",
        "path = \"/etc/road/local.key\"\nform = \"der\"\n",
    ),
    (
        "a credential on a setting that is no switch",
        IMPLEMENTATION,
        "when = \"fragmentation\"",
        "when = \"retries\"",
    ),
    (
        "a relative path",
        IMPLEMENTATION,
        "\"/etc/road.conf\"",
        "\"etc/road.conf\"",
    ),
    (
        "a path that climbs",
        IMPLEMENTATION,
        "\"/etc/road.conf\"",
        "\"/etc/../road.conf\"",
    ),
    (
        "two files at one path",
        IMPLEMENTATION,
        "[daemon]",
        "[[files]]\ntemplate = \"road.conf.tera\"\npath = \"/etc/road.conf\"\nmode = \"0600\"\n\n[daemon]",
    ),
    (
        "a mode that is none",
        IMPLEMENTATION,
        "\"0600\"",
        "\"rw-------\"",
    ),
    (
        "an empty command",
        IMPLEMENTATION,
        "[\"/usr/sbin/roadrunner\"]",
        "[]",
    ),
    (
        "a command of one string",
        IMPLEMENTATION,
        "[[\"roadctl\", \"up\"]]",
        "[\"roadctl up\"]",
    ),
    (
        "no command to initiate",
        IMPLEMENTATION,
        "[[\"roadctl\", \"up\"]]",
        "[]",
    ),
    (
        "no sign of readiness",
        IMPLEMENTATION,
        "ready = [{ path = \"/run/road.sock\" }, { log = 'ready$' }, { command = [\"roadctl\", \"ping\"] }]",
        "ready = []",
    ),
    (
        "an unknown sign of readiness",
        IMPLEMENTATION,
        "{ log = 'ready$' }",
        "{ port = 500 }",
    ),
    (
        "two signs in one",
        IMPLEMENTATION,
        "{ log = 'ready$' }",
        "{ log = 'ready$', path = \"/run\" }",
    ),
    (
        "a broken expression",
        IMPLEMENTATION,
        "'IKE up'",
        "'IKE (up'",
    ),
    (
        "an expression that grows too large",
        IMPLEMENTATION,
        "'IKE up'",
        "'(\\w{200}){200}'",
    ),
    ("an unknown group", IMPLEMENTATION, "<spi_out>", "<spi_ou>"),
    (
        "a word for an unknown algorithm",
        IMPLEMENTATION,
        "\"modp-2048\" =",
        "\"modp-1024\" =",
    ),
    (
        "a setting that no template can write",
        IMPLEMENTATION,
        "dpd = ",
        "dpd-delay = ",
    ),
    (
        "an unknown cause",
        IMPLEMENTATION,
        "\"auth.psk-mismatch\"",
        "\"auth.wrong-key\"",
    ),
    ("an unknown side", IMPLEMENTATION, "\"self\"", "\"mine\""),
];

#[test]
fn a_faulty_implementation_is_explained() {
    insta::assert_snapshot!(messages(FAULTS));
}
