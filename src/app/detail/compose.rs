//! A message as a document for the Message tab: sides with headings, text, tool calls, results, chunks and artifacts as
//! blocks that fold. Pure; everything that came from outside passes the gate here.

pub mod blocks;

use crate::app::detail::chunks;
use crate::app::document::{Body, Document, Section};
use crate::domain::{Block, Message, Role, Side, Status};
use crate::text::overlap::Taker;
use crate::text::{self, Line, Run};
use crate::theme;

use blocks::Blocks;

/// Columns left of the text: a bar in the colour of who speaks, and a blank.
pub const GUTTER: usize = 2;

/// A run of text that has passed the gate.
fn run(text: impl AsRef<str>, style: theme::Role) -> Run {
    Run::new(text.as_ref(), style)
}

fn line(runs: Vec<Run>) -> Line {
    Line { spans: runs }
}

/// The colour of a speaker.
pub fn role_style(role: Role) -> theme::Role {
    match role {
        Role::User => theme::Role::User,
        Role::Assistant | Role::Turn => theme::Role::Assistant,
        Role::Tool => theme::Role::Tool,
        Role::System | Role::Hidden | Role::Developer | Role::Other | Role::Unknown => theme::Role::Dim,
    }
}

/// The sign of a speaker: told without colour, too.
pub fn role_sign(role: Role) -> &'static str {
    match role {
        Role::User => "›",
        Role::Assistant => "●",
        Role::Turn => "⇄",
        Role::Tool => "⚙",
        Role::System | Role::Developer => "§",
        Role::Hidden => "◌",
        Role::Other | Role::Unknown => "?",
    }
}

/// What happens to zero-width and tag characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HiddenText {
    /// They are left out and counted.
    #[default]
    Counted,
    /// They are shown as marks.
    Shown,
}

/// What the builder needs to know all the time.
struct Composer<'a> {
    message: &'a Message,
    width: usize,
    hidden: HiddenText,
    blocks: Blocks<'a>,
}

/// The document of a message, wrapped to `width` columns.
pub fn message(message: &Message, raw: &[u8], width: usize, hidden: HiddenText) -> Document {
    let width = width.max(1);
    // Only chunks are held against the answer.
    let has_chunks = message.sides.iter().flat_map(|side| &side.blocks).any(holds_chunks);
    let taker = if has_chunks { chunks::taker(message) } else { Taker::default() };
    let mut blocks = Blocks::new(raw, width, taker);
    blocks.hidden = hidden;
    let mut composer = Composer { message, width, hidden, blocks };
    composer.faults();
    composer.hidden_characters();
    for (index, side) in message.sides.iter().enumerate() {
        composer.side(side, index);
    }
    if message.sides.iter().all(|side| side.blocks.is_empty()) {
        composer.note("no text: the Raw tab shows what there is", theme::Role::Dim);
    }
    Document::new(composer.blocks.sections)
}

fn holds_chunks(block: &Block) -> bool {
    match block {
        Block::Chunks(_) => true,
        Block::ToolResult { blocks, .. } => blocks.iter().any(|inner| matches!(inner, Block::Chunks(_))),
        Block::Markdown(_)
        | Block::Thinking(_)
        | Block::ToolCall { .. }
        | Block::Artifact(_)
        | Block::Json { .. } => false,
    }
}

impl Composer<'_> {
    fn push(&mut self, section: Section) {
        self.blocks.sections.push(section);
    }

    fn note(&mut self, text: &str, style: theme::Role) {
        let lines = text::plain(text, self.width, style);
        self.push(Section::text(Body::Lines(lines), style));
    }

    fn blank(&mut self) {
        if !self.blocks.sections.is_empty() {
            self.push(Section::text(Body::Lines(vec![line(Vec::new())]), theme::Role::Dim));
        }
    }

    /// What could not be read, and why the message failed, come first.
    fn faults(&mut self) {
        let faults = self.message.faults.clone();
        for fault in faults {
            self.note(&fault, theme::Role::Error);
        }
        if let Some(error) = self.message.error.clone() {
            let kind = if error.kind.is_empty() { "error" } else { error.kind.as_str() };
            let category =
                if error.category.is_empty() { String::new() } else { format!(" ({})", error.category) };
            self.note(&format!("✗ {kind}{category}: {}", error.message), theme::Role::Error);
        }
    }

    /// Text that a reader cannot see may be meant for a model: it is counted, and hidden words are spelled out.
    fn hidden_characters(&mut self) {
        let (mut count, mut tags) = (0, String::new());
        for text in self.message.sides.iter().flat_map(|side| &side.blocks).filter_map(Block::plain_text) {
            let found = text::hidden(text);
            count += found.count;
            tags.push_str(&found.tags);
        }
        if count > 0 && self.hidden == HiddenText::Counted {
            let counted = text::number::counted(count, "hidden character");
            self.note(&format!("{counted}; zh shows where"), theme::Role::Warn);
        }
        if !tags.is_empty() {
            self.note(&format!("hidden tag characters spell: {tags}"), theme::Role::Warn);
        }
    }

    fn side(&mut self, side: &Side, index: usize) {
        self.blank();
        let gutter = role_style(side.role);
        let name = side.role_text.as_deref().unwrap_or(side.role.word());
        let mut title = vec![run(format!("{} {name}", role_sign(side.role)), theme::Role::Heading)];
        if index + 1 == self.message.sides.len() && self.message.role == Role::Turn {
            let is_problem = self.message.status.is_problem();
            let status = if is_problem { format!("  {}", self.message.status_text) } else { String::new() };
            let taken = text::width::columns(name) + 2 + text::width::columns(&status);
            let room = self.width.saturating_sub(taken);
            let facts = self.answer_facts();
            let (facts, _) = text::width::ellipsis(&facts, room);
            title.push(run(&*facts, theme::Role::Dim));
            if is_problem {
                title.push(run(status, theme::Role::Error));
            }
        }
        let empty = if side.blocks.is_empty() {
            text::plain("(empty)", self.width, theme::Role::Dim)
        } else {
            Vec::new()
        };
        self.push(Section::headed(line(title), Body::Lines(empty), gutter));
        let mut after_text = false;
        for block in &side.blocks {
            if after_text {
                self.push(Section::text(Body::Lines(vec![line(Vec::new())]), gutter));
            }
            self.blocks.block(block, gutter);
            after_text = true;
        }
    }

    /// Duration, tokens and models of the answer; the models last, as they may be cut.
    fn answer_facts(&self) -> String {
        let mut facts = Vec::new();
        if let Some(ms) = self.message.duration_ms {
            facts.push(text::number::duration(Some(ms.saturating_mul(1000))));
        }
        if let Some(total) = self.message.usage.as_ref().and_then(|usage| usage.total()) {
            facts.push(format!("{} tokens", text::number::count(total)));
        }
        if self.message.status != Status::Success && !self.message.status.is_problem() {
            facts.push(self.message.status_text.clone());
        }
        facts.extend(self.message.models.iter().take(3).cloned());
        facts.iter().filter(|fact| !fact.is_empty()).map(|fact| format!("  {fact}")).collect()
    }
}
