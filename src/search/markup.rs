//! A text without its markup: the words after rendering Markdown, HTML tags and entities. Hits in it can span emphasis,
//! code spans and links.

use std::ops::Range;

use memchr::{memchr2, memchr3, memchr3_iter};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::mapped_text::MappedText;
use crate::domain::steps::count_steps;

/// The size, in bytes, from which the screen shows Markdown verbatim.
const MAX_LEN: usize = 1 << 20;

/// The longest entity, in bytes with its `&` and `;`.
const MAX_ENTITY: usize = 12;

/// Removes the markup; `None` if the text has none, or is too long to be rendered.
pub(super) fn strip(text: &str) -> Option<MappedText> {
    if text.len() > MAX_LEN || !has_markup(text) {
        return None;
    }
    count_steps(text.len());
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let mut plain = MappedText::default();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        push_event(&mut plain, text, &event, range);
    }
    Some(plain)
}

/// Returns whether a text may have markup that changes the sequence of its words.
fn has_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    memchr3(b'*', b'`', b'[', bytes).is_some()
        || memchr3(b'&', b'<', b'\\', bytes).is_some()
        || memchr2(b'~', b'|', bytes).is_some()
        || memchr3_iter(b'#', b'>', b'_', bytes).any(|at| match bytes.get(at) {
            Some(b'_') => !before(at).is_ascii_alphanumeric(),
            Some(_) | None => before(at) == b'\n',
        })
}

fn push_event(plain: &mut MappedText, text: &str, event: &Event<'_>, range: Range<usize>) {
    match event {
        Event::Text(shown) | Event::Code(shown) | Event::InlineMath(shown) | Event::DisplayMath(shown) => {
            push_shown(plain, text, shown, range)
        }
        Event::Html(html) | Event::InlineHtml(html) => push_html(plain, html, range),
        Event::FootnoteReference(name) => plain.push_unit(&format!("[{name}]"), range),
        Event::SoftBreak | Event::HardBreak => plain.push_unit("\n", range),
        Event::Start(Tag::Item) => plain.push_unit("\n", range.start..range.start),
        Event::End(
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::Table
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::FootnoteDefinition,
        )
        | Event::Rule => plain.push_unit("\n\n", range.end..range.end),
        Event::Start(_) | Event::End(_) | Event::TaskListMarker(_) => {}
    }
}

/// Adds the text of an event; its range may include markup around it.
fn push_shown(plain: &mut MappedText, text: &str, shown: &str, range: Range<usize>) {
    let source = text.get(range.clone()).unwrap_or_default();
    match (source == shown).then_some(0).or_else(|| source.find(shown)) {
        Some(offset) => plain.push_verbatim(shown, range.start + offset),
        None => plain.push_unit(shown, range),
    }
}

/// Adds the text between tags, with its entities decoded.
fn push_html(plain: &mut MappedText, html: &str, range: Range<usize>) {
    let mut at = 0;
    while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
        let source = |len: usize| (range.start + at).min(range.end)..(range.start + at + len).min(range.end);
        let len = if let Some(len) = tag_len(rest) {
            if is_block_tag(rest) {
                plain.push_unit("\n\n", source(len));
            }
            len
        } else if let Some((character, len)) = entity(rest) {
            plain.push_unit(character.encode_utf8(&mut [0; 4]), source(len));
            len
        } else {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            let len = rest
                .get(first..)
                .and_then(|tail| tail.find(['<', '&']))
                .map_or(rest.len(), |end| first + end);
            plain.push_verbatim(rest.get(..len).unwrap_or_default(), range.start + at);
            len
        };
        at += len;
    }
}

/// Returns the length of the tag or comment at the start.
fn tag_len(html: &str) -> Option<usize> {
    let next = html.strip_prefix('<')?.chars().next()?;
    (next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'))
        .then(|| html.find('>').map_or(html.len(), |end| end + 1))
}

/// Returns whether this tag separates the text before and after it.
fn is_block_tag(html: &str) -> bool {
    let name = html.trim_start_matches(['<', '/']);
    let name =
        name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    !matches!(
        name.as_str(),
        "a" | "b"
            | "i"
            | "u"
            | "s"
            | "em"
            | "strong"
            | "code"
            | "span"
            | "small"
            | "sub"
            | "sup"
            | "mark"
            | "kbd"
            | "del"
            | "ins"
            | "font"
            | "wbr"
            | "abbr"
            | "cite"
            | "q"
            | "tt"
            | "var"
            | "samp"
    )
}

/// Returns the character of the entity at the start, and its length.
fn entity(html: &str) -> Option<(char, usize)> {
    let len = html.as_bytes().iter().take(MAX_ENTITY).position(|byte| *byte == b';')?;
    let name = html.get(..len)?.strip_prefix('&')?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((character, len + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_between_words_is_removed() {
        for (text, shown) in [
            ("the **brain** research", "the brain research"),
            ("run `cargo test` now", "run cargo test now"),
            ("see [the page](https://a.b/c_d) here", "see the page here"),
            ("salt &amp; pepper", "salt & pepper"),
            ("snake\\_case", "snake_case"),
            ("un**believ**able", "unbelievable"),
            ("~~old~~ price", "old price"),
            ("a <b>bold</b> word", "a bold word"),
            ("> quoted\n> twice", "quoted\ntwice"),
            ("_so_ it is", "so it is"),
        ] {
            assert_eq!(strip(text).unwrap().text.trim(), shown, "{text}");
        }
        assert!(strip("plain words of node_id 7").is_none());
    }

    #[test]
    fn cells_and_paragraphs_stay_apart() {
        let text = strip("<table><tr><td>R&amp;D budget</td><td>12</td></tr></table>").unwrap().text;
        assert!(text.contains("R&D budget\n\n"), "{text:?}");
        let text = strip("# One\n\ntwo\n\n| a | b |\n|---|---|\n| 1 | 2 |").unwrap().text;
        assert!(text.contains("One\n\ntwo\n\na\n\nb"), "{text:?}");
    }

    proptest! {
        #[test]
        fn positions_stay_inside_the_text(text in "[a-c<>&;#*_`\\[\\]()\\\\|é \n-]{0,40}") {
            if let Some(plain) = strip(&text) {
                for (start, c) in plain.text.char_indices() {
                    let source = plain.source_range(&(start..start + c.len_utf8()));
                    prop_assert!(source.end <= text.len() && text.is_char_boundary(source.start), "{:?}", source);
                }
            }
        }
    }
}
