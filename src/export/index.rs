//! The page that lists the exported threads of a folder, as HTML or Markdown.

use std::io::{self, Write};

use super::html::{escape, write_head};
use super::markdown::escape_inline;
use super::metadata::format_time;
use crate::domain::Timestamp;
use crate::text::{Safe, number};

/// A thread of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexEntry {
    /// The file, relative to the index: letters, digits, dots, dashes and slashes.
    pub path: String,
    /// The title; empty if the thread has none. Untrusted.
    pub title: String,
    /// The application and variant, or the origin. Untrusted.
    pub place: String,
    pub updated_at: Option<Timestamp>,
    pub messages: usize,
    /// Whether a part of the thread could not be read.
    pub is_incomplete: bool,
}

impl IndexEntry {
    fn title(&self) -> Safe<'_> {
        Safe::line(if self.title.trim().is_empty() { "(no title)" } else { &self.title })
    }

    fn updated(&self) -> String {
        self.updated_at.map(format_time).unwrap_or_default()
    }

    fn messages(&self) -> String {
        let mark = if self.is_incomplete { " (incomplete)" } else { "" };
        format!("{}{mark}", number::count(self.messages))
    }
}

/// Writes the index as HTML, in the style of the threads.
///
/// # Errors
/// The errors of `out`.
pub fn write_html_index(out: &mut dyn Write, entries: &[IndexEntry]) -> io::Result<()> {
    let title = number::pluralize(entries.len(), "thread");
    write_head(out, &escape(&title), "")?;
    writeln!(
        out,
        "</header>\n<main>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Threads\">"
    )?;
    writeln!(out, "<table>\n<thead><tr><th scope=\"col\">Updated</th><th scope=\"col\">Messages</th>")?;
    writeln!(out, "<th scope=\"col\">Thread</th><th scope=\"col\">Application</th></tr></thead>\n<tbody>")?;
    for entry in entries {
        writeln!(
            out,
            "<tr><td>{}</td><td class=\"right\">{}</td><td><a href=\"{}\">{}</a></td><td>{}</td></tr>",
            escape(&entry.updated()),
            escape(&entry.messages()),
            escape(&entry.path),
            escape(&entry.title()),
            escape(&Safe::line(&entry.place)),
        )?;
    }
    writeln!(out, "</tbody>\n</table>\n</div>\n</main>\n</body>\n</html>")
}

/// Writes the index as Markdown.
///
/// # Errors
/// The errors of `out`.
pub fn write_markdown_index(out: &mut dyn Write, entries: &[IndexEntry]) -> io::Result<()> {
    writeln!(out, "# {}\n", number::pluralize(entries.len(), "thread"))?;
    writeln!(out, "| Updated | Messages | Thread | Application |\n|---|---:|---|---|")?;
    entries.iter().try_for_each(|entry| {
        writeln!(
            out,
            "| {} | {} | [{}]({}) | {} |",
            entry.updated(),
            entry.messages(),
            escape_inline(&entry.title()),
            entry.path,
            escape_inline(&Safe::line(&entry.place)),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<IndexEntry> {
        let hostile = "<script>x</script> | [a](javascript:b) \u{1b}[31m\u{202e}";
        vec![
            IndexEntry {
                path: "sgp/2026-09/lamp-8c5e.html".to_owned(),
                title: hostile.to_owned(),
                place: hostile.to_owned(),
                updated_at: Some(Timestamp(1_788_253_201_500_000)),
                messages: 1_234,
                is_incomplete: true,
            },
            IndexEntry { path: "b.html".to_owned(), ..IndexEntry::default() },
        ]
    }

    fn written(write: fn(&mut dyn Write, &[IndexEntry]) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out, &entries()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_html_index_links_every_thread_and_hostile_titles_are_text() {
        let page = written(write_html_index);
        assert!(page.contains("<a href=\"sgp/2026-09/lamp-8c5e.html\">&lt;script&gt;"), "{page}");
        assert!(
            page.contains("<a href=\"b.html\">(no title)</a>") && page.contains("1,234 (incomplete)"),
            "{page}"
        );
        assert!(
            !page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{202e}'),
            "{page}"
        );
    }

    #[test]
    fn the_markdown_index_has_a_row_for_every_thread_and_hostile_titles_are_text() {
        let page = written(write_markdown_index);
        assert_eq!(page.lines().filter(|line| line.starts_with("| ")).count(), 3, "{page}");
        assert!(page.contains("](sgp/2026-09/lamp-8c5e.html) |"), "{page}");
        assert!(!page.contains("[a](javascript:b)") && !page.contains("<script>"), "{page}");
        assert!(!page.contains('\u{1b}'), "{page}");
    }
}
