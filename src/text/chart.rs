//! Small charts as text: bars in eighths of a column, lines and points in braille dots. They are for an overview, not for
//! measuring, and are defined for any numbers.

mod canvas;
mod plotly;

use super::{Line, StyledRun, number, width};
use crate::theme::Role;

use canvas::Canvas;

pub use plotly::{plotly, plotly_table};

/// The maximum number of points in a series that are drawn; more are sampled, because no screen has more dots.
const MAX_POINTS: usize = 20_000;

/// One value with its label and position.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub label: String,
    /// The horizontal position; ignored by bars.
    pub x: f64,
    pub y: f64,
}

/// A named series of points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The name, which may be empty.
    pub name: String,
    pub points: Vec<Point>,
}

/// The style of a plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlotStyle {
    Lines,
    Points,
}

/// The roles of the series in order; the legend shows them next to the names.
const PALETTE: [Role; 5] = [Role::Accent, Role::Warn, Role::Ok, Role::Keyword, Role::Error];

fn series_role(series: usize) -> Role {
    PALETTE.get(series % PALETTE.len()).copied().unwrap_or_default()
}

/// The axes with a logarithmic scale, which has no place for values up to zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogAxes {
    /// The axis of the labels.
    x: bool,
    /// The axis of the values.
    y: bool,
}

/// Draws each value as a horizontal bar with its label and number, in at most `height` lines.
pub fn bars(series: &[Series], cols: usize, height: usize) -> Vec<Line> {
    bars_on(series, LogAxes::default(), cols, height)
}

fn bars_on(series: &[Series], log: LogAxes, cols: usize, height: usize) -> Vec<Line> {
    let all =
        || series.iter().enumerate().flat_map(|(at, one)| one.points.iter().map(move |point| (at, point)));
    let count = all().count();
    let mut lines = legend(series, cols);
    let rows = if lines.len() + count > height { height.saturating_sub(lines.len() + 1) } else { count };
    let shown = || all().take(rows);
    let names = shown().map(|(_, point)| width::columns(&point.label)).max().unwrap_or(0).min(cols / 3);
    let numbers = shown().map(|(_, point)| format_number(point.y).len()).max().unwrap_or(0);
    let room = cols.saturating_sub(names + numbers + 2).max(1);
    // Bars on a logarithmic axis start half a decade or more below the smallest value.
    let decades = shown().map(|(_, point)| position(point.y, log.y)).filter(|y| y.is_finite());
    let base =
        decades.reduce(f64::min).map_or(0.0, |lowest| if log.y { (lowest - 0.5).floor() } else { 0.0 });
    let length = |point: &Point| position(point.y, log.y) - base;
    let (low, high) = bounds(shown().map(|(_, point)| length(point)).chain([0.0]));
    for (at, point) in shown() {
        let mut line = Line::default();
        line.spans.push(StyledRun::new(
            &width::pad_left(StyledRun::new(&point.label, Role::Text).text.as_str(), names),
            Role::Dim,
        ));
        line.spans.push(StyledRun::new(" ", Role::Text));
        line.spans.push(StyledRun::new(&bar(length(point), (low, high), room), series_role(at)));
        line.spans.push(StyledRun::new(
            &format!(" {}", width::pad_left(&format_number(point.y), numbers)),
            Role::NumberLiteral,
        ));
        lines.push(truncate_line(line, cols));
    }
    if rows < count {
        lines.push(truncate_line(Line::styled(&format!("… {} more", count - rows), Role::Dim), cols));
    }
    lines.truncate(height);
    lines
}

/// Draws a bar from zero to `value` on the scale `low..high`, in exactly `cols` columns.
fn bar(value: f64, (low, high): (f64, f64), cols: usize) -> String {
    let eighth = |value: f64| (fraction(value, low, high) * (cols * 8) as f64).round() as usize;
    let (zero, end) = (eighth(0.0), eighth(value));
    if !value.is_finite() || zero == end {
        let zero_column = (zero / 8).min(cols - 1);
        return format!(
            "{}{}{}",
            " ".repeat(zero_column),
            if value == 0.0 { "▏" } else { " " },
            " ".repeat(cols - zero_column - 1)
        );
    }
    // Partial blocks fill from the left only, so the left end is rounded to a column.
    let from = (zero.min(end) + 4) / 8;
    let to = zero.max(end).max(from * 8 + 1).min(cols * 8);
    let from = from.min(cols - 1);
    let full = (to / 8).saturating_sub(from);
    let partial = BLOCKS.chars().nth(to % 8).filter(|_| !to.is_multiple_of(8));
    let drawn =
        format!("{}{}{}", " ".repeat(from), "█".repeat(full), partial.map(String::from).unwrap_or_default());
    width::pad_right(&drawn, cols)
}

/// Blocks of 0 to 7 eighths of a column.
const BLOCKS: &str = " ▏▎▍▌▋▊▉";

/// Draws values as dots or connected lines in `cols` × `height`, with the range of both axes.
pub fn plot(series: &[Series], style: PlotStyle, log: LogAxes, cols: usize, height: usize) -> Vec<Line> {
    let place = move |point: &Point| (position(point.x, log.x), position(point.y, log.y));
    let is_finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    let points = || series.iter().flat_map(|one| &one.points).map(place).filter(is_finite);
    let mut lines = legend(series, cols);
    let (left, right) = bounds(points().map(|(x, _)| x));
    let (low, high) = bounds(points().map(|(_, y)| y));
    let value_label = |y: f64| format_number(if log.y { 10f64.powf(y) } else { y });
    let axis = value_label(low).len().max(value_label(high).len());
    let rows = height.saturating_sub(lines.len() + 1);
    let room = cols.saturating_sub(axis + 1);
    if points().next().is_none() || rows == 0 || room == 0 {
        lines.truncate(height);
        return lines;
    }
    let mut canvas = Canvas::new(room, rows);
    for (at, one) in series.iter().enumerate() {
        let step = one.points.len().div_ceil(MAX_POINTS).max(1);
        let spots = one.points.iter().step_by(step).map(place).map(|(x, y)| {
            is_finite(&(x, y)).then(|| (fraction(x, left, right), 1.0 - fraction(y, low, high)))
        });
        canvas.draw(spots, style, series_role(at));
    }
    for (row, drawn) in canvas.into_lines().into_iter().enumerate() {
        let label = match row {
            0 => value_label(high),
            _ if row + 1 == rows => value_label(low),
            _ => String::new(),
        };
        lines.push(drawn.with_prefix([
            StyledRun::new(&width::pad_left(&label, axis), Role::NumberLiteral),
            StyledRun::new("│", Role::TableBorder),
        ]));
    }
    lines.push(x_axis_labels(series, axis, room));
    lines
}

/// Draws the labels of the first and the last point below the ends of the x axis.
fn x_axis_labels(series: &[Series], axis: usize, room: usize) -> Line {
    let points = || series.iter().flat_map(|one| &one.points).filter(|point| point.x.is_finite());
    let label = |point: Option<&Point>| {
        point.map(|point| StyledRun::new(&point.label, Role::Dim).text.into_string()).unwrap_or_default()
    };
    let first = label(points().min_by(|a, b| a.x.total_cmp(&b.x)));
    let last = label(points().max_by(|a, b| a.x.total_cmp(&b.x)));
    let (first, used) = width::ellipsize(&first, room / 2);
    let text = format!("{}{first}{}", " ".repeat(axis + 1), width::pad_left(&last, room - used));
    Line::styled(&text, Role::Dim)
}

/// Draws the names of the series if there are several.
fn legend(series: &[Series], cols: usize) -> Vec<Line> {
    let mut line = Line::default();
    if series.len() > 1 {
        for (at, one) in series.iter().enumerate().take(8) {
            line.spans.push(StyledRun::new("■ ", series_role(at)));
            line.spans.push(StyledRun::new(&format!("{}  ", one.name), Role::Dim));
        }
    }
    if line.spans.is_empty() { Vec::new() } else { vec![truncate_line(line, cols)] }
}

fn truncate_line(line: Line, cols: usize) -> Line {
    let mut room = cols;
    let mut out = Line::default();
    for run in line.spans {
        let (text, used) = width::truncate(&run.text, room);
        room -= used;
        if used > 0 {
            out.spans.push(StyledRun::new(text, run.style));
        }
    }
    out
}

/// Returns the position of a value on an axis: the value, or its logarithm; not finite if it has none.
fn position(value: f64, is_log: bool) -> f64 {
    match is_log {
        false => value,
        true if value > 0.0 => value.log10(),
        true => f64::NAN,
    }
}

/// Returns the smallest and the largest finite value, kept apart so that the range is never zero.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    match low.partial_cmp(&high) {
        Some(std::cmp::Ordering::Less) => (low, high),
        Some(std::cmp::Ordering::Equal) => (low.min(0.0), if high == 0.0 { 1.0 } else { high.max(0.0) }),
        Some(std::cmp::Ordering::Greater) | None => (0.0, 1.0),
    }
}

/// Returns the position of `value` between `low` and `high`, from 0 to 1. Halves the values first, since the range may
/// overflow.
fn fraction(value: f64, low: f64, high: f64) -> f64 {
    ((value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0)).clamp(0.0, 1.0)
}

/// Formats a number in about eleven characters at most, with separators for thousands.
fn format_number(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => "—".to_owned(),
        size if size >= 1e9 || (size > 0.0 && size < 1e-3) => format!("{value:.2e}"),
        size if size >= 100.0 || value == value.trunc() => number::count(value.round() as i64),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests;
