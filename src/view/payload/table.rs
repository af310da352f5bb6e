//! Query results as tables: lists of flat objects, and lists of lists with separate column names.

use crate::json::{self, Kind, Value};
use crate::text::table::{self, Table};
use crate::text::{Line, number};
use crate::theme::Role;
use crate::view::payload::{DocumentBuilder, raw_prefix};

/// Rows that are read.
const MAX_ROWS: usize = 100;

/// Columns that are read; the JSON has the rest.
const MAX_COLUMNS: usize = 40;

/// Bytes that are shown of a cell.
const MAX_CELL_BYTES: usize = 300;

/// The rows that were read, and the number of all rows.
pub(super) struct PayloadTable {
    table: Table,
    row_count: usize,
}

fn is_flat(value: Value<'_>) -> bool {
    !matches!(value.kind(), Kind::Object | Kind::Invalid)
        && (value.kind() != Kind::Array || value.raw().len() <= 40)
}

fn cell_text(value: Value<'_>) -> String {
    match value.kind() {
        Kind::String => json::decode_prefix(value.raw(), MAX_CELL_BYTES),
        Kind::Null => String::new(),
        _ => raw_prefix(value, MAX_CELL_BYTES),
    }
}

/// Reads a list of flat objects; columns are in the order of first occurrence.
pub(super) fn from_objects(list: Value<'_>) -> Option<PayloadTable> {
    let mut table = Table::default();
    for item in list.elements().take(MAX_ROWS) {
        if item.kind() != Kind::Object || item.is_empty() {
            return None;
        }
        let mut row = Vec::new();
        for (key, value) in item.members() {
            if !is_flat(value) {
                return None;
            }
            let name = key.text();
            let column = match table.head.iter().position(|head| *head == name) {
                Some(column) => column,
                None if table.head.len() < MAX_COLUMNS => {
                    table.head.push(name.into_owned());
                    table.head.len() - 1
                }
                None => continue,
            };
            if row.len() <= column {
                row.resize(column + 1, String::new());
            }
            if let Some(slot) = row.get_mut(column) {
                *slot = cell_text(value);
            }
        }
        table.rows.push(row);
    }
    (!table.rows.is_empty()).then(|| PayloadTable { table, row_count: list.elements().count() })
}

/// Reads `{"columns": […], "rows": [[…], …]}`, or only `rows` if they are lists.
pub(super) fn from_columns_and_rows(payload: Value<'_>) -> Option<PayloadTable> {
    let [columns, rows] = payload.get_many(["columns", "rows"]);
    let rows = rows.filter(|rows| rows.kind() == Kind::Array)?;
    let head = columns.map(|columns| columns.elements().take(MAX_COLUMNS).map(column_name).collect());
    let mut table = Table { head: head.unwrap_or_default(), ..Table::default() };
    for row in rows.elements().take(MAX_ROWS) {
        if row.kind() != Kind::Array {
            return None;
        }
        table.rows.push(row.elements().take(MAX_COLUMNS).map(cell_text).collect());
    }
    (!table.rows.is_empty()).then(|| PayloadTable { table, row_count: rows.elements().count() })
}

/// Returns the name of a column: a string, or the `name` of an object.
fn column_name(value: Value<'_>) -> String {
    cell_text(value.get("name").unwrap_or(value))
}

/// Draws the table under its name.
pub(super) fn draw(builder: &mut DocumentBuilder<'_>, name: &str, rows: &PayloadTable) {
    let mut lines = table::draw(&rows.table, builder.width, MAX_ROWS);
    let more = rows.row_count.saturating_sub(rows.table.rows.len());
    if more > 0 {
        lines.push(Line::styled(&format!("… {}", number::pluralize(more, "more row")), Role::Dim));
    }
    builder.add_section(name, &number::pluralize(rows.row_count, "row"), lines);
}
