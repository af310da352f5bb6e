//! The decision whether the text after a secret name is its value; it may also be code, prose or a placeholder.

use super::assignments::{Name, Separator, Value};
use super::names::{Class, Strength};
use super::values;

/// Returns whether the value is the secret of its name, as a whole or without the text that directly follows it:
/// `x1y2z3w4.(see`.
pub(super) fn accepts(name: &Name<'_>, separator: Separator, value: &Value<'_>) -> bool {
    let is_code = !value.is_quoted && values::is_code(value.text);
    if !is_code && accepts_text(name, separator, value) {
        return true;
    }
    let is_prose = matches!(separator, Separator::Prose | Separator::Space | Separator::Bar);
    let start = first_word(value.text);
    !value.is_quoted
        && (is_prose || !is_code || values::has_random_part(start))
        && start.len() < value.text.len()
        && is_mixed_word(start)
        && accepts_text(name, separator, &Value { text: start, range: value.range.clone(), ..*value })
}

fn first_word(text: &str) -> &str {
    let is_end = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-');
    let word = text.split(is_end).next().unwrap_or_default();
    // Letters of another script may directly follow a word.
    if word.is_ascii() { word } else { word.split(|c: char| !c.is_ascii()).next().unwrap_or_default() }
}

/// Returns whether a word has both letters and digits, unlike words of a language.
fn is_mixed_word(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.bytes().any(|byte| test(&byte));
    word.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

fn accepts_text(name: &Name<'_>, separator: Separator, value: &Value<'_>) -> bool {
    let text = value.text;
    if values::is_placeholder(text) {
        return false;
    }
    if name.strength == Strength::Weak {
        // `OPENAI_KEY=…` needs less evidence than `sort_key=…`.
        let is_mixed = || {
            let is_word =
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            text.len() >= 20 && is_word && values::has_digit(text) && values::has_inner_capital(text)
        };
        return values::is_random(text) || name.is_upper && is_mixed();
    }
    match name.class {
        Class::Password => accepts_password(name, separator, value),
        Class::Phrase => is_phrase(text),
        Class::Token => accepts_token(separator, value),
        Class::Code => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            (3..=9).contains(&digits)
                && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b' '))
                && separator != Separator::Space
        }
        Class::Signature => {
            is_signature(text)
                && matches!(separator, Separator::Equals | Separator::SpacedEquals | Separator::Colon)
        }
        Class::Header | Class::Cookie | Class::Bearer | Class::Basic | Class::Command => false,
    }
}

/// Returns whether the words are a pass phrase, not a sentence about one.
fn is_phrase(text: &str) -> bool {
    const SENTENCE: [&str; 17] = [
        "a",
        "an",
        "and",
        "are",
        "enter",
        "for",
        "in",
        "is",
        "must",
        "of",
        "passphrase",
        "please",
        "the",
        "this",
        "to",
        "with",
        "your",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_sentence = words.iter().any(|word| SENTENCE.contains(&word.to_ascii_lowercase().as_str()));
    match words.len() {
        0 => false,
        1 | 2 => text.len() >= 4 && !values::is_placeholder(words.first().copied().unwrap_or_default()),
        _ => !is_sentence,
    }
}

pub(super) fn is_signature_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"%+/=_~.-".contains(&byte)
}

fn is_signature(text: &str) -> bool {
    text.len() >= 16
        && text.bytes().all(is_signature_byte)
        && values::has_digit(text)
        && values::entropy(text) > 2.8
}

fn accepts_password(name: &Name<'_>, separator: Separator, value: &Value<'_>) -> bool {
    let text = value.text;
    let is_plain = !values::has_digit(text) && !values::has_symbol(text);
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    if value.is_quoted {
        let is_sentence = text.contains(' ') && text.to_ascii_lowercase().contains("passw");
        return text.len() >= 2 && !is_sentence && (separator != Separator::Prose || text.len() >= 4);
    }
    match separator {
        Separator::Equals if name.is_upper => text.len() >= 2,
        Separator::Equals | Separator::Direct | Separator::Tag => {
            text.len() >= 3 && (!is_plain || !text.contains('('))
        }
        Separator::SpacedEquals | Separator::Colon if is_plain => {
            text.chars().count() >= 4 && value.ends_line && !is_describing(text)
        }
        Separator::SpacedEquals | Separator::Colon => text.len() >= 4 || !digits_only && text.len() >= 3,
        Separator::Bar | Separator::Prose if is_plain => {
            text.chars().count() >= 6
                && value.ends_line
                && !is_describing(text)
                && separator == Separator::Prose
        }
        Separator::Bar | Separator::Prose => text.len() >= 5 && !is_measure(text),
        Separator::Space => {
            let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
            text.len() >= 6
                && values::has_digit(text)
                && has_letter
                && !is_measure(text)
                && !text.trim_end_matches(['/', ':', ')']).contains(['/', ':', ')'])
        }
    }
}

/// Returns whether a word describes a password in prose: `is stored`, `is visible`.
fn is_describing(word: &str) -> bool {
    let lower = word.to_lowercase();
    let ends = [
        "ed", "en", "ing", "able", "ible", "ly", "ent", "ant", "ory", "ive", "ful", "less", "ous", "ion",
        "ssen", "lich", "ig",
    ];
    ends.iter().any(|end| lower.ends_with(end)) && !lower.contains(['-', '_', '.'])
}

/// Returns whether a value is a number with a unit, a date, a time or a version.
fn is_measure(text: &str) -> bool {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let starts_with_digit = text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let is_version = text
        .strip_prefix('v')
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    starts_with_digit && letters <= 2 && text.contains(['-', ':', '.', '/', '%']) || is_version
}

fn accepts_token(separator: Separator, value: &Value<'_>) -> bool {
    let text = value.text;
    let has_digit = values::has_digit(text);
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if text.contains("://")
        || text.starts_with(['/', '.']) && text.contains('/') && !values::is_random(text) && !has_digit
    {
        return false;
    }
    if text.contains(' ') {
        return false;
    }
    let is_mixed = has_digit && letters > 0
        || values::has_inner_capital(text) && letters >= 12
        || values::has_symbol(text);
    let is_uuid = text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
    match separator {
        Separator::Space => values::is_random(text),
        Separator::Bar | Separator::Prose => has_digit && letters > 0 && text.len() >= 8 && !is_measure(text),
        _ if is_uuid => true,
        _ if value.is_quoted => {
            text.len() >= 6 && is_mixed || text.len() >= 20 && !text.contains(['.', ' ', '/'])
        }
        Separator::Direct | Separator::Equals | Separator::Tag => {
            text.len() >= 6 && is_mixed || text.len() >= 20 && letters == text.len()
        }
        Separator::SpacedEquals | Separator::Colon => text.len() >= 8 && is_mixed && !is_measure(text),
    }
}
