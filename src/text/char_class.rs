//! The text gate's decision about one character. It depends only on the last written character and on the text after it,
//! never on removed characters, so that sanitizing twice changes nothing.

use super::grapheme::is_combining_mark;
use super::width;

/// The treatment of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CharAction {
    Keep,
    /// The end of a line.
    Newline,
    Tab,
    /// The CR of a CRLF: removed, but not counted as hidden.
    Drop,
    /// A control character with a picture in Unicode, such as `␛`.
    ControlPicture(char),
    /// A control character without a picture: written as an escape, such as `\u{9b}`.
    Escape,
    /// A character that changes the direction or the lines of the text around it: written as `‹U+202E›`.
    CodePoint,
    /// An invisible character: counted, and removed unless the reader reveals hidden characters.
    Hide,
}

/// Classifies `c`, where `before` was written last and `after` follows in the text.
pub(super) fn classify(before: Option<char>, c: char, after: &str) -> CharAction {
    match c {
        ' '..='~' => CharAction::Keep,
        '\n' => CharAction::Newline,
        '\t' => CharAction::Tab,
        '\r' if after.starts_with('\n') => CharAction::Drop,
        '\0'..='\u{1f}' => CharAction::ControlPicture(char::from_u32(0x2400 + c as u32).unwrap_or('␦')),
        '\u{7f}' => CharAction::ControlPicture('␡'),
        '\u{80}'..='\u{9f}' => CharAction::Escape,
        '\u{ad}' => CharAction::Hide,
        '\u{a0}'..='\u{2ff}' => CharAction::Keep,
        _ if is_bidi_control(c) || matches!(c, '\u{2028}' | '\u{2029}') => CharAction::CodePoint,
        _ if is_invisible(c) && !is_valid_in_context(before, c, after) => CharAction::Hide,
        _ => CharAction::Keep,
    }
}

/// Returns whether a character changes text direction.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character has no ink and no column: joiners, selectors, tags, fillers, format characters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether the script or an emoji requires this invisible character here.
fn is_valid_in_context(before: Option<char>, c: char, after: &str) -> bool {
    let Some(before) = before else { return false };
    let next = after.chars().next();
    match c {
        '\u{200d}' if can_join_emoji(before) => next.is_some_and(is_emoji),
        '\u{200c}' | '\u{200d}' => can_take_joiner(before) && next.is_some_and(can_take_joiner),
        '\u{fe0e}' | '\u{fe0f}' if is_emoji(before) => true,
        '\u{fe0f}' => matches!(before, '0'..='9' | '#' | '*') && next == Some('\u{20e3}'),
        '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        '\u{e0020}'..='\u{e007f}' => match before {
            '\u{1f3f4}' => is_flag_tag_sequence(c, after),
            // A tag was only kept as part of a flag that was checked as a whole.
            '\u{e0030}'..='\u{e007a}' => true,
            _ => false,
        },
        _ => false,
    }
}

/// The regions whose flags have their own emoji: England, Scotland, Wales. Other letters after a black flag would be hidden
/// text.
const FLAG_REGIONS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];

/// Returns whether the tags, starting with `c`, spell a region after a black flag, including the end tag.
fn is_flag_tag_sequence(c: char, after: &str) -> bool {
    let mut tags = std::iter::once(c).chain(after.chars());
    let letters = tags.by_ref().map_while(|tag| match tag {
        '\u{e0061}'..='\u{e007a}' => char::from_u32(u32::from(tag) - 0xe0000),
        _ => None,
    });
    let region: String = letters.take(5).collect();
    FLAG_REGIONS.contains(&region.as_str()) && tags.next() == Some('\u{e007f}')
}

fn can_join_emoji(c: char) -> bool {
    c == '\u{fe0f}' || is_emoji(c)
}

/// Returns whether a character has an emoji form or modifies one; a little wider than Unicode's list, which grows every
/// year.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{2194}'..='\u{21aa}'
        | '\u{231a}'..='\u{23ff}'
        | '\u{24c2}'
        | '\u{25aa}'..='\u{25fe}'
        | '\u{2600}'..='\u{27bf}'
        | '\u{2934}'..='\u{2935}'
        | '\u{2b05}'..='\u{2b55}'
        | '\u{1f000}'..='\u{1f1e5}'
        | '\u{1f200}'..='\u{1faff}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Returns whether a character can be next to a joiner. A character without width is written as its code point, next to
/// which a joiner has no effect.
fn can_take_joiner(c: char) -> bool {
    is_joining_script(c) && (is_combining_mark(c) || width::of_grapheme(c.encode_utf8(&mut [0; 4])) > 0)
}

/// Returns whether a script is written with joiners: Arabic and its neighbours, the scripts of India and Southeast Asia,
/// Mongolian.
fn is_joining_script(c: char) -> bool {
    matches!(c,
        '\u{620}'..='\u{8ff}'
        | '\u{900}'..='\u{dff}'
        | '\u{f40}'..='\u{109f}'
        | '\u{1780}'..='\u{17b3}'
        | '\u{17b6}'..='\u{17dd}'
        | '\u{1820}'..='\u{18aa}'
        | '\u{1b00}'..='\u{1b7f}'
        | '\u{2d30}'..='\u{2d7f}'
        | '\u{a840}'..='\u{a8ff}'
        | '\u{a980}'..='\u{a9df}'
        | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}'
        | '\u{11000}'..='\u{11fff}')
}
