//! Words of scripts without spaces: every pair of neighbouring characters is a word, so that any part of a text can be
//! found.
//!
//! ```text
//! text   中国人民 2026  →  中国 国人 人民 民 2026
//! query  国人            →  "国人"
//! query  人              →  人*        (a prefix of 人民, or the last character of a run)
//! ```

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Returns whether words in this script are not separated.
pub(in crate::library) fn is_unseparated(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{30ff}'      // Hiragana, Katakana
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}'    // Han
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
        | '\u{1100}'..='\u{11ff}'    // Hangul
        | '\u{ac00}'..='\u{d7af}'
        | '\u{0e01}'..='\u{0eff}'    // Thai, Lao
        | '\u{1000}'..='\u{109f}'    // Myanmar
        | '\u{1780}'..='\u{17ff}'    // Khmer
    )
}

/// Composes a text, and makes forms of one character equal.
fn normalize(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) }
}

/// Separates the words of a text for the index.
pub(in crate::library) fn spread_text(text: &str) -> Cow<'_, str> {
    let normalized = normalize(text);
    if !normalized.chars().any(is_unseparated) {
        return normalized;
    }
    Cow::Owned(spread(&normalized, true))
}

/// Separates the words of a query term in the same way as a text. Returns whether its last word may be only the beginning
/// of a word in the index.
pub(in crate::library) fn spread_query(term: &str) -> (String, bool) {
    let normalized = normalize(term);
    let last_run = normalized.chars().rev().take_while(|c| is_unseparated(*c)).count();
    (spread(&normalized, false), last_run == 1)
}

/// Separates words. With `ends_last_run`, the last character of a run at the end of the text is a word, too.
fn spread(text: &str, ends_last_run: bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !is_unseparated(c) {
            out.push(c);
            continue;
        }
        out.push(' ');
        out.push(c);
        let mut last = c;
        let mut length = 1;
        while let Some(next) = chars.next_if(|next| is_unseparated(*next)) {
            if length > 1 {
                out.push(' ');
                out.push(last);
            }
            out.push(next);
            last = next;
            length += 1;
        }
        if length > 1 && (ends_last_run || chars.peek().is_some()) {
            out.push(' ');
            out.push(last);
        }
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn runs_become_pairs_and_their_last_symbol() {
        assert_eq!(words(&spread_text("中国人民 2026")), ["中国", "国人", "人民", "民", "2026"]);
        assert_eq!(words(&spread_text("国")), ["国"]);
        assert_eq!(words(&spread_text("売上report")), ["売上", "上", "report"]);
        assert_eq!(words(&spread_text("plain words")), ["plain", "words"]);
        assert_eq!(words(&spread_text("ＡＢＣ ｶﾞ")), ["ABC", "ガ"]);
    }

    #[test]
    fn a_query_has_the_words_of_the_text_that_it_is_in() {
        for (query, expected, is_prefix) in [
            ("国人", vec!["国人"], false),
            ("国人民", vec!["国人", "人民"], false),
            ("民", vec!["民"], true),
            ("売上report", vec!["売上", "上", "report"], false),
            ("refund", vec!["refund"], false),
        ] {
            let (spread, prefix) = spread_query(query);
            assert_eq!((words(&spread), prefix), (expected, is_prefix), "{query}");
        }
    }
}
