//! The comparison of two messages: their texts word by word, their spans aligned with differences of duration, and the
//! payloads of each pair; side by side where there is room. The messages may belong to different threads.

mod spans;

use crate::domain::{Block, CodeField, Message, MessageSummary, Raw, Side, Span, SpanPart, Timestamp};
use crate::json;
use crate::provider;
use crate::text::diff::{self, Granularity};
use crate::text::{Line, Safe, StyledRun, number, width};
use crate::theme::Role;
use crate::trace::{self, ComparedTrace, Forest, message_usage_with};
use crate::view::document::{Body, Document, Fold, Section};
use crate::view::message::{GUTTER_WIDTH, role_style, role_symbol};

/// The largest payload that is compared, in bytes per side.
const MAX_COMPARED_BYTES: usize = 24 * 1024;

/// From this width on, the sides stand side by side: that of a page on a screen of 120 columns.
const SIDE_BY_SIDE_WIDTH: usize = 120 - 4 - GUTTER_WIDTH;

/// Equal lines that are shown around a difference.
const CONTEXT_LINES: usize = 2;

/// One of two messages.
#[derive(Clone, Debug)]
pub struct ComparedMessage {
    pub service: &'static str,
    pub raw: Raw,
    /// Its id as raw JSON, which identifies its row.
    pub id: Vec<u8>,
    /// Its description for display.
    pub label: String,
    /// The title of its thread.
    pub thread: String,
    pub time: Option<Timestamp>,
}

/// Two messages to compare, the earlier one on the left.
#[derive(Clone, Debug)]
pub struct MessagePair {
    pub left: ComparedMessage,
    pub right: ComparedMessage,
}

impl MessagePair {
    /// A pair of two messages in the order of their times; without times, `first` is the earlier one.
    pub fn in_order(first: ComparedMessage, second: ComparedMessage) -> Self {
        let is_reversed = first.time.zip(second.time).is_some_and(|(first, second)| first > second);
        let (left, right) = if is_reversed { (second, first) } else { (first, second) };
        Self { left, right }
    }

    /// The descriptions of both; with their threads if these differ.
    pub fn labels(&self) -> [String; 2] {
        let is_same_thread = self.left.thread == self.right.thread;
        [&self.left, &self.right].map(|message| {
            if is_same_thread {
                message.label.clone()
            } else {
                format!("{} · {}", message.label, message.thread)
            }
        })
    }
}

impl ComparedMessage {
    /// Whether this is the message of a summary.
    pub fn is_same_message(&self, summary: &MessageSummary) -> bool {
        let id = summary.raw.bytes_in(summary.id);
        if id.is_empty() { self.raw.bytes() == summary.raw.bytes() } else { id == self.id }
    }
}

/// One message, parsed.
struct ParsedMessage<'a> {
    raw: &'a [u8],
    message: Message,
    forest: Forest,
}

impl<'a> ParsedMessage<'a> {
    fn parse(compared: &'a ComparedMessage) -> Self {
        let raw = compared.raw.bytes();
        let provider = provider::by_id(compared.service);
        let message = provider.map(|provider| provider.read_message(raw)).unwrap_or_default();
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

/// The comparison as a document; `None` if it was stopped.
pub fn document(pair: &MessagePair, width: usize, is_stopped: &dyn Fn() -> bool) -> Option<Document> {
    let (left, right) = (ParsedMessage::parse(&pair.left), ParsedMessage::parse(&pair.right));
    let mut sections = vec![heading(pair)];
    sections.push(Section::text(Body::Lines(metric_lines(&left, &right)), Role::Dim));
    push_sides(&mut sections, &left, &right, width, is_stopped);
    push_spans(&mut sections, &left, &right, width, is_stopped);
    (!is_stopped()).then(|| Document::new(sections))
}

fn heading(pair: &MessagePair) -> Section {
    let row = |sign: &str, label: &str, style| {
        let sign_style = if style == Role::Removed { Role::Error } else { Role::Ok };
        Line::new(vec![StyledRun::new(sign, sign_style), StyledRun::new(label, Role::Strong)])
    };
    let [before, after] = pair.labels();
    let lines = vec![row("− Before: ", &before, Role::Removed), row("+ After:  ", &after, Role::Added)];
    Section::text(Body::Lines(lines), Role::Dim)
}

/// The metrics of both messages; unknown ones are left out.
fn metric_lines(left: &ParsedMessage<'_>, right: &ParsedMessage<'_>) -> Vec<Line> {
    let duration = |parsed: &ParsedMessage<'_>| {
        number::duration(parsed.message.duration_ms.map(|ms| ms.saturating_mul(1000)))
    };
    let status = |parsed: &ParsedMessage<'_>| parsed.message.status_text.clone();
    let usages = [left, right].map(|parsed| message_usage_with(&parsed.message, &parsed.forest));
    let [old_tokens, new_tokens] =
        usages.each_ref().map(|usage| usage.total().map(number::count).unwrap_or_default());
    let [old_cost, new_cost] =
        usages.each_ref().map(|usage| usage.cost_usd.map(number::money).unwrap_or_default());
    let models = |parsed: &ParsedMessage<'_>| parsed.message.models.join(", ");
    let count = |parsed: &ParsedMessage<'_>| parsed.message.spans.len().to_string();
    let rows = [
        ("duration", duration(left), duration(right)),
        ("status", status(left), status(right)),
        ("tokens", old_tokens, new_tokens),
        ("cost", old_cost, new_cost),
        ("models", models(left), models(right)),
        ("spans", count(left), count(right)),
    ];
    let is_unknown = |text: &str| text.is_empty() || text == number::UNKNOWN;
    let rows = rows.into_iter().filter(|(_, old, new)| !(is_unknown(old) && is_unknown(new)));
    let named = |text: String| if text.is_empty() { number::UNKNOWN.to_owned() } else { text };
    rows.map(|(name, old, new)| {
        let (old, new) = (named(old), named(new));
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
        Line::new(spans)
    })
    .collect()
}

fn blank_line() -> Section {
    Section::text(Body::Lines(vec![Line::default()]), Role::Dim)
}

/// Adds the texts of both, speaker by speaker.
fn push_sides(
    sections: &mut Vec<Section>,
    left: &ParsedMessage<'_>,
    right: &ParsedMessage<'_>,
    width: usize,
    is_stopped: &dyn Fn() -> bool,
) {
    let no_side = || Side { role: crate::domain::Role::Unknown, role_text: None, blocks: Vec::new() };
    let count = left.message.sides.len().max(right.message.sides.len());
    for index in (0..count).take_while(|_| !is_stopped()) {
        let old = left.message.sides.get(index).cloned().unwrap_or_else(no_side);
        let new = right.message.sides.get(index).cloned().unwrap_or_else(no_side);
        let role = if new.blocks.is_empty() { old.role } else { new.role };
        let mut title =
            vec![StyledRun::new(&format!("{} {}", role_symbol(role), role.as_str()), Role::Heading)];
        let (before, after) = (blocks_text(&old.blocks, left.raw), blocks_text(&new.blocks, right.raw));
        let is_same = before == after;
        if is_same {
            let lines = number::pluralize(before.lines().count(), "equal line");
            title.push(StyledRun::new(&format!("  {lines}"), Role::Dim));
        } else if old.role != new.role && !old.blocks.is_empty() && !new.blocks.is_empty() {
            title.push(StyledRun::new(&format!("  was {}", old.role.as_str()), Role::Removed));
        }
        sections.push(blank_line());
        let fold = if is_same { Fold::Closed } else { Fold::Open };
        let lines = if is_same {
            crate::text::wrap_styled(&before, width, Role::Text)
        } else {
            text_diff_lines(&before, &after, width)
        };
        sections.push(Section::foldable(Line::new(title), Body::Lines(lines), role_style(role), fold));
    }
}

/// The content of blocks as text, including tools and JSON.
fn blocks_text(blocks: &[Block], raw: &[u8]) -> String {
    let part = |block: &Block| match block {
        Block::Markdown(text) | Block::Thinking(text) => text.clone(),
        Block::ToolCall { name, code, input, .. } if code.is_empty() => {
            let input = json::Value::of(input.slice(raw));
            let inner = input.embedded_json();
            let input = inner.as_deref().map_or(input.raw(), str::as_bytes);
            format!("⚙ {name}\n{}", json::pretty(input, MAX_COMPARED_BYTES))
        }
        Block::ToolCall { name, code, .. } => format!("⚙ {name}\n{}", code_text(code)),
        Block::ToolResult { blocks, .. } => format!("Result\n{}", blocks_text(blocks, raw)),
        Block::Chunks(chunks) => {
            chunks.iter().map(|chunk| chunk.text.as_str()).collect::<Vec<_>>().join("\n")
        }
        Block::Artifact(artifact) => format!("▦ {}\n{}", artifact.title, code_text(&artifact.code)),
        Block::Json { label, raw: range } => {
            format!("{label}\n{}", json::pretty(range.slice(raw), MAX_COMPARED_BYTES))
        }
    };
    blocks.iter().map(part).collect::<Vec<_>>().join("\n\n")
}

fn code_text(code: &[CodeField]) -> String {
    code.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The differences of two texts: side by side where there is room, else one below the other.
fn text_diff_lines(before: &str, after: &str, width: usize) -> Vec<Line> {
    if width >= SIDE_BY_SIDE_WIDTH
        && let Some(lines) = diff::side_by_side(before, after, width)
    {
        return lines;
    }
    let diff = diff::compare(before, after, width);
    if is_similar(&diff) {
        trim_to_context(diff_lines(diff))
    } else {
        before_and_after_lines(before, after, width)
    }
}

/// Whether two texts have enough in common for a combined difference.
fn is_similar(diff: &diff::Diff) -> bool {
    let runs = diff.lines.iter().flat_map(|line| &line.spans);
    let (mut same, mut all) = (0usize, 0usize);
    for run in runs {
        all += run.text.len();
        same += if matches!(run.style, Role::Added | Role::Removed) { 0 } else { run.text.len() };
    }
    diff.granularity != Granularity::Words || same * 3 >= all
}

/// Both texts in sequence.
fn before_and_after_lines(before: &str, after: &str, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (text, sign, style) in [(before, "− Before", Role::Removed), (after, "+ After", Role::Added)] {
        if !text.is_empty() {
            lines.push(Line::styled(sign, style));
            lines.extend(crate::text::wrap_styled(text, width, Role::Text));
        }
    }
    lines
}

/// The lines of a difference, or a note that the texts are too large.
fn diff_lines(diff: diff::Diff) -> Vec<Line> {
    match diff.granularity {
        Granularity::Words | Granularity::Lines => diff.lines,
        Granularity::TooLarge => vec![Line::styled("Too large to compare word by word.", Role::Dim)],
    }
}

/// Changed lines and a few around them; longer runs of equal lines become a count.
pub fn trim_to_context(lines: Vec<Line>) -> Vec<Line> {
    let differs = |line: &Line| line.spans.iter().any(|run| matches!(run.style, Role::Added | Role::Removed));
    let changed: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| differs(line)).map(|(at, _)| at).collect();
    let mut trimmed = Vec::new();
    let (mut next, mut skipped) = (0, 0usize);
    for (at, line) in lines.into_iter().enumerate() {
        while changed.get(next).is_some_and(|index| index + CONTEXT_LINES < at) {
            next += 1;
        }
        if changed.get(next).is_some_and(|index| *index <= at + CONTEXT_LINES) {
            trimmed.extend(equal_lines_marker(&mut skipped));
            trimmed.push(line);
        } else {
            skipped += 1;
        }
    }
    trimmed.extend(equal_lines_marker(&mut skipped));
    trimmed
}

fn equal_lines_marker(skipped: &mut usize) -> Option<Line> {
    let count = std::mem::take(skipped);
    (count > 0).then(|| diff::equal_lines(count))
}

#[cfg(test)]
mod tests;
