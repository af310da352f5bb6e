//! The status line: the prompt, a notice, the pending keys, or hints for the most useful keys.

use ratatui::layout::Rect;

use crate::app::loading::Phase;
use crate::app::{App, Overlay, Tone, hints};
use crate::layout::Pane;
use crate::text::{Safe, width, wrap_styled};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::prompt;

/// Draws the line.
pub fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    if app.prompt.is_none()
        && let Some((text, role)) = notice_text(app)
        && width::columns(&text) + 1 > usize::from(area.width)
    {
        return draw_wrapped(&text, role, painter, area);
    }
    let mut pen = Pen::at(area, 0);
    if let Some(prompt) = &app.prompt {
        prompt::draw(app, prompt, painter, &mut pen);
        // An error of the typed text is shown above the text.
        if let (Some((text, role)), Some(y)) = (notice_text(app), area.y.checked_sub(1)) {
            draw_wrapped(&text, role, painter, Rect { y, ..area });
        }
        return;
    }
    painter.write(&mut pen, " ", Role::Text);
    if let Some((text, role)) = notice_text(app) {
        painter.write(&mut pen, &text, role);
        return;
    }
    let pending = app.pending_keys.text();
    if !app.pending_keys.chords.is_empty() {
        draw_continuations(app, painter, area);
        return;
    }
    if !pending.is_empty() {
        // Every motion can follow a count, so a list of them would not help.
        painter.write(&mut pen, &format!("{pending}  "), Role::Accent);
        painter.write(&mut pen, "motion …", Role::Dim);
        return;
    }
    if let Phase::RetryScheduled { reason, .. } = &app.loading.phase
        && !app.browse.is_open
    {
        painter.write_safe(&mut pen, &Safe::line(reason), Role::Warn);
        painter.write(&mut pen, "   ", Role::Text);
        draw_hint(painter, &mut pen, "r", "retry now");
        draw_hint(painter, &mut pen, "esc", "stop");
        return;
    }
    draw_hints(app, painter, &mut pen);
}

/// Draws the continuations of a sequence; further lines grow upwards over the panes.
fn draw_continuations(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let mut labels = continuation_labels(app);
    labels.insert(0, (app.pending_keys.text(), String::new()));
    let columns = usize::from(area.width).saturating_sub(2);
    let mut lines: Vec<Vec<(String, String)>> = vec![Vec::new()];
    let mut used = 0;
    for label in labels {
        let width = width::columns(&label.0) + width::columns(&label.1) + 3;
        if used + width > columns && used > 0 {
            lines.push(Vec::new());
            used = 0;
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            line.push(label);
        }
    }
    let rows = u16::try_from(lines.len()).unwrap_or(1).min(area.bottom());
    let area_above = Rect { y: area.bottom() - rows, height: rows, ..area };
    painter.clear(area_above);
    for (row, line) in (0..rows).zip(&lines) {
        let mut pen = Pen::at(area_above, row);
        painter.write(&mut pen, " ", Role::Text);
        for (keys, name) in line {
            painter.write(&mut pen, keys, if name.is_empty() { Role::Accent } else { Role::Hint });
            painter.write(&mut pen, " ", Role::Text);
            painter.write(&mut pen, name, Role::Dim);
            painter.write(&mut pen, "  ", Role::Text);
        }
    }
}

/// Returns the keys and names of the continuations. A verb that all names start with is listed once; keys of the same
/// action are joined to a range.
fn continuation_labels(app: &App) -> Vec<(String, String)> {
    let mut continuations = app.prefs.keymap.continuations(&app.pending_keys.chords);
    continuations.retain(|(_, action)| app.browse.has_meaning(*action));
    let names: Vec<&str> = continuations.iter().map(|(_, action)| action.row().name).collect();
    let verb = names.first().and_then(|name| name.split_once('-')).map(|(verb, _)| format!("{verb}-"));
    let is_shared = |verb: &String| names.len() > 1 && names.iter().all(|name| name.starts_with(verb));
    let verb = verb.filter(is_shared).unwrap_or_default();
    let mut labels: Vec<(String, String)> = Vec::new();
    if !verb.is_empty() {
        labels.push((format!("{}:", verb.trim_end_matches('-')), String::new()));
    }
    for ((keys, _), name) in continuations.iter().zip(names) {
        let name = name.strip_prefix(&verb).unwrap_or(name).replace('-', " ");
        match labels.last_mut() {
            Some((range, previous)) if *previous == name => {
                let start = range.split('–').next().unwrap_or_default().to_owned();
                *range = format!("{start}–{keys}");
            }
            _ => labels.push((keys.clone(), name)),
        }
    }
    labels
}

/// Returns the notice and its style.
fn notice_text(app: &App) -> Option<(String, Role)> {
    let notice = app.notice.as_ref()?;
    let role = match notice.tone {
        Tone::Plain => Role::Text,
        Tone::Warning => Role::Warn,
    };
    Some((Safe::line(&notice.text).into_string(), role))
}

/// Draws a text of several lines, upwards over the panes, up to half of the screen.
fn draw_wrapped(text: &str, role: Role, painter: &mut Painter<'_>, area: Rect) {
    let columns = usize::from(area.width).saturating_sub(2).max(1);
    let lines = wrap_styled(text, columns, role);
    let max_rows = area.bottom().div_ceil(2).max(1);
    let rows = u16::try_from(lines.len()).unwrap_or(max_rows).min(max_rows);
    let area = Rect { y: area.bottom() - rows, height: rows, ..area };
    painter.clear(area);
    for (row, line) in (0..rows).zip(&lines) {
        let mut pen = Pen::at(area, row);
        painter.write(&mut pen, " ", Role::Text);
        painter.write_line(&mut pen, line);
        if row + 1 == rows && usize::from(rows) < lines.len() {
            painter.write(&mut pen, "…", role);
        }
    }
}

/// Returns the key that opens the help from a page.
fn help_keys(overlay: &Overlay) -> Option<&'static str> {
    match overlay {
        Overlay::Help(_) => None,
        // On this page, letters belong to the query.
        Overlay::LibrarySearch(_) => Some("F1"),
        Overlay::Analysis(_)
        | Overlay::Profiles { .. }
        | Overlay::Export(_)
        | Overlay::Links(_)
        | Overlay::OpenThreads(_)
        | Overlay::LibraryAnalysis(_)
        | Overlay::Notes(_)
        | Overlay::Results(_)
        | Overlay::Text(_) => Some("?"),
    }
}

fn draw_hints(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    if let Some(overlay) = &app.overlay {
        // The border of a page shows its other keys.
        draw_hint(painter, pen, "esc", "close");
        if let Some(keys) = help_keys(overlay) {
            draw_hint(painter, pen, keys, "help");
        }
        return;
    }
    if app.screen.focus == Pane::ThreadBox && !app.browse.is_open {
        for (keys, label) in [("ctrl-c", "quit"), ("F1", "help")] {
            painter.write_right(pen, &format!(" {label} "), Role::Dim);
            painter.write_right(pen, &format!(" {keys}"), Role::Hint);
        }
        for (keys, label) in [("enter", "open"), ("↑↓", "choose")] {
            draw_hint(painter, pen, keys, label);
        }
        draw_hint(painter, pen, "ctrl-t", "all threads");
        if !app.thread_box.text().is_empty() {
            draw_hint(painter, pen, "ctrl-u", "clear");
        }
        if !app.is_idle() {
            draw_hint(painter, pen, "esc", "back");
        }
        if !app.prefs.profiles.choices.is_empty() {
            draw_hint(painter, pen, "ctrl-o", "profile");
        }
        return;
    }
    if app.loading.is_active() && !app.browse.is_open {
        draw_hint(painter, pen, "esc", "stop");
    }
    for hint in hints::ALWAYS.iter().rev() {
        if let Some(keys) = app.prefs.keymap.keys_of(hint.action).first() {
            painter.write_right(pen, &format!(" {} ", hint.label), Role::Dim);
            painter.write_right(pen, &format!(" {keys}"), Role::Hint);
        }
    }
    for hint in app.hints() {
        if let Some(keys) = app.prefs.keymap.keys_of(hint.action).first() {
            draw_hint(painter, pen, keys, hint.label);
        }
    }
}

fn draw_hint(painter: &mut Painter<'_>, pen: &mut Pen, keys: &str, label: &str) {
    if width::columns(keys) + width::columns(label) + 3 > pen.columns_left() {
        pen.x = pen.right;
        return;
    }
    painter.write(pen, keys, Role::Hint);
    painter.write(pen, " ", Role::Text);
    painter.write(pen, label, Role::Dim);
    painter.write(pen, "   ", Role::Text);
}
