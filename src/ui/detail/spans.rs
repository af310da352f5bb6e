//! The spans tab: the tree with its waterfall above, the selected span's payload below. The twin of `app/detail/spans`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::MessageViewState;
use crate::app::detail::payload::PayloadView;
use crate::domain::{Span, SpanPart, Status};
use crate::layout::Pane;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::trace::{self, BarKind, Flags, Gap, Guide, Row};
use crate::ui::detail::{active_finder, draw_scrollbar, json_tree, message};
use crate::ui::painter::{Painter, Pen};

/// Where the columns of the tree are.
#[derive(Clone, Copy, Debug)]
struct Columns {
    /// Columns of the operation type; 0 leaves it out.
    operation: usize,
    /// Columns of guides and name.
    name: usize,
    /// Columns of the duration.
    duration: usize,
    /// Columns of the waterfall; 0 leaves it out.
    waterfall: u16,
}

impl Columns {
    fn fit(width: u16) -> Self {
        let width = usize::from(width);
        let duration = 9;
        // The longest of the types in common use has 19 letters; without room for them all a type is cut, then left out.
        let operation = match width {
            100.. => 20,
            70.. => 16,
            _ => 0,
        };
        let left = width.saturating_sub(2 + operation + duration + 3);
        let track = if left >= 36 { (left * 9 / 20).max(16) } else { 0 };
        Self {
            operation,
            name: left.saturating_sub(track),
            duration,
            waterfall: u16::try_from(track).unwrap_or(0),
        }
    }
}

/// Draws the tab.
pub fn draw(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(shown) = app.message_state() else { return };
    if shown.spans.is_empty() {
        let why = app
            .shown_thread()
            .and_then(|thread| thread.provider())
            .and_then(|p| p.capabilities().no_spans_reason);
        painter.write(&mut Pen::at(inner, 0), why.unwrap_or("this message has no spans"), Role::Dim);
        return;
    }
    let areas = app.spans_areas();
    draw_axis(shown, painter, areas.axis);
    draw_tree(app, shown, painter, areas.tree);
    if areas.part_bar.height > 0 {
        draw_part_bar(app, shown, painter, areas.part_bar);
        draw_payload(app, shown, painter, areas.payload);
    }
}

fn draw_tree(app: &App, shown: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    let view = &shown.spans;
    let columns = Columns::fit(area.width);
    let rows = view.visible.rows(view.offset..view.offset + usize::from(area.height));
    for (at, row) in (0..area.height).zip(rows) {
        let cells = Rect::new(area.x, area.y + at, area.width, 1);
        match row {
            Row::Node(node) => draw_span_row(app, painter, cells, node, columns),
            Row::Gap(gap) => draw_gap_row(shown, painter, cells, gap, columns),
        }
        if view.offset + usize::from(at) == view.selected {
            let here = app.focus == Pane::Detail && app.overlay.is_none();
            painter.tint(
                Rect { width: cells.width.saturating_sub(columns.waterfall + 1), ..cells },
                if here { Role::Selected } else { Role::SelectedElsewhere },
            );
        }
    }
    draw_scrollbar(painter, area, view.offset, view.len());
}

/// What the sign beside a duration means.
const LEGEND: &str = "on the critical path •";

/// What is covered, whether the view is zoomed, and the ticks of the time axis.
fn draw_axis(shown: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let columns = Columns::fit(area.width);
    let message = &shown.view.message;
    let coverage = trace::coverage(message.created_at, message.duration_ms, &shown.view.forest);
    let mut pen = Pen::at(area, 0).with_right(area.right().saturating_sub(columns.waterfall + 1));
    let covered = number::duration(Some(coverage.covered));
    let total = number::duration(Some(coverage.total));
    painter.write(&mut pen, &format!("  {covered} of {total} covered"), Role::Dim);
    let scale = &shown.spans.scale;
    if scale.is_zoomed() {
        painter.write(&mut pen, "   zoomed, za shows all", Role::Accent);
    } else if scale.is_folded() {
        painter.write(&mut pen, "   idle time folded", Role::Accent);
    } else if coverage.covered.saturating_mul(3) < coverage.total {
        painter.write(&mut pen, "   zi folds idle time", Role::Dim);
    }
    if columns.waterfall == 0 {
        return;
    }
    // Its sign stands above the column of signs.
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

fn guides(shown: &MessageViewState, row: Row, levels: usize) -> String {
    let forest = &shown.view.forest;
    shown
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

/// What is odd about a span, in a word.
fn flag_words(flags: Flags) -> String {
    let words = [
        (Flags::ORPHAN, "orphan"),
        (Flags::DUPLICATE, "duplicate id"),
        (Flags::CYCLE, "cycle"),
        (Flags::SELF_PARENT, "its own parent"),
        (Flags::UNFINISHED, "unfinished"),
        (Flags::NO_START, "no start"),
        (Flags::ENDS_BEFORE_START, "ends before it starts"),
        (Flags::DURATION_MISMATCH, "duration_ms differs"),
    ];
    let named: Vec<&str> =
        words.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, word)| *word).collect();
    named.join(", ")
}

fn draw_span_row(app: &App, painter: &mut Painter<'_>, cells: Rect, node: u32, columns: Columns) {
    let Some(shown) = app.message_state() else { return };
    let forest = &shown.view.forest;
    let Some(found) = forest.node(node) else { return };
    let Some(span) = forest.span(&shown.view.message.spans, node) else { return };
    let mut pen = Pen::at(cells, 0);
    let (mark, mark_role) = status_sign(span, found.flags);
    painter.write(&mut pen, mark, mark_role);
    if columns.operation > 0 {
        let operation = Safe::line(&span.operation);
        let (cut, _) = width::ellipsize(operation.as_str(), columns.operation - 1);
        painter.write(&mut pen, &width::pad_right(&cut, columns.operation), Role::Dim);
    }
    let end = pen.x.saturating_add(u16::try_from(columns.name).unwrap_or(0)).min(cells.right());
    let mut name = pen.with_right(end);
    painter.write(&mut name, &guides(shown, Row::Node(node), columns.name / 5), Role::Border);
    if !found.is_leaf() {
        let folded = shown.spans.folds.is_folded(node);
        painter.write(&mut name, if folded { "▸ " } else { "▾ " }, Role::Dim);
    }
    let label = if span.name.is_empty() { &span.operation } else { &span.name };
    let label = Safe::line(label);
    let role = if found.flags.contains(Flags::FAILED) { Role::Error } else { Role::Text };
    let hits = match app.hits_in_span(node) {
        0 => String::new(),
        hits => format!(" /{hits}"),
    };
    let (cut, _) = width::ellipsize(label.as_str(), name.columns_left().saturating_sub(hits.len()));
    painter.write(&mut name, &cut, role);
    painter.write(&mut name, &hits, Role::Accent);
    let odd = flag_words(found.flags);
    if !odd.is_empty() && name.columns_left() > 4 {
        painter.write(&mut name, "  ", Role::Text);
        let (cut, _) = width::ellipsize(&odd, name.columns_left());
        painter.write(&mut name, &cut, Role::Warn);
    }
    let mut took = Pen::between(end, cells.right(), pen.y);
    let text = if found.flags.contains(Flags::UNFINISHED) {
        "…".to_owned()
    } else {
        number::duration(span.duration_micros())
    };
    painter.write(&mut took, &width::pad_left(&text, columns.duration), Role::Text);
    if shown.spans.is_critical(node) {
        painter.write(&mut took, " •", Role::Accent);
    }
    draw_waterfall_bar(shown, painter, cells, node, columns);
}

fn draw_gap_row(
    shown: &MessageViewState,
    painter: &mut Painter<'_>,
    cells: Rect,
    gap: Gap,
    columns: Columns,
) {
    let mut pen = Pen::at(cells, 0);
    painter.write(&mut pen, &" ".repeat(2 + columns.operation), Role::Text);
    let end = pen.x.saturating_add(u16::try_from(columns.name).unwrap_or(0)).min(cells.right());
    let mut name = pen.with_right(end);
    painter.write(&mut name, &guides(shown, Row::Gap(gap), columns.name / 5), Role::Border);
    painter.write(&mut name, "not traced", Role::Dim);
    let mut took = Pen::between(end, cells.right(), pen.y);
    let text = number::duration(Some(gap.micros));
    painter.write(&mut took, &width::pad_left(&text, columns.duration), Role::Dim);
    if columns.waterfall == 0 {
        return;
    }
    let left = cells.right() - columns.waterfall;
    let bar = shown.spans.scale.bar(gap.start, gap.start.saturating_add(gap.micros), columns.waterfall);
    for column in 0..columns.waterfall {
        if bar.cell(column).is_some_and(|(from, to)| to - from >= 4) {
            painter.set_cell(left + column, cells.y, "░", Role::Gap);
        }
    }
}

/// Left and right parts of a cell in eighths.
const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

fn draw_waterfall_bar(
    shown: &MessageViewState,
    painter: &mut Painter<'_>,
    cells: Rect,
    node: u32,
    columns: Columns,
) {
    let forest = &shown.view.forest;
    let Some(found) = forest.node(node).filter(|_| columns.waterfall > 0) else { return };
    let left = cells.right() - columns.waterfall;
    let bar = shown.spans.scale.bar_of(found, columns.waterfall);
    let role = if found.flags.contains(Flags::FAILED) { Role::BarError } else { Role::Bar };
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
        // A cell that is filled on its right side only has no sign of its own: half cells are near enough.
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

/// Columns of the span's name in the bar at least.
const MIN_NAME_COLUMNS: usize = 8;

/// The line between tree and payload: the parts, and what span it is.
fn draw_part_bar(app: &App, shown: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    let role = if app.focus == Pane::Payload { Role::BorderFocus } else { Role::Border };
    painter.write(&mut Pen::at(area, 0), &"─".repeat(usize::from(area.width)), role);
    let Some(span) = app.selected_span() else { return };
    let start = u16::try_from(app.part_column(shown)).unwrap_or(1);
    let mut pen = Pen::between(area.x + start, area.right(), area.y);
    for (index, part) in SpanPart::ALL.into_iter().enumerate() {
        if index > 0 {
            painter.write(&mut pen, " │ ", Role::Border);
        }
        let there = !part.byte_range(span).is_empty();
        let role = match (part == shown.spans.part, there) {
            (true, _) => Role::TabHere,
            (false, true) => Role::Tab,
            (false, false) => Role::Dim,
        };
        painter.write(&mut pen, part.title(), role);
    }
    painter.write(&mut pen, " ", Role::Text);
    let name = Safe::line(&span.name);
    let label = format!(" {}{} ", name.as_str(), timing_text(shown, span));
    pen.right = pen.right.saturating_sub(1);
    // A letter or two of a name would tell nothing.
    if pen.columns_left() >= MIN_NAME_COLUMNS {
        let (cut, _) = width::ellipsize(&label, pen.columns_left());
        painter.write_right(&mut pen, &cut, Role::Strong);
    }
}

/// Self time of the selected span, and both durations where they disagree.
fn timing_text(shown: &MessageViewState, span: &Span) -> String {
    let forest = &shown.view.forest;
    let Some(node) = shown.spans.selected_node() else { return String::new() };
    let Some(found) = forest.node(node) else { return String::new() };
    let mut text = String::new();
    if !found.is_leaf() {
        text.push_str(&format!("  self {}", number::duration(Some(trace::self_time(forest, node)))));
    }
    if found.flags.contains(Flags::DURATION_MISMATCH) {
        let said = span.duration_ms.map(|ms| ms.saturating_mul(1000));
        text.push_str(&format!("  duration_ms says {}", number::duration(said)));
    }
    text
}

fn draw_payload(app: &App, shown: &MessageViewState, painter: &mut Painter<'_>, area: Rect) {
    let focused = app.focus == Pane::Payload;
    let tree = match app.payload_view() {
        PayloadView::Formatted { document, offset } => {
            return message::draw_document(document, offset, focused, painter, area);
        }
        PayloadView::Tree(tree) => Some(tree),
        PayloadView::Absent => None,
    };
    let area = draw_error_line(app, painter, area);
    match tree {
        Some(view) => json_tree::draw(view, focused, active_finder(app), painter, area),
        None => {
            let text = format!("no {}", shown.spans.part.title().to_lowercase());
            painter.write(&mut Pen::at(area, 0), &text, Role::Dim);
        }
    }
}

/// Why the span failed, in one line above its JSON; returns what is left of the area.
fn draw_error_line(app: &App, painter: &mut Painter<'_>, area: Rect) -> Rect {
    let Some(error) = app.selected_span().and_then(|span| span.error.as_ref()) else { return area };
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
