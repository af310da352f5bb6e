//! The message list: time, duration, badges and the first line of each message. Only the rows on the screen are built.

use ratatui::layout::Rect;

use crate::app::App;
use crate::domain::{MessageFlags, MessageSummary, Role as Speaker, Sentiment, Status};
use crate::json;
use crate::layout::Pane;
use crate::text::{Safe, number, time, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::{border_role, draw_pane_border};
use crate::view::message::{role_style, role_symbol, sentiment_symbol};
use crate::view::thread::{OpenThread, any_in};

/// The bytes of a message's text that its row decodes.
const MAX_PREVIEW_BYTES: usize = 600;

/// Draws the pane.
pub fn draw(app: &App, thread: &OpenThread, painter: &mut Painter<'_>) {
    let frame = app.screen.frame();
    let area = frame.messages;
    if !area.is_shown() {
        return;
    }
    draw_pane_border(painter, &area, border_role(app, Pane::Messages));
    draw_title(app, painter, area.outer, area.inner);
    let inner = area.inner;
    if app.shown().list_len() == 0 {
        let text = if app.list.visible.is_some() { "No matching messages" } else { "No messages" };
        painter.write(&mut Pen::at(inner, 0), text, Role::Dim);
        return;
    }
    if app.list.visible.is_none() && area.has_border() {
        draw_overview(app, thread, painter, inner);
    }
    let show_date = thread.spans_multiple_days();
    // Keeps the end of a row apart from the overview in the border.
    let margin = u16::from(area.has_border() && inner.width > 10);
    let per_message = frame.rows_per_message.max(1);
    for (row, position) in (0..inner.height / per_message).zip(app.list.offset..app.shown().list_len()) {
        let Some(summary) = app.shown().summary_at(position) else { continue };
        let cells = Rect::new(inner.x, inner.y + row * per_message, inner.width - margin, per_message);
        let hits = app.shown().thread_index_at(position).map_or(0, |index| app.shown().hits_at(index));
        let entry = Entry { app, summary, show_date, hits, is_selected: position == app.list.selected };
        if per_message >= 2 {
            entry.draw_two_lines(painter, cells)
        } else {
            entry.draw_one_line(painter, cells)
        }
    }
}

fn draw_title(app: &App, painter: &mut Painter<'_>, outer: Rect, inner: Rect) {
    if inner.y <= outer.y {
        return;
    }
    let len = app.shown().list_len();
    let number = if len == 0 { 0 } else { app.list.selected + 1 };
    let indent = u16::from(inner.x > outer.x) * 2;
    let mut pen = Pen::between(outer.x + indent, outer.right().saturating_sub(1), outer.y);
    painter.write(&mut pen, " Messages ", Role::Title);
    painter.write(&mut pen, &format!("{number}/{len} "), Role::Dim);
    if let Some((query, counts)) = app.shown().list_status() {
        // The counts stay complete; the query is cut.
        let columns = pen.columns_left().saturating_sub(width::columns(&counts) + 2);
        let (query, _) = width::ellipsize(&query, columns);
        painter.write(&mut pen, &format!("{query} {counts} "), Role::Accent);
    }
}

/// Draws the overview of the whole list in the border: errors, feedback, and the part in view.
fn draw_overview(app: &App, thread: &OpenThread, painter: &mut Painter<'_>, inner: Rect) {
    let len = app.shown().list_len();
    let rows = usize::from(inner.height);
    if len <= app.shown().list_page() || rows == 0 {
        return;
    }
    let narrow = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let in_view = app.list.offset..app.list.offset + app.shown().list_page();
    for row in 0..rows {
        let (from, to) = (row * len / rows, ((row + 1) * len / rows).max(row * len / rows + 1));
        let range = narrow(from)..narrow(to);
        let is_in_view = from < in_view.end && to > in_view.start;
        let landmarks = &thread.landmarks;
        let (symbol, role) = if any_in(&landmarks.errors, range.clone()) {
            ("✗", Role::Error)
        } else if any_in(&landmarks.negative, range.clone()) {
            ("▼", Role::Error)
        } else if any_in(&landmarks.positive, range) {
            ("▲", Role::Ok)
        } else if is_in_view {
            ("┃", Role::BorderFocus)
        } else {
            continue;
        };
        painter.set_cell(inner.right(), inner.y + u16::try_from(row).unwrap_or(0), symbol, role);
    }
}

/// The first line of a message's text.
fn preview(summary: &MessageSummary) -> String {
    if let Some(error) = &summary.read_error {
        return format!("cannot be read: {}", error.reason);
    }
    let bytes = summary.raw.bytes_in(summary.preview);
    if bytes.is_empty() {
        return String::new();
    }
    if summary.flags.contains(MessageFlags::PREVIEW_IS_JSON) {
        let prefix = bytes.get(..MAX_PREVIEW_BYTES).unwrap_or(bytes);
        return json::collapse_whitespace(&String::from_utf8_lossy(prefix));
    }
    let text = json::decode_prefix(bytes, MAX_PREVIEW_BYTES);
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

/// One row of the list.
struct Entry<'a> {
    app: &'a App,
    summary: &'a MessageSummary,
    show_date: bool,
    /// The number of search hits in the message.
    hits: u32,
    is_selected: bool,
}

impl Entry<'_> {
    /// Draws two lines: metadata and badges, then text.
    fn draw_two_lines(&self, painter: &mut Painter<'_>, cells: Rect) {
        self.draw_selection_bar(painter, cells);
        let mut pen = Pen::between(cells.x + 2, cells.right(), cells.y);
        self.draw_role(painter, &mut pen);
        painter.write(&mut pen, &self.format_time(), Role::Dim);
        let mut right = pen;
        for (text, role) in self.badges_with_span_count().iter().rev() {
            painter.write_right(&mut right, text, *role);
            painter.write_right(&mut right, " ", Role::Text);
        }
        if let Some(ms) = self.summary.duration_ms {
            let duration = number::duration(Some(ms.saturating_mul(1000)));
            let columns = right.columns_left().saturating_sub(1);
            if width::columns(&duration) <= columns {
                painter.write_right(&mut right, &width::pad_left(&duration, 8.min(columns)), Role::Dim);
            }
        }
        let mut pen = Pen::between(cells.x + 2, cells.right(), cells.y + 1);
        self.draw_text(painter, &mut pen);
    }

    /// Draws one line: role, time, badges, text.
    fn draw_one_line(&self, painter: &mut Painter<'_>, cells: Rect) {
        self.draw_selection_bar(painter, cells);
        let mut pen = Pen::between(cells.x + 2, cells.right(), cells.y);
        self.draw_role(painter, &mut pen);
        if cells.width >= 40 {
            painter.write(&mut pen, &self.format_time(), Role::Dim);
            painter.write(&mut pen, " ", Role::Text);
        }
        if self.summary.span_count > 0 && cells.width >= 40 {
            painter.write_right(&mut pen, &format!(" {:>3}", self.summary.span_count), Role::Dim);
        }
        for (text, role) in self.badges() {
            painter.write(&mut pen, &text, role);
            painter.write(&mut pen, " ", Role::Text);
        }
        self.draw_text(painter, &mut pen);
    }

    fn draw_selection_bar(&self, painter: &mut Painter<'_>, cells: Rect) {
        if !self.is_selected {
            return;
        }
        let focused = self.app.screen.focus == Pane::Messages && self.app.overlay.is_none();
        for row in 0..cells.height {
            painter.write(&mut Pen::at(cells, row), "▌", if focused { Role::Accent } else { Role::Dim });
        }
    }

    fn draw_role(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        if self.summary.role == Speaker::Turn {
            return;
        }
        painter.write(pen, role_symbol(self.summary.role), role_style(self.summary.role));
        painter.write(pen, " ", Role::Text);
        if self.app.screen.frame().rows_per_message >= 2 {
            let name = self.summary.role.as_str();
            painter.write(pen, &width::pad_right(name, 10), role_style(self.summary.role));
        }
    }

    fn format_time(&self) -> String {
        let format = &self.app.prefs.time_format;
        match self.summary.time {
            Some(time) if self.show_date => time::short(time, format),
            Some(time) => time::time_of_day(time, format),
            None => "--:--:--".to_owned(),
        }
    }

    /// The badges, with the number of spans at the end.
    fn badges_with_span_count(&self) -> Vec<(String, Role)> {
        let mut badges = self.badges();
        if self.summary.span_count > 0 {
            badges.push((format!("{:>4}", self.summary.span_count), Role::Dim));
        }
        badges
    }

    /// Search hits, comparison base, status, feedback, artifacts and tools.
    fn badges(&self) -> Vec<(String, Role)> {
        let summary = self.summary;
        let mut badges = Vec::new();
        if self.hits > 0 {
            badges.push((format!("/{}", self.hits), Role::Accent));
        }
        if self.app.comparison.is_base(summary) {
            badges.push(("◎".to_owned(), Role::Accent));
        }
        match summary.status {
            Status::Error => badges.push(("✗".to_owned(), Role::Error)),
            Status::Canceled => badges.push(("⊘".to_owned(), Role::Warn)),
            Status::Other => badges.push(("?".to_owned(), Role::Warn)),
            Status::Success | Status::Unknown if summary.read_error.is_some() => {
                badges.push(("✗".to_owned(), Role::Error));
            }
            Status::Success | Status::Unknown if summary.failed_span_count > 0 => {
                badges.push(("!".to_owned(), Role::Error));
            }
            Status::Success | Status::Unknown => {}
        }
        if let Some(sentiment) = summary.sentiment {
            let role = match sentiment {
                Sentiment::Positive => Role::Ok,
                Sentiment::Negative => Role::Error,
                Sentiment::Other => Role::Warn,
            };
            badges.push((sentiment_symbol(sentiment).to_owned(), role));
        }
        if summary.flags.contains(MessageFlags::ARTIFACTS) {
            badges.push(("▦".to_owned(), Role::Accent));
        }
        if summary.flags.contains(MessageFlags::TOOLS) && summary.role != Speaker::Tool {
            badges.push(("⚙".to_owned(), Role::Dim));
        }
        badges
    }

    fn draw_text(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        let text = preview(self.summary);
        let (text, role) = match (text.is_empty(), &self.summary.read_error) {
            (_, Some(_)) => (text, Role::Error),
            (true, None) => ("(no text)".to_owned(), Role::Dim),
            (false, None) if self.is_selected => (text, Role::Strong),
            (false, None) => (text, Role::Text),
        };
        let safe = Safe::line(&text);
        let (cut, _) = width::ellipsize(safe.as_str(), pen.columns_left());
        painter.write(pen, &cut, role);
    }
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
