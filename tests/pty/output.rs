//! Checks that every byte written is text or an allowed escape sequence. Anything else would be data that controls the
//! terminal.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::harmless::is_harmful;

/// A piece of the output.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Text(&'a str),
    /// `ESC [ … final`: the parameters and the final byte.
    Csi(&'a str, char),
    /// `ESC ] … ESC \\`: the text between.
    Osc(&'a str),
    /// Any other sequence that starts with ESC.
    Escape(&'a str),
}

/// The modes that the program may set and reset.
const ALLOWED_MODES: [&str; 8] = ["?7", "?25", "?1000", "?1002", "?1006", "?1049", "?2004", "?2026"];

/// Splits the output; panics on invalid UTF-8.
fn tokenize(bytes: &[u8]) -> Vec<Token<'_>> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = next_token(rest);
        tokens.push(piece);
        rest = after;
    }
    tokens
}

fn next_token(text: &str) -> (Token<'_>, &str) {
    if let Some(inside) = text.strip_prefix("\x1b[") {
        let end = inside.find(|c: char| ('\x40'..='\x7e').contains(&c)).unwrap_or(inside.len() - 1);
        let (parameters, rest) = inside.split_at(end);
        let mut chars = rest.chars();
        let last = chars.next().unwrap();
        return (Token::Csi(parameters, last), chars.as_str());
    }
    if let Some((inside, rest)) = text.strip_prefix("\x1b]").and_then(|inside| inside.split_once("\x1b\\")) {
        return (Token::Osc(inside), rest);
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
        // Cursor position, column, forward, erase cells, erase line, style.
        Token::Csi(parameters, 'H' | 'G' | 'C' | 'X' | 'K' | 'm') => is_numeric_parameters(parameters),
        // The screen is cleared at the start and after a return from the shell.
        Token::Csi("2", 'J') => true,
        Token::Csi(mode, 'h' | 'l') => ALLOWED_MODES.contains(mode),
        // The request for the background, and the one after it.
        Token::Osc("11;?") | Token::Csi("", 'c') => true,
        // The window title, saved, set and restored.
        Token::Csi("22;2" | "23;2", 't') => true,
        Token::Osc(command) => match command.strip_prefix("8;;") {
            // Web addresses; an empty one ends a link.
            Some(address) => {
                let is_web = address.starts_with("https://") || address.starts_with("http://");
                (is_web || address.is_empty()) && address.chars().all(|c| c.is_ascii_graphic())
            }
            None => command.strip_prefix("2;").is_some_and(|title| !title.chars().any(is_terminal_control)),
        },
        Token::Csi(..) | Token::Escape(_) => false,
    }
}

/// Removes cursor moves to the start of one of the next three rows: a return and line feeds, which data never contains.
fn strip_line_moves(text: &str) -> String {
    ["\r\n\n\n", "\r\n\n", "\r\n", "\r"]
        .iter()
        .fold(text.to_owned(), |text, sequence| text.replace(sequence, ""))
}

/// Returns whether a character is harmful; tag characters are, because these threads have no flags of regions.
fn is_terminal_control(c: char) -> bool {
    is_harmful(c) || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Panics unless all output is allowed.
pub fn assert_harmless(bytes: &[u8]) {
    let harmful: BTreeSet<String> = tokenize(bytes)
        .iter()
        .filter(|piece| !is_allowed(piece))
        .map(|piece| format!("{piece:?}").chars().take(120).collect())
        .collect();
    assert!(harmful.is_empty(), "written to the terminal: {harmful:#?}");
}

#[test]
fn only_allowed_sequences_pass() {
    assert_harmless("\x1b[?1049h\x1b[?25l\x1b[2J\x1b[3;14H\x1b[1;38;5;12mplain 日本 ▍\x1b[0m".as_bytes());
    for harmful in [
        "\x1b]0;title\x07",
        "\x1b]0;title\x1b\\",
        "\x1b]2;title\x07",
        "\x1b]2;ti\u{202e}tle\x1b\\",
        "\x1b]8;;file:///etc/passwd\x1b\\",
        "\x1b]8;;https://a.example/\u{e9}\x1b\\",
        "\x1b]52;c;aGk=\x07",
        "\x1b]52;c;aGk=\x1b\\",
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
        assert!(std::panic::catch_unwind(|| assert_harmless(harmful.as_bytes())).is_err(), "{harmful:?}");
    }
}

/// Returns the texts written to the terminal's clipboard, in order.
pub fn clipboard_writes(written: &[u8]) -> Vec<String> {
    let written = String::from_utf8_lossy(written);
    let osc52 = regex::Regex::new("\x1b]52;[^;]*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\\\)").unwrap();
    let decode = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    assert_eq!(written.matches("\x1b]52").count(), osc52.captures_iter(&written).count());
    osc52.captures_iter(&written).map(|captures| decode(&captures[1])).collect()
}

/// Returns the addresses of the links that were written, in order.
pub fn links(written: &[u8]) -> Vec<&str> {
    let address = |piece| match piece {
        Token::Osc(command) => command.strip_prefix("8;;").filter(|address| !address.is_empty()),
        _ => None,
    };
    tokenize(written).into_iter().filter_map(address).collect()
}
