//! Writes JSON: escaped strings, and raw values with indentation.

use super::scan::{is_whitespace, skip_value, skip_whitespace};

/// Indentation stops growing at this depth, so that nesting alone cannot exhaust memory.
const MAX_INDENT_DEPTH: usize = 64;

/// Appends the text as a JSON string, with quotes. Escapes only what JSON requires.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => {
                let code = control as u32;
                out.push_str("\\u00");
                out.extend([code / 16, code % 16].iter().filter_map(|&digit| char::from_digit(digit, 16)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Indents a raw value by two spaces per level, up to `max_bytes` of output. Numbers, strings and non-JSON text stay
/// verbatim.
pub fn pretty(raw: &[u8], max_bytes: usize) -> String {
    let mut printer = PrettyPrinter { raw, pos: 0, depth: 0, out: Vec::new(), max_bytes };
    while printer.out.len() < max_bytes && printer.step() {}
    let mut text = String::from_utf8_lossy(&printer.out).into_owned();
    text.truncate(text.floor_char_boundary(max_bytes));
    text
}

struct PrettyPrinter<'a> {
    raw: &'a [u8],
    pos: usize,
    depth: usize,
    out: Vec<u8>,
    max_bytes: usize,
}

impl PrettyPrinter<'_> {
    /// Prints one token; returns `false` at the end.
    fn step(&mut self) -> bool {
        self.pos = skip_whitespace(self.raw, self.pos);
        let Some(&byte) = self.raw.get(self.pos) else { return false };
        match byte {
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.new_line();
                self.push_byte(byte);
            }
            b',' => {
                self.push_byte(byte);
                self.new_line();
            }
            b':' => {
                self.push_byte(byte);
                self.out.push(b' ');
            }
            b'"' => self.copy(skip_value(self.raw, self.pos)),
            _ => {
                let rest = self.raw.get(self.pos..).unwrap_or_default();
                let length = rest.iter().position(|&byte| is_whitespace(byte) || b"{}[],:\"".contains(&byte));
                self.copy(length.map(|length| self.pos + length));
            }
        }
        true
    }

    fn open(&mut self, byte: u8) {
        self.push_byte(byte);
        let next = skip_whitespace(self.raw, self.pos);
        if self.raw.get(next) == Some(&(byte + 2)) {
            self.pos = next;
            self.push_byte(byte + 2);
        } else {
            self.depth += 1;
            self.new_line();
        }
    }

    fn push_byte(&mut self, byte: u8) {
        self.out.push(byte);
        self.pos += 1;
    }

    fn new_line(&mut self) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + 2 * self.depth.min(MAX_INDENT_DEPTH), b' ');
    }

    /// Copies up to `end`, or to the end of the input, within the output limit.
    fn copy(&mut self, end: Option<usize>) {
        let end = end.unwrap_or(self.raw.len());
        let copied_to = end.min(self.pos.saturating_add(self.max_bytes - self.out.len()));
        self.out.extend_from_slice(self.raw.get(self.pos..copied_to).unwrap_or_default());
        self.pos = end;
    }
}

/// Puts a text on one line: every run of whitespace becomes a single space.
pub fn collapse_whitespace(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn written_string_is_read_back_by_a_strict_parser(text in any::<String>()) {
            let mut json = String::new();
            write_string(&mut json, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn pretty_output_stays_within_the_limit(bytes in any::<Vec<u8>>(), max in 0_usize..100) {
            prop_assert!(pretty(&bytes, max).len() <= max);
        }
    }

    #[test]
    fn pretty_keeps_numbers_and_strings_verbatim() {
        let text = pretty(br#"{"a":[1e400,"\u00e4",{}],"b":{"c":NaN},"d":[ ]}"#, 1000);
        let expected = "{\n  \"a\": [\n    1e400,\n    \"\\u00e4\",\n    {}\n  ],\n  \"b\": {\n    \"c\": NaN\n  },\n  \"d\": []\n}";
        assert_eq!(text, expected);
    }

    #[test]
    fn indent_is_bounded_for_deep_nesting() {
        assert!(pretty("[".repeat(10_000).as_bytes(), usize::MAX).len() < 10_000 * 140);
    }
}
