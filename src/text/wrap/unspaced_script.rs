//! Line breaks in scripts without spaces between words: between the characters of East Asia, as their punctuation allows,
//! and between the words of Southeast Asia, which a dictionary finds.

use std::sync::LazyLock;

use icu_segmenter::options::LineBreakOptions;
use icu_segmenter::{LineSegmenter, LineSegmenterBorrowed};
use unicode_width::UnicodeWidthChar;

/// The bytes of text after the end of a row that may affect its breaks: a few words.
const LOOK_AHEAD: usize = 120;

/// The segmenter with the default rules, which are strict: no row starts with a small kana. The dictionaries cost 1 MB of
/// the program. The neural models would cost a third of that, but need 5 s for 1 MB of Thai instead of 50 ms.
static SEGMENTER: LazyLock<LineSegmenterBorrowed<'static>> =
    LazyLock::new(|| LineSegmenter::new_dictionary(LineBreakOptions::default()));

/// Returns whether the script of a cluster has no spaces between words.
pub(super) fn has_no_spaces(cluster: &str) -> bool {
    cluster.chars().next().is_some_and(|c| match c {
        '\0'..='\u{dff}' => false,
        // Thai, Lao, Tibetan and Myanmar; Khmer and New Tai Lue; Tai Tham; Myanmar again and Tai Viet.
        '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{19df}' => true,
        '\u{1a20}'..='\u{1aad}' | '\u{a9e0}'..='\u{a9fe}' | '\u{aa60}'..='\u{aadf}' => true,
        _ => c.width() == Some(2),
    })
}

/// Returns the last break of the row that starts `rest`, at most at `limit`, next to such a script.
pub(super) fn last_break(rest: &str, limit: usize) -> Option<usize> {
    let end = rest.floor_char_boundary(limit.saturating_add(LOOK_AHEAD));
    let line = rest.get(..end).unwrap_or_default().lines().next().unwrap_or_default();
    let breaks = SEGMENTER.segment_str(line).take_while(|at| *at <= limit);
    let is_beside = |at: &usize| {
        let (before, after) = line.split_at_checked(*at).unwrap_or_default();
        let last = before.char_indices().next_back().and_then(|(start, _)| before.get(start..));
        !before.ends_with(' ') && (has_no_spaces(after) || last.is_some_and(has_no_spaces))
    };
    breaks.filter(|at| *at > 0).filter(is_beside).last()
}
