//! The texts of two messages and their replies, paired speaker by speaker.

use super::{MAX_COMPARED_BYTES, ParsedMessage, blank_line, text_diff_lines};
use crate::domain::{Block, CodeField, Message, Role};
use crate::json;
use crate::text::diff::align_items;
use crate::text::{Line, StyledRun, number, wrap_styled};
use crate::theme;
use crate::view::document::{Body, Fold, Section};
use crate::view::message::{role_style, role_symbol};

/// The text of one speaker in one message.
struct ComparedSide {
    role: Role,
    /// The names of the tools that it calls.
    calls: Vec<String>,
    text: String,
}

impl ComparedSide {
    /// Returns the key by which sides are paired, in the order of the messages.
    fn key(&self) -> (&'static str, &[String]) {
        (self.role.as_str(), &self.calls)
    }
}

fn sides_of(parsed: &ParsedMessage<'_>) -> Vec<ComparedSide> {
    let mut sides = Vec::new();
    for (raw, message) in parsed.messages() {
        for side in &message.sides {
            let calls = side.blocks.iter().filter_map(Block::call);
            sides.push(ComparedSide {
                role: side.role,
                calls: calls.map(|(_, name)| name.to_owned()).collect(),
                text: blocks_text(&side.blocks, raw),
            });
        }
    }
    sides
}

fn keys_of(sides: &[ComparedSide]) -> Vec<(&'static str, &[String])> {
    sides.iter().map(ComparedSide::key).collect()
}

/// Adds the texts of both, speaker by speaker.
pub(super) fn push_sides(
    sections: &mut Vec<Section>,
    left: &ParsedMessage<'_>,
    right: &ParsedMessage<'_>,
    width: usize,
    is_stopped: &dyn Fn() -> bool,
) {
    let (before, after) = (sides_of(left), sides_of(right));
    let pairs = if left.replies.is_empty() && right.replies.is_empty() {
        // Two single messages are paired even if their roles have different names.
        let len = before.len().max(after.len());
        let within = |at: usize, len: usize| (at < len).then_some(at);
        (0..len).map(|at| (within(at, before.len()), within(at, after.len()))).collect()
    } else {
        align_items(&keys_of(&before), &keys_of(&after))
    };
    for (old, new) in pairs.into_iter().take_while(|_| !is_stopped()) {
        let (old, new) = (old.and_then(|at| before.get(at)), new.and_then(|at| after.get(at)));
        push_side(sections, old, new, width);
    }
}

fn push_side(
    sections: &mut Vec<Section>,
    old: Option<&ComparedSide>,
    new: Option<&ComparedSide>,
    width: usize,
) {
    let Some(side) = new.or(old) else { return };
    let text_of = |side: Option<&ComparedSide>| side.map_or("", |side| side.text.as_str()).to_owned();
    let (before, after) = (text_of(old), text_of(new));
    let heading = format!("{} {}", role_symbol(side.role), side.role.as_str());
    let mut title = vec![StyledRun::new(&heading, theme::Role::Heading)];
    let is_same = before == after;
    let mut note = |text: &str, role| title.push(StyledRun::new(&format!("  {text}"), role));
    match (old, new) {
        _ if is_same => note(&number::pluralize(before.lines().count(), "equal line"), theme::Role::Dim),
        (Some(old), Some(new)) if old.role != new.role => {
            note(&format!("was {}", old.role.as_str()), theme::Role::Removed);
        }
        (Some(_), Some(_)) => {}
        (None, _) => note("added", theme::Role::Added),
        (_, None) => note("removed", theme::Role::Removed),
    }
    sections.push(blank_line());
    let fold = if is_same { Fold::Closed } else { Fold::Open };
    let lines = match (old, new) {
        (Some(_), Some(_)) if !is_same => text_diff_lines(&before, &after, width),
        (_, Some(_)) => wrap_styled(&after, width, theme::Role::Text),
        (_, None) => wrap_styled(&before, width, theme::Role::Text),
    };
    sections.push(Section::foldable(Line::new(title), Body::Lines(lines), role_style(side.role), fold));
}

/// Returns the blocks of a message, of both sides.
pub(super) fn blocks_of(message: &Message) -> impl Iterator<Item = &Block> {
    message.sides.iter().flat_map(|side| &side.blocks)
}

/// Returns the content of blocks as text, including tools and JSON.
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
