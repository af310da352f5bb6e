//! A JSON tree: guides, keys, values in the colours of their types, folded containers in short. The twin of
//! `app/detail/tree_view`.

use ratatui::layout::Rect;

use crate::app::detail::tree_view::TreeView;
use crate::app::detail::tree_view::grove::GroveRow;
use crate::json::tree::{Label, TreeRow};
use crate::json::{self, Kind};
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::detail::scroll_mark;
use crate::ui::paint::{Painter, Pen};

/// Levels of indent that are drawn; deeper rows say their depth instead.
const LEVELS: usize = 24;

/// Draws the rows in view.
pub fn draw(view: &TreeView, focused: bool, painter: &mut Painter<'_>, area: Rect) {
    let page = usize::from(area.height);
    for (row, entry) in (0..area.height).zip(view.rows(page)) {
        let mut pen = Pen::at(area, row);
        entry_line(painter, &mut pen, &entry);
        if view.offset + usize::from(row) == view.selected {
            let cells = Rect::new(area.x, area.y + row, area.width, 1);
            painter.tint(cells, if focused { Role::Selected } else { Role::SelectedElsewhere });
        }
    }
    scroll_mark(painter, area, view.offset, view.len());
}

fn entry_line(painter: &mut Painter<'_>, pen: &mut Pen, entry: &GroveRow) {
    let row = &entry.row;
    indent(painter, pen, row.depth);
    let sign = match row.open {
        Some(true) => "▾ ",
        Some(false) => "▸ ",
        None => "  ",
    };
    painter.word(pen, sign, Role::Dim);
    match &row.label {
        Label::Root => {}
        Label::Key(key) => {
            let safe = Safe::line(key);
            let (cut, _) = width::ellipsis(safe.as_str(), pen.room() / 2);
            painter.word(pen, &cut, Role::Key);
            painter.word(pen, ": ", Role::Dim);
        }
        Label::Index(index) => {
            painter.word(pen, &index.to_string(), Role::Dim);
            painter.word(pen, ": ", Role::Dim);
        }
    }
    match &entry.inside {
        Some(inside) => {
            painter.word(pen, "string ⟶ ", Role::StringLiteral);
            value(painter, pen, inside);
        }
        None => value(painter, pen, row),
    }
}

fn indent(painter: &mut Painter<'_>, pen: &mut Pen, depth: usize) {
    let levels = LEVELS.min(pen.room() / 6);
    if depth > levels {
        painter.word(pen, &format!("{depth}· "), Role::Dim);
    }
    painter.word(pen, &"│ ".repeat(depth.min(levels)), Role::Border);
}

fn value(painter: &mut Painter<'_>, pen: &mut Pen, row: &TreeRow) {
    let size = row.bytes.filter(|bytes| *bytes > 200).map(|bytes| number::bytes(bytes as u64));
    match row.kind {
        Kind::Object | Kind::Array => container(painter, pen, row, size),
        Kind::String => {
            let mut text_pen = *pen;
            if let Some(size) = size {
                painter.right(&mut text_pen, &format!(" {size}"), Role::Dim);
            }
            let text = format!("\"{}\"", row.preview);
            cut(painter, &mut text_pen, &text, Role::StringLiteral);
        }
        Kind::Number => cut(painter, pen, &row.preview, Role::NumberLiteral),
        Kind::Bool | Kind::Null => cut(painter, pen, &row.preview, Role::Constant),
        Kind::Invalid => {
            cut(painter, pen, &row.preview, Role::Error);
            painter.word(pen, "  not JSON", Role::Error);
        }
    }
}

fn cut(painter: &mut Painter<'_>, pen: &mut Pen, text: &str, role: Role) {
    let safe = Safe::line(text);
    let (cut, _) = width::ellipsis(safe.as_str(), pen.room());
    painter.word(pen, &cut, role);
}

/// How many children, and for a folded one the beginning of its JSON.
fn container(painter: &mut Painter<'_>, pen: &mut Pen, row: &TreeRow, size: Option<String>) {
    let (open, close) = if row.kind == Kind::Array { ("[", "]") } else { ("{", "}") };
    // Nobody has counted what was never opened; brackets with nothing in them would say that it is empty.
    let count = row.children.map_or_else(|| "…".to_owned(), |count| count.to_string());
    painter.word(pen, open, Role::Dim);
    painter.word(pen, &count, Role::Dim);
    painter.word(pen, close, Role::Dim);
    if row.open == Some(false) && row.children != Some(0) {
        painter.word(pen, " ", Role::Text);
        let mut rest = *pen;
        if let Some(size) = size {
            painter.right(&mut rest, &format!(" {size}"), Role::Dim);
        }
        cut(painter, &mut rest, &json::on_one_line(&row.preview), Role::Dim);
    }
}
