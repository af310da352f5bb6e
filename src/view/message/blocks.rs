//! Blocks of content as sections that fold: text, tool calls and results, chunks, artifacts, JSON. The Message tab and
//! the conversations in payloads are made of them.

use crate::domain::{Artifact, Block, ByteRange, CodeField, Language};
use crate::json;
use crate::text::overlap::OverlapFinder;
use crate::text::{self, Line, Safe, StyledRun};
use crate::theme::Role;
use crate::view::chunks::ChunkList;
use crate::view::document::{BigText, Body, Fold, Section};
use crate::view::message::HiddenText;

/// Text above this size is wrapped in windows and not drawn as Markdown, in bytes.
const MAX_MARKDOWN_BYTES: usize = 256 * 1024;

/// JSON shown inside a message is cut here, in bytes; the Raw tab has all of it.
const MAX_JSON_BYTES: usize = 16 * 1024;

/// Blocks longer than this begin folded, in rows.
pub const MAX_OPEN_ROWS: usize = 40;

/// Columns and rows of a chart.
const CHART_SIZE: (usize, usize) = (100, 18);

fn line(runs: Vec<StyledRun>) -> Line {
    Line { spans: runs }
}

/// A title in bold with a remark after it.
pub fn section_title(name: &str, detail: &str) -> Line {
    let mut title = vec![StyledRun::new(name, Role::Strong)];
    if !detail.is_empty() {
        title.push(StyledRun::new(&format!("  {detail}"), Role::Dim));
    }
    line(title)
}

/// A block of lines that folds; a long one begins folded.
pub fn foldable_section(title: Line, lines: Vec<Line>, gutter: Role) -> Section {
    let fold = if lines.len() > MAX_OPEN_ROWS { Fold::Closed } else { Fold::Open };
    Section::foldable(title, Body::Lines(lines), gutter, fold)
}

/// Collects the sections of blocks whose pieces lie in `raw`.
pub struct SectionBuilder<'a> {
    raw: &'a [u8],
    width: usize,
    /// The answer's words, against which chunks are held.
    overlap_finder: OverlapFinder,
    pub hidden: HiddenText,
    pub sections: Vec<Section>,
}

impl<'a> SectionBuilder<'a> {
    /// Nothing yet, wrapped to `width` columns.
    pub fn new(raw: &'a [u8], width: usize, taker: OverlapFinder) -> Self {
        Self {
            raw,
            width: width.max(1),
            overlap_finder: taker,
            hidden: HiddenText::Counted,
            sections: Vec::new(),
        }
    }

    fn push(&mut self, section: Section) {
        self.sections.push(section);
    }

    /// Adds a block; its gutter tells whose it is.
    pub fn add_block(&mut self, block: &Block, gutter: Role) {
        match block {
            Block::Markdown(text) => {
                let body = self.markdown_body(text);
                self.push(Section::text(body, gutter));
            }
            Block::Thinking(text) => {
                let body = self.markdown_body(text);
                self.add_foldable("thinking", "", body, gutter);
            }
            Block::ToolCall { name, description, code, input, .. } => {
                let lines = self.tool_call_lines(code, *input);
                self.add_foldable(&format!("⚙ {name}"), description, Body::Lines(lines), gutter);
            }
            Block::ToolResult { is_error, blocks, .. } => self.add_tool_result(*is_error, blocks),
            Block::Chunks(found) => {
                let detail = text::number::pluralize(found.len(), "chunk");
                let lines =
                    ChunkList { chunks: found, overlap_finder: &self.overlap_finder, width: self.width }
                        .lines();
                self.add_foldable("context", &detail, Body::Lines(lines), gutter);
            }
            Block::Artifact(artifact) => self.add_artifact(artifact, gutter),
            Block::Json { label, raw } => {
                let lines = self.json_lines(*raw);
                self.add_foldable(label, "", Body::Lines(lines), gutter);
            }
        }
    }

    fn markdown_body(&self, text: &str) -> Body {
        let revealed;
        let text = match self.hidden {
            HiddenText::Counted => text,
            HiddenText::Shown => {
                revealed = Safe::revealed_text(text);
                revealed.as_str()
            }
        };
        if text.len() > MAX_MARKDOWN_BYTES {
            return Body::Big(Box::new(BigText::new(Safe::text(text).as_str().to_owned(), self.width)));
        }
        Body::Lines(text::markdown::render(text, self.width))
    }

    fn add_foldable(&mut self, name: &str, detail: &str, body: Body, gutter: Role) {
        let rows = match &body {
            Body::Lines(lines) => lines.len(),
            Body::Big(_) => usize::MAX,
        };
        let open = if rows > MAX_OPEN_ROWS { Fold::Closed } else { Fold::Open };
        self.push(Section::foldable(section_title(name, detail), body, gutter, open));
    }

    fn tool_call_lines(&self, code: &[CodeField], input: ByteRange) -> Vec<Line> {
        let mut lines = Vec::new();
        for field in code {
            if code.len() > 1 || field.language == Language::Plain {
                lines.push(line(vec![StyledRun::new(&field.label, Role::Dim)]));
            }
            lines.extend(text::code::highlight(&field.text, field.language, self.width));
        }
        if code.is_empty() && !input.is_empty() {
            lines = self.json_lines(input);
        }
        lines
    }

    fn add_tool_result(&mut self, is_error: bool, blocks: &[Block]) {
        let (name, gutter) =
            if is_error { ("✗ result: error", Role::Error) } else { ("result", Role::Tool) };
        let mut lines = Vec::new();
        for block in blocks {
            match block {
                Block::Markdown(text) if text.len() <= MAX_MARKDOWN_BYTES => {
                    lines.extend(tool_result_lines(text, self.width))
                }
                Block::Markdown(text) => {
                    let body = self.markdown_body(text);
                    return self.add_foldable(name, "", body, gutter);
                }
                Block::Json { raw, .. } => lines.extend(self.json_lines(*raw)),
                Block::Chunks(found) => {
                    lines.extend(
                        ChunkList { chunks: found, overlap_finder: &self.overlap_finder, width: self.width }
                            .lines(),
                    );
                }
                Block::Thinking(_)
                | Block::ToolCall { .. }
                | Block::ToolResult { .. }
                | Block::Artifact(_) => {}
            }
        }
        self.add_foldable(name, "", Body::Lines(lines), gutter);
    }

    fn add_artifact(&mut self, artifact: &Artifact, gutter: Role) {
        let kind = if artifact.is_chart { "chart" } else { "table" };
        let mut lines = Vec::new();
        if !artifact.description.is_empty() {
            lines.extend(text::wrap_styled(&artifact.description, self.width, Role::Dim));
        }
        let figure = artifact.plotly.slice(self.raw);
        let (columns, rows) = CHART_SIZE;
        match text::chart::plotly(figure, self.width.min(columns), rows) {
            Some(chart) => lines.extend(chart),
            None if !figure.is_empty() => {
                lines.push(Line::styled("a figure of a kind that is not drawn here", Role::Dim));
            }
            None => {}
        }
        if let Some(table) = text::table::html_table(&artifact.html_table) {
            lines.extend(text::table::draw(&table, self.width, MAX_OPEN_ROWS));
        }
        if let Some(more) = artifact.remaining_rows.filter(|rows| *rows > 0) {
            let more = text::number::count(more);
            lines.push(Line::styled(&format!("… {more} more rows"), Role::Dim));
        }
        let title =
            section_title(&format!("▦ {kind}: {}", artifact.title), &format!("artifact {}", artifact.id));
        // What it is shows without a key; its tables say themselves what they leave out.
        self.push(Section::foldable(title, Body::Lines(lines), gutter, Fold::Open));
        for field in &artifact.code {
            let lines = text::code::highlight(&field.text, field.language, self.width);
            let title = Line::styled(&format!("  {}", field.label), Role::Dim);
            self.push(Section::foldable(title, Body::Lines(lines), gutter, Fold::Closed));
        }
    }

    fn json_lines(&self, piece: ByteRange) -> Vec<Line> {
        json_lines(piece.slice(self.raw), self.width)
    }
}

/// Raw JSON laid out and in colours; what is too long is cut.
pub fn json_lines(raw: &[u8], width: usize) -> Vec<Line> {
    let mut lines = text::code::highlight(&json::pretty(raw, MAX_JSON_BYTES), Language::Json, width);
    if raw.len() > MAX_JSON_BYTES {
        let size = text::number::bytes(raw.len() as u64);
        lines.push(Line::styled(&format!("… cut here, {size} in all; the JSON has all of it"), Role::Dim));
    }
    lines
}

/// Tables that tools answer as comma-separated values are drawn as tables.
fn tool_result_lines(text: &str, width: usize) -> Vec<Line> {
    match text::table::csv_table(text) {
        Some(table) => text::table::draw(&table, width, MAX_OPEN_ROWS * 2),
        None => text::wrap_styled(text, width, Role::Text),
    }
}
