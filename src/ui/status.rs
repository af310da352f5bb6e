//! The last line: a notice if there is one, what is typed of a sequence, else the keys that matter here.

use ratatui::layout::{Position, Rect};

use crate::action::{ACTION_TABLE, Action};
use crate::app::loading::Phase;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Overlay, Tone};
use crate::layout::Pane;
use crate::text::{Safe, width, wrap_styled};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

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
        draw_prompt(app, prompt, painter, &mut pen);
        // What is wrong with what was typed stands above it.
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
        // Every motion could follow a count; that is no hint.
        painter.write(&mut pen, &format!("{pending}  "), Role::Accent);
        painter.write(&mut pen, "motion …", Role::Dim);
        return;
    }
    if let Phase::RetryScheduled { reason: why, .. } = &app.loading.phase {
        painter.write_safe(&mut pen, &Safe::line(why), Role::Warn);
        painter.write(&mut pen, "   ", Role::Text);
        draw_hint(painter, &mut pen, "r", "try now");
        draw_hint(painter, &mut pen, "esc", "stop");
        return;
    }
    draw_hints(app, painter, &mut pen);
}

/// How a sequence may go on. Names are short; what they begin with alike is said once. What does not fit grows upwards.
fn draw_continuations(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let mut words = continuation_labels(app);
    words.insert(0, (app.pending_keys.text(), String::new()));
    let room = usize::from(area.width).saturating_sub(2);
    let mut lines: Vec<Vec<(String, String)>> = vec![Vec::new()];
    let mut used = 0;
    for word in words {
        let width = width::columns(&word.0) + width::columns(&word.1) + 3;
        if used + width > room && used > 0 {
            lines.push(Vec::new());
            used = 0;
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            line.push(word);
        }
    }
    let rows = u16::try_from(lines.len()).unwrap_or(1).min(area.bottom());
    let whole = Rect { y: area.bottom() - rows, height: rows, ..area };
    painter.clear(whole);
    for (row, line) in (0..rows).zip(&lines) {
        let mut pen = Pen::at(whole, row);
        painter.write(&mut pen, " ", Role::Text);
        for (keys, name) in line {
            painter.write(&mut pen, keys, if name.is_empty() { Role::Accent } else { Role::Hint });
            painter.write(&mut pen, " ", Role::Text);
            painter.write(&mut pen, name, Role::Dim);
            painter.write(&mut pen, "  ", Role::Text);
        }
    }
}

/// Keys and what they do; a row of digits that do the same is one.
fn continuation_labels(app: &App) -> Vec<(String, String)> {
    let next = app.prefs.keymap.continuations(&app.pending_keys.chords);
    let name = |action: &Action| action.row().name;
    let verb =
        next.first().and_then(|(_, action)| name(action).split_once('-')).map(|(verb, _)| format!("{verb}-"));
    let shared =
        |verb: &String| next.len() > 1 && next.iter().all(|(_, action)| name(action).starts_with(verb));
    let verb = verb.filter(shared).unwrap_or_default();
    let mut words: Vec<(String, String)> = Vec::new();
    if !verb.is_empty() {
        words.push((format!("{}:", verb.trim_end_matches('-')), String::new()));
    }
    for (keys, action) in &next {
        let name = name(action);
        let name = name.strip_prefix(&verb).unwrap_or(name).replace('-', " ");
        match words.last_mut() {
            Some((first, same)) if *same == name => {
                let start = first.split('–').next().unwrap_or_default().to_owned();
                *first = format!("{start}–{keys}");
            }
            _ => words.push((keys.clone(), name)),
        }
    }
    words
}

/// What has to be read rather than looked at.
fn notice_text(app: &App) -> Option<(String, Role)> {
    let notice = app.notice.as_ref()?;
    let role = match notice.tone {
        Tone::Plain => Role::Text,
        Tone::Warning => Role::Warn,
    };
    Some((Safe::line(&notice.text).into_string(), role))
}

/// A sentence that needs more than one line grows upwards over the panes; the next key takes it away.
fn draw_wrapped(text: &str, role: Role, painter: &mut Painter<'_>, area: Rect) {
    let room = usize::from(area.width).saturating_sub(2).max(1);
    let lines = wrap_styled(text, room, role);
    let most = area.bottom().div_ceil(2).max(1);
    let rows = u16::try_from(lines.len()).unwrap_or(most).min(most);
    let whole = Rect { y: area.bottom() - rows, height: rows, ..area };
    painter.clear(whole);
    for (row, line) in (0..rows).zip(&lines) {
        let mut pen = Pen::at(whole, row);
        painter.write(&mut pen, " ", Role::Text);
        painter.write_line(&mut pen, line);
        if row + 1 == rows && usize::from(rows) < lines.len() {
            painter.write(&mut pen, "…", role);
        }
    }
}

/// What a prompt begins with.
fn prompt_prefix(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Search => "/",
        Purpose::Filter => "filter: ",
        Purpose::Feedback => "feedback with: ",
        Purpose::Pipe => "| ",
        Purpose::Command => ":",
    }
}

fn draw_prompt(app: &App, prompt: &Prompt, painter: &mut Painter<'_>, pen: &mut Pen) {
    painter.write(pen, prompt_prefix(prompt.purpose), Role::Accent);
    let (text, _) = visible_prompt(prompt, pen.columns_left());
    painter.write(pen, &text, Role::Text);
    draw_candidates(app, prompt, painter, pen);
}

/// What Tab would write, behind what is typed, as far as there is room.
fn draw_candidates(app: &App, prompt: &Prompt, painter: &mut Painter<'_>, pen: &mut Pen) {
    let all = app.completions();
    let at = prompt.candidate_index();
    if all.is_empty() || pen.columns_left() < 16 {
        return;
    }
    painter.write(pen, "   ", Role::Text);
    painter.write(pen, "tab", Role::Hint);
    // The one that stands there is kept in view.
    for (index, word) in all.iter().enumerate().skip(at.unwrap_or(0)) {
        let word = Safe::line(value_part(word));
        if width::columns(word.as_str()) + 3 > pen.columns_left() {
            painter.write(pen, " …", Role::Dim);
            return;
        }
        painter.write(pen, "  ", Role::Text);
        painter.write_safe(pen, &word, if at == Some(index) { Role::Accent } else { Role::Dim });
    }
}

/// The name in front of a value need not be said again.
fn value_part(word: &str) -> &str {
    word.split_once(':').map(|(_, value)| value).filter(|value| !value.is_empty()).unwrap_or(word)
}

/// The part of a prompt's text that is in view, and the cursor's column in it.
fn visible_prompt(prompt: &Prompt, room: usize) -> (String, usize) {
    let before: String = prompt.text().chars().take(prompt.cursor()).collect();
    let cursor = width::columns(Safe::line(&before).as_str());
    let hidden = cursor.saturating_sub(room.saturating_sub(1));
    let safe = Safe::line(prompt.text());
    let (skipped, used) = width::truncate(safe.as_str(), hidden);
    (safe.as_str().get(skipped.len()..).unwrap_or_default().to_owned(), cursor.saturating_sub(used))
}

/// Where the cursor is while a prompt is open.
pub fn prompt_cursor(app: &App, area: Rect) -> Option<Position> {
    let prompt = app.prompt.as_ref().filter(|_| !area.is_empty())?;
    let sign = width::columns(prompt_prefix(prompt.purpose));
    let (_, column) = visible_prompt(prompt, usize::from(area.width).saturating_sub(sign));
    let x = area.x.saturating_add(u16::try_from(sign + column).unwrap_or(0));
    Some(Position::new(x.min(area.right().saturating_sub(1)), area.y))
}

fn draw_hints(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    if let Some(overlay) = &app.overlay {
        // What else it offers stands in its own border.
        draw_hint(painter, pen, "esc", "close");
        if !matches!(overlay, Overlay::Help { .. }) {
            draw_hint(painter, pen, "?", "help");
        }
        return;
    }
    if app.focus == Pane::ThreadBox {
        for (keys, what) in [("enter", "open"), ("↓", "choose"), ("ctrl-u", "clear"), ("esc", "leave")] {
            draw_hint(painter, pen, keys, what);
        }
        if !app.prefs.profiles.choices.is_empty() {
            draw_hint(painter, pen, "ctrl-o", "profile");
        }
        return;
    }
    if app.loading.is_active() {
        draw_hint(painter, pen, "esc", "stop");
    }
    for row in ACTION_TABLE.iter().filter(|row| !row.hint.is_empty()) {
        if is_relevant(app, row.action)
            && let Some(keys) = app.prefs.keymap.keys_of(row.action).first()
        {
            draw_hint(painter, pen, keys, row.hint);
        }
    }
}

/// Whether an action can do something now.
fn is_relevant(app: &App, action: Action) -> bool {
    let Some(thread) = app.shown_thread() else {
        return matches!(action, Action::FocusThread | Action::Help | Action::Quit);
    };
    match action {
        Action::NextError => !thread.landmarks.errors.is_empty(),
        Action::NextFeedback => thread.totals.positive + thread.totals.negative > 0,
        _ => true,
    }
}

fn draw_hint(painter: &mut Painter<'_>, pen: &mut Pen, keys: &str, what: &str) {
    if width::columns(keys) + width::columns(what) + 3 > pen.columns_left() {
        pen.x = pen.right;
        return;
    }
    painter.write(pen, keys, Role::Hint);
    painter.write(pen, " ", Role::Text);
    painter.write(pen, what, Role::Dim);
    painter.write(pen, "   ", Role::Text);
}
