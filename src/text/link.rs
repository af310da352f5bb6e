//! Web addresses in text, and the cells that show them.

use std::ops::Range;
use std::sync::Arc;

use super::Safe;

/// The maximum number of addresses that are read from one text.
const MAX_ADDRESSES: usize = 500;

/// The maximum number of bytes in an address; longer addresses are not links.
const MAX_ADDRESS_BYTES: usize = 2_000;

/// Cells of one row of the screen that show a web address, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkedCells {
    pub y: u16,
    pub x: u16,
    pub columns: u16,
    /// The whole address.
    pub address: Arc<str>,
}

/// Returns the `http` and `https` addresses of a text, each once, in order.
pub fn web_addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for range in find_addresses(text) {
        let address = text.get(range).unwrap_or_default();
        if !found.iter().any(|known| known == address) {
            found.push(address.to_owned());
        }
    }
    found
}

/// Finds the `http` and `https` addresses of a text. Addresses with characters that are invisible, or that change the
/// direction of the text, are ignored.
pub(super) fn find_addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, _) in text.match_indices("://") {
        let before = text.get(end..at).unwrap_or_default();
        let Some(scheme) = ["https", "http"].into_iter().find(|scheme| ends_with_word(before, scheme)) else {
            continue;
        };
        let start = at - scheme.len();
        let rest = text.get(start..).unwrap_or_default();
        let window = rest.get(..rest.floor_char_boundary(MAX_ADDRESS_BYTES + 1)).unwrap_or(rest);
        let run = window.split(is_outside).next().unwrap_or_default();
        if run.len() > MAX_ADDRESS_BYTES {
            // A long run is read only once, even with many schemes.
            end = start + run.len();
            continue;
        }
        let address = trim_end(run);
        let host = address.get(scheme.len() + 3..).unwrap_or_default();
        let has_host = host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
        if !has_host || Safe::line(address).as_str() != address {
            continue;
        }
        end = start + address.len();
        found.push(start..end);
        if found.len() == MAX_ADDRESSES {
            break;
        }
    }
    found
}

/// Returns whether a text ends with this scheme, in any case, as a separate word.
fn ends_with_word(text: &str, scheme: &str) -> bool {
    let Some((before, end)) = text.len().checked_sub(scheme.len()).and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    end.eq_ignore_ascii_case(scheme)
        && !before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Returns whether a character cannot be part of an address in running text.
fn is_outside(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '<' | '>' | '"' | '`' | '|' | '\\' | '^' | '{' | '}' | '」' | '』' | '。' | '、' | '，' | '）'
        )
}

/// Removes the punctuation of the sentence, and closing brackets that the address does not open.
fn trim_end(address: &str) -> &str {
    let mut address = address;
    // A Markdown link whose text is its address.
    if let Some((text, _)) = address.split_once("](") {
        address = text;
    }
    while let Some(last) = address.chars().next_back() {
        let opens = |open: char| address.matches(open).count() >= address.matches(last).count();
        let is_part = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '’' | '”' | '…' => false,
            ')' => opens('('),
            ']' => opens('['),
            _ => true,
        };
        if is_part {
            break;
        }
        address = address.strip_suffix(last).unwrap_or_default();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_with_the_sentence() {
        let text = "See https://a.example/x?b=1&c=(2), <HTTP://b.example>, [text](https://c.example/d_(e)) \
            and \"https://f.example/\". ![pic](https://g.example/h.png \"i\") https://a.example/x?b=1&c=(2)!\n\
            [https://j.example/k](https://l.example)";
        assert_eq!(
            web_addresses(text),
            [
                "https://a.example/x?b=1&c=(2)",
                "HTTP://b.example",
                "https://c.example/d_(e)",
                "https://f.example/",
                "https://g.example/h.png",
                "https://j.example/k",
                "https://l.example",
            ]
        );
    }

    #[test]
    fn long_runs_are_read_once() {
        let text = format!("{}{} https://a.example", "https://".repeat(400_000), ")".repeat(400_000));
        assert_eq!(web_addresses(&text).last().map(String::as_str), Some("https://a.example"));
    }

    #[test]
    fn only_fully_visible_web_addresses_are_links() {
        for text in [
            "file:///etc/passwd javascript://x ftp://a.example xhttps://a.example git+https://a.example",
            "https:// https://. http://\u{1b}[31m",
            "https://a.example/\u{202e}gnp.exe https://a\u{200b}.example",
            &format!("https://a.example/{}", "x".repeat(MAX_ADDRESS_BYTES)),
        ] {
            assert_eq!(web_addresses(text), [""; 0], "{text}");
        }
    }
}
