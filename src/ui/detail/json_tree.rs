//! A JSON tree: guides, keys, values in the colours of their types, previews of folded containers.

use ratatui::layout::Rect;

use crate::app::detail::json_tree::TreeView;
use crate::json::tree::{Excerpt, Label, RowPart, TreeRow};
use crate::json::{self, Kind};
use crate::search::Finder;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::detail::draw_scrollbar;
use crate::ui::painter::{Painter, Pen};
use crate::view::nested_tree::NestedRow;

/// Levels of indent; deeper rows show their depth as a number instead.
const MAX_INDENT_LEVELS: usize = 24;

/// A search hit in a row.
#[derive(Clone, Copy)]
struct Hit<'a> {
    excerpt: &'a Excerpt,
    finder: &'a Finder,
}

/// Draws the rows in view. The row of the last search hit shows the text around the hit, which may be far into a long
/// string.
pub fn draw(
    view: &TreeView,
    is_focused: bool,
    finder: Option<&Finder>,
    painter: &mut Painter<'_>,
    area: Rect,
) {
    let page = usize::from(area.height);
    // An escape takes up to six bytes per column; a few more allow for characters without a column.
    let revealed = finder.and_then(|finder| Some((view.revealed_hit(usize::from(area.width) * 8)?, finder)));
    for (row, entry) in (0..area.height).zip(view.rows(page)) {
        // The first column is for the marker of the selection.
        let mut pen = Pen::between(area.x.saturating_add(1), area.right(), area.y + row);
        let index = view.offset + usize::from(row);
        let hit = revealed.as_ref().filter(|((row, _), _)| *row == index);
        let hit = hit.map(|((_, excerpt), finder)| Hit { excerpt, finder });
        draw_row(painter, &mut pen, &entry, hit);
        if index == view.selected {
            let cells = Rect::new(area.x, area.y + row, area.width, 1);
            painter.select(cells, is_focused);
        }
    }
    draw_scrollbar(painter, area, view.offset, view.len());
}

fn draw_row(painter: &mut Painter<'_>, pen: &mut Pen, entry: &NestedRow, hit: Option<Hit<'_>>) {
    let row = &entry.row;
    let hit_in = |part| hit.filter(|hit| hit.excerpt.part == part);
    draw_indent(painter, pen, row.depth);
    let symbol = match row.is_open {
        Some(true) => "▾ ",
        Some(false) => "▸ ",
        None => "  ",
    };
    painter.write(pen, symbol, Role::Dim);
    match &row.label {
        Label::Root => {}
        Label::Key(key) => {
            let room = pen.columns_left() / 2;
            let cut = match hit_in(RowPart::Name) {
                Some(hit) => excerpt_around_hit(hit, "", room),
                None => width::ellipsize(Safe::line(key).as_str(), room).0.into_owned(),
            };
            painter.write(pen, &cut, Role::Key);
            painter.write(pen, ": ", Role::Dim);
        }
        Label::Index(index) => {
            painter.write(pen, &index.to_string(), Role::Dim);
            painter.write(pen, ": ", Role::Dim);
        }
    }
    match &entry.embedded {
        Some(embedded) => {
            painter.write(pen, "string ⟶ ", Role::StringLiteral);
            draw_value(painter, pen, embedded, None);
        }
        None => draw_value(painter, pen, row, hit_in(RowPart::Value)),
    }
}

/// Returns the part of a text around a hit that fits. `close` ends a text that is not truncated.
fn excerpt_around_hit(hit: Hit<'_>, close: &str, room: usize) -> String {
    let Excerpt { is_truncated_before, before, after, is_truncated_after, .. } = hit.excerpt;
    let open = if *is_truncated_before { "…" } else { "" };
    let close = if *is_truncated_after { "…" } else { close };
    let before = format!("{open}{before}");
    let text = Safe::line(&format!("{before}{after}{close}")).into_string();
    let start = text.floor_char_boundary(Safe::line(&before).as_str().len());
    let ranges = hit.finder.text_hits(text.get(start..).unwrap_or_default(), 1);
    let len = ranges.first().filter(|range| range.start == 0).map_or(0, |range| range.end);
    width::excerpt(&text, start..start + len, room).into_owned()
}

fn draw_indent(painter: &mut Painter<'_>, pen: &mut Pen, depth: usize) {
    let levels = MAX_INDENT_LEVELS.min(pen.columns_left() / 6);
    if depth > levels {
        painter.write(pen, &format!("{depth}· "), Role::Dim);
    }
    painter.write(pen, &"│ ".repeat(depth.min(levels)), Role::Border);
}

fn draw_value(painter: &mut Painter<'_>, pen: &mut Pen, row: &TreeRow, hit: Option<Hit<'_>>) {
    let size = row.byte_len.filter(|bytes| *bytes > 200).map(|bytes| number::bytes(bytes as u64));
    match row.kind {
        Kind::Object | Kind::Array => draw_container(painter, pen, row, size),
        Kind::String => {
            let mut text_pen = *pen;
            if let Some(size) = size {
                painter.write_right(&mut text_pen, &format!(" {size}"), Role::Dim);
            }
            painter.write(&mut text_pen, "\"", Role::StringLiteral);
            if let Some(hit) = hit {
                let text = excerpt_around_hit(hit, "\"", text_pen.columns_left());
                painter.write(&mut text_pen, &text, Role::StringLiteral);
            } else {
                let close = if row.is_truncated { "…" } else { "\"" };
                draw_truncated(
                    painter,
                    &mut text_pen,
                    &format!("{}{close}", row.preview),
                    Role::StringLiteral,
                );
            }
        }
        Kind::Number => draw_unquoted(painter, pen, row, hit, Role::NumberLiteral),
        Kind::Bool | Kind::Null => draw_unquoted(painter, pen, row, hit, Role::Constant),
        Kind::Invalid => {
            let mut text_pen = *pen;
            painter.write_right(&mut text_pen, "  not JSON", Role::Error);
            draw_unquoted(painter, &mut text_pen, row, hit, Role::Error);
        }
    }
}

/// Returns the marker after a truncated preview.
fn cut_marker(row: &TreeRow) -> &'static str {
    if row.is_truncated { "…" } else { "" }
}

/// Draws a value without quotes.
fn draw_unquoted(painter: &mut Painter<'_>, pen: &mut Pen, row: &TreeRow, hit: Option<Hit<'_>>, role: Role) {
    match hit {
        Some(hit) => {
            let text = excerpt_around_hit(hit, "", pen.columns_left());
            painter.write(pen, &text, role);
        }
        None => draw_truncated(painter, pen, &format!("{}{}", row.preview, cut_marker(row)), role),
    }
}

fn draw_truncated(painter: &mut Painter<'_>, pen: &mut Pen, text: &str, role: Role) {
    let safe = Safe::line(text);
    let (cut, _) = width::ellipsize(safe.as_str(), pen.columns_left());
    painter.write(pen, &cut, role);
}

/// Draws the number of children, and for a folded container the beginning of its JSON.
fn draw_container(painter: &mut Painter<'_>, pen: &mut Pen, row: &TreeRow, size: Option<String>) {
    let (open, close) = if row.kind == Kind::Array { ("[", "]") } else { ("{", "}") };
    // The children of a container that was never opened are not counted. Empty brackets would mean that it has no children.
    let count = row.child_count.map_or_else(|| "…".to_owned(), |count| count.to_string());
    painter.write(pen, open, Role::Dim);
    painter.write(pen, &count, Role::Dim);
    painter.write(pen, close, Role::Dim);
    if row.is_open == Some(false) && row.child_count != Some(0) {
        painter.write(pen, " ", Role::Text);
        let mut rest = *pen;
        if let Some(size) = size {
            painter.write_right(&mut rest, &format!(" {size}"), Role::Dim);
        }
        draw_truncated(
            painter,
            &mut rest,
            &format!("{}{}", json::collapse_whitespace(&row.preview), cut_marker(row)),
            Role::Dim,
        );
    }
}
