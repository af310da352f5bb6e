//! Tables and charts of answers, for formats that are read: as the screen draws them, in characters.

use crate::domain::Artifact;
use crate::text::table::{Table, draw, html_table};
use crate::text::{Line, chart, number};

/// Measures of what is drawn, in characters.
const COLUMNS: usize = 96;
const CHART: (usize, usize) = (72, 14);

/// Rows of a table that are written.
pub(super) const ROWS: usize = 1000;

/// The chart, if there is one that can be drawn.
pub(super) fn chart(artifact: &Artifact, raw: &[u8]) -> Option<String> {
    let (columns, rows) = CHART;
    chart::plotly(artifact.plotly.of(raw), columns, rows).map(|lines| text(&lines))
}

/// The table, if there is one.
pub(super) fn table(artifact: &Artifact) -> Option<Table> {
    html_table(&artifact.html_table)
}

/// How many rows the service kept back, in words.
pub(super) fn more(artifact: &Artifact) -> Option<String> {
    let rows = artifact.remaining_rows.filter(|rows| *rows > 0)?;
    Some(format!("… {} more rows", number::count(rows)))
}

/// All of it in characters; empty if there is nothing to see.
pub(super) fn drawn(artifact: &Artifact, raw: &[u8]) -> String {
    let table = table(artifact).map(|table| text(&draw(&table, COLUMNS, ROWS)));
    let parts = [chart(artifact, raw), table, more(artifact)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn text(lines: &[Line]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| line.plain().trim_end().to_owned()).collect();
    lines.join("\n")
}
