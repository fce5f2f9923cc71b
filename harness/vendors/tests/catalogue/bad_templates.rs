//! What a user reads about a template that is wrong.

use crate::fixture::{Fault, TEMPLATE, messages};

const FAULTS: &[Fault] = &[
    ("a statement left open", TEMPLATE, "{% endif %}", ""),
    (
        "an expression left open",
        TEMPLATE,
        "{{ role }}",
        "{{ role }",
    ),
    ("an unknown variable", TEMPLATE, "{{ role }}", "{{ rol }}"),
    (
        "an unknown member",
        TEMPLATE,
        "local.address",
        "local.adress",
    ),
    (
        "an unknown setting",
        TEMPLATE,
        "settings.dpd",
        "settings.dpd_delay",
    ),
    (
        "an unknown setting in a condition",
        TEMPLATE,
        "settings.fragmentation",
        "settings.fragment",
    ),
    (
        "an unknown variable in a condition",
        TEMPLATE,
        "{% if settings.fragmentation %}",
        "{% if fragmentation %}",
    ),
    (
        "an unknown member of a proposal",
        TEMPLATE,
        "proposal.prf[0]",
        "proposal.prfs[0]",
    ),
    (
        "an unknown filter",
        TEMPLATE,
        "{{ role }}",
        "{{ role | shout }}",
    ),
    (
        "an include that is not there",
        TEMPLATE,
        "role {{ role }}",
        "{% include \"other.tera\" %}",
    ),
];

#[test]
fn a_faulty_template_is_explained() {
    insta::assert_snapshot!(messages(FAULTS));
}
