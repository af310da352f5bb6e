//! Two messages against each other: what they say word by word, their spans aligned with differences of time, and the
//! payloads of each pair. The marked message may be of another thread.

use crate::app::App;
use crate::app::detail::compose::{role_sign, role_style};
use crate::app::detail::spans::Part;
use crate::app::document::{Body, Document, Fold, Section};
use crate::app::page::Subject;
use crate::domain::{Block, CodeField, Head, Message, Raw, Side, Span};
use crate::json;
use crate::provider;
use crate::text::diff::{self, Grain};
use crate::text::{Line, Run, Safe, number, time, width};
use crate::theme::Role;
use crate::trace::{self, Forest, Traced, usage_total};

/// Bytes of each side of a payload that are compared.
const COMPARED: usize = 24 * 1024;

/// Bytes of payloads that one page compares in all.
const BUDGET: usize = 1 << 20;

/// Spans that are drawn.
const MOST: usize = 2000;

/// Equal lines that stay around a difference.
const AROUND: usize = 2;

/// One of two messages.
#[derive(Clone, Debug)]
pub struct Marked {
    pub service: &'static str,
    pub raw: Raw,
    /// Its id as it came: how its row is known again.
    pub id: Vec<u8>,
    /// Which message it is, for people.
    pub label: String,
}

/// Two messages to be compared, the older one on the left.
#[derive(Clone, Debug)]
pub struct Pair {
    pub left: Marked,
    pub right: Marked,
}

impl Marked {
    /// Whether this row is the marked message.
    pub fn is(&self, head: &Head) -> bool {
        let id = head.raw.piece(head.id);
        if id.is_empty() { self.raw.bytes() == head.raw.bytes() } else { id == self.id }
    }
}

impl App {
    /// Marks the selected message, or takes its mark away.
    pub(in crate::app) fn mark(&mut self) {
        let Some(selected) = self.selected_for_comparing(self.list.selected) else { return };
        let again = self.selected_head().zip(self.marked.as_ref()).is_some_and(|(head, mark)| mark.is(head));
        self.marked = (!again).then_some(selected);
        let text = if again { "the mark is gone" } else { "marked: = compares it with another message" };
        self.say(text);
    }

    /// Shows the marked message, or the one before, against the selected one.
    pub(in crate::app) fn compare(&mut self) {
        let at = self.list.selected;
        let Some(right) = self.selected_for_comparing(at) else { return };
        let other =
            self.marked.clone().filter(|mark| !self.selected_head().is_some_and(|head| mark.is(head)));
        let left = other.or_else(|| self.selected_for_comparing(at.checked_sub(1)?));
        let Some(left) = left else {
            return self.say("nothing to compare with: m marks a message");
        };
        let title = format!("{}  against  {}", left.label, right.label);
        self.show_page(title, Subject::Compare(Box::new(Pair { left, right })));
    }

    fn selected_for_comparing(&self, position: usize) -> Option<Marked> {
        let head = self.head_at(position)?;
        let place = self.place_of(position)?;
        let clock = head.time.map(|at| time::clock(at, &self.prefs.zone)).unwrap_or_default();
        Some(Marked {
            service: self.shown_thread()?.service?,
            raw: head.raw.clone(),
            id: head.raw.piece(head.id).to_vec(),
            label: format!("message {} {clock}", place + 1).trim_end().to_owned(),
        })
    }
}

/// One message as it is compared.
struct Read<'a> {
    raw: &'a [u8],
    message: Message,
    forest: Forest,
}

impl<'a> Read<'a> {
    fn of(marked: &'a Marked) -> Self {
        let raw = marked.raw.bytes();
        let message = provider::named(marked.service).map(|found| found.message(raw)).unwrap_or_default();
        let forest = Forest::new(&message.spans);
        Self { raw, message, forest }
    }

    fn traced(&self) -> Traced<'_> {
        Traced { forest: &self.forest, spans: &self.message.spans }
    }

    fn span(&self, node: Option<u32>) -> Option<&Span> {
        self.forest.span(&self.message.spans, node?)
    }
}

/// The comparison as a document.
pub fn document(pair: &Pair, width: usize) -> Document {
    let (left, right) = (Read::of(&pair.left), Read::of(&pair.right));
    let mut sections = vec![heading(pair)];
    sections.push(Section::text(Body::Lines(facts(&left, &right)), Role::Dim));
    sides(&mut sections, &left, &right, width);
    spans(&mut sections, &left, &right, width);
    Document::new(sections)
}

fn heading(pair: &Pair) -> Section {
    let row =
        |sign: &str, label: &str, style| Line { spans: vec![Run::new(sign, style), Run::new(label, style)] };
    let lines = vec![row("− ", &pair.left.label, Role::Removed), row("+ ", &pair.right.label, Role::Added)];
    Section::text(Body::Lines(lines), Role::Dim)
}

/// Numbers of both messages that differ or matter.
fn facts(left: &Read<'_>, right: &Read<'_>) -> Vec<Line> {
    let took = |read: &Read<'_>| number::duration(read.message.duration_ms.map(|ms| ms.saturating_mul(1000)));
    let status = |read: &Read<'_>| read.message.status_text.clone();
    let tokens = |read: &Read<'_>| {
        let own = read.message.usage.as_ref().and_then(|usage| usage.total());
        let all = own.or_else(|| usage_total(&read.forest, &read.message.spans).total_tokens);
        all.map(number::count).unwrap_or_default()
    };
    let models = |read: &Read<'_>| read.message.models.join(", ");
    let count = |read: &Read<'_>| read.message.spans.len().to_string();
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
        let mut spans = vec![Run::new(&format!("{name:<10}"), Role::Key)];
        if old == new {
            spans.push(Run::new(&old, Role::Text));
        } else {
            spans.extend([
                Run::new(&old, Role::Removed),
                Run::new(" → ", Role::Dim),
                Run::new(&new, Role::Added),
            ]);
        }
        Line { spans }
    })
    .collect()
}

fn blank() -> Section {
    Section::text(Body::Lines(vec![Line::default()]), Role::Dim)
}

/// What both say, speaker by speaker.
fn sides(sections: &mut Vec<Section>, left: &Read<'_>, right: &Read<'_>, width: usize) {
    let none = || Side { role: crate::domain::Role::Unknown, role_text: None, blocks: Vec::new() };
    let count = left.message.sides.len().max(right.message.sides.len());
    for at in 0..count {
        let old = left.message.sides.get(at).cloned().unwrap_or_else(none);
        let new = right.message.sides.get(at).cloned().unwrap_or_else(none);
        let role = if new.blocks.is_empty() { old.role } else { new.role };
        let mut title = vec![Run::new(&format!("{} {}", role_sign(role), role.word()), Role::Heading)];
        let (before, after) = (said(&old.blocks, left.raw), said(&new.blocks, right.raw));
        let found = diff::compare(&before, &after, width);
        if found.is_same {
            title.push(Run::new("  the same", Role::Dim));
        } else if old.role != new.role && !old.blocks.is_empty() && !new.blocks.is_empty() {
            title.push(Run::new(&format!("  {} before", old.role.word()), Role::Removed));
        }
        sections.push(blank());
        let fold = if found.is_same { Fold::Closed } else { Fold::Open };
        let lines = if is_alike(&found) { drawn(found) } else { apart(&before, &after, width) };
        sections.push(Section::folding(Line { spans: title }, Body::Lines(lines), role_style(role), fold));
    }
}

/// Everything in blocks as text, tools and JSON too.
fn said(blocks: &[Block], raw: &[u8]) -> String {
    let part = |block: &Block| match block {
        Block::Markdown(text) | Block::Thinking(text) => text.clone(),
        Block::ToolCall { name, code, input, .. } if code.is_empty() => {
            format!("⚙ {name}\n{}", json::pretty(input.of(raw), COMPARED))
        }
        Block::ToolCall { name, code, .. } => format!("⚙ {name}\n{}", fields(code)),
        Block::ToolResult { blocks, .. } => format!("result\n{}", said(blocks, raw)),
        Block::Chunks(chunks) => {
            chunks.iter().map(|chunk| chunk.text.as_str()).collect::<Vec<_>>().join("\n")
        }
        Block::Artifact(artifact) => format!("▦ {}\n{}", artifact.title, fields(&artifact.code)),
        Block::Json { label, raw: piece } => {
            format!("{label}\n{}", json::pretty(piece.of(raw), COMPARED))
        }
    };
    blocks.iter().map(part).collect::<Vec<_>>().join("\n\n")
}

fn fields(code: &[CodeField]) -> String {
    code.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Whether two texts have enough in common to be read as one.
fn is_alike(found: &diff::Difference) -> bool {
    let runs = found.lines.iter().flat_map(|line| &line.spans);
    let (mut same, mut all) = (0usize, 0usize);
    for run in runs {
        all += run.text.len();
        same += if matches!(run.style, Role::Added | Role::Removed) { 0 } else { run.text.len() };
    }
    found.grain != Grain::Words || same * 3 >= all
}

/// Both texts, one after the other.
fn apart(before: &str, after: &str, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (text, sign, style) in [(before, "− before", Role::Removed), (after, "+ after", Role::Added)] {
        if !text.is_empty() {
            lines.push(Line::styled(sign, style));
            lines.extend(crate::text::plain(text, width, Role::Text));
        }
    }
    lines
}

/// The lines of a difference, or why there are none.
fn drawn(found: diff::Difference) -> Vec<Line> {
    match found.grain {
        Grain::Words | Grain::Lines => found.lines,
        Grain::TooLarge => vec![Line::styled("too large to be compared word by word", Role::Dim)],
    }
}

fn spans(sections: &mut Vec<Section>, left: &Read<'_>, right: &Read<'_>, width: usize) {
    let pairs = trace::align(left.traced(), right.traced());
    if pairs.is_empty() {
        return;
    }
    let both = pairs.iter().filter(|pair| pair.left.is_some() && pair.right.is_some()).count();
    let only = |side: fn(&trace::Pair) -> bool| pairs.iter().filter(|pair| side(pair)).count();
    let (gone, new) = (only(|pair| pair.right.is_none()), only(|pair| pair.left.is_none()));
    let mut title = vec![Run::new("Spans", Role::Heading)];
    title.push(Run::new(&format!("  {both} on both sides"), Role::Dim));
    for (count, what, style) in [(gone, "only before", Role::Removed), (new, "only after", Role::Added)] {
        if count > 0 {
            title.push(Run::new(&format!("  {count} {what}"), style));
        }
    }
    sections.push(blank());
    sections.push(Section::headed(Line { spans: title }, Body::Lines(Vec::new()), Role::Dim));
    let mut budget = BUDGET;
    for pair in pairs.iter().take(MOST) {
        let body = payloads(left, right, pair, width, &mut budget);
        let mut title = Line { spans: pair_row(left, right, pair, width, !body.is_empty()) };
        if body.is_empty() {
            // Where the others have the sign that they fold.
            title.spans.insert(0, Run::new("  ", Role::Text));
        }
        sections.push(if body.is_empty() {
            Section::headed(title, Body::Lines(body), Role::Dim)
        } else {
            Section::folding(title, Body::Lines(body), Role::Dim, Fold::Closed)
        });
    }
    if pairs.len() > MOST {
        let more = number::counted(pairs.len() - MOST, "more span");
        sections
            .push(Section::text(Body::Lines(vec![Line::styled(&format!("… {more}"), Role::Dim)]), Role::Dim));
    }
}

/// Columns of operation and of each time.
const OPERATION: usize = 16;
const TIME: usize = 10;

/// Sign, operation, name, both times and how they differ.
fn pair_row(
    left: &Read<'_>,
    right: &Read<'_>,
    pair: &trace::Pair,
    columns: usize,
    differs: bool,
) -> Vec<Run> {
    let (old, new) = (left.span(pair.left), right.span(pair.right));
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
        let (cut, _) = width::ellipsis(safe.as_str(), room);
        width::pad_right(&cut, room)
    };
    let indent = "  ".repeat((pair.depth as usize).min(12));
    let label = if span.name.is_empty() { &span.operation } else { &span.name };
    let room = columns.saturating_sub(2 + OPERATION + 1 + 3 * (TIME + 1)).clamp(8, 60);
    let told = |span: Option<&Span>| {
        let text = span.map(|span| number::duration(span.measured_micros())).unwrap_or_default();
        Run::new(&format!("{} ", width::pad_left(&text, TIME)), Role::Text)
    };
    vec![
        Run::new(&format!("{sign} "), style),
        Run::new(&format!("{} ", fit(&span.operation, OPERATION)), Role::Dim),
        Run::new(&fit(&format!("{indent}{label}"), room), plain),
        told(old),
        told(new),
        longer(pair.longer_micros),
    ]
}

/// How much longer the right one took; told in colour from a tenth of a second on.
fn longer(micros: Option<i64>) -> Run {
    let Some(micros) = micros.filter(|micros| *micros != 0) else { return Run::new("", Role::Dim) };
    let sign = if micros > 0 { "+" } else { "" };
    let style = match micros {
        100_000.. => Role::Warn,
        ..=-100_000 => Role::Ok,
        _ => Role::Dim,
    };
    let text = format!("{sign}{}", number::duration(Some(micros)));
    Run::new(&width::pad_left(&text, TIME), style)
}

/// The payloads of a pair that differ, each as a difference of its JSON.
fn payloads(
    left: &Read<'_>,
    right: &Read<'_>,
    pair: &trace::Pair,
    width: usize,
    budget: &mut usize,
) -> Vec<Line> {
    let (Some(old), Some(new)) = (left.span(pair.left), right.span(pair.right)) else { return Vec::new() };
    let mut lines = Vec::new();
    for part in Part::ALL {
        let (before, after) = (part.piece(old).of(left.raw), part.piece(new).of(right.raw));
        if before == after {
            continue;
        }
        lines.push(Line::styled(part.title(), Role::Strong));
        let size = before.len().max(after.len());
        if size > COMPARED || *budget < size {
            let sizes = [before, after].map(|side| number::bytes(side.len() as u64));
            let note = format!("{} against {}: too large to be compared here", sizes[0], sizes[1]);
            lines.push(Line::styled(&note, Role::Dim));
            continue;
        }
        *budget -= size;
        let [before, after] = [before, after].map(|side| json::pretty(side, COMPARED * 2));
        lines.extend(trimmed(drawn(diff::compare(&before, &after, width))));
    }
    lines
}

/// Lines with a difference and a few around them; stretches of equal ones are counted.
pub fn trimmed(lines: Vec<Line>) -> Vec<Line> {
    let differs = |line: &Line| line.spans.iter().any(|run| matches!(run.style, Role::Added | Role::Removed));
    let marks: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| differs(line)).map(|(at, _)| at).collect();
    let mut out = Vec::new();
    let (mut next, mut skipped) = (0, 0usize);
    for (at, line) in lines.into_iter().enumerate() {
        while marks.get(next).is_some_and(|mark| mark + AROUND < at) {
            next += 1;
        }
        if marks.get(next).is_some_and(|mark| *mark <= at + AROUND) {
            out.extend(equal(&mut skipped));
            out.push(line);
        } else {
            skipped += 1;
        }
    }
    out.extend(equal(&mut skipped));
    out
}

fn equal(skipped: &mut usize) -> Option<Line> {
    let count = std::mem::take(skipped);
    (count > 0).then(|| Line::styled(&format!("… {}", number::counted(count, "equal line")), Role::Dim))
}

#[cfg(test)]
mod tests;
