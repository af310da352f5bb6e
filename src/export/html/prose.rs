//! Markdown as HTML: headings, lists, quotes, code and tables. Raw HTML stays text, images are named and not loaded, and
//! a link is its text with its address behind it: nothing in the page leads out of it.

use std::fmt::Write as _;
use std::io::{self, Write};

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::escaped;
use crate::text::{Safe, markdown};

/// Containers inside each other that are drawn; deeper ones are one with the last.
const DEEPEST: usize = 24;

/// Writes text for people.
pub(super) fn write(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let safe = Safe::text(text);
    if text.len() > markdown::LIMIT {
        return writeln!(out, "<div class=\"text\">{}</div>", escaped(&safe));
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let mut page = Page::default();
    for event in Parser::new_ext(&safe, options) {
        page.event(event);
    }
    writeln!(out, "<div class=\"prose\">\n{}</div>", page.html)
}

#[derive(Default)]
struct Page {
    html: String,
    /// Open lists, items, quotes and notes.
    depth: usize,
    /// Open links and images: where the text of each began, and where it leads.
    links: Vec<(usize, String)>,
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
}

impl Page {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
            Event::Code(text) => {
                self.own("<code>");
                self.text(&text);
                self.own("</code>");
            }
            Event::SoftBreak | Event::HardBreak => self.own("<br>\n"),
            Event::Rule => self.own("<hr>\n"),
            Event::FootnoteReference(label) => self.text(&format!("[^{label}]")),
            Event::TaskListMarker(done) => self.own(if done { "☑ " } else { "☐ " }),
        }
    }

    fn own(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// What the source says; character references may have brought in what the gate keeps out.
    fn text(&mut self, text: &str) {
        self.html.push_str(&escaped(&Safe::text(text)));
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.own("<p>"),
            Tag::Heading { level, .. } => self.own(heading(level as usize).0),
            Tag::BlockQuote(_) => self.open("<blockquote>\n"),
            Tag::List(None) => self.open("<ul>\n"),
            Tag::List(Some(1)) => self.open("<ol>\n"),
            Tag::List(Some(first)) => self.open(&format!("<ol start=\"{first}\">\n")),
            Tag::Item => self.open("<li>"),
            Tag::FootnoteDefinition(label) => {
                self.open("<div>");
                self.text(&format!("[^{label}] "));
            }
            Tag::CodeBlock(kind) => {
                if let CodeBlockKind::Fenced(info) = kind
                    && let Some(language) = info.split([' ', ',']).next().filter(|name| !name.is_empty())
                {
                    self.own("<p class=\"dim\">");
                    self.text(language);
                    self.own("</p>\n");
                }
                self.own("<pre>");
            }
            Tag::Table(columns) => {
                self.columns = columns;
                self.own("<div class=\"wide\"><table>\n");
            }
            Tag::TableHead => {
                (self.column, self.in_head) = (0, true);
                self.own("<tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.own("<tr>");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.own("<em>"),
            Tag::Strong => self.own("<strong>"),
            Tag::Strikethrough => self.own("<del>"),
            Tag::Link { dest_url, .. } => {
                self.own("<span class=\"link\">");
                self.links.push((self.html.len(), dest_url.into_string()));
            }
            Tag::Image { dest_url, .. } => {
                self.own("<span class=\"link\">[image: ");
                self.links.push((self.html.len(), dest_url.into_string()));
            }
            Tag::HtmlBlock => self.own("<p class=\"dim\">"),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.own("</p>\n"),
            TagEnd::Heading(level) => self.own(heading(level as usize).1),
            TagEnd::BlockQuote(_) => self.close("</blockquote>\n"),
            TagEnd::List(false) => self.close("</ul>\n"),
            TagEnd::List(true) => self.close("</ol>\n"),
            TagEnd::Item => self.close("</li>\n"),
            TagEnd::FootnoteDefinition => self.close("</div>\n"),
            TagEnd::CodeBlock => self.own("</pre>\n"),
            TagEnd::Table => self.own("</table></div>\n"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.own("</tr>\n");
            }
            TagEnd::TableRow => self.own("</tr>\n"),
            TagEnd::TableCell => self.own(if self.in_head { "</th>" } else { "</td>" }),
            TagEnd::Emphasis => self.own("</em>"),
            TagEnd::Strong => self.own("</strong>"),
            TagEnd::Strikethrough => self.own("</del>"),
            TagEnd::Link => self.end_link(""),
            TagEnd::Image => self.end_link("]"),
            _ => {}
        }
    }

    fn open(&mut self, html: &str) {
        self.depth += 1;
        if self.depth <= DEEPEST {
            self.own(html);
        }
    }

    fn close(&mut self, html: &str) {
        if self.depth <= DEEPEST {
            self.own(html);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn cell(&mut self) {
        let name = if self.in_head { "th" } else { "td" };
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
        let address = escaped(&Safe::line(&url));
        let says_it = self.html.get(from..) == Some(address.as_str());
        self.own(closing);
        self.own("</span>");
        if !says_it && !address.is_empty() {
            let _ = write!(self.html, " <span class=\"address\">({address})</span>");
        }
    }
}

/// Headings of a message stand below ours.
fn heading(level: usize) -> (&'static str, &'static str) {
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

    fn html(text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn headings_lists_code_and_tables_are_drawn() {
        let page =
            html("# A\n\n- x *y*\n  1. z\n\n```sql\nselect '<'\n```\n\n| a | b |\n|---|--:|\n| 1 | `2` |\n");
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
    fn a_link_is_its_text_and_its_address_and_an_image_is_not_loaded() {
        let page = html("[here](javascript:alert(1)) <https://a.example> ![p](//evil.example/p.png)");
        assert!(page.contains("here</span> <span class=\"address\">(javascript:alert(1))</span>"), "{page}");
        assert!(page.contains("<span class=\"link\">https://a.example</span>"), "{page}");
        assert!(page.contains("[image: p]</span> <span class=\"address\">(//evil.example/p.png)"), "{page}");
        assert!(!page.contains("href") && !page.contains("<img"));
    }

    #[test]
    fn html_stays_text_and_references_pass_the_gate() {
        let page = html("a <b onclick=x>b</b> &#x1b;[31m &lt;i&gt;\n\n<script>\nalert(1)\n</script>\n");
        assert!(page.contains("a &lt;b onclick=x&gt;b&lt;/b&gt; "), "{page}");
        assert!(page.contains("&lt;i&gt;") && page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains('\u{1b}'), "{page}");
    }

    proptest! {
        #[test]
        fn every_tag_is_one_of_ours_and_is_closed(text in "([a1 *_`>#|\\[\\]()!<&;~\n-]|    |- |1\\. |```|\\|-\\||<b>|<!--|&#27;|\\[\\^a\\]: )*") {
            let page = html(&text);
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
