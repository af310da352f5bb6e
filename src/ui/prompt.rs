//! The prompt in the status line: its label, the typed text and the candidates for Tab.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::app::prompt::{Prompt, Purpose};
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

/// Returns the label of a prompt.
fn label(purpose: &Purpose) -> &'static str {
    match purpose {
        Purpose::Note(edit) if edit.text.is_none() => "Note (empty: bookmark): ",
        Purpose::Note(_) => "Note (empty: remove): ",
        Purpose::Search | Purpose::Narrow => "/",
        Purpose::Filter | Purpose::ThreadFilter => "Filter: ",
        Purpose::Feedback => "Feedback: ",
        Purpose::Pipe(_) => "| ",
        Purpose::Command => ":",
    }
}

/// Draws the prompt and its candidates.
pub fn draw(app: &App, prompt: &Prompt, painter: &mut Painter<'_>, pen: &mut Pen) {
    painter.write(pen, label(&prompt.purpose), Role::Accent);
    let (text, _) = visible_text(prompt.text(), prompt.cursor(), pen.columns_left());
    painter.write(pen, &text, Role::Text);
    if let Some(problem) = app.filter_problem() {
        let problem = Safe::line(problem);
        let (cut, _) = width::ellipsize(problem.as_str(), pen.columns_left().saturating_sub(3));
        painter.write(pen, &format!("   {cut}"), Role::Dim);
        return;
    }
    draw_candidates(app, prompt, painter, pen);
}

/// Draws the candidates for Tab after the text, as far as they fit.
fn draw_candidates(app: &App, prompt: &Prompt, painter: &mut Painter<'_>, pen: &mut Pen) {
    let candidates = app.completions();
    let inserted = prompt.candidate_index();
    if candidates.is_empty() || pen.columns_left() < 16 {
        return;
    }
    painter.write(pen, "   ", Role::Text);
    painter.write(pen, "tab", Role::Hint);
    // Keeps the inserted candidate in view.
    for (index, word) in candidates.iter().enumerate().skip(inserted.unwrap_or(0)) {
        let word = Safe::line(value_part(word));
        if width::columns(word.as_str()) + 3 > pen.columns_left() {
            painter.write(pen, " …", Role::Dim);
            return;
        }
        painter.write(pen, "  ", Role::Text);
        painter.write_safe(pen, &word, if inserted == Some(index) { Role::Accent } else { Role::Dim });
    }
}

/// Returns the value of a candidate without its name, which is typed already.
fn value_part(word: &str) -> &str {
    word.split_once(':').map(|(_, value)| value).filter(|value| !value.is_empty()).unwrap_or(word)
}

/// Returns the visible part of a text with the cursor after `cursor` characters, and the cursor's column in that part.
pub(super) fn visible_text(text: &str, cursor: usize, columns: usize) -> (String, usize) {
    let before: String = text.chars().take(cursor).collect();
    let cursor = width::columns(Safe::line(&before).as_str());
    let hidden = cursor.saturating_sub(columns.saturating_sub(1));
    let safe = Safe::line(text);
    let (skipped, used) = width::truncate(safe.as_str(), hidden);
    (safe.as_str().get(skipped.len()..).unwrap_or_default().to_owned(), cursor.saturating_sub(used))
}

/// Returns the cursor position, if a prompt is open in this area.
pub fn cursor(app: &App, area: Rect) -> Option<Position> {
    let prompt = app.prompt.as_ref().filter(|_| !area.is_empty())?;
    let start = width::columns(label(&prompt.purpose));
    let columns = usize::from(area.width).saturating_sub(start);
    let (_, column) = visible_text(prompt.text(), prompt.cursor(), columns);
    let x = area.x.saturating_add(u16::try_from(start + column).unwrap_or(0));
    Some(Position::new(x.min(area.right().saturating_sub(1)), area.y))
}
