//! Tables and charts of answers for the formats for people, drawn in characters as on the screen.

use crate::domain::Artifact;
use crate::text::table::{Table, draw, html_table};
use crate::text::{Line, chart, number};

/// The width of drawings, in characters.
const TABLE_COLUMNS: usize = 96;
const CHART_SIZE: (usize, usize) = (72, 24);

/// The maximum number of rows in a table.
pub(super) const MAX_ROWS: usize = 1000;

/// Returns the chart, if there is one and it can be drawn.
pub(super) fn draw_chart(artifact: &Artifact, raw: &[u8]) -> Option<String> {
    let (columns, rows) = CHART_SIZE;
    chart::plotly(artifact.plotly.slice(raw), columns, rows).map(|lines| join_lines(&lines))
}

/// Returns the numbers of the chart, including those that the drawing omits.
pub(super) fn chart_numbers(artifact: &Artifact, raw: &[u8]) -> Option<Table> {
    chart::plotly_table(artifact.plotly.slice(raw))
}

/// Returns the table, if there is one.
pub(super) fn parse_table(artifact: &Artifact) -> Option<Table> {
    html_table(&artifact.html_table)
}

/// Returns a note about the rows that the service omitted.
pub(super) fn remaining_rows_note(artifact: &Artifact) -> Option<String> {
    let rows = artifact.remaining_rows.filter(|rows| *rows > 0)?;
    Some(format!("… {} more rows, not sent by the service", number::count(rows)))
}

/// Draws the chart, its numbers, the table and the note in characters; empty if there are none.
pub(super) fn draw_artifact(artifact: &Artifact, raw: &[u8]) -> String {
    let drawn = |table: Option<Table>| table.map(|table| join_lines(&draw(&table, TABLE_COLUMNS, MAX_ROWS)));
    let (numbers, table) = (drawn(chart_numbers(artifact, raw)), drawn(parse_table(artifact)));
    let parts = [draw_chart(artifact, raw), numbers, table, remaining_rows_note(artifact)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn join_lines(lines: &[Line]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| line.plain_text().trim_end().to_owned()).collect();
    lines.join("\n")
}
