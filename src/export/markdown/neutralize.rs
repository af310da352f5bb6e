//! Untrusted Markdown made safe to embed: raw HTML and images become text, so an opened export runs and loads nothing.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Text that still has HTML after this many rounds is not treated as Markdown.
const MAX_ROUNDS: usize = 6;

/// Escapes raw HTML and images; `None` if that fails.
pub(super) fn neutralize(text: &str) -> Option<Cow<'_, str>> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_ROUNDS {
        let positions = unsafe_positions(&text);
        if positions.is_empty() {
            return Some(text);
        }
        text = Cow::Owned(escape_at(&text, &positions));
    }
    None
}

/// The positions that need a backslash, in order: `<` of HTML, `!` and `[` of images.
fn unsafe_positions(text: &str) -> Vec<usize> {
    let mut positions = Vec::new();
    let mut add = |range: Range<usize>, is_unsafe: fn(u8) -> bool| {
        let bytes = text.as_bytes().get(range.clone()).unwrap_or_default();
        positions
            .extend(range.zip(bytes).filter(|(_, byte)| is_unsafe(**byte)).map(|(position, _)| position));
    };
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => add(range, |byte| byte == b'<'),
            Event::Start(Tag::Image { .. }) => add(range.start..range.start + 2, |_| true),
            _ => {}
        }
    }
    positions.sort_unstable();
    positions.dedup();
    positions
}

fn escape_at(text: &str, positions: &[usize]) -> String {
    let mut out = String::with_capacity(text.len() + positions.len());
    let mut copied = 0;
    for position in positions {
        out.push_str(text.get(copied..*position).unwrap_or_default());
        out.push('\\');
        copied = *position;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_html_and_images_but_not_code() {
        let safe = |text| neutralize(text).unwrap().into_owned();
        assert_eq!(
            safe("a <b>b</b> `<i>` ![p](http://x/p.png) <http://a>"),
            "a \\<b>b\\</b> `<i>` \\!\\[p](http://x/p.png) <http://a>"
        );
        assert_eq!(safe("<script>\nalert(1)\n</script>\n"), "\\<script>\nalert(1)\n\\</script>\n");
        assert_eq!(safe("```\n<b>\n```\n"), "```\n<b>\n```\n");
        assert_eq!(safe("<!-- ![p](x) -->"), "\\<!-- \\!\\[p](x) -->");
    }

    proptest! {
        #[test]
        fn neutralized_text_has_no_html_or_images(text in "([a`~> \n<!-]|```|<!--|-->|<b a='|<script>|!\\[x\\]\\(y\\)|\\[x\\]: y|!\\[x\\]|\\\\|\\|-\\||    )*") {
            if let Some(safe) = neutralize(&text) {
                let quoted: String = safe.lines().map(|line| format!("> {line}\n")).collect();
                for event in Parser::new_ext(&quoted, Options::ENABLE_TABLES) {
                    prop_assert!(!matches!(event, Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. })), "{:?} of {:?}", event, quoted);
                }
            }
        }
    }
}
