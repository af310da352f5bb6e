//! Untrusted text inside Markdown: as inline text, as a quote, as code.

use std::io::{self, Write};

use crate::text::Safe;

/// A character without width, written after one that would otherwise mention a person or an issue.
pub(super) const NO_MENTION: &str = "&#8203;";

/// Escapes a sanitized line, so that it has no markup, even inside a table, and no mentions.
pub(in crate::export) fn escape_inline(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    // The last three characters.
    let mut before = [' '; 3];
    for c in line.chars() {
        let is_mention = match before {
            [.., '@' | '#' | '!'] => c.is_ascii_alphanumeric(),
            ['g' | 'G', 'h' | 'H', '-'] => c.is_ascii_digit(),
            _ => false,
        };
        if is_mention {
            out.push_str(NO_MENTION);
        }
        let [_, second, third] = before;
        before = [second, third, c];
        // Letters and digits have no meaning, except before `.` and `)` at the start of a line, where this program writes
        // none.
        if c.is_ascii_punctuation()
            && !matches!(c, ',' | '.' | ':' | '/' | '-' | '?' | '%' | ';' | '"' | '\'')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Writes text as a block quote, which its markup cannot leave.
pub(super) fn write_quote(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for line in Safe::text(text).lines() {
        if line.is_empty() {
            writeln!(out, ">")?;
        } else {
            writeln!(out, "> {line}")?;
        }
    }
    Ok(())
}

/// Writes text as code between fences that no line of it can close.
pub(super) fn write_code_block(out: &mut dyn Write, language: &str, text: &str) -> io::Result<()> {
    let text = Safe::text(text);
    let fence = "`".repeat(longest_backtick_run(&text).max(2) + 1);
    let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    writeln!(out, "{fence}{language}\n{text}{newline}{fence}")
}

fn longest_backtick_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    fn render(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn code_cannot_close_its_fence(text in "([a`~> \n<-]|```)*") {
            let document = format!("{}\nafter\n", render(|out| write_code_block(out, "text", &text)));
            let events: Vec<Event<'_>> = Parser::new(&document).collect();
            let blocks = events.iter().filter(|event| matches!(event, Event::Start(Tag::CodeBlock(_)))).count();
            prop_assert_eq!(blocks, 1, "{}", document);
            prop_assert!(matches!(events.as_slice(), [.., Event::Start(Tag::Paragraph), Event::Text(_), Event::End(TagEnd::Paragraph)]));
        }

        #[test]
        fn text_cannot_leave_its_quote(text in "([a`~> \n<!-]|```|<!--|<script>|# |\\|)*") {
            let document = format!("{}\nafter\n", render(|out| write_quote(out, &format!("x\n{text}"))));
            let mut depth = 0;
            let mut outside = String::new();
            for event in Parser::new_ext(&document, Options::ENABLE_TABLES) {
                match event {
                    Event::Start(Tag::BlockQuote(_)) => depth += 1,
                    Event::End(TagEnd::BlockQuote(_)) => depth -= 1,
                    Event::Text(text) | Event::Code(text) | Event::Html(text) if depth == 0 => outside.push_str(&text),
                    _ => {}
                }
            }
            prop_assert_eq!(outside, "after", "{}", document);
        }

        #[test]
        fn escaped_inline_text_has_no_markup(text in "[a1*_`<>|\\[\\](){}#+!~^$&=@\\\\.:-]{1,30}") {
            let cell = format!("| x | y |\n|---|---|\n| {} | z |\n", escape_inline(&text));
            let mut words = String::new();
            let mut cells = 0;
            for event in Parser::new_ext(&cell, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
                match event {
                    Event::Start(Tag::TableCell) => cells += 1,
                    Event::Text(part) => words.push_str(&part),
                    Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow) | Event::End(_) => {}
                    other => prop_assert!(false, "{:?} of {:?}", other, cell),
                }
            }
            prop_assert_eq!(cells, 4);
            prop_assert_eq!(words.replace('\u{200b}', ""), format!("xy{text}z"));
        }
    }
}
