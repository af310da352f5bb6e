//! Content blocks as foldable sections: text, tool calls and results, chunks, artifacts, JSON. Used by the Message tab and
//! by conversations in payloads.

use std::sync::Arc;

use crate::domain::{Artifact, Block, ByteRange, Chunk, CodeField, Language, Role as Speaker, Timestamp};
use crate::json;
use crate::text::overlap::OverlapFinder;
use crate::text::{self, Line, Safe, StyledRun, TextForm, ToolOutput};
use crate::theme::Role;
use crate::view::chunks::ChunkList;
use crate::view::document::{BigText, Body, Fold, Section};
use crate::view::message::{HiddenText, TextMode, TextOptions};

/// Text above this size, in bytes, is wrapped on demand and not rendered as Markdown.
const MAX_MARKDOWN_BYTES: usize = 256 * 1024;

/// The maximum number of bytes of one text that are laid out; the Raw tab and the pager have the rest. Without it, a large message
/// would need three times its size in memory.
const MAX_SHOWN_BYTES: usize = 24 << 20;

/// JSON inside a message is truncated at this size, in bytes; the Raw tab has all of it.
const MAX_JSON_BYTES: usize = 16 * 1024;

/// Blocks with more rows than this begin folded.
pub const MAX_OPEN_ROWS: usize = 40;

/// The largest size of a chart, in columns and rows.
const CHART_SIZE: (usize, usize) = (100, 18);

/// Returns the part of a text that is laid out, and the rest.
fn split_shown(text: &str) -> (&str, &str) {
    text.split_at_checked(text.floor_char_boundary(MAX_SHOWN_BYTES)).unwrap_or((text, ""))
}

/// Returns a title in bold with a detail after it.
pub fn section_title(name: &str, detail: &str) -> Line {
    let mut title = vec![StyledRun::new(name, Role::Strong)];
    if !detail.is_empty() {
        title.push(StyledRun::new(&format!("  {detail}"), Role::Dim));
    }
    Line::new(title)
}

/// Returns a foldable block of lines; a long one begins folded.
pub fn foldable_section(title: Line, lines: Vec<Line>, gutter: Role) -> Section {
    let fold = if lines.len() > MAX_OPEN_ROWS { Fold::Closed } else { Fold::Open };
    Section::foldable(title, Body::Lines(lines), gutter, fold)
}

/// Builds the sections of blocks whose byte ranges refer to `raw`.
pub struct SectionBuilder<'a> {
    raw: &'a [u8],
    width: usize,
    /// Finds words of the answer in chunks.
    overlap_finder: OverlapFinder,
    /// The author of the blocks.
    pub speaker: Speaker,
    /// The time of the message.
    pub answered_at: Option<Timestamp>,
    pub options: TextOptions,
    pub sections: Vec<Section>,
}

impl<'a> SectionBuilder<'a> {
    /// Creates a builder without sections that wraps to `width` columns.
    pub fn new(raw: &'a [u8], width: usize, overlap_finder: OverlapFinder) -> Self {
        Self {
            raw,
            width: width.max(1),
            overlap_finder,
            speaker: Speaker::Unknown,
            answered_at: None,
            options: TextOptions::default(),
            sections: Vec::new(),
        }
    }

    fn push(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// Adds a block; the gutter has the speaker's colour.
    pub fn add_block(&mut self, block: &Block, gutter: Role) {
        match block {
            Block::Markdown(text) => {
                let (shown, rest) = split_shown(text);
                let body = self.text_body(shown, TextForm::of_speaker(self.speaker));
                self.push(Section::text(body, gutter));
                self.add_rest_note(rest);
            }
            Block::Thinking(text) => {
                let (shown, rest) = split_shown(text);
                let body = self.text_body(shown, TextForm::Markdown);
                self.add_foldable("Thinking", "", body, gutter);
                self.add_rest_note(rest);
            }
            Block::ToolCall { name, description, code, input, .. } => {
                let lines = self.tool_call_lines(code, *input);
                self.add_foldable(&format!("⚙ {name}"), description, Body::Lines(lines), gutter);
            }
            Block::ToolResult { is_error, blocks, .. } => self.add_tool_result(*is_error, blocks),
            Block::Chunks(chunks) => {
                let detail = text::number::pluralize(chunks.len(), "chunk");
                let lines = self.chunk_lines(chunks);
                self.add_foldable("Context", &detail, Body::Lines(lines), gutter);
                self.mark_as_aside();
            }
            Block::Artifact(artifact) => self.add_artifact(artifact, gutter),
            Block::Json { label, raw } => {
                let lines = self.json_lines(*raw);
                self.add_foldable(label, "", Body::Lines(lines), gutter);
                self.mark_as_aside();
            }
        }
    }

    /// Adds a note about the rest of a text that is not laid out.
    fn add_rest_note(&mut self, rest: &str) {
        if !rest.is_empty() {
            let size = text::number::bytes(rest.len() as u64);
            let note = format!("… {size} more: v opens the whole text");
            let lines = text::wrap_styled(&note, self.width, Role::Warn);
            self.push(Section::text(Body::Lines(lines), Role::Warn));
        }
    }

    /// Marks the last section as an addition that is not part of the message's text.
    fn mark_as_aside(&mut self) {
        if let Some(last) = self.sections.last_mut().filter(|last| last.is_foldable) {
            last.is_aside = last.open;
        }
    }

    fn chunk_lines(&self, chunks: &[Chunk]) -> Vec<Line> {
        let answered_at = self.answered_at;
        ChunkList { chunks, overlap_finder: &self.overlap_finder, width: self.width, answered_at }.lines()
    }

    /// Returns a text in its form, unless the reader chose another one.
    fn text_body(&self, text: &str, form: TextForm) -> Body {
        let form = match self.options.mode {
            TextMode::BySpeaker => form,
            TextMode::Source => TextForm::Verbatim,
            TextMode::Rendered => TextForm::Markdown,
        };
        let revealed;
        let (text, form) = match self.options.hidden {
            HiddenText::Counted => (text, form),
            HiddenText::Shown => {
                revealed = Safe::revealed_text(text);
                // Control sequences in a tool's output are also hidden.
                let form = if form == TextForm::ToolOutput { TextForm::Verbatim } else { form };
                (revealed.as_str(), form)
            }
        };
        match form {
            TextForm::Markdown if text.len() <= MAX_MARKDOWN_BYTES => {
                Body::Lines(text::markdown::render(text, self.width))
            }
            TextForm::Markdown | TextForm::Verbatim => self.verbatim_body(text),
            TextForm::ToolOutput => self.tool_output_body(text),
        }
    }

    fn verbatim_body(&self, text: &str) -> Body {
        if text.len() > MAX_MARKDOWN_BYTES {
            return Body::Big(Arc::new(BigText::new(Safe::text(text).into_string(), self.width)));
        }
        Body::Lines(text::wrap_styled(text, self.width, Role::Text))
    }

    /// Returns the output of a tool: as a table if it is one, else with its own lines and spaces.
    fn tool_output_body(&self, text: &str) -> Body {
        let output = ToolOutput::read(text);
        let is_coloured = output.table.is_none() && output.text().len() <= MAX_MARKDOWN_BYTES;
        let body = match &output.table {
            Some(table) => Body::Lines(text::table::draw(table, self.width, MAX_OPEN_ROWS * 2)),
            None if is_coloured => Body::Lines(output.coloured_lines(self.width)),
            None => self.verbatim_body(output.text()),
        };
        let note = if is_coloured { output.removed_note_beside_colours() } else { output.removed_note() };
        let Some(note) = note.map(|note| format!("{note} · zh shows them")) else {
            return body;
        };
        match body {
            Body::Lines(lines) => {
                let mut all = text::wrap_styled(&note, self.width, Role::Warn);
                all.extend(lines);
                Body::Lines(all)
            }
            Body::Big(_) => {
                let text = format!("{note}\n{}", output.text());
                Body::Big(Arc::new(BigText::new(Safe::text(&text).into_string(), self.width)))
            }
        }
    }

    fn add_foldable(&mut self, name: &str, detail: &str, body: Body, gutter: Role) {
        let rows = match &body {
            Body::Lines(lines) => lines.len(),
            Body::Big(_) => usize::MAX,
        };
        let fold = if rows > MAX_OPEN_ROWS { Fold::Closed } else { Fold::Open };
        self.push(Section::foldable(section_title(name, detail), body, gutter, fold));
    }

    fn tool_call_lines(&self, code: &[CodeField], input: ByteRange) -> Vec<Line> {
        let mut lines = Vec::new();
        for field in code {
            if code.len() > 1 || field.language == Language::Plain {
                lines.push(Line::styled(&field.label, Role::Dim));
            }
            lines.extend(text::code::highlight(&field.text, field.language, self.width));
        }
        if code.is_empty() && !input.is_empty() {
            // OpenAI encodes the input as JSON in a string.
            lines = match json::Value::of(input.slice(self.raw)).embedded_json() {
                Some(inner) => json_lines(inner.as_bytes(), self.width),
                None => self.json_lines(input),
            };
        }
        lines
    }

    fn add_tool_result(&mut self, is_error: bool, blocks: &[Block]) {
        let (name, gutter) =
            if is_error { ("✗ Result: error", Role::Error) } else { ("Result", Role::Tool) };
        let mut lines = Vec::new();
        for block in blocks {
            match block {
                Block::Markdown(text) => {
                    let (shown, rest) = split_shown(text);
                    match self.text_body(shown, TextForm::ToolOutput) {
                        Body::Lines(body) => lines.extend(body),
                        big @ Body::Big(_) => {
                            self.add_foldable(name, "", big, gutter);
                            return self.add_rest_note(rest);
                        }
                    }
                }
                Block::Json { raw, .. } => lines.extend(self.json_lines(*raw)),
                Block::Chunks(chunks) => lines.extend(self.chunk_lines(chunks)),
                Block::Thinking(_)
                | Block::ToolCall { .. }
                | Block::ToolResult { .. }
                | Block::Artifact(_) => {}
            }
        }
        self.add_foldable(name, "", Body::Lines(lines), gutter);
    }

    fn add_artifact(&mut self, artifact: &Artifact, gutter: Role) {
        let kind = if artifact.is_chart { "Chart" } else { "Table" };
        let mut lines = Vec::new();
        if !artifact.description.is_empty() {
            lines.extend(text::wrap_styled(&artifact.description, self.width, Role::Dim));
        }
        let figure = artifact.plotly.slice(self.raw);
        let (columns, rows) = CHART_SIZE;
        match text::chart::plotly(figure, self.width.min(columns), rows) {
            Some(chart) => lines.extend(chart),
            None if !figure.is_empty() => {
                lines.push(Line::styled("This type of chart cannot be drawn.", Role::Dim));
            }
            None => {}
        }
        if let Some(table) = text::table::html_table(&artifact.html_table) {
            lines.extend(text::table::draw(&table, self.width, MAX_OPEN_ROWS));
        }
        if let Some(rows) = artifact.remaining_rows.filter(|rows| *rows > 0) {
            let rows = text::number::count(rows);
            lines.push(Line::styled(&format!("… {rows} more rows, not sent by the service"), Role::Dim));
        }
        let title =
            section_title(&format!("▦ {kind}: {}", artifact.title), &format!("artifact {}", artifact.id));
        // Tables are never folded: they are content, and their length is limited.
        self.push(Section::foldable(title, Body::Lines(lines), gutter, Fold::Open));
        for field in &artifact.code {
            let lines = text::code::highlight(&field.text, field.language, self.width);
            let title = Line::styled(&format!("  {}", field.label), Role::Dim);
            self.push(Section::foldable(title, Body::Lines(lines), gutter, Fold::Closed));
        }
    }

    fn json_lines(&self, range: ByteRange) -> Vec<Line> {
        json_lines(range.slice(self.raw), self.width)
    }
}

/// Returns JSON, formatted and highlighted; truncated if it is too long.
pub fn json_lines(raw: &[u8], width: usize) -> Vec<Line> {
    let mut lines = text::code::highlight(&json::pretty(raw, MAX_JSON_BYTES), Language::Json, width);
    if raw.len() > MAX_JSON_BYTES {
        let size = text::number::bytes(raw.len() as u64);
        lines.push(Line::styled(&format!("… truncated, {size} in total; see the raw JSON"), Role::Dim));
    }
    lines
}
