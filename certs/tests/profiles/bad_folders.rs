//! What a user reads about files that do not fit together.

use crate::{FULL, Folder};

const HEAD: &str = "title = { en = \"t\", ja = \"t\" }\ndescription = { en = \"d\", ja = \"d\" }\n";

fn based_on(id: &str, base: &str, rest: &str) -> String {
    format!("id = {id:?}\nbase = {base:?}\n{HEAD}{rest}")
}

#[test]
fn a_folder_without_profiles_is_explained() {
    let folder = Folder::new();
    let problems = folder.load().unwrap_err().to_string();
    assert!(
        problems.contains("no certificate profile in this folder"),
        "{problems}"
    );
}

#[test]
fn bases_that_go_round_are_explained_in_each_file() {
    let folder = Folder::new();
    for (id, base) in [("a", "b"), ("b", "c"), ("c", "a")] {
        folder.write(&format!("{id}.toml"), based_on(id, base, ""));
    }
    insta::assert_snapshot!(folder.problems());
}

#[test]
fn a_fault_of_a_base_is_told_once_and_where_it_is() {
    let folder = Folder::with_full(FULL.replace("\"192.0.2.1\"", "\"192.0.2\""));
    folder.write("faults/one.toml", based_on("one", "full", ""));
    folder.write("faults/two.toml", based_on("two", "one", ""));
    insta::assert_snapshot!(folder.problems());
}

#[test]
fn what_is_laid_over_a_base_is_blamed_for_what_it_breaks() {
    let folder = Folder::with_full(FULL);
    let changes = [
        ("cycle", "[certificates.root]\nissuer = \"end-entity\"\n"),
        ("key", "[certificates.root]\nkey = \"rsa-2048\"\n"),
        ("remove", "[certificates.root]\nremove = [\"2.5.29.17\"]\n"),
        (
            "replace",
            "[[certificates.root.replace]]\nkey-usage = [\"crl-sign\"]\n",
        ),
        (
            "twice",
            "[[certificates.root.add]]\nbasic-constraints = { ca = false }\n\
             [[certificates.root.add]]\nbasic-constraints = { ca = false }\n",
        ),
    ];
    for (id, change) in changes {
        folder.write(&format!("{id}.toml"), based_on(id, "full", change));
    }
    folder.write(
        "twice-replaced.toml",
        based_on(
            "twice-replaced",
            "twice",
            "[[certificates.root.replace]]\nbasic-constraints = { ca = true }\n",
        ),
    );
    insta::assert_snapshot!(folder.problems());
}

#[test]
fn two_files_of_one_name_are_explained() {
    let folder = Folder::with_full(FULL);
    folder.write("faults/full.toml", FULL);
    let problems = folder.problems();
    assert!(
        problems.contains("there is a profile \"full\" already"),
        "{problems}"
    );
}

#[test]
fn a_file_whose_name_is_no_id_is_explained() {
    let folder = Folder::with_full(FULL);
    folder.write("Full Copy.toml", FULL);
    let problems = folder.problems();
    assert!(
        problems.contains("Full Copy.toml: the name of the file cannot be an id"),
        "{problems}"
    );
}

#[test]
fn other_files_and_hidden_ones_are_let_be() {
    let folder = Folder::with_full(FULL);
    folder.write("README.md", "text");
    folder.write(".full.toml.swp", "text");
    folder.write("deeper/and/deeper.toml", "text");
    assert_eq!(folder.load().unwrap().iter().count(), 1);
}
