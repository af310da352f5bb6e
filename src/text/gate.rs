//! How foreign text becomes harmless, in two passes: every character gets its fate (controls visible, what cannot be
//! seen left out), then clusters that are too heavy, lone or invisible are tamed. Text that needs nothing is
//! passed on as it is, without a copy.

use std::borrow::Cow;
use std::fmt::Write;

use super::class::{Fate, fate};
use super::cluster::{is_alone, is_mark};
use super::{Clusters, width};

/// The most code points of one cluster, which are 64 bytes at most: beyond that nobody reads it and terminals break.
const CLUSTER_CHARS: usize = 16;
const TAB_STOP: usize = 4;

/// What the gate does with newlines and with what cannot be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub newlines: Newlines,
    pub unseen: Unseen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Newlines {
    Keep,
    /// Shown as `⏎`, so that a text stays in its one line.
    Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    LeaveOut,
    /// Shown as `‹U+200B›`.
    Show,
}

/// What a text holds that nobody sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// How many characters the gate leaves out.
    pub count: usize,
    /// The text that tag characters spell: a way to talk to a model behind the reader's back.
    pub tags: String,
}

/// Counts what the gate leaves out of `text`, and reads what tag characters spell.
pub fn hidden(text: &str) -> Hidden {
    let mut found = Hidden::default();
    let mut before = None;
    let mut rest = text;
    while let Some((c, after)) = next_char(skip_calm(rest, &mut before)) {
        match fate(before, c, after) {
            Fate::Hide => {
                found.count += 1;
                found.tags.extend(tag_letter(c));
            }
            Fate::Keep
            | Fate::Newline
            | Fate::Tab
            | Fate::Vanish
            | Fate::Picture(_)
            | Fate::Escape
            | Fate::Name => before = Some(c),
        }
        rest = after;
    }
    found
}

/// The ASCII character that a tag character stands for.
fn tag_letter(c: char) -> Option<char> {
    matches!(c, '\u{e0020}'..='\u{e007e}').then(|| char::from_u32(c as u32 - 0xe0000)).flatten()
}

fn next_char(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    chars.next().map(|c| (c, chars.as_str()))
}

/// What follows the characters at the start that are kept wherever they stand.
fn skip_calm<'a>(text: &'a str, before: &mut Option<char>) -> &'a str {
    let (calm, rest) = text.split_at_checked(calm_len(text.as_bytes())).unwrap_or(("", text));
    *before = calm.chars().next_back().or(*before);
    rest
}

/// How many bytes at the start are characters that are kept wherever they stand and join no other such: printable
/// ASCII, and most of what European and East Asian text is made of.
fn calm_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..) {
        at += match calm_char(rest) {
            1 => plain_len(rest),
            0 => return at,
            long => long,
        };
    }
    at
}

/// The length of the character at the start, zero if it is none of those that [`calm_len`] counts.
fn calm_char(bytes: &[u8]) -> usize {
    match bytes {
        [b' '..=b'~', ..] => 1,
        // À to ˿, and Cyrillic up to ѿ.
        [0xC3..=0xCB | 0xD0..=0xD1, _, ..] => 2,
        // Ideographs, and kana but for the two marks that join the one before them.
        [0xE4..=0xE9, _, _, ..] | [0xE3, 0x81 | 0x83, _, ..] => 3,
        [0xE3, 0x82, 0x80..=0x96 | 0x9B..=0xBF, ..] => 3,
        _ => 0,
    }
}

/// How many bytes at the start are printable ASCII. Whole blocks are judged at once, which compilers turn into
/// vector instructions.
fn plain_len(bytes: &[u8]) -> usize {
    let blocks = bytes.chunks_exact(32);
    let clean = blocks
        .take_while(|block| block.iter().fold(true, |plain, b| plain & matches!(b, b' '..=b'~')))
        .count()
        * 32;
    let rest = bytes.get(clean..).unwrap_or_default();
    clean + rest.iter().take_while(|b| matches!(b, b' '..=b'~')).count()
}

/// Whether there are only printable ASCII characters and newlines.
fn is_clean(bytes: &[u8]) -> bool {
    bytes.chunks(64).all(|block| block.iter().fold(true, |clean, b| clean & matches!(b, b' '..=b'~' | b'\n')))
}

/// Makes `text` harmless.
pub(super) fn pass(text: &str, mode: Mode) -> Cow<'_, str> {
    let clean = match mode.newlines {
        Newlines::Keep => is_clean(text.as_bytes()),
        Newlines::Mark => width::is_plain(text),
    };
    if clean {
        return Cow::Borrowed(text);
    }
    match translate(text, mode) {
        Cow::Borrowed(same) => tame(same),
        Cow::Owned(new) => match tame(&new) {
            Cow::Borrowed(_) => Cow::Owned(new),
            Cow::Owned(tamed) => Cow::Owned(tamed),
        },
    }
}

/// A text that is copied only from the first change on.
struct Sketch<'a> {
    source: &'a str,
    copy: Option<String>,
}

impl<'a> Sketch<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, copy: None }
    }

    /// Writes a piece of the source that follows on what was written before.
    fn keep(&mut self, piece: &str) {
        if let Some(copy) = &mut self.copy {
            copy.push_str(piece);
        }
    }

    /// Where to write something else than the source, which is at `at`.
    fn change(&mut self, at: usize) -> &mut String {
        let source = self.source;
        self.copy.get_or_insert_with(|| {
            let mut copy = String::with_capacity(source.len() + source.len() / 8 + 16);
            copy.push_str(source.get(..at).unwrap_or_default());
            copy
        })
    }

    fn finish(self) -> Cow<'a, str> {
        self.copy.map_or(Cow::Borrowed(self.source), Cow::Owned)
    }
}

/// The first pass: each character by its fate.
fn translate(text: &str, mode: Mode) -> Cow<'_, str> {
    let mut out = Sketch::new(text);
    let mut before = None;
    let mut column = Column::default();
    let mut rest = text;
    while !rest.is_empty() {
        let after_run = skip_calm(rest, &mut before);
        out.keep(rest.get(..rest.len() - after_run.len()).unwrap_or_default());
        let Some((c, after)) = next_char(after_run) else { break };
        let at = text.len() - after_run.len();
        match fate(before, c, after) {
            Fate::Keep => {
                out.keep(after_run.get(..c.len_utf8()).unwrap_or_default());
                before = Some(c);
            }
            Fate::Newline if mode.newlines == Newlines::Keep => {
                out.keep("\n");
                before = Some(c);
            }
            Fate::Hide if mode.unseen == Unseen::LeaveOut => _ = out.change(at),
            other => {
                let copy = out.change(at);
                replace(copy, c, other, &mut column);
                before = copy.chars().next_back();
            }
        }
        rest = after;
    }
    out.finish()
}

/// Writes what stands for a character that may not pass as it is.
fn replace(out: &mut String, c: char, fate: Fate, column: &mut Column) {
    match fate {
        Fate::Keep => out.push(c),
        Fate::Newline => out.push('⏎'),
        Fate::Tab => {
            let gap = TAB_STOP - column.at_end_of(out) % TAB_STOP;
            out.extend(std::iter::repeat_n(' ', gap));
        }
        Fate::Vanish => {}
        Fate::Picture(picture) => out.push(picture),
        Fate::Escape => _ = write!(out, "\\u{{{:x}}}", c as u32),
        Fate::Name | Fate::Hide => push_name(out, c),
    }
}

fn push_name(out: &mut String, c: char) {
    _ = write!(out, "‹U+{:04X}›", c as u32);
}

/// The column at the end of a growing text, measured in one go however often it is asked.
#[derive(Default)]
struct Column {
    measured: usize,
    columns: usize,
}

impl Column {
    fn at_end_of(&mut self, text: &str) -> usize {
        let new = text.get(self.measured..).unwrap_or_default();
        self.columns = match new.rsplit_once('\n') {
            Some((_, line)) => width::columns(line),
            None => self.columns + width::columns(new),
        };
        self.measured = text.len();
        self.columns
    }
}

/// The second pass: clusters that are too heavy are cut, marks without a letter get a dotted circle, and what still
/// takes no column is named.
fn tame(text: &str) -> Cow<'_, str> {
    let mut out = Sketch::new(text);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let easy = easy_len(rest);
        out.keep(rest.get(..easy).unwrap_or_default());
        at += easy;
        let mut clusters = Clusters::new(text.get(at..).unwrap_or_default());
        for cluster in clusters.by_ref() {
            tame_cluster(&mut out, cluster, at);
            at += cluster.len();
            if cluster.chars().all(is_alone) {
                break;
            }
        }
    }
    out.finish()
}

/// How many bytes at the start surely need no second look: up to the character before the first one that may join.
fn easy_len(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        end += calm_len(rest.as_bytes());
        match text.get(end..).unwrap_or_default().chars().next() {
            Some(c) if is_alone(c) => end += c.len_utf8(),
            Some(_) => break,
            None => return text.len(),
        }
    }
    let easy = text.get(..end).unwrap_or_default();
    end - easy.chars().next_back().filter(|c| *c != '\n').map_or(0, char::len_utf8)
}

fn tame_cluster(out: &mut Sketch<'_>, cluster: &str, at: usize) {
    let starts_line = at == 0 || out.source.as_bytes().get(at - 1) == Some(&b'\n');
    let circle = starts_line && cluster.chars().next().is_some_and(is_mark);
    let chars = cluster.chars().count() + usize::from(circle);
    let heavy = chars > CLUSTER_CHARS;
    let kept = if heavy { light_start(cluster) } else { cluster };
    if circle {
        out.change(at).push('◌');
    }
    if !circle && cluster != "\n" && width::cluster(kept) == 0 {
        let copy = out.change(at);
        kept.chars().for_each(|c| push_name(copy, c));
    } else if heavy {
        out.change(at).push_str(kept);
    } else {
        out.keep(cluster);
    }
    if heavy {
        out.change(at).push('…');
    }
}

/// The start of a cluster that leaves room for a dotted circle before it and `…` behind, and does not end in a joiner.
fn light_start(cluster: &str) -> &str {
    let fits = cluster.char_indices().nth(CLUSTER_CHARS - 2).map_or(cluster.len(), |(end, _)| end);
    let start = cluster.get(..fits).unwrap_or_default();
    start.trim_end_matches(|c| matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180f}' | '\u{e0000}'..='\u{e0fff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_characters_are_kept_between_any_neighbours_and_join_nothing() {
        let calm = |c: &char| calm_len(c.encode_utf8(&mut [0; 4]).as_bytes()) > 0;
        let mut count = 0;
        for c in (' '..=char::MAX).filter(calm) {
            assert!(is_alone(c), "{c:?}");
            for before in [None, Some('a'), Some('👍'), Some('\u{fe0f}')] {
                assert_eq!(fate(before, c, "\u{200d}\u{fe0f}"), Fate::Keep, "{c:?}");
            }
            count += 1;
        }
        assert!(count > 20_000);
    }
}
