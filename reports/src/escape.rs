//! Makes text that a router wrote safe to show on one line.

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Stands where a text was cut.
const CUT: char = '…';

/// The text on one line of at most `max_chars` characters, with everything that could move the
/// cursor, reorder the line or hide in it written as an escape such as `\u{1b}`.
///
/// A backslash of the text itself stays as it is: a line is easier to find in a log when it reads as
/// it stands there.
pub fn visible(text: &str, max_chars: usize) -> String {
    let mut chars = text.chars().flat_map(|c| {
        let (plain, escape) = if is_treacherous(c) {
            (None, Some(c.escape_default()))
        } else {
            (Some(c), None)
        };
        plain.into_iter().chain(escape.into_iter().flatten())
    });
    let mut shown: String = chars.by_ref().take(max_chars).collect();
    if chars.next().is_some() && shown.pop().is_some() {
        shown.push(CUT);
    }
    shown
}

/// Whether [`visible`] would leave the text as it is; most texts are so, and this is quicker.
pub(crate) fn is_plain(text: &str, max_chars: usize) -> bool {
    // No text has more characters than octets.
    text.len() <= max_chars && !text.chars().any(is_treacherous)
}

/// Control characters, line separators, marks of direction and annotation, and whatever Unicode says
/// a screen shows nothing for (`Default_Ignorable_Code_Point`, Unicode Standard Annex #44): fillers,
/// joiners, selectors of variants, tags. The pattern of braille without a dot is as empty.
fn is_treacherous(c: char) -> bool {
    const UNSEEN: icu_properties::CodePointSetDataBorrowed<'static> =
        CodePointSetData::new::<DefaultIgnorableCodePoint>();
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let moves = matches!(
        c,
        '\u{2028}'..='\u{202e}' | '\u{2800}' | '\u{fff9}'..='\u{fffb}'
    );
    c.is_control() || moves || UNSEEN.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_in_both_languages_stays_as_it_is() {
        for text in [
            "",
            "received AUTHENTICATION_FAILED",
            "認証に失敗した ○×",
            r"C:\ipsec",
        ] {
            assert_eq!(visible(text, 100), text);
            assert!(is_plain(text, 100));
        }
    }

    #[test]
    fn what_could_deceive_a_reader_becomes_an_escape() {
        for (text, shown) in [
            ("a\nb\tc\r", r"a\nb\tc\r"),
            ("\u{1b}[31mred", r"\u{1b}[31mred"),
            ("nul\0del\u{7f}csi\u{9b}", r"nul\u{0}del\u{7f}csi\u{9b}"),
            ("\u{202e}gol.exe", r"\u{202e}gol.exe"),
            ("\u{2066}x\u{2069}", r"\u{2066}x\u{2069}"),
            ("zero\u{200b}width\u{feff}", r"zero\u{200b}width\u{feff}"),
            ("line\u{2028}separator", r"line\u{2028}separator"),
            ("tag\u{e0041}", r"tag\u{e0041}"),
            (
                "hangul\u{3164}\u{115f}\u{1160}\u{ffa0}",
                r"hangul\u{3164}\u{115f}\u{1160}\u{ffa0}",
            ),
            ("join\u{34f}er", r"join\u{34f}er"),
            ("khmer\u{17b4}\u{17b5}", r"khmer\u{17b4}\u{17b5}"),
            ("mongolian\u{180b}\u{180e}", r"mongolian\u{180b}\u{180e}"),
            (
                "variant\u{fe00}\u{fe0f}\u{e0100}",
                r"variant\u{fe00}\u{fe0f}\u{e0100}",
            ),
            (
                "reserved\u{2065}\u{fff0}\u{e0fff}",
                r"reserved\u{2065}\u{fff0}\u{e0fff}",
            ),
            ("beam\u{1d173}\u{1bca0}", r"beam\u{1d173}\u{1bca0}"),
            ("soft\u{ad}arabic\u{61c}", r"soft\u{ad}arabic\u{61c}"),
            ("braille\u{2800}", r"braille\u{2800}"),
        ] {
            assert_eq!(visible(text, 100), shown);
            assert!(!is_plain(text, 100));
        }
    }

    #[test]
    fn a_cut_is_marked_and_keeps_the_limit() {
        assert_eq!(visible("12345", 5), "12345");
        assert_eq!(visible("123456", 5), "1234…");
        assert_eq!(visible("日本語の記録", 4), "日本語…");
        assert_eq!(visible("\0\0\0\0", 8), r"\u{0}\u…");
        assert_eq!(visible("anything", 0), "");
    }

    #[test]
    fn a_very_long_line_is_read_no_further_than_needed() {
        let line = "x".repeat(1 << 20);
        assert_eq!(visible(&line, 160).chars().count(), 160);
    }
}
