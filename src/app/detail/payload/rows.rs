//! Results of queries as tables: lists of flat objects, and lists of lists beside the names of their columns.

use crate::app::detail::payload::Sheet;
use crate::json::{self, Kind, Value};
use crate::text::table::{self, Table};
use crate::text::{Line, number};
use crate::theme::Role;

/// Rows that are drawn, and read at all.
const DRAWN: usize = 100;

/// Columns; the JSON has the rest.
const COLUMNS: usize = 40;

/// Bytes of a cell.
const CELL: usize = 300;

/// Rows read, and how many there are.
pub(super) struct Rows {
    table: Table,
    count: usize,
}

fn is_flat(value: Value<'_>) -> bool {
    !matches!(value.kind(), Kind::Object | Kind::Invalid)
        && (value.kind() != Kind::Array || value.raw().len() <= 40)
}

fn cell(value: Value<'_>) -> String {
    match value.kind() {
        Kind::String => json::decode_prefix(value.raw(), CELL),
        Kind::Null => String::new(),
        _ => String::from_utf8_lossy(value.raw().get(..CELL).unwrap_or(value.raw())).into_owned(),
    }
}

/// A list of objects without objects in them; columns in the order in which their names first come.
pub(super) fn of_objects(list: Value<'_>) -> Option<Rows> {
    let mut table = Table::default();
    for item in list.elements().take(DRAWN) {
        if item.kind() != Kind::Object || item.is_empty() {
            return None;
        }
        let mut row = Vec::new();
        for (key, value) in item.members() {
            if !is_flat(value) {
                return None;
            }
            let name = key.text();
            let at = match table.head.iter().position(|head| *head == name) {
                Some(at) => at,
                None if table.head.len() < COLUMNS => {
                    table.head.push(name.into_owned());
                    table.head.len() - 1
                }
                None => continue,
            };
            if row.len() <= at {
                row.resize(at + 1, String::new());
            }
            if let Some(slot) = row.get_mut(at) {
                *slot = cell(value);
            }
        }
        table.rows.push(row);
    }
    (!table.rows.is_empty()).then(|| Rows { table, count: list.elements().count() })
}

/// `{"columns": […], "rows": [[…], …]}`, or `rows` alone where they are lists.
pub(super) fn with_columns(payload: Value<'_>) -> Option<Rows> {
    let [columns, rows] = payload.pick(["columns", "rows"]);
    let rows = rows.filter(|rows| rows.kind() == Kind::Array)?;
    let head = columns.map(|columns| columns.elements().take(COLUMNS).map(column).collect());
    let mut table = Table { head: head.unwrap_or_default(), ..Table::default() };
    for row in rows.elements().take(DRAWN) {
        if row.kind() != Kind::Array {
            return None;
        }
        table.rows.push(row.elements().take(COLUMNS).map(cell).collect());
    }
    (!table.rows.is_empty()).then(|| Rows { table, count: rows.elements().count() })
}

/// The name of a column: a text, or an object that says it.
fn column(value: Value<'_>) -> String {
    cell(value.get("name").unwrap_or(value))
}

/// Draws the table under its name.
pub(super) fn draw(sheet: &mut Sheet<'_>, name: &str, rows: &Rows) {
    let mut lines = table::draw(&rows.table, sheet.width, DRAWN);
    let more = rows.count.saturating_sub(rows.table.rows.len());
    if more > 0 {
        lines.push(Line::styled(&format!("… {}", number::counted(more, "more row")), Role::Dim));
    }
    sheet.part(name, &number::counted(rows.count, "row"), lines);
}
