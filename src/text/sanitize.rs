//! The text gate sanitizes untrusted text in two passes. The first acts on each character: controls become visible,
//! invisible characters are removed. The second limits clusters that are too long, have no base letter, or take no
//! column. Text without unsafe characters is borrowed, not copied.

use std::borrow::Cow;
use std::fmt::Write;

use super::char_class::{CharAction, classify};
use super::grapheme::{is_combining_mark, is_standalone};
use super::{Graphemes, width};

/// The maximum number of code points in a cluster (at most 64 bytes): longer ones are unreadable and break terminals.
const MAX_CLUSTER_CHARS: usize = 16;
const TAB_WIDTH: usize = 4;

/// The treatment of newlines and invisible characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub newlines: Newlines,
    pub invisible: Invisible,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Newlines {
    Keep,
    /// Shown as `⏎`, so that the text stays on one line.
    Symbol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invisible {
    Remove,
    /// Shown as `‹U+200B›`.
    Reveal,
}

/// The invisible content of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenChars {
    /// The number of characters that the text gate removes.
    pub count: usize,
    /// The text spelled by tag characters, which can carry instructions to a model unseen by the reader.
    pub tags: String,
}

/// Counts the characters that the text gate removes from `text`, and decodes its tag characters.
pub fn scan_hidden(text: &str) -> HiddenChars {
    let mut hidden = HiddenChars::default();
    let mut before = None;
    let mut rest = text;
    while let Some((c, after)) = next_char(skip_simple(rest, &mut before)) {
        match classify(before, c, after) {
            CharAction::Hide => {
                hidden.count += 1;
                hidden.tags.extend(tag_to_ascii(c));
            }
            CharAction::Keep
            | CharAction::Newline
            | CharAction::Tab
            | CharAction::Drop
            | CharAction::ControlPicture(_)
            | CharAction::Escape
            | CharAction::CodePoint => before = Some(c),
        }
        rest = after;
    }
    hidden
}

/// Returns the ASCII character encoded by a tag character.
fn tag_to_ascii(c: char) -> Option<char> {
    matches!(c, '\u{e0020}'..='\u{e007e}').then(|| char::from_u32(c as u32 - 0xe0000)).flatten()
}

fn next_char(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|c| (c, chars.as_str()))
}

/// Skips the simple characters at the start of `text` and returns the rest; `before` becomes the last one skipped.
fn skip_simple<'a>(text: &'a str, before: &mut Option<char>) -> &'a str {
    let (simple, rest) = text.split_at_checked(simple_prefix_len(text.as_bytes())).unwrap_or(("", text));
    *before = simple.chars().next_back().or(*before);
    rest
}

/// Returns the number of bytes at the start that are simple characters, which are kept in any context and never join each
/// other: printable ASCII, and most characters of European and East Asian text.
fn simple_prefix_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..) {
        at += match simple_char_len(rest) {
            1 => printable_ascii_len(rest),
            0 => return at,
            len => len,
        };
    }
    at
}

/// Returns the length of the simple character at the start, zero if it is another one; see [`simple_prefix_len`].
fn simple_char_len(bytes: &[u8]) -> usize {
    match bytes {
        [b' '..=b'~', ..] => 1,
        // À to ˿, and Cyrillic up to ѿ.
        [0xC3..=0xCB | 0xD0..=0xD1, _, ..] => 2,
        // Ideographs, and kana except the two marks that join the character before them.
        [0xE4..=0xE9, _, _, ..] | [0xE3, 0x81 | 0x83, _, ..] => 3,
        [0xE3, 0x82, 0x80..=0x96 | 0x9B..=0xBF, ..] => 3,
        _ => 0,
    }
}

/// Returns the number of bytes at the start that are printable ASCII. Whole blocks are tested at once, which compiles to
/// vector instructions.
fn printable_ascii_len(bytes: &[u8]) -> usize {
    let blocks = bytes.chunks_exact(32);
    let clean = blocks
        .take_while(|block| block.iter().fold(true, |clean, b| clean & matches!(b, b' '..=b'~')))
        .count()
        * 32;
    let rest = bytes.get(clean..).unwrap_or_default();
    clean + rest.iter().take_while(|b| matches!(b, b' '..=b'~')).count()
}

/// Returns whether all bytes are printable ASCII or newlines.
fn is_printable_ascii_lines(bytes: &[u8]) -> bool {
    bytes.chunks(64).all(|block| block.iter().fold(true, |clean, b| clean & matches!(b, b' '..=b'~' | b'\n')))
}

/// Sanitizes `text`.
pub(super) fn sanitize(text: &str, mode: Mode) -> Cow<'_, str> {
    let clean = match mode.newlines {
        Newlines::Keep => is_printable_ascii_lines(text.as_bytes()),
        Newlines::Symbol => width::is_printable_ascii(text),
    };
    if clean {
        return Cow::Borrowed(text);
    }
    match replace_unsafe_chars(text, mode) {
        Cow::Borrowed(unchanged) => limit_clusters(unchanged),
        Cow::Owned(replaced) => match limit_clusters(&replaced) {
            Cow::Borrowed(_) => Cow::Owned(replaced),
            Cow::Owned(limited) => Cow::Owned(limited),
        },
    }
}

/// Builds a text that is copied only once it differs from its source.
struct CowBuilder<'a> {
    source: &'a str,
    owned: Option<String>,
}

impl<'a> CowBuilder<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, owned: None }
    }

    /// Appends the next piece of the source.
    fn push_unchanged(&mut self, piece: &str) {
        if let Some(copy) = &mut self.owned {
            copy.push_str(piece);
        }
    }

    /// Returns the buffer for text that differs from the source at offset `at`.
    fn diverge_at(&mut self, at: usize) -> &mut String {
        let source = self.source;
        self.owned.get_or_insert_with(|| {
            let mut copy = String::with_capacity(source.len() + source.len() / 8 + 16);
            copy.push_str(source.get(..at).unwrap_or_default());
            copy
        })
    }

    fn finish(self) -> Cow<'a, str> {
        self.owned.map_or(Cow::Borrowed(self.source), Cow::Owned)
    }
}

/// Runs the first pass: applies the action of each character.
fn replace_unsafe_chars(text: &str, mode: Mode) -> Cow<'_, str> {
    let mut out = CowBuilder::new(text);
    let mut before = None;
    let mut column = ColumnCounter::default();
    let mut rest = text;
    while !rest.is_empty() {
        let after_run = skip_simple(rest, &mut before);
        out.push_unchanged(rest.get(..rest.len() - after_run.len()).unwrap_or_default());
        let Some((c, after)) = next_char(after_run) else { break };
        let at = text.len() - after_run.len();
        match classify(before, c, after) {
            CharAction::Keep => {
                out.push_unchanged(after_run.get(..c.len_utf8()).unwrap_or_default());
                before = Some(c);
            }
            CharAction::Newline if mode.newlines == Newlines::Keep => {
                out.push_unchanged("\n");
                before = Some(c);
            }
            CharAction::Hide if mode.invisible == Invisible::Remove => _ = out.diverge_at(at),
            other => {
                let copy = out.diverge_at(at);
                push_replacement(copy, c, other, &mut column);
                before = copy.chars().next_back();
            }
        }
        rest = after;
    }
    out.finish()
}

/// Appends the replacement of a character that is not kept.
fn push_replacement(out: &mut String, c: char, action: CharAction, column: &mut ColumnCounter) {
    match action {
        CharAction::Keep => out.push(c),
        CharAction::Newline => out.push('⏎'),
        CharAction::Tab => {
            let gap = TAB_WIDTH - column.column_at_end(out) % TAB_WIDTH;
            out.extend(std::iter::repeat_n(' ', gap));
        }
        CharAction::Drop => {}
        CharAction::ControlPicture(picture) => out.push(picture),
        CharAction::Escape => _ = write!(out, "\\u{{{:x}}}", c as u32),
        CharAction::CodePoint | CharAction::Hide => push_code_point(out, c),
    }
}

fn push_code_point(out: &mut String, c: char) {
    _ = write!(out, "‹U+{:04X}›", c as u32);
}

/// Measures the column at the end of a growing text; each call measures only the new part.
#[derive(Default)]
struct ColumnCounter {
    measured_len: usize,
    columns: usize,
}

impl ColumnCounter {
    fn column_at_end(&mut self, text: &str) -> usize {
        let new = text.get(self.measured_len..).unwrap_or_default();
        self.columns = match new.rsplit_once('\n') {
            Some((_, line)) => width::columns(line),
            None => self.columns + width::columns(new),
        };
        self.measured_len = text.len();
        self.columns
    }
}

/// Runs the second pass: truncates clusters that are too long, puts a dotted circle under marks without a base letter, and
/// replaces clusters without width by their code points.
fn limit_clusters(text: &str) -> Cow<'_, str> {
    let mut out = CowBuilder::new(text);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let standalone = standalone_prefix_len(rest);
        out.push_unchanged(rest.get(..standalone).unwrap_or_default());
        at += standalone;
        let mut clusters = Graphemes::new(text.get(at..).unwrap_or_default());
        for cluster in clusters.by_ref() {
            limit_cluster(&mut out, cluster, at);
            at += cluster.len();
            if cluster.chars().all(is_standalone) {
                break;
            }
        }
    }
    out.finish()
}

/// Returns the number of bytes at the start that need no second pass: up to the character before the first one that may
/// join.
fn standalone_prefix_len(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        end += simple_prefix_len(rest.as_bytes());
        match text.get(end..).unwrap_or_default().chars().next() {
            Some(c) if is_standalone(c) => end += c.len_utf8(),
            Some(_) => break,
            None => return text.len(),
        }
    }
    let prefix = text.get(..end).unwrap_or_default();
    end - prefix.chars().next_back().filter(|c| *c != '\n').map_or(0, char::len_utf8)
}

/// Appends a cluster that starts at `at`, truncated or replaced where needed.
fn limit_cluster(out: &mut CowBuilder<'_>, cluster: &str, at: usize) {
    let starts_line = at == 0 || out.source.as_bytes().get(at - 1) == Some(&b'\n');
    let needs_circle = starts_line && cluster.chars().next().is_some_and(is_combining_mark);
    let chars = cluster.chars().count() + usize::from(needs_circle);
    let too_long = chars > MAX_CLUSTER_CHARS;
    let kept = if too_long { truncate_cluster(cluster) } else { cluster };
    if needs_circle {
        out.diverge_at(at).push('◌');
    }
    if !needs_circle && cluster != "\n" && width::of_grapheme(kept) == 0 {
        let copy = out.diverge_at(at);
        kept.chars().for_each(|c| push_code_point(copy, c));
    } else if too_long {
        out.diverge_at(at).push_str(kept);
    } else {
        out.push_unchanged(cluster);
    }
    if too_long {
        out.diverge_at(at).push('…');
    }
}

/// Returns the start of a cluster, with room for a dotted circle before it and `…` after it, and without a joiner at its
/// end.
fn truncate_cluster(cluster: &str) -> &str {
    let fits = cluster.char_indices().nth(MAX_CLUSTER_CHARS - 2).map_or(cluster.len(), |(end, _)| end);
    let start = cluster.get(..fits).unwrap_or_default();
    start.trim_end_matches(|c| matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180f}' | '\u{e0000}'..='\u{e0fff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_characters_are_kept_next_to_anything_and_never_combine() {
        let is_simple = |c: &char| simple_prefix_len(c.encode_utf8(&mut [0; 4]).as_bytes()) > 0;
        let mut count = 0;
        for c in (' '..=char::MAX).filter(is_simple) {
            assert!(is_standalone(c), "{c:?}");
            for before in [None, Some('a'), Some('👍'), Some('\u{fe0f}')] {
                assert_eq!(classify(before, c, "\u{200d}\u{fe0f}"), CharAction::Keep, "{c:?}");
            }
            count += 1;
        }
        assert!(count > 20_000);
    }
}
