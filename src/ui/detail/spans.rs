//! The Spans tab: the tree with its waterfall above, the payload of the selected span below.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::MessageViewState;
use crate::app::detail::payload::PayloadView;
use crate::app::detail::spans::PART_COLUMN;
use crate::domain::{Span, SpanPart, Status};
use crate::layout::Pane;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::trace::{self, BarKind, Flags, Gap, Guide, Row};
use crate::ui::detail::{active_finder, draw_document, draw_scrollbar, json_tree};
use crate::ui::painter::{Painter, Pen};
use crate::view::payload::missing_text;

/// The widths of the columns of the tree.
#[derive(Clone, Copy, Debug)]
struct Columns {
    /// The operation; 0 hides it.
    operation: usize,
    /// Guides and name.
    name: usize,
    /// The duration.
    duration: usize,
    /// The waterfall; 0 hides it.
    waterfall: u16,
}

impl Columns {
    fn fit(width: u16) -> Self {
        let width = usize::from(width);
        let duration = 9;
        // The longest common operation has 19 letters. A narrower pane truncates it, then hides it.
        let operation = match width {
            100.. => 20,
            70.. => 16,
            _ => 0,
        };
        let rest = width.saturating_sub(2 + operation + duration + 3);
        let waterfall = if rest >= 36 { (rest * 9 / 20).max(16) } else { 0 };
        Self {
            operation,
            name: rest.saturating_sub(waterfall),
            duration,
            waterfall: u16::try_from(waterfall).unwrap_or(0),
        }
    }
}

/// Draws the tab.
pub fn draw(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(state) = app.shown().message_state() else { return };
    if state.spans.is_empty() {
        let reason = app
            .loading
            .shown_thread()
            .and_then(|thread| thread.provider())
            .and_then(|p| p.capabilities().no_spans_reason);
        painter.write(&mut Pen::at(inner, 0), reason.unwrap_or("This message has no spans."), Role::Dim);
        return;
    }
    let areas = app.shown().spans_areas();
    draw_axis(state, painter, areas.axis);
    draw_tree(app, state, painter, areas.tree);
    if areas.part_bar.height > 0 {
        draw_part_bar(app, state, painter, areas.part_bar);
        draw_payload(app, state, painter, areas.payload);
    }
}

fn draw_tree(app: &App, state: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    let view = &state.spans;
    let columns = Columns::fit(area.width);
    let rows = view.visible.rows(view.offset..view.offset + usize::from(area.height));
    for (index, row) in (0..area.height).zip(rows) {
        let cells = Rect::new(area.x, area.y + index, area.width, 1);
        match row {
            Row::Node(node) => draw_span_row(app, painter, cells, node, columns),
            Row::Gap(gap) => draw_gap_row(state, painter, cells, gap, columns),
        }
        if view.offset + usize::from(index) == view.selected {
            let is_focused = app.screen.focus == Pane::Detail && app.overlay.is_none();
            painter.tint(
                Rect { width: cells.width.saturating_sub(columns.waterfall + 1), ..cells },
                if is_focused { Role::Selected } else { Role::SelectedElsewhere },
            );
        }
    }
    draw_scrollbar(painter, area, view.offset, view.len());
}

/// Explains the sign beside a duration.
const LEGEND: &str = "critical path •";

/// Draws the traced share, the zoom state, and the ticks of the time axis.
fn draw_axis(state: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let columns = Columns::fit(area.width);
    let message = &state.view.message;
    let coverage = trace::coverage(message.created_at, message.duration_ms, &state.view.forest);
    let mut pen = Pen::at(area, 0).with_right(area.right().saturating_sub(columns.waterfall + 1));
    let total = number::duration(Some(coverage.total));
    let percent = coverage.covered.saturating_mul(100) / coverage.total.max(1);
    painter.write(&mut pen, &format!("  {total}, {percent} % traced"), Role::Dim);
    let scale = &state.spans.scale;
    if scale.is_zoomed() {
        painter.write(&mut pen, " · Zoomed · za resets", Role::Accent);
    } else if scale.excludes_spans(&state.view.forest) {
        painter.write(&mut pen, " · Spans outside · za shows all", Role::Accent);
    } else if scale.is_folded() {
        painter.write(&mut pen, " · Idle time folded · zi unfolds", Role::Accent);
    } else if coverage.covered.saturating_mul(3) < coverage.total {
        painter.write(&mut pen, " · Mostly idle · zi folds", Role::Dim);
    }
    if columns.waterfall == 0 {
        return;
    }
    // Aligns the sign in the legend with the column of signs.
    pen.x = pen.x.saturating_add(2);
    painter.write_right(&mut pen, LEGEND, Role::Dim);
    let left = area.right() - columns.waterfall;
    for tick in scale.ticks(columns.waterfall) {
        let mut pen = Pen::between(left + tick.col, area.right(), area.y);
        if width::columns(&tick.label) < pen.columns_left() {
            painter.write(&mut pen, "╷", Role::Border);
            painter.write(&mut pen, &tick.label, Role::Dim);
        }
    }
}

fn guides(state: &MessageViewState, row: Row, levels: usize) -> String {
    let forest = &state.view.forest;
    state
        .spans
        .visible
        .guides(forest, row, levels)
        .iter()
        .map(|guide| match guide {
            Guide::Blank => "  ",
            Guide::Line => "│ ",
            Guide::Branch => "├ ",
            Guide::Corner => "└ ",
            Guide::Gap => "┆ ",
        })
        .collect()
}

fn status_sign(span: &Span, flags: Flags) -> (&'static str, Role) {
    if flags.contains(Flags::FAILED) {
        return ("✗ ", Role::Error);
    }
    match span.status {
        Status::Error => ("✗ ", Role::Error),
        Status::Canceled => ("⊘ ", Role::Warn),
        Status::Other => ("? ", Role::Warn),
        Status::Success | Status::Unknown if flags.contains(Flags::FAILED_DESCENDANT) => ("! ", Role::Error),
        Status::Success | Status::Unknown => ("  ", Role::Text),
    }
}

/// The warnings about a span, in a few words.
fn flag_words(flags: Flags) -> String {
    let words = [
        (Flags::ORPHAN, "orphan"),
        (Flags::DUPLICATE, "duplicate id"),
        (Flags::CYCLE, "cycle"),
        (Flags::SELF_PARENT, "its own parent"),
        (Flags::UNFINISHED, "unfinished"),
        (Flags::NO_START, "no start"),
        (Flags::ENDS_BEFORE_START, "ends before it starts"),
        (Flags::STARTS_BEFORE_PARENT, "starts before its parent"),
        (Flags::ENDS_AFTER_PARENT, "ends after its parent"),
        (Flags::DURATION_MISMATCH, "duration_ms differs"),
    ];
    let set: Vec<&str> =
        words.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, word)| *word).collect();
    set.join(", ")
}

fn draw_span_row(app: &App, painter: &mut Painter<'_>, cells: Rect, node: u32, columns: Columns) {
    let Some(state) = app.shown().message_state() else { return };
    let forest = &state.view.forest;
    let Some(entry) = forest.node(node) else { return };
    let Some(span) = forest.span(&state.view.message.spans, node) else { return };
    let mut pen = Pen::at(cells, 0);
    let (sign, sign_role) = status_sign(span, entry.flags);
    painter.write(&mut pen, sign, sign_role);
    if columns.operation > 0 {
        let operation = Safe::line(&span.operation);
        let (cut, _) = width::ellipsize(operation.as_str(), columns.operation - 1);
        painter.write(&mut pen, &width::pad_right(&cut, columns.operation), Role::Dim);
    }
    let end = pen.x.saturating_add(u16::try_from(columns.name).unwrap_or(0)).min(cells.right());
    let mut name = pen.with_right(end);
    painter.write(&mut name, &guides(state, Row::Node(node), columns.name / 5), Role::Border);
    if !entry.is_leaf() {
        let folded = state.spans.folds.is_folded(node);
        painter.write(&mut name, if folded { "▸ " } else { "▾ " }, Role::Dim);
    }
    let label = if span.name.is_empty() { &span.operation } else { &span.name };
    let label = Safe::line(label);
    let role = if entry.flags.contains(Flags::FAILED) { Role::Error } else { Role::Text };
    let hits = match app.shown().hits_in_span(node) {
        0 => String::new(),
        hits => format!(" /{hits}"),
    };
    let (cut, _) = width::ellipsize(label.as_str(), name.columns_left().saturating_sub(hits.len()));
    painter.write(&mut name, &cut, role);
    painter.write(&mut name, &hits, Role::Accent);
    let warnings = flag_words(entry.flags);
    if !warnings.is_empty() && name.columns_left() > 4 {
        painter.write(&mut name, "  ", Role::Text);
        let (cut, _) = width::ellipsize(&warnings, name.columns_left());
        painter.write(&mut name, &cut, Role::Warn);
    }
    let mut duration = Pen::between(end, cells.right(), pen.y);
    let text = if entry.flags.contains(Flags::UNFINISHED) {
        "…".to_owned()
    } else {
        number::duration(span.duration_micros())
    };
    painter.write(&mut duration, &width::pad_left(&text, columns.duration), Role::Text);
    if state.spans.is_critical(node) {
        painter.write(&mut duration, " •", Role::Accent);
    }
    draw_waterfall_bar(state, painter, cells, node, columns);
}

fn draw_gap_row(
    state: &MessageViewState,
    painter: &mut Painter<'_>,
    cells: Rect,
    gap: Gap,
    columns: Columns,
) {
    let mut pen = Pen::at(cells, 0);
    painter.write(&mut pen, &" ".repeat(2 + columns.operation), Role::Text);
    let end = pen.x.saturating_add(u16::try_from(columns.name).unwrap_or(0)).min(cells.right());
    let mut name = pen.with_right(end);
    painter.write(&mut name, &guides(state, Row::Gap(gap), columns.name / 5), Role::Border);
    painter.write(&mut name, "untraced", Role::Dim);
    let mut duration = Pen::between(end, cells.right(), pen.y);
    let text = number::duration(Some(gap.micros));
    painter.write(&mut duration, &width::pad_left(&text, columns.duration), Role::Dim);
    if columns.waterfall == 0 {
        return;
    }
    let left = cells.right() - columns.waterfall;
    let bar = state.spans.scale.bar(gap.start, gap.start.saturating_add(gap.micros), columns.waterfall);
    for column in 0..columns.waterfall {
        if bar.cell(column).is_some_and(|(from, to)| to - from >= 4) {
            painter.set_cell(left + column, cells.y, "░", Role::Gap);
        }
    }
}

/// The left part of a cell, in eighths.
const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

fn draw_waterfall_bar(
    state: &MessageViewState,
    painter: &mut Painter<'_>,
    cells: Rect,
    node: u32,
    columns: Columns,
) {
    let forest = &state.view.forest;
    let Some(entry) = forest.node(node).filter(|_| columns.waterfall > 0) else { return };
    let left = cells.right() - columns.waterfall;
    let bar = state.spans.scale.bar_of(entry, columns.waterfall);
    let role = if entry.flags.contains(Flags::FAILED) { Role::BarError } else { Role::Bar };
    match bar.kind {
        BarKind::Instant => {
            painter.set_cell(left + bar.start_col(columns.waterfall), cells.y, "╵", role);
            return;
        }
        BarKind::Before => return painter.set_cell(left, cells.y, "‹", Role::Dim),
        BarKind::After => return painter.set_cell(cells.right() - 1, cells.y, "›", Role::Dim),
        BarKind::Solid | BarKind::Unfinished => {}
    }
    for column in 0..columns.waterfall {
        let Some((from, to)) = bar.cell(column) else { continue };
        // No character fills only the right part of a cell in eighths; half cells are close enough.
        let sign = match (from, to) {
            (0, to) => EIGHTHS.get(usize::from(to)).copied().unwrap_or("█"),
            (1..=2, 8) => "█",
            (3..=6, 8) => "▐",
            (_, 8) => "▕",
            _ => "▪",
        };
        painter.set_cell(left + column, cells.y, sign, role);
    }
    if bar.kind == BarKind::Unfinished {
        painter.set_cell(cells.right() - 1, cells.y, "▸", Role::Warn);
    }
}

/// The smallest room for the span's name in the bar.
const MIN_NAME_COLUMNS: usize = 8;

/// Draws the line between tree and payload: the parts, and the name of the span.
fn draw_part_bar(app: &App, state: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    let role = if app.screen.focus == Pane::Payload { Role::BorderFocus } else { Role::Border };
    painter.write(&mut Pen::at(area, 0), &"─".repeat(usize::from(area.width)), role);
    let Some(span) = app.shown().selected_span() else { return };
    let mut pen = Pen::between(area.x + u16::try_from(PART_COLUMN).unwrap_or(1), area.right(), area.y);
    for (index, part) in SpanPart::ALL.into_iter().enumerate() {
        if index > 0 {
            painter.write(&mut pen, " │ ", Role::Border);
        }
        let is_present = !part.byte_range(span).is_empty();
        let role = match (part == state.spans.part, is_present) {
            (true, _) => Role::TabHere,
            (false, true) => Role::Tab,
            (false, false) => Role::Dim,
        };
        painter.write(&mut pen, part.title(), role);
    }
    painter.write(&mut pen, " ", Role::Text);
    let name = Safe::line(&span.name);
    let label = format!(" {}{} ", name.as_str(), timing_text(state, span));
    pen.right = pen.right.saturating_sub(1);
    // A letter or two of a name are of no use.
    if pen.columns_left() >= MIN_NAME_COLUMNS {
        let (cut, _) = width::ellipsize(&label, pen.columns_left());
        painter.write_right(&mut pen, &cut, Role::Strong);
    }
}

/// The self time of the selected span, and its reported duration if that differs from the measured one.
fn timing_text(state: &MessageViewState, span: &Span) -> String {
    let forest = &state.view.forest;
    let Some(node) = state.spans.selected_node() else { return String::new() };
    let Some(entry) = forest.node(node) else { return String::new() };
    let mut text = String::new();
    if !entry.is_leaf() {
        text.push_str(&format!("  self {}", number::duration(Some(trace::self_time(forest, node)))));
    }
    if entry.flags.contains(Flags::DURATION_MISMATCH) {
        let reported = span.duration_ms.map(|ms| ms.saturating_mul(1000));
        text.push_str(&format!("  duration_ms {}", number::duration(reported)));
    }
    text
}

fn draw_payload(app: &App, state: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    let is_focused = app.screen.focus == Pane::Payload;
    let tree = match app.shown().payload() {
        PayloadView::Formatted(view) => return draw_document(view, is_focused, painter, area),
        PayloadView::Tree(tree) => Some(tree),
        PayloadView::Absent => None,
    };
    let area = draw_error_line(app, painter, area);
    match tree {
        Some(tree) => json_tree::draw(tree, is_focused, active_finder(app), painter, area),
        None => {
            painter.write(&mut Pen::at(area, 0), &missing_text(state.spans.part), Role::Dim);
        }
    }
}

/// Draws the error of a failed span in one line above its JSON; returns the rest of the area.
fn draw_error_line(app: &App, painter: &mut Painter<'_>, area: Rect) -> Rect {
    let Some(error) = app.shown().selected_span().and_then(|span| span.error.as_ref()) else { return area };
    if area.height < 2 {
        return area;
    }
    let mut pen = Pen::at(area, 0);
    let text = format!("✗ {} {}", error.kind, error.message);
    let safe = Safe::line(&text);
    let (cut, _) = width::ellipsize(safe.as_str(), pen.columns_left());
    painter.write(&mut pen, &cut, Role::Error);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}
