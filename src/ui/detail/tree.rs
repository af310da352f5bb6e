//! A JSON tree: guides, keys, values in the colours of their types, folded containers in short. The twin of
//! `app/detail/tree_view`.

use ratatui::layout::Rect;

use crate::app::detail::tree_view::TreeView;
use crate::app::detail::tree_view::grove::GroveRow;
use crate::json::tree::{Around, Label, Side, TreeRow};
use crate::json::{self, Kind};
use crate::search::Finder;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::detail::scroll_mark;
use crate::ui::paint::{Painter, Pen};

/// Levels of indent that are drawn; deeper rows say their depth instead.
const LEVELS: usize = 24;

/// What a search found in one row.
#[derive(Clone, Copy)]
struct Hit<'a> {
    around: &'a Around,
    finder: &'a Finder,
}

/// Draws the rows in view; what a search found last is in view in its row, however far into a long text it stands.
pub fn draw(view: &TreeView, focused: bool, finder: Option<&Finder>, painter: &mut Painter<'_>, area: Rect) {
    let page = usize::from(area.height);
    // Escapes take up to six bytes for a column; a few more for what takes none.
    let found = finder.and_then(|finder| Some((view.hit(usize::from(area.width) * 8)?, finder)));
    for (row, entry) in (0..area.height).zip(view.rows(page)) {
        let mut pen = Pen::at(area, row);
        let at = view.offset + usize::from(row);
        let hit = found.as_ref().filter(|((row, _), _)| *row == at);
        let hit = hit.map(|((_, around), finder)| Hit { around, finder });
        entry_line(painter, &mut pen, &entry, hit);
        if at == view.selected {
            let cells = Rect::new(area.x, area.y + row, area.width, 1);
            painter.tint(cells, if focused { Role::Selected } else { Role::SelectedElsewhere });
        }
    }
    scroll_mark(painter, area, view.offset, view.len());
}

fn entry_line(painter: &mut Painter<'_>, pen: &mut Pen, entry: &GroveRow, hit: Option<Hit<'_>>) {
    let row = &entry.row;
    let on = |side| hit.filter(|hit| hit.around.side == side);
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
            let room = pen.room() / 2;
            let cut = match on(Side::Name) {
                Some(hit) => around(hit, "", room),
                None => width::ellipsis(Safe::line(key).as_str(), room).0.into_owned(),
            };
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
            value(painter, pen, inside, None);
        }
        None => value(painter, pen, row, on(Side::Value)),
    }
}

/// As much of a text as there is room for, with the hit in view. `close` is what stands at the text's end.
fn around(hit: Hit<'_>, close: &str, room: usize) -> String {
    let Around { is_cut_before, before, after, is_cut_after, .. } = hit.around;
    let open = if *is_cut_before { "…" } else { "" };
    let close = if *is_cut_after { "…" } else { close };
    let before = format!("{open}{before}");
    let text = Safe::line(&format!("{before}{after}{close}")).into_string();
    let at = text.floor_char_boundary(Safe::line(&before).as_str().len());
    let found = hit.finder.text_hits(text.get(at..).unwrap_or_default(), 1);
    let found = found.first().filter(|found| found.start == 0).map_or(0, |found| found.end);
    width::around(&text, at..at + found, room).into_owned()
}

fn indent(painter: &mut Painter<'_>, pen: &mut Pen, depth: usize) {
    let levels = LEVELS.min(pen.room() / 6);
    if depth > levels {
        painter.word(pen, &format!("{depth}· "), Role::Dim);
    }
    painter.word(pen, &"│ ".repeat(depth.min(levels)), Role::Border);
}

fn value(painter: &mut Painter<'_>, pen: &mut Pen, row: &TreeRow, hit: Option<Hit<'_>>) {
    let size = row.bytes.filter(|bytes| *bytes > 200).map(|bytes| number::bytes(bytes as u64));
    match row.kind {
        Kind::Object | Kind::Array => container(painter, pen, row, size),
        Kind::String => {
            let mut text_pen = *pen;
            if let Some(size) = size {
                painter.right(&mut text_pen, &format!(" {size}"), Role::Dim);
            }
            painter.word(&mut text_pen, "\"", Role::StringLiteral);
            if let Some(hit) = hit {
                let text = around(hit, "\"", text_pen.room());
                painter.word(&mut text_pen, &text, Role::StringLiteral);
            } else {
                let close = if row.is_cut { "…" } else { "\"" };
                cut(painter, &mut text_pen, &format!("{}{close}", row.preview), Role::StringLiteral);
            }
        }
        Kind::Number => bare(painter, pen, row, hit, Role::NumberLiteral),
        Kind::Bool | Kind::Null => bare(painter, pen, row, hit, Role::Constant),
        Kind::Invalid => {
            let mut text_pen = *pen;
            painter.right(&mut text_pen, "  not JSON", Role::Error);
            bare(painter, &mut text_pen, row, hit, Role::Error);
        }
    }
}

/// What stands behind a preview that is not all.
fn more(row: &TreeRow) -> &'static str {
    if row.is_cut { "…" } else { "" }
}

/// A value without quotes.
fn bare(painter: &mut Painter<'_>, pen: &mut Pen, row: &TreeRow, hit: Option<Hit<'_>>, role: Role) {
    match hit {
        Some(hit) => {
            let text = around(hit, "", pen.room());
            painter.word(pen, &text, role);
        }
        None => cut(painter, pen, &format!("{}{}", row.preview, more(row)), role),
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
        cut(painter, &mut rest, &format!("{}{}", json::on_one_line(&row.preview), more(row)), Role::Dim);
    }
}
