//! The facts of one span on one line: kind and operation, status, times, shares, model, tokens and cost.

use crate::domain::{Span, SpanKind, Status};
use crate::text::{Line, StyledRun, number};
use crate::theme::Role;
use crate::trace::{Flags, Node, TimeRange};
use crate::view::trace_strip::kind_role;

/// A span with the facts of its line. Times are in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct SpanFacts<'a> {
    pub span: &'a Span,
    pub node: &'a Node,
    pub self_micros: i64,
    pub turn: TimeRange,
    /// The median duration of its operation in the thread, if that is known.
    pub median_micros: Option<i64>,
}

/// Columns between two facts.
const GAP: usize = 2;

/// A fact. If not all facts fit, those with the lowest ranks stay.
struct Fact {
    rank: u8,
    runs: Vec<StyledRun>,
}

impl Fact {
    fn new(rank: u8, text: &str, role: Role) -> Self {
        Self { rank, runs: vec![StyledRun::new(text, role)] }
    }
}

/// Returns the line in at most `width` columns; the most useful facts stay.
pub fn line(facts: &SpanFacts<'_>, width: usize) -> Line {
    fit(span_facts(facts), width)
}

/// Returns the line of untraced time.
pub fn untraced_line(range: TimeRange, turn: TimeRange, width: usize) -> Line {
    let mut facts = vec![Fact::new(0, "untraced", Role::Gap)];
    facts.push(Fact::new(3, &range_text(range, turn), Role::Dim));
    facts.push(Fact::new(1, &number::duration(Some(range.micros())), Role::Strong));
    facts.extend(share_text(range.micros(), turn).map(|share| Fact::new(2, &share, Role::Text)));
    fit(facts, width)
}

fn span_facts(facts: &SpanFacts<'_>) -> Vec<Fact> {
    let SpanFacts { span, node, self_micros, turn, median_micros } = *facts;
    let kind = SpanKind::of_operation(&span.operation);
    let mut list = vec![Fact {
        rank: 0,
        runs: vec![
            StyledRun::new(kind.tag(), kind_role(kind)),
            StyledRun::new(" ", Role::Text),
            StyledRun::new(&span.operation, Role::Text),
        ],
    }];
    list.push(status_fact(span, node));
    list.push(Fact::new(8, &range_text(node.time_range(), turn), Role::Dim));
    let is_unfinished = node.flags.contains(Flags::UNFINISHED);
    if !is_unfinished {
        list.push(Fact::new(2, &number::duration(span.duration_micros()), Role::Strong));
    }
    let warnings = flag_words(node.flags);
    if !warnings.is_empty() {
        list.push(Fact::new(2, &warnings, Role::Warn));
    }
    let median = median_micros.map(|median| format!("p50 {}", number::duration(Some(median))));
    list.extend(median.map(|median| Fact::new(7, &median, Role::Dim)));
    if node.flags.contains(Flags::DURATION_MISMATCH) {
        let reported = span.duration_ms.map(|ms| ms.saturating_mul(1000));
        list.push(Fact::new(3, &format!("duration_ms {}", number::duration(reported)), Role::Warn));
    }
    if !node.is_leaf() {
        list.push(Fact::new(6, &format!("self {}", number::duration(Some(self_micros))), Role::Text));
    }
    if !is_unfinished {
        list.extend(share_text(node.micros(), turn).map(|share| Fact::new(3, &share, Role::Text)));
    }
    list.extend(span.models.first().map(|model| Fact::new(4, model, Role::Strong)));
    list.extend(usage_facts(span));
    list
}

fn status_fact(span: &Span, node: &Node) -> Fact {
    let word = span.status_text.to_lowercase();
    if node.flags.contains(Flags::FAILED) {
        let kind = span.error.as_ref().map(|error| error.kind.as_str()).filter(|kind| !kind.is_empty());
        return Fact::new(1, &format!("✗ {}", kind.unwrap_or("failed")), Role::Error);
    }
    match span.status {
        Status::Success => Fact::new(1, "✓", Role::Ok),
        Status::Canceled => Fact::new(1, "⊘ canceled", Role::Warn),
        Status::Other => Fact::new(1, &format!("? {word}"), Role::Warn),
        Status::Error => Fact::new(1, "✗ failed", Role::Error),
        Status::Unknown => Fact::new(1, "no status", Role::Dim),
    }
}

/// Returns tokens and cost as reported by the span.
fn usage_facts(span: &Span) -> Vec<Fact> {
    let Some(usage) = &span.usage else { return Vec::new() };
    let amounts = [(usage.input_tokens, "in"), (usage.output_tokens, "out"), (usage.cached_tokens, "cached")];
    let known =
        amounts.iter().filter_map(|(tokens, name)| Some(format!("{} {name}", number::count((*tokens)?))));
    let mut text = known.collect::<Vec<_>>().join(", ");
    if text.is_empty() {
        text = usage.total().map(|tokens| format!("{} tokens", number::count(tokens))).unwrap_or_default();
    }
    let tokens = (!text.is_empty()).then(|| Fact::new(5, &text, Role::Text));
    let cost = usage.cost_usd.map(|cost| Fact::new(5, &number::money(cost), Role::Text));
    tokens.into_iter().chain(cost).collect()
}

/// Returns the warnings about a span, in a few words.
pub fn flag_words(flags: Flags) -> String {
    let words = [
        (Flags::ORPHAN, "orphan"),
        (Flags::DUPLICATE, "duplicate id"),
        (Flags::CYCLE, "cycle"),
        (Flags::SELF_PARENT, "its own parent"),
        (Flags::UNFINISHED, "unfinished"),
        (Flags::NO_START, "no start"),
        (Flags::ENDS_BEFORE_START, "ends before it starts"),
        (Flags::STARTS_BEFORE_PARENT, "starts before its parent"),
        (Flags::ENDS_AFTER_PARENT, "ends after its parent"),
        (Flags::DURATION_MISMATCH, "duration_ms differs"),
    ];
    let set: Vec<&str> =
        words.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, word)| *word).collect();
    set.join(", ")
}

/// Formats start and end, relative to the start of the turn; a common unit is written once.
fn range_text(range: TimeRange, turn: TimeRange) -> String {
    let after = |time: i64| number::duration(Some(time.saturating_sub(turn.start)));
    let (start, end) = (after(range.start), after(range.end));
    match (start.rsplit_once(' '), end.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other && !number.contains(' ') => {
            format!("{number}–{end}")
        }
        _ => format!("{start}–{end}"),
    }
}

/// Returns the share of the turn's time.
fn share_text(micros: i64, turn: TimeRange) -> Option<String> {
    let percent = i128::from(micros) * 100 / i128::from(Some(turn.micros()).filter(|micros| *micros > 0)?);
    Some(if percent == 0 && micros > 0 { "< 1 % of turn".to_owned() } else { format!("{percent} % of turn") })
}

/// Returns the facts that fit, in order.
fn fit(mut facts: Vec<Fact>, width: usize) -> Line {
    let columns = |fact: &Fact| fact.runs.iter().map(|run| run.text.width()).sum::<usize>();
    let mut ranks: Vec<(u8, usize)> = facts.iter().map(|fact| (fact.rank, columns(fact))).collect();
    ranks.sort_by_key(|(rank, _)| *rank);
    let mut used = 0;
    // Later facts never displace more useful ones, so the first that does not fit ends the list.
    let fitting = ranks.iter().take_while(|(_, columns)| {
        used += columns + if used > 0 { GAP } else { 0 };
        used <= width
    });
    let count = fitting.count().max(1);
    let worst = ranks.get(count - 1).map_or(0, |(rank, _)| *rank);
    let mut left = count;
    facts.retain(|fact| {
        let stays = fact.rank <= worst && left > 0;
        left -= usize::from(stays);
        stays
    });
    let mut runs = Vec::new();
    for fact in facts {
        if !runs.is_empty() {
            runs.push(StyledRun::new(&" ".repeat(GAP), Role::Text));
        }
        runs.extend(fact.runs);
    }
    Line::new(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Timestamp, Usage};
    use crate::trace::Forest;

    fn model_call() -> Span {
        Span {
            id: "a".to_owned(),
            operation: "COMPLETION".to_owned(),
            status: Status::Success,
            start: Some(Timestamp::from_millis(550)),
            end: Some(Timestamp::from_millis(860)),
            models: vec!["gpt-4o".to_owned()],
            usage: Some(Usage {
                input_tokens: Some(1600),
                output_tokens: Some(74),
                cost_usd: Some(0.0024),
                ..Usage::default()
            }),
            ..Span::default()
        }
    }

    fn text(span: Span, width: usize) -> String {
        let forest = Forest::new(std::slice::from_ref(&span));
        let facts = SpanFacts {
            span: &span,
            node: forest.node(0).unwrap(),
            self_micros: 8000,
            turn: TimeRange::new(0, 3_800_000),
            median_micros: Some(300_000),
        };
        line(&facts, width).plain_text()
    }

    #[test]
    fn the_most_useful_facts_stay_in_a_narrow_line() {
        assert_eq!(
            text(model_call(), 120),
            "llm COMPLETION  ✓  550–860 ms  310 ms  p50 300 ms  8 % of turn  gpt-4o  1,600 in, 74 out  $0.0024"
        );
        assert_eq!(text(model_call(), 48), "llm COMPLETION  ✓  310 ms  8 % of turn  gpt-4o");
        assert_eq!(text(model_call(), 30), "llm COMPLETION  ✓  310 ms");
        assert_eq!(text(model_call(), 5), "llm COMPLETION");
    }

    #[test]
    fn no_width_is_exceeded_once_the_first_fact_fits() {
        for width in 14..130 {
            assert!(line_width(width) <= width, "{width}");
        }
        fn line_width(width: usize) -> usize {
            crate::text::width::columns(&text(model_call(), width))
        }
    }

    #[test]
    fn untraced_time_also_has_a_line() {
        let (gap, turn) = (TimeRange::new(900_000, 1_500_000), TimeRange::new(0, 3_000_000));
        let line = untraced_line(gap, turn, 80);
        assert_eq!(line.plain_text(), "untraced  900 ms–1.5 s  600 ms  20 % of turn");
    }
}
