//! Markdown as HTML, written by `pulldown_cmark` from a filtered event stream: raw HTML becomes text, and links and images
//! become their text followed by the address, so that nothing in the page loads or links to anything.

use std::io::{self, Write};
use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Tag, TagEnd, html};

use super::escape;
use crate::text::Safe;
use crate::text::markdown::{self, MarkdownSource};

/// The maximum number of levels of lists, items, quotes and footnotes; deeper ones lose their tags.
const MAX_DEPTH: usize = 24;

/// Writes Markdown as HTML; overlong text unformatted.
pub(super) fn write_markdown(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let safe = Safe::text(text);
    if text.len() > markdown::LIMIT {
        return writeln!(out, "<div class=\"text\">{}</div>", escape(&safe));
    }
    let source = MarkdownSource::new(&safe);
    let mut filter = EventFilter {
        source: &source,
        events: Vec::new(),
        depth: 0,
        links: Vec::new(),
        table: Cells::default(),
    };
    source.events().for_each(|(event, range)| filter.push(event, &range));
    writeln!(out, "<div class=\"prose\">")?;
    html::write_html_io(&mut *out, filter.events.into_iter())?;
    writeln!(out, "</div>")
}

/// A filter that keeps events which are safe to render. [`Event::Html`] in the output comes only from this program.
struct EventFilter<'a> {
    source: &'a MarkdownSource,
    events: Vec<Event<'a>>,
    /// The number of open lists, items, quotes and footnotes.
    depth: usize,
    /// The open links and images: address, title, and text so far.
    links: Vec<(CowStr<'a>, CowStr<'a>, String)>,
    table: Cells,
}

/// The place in a table.
#[derive(Default)]
struct Cells {
    alignments: Vec<Alignment>,
    column: usize,
    is_head: bool,
}

impl Cells {
    /// Returns the tag that opens the next cell.
    fn open(&mut self) -> &'static str {
        let alignment = self.alignments.get(self.column).unwrap_or(&Alignment::None);
        self.column += 1;
        match (self.is_head, alignment) {
            (true, Alignment::None | Alignment::Left) => "<th scope=\"col\">",
            (true, Alignment::Center) => "<th scope=\"col\" class=\"center\">",
            (true, Alignment::Right) => "<th scope=\"col\" class=\"right\">",
            (false, Alignment::None | Alignment::Left) => "<td>",
            (false, Alignment::Center) => "<td class=\"center\">",
            (false, Alignment::Right) => "<td class=\"right\">",
        }
    }
}

impl<'a> EventFilter<'a> {
    fn push(&mut self, event: Event<'a>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
            Event::Code(text) => {
                let safe = self.sanitize(&text);
                self.events.push(Event::Code(safe.into()));
            }
            Event::SoftBreak | Event::HardBreak => self.html("<br>\n"),
            Event::Rule => self.html("<hr>\n"),
            Event::FootnoteReference(label) => self.text(&format!("[^{label}]")),
            Event::TaskListMarker(done) => self.text(if done { "☑ " } else { "☐ " }),
        }
    }

    fn html(&mut self, html: &'static str) {
        self.events.push(Event::Html(html.into()));
    }

    fn text(&mut self, text: &str) {
        let safe = self.sanitize(text);
        // Lines of code may end with spaces, which the file marks as intended.
        for (index, part) in safe.split(" \n").enumerate() {
            if index > 0 {
                self.html("&#32;\n");
            }
            self.events.push(Event::Text(part.to_owned().into()));
        }
    }

    /// Sanitizes again: character references may have introduced control characters.
    fn sanitize(&mut self, text: &str) -> String {
        let safe = Safe::text(text).into_string();
        if let Some((_, _, link_text)) = self.links.last_mut() {
            link_text.push_str(&safe);
        }
        safe
    }

    fn start(&mut self, tag: Tag<'a>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                self.events.push(Event::Start(tag))
            }
            Tag::BlockQuote(_) | Tag::List(_) => self.open_container(Event::Start(tag)),
            Tag::Item => self.start_item(range),
            Tag::Heading { level, .. } => {
                let level = shift_level(level);
                let tag = Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() };
                self.events.push(Event::Start(tag));
            }
            Tag::FootnoteDefinition(label) => {
                self.open_container(Event::Html("<div>".into()));
                self.text(&format!("[^{label}]"));
            }
            Tag::CodeBlock(kind) => self.start_code_block(&kind),
            Tag::Table(alignments) => {
                self.table.alignments = alignments;
                self.html("<div class=\"wide\" tabindex=\"0\">");
                self.events.push(Event::Start(Tag::Table(Vec::new())));
            }
            Tag::TableHead | Tag::TableRow => {
                self.table = Cells {
                    alignments: std::mem::take(&mut self.table.alignments),
                    column: 0,
                    is_head: matches!(tag, Tag::TableHead),
                };
                self.events.push(Event::Start(tag));
            }
            Tag::TableCell => {
                let open = self.table.open();
                self.html(open);
            }
            Tag::Link { dest_url, title, .. } => self.start_link("<span class=\"link\">", dest_url, title),
            Tag::Image { dest_url, title, .. } => {
                self.start_link("<span class=\"link\">[image: ", dest_url, title);
            }
            Tag::HtmlBlock => self.html("<p class=\"dim\">"),
            // The extensions with further tags are disabled.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::TableHead
            | TagEnd::TableRow => self.events.push(Event::End(tag)),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.close_container(Event::End(tag)),
            TagEnd::Heading(level) => self.events.push(Event::End(TagEnd::Heading(shift_level(level)))),
            TagEnd::FootnoteDefinition => self.close_container(Event::Html("</div>\n".into())),
            TagEnd::CodeBlock => self.html("</code></pre>\n"),
            TagEnd::TableCell => self.end_cell(),
            TagEnd::Table => {
                self.events.push(Event::End(tag));
                self.html("</div>\n");
            }
            TagEnd::Link => self.end_link("</span>"),
            TagEnd::Image => self.end_link("]</span>"),
            TagEnd::HtmlBlock => self.html("</p>\n"),
            _ => {}
        }
    }

    fn open_container(&mut self, event: Event<'a>) {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            self.events.push(event);
        }
    }

    /// Starts a list item, which keeps the number that it has in the source.
    fn start_item(&mut self, range: &Range<usize>) {
        let written = self.source.item_number(range);
        let number = written.and_then(|written| Some((written, written.get(..written.len() - 1)?)));
        let event = match number {
            // Browsers show this number by default.
            Some((written, digits)) if written == format!("{}.", digits.trim_start_matches('0')) => {
                Event::Html(format!("<li value=\"{digits}\">").into())
            }
            // Only digits and a delimiter, so nothing needs escaping.
            Some((written, digits)) => {
                Event::Html(format!("<li value=\"{digits}\" data-number=\"{written}\">").into())
            }
            None => Event::Start(Tag::Item),
        };
        self.open_container(event);
    }

    /// Ends a cell. An empty cell of the head becomes a data cell, because a heading without text names nothing.
    fn end_cell(&mut self) {
        match self.events.last_mut() {
            Some(Event::Html(open)) if open.starts_with("<th") => {
                *open = "<td>".into();
                self.html("</td>");
            }
            _ => self.events.push(Event::End(TagEnd::TableCell)),
        }
    }

    fn close_container(&mut self, event: Event<'a>) {
        if self.depth <= MAX_DEPTH {
            self.events.push(event);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Shows the language above the code instead of putting it into an attribute.
    fn start_code_block(&mut self, kind: &CodeBlockKind<'a>) {
        if let CodeBlockKind::Fenced(info) = kind
            && !info.is_empty()
        {
            self.html("<p class=\"dim\">");
            self.text(info);
            self.html("</p>\n");
        }
        // Long lines scroll, also with the keyboard.
        self.html("<pre tabindex=\"0\"><code>");
    }

    fn start_link(&mut self, html: &'static str, address: CowStr<'a>, title: CowStr<'a>) {
        self.html(html);
        self.links.push((address, title, String::new()));
    }

    /// Adds the address, unless the text of the link equals the address.
    fn end_link(&mut self, html: &'static str) {
        let Some((address, title, text)) = self.links.pop() else { return };
        self.html(html);
        let address = Safe::line(&address).into_string();
        let address = if address == text { String::new() } else { address };
        let title = if title.is_empty() { String::new() } else { format!("\"{title}\"") };
        let parts: Vec<&str> = [&*address, &*title].into_iter().filter(|part| !part.is_empty()).collect();
        if !parts.is_empty() {
            self.html(" <span class=\"address\">(");
            self.text(&parts.join(" "));
            self.html(")</span>");
        }
    }
}

/// Returns the level of a heading below the headings of the page.
fn shift_level(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H4,
        HeadingLevel::H2 => HeadingLevel::H5,
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn render(text: &str) -> String {
        let mut out = Vec::new();
        write_markdown(&mut out, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn renders_headings_lists_code_and_tables() {
        let page = render(
            "# A\n\n- x *y*\n  1. z\n\n```sql\nselect '<'\n```\n\n| a | b |\n|---|--:|\n| 1 | `2` |\n",
        );
        for expected in [
            "<h4>A</h4>",
            "<ul>\n<li>x <em>y</em>\n<ol>\n<li value=\"1\">z</li>\n</ol>",
            "<p class=\"dim\">sql</p>\n<pre tabindex=\"0\"><code>select '&lt;'\n</code></pre>",
            "<tr><th scope=\"col\">a</th><th scope=\"col\" class=\"right\">b</th></tr>",
            "<tr><td>1</td><td class=\"right\"><code>2</code></td></tr>",
        ] {
            assert!(page.contains(expected), "{expected} in\n{page}");
        }
    }

    #[test]
    fn renders_links_as_text_with_address_and_loads_no_images() {
        let page = render("[here](javascript:alert(1)) <https://a.example> ![p](//evil.example/p.png)");
        assert!(page.contains("here</span> <span class=\"address\">(javascript:alert(1))</span>"), "{page}");
        assert!(page.contains("<span class=\"link\">https://a.example</span>"), "{page}");
        assert!(page.contains("[image: p]</span> <span class=\"address\">(//evil.example/p.png)"), "{page}");
        assert!(!page.contains("href") && !page.contains("<img"));
    }

    #[test]
    fn escapes_html_and_sanitizes_character_references() {
        let page = render("a <b onclick=x>b</b> &#x1b;[31m &lt;i&gt;\n\n<script>\nalert(1)\n</script>\n");
        assert!(page.contains("a &lt;b onclick=x&gt;b&lt;/b&gt; "), "{page}");
        assert!(page.contains("&lt;i&gt;") && page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains('\u{1b}'), "{page}");
    }

    proptest! {
        #[test]
        fn every_tag_is_allowed_and_closed(text in "([a1 *_`>#|\\[\\]()!<&;~\n-]|    |- |1\\. |```|\\|-\\||<b>|<!--|&#27;|\\[\\^a\\]: )*") {
            let page = render(&text);
            let mut open = Vec::new();
            for tag in page.split('<').skip(1) {
                let (tag, _) = tag.split_once('>').unwrap();
                let name = tag.split(' ').next().unwrap();
                match name.strip_prefix('/') {
                    Some(name) => prop_assert_eq!(open.pop(), Some(name), "{}", page),
                    None if matches!(name, "br" | "hr") => {}
                    None => {
                        prop_assert!("div p h4 h5 h6 blockquote ul ol li pre code table thead tbody tr th td em strong del span".split(' ').any(|allowed| allowed == name), "{}", name);
                        open.push(name);
                    }
                }
            }
            prop_assert!(open.is_empty(), "{:?} in {}", open, page);
        }
    }
}
