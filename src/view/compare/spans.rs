//! The spans of two messages, aligned, with differences of durations and payloads.

use super::{MAX_COMPARED_BYTES, ParsedMessage, SIDE_BY_SIDE_WIDTH, blank_line, diff_lines, trim_to_context};
use crate::domain::{Span, SpanPart};
use crate::json;
use crate::text::{Line, Safe, StyledRun, diff, number, width};
use crate::theme::Role;
use crate::trace;
use crate::view::document::{Body, Fold, Section};

/// The maximum number of bytes of payloads that one page compares in total.
pub(super) const MAX_PAGE_BYTES: usize = 1 << 20;

/// The maximum number of pairs of spans that are shown.
const MAX_SPANS: usize = 2000;

pub(super) fn push_spans(
    sections: &mut Vec<Section>,
    left: &ParsedMessage<'_>,
    right: &ParsedMessage<'_>,
    width: usize,
    is_stopped: &dyn Fn() -> bool,
) {
    let pairs = trace::align(left.compared_trace(), right.compared_trace());
    if pairs.is_empty() {
        return;
    }
    let both = pairs.iter().filter(|pair| pair.left.is_some() && pair.right.is_some()).count();
    let only = |side: fn(&trace::Pair) -> bool| pairs.iter().filter(|pair| side(pair)).count();
    let (removed, added) = (only(|pair| pair.right.is_none()), only(|pair| pair.left.is_none()));
    let moved = only(|pair| pair.is_moved);
    let mut title = vec![StyledRun::new("Spans", Role::Heading)];
    title.push(StyledRun::new(&format!("  {both} in both"), Role::Dim));
    let counts =
        [(removed, "removed", Role::Error), (added, "added", Role::Ok), (moved, "moved", Role::Warn)];
    for (count, label, style) in counts {
        if count > 0 {
            title.push(StyledRun::new(&format!("  {count} {label}"), style));
        }
    }
    sections.push(blank_line());
    sections.push(Section::with_heading(Line::new(title), Body::Lines(Vec::new()), Role::Dim));
    let mut budget = MAX_PAGE_BYTES;
    for pair in pairs.iter().take(MAX_SPANS).take_while(|_| !is_stopped()) {
        let body = payload_diff_lines(left, right, pair, width, &mut budget);
        let mut title = Line::new(pair_row(left, right, pair, width, !body.is_empty()));
        if body.is_empty() {
            // Aligned with the fold symbol of foldable titles.
            title.spans.insert(0, StyledRun::new("  ", Role::Text));
        }
        sections.push(if body.is_empty() {
            Section::with_heading(title, Body::Lines(body), Role::Dim)
        } else {
            Section::foldable(title, Body::Lines(body), Role::Dim, Fold::Closed)
        });
    }
    if pairs.len() > MAX_SPANS {
        let more = number::pluralize(pairs.len() - MAX_SPANS, "more span");
        sections
            .push(Section::text(Body::Lines(vec![Line::styled(&format!("… {more}"), Role::Dim)]), Role::Dim));
    }
}

/// The columns of the operation, then of each duration.
const OPERATION_WIDTH: usize = 16;
const TIME_WIDTH: usize = 10;

/// The texts of a row: sign, operation, name, both durations and their difference.
fn pair_row(
    left: &ParsedMessage<'_>,
    right: &ParsedMessage<'_>,
    pair: &trace::Pair,
    columns: usize,
    differs: bool,
) -> Vec<StyledRun> {
    let (old, new) = (left.span_at(pair.left), right.span_at(pair.right));
    let (sign, style) = match (old, new) {
        (Some(_), None) => ("−", Role::Removed),
        (None, Some(_)) => ("+", Role::Added),
        _ if pair.is_moved => ("↷", Role::Warn),
        _ if differs => ("≠", Role::Warn),
        _ => ("=", Role::Dim),
    };
    let plain = if old.is_some() && new.is_some() { Role::Text } else { style };
    let Some(span) = new.or(old) else { return Vec::new() };
    let fit = |text: &str, room: usize| {
        let safe = Safe::line(text);
        let (cut, _) = width::ellipsize(safe.as_str(), room);
        width::pad_right(&cut, room)
    };
    let indent = "  ".repeat((pair.depth as usize).min(12));
    let name = |span: &Span| if span.name.is_empty() { span.operation.clone() } else { span.name.clone() };
    let label = match (old.map(name), new.map(name)) {
        (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
        (_, Some(name)) | (Some(name), None) => name,
        (None, None) => String::new(),
    };
    let label = if pair.is_moved { format!("{label} (moved)") } else { label };
    let room = columns.saturating_sub(2 + OPERATION_WIDTH + 1 + 3 * (TIME_WIDTH + 1)).clamp(8, 60);
    let duration = |span: Option<&Span>| {
        let text = span.map(|span| number::duration(span.duration_micros())).unwrap_or_default();
        StyledRun::new(&format!("{} ", width::pad_left(&text, TIME_WIDTH)), Role::Text)
    };
    vec![
        StyledRun::new(&format!("{sign} "), style),
        StyledRun::new(&format!("{} ", fit(&span.operation, OPERATION_WIDTH)), Role::Dim),
        StyledRun::new(&fit(&format!("{indent}{label}"), room), plain),
        duration(old),
        duration(new),
        duration_change(pair.delta_micros),
    ]
}

/// Returns the difference of two durations, in colour from 0.1 s on.
fn duration_change(micros: Option<i64>) -> StyledRun {
    let Some(micros) = micros.filter(|micros| *micros != 0) else { return StyledRun::new("", Role::Dim) };
    let sign = if micros > 0 { "+" } else { "" };
    let style = match micros {
        100_000.. => Role::Warn,
        ..=-100_000 => Role::Ok,
        _ => Role::Dim,
    };
    let text = format!("{sign}{}", number::duration(Some(micros)));
    StyledRun::new(&width::pad_left(&text, TIME_WIDTH), style)
}

/// Returns the differences between the payloads of a pair, as JSON.
fn payload_diff_lines(
    left: &ParsedMessage<'_>,
    right: &ParsedMessage<'_>,
    pair: &trace::Pair,
    width: usize,
    budget: &mut usize,
) -> Vec<Line> {
    let (Some(old), Some(new)) = (left.span_at(pair.left), right.span_at(pair.right)) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for part in SpanPart::ALL {
        let (before, after) = (part.byte_range(old).slice(left.raw), part.byte_range(new).slice(right.raw));
        if before == after {
            continue;
        }
        lines.push(Line::styled(part.title(), Role::Strong));
        let size = before.len().max(after.len());
        if size > MAX_COMPARED_BYTES || *budget < size {
            let sizes = [before, after].map(|side| number::bytes(side.len() as u64));
            let note = format!("{} vs. {}: too large to compare", sizes[0], sizes[1]);
            lines.push(Line::styled(&note, Role::Dim));
            continue;
        }
        *budget -= size;
        let [before, after] = [before, after].map(|side| json::pretty(side, MAX_COMPARED_BYTES * 2));
        lines.extend(payload_lines(&before, &after, width));
    }
    lines
}

/// Returns the differences of two payloads of similar form.
fn payload_lines(before: &str, after: &str, width: usize) -> Vec<Line> {
    let beside = if width >= SIDE_BY_SIDE_WIDTH { diff::side_by_side(before, after, width) } else { None };
    beside.unwrap_or_else(|| trim_to_context(diff_lines(diff::compare(before, after, width))))
}
