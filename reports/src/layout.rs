//! Text in columns, where a Japanese character takes two.
//!
//! Marks such as ○ and × count as one column: terminals draw them so unless told to widen what
//! Unicode calls ambiguous.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text followed by blanks up to this many columns.
pub fn pad(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{text}{:blanks$}", "")
}

/// The text in at most this many columns, with a mark where it was cut.
pub fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut room = columns.saturating_sub(1);
    let fits = |c: &char| {
        let needed = c.width().unwrap_or(0);
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

/// The text in lines of at most this many columns, unless one piece alone is longer. Breaks at
/// blanks and beside Japanese characters, but never leaves a line to begin with closing punctuation
/// or end with an opening bracket.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && width(&line) + width(piece.trim_end()) > columns {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The text in the smallest pieces that may stand on lines of their own.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices().peekable();
        while let Some((_, this)) = chars.next() {
            let Some(&(at, next)) = chars.peek() else {
                break;
            };
            if may_break_between(this, next) {
                let (piece, after) = rest.split_at(at);
                rest = after;
                return Some(piece);
            }
        }
        (!rest.is_empty()).then(|| std::mem::take(&mut rest))
    })
}

fn may_break_between(this: char, next: char) -> bool {
    const OPENING: &str = "（「『【";
    const CLOSING: &str = "、。，．）」』】：；・ー";
    if this == ' ' {
        return next != ' ';
    }
    let wide = |c: char| c.width() == Some(2);
    next != ' ' && (wide(this) || wide(next)) && !OPENING.contains(this) && !CLOSING.contains(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_both_languages() {
        for text in ["", "A社", "機能なし", "○→ ×←", "OpenIKED 7.4"] {
            assert_eq!(width(&pad(text, 12)), 12);
        }
        assert_eq!(pad("too long", 3), "too long");
    }

    #[test]
    fn a_shortened_text_keeps_the_limit() {
        assert_eq!(shorten("strongSwan", 10), "strongSwan");
        assert_eq!(shorten("strongSwan", 6), "stron…");
        assert_eq!(shorten("接続基盤", 6), "接続…");
        assert_eq!(shorten("接続基盤", 8), "接続基盤");
    }

    #[test]
    fn english_breaks_at_blanks() {
        assert_eq!(
            wrap("the peer kept silent", 10),
            ["the peer", "kept", "silent"]
        );
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("indivisible-word x", 5), ["indivisible-word", "x"]);
    }

    #[test]
    fn japanese_breaks_anywhere_but_before_punctuation_and_inside_a_word_of_another_script() {
        assert_eq!(wrap("応答なし。再実行", 8), ["応答な", "し。再実", "行"]);
        assert_eq!(
            wrap("経路（UDP 4500）を確認", 10),
            ["経路（UDP", "4500）を確", "認"]
        );
    }

    #[test]
    fn nothing_is_lost_and_no_line_is_too_long() {
        let text =
            "両ルーターの ESP に、暗号・完全性の組合せを 1 つ以上設定してください。".repeat(5);
        for columns in 12..80 {
            let lines = wrap(&text, columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}");
            let dense = |text: &str| text.replace(' ', "");
            assert_eq!(dense(&lines.concat()), dense(&text));
        }
    }
}
