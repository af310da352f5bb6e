//! The lists of spans and of feedback, message by message.

use std::io::{self, Write};

use super::writer::ReportWriter;
use crate::commands::selection::{FailConditions, FilterCounts};
use crate::domain::{Feedback, Message, Sentiment, Span};
use crate::export::{ExportedMessage, ExportedThread, SpanDetails, Writer, rows, span_details, span_tree};
use crate::filter::SpanFilter;
use crate::text::{Safe, time};

/// One row per span.
pub(super) struct SpanList<'a> {
    pub writer: &'a mut ReportWriter,
    pub fail_conditions: &'a mut FailConditions,
    pub span_filter: &'a SpanFilter,
    pub counts: &'a mut FilterCounts,
}

impl Writer for SpanList<'_> {
    fn begin(&mut self, _: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        let item = ExportedMessage { document, number: 0, index: 0, raw: &[], message: &Message::default() };
        self.writer.write_header(&rows::span_row(&item, &Span::default(), &SpanDetails::default()))?;
        write_title(self.writer, document)
    }

    fn write_message(&mut self, _: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let selected = self.span_filter.select(&item.message.spans, (&item.message.id, item.raw));
        self.counts.spans += item.message.spans.len();
        self.counts.selected_spans += selected.len();
        if self.span_filter.is_empty() {
            self.fail_conditions.count(item.message);
        } else {
            self.fail_conditions.count_spans(&selected);
        }
        if self.writer.is_text() {
            if selected.is_empty() {
                return Ok(());
            }
            self.writer.write_line(&format!("{}  {}", item.number, Safe::line(&item.message.id)))?;
            let (lines, _) = span_tree::lines(&selected, usize::MAX);
            return lines.iter().try_for_each(|line| self.writer.write_line(&format!("  {line}")));
        }
        // A span keeps the depth that it has among all spans of its message.
        let spans = item.message.spans.iter().zip(span_details(item.message));
        let mut spans =
            spans.filter(|(span, _)| self.span_filter.matches(span, (&item.message.id, item.raw)));
        spans.try_for_each(|(span, details)| self.writer.write_row(rows::span_row(item, span, &details)))
    }
}

/// One row per piece of feedback.
pub(super) struct FeedbackList<'a> {
    pub writer: &'a mut ReportWriter,
    pub fail_conditions: &'a mut FailConditions,
}

impl Writer for FeedbackList<'_> {
    fn begin(&mut self, _: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        self.writer.write_header(&rows::feedback_row(
            document,
            (0, &Message::default()),
            &Feedback::default(),
        ))?;
        write_title(self.writer, document)
    }

    fn write_message(&mut self, _: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        self.fail_conditions.count(item.message);
        item.message.feedback.iter().try_for_each(|feedback| {
            self.writer.write_row(rows::feedback_row(
                item.document,
                (item.number, item.message),
                feedback,
            ))?;
            self.writer.write_line(&feedback_line(item, feedback))
        })
    }
}

/// Writes the id and title of the thread as a line.
pub(super) fn write_title(writer: &mut ReportWriter, document: &ExportedThread<'_>) -> io::Result<()> {
    let id = document.thread.id.as_deref().unwrap_or("(no id)");
    let title = document.thread.title.as_deref().unwrap_or_default();
    writer.write_line(
        format!("{}:{}  {}", document.provider.id(), Safe::line(id), Safe::line(title)).trim_end(),
    )
}

fn feedback_line(item: &ExportedMessage<'_>, feedback: &Feedback) -> String {
    let sign = match feedback.sentiment {
        Sentiment::Positive => "▲",
        Sentiment::Negative => "▼",
        Sentiment::Other => "◆",
    };
    let date = feedback.created_at.map(|time| time::date(time, &jiff::tz::TimeZone::UTC)).unwrap_or_default();
    let line = format!("  {sign} {}  {date:10}  {}", item.number, Safe::line(&feedback.description));
    line.trim_end().to_owned()
}
