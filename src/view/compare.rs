//! Two messages against each other: what they say word by word, their spans aligned with differences of time, and the
//! payloads of each pair. The marked message may be of another thread.

use crate::domain::{Block, CodeField, Message, MessageSummary, Raw, Side, Span, SpanPart};
use crate::json;
use crate::provider;
use crate::text::diff::{self, Granularity};
use crate::text::{Line, Safe, StyledRun, number, width};
use crate::theme::Role;
use crate::trace::{self, ComparedTrace, Forest, total_usage};
use crate::view::document::{Body, Document, Fold, Section};
use crate::view::message::{role_style, role_symbol};

/// Bytes of each side of a payload that are compared.
const MAX_COMPARED_BYTES: usize = 24 * 1024;

/// Bytes of payloads that one page compares in all.
const MAX_PAGE_BYTES: usize = 1 << 20;

/// Spans that are drawn.
const MAX_SPANS: usize = 2000;

/// Equal lines that stay around a difference.
const CONTEXT_LINES: usize = 2;

/// One of two messages.
#[derive(Clone, Debug)]
pub struct ComparedMessage {
    pub service: &'static str,
    pub raw: Raw,
    /// Its id as it came: how its row is known again.
    pub id: Vec<u8>,
    /// Which message it is, for people.
    pub label: String,
}

/// Two messages to be compared, the older one on the left.
#[derive(Clone, Debug)]
pub struct MessagePair {
    pub left: ComparedMessage,
    pub right: ComparedMessage,
}

impl ComparedMessage {
    /// Whether this row is the marked message.
    pub fn is_same_message(&self, head: &MessageSummary) -> bool {
        let id = head.raw.bytes_in(head.id);
        if id.is_empty() { self.raw.bytes() == head.raw.bytes() } else { id == self.id }
    }
}

/// One message as it is compared.
struct ParsedMessage<'a> {
    raw: &'a [u8],
    message: Message,
    forest: Forest,
}

impl<'a> ParsedMessage<'a> {
    fn parse(marked: &'a ComparedMessage) -> Self {
        let raw = marked.raw.bytes();
        let message =
            provider::by_id(marked.service).map(|found| found.read_message(raw)).unwrap_or_default();
        let forest = Forest::new(&message.spans);
        Self { raw, message, forest }
    }

    fn compared_trace(&self) -> ComparedTrace<'_> {
        ComparedTrace { forest: &self.forest, spans: &self.message.spans }
    }

    fn span_at(&self, node: Option<u32>) -> Option<&Span> {
        self.forest.span(&self.message.spans, node?)
    }
}

/// The comparison as a document.
pub fn document(pair: &MessagePair, width: usize) -> Document {
    let (left, right) = (ParsedMessage::parse(&pair.left), ParsedMessage::parse(&pair.right));
    let mut sections = vec![heading(pair)];
    sections.push(Section::text(Body::Lines(metric_lines(&left, &right)), Role::Dim));
    push_sides(&mut sections, &left, &right, width);
    push_spans(&mut sections, &left, &right, width);
    Document::new(sections)
}

fn heading(pair: &MessagePair) -> Section {
    let row = |sign: &str, label: &str, style| Line {
        spans: vec![StyledRun::new(sign, style), StyledRun::new(label, style)],
    };
    let lines = vec![row("− ", &pair.left.label, Role::Removed), row("+ ", &pair.right.label, Role::Added)];
    Section::text(Body::Lines(lines), Role::Dim)
}

/// Numbers of both messages that differ or matter.
fn metric_lines(left: &ParsedMessage<'_>, right: &ParsedMessage<'_>) -> Vec<Line> {
    let took = |read: &ParsedMessage<'_>| {
        number::duration(read.message.duration_ms.map(|ms| ms.saturating_mul(1000)))
    };
    let status = |read: &ParsedMessage<'_>| read.message.status_text.clone();
    let tokens = |read: &ParsedMessage<'_>| {
        let own = read.message.usage.as_ref().and_then(|usage| usage.total());
        let all = own.or_else(|| total_usage(&read.forest, &read.message.spans).total_tokens);
        all.map(number::count).unwrap_or_default()
    };
    let models = |read: &ParsedMessage<'_>| read.message.models.join(", ");
    let count = |read: &ParsedMessage<'_>| read.message.spans.len().to_string();
    let rows = [
        ("duration", took(left), took(right)),
        ("status", status(left), status(right)),
        ("tokens", tokens(left), tokens(right)),
        ("models", models(left), models(right)),
        ("spans", count(left), count(right)),
    ];
    let nothing = |text: &str| text.is_empty() || text == number::UNKNOWN;
    let rows = rows.into_iter().filter(|(_, old, new)| !(nothing(old) && nothing(new)));
    rows.map(|(name, old, new)| {
        let mut spans = vec![StyledRun::new(&format!("{name:<10}"), Role::Key)];
        if old == new {
            spans.push(StyledRun::new(&old, Role::Text));
        } else {
            spans.extend([
                StyledRun::new(&old, Role::Removed),
                StyledRun::new(" → ", Role::Dim),
                StyledRun::new(&new, Role::Added),
            ]);
        }
        Line { spans }
    })
    .collect()
}

fn blank_line() -> Section {
    Section::text(Body::Lines(vec![Line::default()]), Role::Dim)
}

/// What both say, speaker by speaker.
fn push_sides(
    sections: &mut Vec<Section>,
    left: &ParsedMessage<'_>,
    right: &ParsedMessage<'_>,
    width: usize,
) {
    let none = || Side { role: crate::domain::Role::Unknown, role_text: None, blocks: Vec::new() };
    let count = left.message.sides.len().max(right.message.sides.len());
    for at in 0..count {
        let old = left.message.sides.get(at).cloned().unwrap_or_else(none);
        let new = right.message.sides.get(at).cloned().unwrap_or_else(none);
        let role = if new.blocks.is_empty() { old.role } else { new.role };
        let mut title =
            vec![StyledRun::new(&format!("{} {}", role_symbol(role), role.as_str()), Role::Heading)];
        let (before, after) = (blocks_text(&old.blocks, left.raw), blocks_text(&new.blocks, right.raw));
        let found = diff::compare(&before, &after, width);
        if found.is_same {
            title.push(StyledRun::new("  the same", Role::Dim));
        } else if old.role != new.role && !old.blocks.is_empty() && !new.blocks.is_empty() {
            title.push(StyledRun::new(&format!("  {} before", old.role.as_str()), Role::Removed));
        }
        sections.push(blank_line());
        let fold = if found.is_same { Fold::Closed } else { Fold::Open };
        let lines = if is_similar(&found) {
            diff_lines(found)
        } else {
            before_and_after_lines(&before, &after, width)
        };
        sections.push(Section::foldable(Line { spans: title }, Body::Lines(lines), role_style(role), fold));
    }
}

/// Everything in blocks as text, tools and JSON too.
fn blocks_text(blocks: &[Block], raw: &[u8]) -> String {
    let part = |block: &Block| match block {
        Block::Markdown(text) | Block::Thinking(text) => text.clone(),
        Block::ToolCall { name, code, input, .. } if code.is_empty() => {
            format!("⚙ {name}\n{}", json::pretty(input.slice(raw), MAX_COMPARED_BYTES))
        }
        Block::ToolCall { name, code, .. } => format!("⚙ {name}\n{}", code_text(code)),
        Block::ToolResult { blocks, .. } => format!("result\n{}", blocks_text(blocks, raw)),
        Block::Chunks(chunks) => {
            chunks.iter().map(|chunk| chunk.text.as_str()).collect::<Vec<_>>().join("\n")
        }
        Block::Artifact(artifact) => format!("▦ {}\n{}", artifact.title, code_text(&artifact.code)),
        Block::Json { label, raw: piece } => {
            format!("{label}\n{}", json::pretty(piece.slice(raw), MAX_COMPARED_BYTES))
        }
    };
    blocks.iter().map(part).collect::<Vec<_>>().join("\n\n")
}

fn code_text(code: &[CodeField]) -> String {
    code.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Whether two texts have enough in common to be read as one.
fn is_similar(found: &diff::Diff) -> bool {
    let runs = found.lines.iter().flat_map(|line| &line.spans);
    let (mut same, mut all) = (0usize, 0usize);
    for run in runs {
        all += run.text.len();
        same += if matches!(run.style, Role::Added | Role::Removed) { 0 } else { run.text.len() };
    }
    found.granularity != Granularity::Words || same * 3 >= all
}

/// Both texts, one after the other.
fn before_and_after_lines(before: &str, after: &str, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (text, sign, style) in [(before, "− before", Role::Removed), (after, "+ after", Role::Added)] {
        if !text.is_empty() {
            lines.push(Line::styled(sign, style));
            lines.extend(crate::text::wrap_styled(text, width, Role::Text));
        }
    }
    lines
}

/// The lines of a difference, or why there are none.
fn diff_lines(found: diff::Diff) -> Vec<Line> {
    match found.granularity {
        Granularity::Words | Granularity::Lines => found.lines,
        Granularity::TooLarge => vec![Line::styled("too large to be compared word by word", Role::Dim)],
    }
}

fn push_spans(
    sections: &mut Vec<Section>,
    left: &ParsedMessage<'_>,
    right: &ParsedMessage<'_>,
    width: usize,
) {
    let pairs = trace::align(left.compared_trace(), right.compared_trace());
    if pairs.is_empty() {
        return;
    }
    let both = pairs.iter().filter(|pair| pair.left.is_some() && pair.right.is_some()).count();
    let only = |side: fn(&trace::Pair) -> bool| pairs.iter().filter(|pair| side(pair)).count();
    let (gone, new) = (only(|pair| pair.right.is_none()), only(|pair| pair.left.is_none()));
    let mut title = vec![StyledRun::new("Spans", Role::Heading)];
    title.push(StyledRun::new(&format!("  {both} on both sides"), Role::Dim));
    for (count, what, style) in [(gone, "only before", Role::Removed), (new, "only after", Role::Added)] {
        if count > 0 {
            title.push(StyledRun::new(&format!("  {count} {what}"), style));
        }
    }
    sections.push(blank_line());
    sections.push(Section::with_heading(Line { spans: title }, Body::Lines(Vec::new()), Role::Dim));
    let mut budget = MAX_PAGE_BYTES;
    for pair in pairs.iter().take(MAX_SPANS) {
        let body = payload_diff_lines(left, right, pair, width, &mut budget);
        let mut title = Line { spans: pair_row(left, right, pair, width, !body.is_empty()) };
        if body.is_empty() {
            // Where the others have the sign that they fold.
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

/// Columns of operation and of each time.
const OPERATION_WIDTH: usize = 16;
const TIME_WIDTH: usize = 10;

/// Sign, operation, name, both times and how they differ.
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
        _ if differs => ("≠", Role::Warn),
        _ => ("=", Role::Dim),
    };
    let plain = if sign == "=" || sign == "≠" { Role::Text } else { style };
    let Some(span) = new.or(old) else { return Vec::new() };
    let fit = |text: &str, room: usize| {
        let safe = Safe::line(text);
        let (cut, _) = width::ellipsize(safe.as_str(), room);
        width::pad_right(&cut, room)
    };
    let indent = "  ".repeat((pair.depth as usize).min(12));
    let label = if span.name.is_empty() { &span.operation } else { &span.name };
    let room = columns.saturating_sub(2 + OPERATION_WIDTH + 1 + 3 * (TIME_WIDTH + 1)).clamp(8, 60);
    let told = |span: Option<&Span>| {
        let text = span.map(|span| number::duration(span.duration_micros())).unwrap_or_default();
        StyledRun::new(&format!("{} ", width::pad_left(&text, TIME_WIDTH)), Role::Text)
    };
    vec![
        StyledRun::new(&format!("{sign} "), style),
        StyledRun::new(&format!("{} ", fit(&span.operation, OPERATION_WIDTH)), Role::Dim),
        StyledRun::new(&fit(&format!("{indent}{label}"), room), plain),
        told(old),
        told(new),
        duration_change(pair.delta_micros),
    ]
}

/// How much longer the right one took; told in colour from a tenth of a second on.
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

/// The payloads of a pair that differ, each as a difference of its JSON.
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
            let note = format!("{} against {}: too large to be compared here", sizes[0], sizes[1]);
            lines.push(Line::styled(&note, Role::Dim));
            continue;
        }
        *budget -= size;
        let [before, after] = [before, after].map(|side| json::pretty(side, MAX_COMPARED_BYTES * 2));
        lines.extend(trim_to_context(diff_lines(diff::compare(&before, &after, width))));
    }
    lines
}

/// Lines with a difference and a few around them; stretches of equal ones are counted.
pub fn trim_to_context(lines: Vec<Line>) -> Vec<Line> {
    let differs = |line: &Line| line.spans.iter().any(|run| matches!(run.style, Role::Added | Role::Removed));
    let marks: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| differs(line)).map(|(at, _)| at).collect();
    let mut out = Vec::new();
    let (mut next, mut skipped) = (0, 0usize);
    for (at, line) in lines.into_iter().enumerate() {
        while marks.get(next).is_some_and(|mark| mark + CONTEXT_LINES < at) {
            next += 1;
        }
        if marks.get(next).is_some_and(|mark| *mark <= at + CONTEXT_LINES) {
            out.extend(equal_lines_marker(&mut skipped));
            out.push(line);
        } else {
            skipped += 1;
        }
    }
    out.extend(equal_lines_marker(&mut skipped));
    out
}

fn equal_lines_marker(skipped: &mut usize) -> Option<Line> {
    let count = std::mem::take(skipped);
    (count > 0).then(|| Line::styled(&format!("… {}", number::pluralize(count, "equal line")), Role::Dim))
}

#[cfg(test)]
mod tests;
