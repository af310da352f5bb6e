//! The Spans tab: the tree with its waterfall above, the facts and the payload of the selected span below.

mod bar;
mod column_widths;
mod tree_row;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::payload::PayloadView;
use crate::app::detail::spans::PART_COLUMN;
use crate::app::detail::{MessageViewState, Tab};
use crate::domain::{Span, SpanPart};
use crate::layout::Pane;
use crate::text::{self, Line, Safe, number, width};
use crate::theme::Role;
use crate::trace::{Row, TimeRange};
use crate::ui::detail::{
    Gutter, active_finder, columns_beside_tabs, draw_document, draw_scrollbar, json_tree,
};
use crate::ui::painter::{Painter, Pen};
use crate::view::payload::missing_text;
use crate::view::span_header::{self, SpanFacts};

use column_widths::{ColumnWidths, ContentWidths, FACT_TITLES};
use tree_row::{TreeRow, cell_count};

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
    let rows = TreeRow::in_view(app, state, usize::from(areas.tree.height));
    let needs = rows.iter().map(TreeRow::needs).fold(ContentWidths::default(), ContentWidths::union);
    let columns = ColumnWidths::fit(usize::from(areas.tree.width), needs);
    draw_axis(app, state, painter, (areas.axis, &columns));
    draw_tree(app, state, painter, (areas.tree, &rows, &columns));
    if areas.part_bar.height > 0 {
        draw_header(app, state, painter, areas.header);
        draw_part_bar(app, state, painter, (areas.part_bar, areas.header.is_empty()));
        draw_payload(app, state, painter, areas.payload);
    }
}

fn draw_tree(
    app: &App,
    state: &MessageViewState,
    painter: &mut Painter<'_>,
    (area, rows, columns): (Rect, &[TreeRow<'_>], &ColumnWidths),
) {
    let view = &state.spans;
    for (index, row) in (0..area.height).zip(rows) {
        let cells = Rect::new(area.x, area.y + index, area.width, 1);
        row.draw(state, painter, cells, columns);
        if view.offset + usize::from(index) == view.selected {
            let is_focused = app.screen.focus == Pane::Detail && app.overlay.is_none();
            let name = cell_count(columns.bar_start().saturating_sub(1)).min(cells.width);
            painter.select(Rect { width: name, ..cells }, is_focused);
        }
    }
    draw_scrollbar(painter, area, view.offset, view.len());
}

/// Explains the brightness of the rows.
const LEGEND: &str = "bright: critical path";

/// Returns the total time of the turn and its traced share, if they fit next to the tabs.
pub(super) fn total_in_title(app: &App) -> Option<String> {
    let state = app.shown().message_state().filter(|state| !state.spans.is_empty())?;
    let total = traced_share(state);
    let has_room = width::columns(&total) + 4 <= columns_beside_tabs(app);
    (app.detail.tab == Tab::Spans && has_room).then_some(total)
}

/// Returns the total time of a turn and its traced share.
fn traced_share(state: &MessageViewState) -> String {
    let coverage = state.spans.coverage;
    let percent = coverage.covered.saturating_mul(100) / coverage.total.max(1);
    format!("{}, {percent} % traced", number::duration(Some(coverage.total)))
}

/// Draws the traced share, the zoom state and the legend, as far as they fit, and the ticks of the time axis.
fn draw_axis(
    app: &App,
    state: &MessageViewState,
    painter: &mut Painter<'_>,
    (area, columns): (Rect, &ColumnWidths),
) {
    if area.is_empty() {
        return;
    }
    let scale = &state.spans.scale;
    let coverage = state.spans.coverage;
    let zoom = if scale.is_zoomed() {
        Some(("Zoomed · za resets", Role::Accent))
    } else if scale.excludes_spans(&state.view.forest) {
        Some(("Spans outside · za shows all", Role::Accent))
    } else if scale.is_folded() {
        Some(("Idle time folded · zi unfolds", Role::Accent))
    } else if coverage.covered.saturating_mul(3) < coverage.total {
        Some(("Mostly idle · zi folds", Role::Dim))
    } else {
        None
    };
    let total = traced_share(state);
    let legend = state.spans.shows_critical_path().then_some((LEGEND, Role::Dim));
    let left = area.x.saturating_add(cell_count(columns.bar_start()));
    let mut pen = Pen::at(area, 0);
    // Only the first text may cover ticks.
    let total = total_in_title(app).is_none().then_some((total.as_str(), Role::Dim));
    for (index, (text, role)) in [zoom, legend, total].into_iter().flatten().enumerate() {
        let text = format!("{}{text}", if index == 0 { "  " } else { " · " });
        let room = usize::from(left.saturating_sub(pen.x));
        if index == 0 || width::columns(&text) < room {
            painter.write(&mut pen, &text, role);
        }
    }
    let right = area.right().saturating_sub(cell_count(columns.facts.iter().sum()));
    let titles = columns.pad_facts(FACT_TITLES);
    painter.write(&mut Pen::between(right, area.right(), area.y), &titles.concat(), Role::Dim);
    for tick in scale.ticks(cell_count(columns.bar)) {
        let start = left + tick.col;
        let mut tick_pen = Pen::between(start, right, area.y);
        if start > pen.x && columns.bar > 0 && width::columns(&tick.label) < tick_pen.columns_left() {
            painter.write(&mut tick_pen, "╷", Role::Border);
            painter.write(&mut tick_pen, &tick.label, Role::Dim);
        }
    }
}

/// Draws the line between tree and payload, with the facts of the selected span.
fn draw_header(app: &App, state: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    draw_rule(app, painter, area);
    let columns = usize::from(area.width).saturating_sub(4);
    let Some(line) = header_line(app, state, columns) else { return };
    let mut pen = Pen::between(area.x + 1, area.right(), area.y);
    painter.write(&mut pen, " ", Role::Text);
    painter.write_line(&mut pen, &line);
    painter.write(&mut pen, " ", Role::Text);
}

fn header_line(app: &App, state: &MessageViewState, columns: usize) -> Option<Line> {
    let (view, turn) = (&state.view, state.spans.turn);
    match state.spans.selected_row()? {
        Row::Gap(gap) => {
            let range = TimeRange::new(gap.start, gap.start.saturating_add(gap.micros));
            Some(span_header::untraced_line(range, turn, columns))
        }
        Row::Node(at) => {
            let span = view.forest.span(&view.message.spans, at)?;
            let facts = SpanFacts {
                span,
                node: view.forest.node(at)?,
                self_micros: state.spans.self_micros(at),
                turn,
                median_micros: median(app, span),
            };
            Some(span_header::line(&facts, columns))
        }
    }
}

/// Returns the median duration of a span's operation in the thread, once the thread is analysed.
fn median(app: &App, span: &Span) -> Option<i64> {
    let rows = &app.current_analysis()?.operations;
    rows.iter().find(|row| row.operation == span.operation)?.p50
}

fn draw_rule(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let role = if app.screen.focus == Pane::Payload { Role::BorderFocus } else { Role::Border };
    painter.write(&mut Pen::at(area, 0), &"─".repeat(usize::from(area.width)), role);
}

/// The minimum width of the span's name in the bar.
const MIN_NAME_COLUMNS: usize = 8;

/// Draws the parts of the selected span and its name; on a rule if there is none above.
fn draw_part_bar(
    app: &App,
    state: &MessageViewState,
    painter: &mut Painter<'_>,
    (area, has_rule): (Rect, bool),
) {
    if has_rule {
        draw_rule(app, painter, area);
    }
    let Some(span) = app.shown().selected_span() else {
        return painter.write(
            &mut Pen::between(area.x + 1, area.right(), area.y),
            "Untraced time",
            Role::Tab,
        );
    };
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
    let label = format!(" {} ", Safe::line(&span.name).as_str());
    pen.right = pen.right.saturating_sub(1);
    // One or two letters of a name are useless.
    if pen.columns_left() >= MIN_NAME_COLUMNS {
        let (cut, _) = width::ellipsize(&label, pen.columns_left());
        painter.write_right(&mut pen, &cut, Role::Strong);
    }
}

fn draw_payload(app: &App, state: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    let is_focused = app.screen.focus == Pane::Payload && app.overlay.is_none();
    let tree = match app.shown().payload() {
        PayloadView::Formatted(view) => {
            return draw_document(view, is_focused, Gutter::of(app), painter, area);
        }
        PayloadView::Tree(tree) => Some(tree),
        PayloadView::Absent => None,
    };
    let area = draw_error(app, painter, area);
    match tree {
        Some(tree) => json_tree::draw(tree, is_focused, active_finder(app), painter, area),
        None => {
            painter.write(&mut Pen::at(area, 0), &missing_text(state.spans.part), Role::Dim);
        }
    }
}

/// Rows of an error above its JSON.
const MAX_ERROR_ROWS: usize = 8;

/// Draws the error of a failed span above its JSON, in at most half of the area; returns the rest.
fn draw_error(app: &App, painter: &mut Painter<'_>, area: Rect) -> Rect {
    let Some(error) = app.shown().selected_span().and_then(|span| span.error.as_ref()) else { return area };
    let most = usize::from(area.height / 2).min(MAX_ERROR_ROWS);
    let columns = usize::from(area.width);
    if most == 0 || columns == 0 {
        return area;
    }
    let text = format!("✗ {} {}", error.kind, error.message);
    // A row has at most four bytes per column; the rest of a long error is not wrapped.
    let prefix = text.get(..text.floor_char_boundary(columns * 4 * (most + 1))).unwrap_or_default();
    let mut lines = text::wrap_styled(prefix, columns, Role::Error);
    if lines.len() > most {
        lines.truncate(most.saturating_sub(1));
        lines.push(Line::styled("… the whole error is in the formatted output", Role::Dim));
    }
    for (row, line) in (0..area.height).zip(&lines) {
        painter.write_line(&mut Pen::at(area, row), line);
    }
    let height = cell_count(lines.len()).min(area.height);
    Rect { y: area.y + height, height: area.height - height, ..area }
}
