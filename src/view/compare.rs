//! The comparison of two messages, or of two questions with all their replies: their texts word by word, their spans
//! aligned with differences of duration, and the payloads of each pair; side by side if there is enough space. The messages
//! may belong to different threads.

mod sides;
mod spans;

use crate::domain::{Block, Message, MessageSummary, Raw, Span, Timestamp, Usage};
use crate::provider;
use crate::text::diff::{self, Granularity};
use crate::text::{Line, StyledRun, number};
use crate::theme::Role;
use crate::trace::{ComparedTrace, Forest, message_usage, message_usage_with};
use crate::view::document::{Body, Document, Section};
use crate::view::message::GUTTER_WIDTH;

/// The largest payload that is compared, in bytes per side.
const MAX_COMPARED_BYTES: usize = 24 * 1024;

/// The width from which both sides are shown side by side: that of a page on a screen of 120 columns.
const SIDE_BY_SIDE_WIDTH: usize = 120 - 4 - GUTTER_WIDTH;

/// The number of equal lines around a difference.
const CONTEXT_LINES: usize = 2;

/// One of two messages.
#[derive(Clone, Debug)]
pub struct ComparedMessage {
    pub service: &'static str,
    pub raw: Raw,
    /// The id as raw JSON, which identifies its row.
    pub id: Vec<u8>,
    /// The messages up to the next question, if it is a question with separate replies.
    pub replies: Vec<Raw>,
    /// The description for display.
    pub label: String,
    /// The title of the thread.
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
    /// Creates a pair of two messages in the order of their times; without times, `first` is the earlier one.
    pub fn in_order(first: ComparedMessage, second: ComparedMessage) -> Self {
        let is_reversed = first.time.zip(second.time).is_some_and(|(first, second)| first > second);
        let (left, right) = if is_reversed { (second, first) } else { (first, second) };
        Self { left, right }
    }

    /// Returns the descriptions of both messages, with their threads if these differ.
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
    /// Returns whether this is the message of a summary.
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
    replies: Vec<(&'a [u8], Message)>,
}

impl<'a> ParsedMessage<'a> {
    /// Parses a message with its replies; `None` if stopped.
    fn parse(compared: &'a ComparedMessage, is_stopped: &dyn Fn() -> bool) -> Option<Self> {
        let provider = provider::by_id(compared.service);
        let read = |raw: &'a [u8]| {
            (!is_stopped())
                .then(|| (raw, provider.map(|provider| provider.read_message(raw)).unwrap_or_default()))
        };
        let (raw, message) = read(compared.raw.bytes())?;
        let replies = compared.replies.iter().map(|reply| read(reply.bytes())).collect::<Option<_>>()?;
        Some(Self { raw, forest: Forest::new(&message.spans), message, replies })
    }

    /// Returns the message and its replies, with their bytes.
    fn messages(&self) -> impl Iterator<Item = (&'a [u8], &Message)> {
        [(self.raw, &self.message)].into_iter().chain(self.replies.iter().map(|(raw, reply)| (*raw, reply)))
    }

    /// Returns the duration of the message, or from a question to the last of its replies.
    fn duration_micros(&self) -> Option<i64> {
        let first = self.message.created_at;
        let last = self.replies.iter().filter_map(|(_, reply)| reply.created_at).max();
        let own = self.message.duration_ms.map(|ms| ms.saturating_mul(1000));
        own.or_else(|| Some(last?.micros_since(first?)).filter(|micros| *micros >= 0))
    }

    fn usage(&self) -> Usage {
        let mut usage = message_usage_with(&self.message, &self.forest);
        self.replies.iter().for_each(|(_, reply)| usage.add(&message_usage(reply)));
        usage
    }

    /// Returns the models, each once, in the order of their use.
    fn models(&self) -> String {
        let mut models: Vec<&str> = Vec::new();
        for model in self.messages().flat_map(|(_, message)| &message.models) {
            if !models.contains(&model.as_str()) {
                models.push(model);
            }
        }
        models.join(", ")
    }

    fn compared_trace(&self) -> ComparedTrace<'_> {
        ComparedTrace { forest: &self.forest, spans: &self.message.spans }
    }

    fn span_at(&self, node: Option<u32>) -> Option<&Span> {
        self.forest.span(&self.message.spans, node?)
    }
}

/// Builds the document of the comparison; `None` if stopped.
pub fn document(pair: &MessagePair, width: usize, is_stopped: &dyn Fn() -> bool) -> Option<Document> {
    let left = ParsedMessage::parse(&pair.left, is_stopped)?;
    let right = ParsedMessage::parse(&pair.right, is_stopped)?;
    let mut sections = vec![heading(pair)];
    sections.push(Section::text(Body::Lines(metric_lines(&left, &right)), Role::Dim));
    sides::push_sides(&mut sections, &left, &right, width, is_stopped);
    spans::push_spans(&mut sections, &left, &right, width, is_stopped);
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

/// Returns the metrics of both messages; unknown ones are omitted.
fn metric_lines(left: &ParsedMessage<'_>, right: &ParsedMessage<'_>) -> Vec<Line> {
    let duration = |parsed: &ParsedMessage<'_>| number::duration(parsed.duration_micros());
    let status = |parsed: &ParsedMessage<'_>| parsed.message.status_text.clone();
    let usages = [left, right].map(ParsedMessage::usage);
    let [old_tokens, new_tokens] =
        usages.each_ref().map(|usage| usage.total().map(number::count).unwrap_or_default());
    let [old_cost, new_cost] =
        usages.each_ref().map(|usage| usage.cost_usd.map(number::money).unwrap_or_default());
    let count = |count: usize| if count == 0 { String::new() } else { count.to_string() };
    let spans = |parsed: &ParsedMessage<'_>| count(parsed.message.spans.len());
    let replies = |parsed: &ParsedMessage<'_>| count(parsed.replies.len());
    let calls = |parsed: &ParsedMessage<'_>| {
        count(
            parsed
                .messages()
                .flat_map(|(_, message)| sides::blocks_of(message))
                .filter_map(Block::call)
                .count(),
        )
    };
    let rows = [
        ("duration", duration(left), duration(right)),
        ("status", status(left), status(right)),
        ("tokens", old_tokens, new_tokens),
        ("cost", old_cost, new_cost),
        ("models", left.models(), right.models()),
        ("replies", replies(left), replies(right)),
        ("calls", calls(left), calls(right)),
        ("spans", spans(left), spans(right)),
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

/// Returns the differences of two texts: side by side if there is enough space, else one below the other.
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

/// Returns whether two texts have enough in common for a combined difference.
fn is_similar(diff: &diff::Diff) -> bool {
    let runs = diff.lines.iter().flat_map(|line| &line.spans);
    let (mut same, mut all) = (0usize, 0usize);
    for run in runs {
        all += run.text.len();
        same += if matches!(run.style, Role::Added | Role::Removed) { 0 } else { run.text.len() };
    }
    diff.granularity != Granularity::Words || same * 3 >= all
}

/// Returns both texts in sequence.
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

/// Returns the lines of a difference, or a note that the texts are too large.
fn diff_lines(diff: diff::Diff) -> Vec<Line> {
    match diff.granularity {
        Granularity::Words | Granularity::Lines => diff.lines,
        Granularity::TooLarge => vec![Line::styled("Too large to compare word by word.", Role::Dim)],
    }
}

/// Keeps changed lines and a few lines around them; longer runs of equal lines become a count.
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
