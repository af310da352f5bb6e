//! The trace of an answer on one line: the steps by time, in the colours of their kinds.

use std::collections::HashSet;

use crate::domain::{Message, Span, SpanKind, Timestamp};
use crate::text::{Line, StyledRun, number};
use crate::theme::Role;

/// The widest strip, in cells.
const MAX_CELLS: usize = 48;

/// With more spans than this, only their number is shown.
const MAX_SPANS: usize = 2000;

/// Returns the colour of a kind.
pub fn kind_role(kind: SpanKind) -> Role {
    match kind {
        SpanKind::Model => Role::SpanModel,
        SpanKind::Retrieval => Role::SpanRetrieval,
        SpanKind::Tool => Role::SpanTool,
        SpanKind::Data => Role::SpanData,
        SpanKind::Guard => Role::SpanGuard,
        SpanKind::Agent => Role::SpanAgent,
        SpanKind::Other => Role::SpanOther,
    }
}

/// Returns the strip of a message in `width` columns; `None` if it has no spans.
pub fn trace_strip(message: &Message, width: usize) -> Option<Line> {
    if message.spans.is_empty() {
        return None;
    }
    let failed = message.spans.iter().filter(|span| span.is_failed()).count();
    let mut counts = number::pluralize(message.spans.len(), "span");
    if failed > 0 {
        counts.push_str(&format!(", {failed} failed"));
    }
    let cells = (width / 2).min(MAX_CELLS);
    let mut runs = if message.spans.len() <= MAX_SPANS { strip(&message.spans, cells) } else { Vec::new() };
    if !runs.is_empty() {
        runs.push(StyledRun::new("  ", Role::Text));
    }
    runs.push(StyledRun::new(&counts, if failed > 0 { Role::Error } else { Role::Dim }));
    Some(Line::new(runs))
}

/// Returns a cell for each part of the time, in the colour of the step that ran then; of several, the one that began last.
fn strip(spans: &[Span], cells: usize) -> Vec<StyledRun> {
    let parents: HashSet<&str> = spans.iter().filter_map(|span| span.parent_id.as_deref()).collect();
    let timed = |span: &&Span| Some((span.start?, span.end_time()?)).filter(|(start, end)| end >= start);
    let Some(first) = spans.iter().filter_map(|span| Some(timed(&span)?.0)).min() else { return Vec::new() };
    let last = spans.iter().filter_map(|span| Some(timed(&span)?.1)).max().unwrap_or(first);
    let total = last.micros_since(first).max(1);
    let mut row: Vec<(&'static str, Role)> = vec![("·", Role::Gap); cells];
    let mut leaves: Vec<_> = spans.iter().filter(|span| !parents.contains(span.id.as_str())).collect();
    leaves.sort_by_key(|span| span.start);
    let cell_at = |at: Timestamp| {
        let share = i128::from(at.micros_since(first)) * cells as i128 / i128::from(total);
        usize::try_from(share).unwrap_or(0).min(cells)
    };
    for span in leaves {
        let Some((start, end)) = timed(&span) else { continue };
        let kind = kind_role(SpanKind::of_operation(&span.operation));
        let cell = if span.is_failed() { ("✗", Role::Error) } else { ("▬", kind) };
        // A step ends before the cell that contains its end, unless it would have no cell.
        let (from, to) = (cell_at(start), cell_at(end).max(cell_at(start) + 1));
        row.iter_mut().take(to).skip(from).for_each(|slot| *slot = cell);
    }
    let runs = row.chunk_by(|left, right| left == right);
    runs.filter_map(|run| run.first().map(|(symbol, role)| StyledRun::new(&symbol.repeat(run.len()), *role)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: Option<&str>, operation: &str, start: i64, end: i64) -> Span {
        Span {
            id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            operation: operation.to_owned(),
            start: Some(Timestamp::from_millis(start)),
            end: Some(Timestamp::from_millis(end)),
            ..Span::default()
        }
    }

    fn strip_of(spans: Vec<Span>) -> Line {
        trace_strip(&Message { spans, ..Message::default() }, 20).unwrap()
    }

    #[test]
    fn shows_the_steps_in_the_order_of_time_and_counts_them() {
        let line = strip_of(vec![
            span("root", None, "AGENT_WORKFLOW", 0, 1000),
            span("b", Some("root"), "COMPLETION", 500, 1000),
            span("a", Some("root"), "KB_RETRIEVAL", 100, 400),
        ]);
        assert_eq!(line.plain_text(), "·▬▬▬·▬▬▬▬▬  3 spans");
        assert_eq!(line.spans[1].style, Role::SpanRetrieval);
        assert_eq!(line.spans[3].style, Role::SpanModel);
    }

    #[test]
    fn is_total_for_any_times() {
        for (start, end) in [(0, 0), (5, 1), (i64::MIN / 2000, i64::MAX / 2000)] {
            let line = strip_of(vec![span("a", None, "", start, end), span("b", None, "", 1, 2)]);
            assert!(line.plain_text().ends_with("2 spans"), "{}", line.plain_text());
        }
        assert_eq!(trace_strip(&Message::default(), 80), None);
    }
}
