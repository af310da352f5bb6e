//! The whole document, read by a Markdown parser: no message acts on another one or on the reader's service.

use proptest::prelude::*;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::*;
use crate::export::tests::ParsedBody;
use crate::provider;

fn export(messages: &[(&str, &str)]) -> String {
    let messages: Vec<serde_json::Value> = messages
        .iter()
        .map(|(role, text)| serde_json::json!({ "id": "m", "role": role, "content": text }))
        .collect();
    let body = serde_json::json!({ "thread_id": 7, "messages": messages }).to_string();
    ParsedBody::read(body.as_bytes(), provider::by_id("camelai").unwrap())
        .export_with(&mut Markdown::default())
}

/// Returns the text that a renderer shows of a document.
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
                Event::End(TagEnd::CodeBlock) => is_code = false,
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
fn text_of_people_and_tools_is_verbatim_and_formulas_are_complete() {
    let text = "call __init__ &copy;\n\n    four\n3. third <T>";
    for role in ["user", "system", "tool"] {
        assert!(rendered_text(&export(&[(role, text)])).contains(text));
    }
    let shown =
        rendered_text(&export(&[("assistant", "$7*2=14$ and \\(a*b*c\\) and\n\n| a |\n|---|\n| 1 | two |")]));
    assert!(shown.contains("$7*2=14$ and \\(a*b*c\\) and") && shown.contains("two"), "{shown}");
}

/// What a reader with every extension may understand. The two kinds of footnotes exclude each other, and links between
/// notes would take the brackets of citations such as `[[1]](address)`.
const ALL_EXTENSIONS: Options =
    Options::all().difference(Options::ENABLE_OLD_FOOTNOTES).difference(Options::ENABLE_WIKILINKS);

/// Pieces of markup, of characters and of references to characters.
const PIECES: &[&str] = &[
    "a",
    "x ",
    "1",
    "\n",
    "\n\n",
    "    ",
    "\\",
    "`",
    "``",
    "```",
    "~~~",
    "$",
    "$$",
    "\\(",
    "\\)",
    "*",
    "_",
    "~~",
    "^",
    "|",
    "|-|\n",
    "> ",
    "- ",
    "1. ",
    "# ",
    "---",
    "+++",
    "\n: ",
    "{#id}",
    "<",
    ">",
    "&",
    "&lt;",
    "&#60;",
    "&#33;",
    "&#91;",
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "<script>",
    "<img src='https://i.example'>",
    "<?",
    "]]>",
    "<![CDATA[",
    "![x](https://i.example)",
    "![x]",
    "![x][y]",
    "![[x]]",
    "!",
    "[x]",
    "[y][x]",
    "[x][]",
    "[[x]]",
    "[",
    "]",
    "(",
    ")",
    "[x]: https://d.example",
    "[x]:\nhttps://e.example\n'title'",
    "[^1]",
    "[^1]: note",
    "[^x]:",
    "[ ] ",
    "[x] ",
    "[t](https://l.example)",
    "<https://auto.example>",
    "<a@mail.example>",
    "@",
    "@ann",
    "&#64;",
    "#",
    "#1",
    "&#35;",
    "&#49;",
    "&#97;",
    "GH-",
    "gh-1",
    "&#71;",
    "&#45;",
    "!1",
    "[!NOTE]",
    "[!",
    "NOTE]",
    "Fixes ",
];

#[test]
fn dollars_in_definitions_of_any_form_are_no_formulas() {
    for text in ["See [a].\n\n[a]: b?$|$c\n", "See [a\nb].\n\n[a\nb]:\n  b?$|$c\n"] {
        let document = export(&[("assistant", text)]);
        let target = Parser::new_ext(&document, Options::empty()).find_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        });
        assert_eq!(target.as_deref(), Some("b?$|$c"), "{document}");
    }
}

#[test]
fn dollars_in_addresses_are_no_formulas() {
    let query = "https://h.example/odata?$filter=id&$top=5";
    let text = format!(
        "See [orders]({query}), [a](../b?$c=1&$d) and [][r], {query} or $a [b]({query}), $E[X](t)$ and $a_1*b$.\n\n[r]: {query}"
    );
    let document = export(&[("assistant", &text)]);
    let links: Vec<String> = Parser::new_ext(&document, Options::empty())
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        })
        .collect();
    assert_eq!(links, [query, "../b?$c=1&$d", query, query], "{document}");
    assert_eq!(document.matches("$`").count(), 2, "{document}");
    assert!(document.contains("$`E[X](t)`$") && document.contains("$`a_1*b`$"), "{document}");
}

fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..14).prop_map(|pieces| pieces.concat())
}

/// Returns the events of each message, without its heading; the notes of the document come last.
fn sections(document: &str) -> Vec<Vec<Event<'_>>> {
    let mut sections: Vec<Vec<Event<'_>>> = Vec::new();
    let (mut depth, mut is_heading) = (0_usize, false);
    for event in TextMergeStream::new(Parser::new_ext(document, ALL_EXTENSIONS)) {
        match &event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) if depth == 0 => {
                is_heading = true;
                sections.push(Vec::new());
            }
            Event::End(TagEnd::Heading(HeadingLevel::H2)) if depth == 0 => is_heading = false,
            _ if is_heading => {}
            _ => sections.iter_mut().last().into_iter().for_each(|section| section.push(event.clone())),
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    sections
}

/// Returns the mentions and references in a text as a service reads it.
fn has_mention(text: &str) -> bool {
    let characters: Vec<char> = format!("  {text} ").chars().collect();
    characters.windows(4).any(|window| match window {
        [_, before, '@', after] => after.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric(),
        [_, _, '#' | '!', after] => after.is_ascii_digit(),
        ['g' | 'G', 'h' | 'H', '-', after] => after.is_ascii_digit(),
        _ => false,
    })
}

/// Returns the first event that acts in a message although only links may.
fn acting_event<'a>(section: &'a [Event<'a>]) -> Option<&'a Event<'a>> {
    let (mut code, mut links) = (0, 0);
    section.iter().find(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::FootnoteReference(_) => true,
        Event::Start(
            Tag::FootnoteDefinition(_) | Tag::Image { .. } | Tag::MetadataBlock(_) | Tag::HtmlBlock,
        ) => true,
        Event::Start(Tag::BlockQuote(kind)) => kind.is_some(),
        Event::Start(Tag::Link { link_type, .. }) => {
            links += 1;
            !matches!(link_type, LinkType::Inline | LinkType::Autolink | LinkType::Email)
        }
        Event::End(TagEnd::Link) => {
            links -= 1;
            false
        }
        Event::Start(Tag::CodeBlock(_)) => {
            code += 1;
            false
        }
        Event::End(TagEnd::CodeBlock) => {
            code -= 1;
            false
        }
        Event::Text(text) => code == 0 && links == 0 && has_mention(text),
        _ => false,
    })
}

proptest! {
    #[test]
    fn no_message_of_a_document_acts_or_changes_another(
        messages in proptest::collection::vec((0_usize..4, any_text()), 1..5),
    ) {
        let messages: Vec<(&str, &str)> = messages
            .iter()
            .map(|(role, text)| (["assistant", "user", "assistant", "tool"][*role], text.as_str()))
            .collect();
        let document = export(&messages);
        let definitions = Parser::new_ext(&document, ALL_EXTENSIONS).reference_definitions().iter().count();
        prop_assert_eq!(definitions, 0, "{}", &document);
        let together = sections(&document);
        prop_assert_eq!(together.len(), messages.len() + 1, "{}", &document);
        for (message, section) in messages.iter().zip(&together) {
            prop_assert_eq!(acting_event(section), None, "{}", &document);
            let alone = export(&[*message]);
            let alone = sections(&alone);
            prop_assert_eq!(Some(section), alone.first(), "{}", &document);
        }
    }

    #[test]
    fn no_title_or_name_acts(text in any_text()) {
        let message = serde_json::json!({ "id": text, "role": text, "content": "x", "status": text });
        let body = serde_json::json!({ "thread_id": 7, "title": text, "messages": [message] }).to_string();
        let document =
            ParsedBody::read(body.as_bytes(), provider::by_id("camelai").unwrap()).export_with(&mut Markdown::default());
        let events: Vec<_> = TextMergeStream::new(Parser::new_ext(&document, ALL_EXTENSIONS)).collect();
        prop_assert_eq!(acting_event(&events), None, "{}", &document);
    }
}
