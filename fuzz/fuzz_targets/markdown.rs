//! Markdown export of any texts. The document has no active content except links, each from its own message: no definition,
//! footnote, image, HTML or alert, and no text that ends its message.
#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};
use unspool::testing::decode::Splitter;
use unspool::testing::domain::{MessageSummaries, ThreadNotes};
use unspool::testing::export::{ExportedThread, Markdown, WriteOptions, write_thread};
use unspool::testing::provider::{self, Provider};
use unspool::testing::text::Safe;

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_GFM);

fn export(body: &[u8]) -> String {
    let provider: &dyn Provider = provider::by_id("camelai").unwrap();
    let mut splitter = Splitter::default();
    splitter.push(body);
    let outcome = splitter.finish();
    let mut summaries = MessageSummaries::default();
    while let Some(batch) = splitter.next_batch() {
        summaries.extend(batch.raw_messages().map(|(index, raw, _)| provider.read_summary(raw, index)));
    }
    let thread = provider.read_thread(&outcome.envelope);
    let document = ExportedThread {
        provider,
        thread: &thread,
        summaries: &summaries,
        notes: &ThreadNotes::default(),
        filter: &|_| true,
        warnings: &[],
    };
    let mut out = Vec::new();
    let mut options = WriteOptions { on_progress: &mut |_| {}, redactor: None };
    write_thread(&document, &mut Markdown::default(), &mut out, &mut options).unwrap();
    String::from_utf8(out).unwrap()
}

/// Returns the addresses of the links of a text, without those of images.
fn addresses(text: &str) -> HashSet<String> {
    let links = Parser::new_ext(text, OPTIONS).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.into_string())
        }
        _ => None,
    });
    links.collect()
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let texts: Vec<&str> = text.split('\u{1e}').take(6).collect();
    let messages: Vec<serde_json::Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let role = ["assistant", "user", "assistant", "tool"][index % 4];
            serde_json::json!({ "id": "m", "role": role, "content": text })
        })
        .collect();
    let document = export(serde_json::json!({ "thread_id": 7, "messages": messages }).to_string().as_bytes());
    let mut headings = 0;
    let mut depth = 0;
    let mut message_links: Vec<HashSet<String>> = Vec::new();
    let parser = Parser::new_ext(&document, OPTIONS);
    assert_eq!(parser.reference_definitions().iter().count(), 0, "definition in {document:?}");
    for event in parser {
        match event {
            Event::Html(text) | Event::InlineHtml(text) => panic!("HTML {text:?} in {document:?}"),
            Event::FootnoteReference(_) | Event::Start(Tag::FootnoteDefinition(_)) => {
                panic!("footnote in {document:?}")
            }
            Event::Start(Tag::Image { .. }) => panic!("image in {document:?}"),
            Event::Start(Tag::BlockQuote(kind)) => {
                assert_eq!(kind, None, "alert in {document:?}");
                depth += 1;
            }
            Event::End(TagEnd::BlockQuote(_)) => depth -= 1,
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) if depth == 0 => {
                headings += 1;
                message_links.push(HashSet::new());
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                let is_own = matches!(link_type, LinkType::Inline | LinkType::Autolink | LinkType::Email);
                assert!(is_own, "link by reference in {document:?}");
                message_links.last_mut().expect("a link before the messages").insert(dest_url.into_string());
            }
            _ => {}
        }
    }
    assert_eq!(headings, texts.len(), "messages in {document:?}");
    for (text, links) in texts.iter().zip(message_links) {
        // After the replacement of a control character, text may become an address.
        let text = Safe::text(text).into_string();
        let own = addresses(&text);
        // A link inside HTML is a link if the HTML is shown as text. Text between dollars is a formula for some readers, with
        // what looks like a mention or an alert and with backquotes around it, and a link for others, whose address then has
        // these marks. A `<` shown as text may begin an address, whose escapes are resolved.
        let unmarked = |text: &str| text.replace("&#8203;", "").replace(['\\', '`', '\u{200b}'], "");
        let bare = unmarked(&text);
        let is_own = |link: &&String| {
            own.contains(*link) || text.contains(link.as_str()) || bare.contains(&unmarked(link))
        };
        let foreign: Vec<_> = links.iter().filter(|link| !is_own(link)).collect();
        assert!(foreign.is_empty(), "{foreign:?} is in no message {text:?}: {document:?}");
    }
});
