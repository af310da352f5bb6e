//! Grapheme clusters (user-perceived characters), the same as those of `unicode-segmentation`, but faster for scripts in
//! which every character is a cluster.

use unicode_segmentation::UnicodeSegmentation;

use super::width;

/// The grapheme clusters of a text, in order.
#[derive(Clone, Debug)]
pub struct Graphemes<'a> {
    rest: &'a str,
}

impl<'a> Graphemes<'a> {
    /// Iterates over `text`, which must not start inside a cluster.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Returns the text after the last cluster.
    pub fn rest(&self) -> &'a str {
        self.rest
    }

    /// Returns the next cluster and its width in columns, which is cheaper than calling both separately.
    pub fn next_with_width(&mut self) -> Option<(&'a str, usize)> {
        match self.rest.as_bytes() {
            [b' '..=b'~', b' '..=b'~' | b'\n', ..] => {
                return self.take_prefix(1).map(|cluster| (cluster, 1));
            }
            // U+2500 to U+257F: the lines of borders and trees.
            [0xE2, 0x94 | 0x95, _, 0xE2, 0x94 | 0x95, ..] => {
                return self.take_prefix(3).map(|cluster| (cluster, 1));
            }
            _ => {}
        }
        let mut chars = self.rest.chars();
        let first = chars.next()?;
        if is_standalone(first) && chars.next().is_none_or(is_standalone) {
            return self.take_prefix(first.len_utf8()).map(|cluster| (cluster, width::of_char(first)));
        }
        let cluster = self.next()?;
        Some((cluster, width::of_grapheme(cluster)))
    }

    /// Skips at most `max` printable ASCII characters other than spaces, each of which is a cluster, and returns their
    /// number.
    pub(super) fn skip_ascii(&mut self, max: usize) -> usize {
        let bytes = self.rest.as_bytes().iter();
        let letters = bytes.take(max.saturating_add(1)).take_while(|b| matches!(b, b'!'..=b'~')).count();
        let skipped = letters.saturating_sub(1);
        self.rest = self.rest.get(skipped..).unwrap_or_default();
        skipped
    }

    fn take_prefix(&mut self, len: usize) -> Option<&'a str> {
        let (cluster, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(cluster)
    }
}

impl<'a> Iterator for Graphemes<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let mut chars = self.rest.chars();
        let first = chars.next()?;
        let len = if is_standalone(first) && chars.next().is_none_or(is_standalone) {
            first.len_utf8()
        } else {
            self.rest.graphemes(true).next().map_or(first.len_utf8(), str::len)
        };
        self.take_prefix(len)
    }
}

/// Returns whether a character never forms a cluster with another standalone character. The list is conservative:
/// characters that are not on it take the slow path.
pub(super) fn is_standalone(c: char) -> bool {
    matches!(c,
        '\0'..='\u{c}'
        | '\u{e}'..='\u{ac}'
        | '\u{ae}'..='\u{2ff}'
        | '\u{370}'..='\u{377}'
        | '\u{37a}'..='\u{37f}'
        | '\u{384}'..='\u{482}'
        | '\u{48a}'..='\u{52f}'
        | '\u{5d0}'..='\u{5ea}'
        | '\u{620}'..='\u{64a}'
        | '\u{660}'..='\u{66f}'
        | '\u{671}'..='\u{6d3}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{20a0}'..='\u{20c0}'
        | '\u{2100}'..='\u{2bff}'
        | '\u{3000}'..='\u{3029}'
        | '\u{3030}'..='\u{3096}'
        | '\u{309b}'..='\u{3163}'
        | '\u{3165}'..='\u{a48c}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff01}'..='\u{ff9d}'
        | '\u{1f300}'..='\u{1f3fa}'
        | '\u{1f400}'..='\u{1faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Returns whether a character combines with the one before it.
pub(super) fn is_combining_mark(c: char) -> bool {
    if is_standalone(c) {
        return false;
    }
    let mut buffer = [0; 8];
    let circle = '◌'.encode_utf8(&mut buffer).len();
    let len = buffer.get_mut(circle..).map_or(0, |rest| c.encode_utf8(rest).len());
    let pair = buffer.get(..circle + len).and_then(|bytes| std::str::from_utf8(bytes).ok());
    pair.is_some_and(|pair| Graphemes::new(pair).count() == 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn standalone_characters_never_combine_with_each_other() {
        let beside = ['a', 'é', '\n', '한', '가', '中', '👍', '▌', '\u{644}', 'י'];
        for c in ('\0'..=char::MAX).filter(|c| is_standalone(*c)) {
            for other in beside {
                assert_eq!(format!("{c}{other}").graphemes(true).count(), 2, "{c:?} {other:?}");
                assert_eq!(format!("{other}{c}").graphemes(true).count(), 2, "{other:?} {c:?}");
            }
            assert_eq!(format!("{c}{c}").graphemes(true).count(), 2, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn graphemes_match_unicode_segmentation(text in "(\\PC|[a-z\\r\\n]|[─-╿]|[\u{300}-\u{310}]|\u{200d}|\u{fe0f}|[🇦-🇿]|[\u{1100}-\u{11ff}]|👩|[क-ह]|\u{94d})*") {
            let ours: Vec<&str> = Graphemes::new(&text).collect();
            let mut wide = Graphemes::new(&text);
            for cluster in &ours {
                prop_assert_eq!(wide.next_with_width(), Some((*cluster, width::of_grapheme(cluster))));
            }
            let theirs: Vec<&str> = text.graphemes(true).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
