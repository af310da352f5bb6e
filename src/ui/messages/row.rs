//! A row of the message list, of one line or two.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::messages::folds::FoldedReplies;
use crate::domain::{MessageFlags, MessageSummary, Role as Speaker, Sentiment, SortKey, Status};
use crate::json;
use crate::layout::Pane;
use crate::text::{Safe, number, time, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::view::message::{role_style, role_symbol, sentiment_symbol};
use crate::view::thread::OpenThread;

/// The maximum number of bytes in a message's text that its row decodes for each column: those of a letter with its marks.
const PREVIEW_BYTES_PER_COLUMN: usize = 8;
/// The maximum number of characters that a row sanitizes for each column.
const PREVIEW_CHARS_PER_COLUMN: usize = 4;
/// The bytes decoded in addition: Markdown, blank lines and escapes before the text.
const PREVIEW_MARGIN: usize = 64;

/// The minimum width of a row with the time.
const MIN_TIME_COLUMNS: usize = 34;

/// The minimum width of a row with both the day and the time; narrower rows show the day instead of the time.
const MIN_DAY_COLUMNS: usize = 44;

/// The longest usual duration, such as `999 ms`.
const VALUE_COLUMNS: usize = 6;

/// The longest usual cost, such as `$0.0061`.
const COST_COLUMNS: usize = 7;

/// The bars of values, by their share of the largest value.
const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The widths of the columns, the same for every row in view; 0 hides a column.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    number: usize,
    /// The day of the first message of a day.
    day: usize,
    time: usize,
    value: usize,
    /// The value in the last column: the duration, or the value that the list is sorted by.
    key: SortKey,
    largest: f64,
}

impl Columns {
    /// Returns the columns for rows of this width.
    pub fn fit(app: &App, thread: &OpenThread, width: usize) -> Self {
        let times = thread.summaries.get(0).and_then(|first| first.time);
        let time = times.map_or(0, |at| width::columns(&time::minute(at, &app.prefs.time_format)));
        let has_days = thread.spans_multiple_days();
        let sorted = app.shown().sorted_by().filter(|(key, _)| *key != SortKey::Time);
        let slowest = (SortKey::Duration, thread.totals.slowest_ms as f64);
        let (key, largest) = sorted.map_or(slowest, |(key, sorted)| (key, sorted.largest));
        Self {
            number: thread.summaries.len().max(1).ilog10() as usize + 1,
            day: if has_days && width >= MIN_DAY_COLUMNS { 6 } else { 0 },
            time: match width {
                MIN_TIME_COLUMNS.. => time.max(if has_days { 6 } else { 0 }),
                _ => 0,
            },
            value: match key {
                SortKey::Cost => COST_COLUMNS,
                SortKey::Duration | SortKey::Tokens if largest > 0.0 => VALUE_COLUMNS,
                SortKey::Duration | SortKey::Tokens | SortKey::Time => 0,
            },
            key,
            largest,
        }
    }
}

/// One row of the list.
pub struct MessageRow<'a> {
    app: &'a App,
    summary: &'a MessageSummary,
    columns: Columns,
    /// The number of the message in its thread, from 1.
    number: usize,
    /// The value in the last column, if it is known.
    value: Option<f64>,
    /// The number of search hits in the message.
    hits: u32,
    /// Whether the row above is of the same day.
    continues_day: bool,
    is_selected: bool,
    /// Whether the message is a question; if so, whether it is folded.
    fold: Option<bool>,
    /// The replies that the folded question hides.
    folded: Option<FoldedReplies>,
    /// Whether the message is a reply below a question.
    is_reply: bool,
}

impl<'a> MessageRow<'a> {
    /// Creates the content of a row of the list.
    pub fn new(app: &'a App, columns: Columns, row: usize) -> Option<Self> {
        let position = app.shown().position_at(row);
        let summary = app.shown().summary_at(position)?;
        let index = app.shown().thread_index_at(position)?;
        let day_of = |summary: &MessageSummary| Some(time::date(summary.time?, &app.prefs.time_format));
        let above = row.checked_sub(1).filter(|above| *above >= app.list.offset);
        let above = above.and_then(|above| app.shown().summary_at(app.shown().position_at(above)));
        Some(Self {
            app,
            summary,
            columns,
            number: index + 1,
            value: match app.shown().sorted_by() {
                Some((SortKey::Duration | SortKey::Tokens | SortKey::Cost, _)) => {
                    app.shown().sort_value_at(index)
                }
                Some((SortKey::Time, _)) | None => {
                    summary.duration_ms.filter(|ms| *ms >= 0).map(|ms| ms as f64)
                }
            },
            hits: app.shown().hits_at(index),
            continues_day: above.is_some_and(|above| day_of(above) == day_of(summary)),
            is_selected: position == app.list.selected,
            fold: app.shown().question_fold(index),
            folded: app.shown().folded_replies(index),
            is_reply: app.shown().is_reply(index),
        })
    }

    /// Draws the row.
    pub fn draw(&self, painter: &mut Painter<'_>, cells: Rect) {
        self.draw_content(painter, cells);
        if self.is_selected {
            painter.select(cells, self.app.screen.focus == Pane::Messages && self.app.overlay.is_none());
        }
    }

    fn draw_content(&self, painter: &mut Painter<'_>, cells: Rect) {
        let mut pen = Pen::between(cells.x + 1, cells.right(), cells.y);
        self.draw_number_and_time(painter, &mut pen);
        if cells.height < 2 {
            self.draw_value(painter, &mut pen);
            self.draw_marks(painter, &mut pen);
            self.draw_role(painter, &mut pen);
            return self.draw_text(painter, &mut pen);
        }
        self.draw_role(painter, &mut pen);
        if self.summary.role != Speaker::Turn {
            painter.write(&mut pen, self.summary.role.as_str(), role_style(self.summary.role));
        }
        self.draw_value(painter, &mut pen);
        self.draw_marks(painter, &mut pen);
        if self.summary.span_count > 0 {
            let spans = number::pluralize(self.summary.span_count as usize, "span");
            painter.write_right(&mut pen, &format!("{spans} "), Role::Dim);
        }
        let indent = u16::try_from(self.columns.number + 2).unwrap_or(0);
        let mut pen = Pen::between(cells.x + indent, cells.right(), cells.y + 1);
        self.draw_text(painter, &mut pen);
    }

    fn draw_number_and_time(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        let number = width::pad_left(&self.number.to_string(), self.columns.number);
        painter.write(pen, &format!("{number} "), Role::Dim);
        let format = &self.app.prefs.time_format;
        let Some(at) = self.summary.time else {
            let columns = self.columns.day + usize::from(self.columns.day > 0) + self.columns.time;
            return painter.write(pen, &width::pad_right("", columns + usize::from(columns > 0)), Role::Dim);
        };
        let day = if self.continues_day { String::new() } else { time::day(at, format) };
        if self.columns.day > 0 {
            painter.write(pen, &format!("{} ", width::pad_left(&day, self.columns.day)), Role::Text);
        }
        if self.columns.time > 0 {
            let shows_day = self.columns.day == 0 && self.columns.time >= 6 && !day.is_empty();
            let (text, role) =
                if shows_day { (day, Role::Text) } else { (time::minute(at, format), Role::Dim) };
            painter.write(pen, &format!("{} ", width::pad_left(&text, self.columns.time)), role);
        }
    }

    /// Draws the symbol of the speaker; a question has its fold symbol, its replies are indented.
    fn draw_role(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        let symbol = match self.fold {
            _ if self.summary.role == Speaker::Turn => return,
            Some(true) => "▸",
            Some(false) => "▾",
            None => role_symbol(self.summary.role),
        };
        let indent = if self.is_reply { " " } else { "" };
        painter.write(pen, &format!("{indent}{symbol} "), role_style(self.summary.role));
    }

    /// Draws the duration, or the value that the list is sorted by, and its bar at the right end.
    fn draw_value(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        if self.columns.value == 0 {
            return;
        }
        let text = self.value.map(|value| format_value(self.columns.key, value)).unwrap_or_default();
        let share = self.value.unwrap_or(0.0) * (BARS.len() as f64 - 1.0)
            / self.columns.largest.max(f64::MIN_POSITIVE);
        let bar = BARS.get(share as usize).copied().unwrap_or("█");
        painter.write_right(pen, if self.value.is_some() { bar } else { " " }, Role::Bar);
        painter.write_right(pen, &width::pad_left(&text, self.columns.value), Role::Dim);
        if width::columns(&text) >= self.columns.value {
            painter.write_right(pen, " ", Role::Text);
        }
    }

    /// Draws the marks at the right end.
    fn draw_marks(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        for (text, role) in self.marks().iter().rev() {
            painter.write_right(pen, text, *role);
            painter.write_right(pen, " ", Role::Text);
        }
    }

    /// Returns marks for search hits, comparison base, status, feedback, artifacts and tools.
    fn marks(&self) -> Vec<(String, Role)> {
        let summary = self.summary;
        let mut marks = Vec::new();
        if self.hits > 0 {
            marks.push((format!("/{}", self.hits), Role::Accent));
        }
        if self.app.comparison.is_base(summary) {
            marks.push(("◎".to_owned(), Role::Accent));
        }
        if !self.app.shown().notes_on(summary).is_empty() {
            marks.push(("✎".to_owned(), Role::Accent));
        }
        match summary.status {
            Status::Error => marks.push(("✗".to_owned(), Role::Error)),
            Status::Canceled => marks.push(("⊘".to_owned(), Role::Warn)),
            Status::Other => marks.push(("?".to_owned(), Role::Warn)),
            Status::Success | Status::Unknown if summary.read_error.is_some() => {
                marks.push(("✗".to_owned(), Role::Error));
            }
            Status::Success | Status::Unknown if summary.failed_span_count > 0 => {
                marks.push(("!".to_owned(), Role::Error));
            }
            Status::Success | Status::Unknown => {}
        }
        if summary.flags.contains(MessageFlags::EMPTY_ANSWER) {
            marks.push(("∅".to_owned(), Role::Warn));
        }
        if let Some(sentiment) = summary.sentiment {
            let role = match sentiment {
                Sentiment::Positive => Role::Ok,
                Sentiment::Negative => Role::Error,
                Sentiment::Other => Role::Warn,
            };
            marks.push((sentiment_symbol(sentiment).to_owned(), role));
        }
        marks.extend(self.folded.iter().flat_map(folded_marks));
        if summary.flags.contains(MessageFlags::ARTIFACTS) {
            marks.push(("▦".to_owned(), Role::Accent));
        }
        if summary.flags.contains(MessageFlags::TOOLS) && summary.role != Speaker::Tool {
            marks.push(("⚙".to_owned(), Role::Dim));
        }
        marks
    }

    fn draw_text(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        let text = preview(self.summary, pen.columns_left() * PREVIEW_BYTES_PER_COLUMN + PREVIEW_MARGIN);
        let (text, role) = match (text.is_empty(), &self.summary.read_error) {
            (_, Some(_)) => (text, Role::Error),
            (true, None) => ("(no text)".to_owned(), Role::Dim),
            (false, None) if self.is_selected => (text, Role::Strong),
            (false, None) => (text, Role::Text),
        };
        let max_chars = pen.columns_left() * PREVIEW_CHARS_PER_COLUMN;
        let end = text.char_indices().nth(max_chars).map_or(text.len(), |(end, _)| end);
        painter.write_safe(pen, &Safe::line(text.get(..end).unwrap_or_default()), role);
    }
}

/// Returns the text of a value; durations are in milliseconds.
fn format_value(key: SortKey, value: f64) -> String {
    match key {
        SortKey::Time | SortKey::Duration => number::duration(Some((value * 1000.0) as i64)),
        SortKey::Tokens => number::tokens(value as i64),
        SortKey::Cost => number::money(value),
    }
}

/// Returns the first line of a message's text, from at most `max_bytes` of it.
fn preview(summary: &MessageSummary, max_bytes: usize) -> String {
    if let Some(error) = &summary.read_error {
        return format!("cannot be read: {}", error.reason);
    }
    let bytes = summary.raw.bytes_in(summary.preview);
    if bytes.is_empty() {
        return String::new();
    }
    if summary.flags.contains(MessageFlags::PREVIEW_IS_JSON) {
        let prefix = bytes.get(..max_bytes).unwrap_or(bytes);
        return json::collapse_whitespace(&String::from_utf8_lossy(prefix));
    }
    let text = json::decode_prefix(bytes, max_bytes);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    if summary.role == Speaker::Tool { line.to_owned() } else { strip_markdown(line) }
}

/// Removes the Markdown markers of headings, bold text and code from a line.
fn strip_markdown(line: &str) -> String {
    let level = line.len() - line.trim_start_matches('#').len();
    let text = line.get(level..).filter(|text| level <= 6 && text.starts_with(' ')).unwrap_or(line);
    let bold = if text.matches("**").count() > 1 { text.replace("**", "") } else { text.to_owned() };
    if bold.matches('`').count() > 1 && !bold.contains("``") {
        bold.replace('`', "").trim().to_owned()
    } else {
        bold.trim().to_owned()
    }
}

/// Returns the marks of the replies that a folded question hides: its calls and artifacts, or its messages, and whether one
/// of them failed.
fn folded_marks(folded: &FoldedReplies) -> Vec<(String, Role)> {
    let mut marks = Vec::new();
    if folded.has_problem {
        marks.push(("!".to_owned(), Role::Error));
    }
    let counts = [(folded.calls, "⚙", Role::Dim), (folded.artifacts, "▦", Role::Accent)];
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    marks.extend(counts.map(|(count, symbol, role)| (format!("{count}{symbol}"), role)));
    if folded.calls == 0 && folded.messages > 0 {
        marks.push((format!("+{}", folded.messages), Role::Dim));
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::strip_markdown;

    #[test]
    fn strips_markdown_markers_and_nothing_else() {
        assert_eq!(strip_markdown("## **No.** The table is `web_events`."), "No. The table is web_events.");
        assert_eq!(strip_markdown("#4471 costs 2 ** 3, and a ` alone"), "#4471 costs 2 ** 3, and a ` alone");
        assert_eq!(strip_markdown("```python"), "```python");
        assert_eq!(strip_markdown("a"), "a");
    }
}
