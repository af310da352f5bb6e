//! Plotly figures from their JSON: bars, lines, points, and pies (as bars). The rest of a figure's layout is ignored.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Line, LogAxes, PlotStyle, Point, Series, bars_on, plot};
use crate::json::{Kind, Value};
use crate::text::table::Table;
use crate::text::width;
use crate::theme::Role;

/// The maximum number of series; more could not be distinguished.
const MAX_SERIES: usize = 12;
/// The maximum number of values in a series that are read.
const MAX_VALUES: usize = 200_000;

/// Draws a figure in at most `height` lines of `cols` columns; `None` if it has no supported trace.
pub fn plotly(raw: &[u8], cols: usize, height: usize) -> Option<Vec<Line>> {
    let figure = Value::of(raw);
    let figure = figure.get("light").filter(|light| light.get("data").is_some()).unwrap_or(figure);
    let layout = figure.get("layout").unwrap_or(Value::of(b""));
    let traces = figure.get("data")?.elements().take(MAX_SERIES);
    let traces: Vec<Trace> = traces.filter_map(|trace| Trace::read(trace, layout)).collect();
    if traces.is_empty() {
        return None;
    }
    let mut lines = Vec::new();
    let log = match traces.iter().map(|trace| trace.log).find(|log| log.x || log.y) {
        None => "",
        Some(LogAxes { x: true, y: true }) => "log axes",
        Some(LogAxes { x: true, y: false }) => "log x axis",
        Some(LogAxes { .. }) => "log value axis",
    };
    let title = [title(figure), Some(log.to_owned()).filter(|log| !log.is_empty())];
    let title = title.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    if !title.is_empty() {
        lines.push(Line::styled(&width::ellipsize(&title, cols).0, Role::Heading));
    }
    let groups = group_by_axis(traces);
    let several = groups.len() > 1;
    let mut left = groups.len();
    for (kind, log, series) in groups {
        let mut share = height.saturating_sub(lines.len()) / left.max(1);
        left = left.saturating_sub(1);
        if let Some(only) = series.first().filter(|_| several && series.len() == 1) {
            let name = crate::text::Safe::line(&only.name).into_string();
            lines.push(Line::styled(&width::ellipsize(&name, cols).0, Role::Dim));
            share = share.saturating_sub(1);
        }
        lines.extend(match kind {
            TraceKind::Bars => bars_on(&series, log, cols, share),
            TraceKind::Plot(style) => plot(&series, style, log, cols, share),
        });
    }
    lines.truncate(height);
    Some(lines)
}

/// Returns the numbers of a figure: a row for each label, a column for each series; `None` if it has no supported trace.
pub fn plotly_table(raw: &[u8]) -> Option<Table> {
    let figure = Value::of(raw);
    let figure = figure.get("light").filter(|light| light.get("data").is_some()).unwrap_or(figure);
    let layout = figure.get("layout").unwrap_or(Value::of(b""));
    let traces = figure.get("data")?.elements().take(MAX_SERIES);
    let traces: Vec<Trace> = traces.filter_map(|trace| Trace::read(trace, layout)).collect();
    let mut table = Table { head: vec![String::new()], ..Table::default() };
    let mut rows: HashMap<String, usize> = HashMap::new();
    for (column, trace) in (1..).zip(&traces) {
        table.head.push(trace.name.clone());
        for (at, value) in trace.values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            let label = trace.labels.get(at).cloned().unwrap_or_else(|| (at + 1).to_string());
            let next = table.rows.len();
            let row = *rows.entry(label.clone()).or_insert(next);
            if row == next {
                table.rows.push(vec![label]);
            }
            if let Some(cells) = table.rows.get_mut(row) {
                cells.resize(cells.len().max(column), String::new());
                cells.push(value.to_string());
            }
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// Groups traces that share a scale: traces of the same kind on the same axis, in their original order.
fn group_by_axis(traces: Vec<Trace>) -> Vec<(TraceKind, LogAxes, Vec<Series>)> {
    let mut groups: Vec<((TraceKind, String, LogAxes), Vec<Series>)> = Vec::new();
    let mut positions = HashMap::new();
    for trace in traces {
        let scale = (trace.kind, trace.axis.clone(), trace.log);
        let series = trace.into_series(&mut positions);
        match groups.iter_mut().find(|(other, _)| *other == scale) {
            Some((_, group)) => group.push(series),
            None => groups.push((scale, vec![series])),
        }
    }
    groups.into_iter().map(|((kind, _, log), series)| (kind, log, series)).collect()
}

fn title(figure: Value<'_>) -> Option<String> {
    let title = figure.get_path(&["layout", "title"])?;
    let text = title.get("text").and_then(Value::as_str).or_else(|| title.as_str())?;
    (!text.trim().is_empty()).then(|| crate::text::Safe::line(text.trim()).into_string())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TraceKind {
    Bars,
    Plot(PlotStyle),
}

struct Trace {
    kind: TraceKind,
    /// The name of the y axis; empty for the first one.
    axis: String,
    log: LogAxes,
    name: String,
    labels: Vec<String>,
    values: Vec<f64>,
}

/// Returns whether the axis that a trace names (`y`, `y2`, …) is logarithmic.
fn is_log_axis(layout: Value<'_>, axis: &str, default: &str) -> bool {
    let axis = if axis.is_empty() { default } else { axis };
    let (letter, number) = axis.split_at_checked(1).unwrap_or((default, ""));
    let kind = layout.get_path(&[&format!("{letter}axis{number}"), "type"]);
    kind.and_then(Value::as_str).is_some_and(|kind| kind == "log")
}

impl Trace {
    fn read(trace: Value<'_>, layout: Value<'_>) -> Option<Self> {
        let [kind, mode, name, orientation, x_axis, axis] = trace
            .get_many(["type", "mode", "name", "orientation", "xaxis", "yaxis"])
            .map(|value| value.and_then(Value::as_str).unwrap_or_default());
        let trace_kind = match &*kind {
            "bar" | "pie" | "funnel" => TraceKind::Bars,
            "scatter" | "scattergl" | "" if mode == "markers" => TraceKind::Plot(PlotStyle::Points),
            "scatter" | "scattergl" | "line" | "" => TraceKind::Plot(PlotStyle::Lines),
            _ => return None,
        };
        let (labels, values) = match (&*kind, &*orientation) {
            ("pie", _) => ("labels", "values"),
            ("bar" | "funnel", "h") => ("y", "x"),
            _ => ("x", "y"),
        };
        let values = numbers(trace.get(values)?);
        let (is_pie, is_sideways) = (labels == "labels", labels == "y");
        let labels = trace.get(labels).map(|labels| strings(labels, values.len())).unwrap_or_default();
        let (x, y) = (is_log_axis(layout, &x_axis, "x"), is_log_axis(layout, &axis, "y"));
        let log = match (is_pie, is_sideways) {
            (true, _) => LogAxes::default(),
            (false, true) => LogAxes { x: false, y: x },
            // Bars are drawn at their labels, regardless of their axis.
            (false, false) => LogAxes { x: x && trace_kind != TraceKind::Bars, y },
        };
        let axis = if axis == "y" { String::new() } else { axis.into_owned() };
        let name = name.into_owned();
        (!values.is_empty()).then_some(Self { kind: trace_kind, axis, log, name, labels, values })
    }

    /// Positions the values by their labels if all of them are numbers, else by the order of the labels' first use.
    fn into_series(self, positions: &mut HashMap<String, usize>) -> Series {
        let numeric: Option<Vec<f64>> = self.labels.iter().map(|label| label.parse().ok()).collect();
        let mut labels = self.labels.into_iter();
        let points = self.values.into_iter().enumerate().map(|(at, y)| {
            let label = labels.next().unwrap_or_else(|| (at + 1).to_string());
            let position = numeric.as_ref().map(|labels| labels.get(at).copied().unwrap_or(at as f64));
            let next = positions.len();
            let x = position.unwrap_or_else(|| *positions.entry(label.clone()).or_insert(next) as f64);
            Point { label, x, y }
        });
        Series { name: self.name, points: points.collect() }
    }
}

/// Reads the numbers of an array, or of the packed form of newer versions; other values become gaps.
fn numbers(value: Value<'_>) -> Vec<f64> {
    if value.kind() == Kind::Object {
        return decode_packed(value);
    }
    let number =
        |value: Value<'_>| value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(f64::NAN);
    value.elements().take(MAX_VALUES).map(number).collect()
}

/// Reads the labels of `count` values. Labels of several levels are joined: `[["2025", "2026"], ["Q4", "Q1"]]` has the
/// labels `2025 Q4` and `2026 Q1`.
fn strings(value: Value<'_>, count: usize) -> Vec<String> {
    let rows: Vec<Value<'_>> = value.elements().take(MAX_VALUES).collect();
    if !rows.is_empty() && rows.iter().all(|row| row.kind() == Kind::Array || row.kind() == Kind::Object) {
        let rows: Vec<Vec<String>> = rows.into_iter().map(single_level_strings).collect();
        // Levels, each with a label per value; some writers send the labels of each value instead.
        let are_levels = rows.len() != count || rows.iter().all(|row| row.len() == count);
        let joined = |labels: &mut dyn Iterator<Item = &String>| {
            labels
                .filter(|label| !label.is_empty() && *label != "null")
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        };
        return match are_levels {
            true => (0..rows.iter().map(Vec::len).max().unwrap_or(0))
                .map(|at| joined(&mut rows.iter().filter_map(|row| row.get(at))))
                .collect(),
            false => rows.iter().map(|row| joined(&mut row.iter())).collect(),
        };
    }
    single_level_strings(value)
}

fn single_level_strings(value: Value<'_>) -> Vec<String> {
    if value.kind() == Kind::Object {
        return decode_packed(value).iter().map(f64::to_string).collect();
    }
    value.elements().take(MAX_VALUES).map(|value| value.text().into_owned()).collect()
}

/// A decoder of one packed number.
type NumberDecoder = fn(&[u8]) -> Option<f64>;

/// Decodes `{"dtype": "f8", "bdata": "…"}`: little-endian numbers in base64.
fn decode_packed(value: Value<'_>) -> Vec<f64> {
    let [kind, bytes] =
        value.get_many(["dtype", "bdata"]).map(|value| value.and_then(Value::as_str).unwrap_or_default());
    let bytes = STANDARD.decode(bytes.as_bytes()).unwrap_or_default();
    let (size, read): (usize, NumberDecoder) = match &*kind {
        "f8" => (8, |raw| Some(f64::from_le_bytes(raw.try_into().ok()?))),
        "f4" => (4, |raw| Some(f32::from_le_bytes(raw.try_into().ok()?).into())),
        "i4" => (4, |raw| Some(i32::from_le_bytes(raw.try_into().ok()?).into())),
        "u4" => (4, |raw| Some(u32::from_le_bytes(raw.try_into().ok()?).into())),
        "i2" => (2, |raw| Some(i16::from_le_bytes(raw.try_into().ok()?).into())),
        "u2" => (2, |raw| Some(u16::from_le_bytes(raw.try_into().ok()?).into())),
        "i1" => (1, |raw| Some(i8::from_le_bytes(raw.try_into().ok()?).into())),
        "u1" => (1, |raw| raw.first().map(|byte| f64::from(*byte))),
        _ => return Vec::new(),
    };
    bytes.chunks_exact(size).take(MAX_VALUES).filter_map(read).collect()
}
