//! The whole document, read by a Markdown parser: no message acts on another one or on the reader's service.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;
use crate::export::tests::ParsedBody;
use crate::provider;

fn export(messages: &[(&str, &str)]) -> String {
    let messages: Vec<serde_json::Value> = messages
        .iter()
        .map(|(role, text)| serde_json::json!({ "id": "m", "role": role, "content": text }))
        .collect();
    let body = serde_json::json!({ "thread_id": 7, "messages": messages }).to_string();
    ParsedBody::read(body.as_bytes(), provider::by_id("camelai").unwrap()).export_with(&mut Markdown)
}

/// What a renderer shows of a document.
fn rendered_text(document: &str) -> String {
    let mut text = String::new();
    for event in
        Parser::new_ext(document, Options::ENABLE_TABLES | Options::ENABLE_GFM | Options::ENABLE_FOOTNOTES)
    {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push('\n'),
            Event::FootnoteReference(label) => panic!("footnote {label} in {document}"),
            Event::Html(part) | Event::InlineHtml(part) => panic!("{part} in {document}"),
            Event::Start(Tag::Image { dest_url, .. }) => panic!("image {dest_url} in {document}"),
            Event::Start(Tag::BlockQuote(Some(kind))) => panic!("alert {kind:?} in {document}"),
            _ => {}
        }
    }
    text
}

#[test]
fn definitions_of_one_message_do_not_reach_another() {
    let messages = [
        ("assistant", "![x] and the citation [1], see [^1]"),
        ("user", "[x]: http://evil.example/b.png\n[1]: https://evil.example"),
        ("assistant", "[x]: http://evil.example/b.png\n[1]: https://evil.example\n\n[^1]: merged"),
        ("assistant", "mine: [1]\n\n[1]: https://good.example"),
    ];
    let document = export(&messages);
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let links: Vec<String> = Parser::new_ext(&document, options)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        })
        .collect();
    assert_eq!(links, ["https://good.example"], "{document}");
    let shown = rendered_text(&document);
    for text in ["![x] and the citation [1], see [^1]", "[x]: http://evil.example/b.png", "[^1]: merged"] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
}

#[test]
fn no_message_mentions_anyone_or_closes_an_issue() {
    let text = "[!WARNING]\nping @octocat, fixes #1, closes GH-2\n\n> [!NOTE]\n> x";
    for role in ["user", "assistant", "system", "tool"] {
        let document = export(&[(role, text)]);
        let mut is_code = false;
        rendered_text(&document);
        for event in Parser::new_ext(&document, Options::ENABLE_GFM) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => is_code = true,
                Event::End(pulldown_cmark::TagEnd::CodeBlock) => is_code = false,
                Event::Text(part) if !is_code => {
                    assert!(
                        !["@octocat", "#1", "GH-2"].iter().any(|mention| part.contains(mention)),
                        "{document}"
                    );
                }
                _ => {}
            }
        }
    }
}

#[test]
fn text_of_people_and_tools_is_verbatim_and_formulas_stay_whole() {
    let text = "call __init__ &copy;\n\n    four\n3. third <T>";
    for role in ["user", "system", "tool"] {
        assert!(rendered_text(&export(&[(role, text)])).contains(text));
    }
    let shown =
        rendered_text(&export(&[("assistant", "$7*2=14$ and \\(a*b*c\\) and\n\n| a |\n|---|\n| 1 | two |")]));
    assert!(shown.contains("$7*2=14$ and \\(a*b*c\\) and") && shown.contains("two"), "{shown}");
}
