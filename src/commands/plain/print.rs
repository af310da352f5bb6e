//! The output of the plain mode about a thread and its messages.

use super::{PlainSession, print_sanitized, spoken_text};
use crate::domain::{Message, MessageSummary, Sentiment, Span, SpanPart};
use crate::json;
use crate::text::{number, time};
use crate::trace::Forest;

/// The maximum number of JSON bytes to print of one message.
const MAX_RAW_BYTES: usize = 64 * 1024;

impl PlainSession<'_> {
    pub(super) fn print_thread_info(&self) {
        let Some(thread) = &self.thread else { return print_sanitized("No thread is open.") };
        let title = thread.thread.title.as_deref().unwrap_or("untitled");
        let errors = thread.summaries.iter().filter(|summary| summary.has_problem()).count();
        let rated = thread.summaries.iter().filter(|summary| summary.sentiment.is_some()).count();
        print_sanitized(&format!("Thread: {title}."));
        print_sanitized(&format!(
            "{}, {errors} with errors, {rated} with feedback.",
            number::pluralize(thread.summaries.len(), "message")
        ));
        for warning in &thread.body_summary.warnings {
            print_sanitized(&format!("Warning: {warning}."));
        }
    }

    pub(super) fn print_message(&self) {
        let Some(summary) = self.summary(self.position) else {
            return print_sanitized("This thread has no messages.");
        };
        print_sanitized(&format!(
            "Message {} of {}: {}",
            self.position + 1,
            self.message_count(),
            self.describe_message(summary)
        ));
        if let Some(error) = &summary.read_error {
            return print_sanitized(&format!("Unreadable: {}. Type r for the raw JSON.", error.reason));
        }
        let Some(message) = self.read_message() else { return };
        if let Some(error) = &message.error {
            print_sanitized(&format!("Error: {} {}", error.kind, error.message));
        }
        for side in &message.sides {
            let (text, note) = spoken_text::side_text(side);
            if let Some(note) = note {
                print_sanitized(&format!("({note})"));
            }
            let text = if text.is_empty() { "(no text)" } else { text.as_str() };
            print_sanitized(&format!("{}:\n{text}", side.role_text.as_deref().unwrap_or(side.role.as_str())));
        }
    }

    fn describe_message(&self, summary: &MessageSummary) -> String {
        let mut facts = vec![summary.role.as_str().to_owned()];
        facts.extend(summary.time.map(|time| time::full(time, &self.time_format)));
        facts.extend(summary.duration_ms.map(|ms| number::duration(Some(ms.saturating_mul(1000)))));
        if summary.status.is_problem() {
            facts.push(format!("{:?}", summary.status).to_lowercase());
        }
        match summary.sentiment {
            Some(Sentiment::Positive) => facts.push("positive feedback".to_owned()),
            Some(Sentiment::Negative) => facts.push("negative feedback".to_owned()),
            Some(Sentiment::Other) => facts.push("feedback".to_owned()),
            None => {}
        }
        if summary.span_count > 0 {
            facts.push(number::pluralize(summary.span_count as usize, "span"));
        }
        facts.join(", ")
    }

    pub(super) fn print_spans(&self) {
        let Some(message) = self.read_message().filter(|message| !message.spans.is_empty()) else {
            return print_sanitized("This message has no spans.");
        };
        let forest = Forest::new(&message.spans);
        for (number, node) in forest.nodes().iter().enumerate() {
            if let Some(span) = message.spans.get(node.span as usize) {
                print_sanitized(&describe_span(number + 1, node.depth, span));
            }
        }
    }

    /// Returns the span with this number in the list of spans.
    pub(super) fn find_span<'m>(&self, message: &'m Message, number: &str) -> Option<&'m Span> {
        let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let forest = Forest::new(&message.spans);
        let node = index.and_then(|index| forest.nodes().get(index));
        let span = node.and_then(|node| message.spans.get(node.span as usize));
        if span.is_none() {
            print_sanitized(&format!("No span {number}. Type s for the list."));
        }
        span
    }

    /// Prints all parts of a span, by its number in the span list.
    pub(super) fn print_span(&self, number: &str) {
        let (Some(summary), Some(message)) = (self.summary(self.position), self.read_message()) else {
            return;
        };
        let Some(span) = self.find_span(&message, number) else { return };
        print_sanitized(&format!("Span {number}: {}, {}", span.name, span.operation));
        for part in SpanPart::ALL {
            let raw = summary.raw.bytes_in(part.byte_range(span));
            let text = if raw.is_empty() { "nothing".to_owned() } else { json::pretty(raw, MAX_RAW_BYTES) };
            print_sanitized(&format!("{}: {text}", part.title()));
        }
    }

    pub(super) fn print_feedback(&self) {
        let Some(message) = self.read_message().filter(|message| !message.feedback.is_empty()) else {
            return print_sanitized("This message has no feedback.");
        };
        for feedback in &message.feedback {
            let text =
                if feedback.description.is_empty() { "(no text)" } else { feedback.description.as_str() };
            print_sanitized(&format!("Feedback, {}: {text}", feedback.sentiment_text));
        }
    }

    pub(super) fn print_raw(&self) {
        if let Some(summary) = self.summary(self.position) {
            print_sanitized(&json::pretty(summary.raw.bytes(), MAX_RAW_BYTES));
        }
    }
}

fn describe_span(number: usize, depth: u32, span: &Span) -> String {
    let status = if span.is_failed() { ", failed" } else { "" };
    let error =
        span.error.as_ref().map(|error| format!(": {} {}", error.kind, error.message)).unwrap_or_default();
    let duration = number::duration(span.duration_micros());
    format!(
        "Span {number}, level {}: {}, {}, {duration}{status}{error}",
        depth + 1,
        span.name,
        span.operation
    )
}
