//! Writing JSON: strings with their escapes, and any raw value laid out with indentation.

use super::scan::{is_space, skip_space, skip_value};

/// Indentation stops growing here, so that depth alone cannot fill the memory.
const DEEPEST_INDENT: usize = 64;

/// The text as a JSON string, with its quotes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(&mut out, text);
    out
}

/// Appends the text as a JSON string, with its quotes. Only what JSON demands is escaped.
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

/// The raw value with two spaces a level, numbers and strings exactly as they came, at most `max_bytes` of it. What is
/// not JSON stays as it is.
pub fn pretty(raw: &[u8], max_bytes: usize) -> String {
    let mut layout = Layout { raw, at: 0, depth: 0, out: Vec::new(), max: max_bytes };
    while layout.out.len() < max_bytes && layout.step() {}
    let mut text = String::from_utf8_lossy(&layout.out).into_owned();
    text.truncate(text.floor_char_boundary(max_bytes));
    text
}

struct Layout<'a> {
    raw: &'a [u8],
    at: usize,
    depth: usize,
    out: Vec<u8>,
    max: usize,
}

impl Layout<'_> {
    /// Lays out one token; `false` at the end.
    fn step(&mut self) -> bool {
        self.at = skip_space(self.raw, self.at);
        let Some(&byte) = self.raw.get(self.at) else { return false };
        match byte {
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.new_line();
                self.mark(byte);
            }
            b',' => {
                self.mark(byte);
                self.new_line();
            }
            b':' => {
                self.mark(byte);
                self.out.push(b' ');
            }
            b'"' => self.copy(skip_value(self.raw, self.at)),
            _ => {
                let rest = self.raw.get(self.at..).unwrap_or_default();
                let length = rest.iter().position(|&byte| is_space(byte) || b"{}[],:\"".contains(&byte));
                self.copy(length.map(|length| self.at + length));
            }
        }
        true
    }

    fn open(&mut self, byte: u8) {
        self.mark(byte);
        let next = skip_space(self.raw, self.at);
        if self.raw.get(next) == Some(&(byte + 2)) {
            self.at = next;
            self.mark(byte + 2);
        } else {
            self.depth += 1;
            self.new_line();
        }
    }

    fn mark(&mut self, byte: u8) {
        self.out.push(byte);
        self.at += 1;
    }

    fn new_line(&mut self) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + 2 * self.depth.min(DEEPEST_INDENT), b' ');
    }

    /// Copies up to `end`, the end of the bytes if there is none; not more than is still wanted.
    fn copy(&mut self, end: Option<usize>) {
        let end = end.unwrap_or(self.raw.len());
        let wanted = end.min(self.at.saturating_add(self.max - self.out.len()));
        self.out.extend_from_slice(self.raw.get(self.at..wanted).unwrap_or_default());
        self.at = end;
    }
}

/// The beginning of a JSON text on one line, for a glance: every run of blanks becomes one.
pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_escaped_text_is_read_back_by_a_strict_parser(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&escape(&text)).unwrap(), text);
        }

        #[test]
        fn any_bytes_are_laid_out_within_the_limit(bytes in any::<Vec<u8>>(), max in 0_usize..100) {
            prop_assert!(pretty(&bytes, max).len() <= max);
        }
    }

    #[test]
    fn layout_keeps_numbers_and_strings_as_they_came() {
        let text = pretty(br#"{"a":[1e400,"\u00e4",{}],"b":{"c":NaN},"d":[ ]}"#, 1000);
        let wanted = "{\n  \"a\": [\n    1e400,\n    \"\\u00e4\",\n    {}\n  ],\n  \"b\": {\n    \"c\": NaN\n  },\n  \"d\": []\n}";
        assert_eq!(text, wanted);
    }

    #[test]
    fn depth_does_not_make_the_layout_explode() {
        assert!(pretty("[".repeat(10_000).as_bytes(), usize::MAX).len() < 10_000 * 140);
    }
}
