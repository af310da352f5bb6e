//! The document of the Message tab: sides with headings; text, tool calls, results, chunks and artifacts as foldable
//! blocks. Pure; all external text is sanitized here.

pub mod blocks;
pub mod clips;

use crate::domain::{Block, Feedback, Message, Role, Sentiment, Side, Status};
use crate::provider::citations;
use crate::text::overlap::OverlapFinder;
use crate::text::{self, Line, StyledRun, TextForm};
use crate::theme;
use crate::trace;
use crate::view::chunks::ChunkList;
use crate::view::document::{Body, Document, Fold, Form, Section, SectionSource};
use crate::view::{chunks, trace_strip};

use blocks::SectionBuilder;

/// Columns left of the text: a bar in the speaker's colour, and a space.
pub const GUTTER_WIDTH: usize = 2;

/// Returns the colour of a speaker.
pub fn role_style(role: Role) -> theme::Role {
    match role {
        Role::User => theme::Role::User,
        Role::Assistant | Role::Turn => theme::Role::Assistant,
        Role::Tool => theme::Role::Tool,
        Role::System | Role::Hidden | Role::Developer | Role::Other | Role::Unknown => theme::Role::Dim,
    }
}

/// Returns the symbol of a speaker, which does not depend on colour.
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

/// Returns the symbol of a sentiment.
pub fn sentiment_symbol(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "▲",
        Sentiment::Negative => "▼",
        Sentiment::Other => "◆",
    }
}

/// Returns the colour of a sentiment.
pub fn sentiment_style(sentiment: Sentiment) -> theme::Role {
    match sentiment {
        Sentiment::Positive => theme::Role::Ok,
        Sentiment::Negative => theme::Role::Error,
        Sentiment::Other => theme::Role::Warn,
    }
}

/// The treatment of zero-width and tag characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HiddenText {
    /// Removed and counted.
    #[default]
    Counted,
    /// Shown as visible symbols.
    Shown,
}

/// The choice between rendered text and its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextMode {
    /// Each text in its own form: an assistant's Markdown rendered, a tool's output cleaned, all other text verbatim.
    #[default]
    BySpeaker,
    /// All text verbatim.
    Source,
    /// All text rendered as Markdown.
    Rendered,
}

impl TextMode {
    /// Returns the next mode for a message, skipping modes that would show the same.
    pub fn next(self, message: &Message) -> Self {
        let forms: Vec<TextForm> = message.sides.iter().flat_map(forms_of_side).collect();
        let has = |is_wanted: fn(&TextForm) -> bool| forms.iter().any(is_wanted);
        let source_differs = has(|form| *form != TextForm::Verbatim);
        let rendering_differs = has(|form| *form != TextForm::Markdown);
        match self {
            Self::BySpeaker if source_differs => Self::Source,
            Self::BySpeaker => Self::Rendered,
            Self::Source if rendering_differs => Self::Rendered,
            Self::Source | Self::Rendered => Self::BySpeaker,
        }
    }
}

/// Returns the forms of the texts of a side.
fn forms_of_side(side: &Side) -> impl Iterator<Item = TextForm> + '_ {
    side.blocks.iter().filter_map(|block| match block {
        Block::Markdown(_) => Some(TextForm::of_speaker(side.role)),
        Block::Thinking(_) => Some(TextForm::Markdown),
        Block::ToolResult { .. } => Some(TextForm::ToolOutput),
        Block::ToolCall { .. } | Block::Chunks(_) | Block::Artifact(_) | Block::Json { .. } => None,
    })
}

/// The user's choices about the text of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextOptions {
    pub hidden: HiddenText,
    pub mode: TextMode,
}

/// Builds the document of one message.
struct MessageDocumentBuilder<'a> {
    message: &'a Message,
    width: usize,
    section_builder: SectionBuilder<'a>,
}

/// Returns the document of a message, wrapped to `width` columns.
pub fn document(message: &Message, raw: &[u8], width: usize, options: TextOptions) -> Document {
    let width = width.max(1);
    // Only chunks are compared with the answer.
    let has_chunks = message.sides.iter().flat_map(|side| &side.blocks).any(contains_chunks);
    let overlap_finder =
        if has_chunks { chunks::answer_overlap_finder(message) } else { OverlapFinder::default() };
    let mut section_builder = SectionBuilder::new(raw, width, overlap_finder);
    section_builder.options = options;
    section_builder.answered_at = message.created_at;
    let mut builder = MessageDocumentBuilder { message, width, section_builder };
    builder.add_errors(Form::Page);
    builder.add_hidden_text_notes();
    for (index, side) in message.sides.iter().enumerate() {
        if message.role == Role::Turn && index + 1 == message.sides.len() {
            builder.add_trace_strip();
        }
        builder.add_side(side, index);
    }
    builder.add_citations(raw);
    if message.sides.iter().all(|side| side.blocks.is_empty()) {
        builder.add_note("No text; see the Raw tab.", theme::Role::Dim, None);
    }
    builder.add_errors(Form::Conversation);
    builder.add_feedback();
    Document::new(builder.section_builder.sections)
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

/// Visits the texts of a block and of the results inside it.
fn for_each_text(block: &Block, visit: &mut dyn FnMut(&str)) {
    match block {
        Block::Markdown(text) | Block::Thinking(text) => visit(text),
        Block::ToolResult { blocks, .. } => blocks.iter().for_each(|inner| for_each_text(inner, visit)),
        Block::Chunks(chunks) => chunks.iter().for_each(|chunk| visit(&chunk.text)),
        Block::ToolCall { .. } | Block::Artifact(_) | Block::Json { .. } => {}
    }
}

impl MessageDocumentBuilder<'_> {
    fn push(&mut self, section: Section) {
        self.section_builder.sections.push(section);
    }

    fn add_note(&mut self, text: &str, style: theme::Role, only_in: Option<Form>) {
        let lines = text::wrap_styled(text, self.width, style);
        self.push(Section { only_in, ..Section::text(Body::Lines(lines), style) });
    }

    fn add_blank_line(&mut self) {
        if !self.section_builder.sections.is_empty() {
            let blank = Body::Lines(vec![Line::default()]);
            self.push(Section::text(blank, theme::Role::Dim).only_in(Form::Page));
        }
    }

    /// Adds the errors of the message and its unreadable parts: at the top of a page, at the end in a conversation.
    fn add_errors(&mut self, form: Form) {
        for error in &self.message.read_errors {
            self.add_note(error, theme::Role::Error, Some(form));
        }
        if let Some(error) = &self.message.error {
            let kind = if error.kind.is_empty() { "error" } else { error.kind.as_str() };
            let category =
                if error.category.is_empty() { String::new() } else { format!(" ({})", error.category) };
            self.add_note(&format!("✗ {kind}{category}: {}", error.message), theme::Role::Error, Some(form));
        }
    }

    /// Adds the comments of users in a conversation; for a single message, the Feedback tab has them.
    fn add_feedback(&mut self) {
        for feedback in self.message.feedback.iter().filter(|feedback| !feedback.description.is_empty()) {
            self.add_comment(feedback);
        }
    }

    /// Adds the trace on one line, between question and answer.
    fn add_trace_strip(&mut self) {
        if let Some(strip) = trace_strip::trace_strip(self.message, self.width) {
            let section = Section::text(Body::Lines(vec![strip]), theme::Role::Dim);
            self.push(section.only_in(Form::Conversation).with_marker("⋯"));
        }
    }

    /// Adds the chunks that the answer cites, folded.
    fn add_citations(&mut self, raw: &[u8]) {
        let cited = citations::cited_chunks(self.message, raw);
        if cited.is_empty() {
            return;
        }
        let overlap_finder = chunks::answer_overlap_finder(self.message);
        let answered_at = self.message.created_at;
        self.add_blank_line();
        for (number, chunk) in &cited {
            let chunks = std::slice::from_ref(chunk);
            let list = ChunkList { chunks, overlap_finder: &overlap_finder, width: self.width, answered_at };
            let body = list.entries(|_| None).into_iter().flat_map(|(_, body)| body).collect();
            let title = chunks::citation_title(*number, chunk, answered_at);
            let section = Section::foldable(title, Body::Lines(body), theme::Role::Dim, Fold::Closed);
            self.push(Section { source: Some(SectionSource::Citation(*number)), ..section });
        }
    }

    fn add_comment(&mut self, feedback: &Feedback) {
        let (symbol, style) = (sentiment_symbol(feedback.sentiment), sentiment_style(feedback.sentiment));
        let text = format!("\"{}\"", feedback.description);
        let body = Body::Lines(text::wrap_styled(&text, self.width, theme::Role::Emphasis));
        self.push(Section::text(body, style).only_in(Form::Conversation).with_marker(symbol));
    }

    /// Adds the number of hidden characters, and the words in tag characters, which may be meant for a model.
    fn add_hidden_text_notes(&mut self) {
        let (mut count, mut tags) = (0, String::new());
        for block in self.message.sides.iter().flat_map(|side| &side.blocks) {
            for_each_text(block, &mut |text| {
                let found = text::scan_hidden(text);
                count += found.count;
                tags.push_str(&found.tags);
            });
        }
        if count > 0 && self.section_builder.options.hidden == HiddenText::Counted {
            let counted = text::number::pluralize(count, "hidden character");
            self.add_note(&format!("{counted} · zh shows them"), theme::Role::Warn, None);
        }
        if !tags.is_empty() {
            self.add_note(&format!("Hidden tag characters spell: {tags}"), theme::Role::Warn, None);
        }
    }

    fn add_side(&mut self, side: &Side, side_index: usize) {
        self.add_blank_line();
        let gutter = role_style(side.role);
        let name = side.role_text.as_deref().unwrap_or(side.role.as_str());
        let mut title =
            vec![StyledRun::new(&format!("{} {name}", role_symbol(side.role)), theme::Role::Heading)];
        if side_index + 1 == self.message.sides.len() && self.message.role == Role::Turn {
            let is_problem = self.message.status.is_problem();
            let status = if is_problem { format!("  {}", self.message.status_text) } else { String::new() };
            let used = text::width::columns(name) + 2 + text::width::columns(&status);
            let stats = self.answer_stats();
            let (stats, _) = text::width::ellipsize(&stats, self.width.saturating_sub(used));
            title.push(StyledRun::new(&stats, theme::Role::Dim));
            if is_problem {
                title.push(StyledRun::new(&status, theme::Role::Error));
            }
        }
        let heading = Section::with_heading(Line::new(title), Body::Lines(Vec::new()), gutter);
        self.push(heading.only_in(Form::Page));
        let first = self.section_builder.sections.len();
        if side.blocks.is_empty() {
            let lines = text::wrap_styled("(empty)", self.width, theme::Role::Dim);
            self.push(Section::text(Body::Lines(lines), gutter));
        }
        self.section_builder.speaker = side.role;
        for (index, block) in side.blocks.iter().enumerate() {
            if index > 0 {
                self.push(Section::text(Body::Lines(vec![Line::default()]), gutter));
            }
            let start = self.section_builder.sections.len();
            self.section_builder.add_block(block, gutter);
            for (part, section) in self.section_builder.sections.iter_mut().skip(start).enumerate() {
                section.source = Some(SectionSource::Block { side: side_index, block: index, part });
            }
        }
        if let Some(first) = self.section_builder.sections.get_mut(first) {
            first.marker = Some(role_symbol(side.role));
        }
    }

    /// Returns duration, tokens and models of the answer. The models are last, because the end may be truncated.
    fn answer_stats(&self) -> String {
        let mut stats = Vec::new();
        if let Some(ms) = self.message.duration_ms {
            stats.push(text::number::duration(Some(ms.saturating_mul(1000))));
        }
        if let Some(total) = trace::message_usage(self.message).total() {
            stats.push(format!("{} tokens", text::number::count(total)));
        }
        if self.message.status != Status::Success && !self.message.status.is_problem() {
            stats.push(self.message.status_text.clone());
        }
        stats.extend(self.message.models.iter().take(3).cloned());
        stats.iter().filter(|stat| !stat.is_empty()).map(|stat| format!("  {stat}")).collect()
    }
}

#[cfg(test)]
mod tests;
