//! Two configurations beside each other, with what differs marked.

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// One row: a line of each side.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Row {
    left: Option<Line>,
    right: Option<Line>,
    /// In place of a line: how many are the same on both sides.
    equal: Option<usize>,
}

/// A line in three pieces, of which the middle one differs from the other side's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Line {
    pub(super) before: String,
    pub(super) differs: String,
    pub(super) after: String,
}

/// Equal lines that are shown beside others that differ.
const CONTEXT: usize = 1;

/// The rows of two files, each line with the one that it corresponds to.
pub(super) fn rows(left: &[String], right: &[String]) -> Vec<Row> {
    let ops = capture_diff_slices(Algorithm::Myers, left, right);
    let mut rows = Vec::with_capacity(left.len().max(right.len()));
    for op in ops {
        let (old, new) = (op.old_range(), op.new_range());
        if matches!(op, DiffOp::Equal { .. }) {
            let before = if old.start == 0 { 0 } else { CONTEXT };
            let after = if old.end == left.len() { 0 } else { CONTEXT };
            rows.extend(equal(&left[old], before, after));
            continue;
        }
        let (old, new) = (&left[old], &right[new]);
        for at in 0..old.len().max(new.len()) {
            let (left, right) = match (old.get(at), new.get(at)) {
                (Some(left), Some(right)) => {
                    let (left, right) = changed(left, right);
                    (Some(left), Some(right))
                }
                (left, right) => (left.map(|l| Line::whole(l)), right.map(|r| Line::whole(r))),
            };
            rows.push(Row {
                left,
                right,
                equal: None,
            });
        }
    }
    rows
}

/// Lines that are the same on both sides: the first and the last of them, and the number of those
/// between.
fn equal(lines: &[String], first: usize, last: usize) -> Vec<Row> {
    let shown = |line: &String| Row {
        left: Some(Line::same(line)),
        right: Some(Line::same(line)),
        equal: None,
    };
    // A note in place of one line would hide more than it saves.
    if lines.len() <= first + last + 1 {
        return lines.iter().map(shown).collect();
    }
    let between = lines.len() - first - last;
    let note = Row {
        left: None,
        right: None,
        equal: Some(between),
    };
    let (begin, end) = (&lines[..first], &lines[lines.len() - last..]);
    let begin = begin.iter().map(shown);
    begin.chain([note]).chain(end.iter().map(shown)).collect()
}

impl Line {
    fn same(line: &str) -> Self {
        Self {
            before: line.to_owned(),
            differs: String::new(),
            after: String::new(),
        }
    }

    fn whole(line: &str) -> Self {
        Self {
            before: String::new(),
            differs: line.to_owned(),
            after: String::new(),
        }
    }
}

/// What stands between the beginning and the end that two lines share. Words are kept whole.
pub(super) fn changed(left: &str, right: &str) -> (Line, Line) {
    let word = |c: char| c.is_alphanumeric();
    let shared = |a: &str, b: &str| -> usize {
        let pairs = a.char_indices().zip(b.chars());
        let end = pairs.take_while(|((_, a), b)| a == b).last();
        end.map_or(0, |((at, c), _)| at + c.len_utf8())
    };
    let mut start = shared(left, right);
    while start > 0
        && left[..start].ends_with(word)
        && (left[start..].starts_with(word) || right[start..].starts_with(word))
    {
        start -= last_char(&left[..start]);
    }
    let reversed = |text: &str| text.chars().rev().collect::<String>();
    let (left_rest, right_rest) = (&left[start..], &right[start..]);
    let mut end = shared(&reversed(left_rest), &reversed(right_rest));
    let cut = |text: &str, end: usize| text.len() - end;
    while end > 0
        && left_rest[cut(left_rest, end)..].starts_with(word)
        && (left_rest[..cut(left_rest, end)].ends_with(word)
            || right_rest[..cut(right_rest, end)].ends_with(word))
    {
        end -= first_char(&left_rest[cut(left_rest, end)..]);
    }
    let line = |rest: &str| Line {
        before: left[..start].to_owned(),
        differs: rest[..cut(rest, end)].to_owned(),
        after: rest[cut(rest, end)..].to_owned(),
    };
    (line(left_rest), line(right_rest))
}

fn first_char(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

fn last_char(text: &str) -> usize {
    text.chars().next_back().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn brief(line: Option<&Line>) -> String {
        line.map_or_else(String::new, |line| {
            let mark = |differs: &str| match differs {
                "" => String::new(),
                text => format!("[{text}]"),
            };
            format!("{}{}{}", line.before, mark(&line.differs), line.after)
        })
    }

    fn shown(left: &str, right: &str) -> Vec<[String; 2]> {
        rows(&lines(left), &lines(right))
            .iter()
            .map(|row| [brief(row.left.as_ref()), brief(row.right.as_ref())])
            .collect()
    }

    #[test]
    fn equal_lines_stand_beside_each_other_and_a_line_more_beside_nothing() {
        assert_eq!(
            shown("a\nb\nc", "a\nc"),
            [["a", "a"], ["[b]", ""], ["c", "c"]]
        );
        assert_eq!(shown("", "a"), [["", "[a]"]]);
    }

    #[test]
    fn of_many_equal_lines_those_beside_a_difference_are_shown() {
        let rows = rows(
            &lines("1\n2\n3\nx\n4\n5\n6\n7\ny"),
            &lines("1\n2\n3\n4\n5\n6\n7"),
        );
        let brief: Vec<String> = rows
            .iter()
            .map(|row| match row.equal {
                Some(count) => format!("({count})"),
                None => brief(row.left.as_ref()),
            })
            .collect();
        assert_eq!(brief, ["(2)", "3", "[x]", "4", "(2)", "7", "[y]"]);
    }

    #[test]
    fn of_a_changed_line_the_words_that_differ_are_marked() {
        assert_eq!(
            shown(
                "proposals = aes256-sha256-ecp256",
                "proposals = aes256-sha384-ecp256"
            ),
            [[
                "proposals = aes256-[sha256]-ecp256",
                "proposals = aes256-[sha384]-ecp256"
            ]]
        );
        assert_eq!(
            shown("dpd = 30", "dpd = 30s"),
            [["dpd = [30]", "dpd = [30s]"]]
        );
        assert_eq!(shown("鍵A", "鍵B"), [["[鍵A]", "[鍵B]"]]);
        assert_eq!(shown("aa b", "aa aa b"), [["aa b", "aa [aa ]b"]]);
    }

    #[test]
    fn both_sides_can_be_read_back_from_the_rows() {
        // Too short for lines to be left out.
        let texts = ["", "a", "a\nb", "x = 1\ny = 2\n\nz", "y = 2\nz = é\nx = 1"];
        for left in texts {
            for right in texts {
                let rows = rows(&lines(left), &lines(right));
                let side = |pick: fn(&Row) -> Option<&Line>| -> Vec<String> {
                    let lines = rows.iter().filter_map(pick);
                    lines
                        .map(|line| format!("{}{}{}", line.before, line.differs, line.after))
                        .collect()
                };
                if left != right {
                    assert_eq!(side(|row| row.left.as_ref()), lines(left));
                    assert_eq!(side(|row| row.right.as_ref()), lines(right));
                }
            }
        }
    }
}
