//! Every byte that the program writes is text or an escape sequence from a short list. Anything else would be data that
//! speaks to the terminal.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A piece of what was written.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Text(&'a str),
    /// `ESC [ … final`: what is between, and the last byte.
    Csi(&'a str, char),
    /// Anything else that begins with ESC.
    Escape(&'a str),
}

/// Modes that the program may turn on and off.
const ALLOWED_MODES: [&str; 7] = ["?25", "?1000", "?1002", "?1006", "?1049", "?2004", "?2026"];

/// Splits what was written; panics on what is not UTF-8.
fn tokenize(bytes: &[u8]) -> Vec<Token<'_>> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = next_token(rest);
        found.push(piece);
        rest = after;
    }
    found
}

fn next_token(text: &str) -> (Token<'_>, &str) {
    if let Some(inside) = text.strip_prefix("\x1b[") {
        let end = inside.find(|c: char| ('\x40'..='\x7e').contains(&c)).unwrap_or(inside.len() - 1);
        let (parameters, rest) = inside.split_at(end);
        let mut chars = rest.chars();
        let last = chars.next().unwrap();
        return (Token::Csi(parameters, last), chars.as_str());
    }
    if let Some(after) = text.strip_prefix('\x1b') {
        let end = text.len() - after.len() + after.chars().next().map_or(0, char::len_utf8);
        let (piece, rest) = text.split_at(end);
        return (Token::Escape(piece), rest);
    }
    let (piece, rest) = text.split_at(text.find('\x1b').unwrap_or(text.len()));
    (Token::Text(piece), rest)
}

fn is_numeric_parameters(parameters: &str) -> bool {
    parameters.split(';').all(|number| number.chars().all(|c| c.is_ascii_digit()))
}

fn is_allowed(piece: &Token<'_>) -> bool {
    match piece {
        Token::Text(text) => !strip_line_moves(text).chars().any(is_terminal_control),
        // Where to write, in which colour, and blanks: to a place, some columns on, a run of cells, the rest of a line.
        Token::Csi(parameters, 'H' | 'G' | 'C' | 'X' | 'K' | 'm') => is_numeric_parameters(parameters),
        // The whole screen is cleared at the start and after the shell had it.
        Token::Csi("2", 'J') => true,
        Token::Csi(mode, 'h' | 'l') => ALLOWED_MODES.contains(mode),
        Token::Csi(..) | Token::Escape(_) => false,
    }
}

/// The start of a row up to three below is reached by a return and line feeds; data, which has no controls, has neither.
fn strip_line_moves(text: &str) -> String {
    ["\r\n\n\n", "\r\n\n", "\r\n", "\r"].iter().fold(text.to_owned(), |text, way| text.replace(way, ""))
}

/// Controls, marks of direction, and what nobody sees.
fn is_terminal_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
        || matches!(c, '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Holds everything that was written against the list.
pub fn assert_harmless(bytes: &[u8]) {
    let bad: BTreeSet<String> = tokenize(bytes)
        .iter()
        .filter(|piece| !is_allowed(piece))
        .map(|piece| format!("{piece:?}").chars().take(120).collect())
        .collect();
    assert!(bad.is_empty(), "written to the terminal: {bad:#?}");
}

#[test]
fn only_allowed_sequences_pass() {
    assert_harmless("\x1b[?1049h\x1b[?25l\x1b[2J\x1b[3;14H\x1b[1;38;5;12mplain 日本 ▍\x1b[0m".as_bytes());
    for bad in [
        "\x1b]0;title\x07",
        "\x1b]52;c;aGk=\x07",
        "\x1b[6n",
        "\x1b[?1003h",
        "\x1bc",
        "\x1b[3J",
        "\x1b[>1u",
        "\x1bP+q\x1b\\",
        "a\nb",
        "a\u{9b}31m",
        "a\u{202e}b",
        "a\u{e0041}b",
        "\x07",
    ] {
        assert!(std::panic::catch_unwind(|| assert_harmless(bad.as_bytes())).is_err(), "{bad:?}");
    }
}

/// What was sent to the terminal's clipboard, each time that something was.
pub fn clipboard_writes(written: &[u8]) -> Vec<String> {
    let written = String::from_utf8_lossy(written);
    let found = regex::Regex::new("\x1b]52;[^;]*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\\\)").unwrap();
    let decode = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    assert_eq!(written.matches("\x1b]52").count(), found.captures_iter(&written).count());
    found.captures_iter(&written).map(|found| decode(&found[1])).collect()
}
