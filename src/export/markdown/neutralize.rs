//! Markdown that people and models wrote, made fit to stand in another document: its raw HTML and its images become text,
//! so that whoever opens the export runs nothing and loads nothing.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Text that still holds HTML after so many rounds is not worth reading as Markdown.
const MAX_ROUNDS: usize = 6;

/// The text with raw HTML and images escaped; `None` if they cannot be.
pub(super) fn neutralize(text: &str) -> Option<Cow<'_, str>> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_ROUNDS {
        let places = unsafe_positions(&text);
        if places.is_empty() {
            return Some(text);
        }
        text = Cow::Owned(escape_at(&text, &places));
    }
    None
}

/// Bytes that need a backslash, in order: `<` of HTML, `!` and `[` of images.
fn unsafe_positions(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut add = |range: Range<usize>, wanted: fn(u8) -> bool| {
        let bytes = text.as_bytes().get(range.clone()).unwrap_or_default();
        places.extend(range.zip(bytes).filter(|(_, byte)| wanted(**byte)).map(|(at, _)| at));
    };
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => add(range, |byte| byte == b'<'),
            Event::Start(Tag::Image { .. }) => add(range.start..range.start + 2, |_| true),
            _ => {}
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

fn escape_at(text: &str, places: &[usize]) -> String {
    let mut out = String::with_capacity(text.len() + places.len());
    let mut from = 0;
    for at in places {
        out.push_str(text.get(from..*at).unwrap_or_default());
        out.push('\\');
        from = *at;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_html_and_images_but_not_code() {
        let tame = |text| neutralize(text).unwrap().into_owned();
        assert_eq!(
            tame("a <b>b</b> `<i>` ![p](http://x/p.png) <http://a>"),
            "a \\<b>b\\</b> `<i>` \\!\\[p](http://x/p.png) <http://a>"
        );
        assert_eq!(tame("<script>\nalert(1)\n</script>\n"), "\\<script>\nalert(1)\n\\</script>\n");
        assert_eq!(tame("```\n<b>\n```\n"), "```\n<b>\n```\n");
        assert_eq!(tame("<!-- ![p](x) -->"), "\\<!-- \\!\\[p](x) -->");
    }

    proptest! {
        #[test]
        fn neutralized_text_has_no_html_or_images(text in "([a`~> \n<!-]|```|<!--|-->|<b a='|<script>|!\\[x\\]\\(y\\)|\\[x\\]: y|!\\[x\\]|\\\\|\\|-\\||    )*") {
            if let Some(tame) = neutralize(&text) {
                let quoted: String = tame.lines().map(|line| format!("> {line}\n")).collect();
                for event in Parser::new_ext(&quoted, Options::ENABLE_TABLES) {
                    prop_assert!(!matches!(event, Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. })), "{:?} of {:?}", event, quoted);
                }
            }
        }
    }
}
