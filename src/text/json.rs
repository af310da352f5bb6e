//! JSON that is safe to print: the same value, with characters that control a terminal or are invisible escaped.

use std::borrow::Cow;
use std::fmt::Write;

use super::char_class::{CharAction, classify};

/// Makes serialized JSON safe to print: C0, DEL and C1 controls, bidi controls and invisible characters become `\uXXXX`
/// escapes; tabs and returns between values become spaces. Valid JSON stays valid and keeps its value.
pub fn safe_json(json: &str) -> Cow<'_, str> {
    let Some(first) = first_unsafe(json) else { return Cow::Borrowed(json) };
    let mut out = String::with_capacity(json.len() + json.len() / 8);
    let mut context = JsonContext::Outside;
    let mut before = None;
    let mut chars = json.chars();
    while let Some(c) = chars.next() {
        let at = json.len() - chars.as_str().len();
        context = context.after(c);
        if at > first && should_escape(before, c, chars.as_str(), context) {
            push_escaped(&mut out, c, context);
            before = out.chars().next_back();
        } else {
            out.push(c);
            before = Some(c);
        }
    }
    Cow::Owned(out)
}

fn first_unsafe(json: &str) -> Option<usize> {
    json.bytes().position(|b| !matches!(b, b' '..=b'~' | b'\n'))
}

/// The position of a character in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum JsonContext {
    Outside,
    InString,
    AfterBackslash,
}

impl JsonContext {
    fn after(self, c: char) -> Self {
        match (self, c) {
            (Self::Outside, '"') => Self::InString,
            (Self::InString, '"') => Self::Outside,
            (Self::InString, '\\') => Self::AfterBackslash,
            (Self::AfterBackslash, _) => Self::InString,
            (same, _) => same,
        }
    }
}

fn should_escape(before: Option<char>, c: char, after: &str, context: JsonContext) -> bool {
    match classify(before, c, after) {
        CharAction::Keep => false,
        CharAction::Newline => context != JsonContext::Outside,
        CharAction::Tab
        | CharAction::Drop
        | CharAction::ControlPicture(_)
        | CharAction::Escape
        | CharAction::CodePoint
        | CharAction::Hide => true,
    }
}

fn push_escaped(out: &mut String, c: char, context: JsonContext) {
    if context == JsonContext::Outside && matches!(c, '\t' | '\r') {
        out.push(' ');
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unsafe_characters_are_escaped_and_the_value_stays_the_same() {
        let json = "{\t\"a\u{202e}\": \"x\u{9b}31m\u{7f}\u{200b}\u{e0041} 👩‍👩‍👧 é\"}\r\n";
        let safe = safe_json(json);
        assert_eq!(safe, "{ \"a\\u202e\": \"x\\u009b31m\\u007f\\u200b\\udb40\\udc41 👩‍👩‍👧 é\"} \n");
    }

    #[test]
    fn a_joiner_after_an_escaped_character_is_escaped_too() {
        let safe = safe_json("\"👩\u{2029}\u{200d}👧 👩\u{200d}👧\"").into_owned();
        assert_eq!(safe, "\"👩\\u2029\\u200d👧 👩\u{200d}👧\"");
        assert_eq!(safe_json(&safe), safe);
    }

    #[test]
    fn clean_json_is_not_copied() {
        assert!(matches!(safe_json("{\n  \"a\": [1, \"\\u001b\"]\n}"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn strings_keep_their_value_and_lose_terminal_controls(text in "(.|[\u{0}-\u{9f}]|\u{202e}|\u{200b})*") {
            let json = serde_json::to_string(&text).unwrap();
            let safe = safe_json(&json);
            prop_assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
            prop_assert!(!safe.chars().any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}'), "{}", safe);
        }
    }
}
