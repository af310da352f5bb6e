//! The spans tab: the tree with its waterfall above, the selected span's payload below. The twin of `app/detail/spans`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::Shown;
use crate::app::detail::payload::view::PayloadView;
use crate::app::detail::spans::Part;
use crate::domain::{Span, Status};
use crate::layout::Pane;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::trace::{self, BarKind, Flags, Gap, Guide, Row};
use crate::ui::detail::{finder, scroll_mark, text, tree};
use crate::ui::paint::{Painter, Pen};

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
    track: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
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
            track: u16::try_from(track).unwrap_or(0),
        }
    }
}

/// Draws the tab.
pub fn draw(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(shown) = app.shown() else { return };
    if shown.spans.is_empty() {
        let why =
            app.shown_thread().and_then(|thread| thread.provider()).and_then(|p| p.capabilities().no_spans);
        painter.word(&mut Pen::at(inner, 0), why.unwrap_or("this message has no spans"), Role::Dim);
        return;
    }
    let areas = app.spans_areas();
    axis(shown, painter, areas.axis);
    tree_rows(app, shown, painter, areas.tree);
    if areas.bar.height > 0 {
        bar(app, shown, painter, areas.bar);
        payload(app, shown, painter, areas.payload);
    }
}

fn tree_rows(app: &App, shown: &Shown, painter: &mut Painter<'_>, area: Rect) {
    let view = &shown.spans;
    let columns = Columns::of(area.width);
    let rows = view.visible.rows(view.offset..view.offset + usize::from(area.height));
    for (at, row) in (0..area.height).zip(rows) {
        let cells = Rect::new(area.x, area.y + at, area.width, 1);
        match row {
            Row::Node(node) => node_row(app, painter, cells, node, columns),
            Row::Gap(gap) => gap_row(shown, painter, cells, gap, columns),
        }
        if view.offset + usize::from(at) == view.selected {
            let here = app.focus == Pane::Detail && app.overlay.is_none();
            painter.tint(
                Rect { width: cells.width.saturating_sub(columns.track + 1), ..cells },
                if here { Role::Selected } else { Role::SelectedElsewhere },
            );
        }
    }
    scroll_mark(painter, area, view.offset, view.len());
}

/// What the sign beside a duration means.
const LEGEND: &str = "on the critical path •";

/// What is covered, whether the view is zoomed, and the ticks of the time axis.
fn axis(shown: &Shown, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let columns = Columns::of(area.width);
    let message = &shown.prepared.message;
    let coverage = trace::coverage(message.created_at, message.duration_ms, &shown.prepared.forest);
    let mut pen = Pen::at(area, 0).until(area.right().saturating_sub(columns.track + 1));
    let covered = number::duration(Some(coverage.covered));
    let total = number::duration(Some(coverage.total));
    painter.word(&mut pen, &format!("  {covered} of {total} covered"), Role::Dim);
    let scale = &shown.spans.scale;
    if scale.is_zoomed() {
        painter.word(&mut pen, "   zoomed, za shows all", Role::Accent);
    } else if scale.is_folded() {
        painter.word(&mut pen, "   idle time folded", Role::Accent);
    } else if coverage.covered.saturating_mul(3) < coverage.total {
        painter.word(&mut pen, "   zi folds idle time", Role::Dim);
    }
    if columns.track == 0 {
        return;
    }
    // Its sign stands above the column of signs.
    pen.x = pen.x.saturating_add(2);
    painter.right(&mut pen, LEGEND, Role::Dim);
    let left = area.right() - columns.track;
    for tick in scale.ticks(columns.track) {
        let mut pen = Pen::between(left + tick.col, area.right(), area.y);
        if width::columns(&tick.label) < pen.room() {
            painter.word(&mut pen, "╷", Role::Border);
            painter.word(&mut pen, &tick.label, Role::Dim);
        }
    }
}

fn guides(shown: &Shown, row: Row, levels: usize) -> String {
    let forest = &shown.prepared.forest;
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

fn status_mark(span: &Span, flags: Flags) -> (&'static str, Role) {
    if flags.has(Flags::FAILED) {
        return ("✗ ", Role::Error);
    }
    match span.status {
        Status::Error => ("✗ ", Role::Error),
        Status::Canceled => ("⊘ ", Role::Warn),
        Status::Other => ("? ", Role::Warn),
        Status::Success | Status::Unknown if flags.has(Flags::FAILED_INSIDE) => ("! ", Role::Error),
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
        (Flags::BACKWARDS, "ends before it starts"),
        (Flags::DISAGREES, "duration_ms differs"),
    ];
    let named: Vec<&str> = words.iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, word)| *word).collect();
    named.join(", ")
}

fn node_row(app: &App, painter: &mut Painter<'_>, cells: Rect, node: u32, columns: Columns) {
    let Some(shown) = app.shown() else { return };
    let forest = &shown.prepared.forest;
    let Some(found) = forest.node(node) else { return };
    let Some(span) = forest.span(&shown.prepared.message.spans, node) else { return };
    let mut pen = Pen::at(cells, 0);
    let (mark, mark_role) = status_mark(span, found.flags);
    painter.word(&mut pen, mark, mark_role);
    if columns.operation > 0 {
        let operation = Safe::line(&span.operation);
        let (cut, _) = width::ellipsis(operation.as_str(), columns.operation - 1);
        painter.word(&mut pen, &width::pad_right(&cut, columns.operation), Role::Dim);
    }
    let end = pen.x.saturating_add(u16::try_from(columns.name).unwrap_or(0)).min(cells.right());
    let mut name = pen.until(end);
    painter.word(&mut name, &guides(shown, Row::Node(node), columns.name / 5), Role::Border);
    if !found.is_leaf() {
        let folded = shown.spans.folds.is_folded(node);
        painter.word(&mut name, if folded { "▸ " } else { "▾ " }, Role::Dim);
    }
    let label = if span.name.is_empty() { &span.operation } else { &span.name };
    let label = Safe::line(label);
    let role = if found.flags.has(Flags::FAILED) { Role::Error } else { Role::Text };
    let hits = match app.hits_in_span(node) {
        0 => String::new(),
        hits => format!(" /{hits}"),
    };
    let (cut, _) = width::ellipsis(label.as_str(), name.room().saturating_sub(hits.len()));
    painter.word(&mut name, &cut, role);
    painter.word(&mut name, &hits, Role::Accent);
    let odd = flag_words(found.flags);
    if !odd.is_empty() && name.room() > 4 {
        painter.word(&mut name, "  ", Role::Text);
        let (cut, _) = width::ellipsis(&odd, name.room());
        painter.word(&mut name, &cut, Role::Warn);
    }
    let mut took = Pen::between(end, cells.right(), pen.y);
    let text = if found.flags.has(Flags::UNFINISHED) {
        "…".to_owned()
    } else {
        number::duration(span.measured_micros())
    };
    painter.word(&mut took, &width::pad_left(&text, columns.duration), Role::Text);
    if shown.spans.is_critical(node) {
        painter.word(&mut took, " •", Role::Accent);
    }
    track(shown, painter, cells, node, columns);
}

fn gap_row(shown: &Shown, painter: &mut Painter<'_>, cells: Rect, gap: Gap, columns: Columns) {
    let mut pen = Pen::at(cells, 0);
    painter.word(&mut pen, &" ".repeat(2 + columns.operation), Role::Text);
    let end = pen.x.saturating_add(u16::try_from(columns.name).unwrap_or(0)).min(cells.right());
    let mut name = pen.until(end);
    painter.word(&mut name, &guides(shown, Row::Gap(gap), columns.name / 5), Role::Border);
    painter.word(&mut name, "not traced", Role::Dim);
    let mut took = Pen::between(end, cells.right(), pen.y);
    let text = number::duration(Some(gap.micros));
    painter.word(&mut took, &width::pad_left(&text, columns.duration), Role::Dim);
    if columns.track == 0 {
        return;
    }
    let left = cells.right() - columns.track;
    let bar = shown.spans.scale.bar(gap.start, gap.start.saturating_add(gap.micros), columns.track);
    for column in 0..columns.track {
        if bar.cell(column).is_some_and(|(from, to)| to - from >= 4) {
            painter.cell(left + column, cells.y, "░", Role::Gap);
        }
    }
}

/// Left and right parts of a cell in eighths.
const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

fn track(shown: &Shown, painter: &mut Painter<'_>, cells: Rect, node: u32, columns: Columns) {
    let forest = &shown.prepared.forest;
    let Some(found) = forest.node(node).filter(|_| columns.track > 0) else { return };
    let left = cells.right() - columns.track;
    let bar = shown.spans.scale.bar_of(found, columns.track);
    let role = if found.flags.has(Flags::FAILED) { Role::BarError } else { Role::Bar };
    match bar.kind {
        BarKind::Instant => {
            painter.cell(left + bar.col(columns.track), cells.y, "╵", role);
            return;
        }
        BarKind::Before => return painter.cell(left, cells.y, "‹", Role::Dim),
        BarKind::Beyond => return painter.cell(cells.right() - 1, cells.y, "›", Role::Dim),
        BarKind::Solid | BarKind::Open => {}
    }
    for column in 0..columns.track {
        let Some((from, to)) = bar.cell(column) else { continue };
        // A cell that is filled on its right side only has no sign of its own: half cells are near enough.
        let sign = match (from, to) {
            (0, to) => EIGHTHS.get(usize::from(to)).copied().unwrap_or("█"),
            (1..=2, 8) => "█",
            (3..=6, 8) => "▐",
            (_, 8) => "▕",
            _ => "▪",
        };
        painter.cell(left + column, cells.y, sign, role);
    }
    if bar.kind == BarKind::Open {
        painter.cell(cells.right() - 1, cells.y, "▸", Role::Warn);
    }
}

/// Columns of the span's name in the bar at least.
const LEAST_NAME: usize = 8;

/// The line between tree and payload: the parts, and what span it is.
fn bar(app: &App, shown: &Shown, painter: &mut Painter<'_>, area: Rect) {
    let role = if app.focus == Pane::Payload { Role::BorderFocus } else { Role::Border };
    painter.word(&mut Pen::at(area, 0), &"─".repeat(usize::from(area.width)), role);
    let Some(span) = app.selected_span() else { return };
    let start = u16::try_from(app.part_column(shown)).unwrap_or(1);
    let mut pen = Pen::between(area.x + start, area.right(), area.y);
    for (index, part) in Part::ALL.into_iter().enumerate() {
        if index > 0 {
            painter.word(&mut pen, " │ ", Role::Border);
        }
        let there = !part.piece(span).is_empty();
        let role = match (part == shown.spans.part, there) {
            (true, _) => Role::TabHere,
            (false, true) => Role::Tab,
            (false, false) => Role::Dim,
        };
        painter.word(&mut pen, part.title(), role);
    }
    painter.word(&mut pen, " ", Role::Text);
    let name = Safe::line(&span.name);
    let label = format!(" {}{} ", name.as_str(), times(shown, span));
    pen.right = pen.right.saturating_sub(1);
    // A letter or two of a name would tell nothing.
    if pen.room() >= LEAST_NAME {
        let (cut, _) = width::ellipsis(&label, pen.room());
        painter.right(&mut pen, &cut, Role::Strong);
    }
}

/// Self time of the selected span, and both durations where they disagree.
fn times(shown: &Shown, span: &Span) -> String {
    let forest = &shown.prepared.forest;
    let Some(node) = shown.spans.node() else { return String::new() };
    let Some(found) = forest.node(node) else { return String::new() };
    let mut text = String::new();
    if !found.is_leaf() {
        text.push_str(&format!("  self {}", number::duration(Some(trace::self_time(forest, node)))));
    }
    if found.flags.has(Flags::DISAGREES) {
        let said = span.duration_ms.map(|ms| ms.saturating_mul(1000));
        text.push_str(&format!("  duration_ms says {}", number::duration(said)));
    }
    text
}

fn payload(app: &App, shown: &Shown, painter: &mut Painter<'_>, area: Rect) {
    let focused = app.focus == Pane::Payload;
    let tree = match app.payload_view() {
        PayloadView::Reading { document, offset } => {
            return text::document_rows(document, offset, focused, painter, area);
        }
        PayloadView::Tree(tree) => Some(tree),
        PayloadView::Nothing => None,
    };
    let area = error_line(app, painter, area);
    match tree {
        Some(view) => tree::draw(view, focused, finder(app), painter, area),
        None => {
            let text = format!("no {}", shown.spans.part.title().to_lowercase());
            painter.word(&mut Pen::at(area, 0), &text, Role::Dim);
        }
    }
}

/// Why the span failed, in one line above its JSON; returns what is left of the area.
fn error_line(app: &App, painter: &mut Painter<'_>, area: Rect) -> Rect {
    let Some(error) = app.selected_span().and_then(|span| span.error.as_ref()) else { return area };
    if area.height < 2 {
        return area;
    }
    let mut pen = Pen::at(area, 0);
    let text = format!("✗ {} {}", error.kind, error.message);
    let safe = Safe::line(&text);
    let (cut, _) = width::ellipsis(safe.as_str(), pen.room());
    painter.word(&mut pen, &cut, Role::Error);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}
