//! The message list: time, duration, marks, and the first line of the text. Only the rows on the screen are built. The
//! twin of `app/messages`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::compose::{role_sign, role_style};
use crate::app::detail::feedback::thumb;
use crate::app::thread::{OpenThread, any_in};
use crate::domain::{Head, Marks, Role as Speaker, Sentiment, Status};
use crate::json;
use crate::layout::Pane;
use crate::text::{Safe, number, time, width};
use crate::theme::Role;
use crate::ui::paint::{Painter, Pen};
use crate::ui::{border_role, frame_pane};

/// Bytes of a message's text that its row may look at.
const PREVIEW: usize = 600;

/// Draws the pane.
pub fn draw(app: &App, thread: &OpenThread, painter: &mut Painter<'_>) {
    let frame = app.frame();
    let area = frame.messages;
    if !area.is_shown() {
        return;
    }
    frame_pane(painter, &area, border_role(app, Pane::Messages));
    title(app, painter, area.outer, area.inner);
    let inner = area.inner;
    if app.list_len() == 0 {
        let text = if app.list.visible.is_some() { "no message passes the filter" } else { "no messages" };
        painter.word(&mut Pen::at(inner, 0), text, Role::Dim);
        return;
    }
    if app.list.visible.is_none() && area.has_border() {
        overview(app, thread, painter, inner);
    }
    let dated = spans_days(thread);
    // What stands at a row's end must not touch the border, which has signs of its own.
    let margin = u16::from(area.has_border() && inner.width > 10);
    let per_message = frame.rows_per_message.max(1);
    for (row, position) in (0..inner.height / per_message).zip(app.list.offset..app.list_len()) {
        let Some(head) = app.head_at(position) else { continue };
        let cells = Rect::new(inner.x, inner.y + row * per_message, inner.width - margin, per_message);
        let hits = app.place_of(position).map_or(0, |place| app.hits_at(place));
        let entry = Entry { app, head, dated, hits, selected: position == app.list.selected };
        if per_message >= 2 { entry.draw_tall(painter, cells) } else { entry.draw_flat(painter, cells) }
    }
}

fn title(app: &App, painter: &mut Painter<'_>, outer: Rect, inner: Rect) {
    if inner.y <= outer.y {
        return;
    }
    let len = app.list_len();
    let at = if len == 0 { 0 } else { app.list.selected + 1 };
    let indent = u16::from(inner.x > outer.x) * 2;
    let mut pen = Pen::between(outer.x + indent, outer.right().saturating_sub(1), outer.y);
    painter.word(&mut pen, " Messages ", Role::Title);
    painter.word(&mut pen, &format!("{at}/{len} "), Role::Dim);
    if let Some(note) = app.list_note() {
        let (cut, _) = width::ellipsis(&note, pen.room());
        painter.word(&mut pen, &cut, Role::Accent);
    }
}

/// The border as a map of the whole list: where errors and feedback lie, and what part is in view.
fn overview(app: &App, thread: &OpenThread, painter: &mut Painter<'_>, inner: Rect) {
    let len = app.list_len();
    let rows = usize::from(inner.height);
    if len <= app.list_page() || rows == 0 {
        return;
    }
    let narrow = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    let in_view = app.list.offset..app.list.offset + app.list_page();
    for row in 0..rows {
        let (from, to) = (row * len / rows, ((row + 1) * len / rows).max(row * len / rows + 1));
        let range = narrow(from)..narrow(to);
        let shown = from < in_view.end && to > in_view.start;
        let marks = &thread.landmarks;
        let (sign, role) = if any_in(&marks.errors, range.clone()) {
            ("✗", Role::Error)
        } else if any_in(&marks.negative, range.clone()) {
            ("▼", Role::Error)
        } else if any_in(&marks.positive, range) {
            ("▲", Role::Ok)
        } else if shown {
            ("┃", Role::BorderFocus)
        } else {
            continue;
        };
        painter.cell(inner.right(), inner.y + u16::try_from(row).unwrap_or(0), sign, role);
    }
}

/// Whether the thread goes over more than a day, so that clocks alone would not tell.
fn spans_days(thread: &OpenThread) -> bool {
    let first = thread.heads.get(0).and_then(|head| head.time);
    let last = thread.heads.get(thread.heads.len().saturating_sub(1)).and_then(|head| head.time);
    first.zip(last).is_some_and(|(first, last)| last.micros_since(first).abs() > 20 * 3_600_000_000)
}

/// The first line of a message's text.
fn preview(head: &Head) -> String {
    if let Some(fault) = &head.fault {
        return format!("cannot be read: {}", fault.reason);
    }
    let piece = head.raw.piece(head.preview);
    if piece.is_empty() {
        return String::new();
    }
    if head.marks.has(Marks::PREVIEW_IS_JSON) {
        return json::on_one_line(&String::from_utf8_lossy(piece.get(..PREVIEW).unwrap_or(piece)));
    }
    let text = json::decode_prefix(piece, PREVIEW);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    if head.role == Speaker::Tool { line.to_owned() } else { without_marks(line) }
}

/// A line without the marks of Markdown that say nothing in a row: those of a heading, of bold text and of code.
fn without_marks(line: &str) -> String {
    let level = line.len() - line.trim_start_matches('#').len();
    let text = line.get(level..).filter(|text| level <= 6 && text.starts_with(' ')).unwrap_or(line);
    let bold = if text.matches("**").count() > 1 { text.replace("**", "") } else { text.to_owned() };
    let quoted = bold.matches('`').count();
    if quoted > 1 && !bold.contains("``") {
        bold.replace('`', "").trim().to_owned()
    } else {
        bold.trim().to_owned()
    }
}

/// One row of the list.
struct Entry<'a> {
    app: &'a App,
    head: &'a Head,
    dated: bool,
    /// Hits of the search in this message.
    hits: u32,
    selected: bool,
}

impl Entry<'_> {
    /// Two lines: facts, then text.
    fn draw_tall(&self, painter: &mut Painter<'_>, cells: Rect) {
        self.mark_selection(painter, cells);
        let mut pen = Pen::between(cells.x + 2, cells.right(), cells.y);
        self.speaker(painter, &mut pen);
        let when = self.when();
        painter.word(&mut pen, &when, Role::Dim);
        let marks = self.marks();
        let mut right = pen;
        for (text, role) in marks.iter().rev() {
            painter.right(&mut right, text, *role);
            painter.right(&mut right, " ", Role::Text);
        }
        if let Some(ms) = self.head.duration_ms {
            let took = number::duration(Some(ms.saturating_mul(1000)));
            let room = right.room().saturating_sub(1);
            if width::columns(&took) <= room {
                painter.right(&mut right, &width::pad_left(&took, 8.min(room)), Role::Dim);
            }
        }
        let mut pen = Pen::between(cells.x + 2, cells.right(), cells.y + 1);
        self.text(painter, &mut pen);
    }

    /// One line: sign, time, marks, text.
    fn draw_flat(&self, painter: &mut Painter<'_>, cells: Rect) {
        self.mark_selection(painter, cells);
        let mut pen = Pen::between(cells.x + 2, cells.right(), cells.y);
        self.speaker(painter, &mut pen);
        if cells.width >= 40 {
            painter.word(&mut pen, &self.when(), Role::Dim);
            painter.word(&mut pen, " ", Role::Text);
        }
        if self.head.spans > 0 && cells.width >= 40 {
            painter.right(&mut pen, &format!(" {:>3}", self.head.spans), Role::Dim);
        }
        for (text, role) in self.signs() {
            painter.word(&mut pen, &text, role);
            painter.word(&mut pen, " ", Role::Text);
        }
        self.text(painter, &mut pen);
    }

    fn mark_selection(&self, painter: &mut Painter<'_>, cells: Rect) {
        if !self.selected {
            return;
        }
        let focused = self.app.focus == Pane::Messages && self.app.overlay.is_none();
        for row in 0..cells.height {
            painter.word(&mut Pen::at(cells, row), "▌", if focused { Role::Accent } else { Role::Dim });
        }
    }

    fn speaker(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        if self.head.role == Speaker::Turn {
            return;
        }
        painter.word(pen, role_sign(self.head.role), role_style(self.head.role));
        painter.word(pen, " ", Role::Text);
        if self.app.frame().rows_per_message >= 2 {
            let name = self.head.role.word();
            painter.word(pen, &width::pad_right(name, 10), role_style(self.head.role));
        }
    }

    fn when(&self) -> String {
        let zone = &self.app.prefs.zone;
        match self.head.time {
            Some(stamp) if self.dated => time::short(stamp, zone),
            Some(stamp) => time::clock(stamp, zone),
            None => "--:--:--".to_owned(),
        }
    }

    /// Status, feedback, tools, spans; the last at the right end.
    fn marks(&self) -> Vec<(String, Role)> {
        let mut marks = self.signs();
        if self.head.spans > 0 {
            marks.push((format!("{:>4}", self.head.spans), Role::Dim));
        }
        marks
    }

    /// Status, feedback, tools.
    fn signs(&self) -> Vec<(String, Role)> {
        let head = self.head;
        let mut marks = Vec::new();
        if self.hits > 0 {
            marks.push((format!("/{}", self.hits), Role::Accent));
        }
        if self.app.marked.as_ref().is_some_and(|marked| marked.is(head)) {
            marks.push(("◎".to_owned(), Role::Accent));
        }
        match head.status {
            Status::Error => marks.push(("✗".to_owned(), Role::Error)),
            Status::Canceled => marks.push(("⊘".to_owned(), Role::Warn)),
            Status::Other => marks.push(("?".to_owned(), Role::Warn)),
            Status::Success | Status::Unknown if head.fault.is_some() => {
                marks.push(("✗".to_owned(), Role::Error));
            }
            Status::Success | Status::Unknown if head.span_errors > 0 => {
                marks.push(("!".to_owned(), Role::Error));
            }
            Status::Success | Status::Unknown => {}
        }
        if let Some(sentiment) = head.sentiment {
            let role = match sentiment {
                Sentiment::Positive => Role::Ok,
                Sentiment::Negative => Role::Error,
                Sentiment::Other => Role::Warn,
            };
            marks.push((thumb(sentiment).to_owned(), role));
        }
        if head.marks.has(Marks::ARTIFACTS) {
            marks.push(("▦".to_owned(), Role::Accent));
        }
        if head.marks.has(Marks::TOOLS) && head.role != Speaker::Tool {
            marks.push(("⚙".to_owned(), Role::Dim));
        }
        marks
    }

    fn text(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        let text = preview(self.head);
        let (text, role) = match (text.is_empty(), &self.head.fault) {
            (_, Some(_)) => (text, Role::Error),
            (true, None) => ("(no text)".to_owned(), Role::Dim),
            (false, None) if self.selected => (text, Role::Strong),
            (false, None) => (text, Role::Text),
        };
        let safe = Safe::line(&text);
        let (cut, _) = width::ellipsis(safe.as_str(), pen.room());
        painter.word(pen, &cut, role);
    }
}

#[cfg(test)]
mod tests {
    use super::without_marks;

    #[test]
    fn a_row_leaves_out_the_marks_of_markdown_but_nothing_else() {
        assert_eq!(without_marks("## **No.** The table is `web_events`."), "No. The table is web_events.");
        assert_eq!(without_marks("#4471 costs 2 ** 3, and a ` alone"), "#4471 costs 2 ** 3, and a ` alone");
        assert_eq!(without_marks("```python"), "```python");
        assert_eq!(without_marks("a"), "a");
    }
}
