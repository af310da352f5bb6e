//! A message as a document for the Message tab: sides with headings, text, tool calls, results, chunks and artifacts as
//! blocks that fold. Pure; everything that came from outside passes the gate here.

pub mod blocks;

use crate::domain::{Block, Message, Role, Side, Status};
use crate::text::overlap::OverlapFinder;
use crate::text::{self, Line, StyledRun};
use crate::theme;
use crate::view::chunks;
use crate::view::document::{Body, Document, Section};

use blocks::SectionBuilder;

/// Columns left of the text: a bar in the colour of who speaks, and a blank.
pub const GUTTER_WIDTH: usize = 2;

/// A run of text that has passed the gate.
fn styled_run(text: impl AsRef<str>, style: theme::Role) -> StyledRun {
    StyledRun::new(text.as_ref(), style)
}

fn line(runs: Vec<StyledRun>) -> Line {
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
pub fn role_symbol(role: Role) -> &'static str {
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
struct MessageDocumentBuilder<'a> {
    message: &'a Message,
    width: usize,
    hidden: HiddenText,
    section_builder: SectionBuilder<'a>,
}

/// The document of a message, wrapped to `width` columns.
pub fn document(message: &Message, raw: &[u8], width: usize, hidden: HiddenText) -> Document {
    let width = width.max(1);
    // Only chunks are held against the answer.
    let has_chunks = message.sides.iter().flat_map(|side| &side.blocks).any(contains_chunks);
    let taker = if has_chunks { chunks::answer_overlap_finder(message) } else { OverlapFinder::default() };
    let mut blocks = SectionBuilder::new(raw, width, taker);
    blocks.hidden = hidden;
    let mut composer = MessageDocumentBuilder { message, width, hidden, section_builder: blocks };
    composer.add_errors();
    composer.add_hidden_text_notes();
    for (index, side) in message.sides.iter().enumerate() {
        composer.add_side(side, index);
    }
    if message.sides.iter().all(|side| side.blocks.is_empty()) {
        composer.add_note("no text: the Raw tab shows what there is", theme::Role::Dim);
    }
    Document::new(composer.section_builder.sections)
}

fn contains_chunks(block: &Block) -> bool {
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

impl MessageDocumentBuilder<'_> {
    fn push(&mut self, section: Section) {
        self.section_builder.sections.push(section);
    }

    fn add_note(&mut self, text: &str, style: theme::Role) {
        let lines = text::wrap_styled(text, self.width, style);
        self.push(Section::text(Body::Lines(lines), style));
    }

    fn add_blank_line(&mut self) {
        if !self.section_builder.sections.is_empty() {
            self.push(Section::text(Body::Lines(vec![line(Vec::new())]), theme::Role::Dim));
        }
    }

    /// What could not be read, and why the message failed, come first.
    fn add_errors(&mut self) {
        let faults = self.message.read_errors.clone();
        for fault in faults {
            self.add_note(&fault, theme::Role::Error);
        }
        if let Some(error) = self.message.error.clone() {
            let kind = if error.kind.is_empty() { "error" } else { error.kind.as_str() };
            let category =
                if error.category.is_empty() { String::new() } else { format!(" ({})", error.category) };
            self.add_note(&format!("✗ {kind}{category}: {}", error.message), theme::Role::Error);
        }
    }

    /// Text that a reader cannot see may be meant for a model: it is counted, and hidden words are spelled out.
    fn add_hidden_text_notes(&mut self) {
        let (mut count, mut tags) = (0, String::new());
        for text in self.message.sides.iter().flat_map(|side| &side.blocks).filter_map(Block::plain_text) {
            let found = text::scan_hidden(text);
            count += found.count;
            tags.push_str(&found.tags);
        }
        if count > 0 && self.hidden == HiddenText::Counted {
            let counted = text::number::pluralize(count, "hidden character");
            self.add_note(&format!("{counted}; zh shows where"), theme::Role::Warn);
        }
        if !tags.is_empty() {
            self.add_note(&format!("hidden tag characters spell: {tags}"), theme::Role::Warn);
        }
    }

    fn add_side(&mut self, side: &Side, index: usize) {
        self.add_blank_line();
        let gutter = role_style(side.role);
        let name = side.role_text.as_deref().unwrap_or(side.role.as_str());
        let mut title = vec![styled_run(format!("{} {name}", role_symbol(side.role)), theme::Role::Heading)];
        if index + 1 == self.message.sides.len() && self.message.role == Role::Turn {
            let is_problem = self.message.status.is_problem();
            let status = if is_problem { format!("  {}", self.message.status_text) } else { String::new() };
            let taken = text::width::columns(name) + 2 + text::width::columns(&status);
            let room = self.width.saturating_sub(taken);
            let facts = self.answer_stats();
            let (facts, _) = text::width::ellipsize(&facts, room);
            title.push(styled_run(&*facts, theme::Role::Dim));
            if is_problem {
                title.push(styled_run(status, theme::Role::Error));
            }
        }
        let empty = if side.blocks.is_empty() {
            text::wrap_styled("(empty)", self.width, theme::Role::Dim)
        } else {
            Vec::new()
        };
        self.push(Section::with_heading(line(title), Body::Lines(empty), gutter));
        let mut after_text = false;
        for block in &side.blocks {
            if after_text {
                self.push(Section::text(Body::Lines(vec![line(Vec::new())]), gutter));
            }
            self.section_builder.add_block(block, gutter);
            after_text = true;
        }
    }

    /// Duration, tokens and models of the answer; the models last, as they may be cut.
    fn answer_stats(&self) -> String {
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
