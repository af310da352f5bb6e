//! The lists: spans and feedback, message by message.

use std::io::{self, Write};

use super::sheet::Sheet;
use crate::domain::{Feedback, Message, Sentiment};
use crate::export::{Document, Item, Lost, Writer, depths, outline, rows};
use crate::runtime::script::choice::Grounds;
use crate::text::{Safe, time};

/// A row a span.
pub(super) struct SpanList<'a> {
    pub sheet: &'a mut Sheet,
    pub found: &'a mut Grounds,
}

impl Writer for SpanList<'_> {
    fn begin(&mut self, _: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        let item = Item { number: 0, index: 0, raw: &[], message: &Message::default() };
        self.sheet.head(&rows::span(document, &item, &crate::domain::Span::default(), None))?;
        title(self.sheet, document)
    }

    fn message(&mut self, _: &mut dyn Write, document: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        let spans = &item.message.spans;
        self.found.look(item.message);
        if self.sheet.is_text() {
            if spans.is_empty() {
                return Ok(());
            }
            self.sheet.line(&format!("{}  {}", item.number, Safe::line(&item.message.id)))?;
            let (lines, _) = outline::lines(spans, usize::MAX);
            return lines.iter().try_for_each(|line| self.sheet.line(&format!("  {line}")));
        }
        let mut depths = depths(spans).into_iter();
        spans.iter().try_for_each(|span| {
            let depth = depths.next().flatten();
            self.sheet.row(rows::span(document, item, span, depth))
        })
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, _: &Lost<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// A row a piece of feedback.
pub(super) struct FeedbackList<'a> {
    pub sheet: &'a mut Sheet,
    pub found: &'a mut Grounds,
}

impl Writer for FeedbackList<'_> {
    fn begin(&mut self, _: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        self.sheet.head(&rows::feedback(document, (0, &Message::default()), &Feedback::default()))?;
        title(self.sheet, document)
    }

    fn message(&mut self, _: &mut dyn Write, document: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        self.found.look(item.message);
        item.message.feedback.iter().try_for_each(|one| {
            self.sheet.row(rows::feedback(document, (item.number, item.message), one))?;
            self.sheet.line(&opinion(item, one))
        })
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, _: &Lost<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// Which thread the lines below are of.
pub(super) fn title(sheet: &mut Sheet, document: &Document<'_>) -> io::Result<()> {
    let id = document.thread.id.as_deref().unwrap_or("(no id)");
    let title = document.thread.title.as_deref().unwrap_or_default();
    sheet
        .line(format!("{}:{}  {}", document.provider.service(), Safe::line(id), Safe::line(title)).trim_end())
}

fn opinion(item: &Item<'_>, feedback: &Feedback) -> String {
    let sign = match feedback.sentiment {
        Sentiment::Positive => "+",
        Sentiment::Negative => "-",
        Sentiment::Other => "?",
    };
    let when = feedback.created_at.map(|at| time::date(at, &jiff::tz::TimeZone::UTC)).unwrap_or_default();
    let text = format!("  {sign} {}  {when:10}  {}", item.number, Safe::line(&feedback.description));
    text.trim_end().to_owned()
}
