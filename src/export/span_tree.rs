//! A turn's spans as lines of text, indented by depth.

use crate::domain::{Span, SpanError};
use crate::text::{Safe, number};
use crate::trace::{Flags, Forest};

/// The maximum number of spans of a message that a conversation shows.
pub(super) const MAX_SPANS: usize = 200;

/// The depth from which spans are not indented further.
const MAX_INDENT_DEPTH: usize = 24;

/// Returns the lines of at most `max` spans, with a last line about further ones, and the number of failed spans.
pub fn lines(spans: &[Span], max: usize) -> (Vec<String>, usize) {
    let forest = Forest::new(spans);
    let failed = failed_count(&forest);
    let shown = forest.nodes().iter().take(max).filter_map(|node| {
        let indent = "  ".repeat((node.depth as usize).min(MAX_INDENT_DEPTH));
        Some(format!("{indent}{}", span_line(spans.get(node.span as usize)?, node.flags)))
    });
    let mut lines: Vec<String> = shown.collect();
    if forest.len() > max {
        lines.push(format!("… and {} more", forest.len() - max));
    }
    (lines, failed)
}

/// Returns the number of failed spans.
pub(super) fn failed_count(forest: &Forest) -> usize {
    forest.nodes().iter().filter(|node| node.flags.contains(Flags::FAILED)).count()
}

/// Returns the number of spans and of failed ones: `13 spans, 2 failed`.
pub(super) fn title(spans: &[Span], failed: usize) -> String {
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{}{failed}", number::pluralize(spans.len(), "span"))
}

fn span_line(span: &Span, flags: Flags) -> String {
    let mut text = format!("{} {}", status_symbol(flags), Safe::line(&span.name));
    if span.operation != span.name {
        text.push_str(&format!(" [{}]", Safe::line(&span.operation)));
    }
    text.push_str(&format!(" {}", number::duration(span.duration_micros())));
    let outside = [
        (Flags::STARTS_BEFORE_PARENT, "starts before its parent"),
        (Flags::ENDS_AFTER_PARENT, "ends after its parent"),
    ];
    for (_, words) in outside.iter().filter(|(flag, _)| flags.contains(*flag)) {
        text.push_str(&format!(" [{words}]"));
    }
    if let Some(error) = &span.error {
        text.push_str(&format!(" ({})", error_line(error)));
    }
    text
}

/// Returns a symbol for the outcome of a span.
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

/// Formats an error on one line.
pub(super) fn error_line(error: &SpanError) -> String {
    let kind = if error.kind.is_empty() { "error" } else { &error.kind };
    Safe::line(&format!("{kind}: {}", error.message)).into_string()
}
