//! The contents of the page: an entry per message, with links to its failed spans, and links from problem to problem.

use std::io::{self, Write};

use super::escape;
use super::trace::FailedSpan;
use crate::domain::Message;
use crate::export::ExportedThread;
use crate::text::Safe;

/// The id of the contents; every id of the page begins with `m`.
pub(super) const ID: &str = "messages";
/// The maximum number of characters in an entry's text.
const MAX_CHARS: usize = 80;
/// The maximum number of linked spans of an entry.
const MAX_SPANS: usize = 8;

/// Collects the contents while the messages are written, when their text has been redacted.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    entries: String,
    /// The numbers of messages with an error, a failed span or negative feedback, ascending.
    problems: Vec<usize>,
    /// Whether no message is exported.
    is_empty: bool,
}

impl Contents {
    /// Finds the problems of a thread.
    pub(super) fn new(document: &ExportedThread<'_>) -> Self {
        let summaries = document.summaries.iter().enumerate();
        let mut exported = summaries.filter(|(_, summary)| (document.filter)(summary)).peekable();
        let is_empty = exported.peek().is_none();
        let problems =
            exported.filter(|(_, summary)| summary.has_problem() || summary.has_negative_feedback());
        Self { entries: String::new(), problems: problems.map(|(index, _)| index + 1).collect(), is_empty }
    }

    /// Returns whether a message has a problem.
    pub(super) fn is_problem(&self, number: usize) -> bool {
        self.problems.binary_search(&number).is_ok()
    }

    /// Adds a message: its number, role, first line and failed spans.
    pub(super) fn add(&mut self, number: usize, message: &Message, failed: &[FailedSpan]) {
        let mut label = Safe::line(message.role_name()).into_string();
        let blocks = message.sides.iter().flat_map(|side| &side.blocks);
        let line = blocks.filter_map(|block| block.plain_text()).flat_map(str::lines);
        if let Some(line) = line.map(str::trim).find(|line| !line.is_empty()) {
            let mut chars = line.chars();
            let start: String = chars.by_ref().take(MAX_CHARS).collect();
            let rest = if chars.next().is_some() { "…" } else { "" };
            label.push_str(&format!(": {}{rest}", Safe::line(&start)));
        }
        self.add_entry(number, &label, failed);
    }

    /// Adds a message that could not be read.
    pub(super) fn add_unreadable(&mut self, number: usize) {
        self.add_entry(number, "unreadable", &[]);
    }

    fn add_entry(&mut self, number: usize, label: &str, failed: &[FailedSpan]) {
        let class = if self.is_problem(number) { " class=\"error\"" } else { "" };
        self.entries.push_str(&format!("<li><a{class} href=\"#m{number}\">{number} {}</a>", escape(label)));
        for span in failed.iter().take(MAX_SPANS) {
            self.entries.push_str(&format!(
                " <a class=\"error\" href=\"#{}\">✗ {}</a>",
                span.id,
                escape(&span.name)
            ));
        }
        self.entries.push_str("</li>\n");
    }

    /// Writes links to the contents and to the first problem.
    pub(super) fn write_start_links(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_empty {
            return Ok(());
        }
        write!(out, "<p class=\"jumps\"><a href=\"#{ID}\">Contents</a>")?;
        if let Some(first) = self.problems.first() {
            let count = self.problems.len();
            write!(out, " <a href=\"#m{first}\">First problem: {first}</a> <span>({count} in total)</span>")?;
        }
        writeln!(out, "</p>")
    }

    /// Writes links from a message with a problem to the problems before and after it.
    pub(super) fn write_problem_links(&self, out: &mut dyn Write, number: usize) -> io::Result<()> {
        let Ok(position) = self.problems.binary_search(&number) else { return Ok(()) };
        let before = position.checked_sub(1).and_then(|before| self.problems.get(before));
        let after = self.problems.get(position + 1);
        if before.is_none() && after.is_none() {
            return Ok(());
        }
        write!(out, "<p class=\"jumps\">")?;
        for (problem, words) in [(before, "↑ previous problem"), (after, "↓ next problem")] {
            if let Some(problem) = problem {
                write!(out, "<a href=\"#m{problem}\">{words}: {problem}</a> ")?;
            }
        }
        writeln!(out, "</p>")
    }

    /// Writes the entries.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_empty {
            return Ok(());
        }
        writeln!(out, "<nav id=\"{ID}\" aria-label=\"Contents\">\n<h2>Contents</h2>\n<ul>")?;
        writeln!(out, "{}</ul>\n</nav>", self.entries)
    }
}
