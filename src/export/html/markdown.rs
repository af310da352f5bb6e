//! Markdown as HTML: headings, lists, quotes, code and tables. Raw HTML stays text, images are named and not loaded, and
//! a link is its text with its address behind it: nothing in the page leads out of it.

use std::fmt::Write as _;
use std::io::{self, Write};

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::escape;
use crate::text::{Safe, markdown};

/// Containers inside each other that are drawn; deeper ones are one with the last.
const MAX_DEPTH: usize = 24;

/// Writes text for people.
pub(super) fn write_markdown(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let safe = Safe::text(text);
    if text.len() > markdown::LIMIT {
        return writeln!(out, "<div class=\"text\">{}</div>", escape(&safe));
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let mut page = HtmlWriter::default();
    for event in Parser::new_ext(&safe, options) {
        page.handle_event(event);
    }
    writeln!(out, "<div class=\"prose\">\n{}</div>", page.html)
}

#[derive(Default)]
struct HtmlWriter {
    html: String,
    /// Open lists, items, quotes and notes.
    depth: usize,
    /// Open links and images: where the text of each began, and where it leads.
    links: Vec<(usize, String)>,
    columns: Vec<Alignment>,
    column: usize,
    in_table_head: bool,
}

impl HtmlWriter {
    fn handle_event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start_tag(tag),
            Event::End(tag) => self.end_tag(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push_text(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.push_text(&text),
            Event::Code(text) => {
                self.push_html("<code>");
                self.push_text(&text);
                self.push_html("</code>");
            }
            Event::SoftBreak | Event::HardBreak => self.push_html("<br>\n"),
            Event::Rule => self.push_html("<hr>\n"),
            Event::FootnoteReference(label) => self.push_text(&format!("[^{label}]")),
            Event::TaskListMarker(done) => self.push_html(if done { "☑ " } else { "☐ " }),
        }
    }

    fn push_html(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// What the source says; character references may have brought in what the gate keeps out.
    fn push_text(&mut self, text: &str) {
        self.html.push_str(&escape(&Safe::text(text)));
    }

    fn start_tag(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.push_html("<p>"),
            Tag::Heading { level, .. } => self.push_html(heading_tags(level as usize).0),
            Tag::BlockQuote(_) => self.open_container("<blockquote>\n"),
            Tag::List(None) => self.open_container("<ul>\n"),
            Tag::List(Some(1)) => self.open_container("<ol>\n"),
            Tag::List(Some(first)) => self.open_container(&format!("<ol start=\"{first}\">\n")),
            Tag::Item => self.open_container("<li>"),
            Tag::FootnoteDefinition(label) => {
                self.open_container("<div>");
                self.push_text(&format!("[^{label}] "));
            }
            Tag::CodeBlock(kind) => {
                if let CodeBlockKind::Fenced(info) = kind
                    && let Some(language) = info.split([' ', ',']).next().filter(|name| !name.is_empty())
                {
                    self.push_html("<p class=\"dim\">");
                    self.push_text(language);
                    self.push_html("</p>\n");
                }
                self.push_html("<pre>");
            }
            Tag::Table(columns) => {
                self.columns = columns;
                self.push_html("<div class=\"wide\"><table>\n");
            }
            Tag::TableHead => {
                (self.column, self.in_table_head) = (0, true);
                self.push_html("<tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.push_html("<tr>");
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.push_html("<em>"),
            Tag::Strong => self.push_html("<strong>"),
            Tag::Strikethrough => self.push_html("<del>"),
            Tag::Link { dest_url, .. } => {
                self.push_html("<span class=\"link\">");
                self.links.push((self.html.len(), dest_url.into_string()));
            }
            Tag::Image { dest_url, .. } => {
                self.push_html("<span class=\"link\">[image: ");
                self.links.push((self.html.len(), dest_url.into_string()));
            }
            Tag::HtmlBlock => self.push_html("<p class=\"dim\">"),
            _ => {}
        }
    }

    fn end_tag(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.push_html("</p>\n"),
            TagEnd::Heading(level) => self.push_html(heading_tags(level as usize).1),
            TagEnd::BlockQuote(_) => self.close_container("</blockquote>\n"),
            TagEnd::List(false) => self.close_container("</ul>\n"),
            TagEnd::List(true) => self.close_container("</ol>\n"),
            TagEnd::Item => self.close_container("</li>\n"),
            TagEnd::FootnoteDefinition => self.close_container("</div>\n"),
            TagEnd::CodeBlock => self.push_html("</pre>\n"),
            TagEnd::Table => self.push_html("</table></div>\n"),
            TagEnd::TableHead => {
                self.in_table_head = false;
                self.push_html("</tr>\n");
            }
            TagEnd::TableRow => self.push_html("</tr>\n"),
            TagEnd::TableCell => self.push_html(if self.in_table_head { "</th>" } else { "</td>" }),
            TagEnd::Emphasis => self.push_html("</em>"),
            TagEnd::Strong => self.push_html("</strong>"),
            TagEnd::Strikethrough => self.push_html("</del>"),
            TagEnd::Link => self.end_link(""),
            TagEnd::Image => self.end_link("]"),
            _ => {}
        }
    }

    fn open_container(&mut self, html: &str) {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            self.push_html(html);
        }
    }

    fn close_container(&mut self, html: &str) {
        if self.depth <= MAX_DEPTH {
            self.push_html(html);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn start_cell(&mut self) {
        let name = if self.in_table_head { "th" } else { "td" };
        let class = match self.columns.get(self.column) {
            Some(Alignment::Right) => " class=\"right\"",
            Some(Alignment::Center) => " class=\"center\"",
            Some(Alignment::Left | Alignment::None) | None => "",
        };
        self.column += 1;
        // A String takes everything.
        let _ = write!(self.html, "<{name}{class}>");
    }

    /// Says where it leads, unless its text does.
    fn end_link(&mut self, closing: &str) {
        let Some((from, url)) = self.links.pop() else { return };
        let address = escape(&Safe::line(&url));
        let says_it = self.html.get(from..) == Some(address.as_str());
        self.push_html(closing);
        self.push_html("</span>");
        if !says_it && !address.is_empty() {
            let _ = write!(self.html, " <span class=\"address\">({address})</span>");
        }
    }
}

/// Headings of a message stand below ours.
fn heading_tags(level: usize) -> (&'static str, &'static str) {
    match level {
        1 => ("<h4>", "</h4>\n"),
        2 => ("<h5>", "</h5>\n"),
        _ => ("<h6>", "</h6>\n"),
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
        for wanted in [
            "<h4>A</h4>",
            "<ul>\n<li>x <em>y</em><ol>\n<li>z</li>\n</ol>",
            "<p class=\"dim\">sql</p>\n<pre>select &#39;&lt;&#39;\n</pre>",
            "<tr><th>a</th><th class=\"right\">b</th></tr>",
            "<tr><td>1</td><td class=\"right\"><code>2</code></td></tr>",
        ] {
            assert!(page.contains(wanted), "{wanted} in\n{page}");
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
                        prop_assert!("div p h4 h5 h6 blockquote ul ol li pre code table tr th td em strong del span".split(' ').any(|ours| ours == name), "{}", name);
                        open.push(name);
                    }
                }
            }
            prop_assert!(open.is_empty(), "{:?} in {}", open, page);
        }
    }
}
