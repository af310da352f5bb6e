//! The headings of a conversation: a rule above each message with its number, time, duration, tokens, cost and marks.

use crate::domain::{Message, MessageFlags, MessageSummary, Note, Role as Speaker, Status};
use crate::text::time::TimeFormat;
use crate::text::{Line, Safe, StyledRun, number, time, width};
use crate::theme::Role;
use crate::view::message::{role_style, role_symbol, sentiment_style, sentiment_symbol};

/// The maximum width of a note in a heading.
const MAX_NOTE_COLUMNS: usize = 40;

/// The inputs of a heading.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// The number of the message in its thread, from 1.
    pub number: usize,
    pub summary: &'a MessageSummary,
    /// The message in full, once it is read, for the tokens and the cost.
    pub message: Option<&'a Message>,
    pub time_format: &'a TimeFormat,
    /// Whether times need a date.
    pub show_date: bool,
    pub is_selected: bool,
    /// The tool whose result the message is, if it is known.
    pub call_name: Option<&'a str>,
    /// The number of folded messages below it.
    pub folded: usize,
    /// The user's notes on the message and its spans.
    pub notes: &'a [Note],
}

impl Heading<'_> {
    /// Builds the rule, `width` columns wide. Items that do not fit are omitted, the least important first.
    pub fn line(&self, width: usize) -> Line {
        // A result belongs to the call above it.
        let (dash, rule_style) = match (self.is_selected, self.summary.role == Speaker::Tool) {
            (true, _) => ("━", Role::Accent),
            (false, true) => ("╌", Role::Border),
            (false, false) => ("─", Role::Border),
        };
        let mut items = self.items();
        let columns_of =
            |items: &[Item]| items.iter().map(|item| width::columns(&item.text) + 3).sum::<usize>() + 2;
        while columns_of(&items) > width && items.len() > 1 {
            let least = (0..).zip(&items).max_by_key(|(_, item)| item.rank).map_or(0, |(index, _)| index);
            items.remove(least);
        }
        let mut runs = vec![StyledRun::new(dash, rule_style)];
        let mut used = 1;
        for item in &items {
            runs.push(StyledRun::new(&format!("{dash} "), rule_style));
            runs.push(StyledRun::new(&item.text, item.style));
            runs.push(StyledRun::new(" ", Role::Text));
            used += 3 + width::columns(&item.text);
        }
        runs.push(StyledRun::new(&dash.repeat(width.saturating_sub(used)), rule_style));
        Line::new(runs)
    }

    fn items(&self) -> Vec<Item> {
        let summary = self.summary;
        let number_style = if self.is_selected { Role::Strong } else { Role::Text };
        let mut items = vec![Item::new(self.number.to_string(), number_style, 0)];
        if summary.role != Speaker::Turn {
            let name = self.call_name.map(|name| Safe::line(name).into_string());
            let name = name.unwrap_or_else(|| summary.role.as_str().to_owned());
            items.push(Item::new(
                format!("{} {name}", role_symbol(summary.role)),
                role_style(summary.role),
                2,
            ));
        }
        if let Some(at) = summary.time {
            let text = if self.show_date {
                time::short(at, self.time_format)
            } else {
                time::time_of_day(at, self.time_format)
            };
            items.push(Item::new(text, Role::Dim, 3));
        }
        if let Some(ms) = summary.duration_ms {
            items.push(Item::new(number::duration(Some(ms.saturating_mul(1000))), Role::Dim, 4));
        }
        let usage = self.message.and_then(|message| message.usage.as_ref());
        if let Some(total) = usage.and_then(|usage| usage.total()) {
            items.push(Item::new(format!("{} tok", number::count(total)), Role::Dim, 5));
        }
        if let Some(cost) = usage.and_then(|usage| usage.cost_usd) {
            items.push(Item::new(number::money(cost), Role::Dim, 6));
        }
        items.extend(self.marks());
        items
    }

    /// Returns marks for the message's failures and its feedback.
    fn marks(&self) -> Vec<Item> {
        let summary = self.summary;
        let mut marks = Vec::new();
        if summary.read_error.is_some() {
            marks.push(Item::new("✗ unreadable".to_owned(), Role::Error, 1));
        }
        match summary.status {
            Status::Error => marks.push(Item::new("✗ failed".to_owned(), Role::Error, 1)),
            Status::Canceled => marks.push(Item::new("⊘ cancelled".to_owned(), Role::Warn, 1)),
            Status::Success | Status::Unknown if self.call_name.is_some() => {
                marks.push(Item::new("✓".to_owned(), Role::Ok, 1));
            }
            Status::Success | Status::Other | Status::Unknown => {}
        }
        if self.folded > 0 {
            marks.push(Item::new(format!("▸ {} folded", self.folded), Role::Accent, 1));
        }
        if summary.failed_span_count > 0 {
            let spans = number::pluralize(summary.failed_span_count as usize, "failed span");
            marks.push(Item::new(format!("! {spans}"), Role::Error, 1));
        }
        if summary.flags.contains(MessageFlags::EMPTY_ANSWER) {
            marks.push(Item::new("empty answer".to_owned(), Role::Warn, 1));
        }
        // The note on the message itself is the first one.
        marks.extend(self.notes.first().map(|note| Item::new(note_mark(note), Role::Accent, 1)));
        if let Some(sentiment) = summary.sentiment {
            let symbol = sentiment_symbol(sentiment).to_owned();
            marks.push(Item::new(symbol, sentiment_style(sentiment), 1));
        }
        marks
    }
}

/// Returns the symbol of a note and the beginning of its text; for a note on a span, only the symbol.
fn note_mark(note: &Note) -> String {
    let text = if note.place.span_id.is_some() { "" } else { note.text.as_str() };
    let text = Safe::line(text);
    let (cut, _) = width::ellipsize(text.as_str(), MAX_NOTE_COLUMNS);
    format!("✎ {cut}").trim_end().to_owned()
}

/// A part of a heading. Parts with the highest rank are omitted first.
struct Item {
    text: String,
    style: Role,
    rank: u8,
}

impl Item {
    fn new(text: String, style: Role, rank: u8) -> Self {
        Self { text, style, rank }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Raw, Sentiment, Timestamp, Usage};
    use jiff::tz::TimeZone;

    fn plain(width: usize, is_selected: bool) -> String {
        let summary = MessageSummary {
            role: Speaker::Turn,
            time: Some(Timestamp(1_789_478_400_000_000)),
            duration_ms: Some(4100),
            sentiment: Some(Sentiment::Positive),
            ..MessageSummary::blank(Raw::default(), 1)
        };
        let usage = Usage { total_tokens: Some(2014), cost_usd: Some(0.0059), ..Usage::default() };
        let message = Message { usage: Some(usage), ..Message::default() };
        let time_format = TimeFormat::from(TimeZone::UTC);
        let heading = Heading {
            number: 2,
            summary: &summary,
            message: Some(&message),
            time_format: &time_format,
            show_date: false,
            is_selected,
            call_name: None,
            folded: 0,
            notes: &[],
        };
        heading.line(width).plain_text()
    }

    #[test]
    fn a_heading_fills_its_width_and_leaves_out_the_least_important_items() {
        assert_eq!(plain(60, false), "── 2 ─ 13:20:00 ─ 4.1 s ─ 2,014 tok ─ $0.0059 ─ ▲ ──────────");
        assert_eq!(plain(30, true), "━━ 2 ━ 13:20:00 ━ 4.1 s ━ ▲ ━━");
        assert_eq!(plain(12, false), "── 2 ─ ▲ ───");
        for width in 12..90 {
            assert_eq!(width::columns(&plain(width, false)), width);
        }
    }
}
