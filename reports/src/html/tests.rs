use super::*;
use crate::example;
use crate::words::WORDS;

/// The page without its style sheet, which tells nothing of the run.
fn content(run: &Run, lang: Lang) -> String {
    let page = render(run, lang).unwrap();
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    format!("{head}{body}")
}

#[test]
fn a_small_run() {
    let mut run = example::mixed(4);
    run.vendors.remove(2);
    run.cells
        .retain(|cell| cell.initiator != "v3" && cell.responder != "v3");
    insta::assert_snapshot!(content(&run, Lang::Ja));
}

#[test]
fn what_a_router_said_is_shown_and_does_nothing() {
    let page = content(&example::hostile(), Lang::En);
    for live in [
        "<script", "<img", "\u{1b}", "\0", "\u{202e}", "\u{7}", "'x'",
    ] {
        assert!(!page.contains(live), "{live:?}");
    }
    assert!(page.len() < 40_000, "{} bytes", page.len());
    insta::assert_snapshot!(page);
}

#[test]
fn a_run_that_differs_from_what_is_expected() {
    let page = content(&example::differing_trial(), Lang::Ja);
    let (_, section) = page
        .split_once("<section aria-labelledby=\"comparison\">")
        .unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    insta::assert_snapshot!(section);
}

#[test]
fn the_page_of_a_run_says_first_whether_it_is_as_expected() {
    let page = content(&example::compared_trial(), Lang::En);
    let (head, _) = page.split_once("<table").unwrap();
    assert!(head.contains("30 of 30 cells agree with the matrix of a trial."));
    assert!(!content(&example::trial(), Lang::En).contains("comparison"));
}

#[test]
fn vendors_have_what_they_implement_below_their_names() {
    let page = content(&example::trial(), Lang::Ja);
    for basis in ["RFC4306", "非公開"] {
        // In the head of a column, in that of a block, and in the list of vendors.
        assert_eq!(page.matches(basis).count(), 3, "{basis}");
    }
}

#[test]
fn a_run_with_repeats_shows_its_tallies_and_every_try() {
    let page = content(&example::repeated(2, 3), Lang::En);
    let (_, matrix) = page.split_once("<tbody>").unwrap();
    let (matrix, rest) = matrix.split_once("</table>").unwrap();
    for (class, tally) in [("pass", "3/3"), ("unstable", "2/3"), ("fail", "0/3")] {
        let mark = format!("<span class=\"mark {class}\">");
        assert!(matrix.contains(&mark) && matrix.contains(tally), "{matrix}");
    }
    let (_, article) = rest.split_once("<article id=\"auth.psk/v1:v2\">").unwrap();
    let (article, _) = article.split_once("</article>").unwrap();
    insta::assert_snapshot!(article);
}

#[test]
fn an_interrupted_run_says_so() {
    let page = content(&example::interrupted(), Lang::En);
    assert!(page.contains(WORDS.interrupted.en) && page.contains(WORDS.interrupted.ja));
}

#[test]
fn a_run_in_which_nothing_ended_is_a_page_too() {
    let mut run = example::all_pass(1, 1);
    run.cells.clear();
    assert!(content(&run, Lang::En).contains(WORDS.no_cells.en));
    run.vendors.clear();
    run.cases.clear();
    render(&run, Lang::Ja).unwrap();
}

#[test]
fn every_link_inside_the_page_has_its_target_and_every_other_is_relative() {
    for run in [
        example::mixed(24),
        example::differing_trial(),
        example::hostile(),
    ] {
        let page = content(&run, Lang::En);
        for link in attributes(&page, "href") {
            match link.strip_prefix('#') {
                Some(id) => assert!(page.contains(&format!("id=\"{id}\"")), "{id}"),
                None => assert!(link.starts_with("./"), "{link}"),
            }
        }
    }
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let page = render(&example::mixed(6), Lang::En).unwrap();
    for request in ["src=", "url(", "@import", "<link", "<script", "http"] {
        assert!(!page.contains(request), "{request}");
    }
}

#[test]
fn what_a_record_has_too_much_of_is_cut_with_a_note() {
    let mut run = example::mixed(4);
    let has_proof = |cell: &&mut crate::model::Cell| {
        let cause = cell.cause.as_ref();
        cause.is_some_and(|cause| !cause.proof.is_empty())
    };
    let cell = run.cells.iter_mut().find(has_proof);
    let cell = cell.unwrap();
    let cause = cell.cause.as_mut().unwrap();
    let proof = cause.proof.first().cloned().unwrap();
    cause.proof = vec![proof; 1_000];
    let stage = cell.stages[0].clone();
    cell.stages = vec![stage; 1_000];
    cell.observations = cell
        .observations
        .iter()
        .cycle()
        .take(1_000)
        .cloned()
        .collect();
    let package = run.vendors[0].packages[0].clone();
    run.vendors[0].packages = vec![package; 10_000];
    let page = content(&run, Lang::En);
    for more in ["980", "950", "9000"] {
        let note = format!("… {more} <span lang=\"en\">more: see run.json</span>");
        assert!(page.contains(&note), "{more}");
    }
    let plain = content(&example::mixed(4), Lang::En);
    assert!(!plain.contains("more: see run.json"));
    assert!(page.len() < plain.len() + 200_000, "{}", page.len());
}

#[test]
fn what_scrolls_is_reached_by_the_keyboard_and_what_is_folded_is_printed() {
    let page = render(&example::mixed(6), Lang::En).unwrap();
    let mut regions = 0;
    for tag in page
        .split('<')
        .filter(|tag| tag.contains("class=\"scroll\""))
    {
        let tag = tag.split('>').next().unwrap();
        assert!(
            tag.contains("tabindex=\"0\"") && tag.contains("role=\"region\""),
            "{tag}"
        );
        assert!(tag.contains("aria-label"), "{tag}");
        regions += 1;
    }
    assert!(regions > 1);
    let (_, print) = page.split_once("@media print").unwrap();
    assert!(print.contains("details::details-content { content-visibility: visible;"));
}

#[test]
fn no_id_stands_there_twice() {
    for run in [example::mixed(6), example::differing_trial()] {
        let page = content(&run, Lang::En);
        let mut ids: Vec<_> = attributes(&page, "id").collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}

#[test]
fn the_page_opens_in_the_language_asked_for() {
    let run = example::all_pass(2, 1);
    for (lang, checked) in [(Lang::En, "show-en"), (Lang::Ja, "show-ja")] {
        let page = content(&run, lang);
        assert!(page.contains(&format!("<html lang=\"{}\">", lang.tag())));
        assert!(page.contains(&format!("id=\"{checked}\" class=\"switch\" checked")));
    }
}

#[test]
fn the_page_is_written_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.html");
    let run = example::all_pass(2, 1);
    write(&path, &run, Lang::Ja).unwrap();
    assert_eq!(
        file::read_text(&path, 1 << 20).unwrap(),
        render(&run, Lang::Ja).unwrap()
    );
}

fn attributes<'page>(page: &'page str, name: &str) -> impl Iterator<Item = &'page str> {
    let opening = format!(" {name}=\"");
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&opening)?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some(value)
    })
}
