//! A turn's spans as lines of text, indented by depth.

use crate::domain::{Span, SpanError};
use crate::text::{Safe, number};
use crate::trace::{Flags, Forest};

/// Spans of one message that are shown where they are not what it is about.
pub(super) const MAX_SPANS: usize = 200;

/// How deep it is indented at most.
const MAX_INDENT_DEPTH: usize = 24;

/// The lines of so many spans, and how many spans failed. What passes the limit is told in the last line.
pub fn lines(spans: &[Span], most: usize) -> (Vec<String>, usize) {
    let forest = Forest::new(spans);
    let failed = forest.nodes().iter().filter(|node| node.flags.contains(Flags::FAILED)).count();
    let shown = forest.nodes().iter().take(most).filter_map(|node| {
        let indent = "  ".repeat((node.depth as usize).min(MAX_INDENT_DEPTH));
        Some(format!("{indent}{}", span_line(spans.get(node.span as usize)?, node.flags)))
    });
    let mut lines: Vec<String> = shown.collect();
    if forest.len() > most {
        lines.push(format!("… and {} more", forest.len() - most));
    }
    (lines, failed)
}

fn span_line(span: &Span, flags: Flags) -> String {
    let mut text = format!("{} {}", status_symbol(flags), Safe::line(&span.name));
    if span.operation != span.name {
        text.push_str(&format!(" [{}]", Safe::line(&span.operation)));
    }
    text.push_str(&format!(" {}", number::duration(span.duration_micros())));
    if let Some(error) = &span.error {
        text.push_str(&format!(" ({})", error_line(error)));
    }
    text
}

/// How it ended, as one sign.
pub(super) fn status_symbol(flags: Flags) -> &'static str {
    if flags.contains(Flags::FAILED) {
        "✗"
    } else if flags.contains(Flags::CANCELED) {
        "⊘"
    } else if flags.contains(Flags::UNFINISHED) {
        "…"
    } else {
        "•"
    }
}

/// Why something failed, in one line.
pub(super) fn error_line(error: &SpanError) -> String {
    let kind = if error.kind.is_empty() { "error" } else { &error.kind };
    Safe::line(&format!("{kind}: {}", error.message)).into_string()
}
