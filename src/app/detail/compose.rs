//! A message as a document for the Message tab: sides with headings, text, tool calls, results, chunks and artifacts as
//! blocks that fold. Pure; everything that came from outside passes the gate here.

use crate::app::detail::chunks;
use crate::app::document::{BigText, Body, Document, Fold, Section};
use crate::domain::{Artifact, Block, CodeField, Language, Message, Piece, Role, Side, Status};
use crate::json;
use crate::text::{self, Line, Run, Safe};
use crate::theme;

/// Columns left of the text: a bar in the colour of who speaks, and a blank.
pub const GUTTER: usize = 2;

/// Text above this size is wrapped in windows and not drawn as Markdown, in bytes.
const BIG: usize = 256 * 1024;

/// JSON shown inside a message is cut here, in bytes; the Raw tab has all of it.
const JSON_SHOWN: usize = 16 * 1024;

/// Blocks longer than this begin folded, in rows.
const LONG: usize = 40;

/// Rows and columns of a chart.
const CHART: (usize, usize) = (100, 16);

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

/// What the builder needs to know all the time.
struct Composer<'a> {
    message: &'a Message,
    raw: &'a [u8],
    width: usize,
    sections: Vec<Section>,
}

/// The document of a message, wrapped to `width` columns.
pub fn message(message: &Message, raw: &[u8], width: usize) -> Document {
    let mut composer = Composer { message, raw, width: width.max(1), sections: Vec::new() };
    composer.faults();
    for (index, side) in message.sides.iter().enumerate() {
        composer.side(side, index);
    }
    if message.sides.iter().all(|side| side.blocks.is_empty()) {
        composer.note("no text: the Raw tab shows what there is", theme::Role::Dim);
    }
    Document::new(composer.sections)
}

impl Composer<'_> {
    fn push(&mut self, section: Section) {
        self.sections.push(section);
    }

    fn note(&mut self, text: &str, style: theme::Role) {
        let lines = text::plain(text, self.width, style);
        self.push(Section::text(Body::Lines(lines), style));
    }

    fn blank(&mut self) {
        if !self.sections.is_empty() {
            self.push(Section::text(Body::Lines(vec![line(Vec::new())]), theme::Role::Text));
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

    fn side(&mut self, side: &Side, index: usize) {
        self.blank();
        let gutter = role_style(side.role);
        let name = side.role_text.as_deref().unwrap_or(side.role.word());
        let mut title = vec![run(format!("{} {name}", role_sign(side.role)), theme::Role::Heading)];
        if index + 1 == self.message.sides.len() && self.message.role == Role::Turn {
            title.push(run(self.answer_facts(), theme::Role::Dim));
            if self.message.status.is_problem() {
                title.push(run(format!("  {}", self.message.status_text), theme::Role::Error));
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
            self.block(block, gutter);
            after_text = true;
        }
    }

    /// Duration, models and tokens of the answer.
    fn answer_facts(&self) -> String {
        let mut facts = Vec::new();
        if let Some(ms) = self.message.duration_ms {
            facts.push(text::number::duration(Some(ms.saturating_mul(1000))));
        }
        facts.extend(self.message.models.iter().take(3).cloned());
        if let Some(total) = self.message.usage.as_ref().and_then(|usage| usage.total()) {
            facts.push(format!("{} tokens", text::number::count(total)));
        }
        if self.message.status != Status::Success && !self.message.status.is_problem() {
            facts.push(self.message.status_text.clone());
        }
        facts.iter().filter(|fact| !fact.is_empty()).map(|fact| format!("  {fact}")).collect()
    }

    fn block(&mut self, block: &Block, gutter: theme::Role) {
        match block {
            Block::Markdown(text) => {
                let body = self.markdown(text);
                self.push(Section::text(body, gutter));
            }
            Block::Thinking(text) => {
                let body = self.markdown(text);
                self.fold("thinking", "", body, gutter);
            }
            Block::ToolCall { name, description, code, input, .. } => {
                let body = self.call_body(code, *input);
                self.fold(&format!("⚙ {name}"), description, body, gutter);
            }
            Block::ToolResult { is_error, blocks, .. } => self.tool_result(*is_error, blocks),
            Block::Chunks(found) => {
                let lines = chunks::lines(found, self.width);
                self.fold("context", &format!("{} chunks", found.len()), Body::Lines(lines), gutter);
            }
            Block::Artifact(artifact) => self.artifact(artifact, gutter),
            Block::Json { label, raw } => {
                let body = self.json(*raw);
                self.fold(label, "", body, gutter);
            }
        }
    }

    fn markdown(&self, text: &str) -> Body {
        if text.len() > BIG {
            return Body::Big(Box::new(BigText::new(Safe::text(text).as_str().to_owned(), self.width)));
        }
        Body::Lines(text::markdown::render(text, self.width))
    }

    fn fold(&mut self, name: &str, detail: &str, body: Body, gutter: theme::Role) {
        let rows = match &body {
            Body::Lines(lines) => lines.len(),
            Body::Big(_) => usize::MAX,
        };
        let open = if rows > LONG { Fold::Closed } else { Fold::Open };
        let mut title = vec![run(name, theme::Role::Strong)];
        if !detail.is_empty() {
            title.push(run(format!("  {detail}"), theme::Role::Dim));
        }
        self.push(Section::folding(line(title), body, gutter, open));
    }

    fn call_body(&self, code: &[CodeField], input: Piece) -> Body {
        let mut lines = Vec::new();
        for field in code {
            if code.len() > 1 || field.language == Language::Plain {
                lines.push(line(vec![run(&field.label, theme::Role::Dim)]));
            }
            lines.extend(text::code::code(&field.text, field.language, self.width));
        }
        if code.is_empty() && !input.is_empty() {
            lines = self.json_lines(input);
        }
        Body::Lines(lines)
    }

    fn tool_result(&mut self, is_error: bool, blocks: &[Block]) {
        let (name, gutter) =
            if is_error { ("✗ result: error", theme::Role::Error) } else { ("result", theme::Role::Tool) };
        let mut lines = Vec::new();
        for block in blocks {
            match block {
                Block::Markdown(text) if text.len() <= BIG => lines.extend(result_lines(text, self.width)),
                Block::Markdown(text) => {
                    let body = self.markdown(text);
                    return self.fold(name, "", body, gutter);
                }
                Block::Json { raw, .. } => lines.extend(self.json_lines(*raw)),
                Block::Chunks(found) => lines.extend(chunks::lines(found, self.width)),
                Block::Thinking(_)
                | Block::ToolCall { .. }
                | Block::ToolResult { .. }
                | Block::Artifact(_) => {}
            }
        }
        self.fold(name, "", Body::Lines(lines), gutter);
    }

    fn artifact(&mut self, artifact: &Artifact, gutter: theme::Role) {
        let kind = if artifact.is_chart { "chart" } else { "table" };
        let mut lines = Vec::new();
        if !artifact.description.is_empty() {
            lines.extend(text::plain(&artifact.description, self.width, theme::Role::Dim));
        }
        let figure = artifact.plotly.of(self.raw);
        let (columns, rows) = CHART;
        if let Some(chart) = chart_lines(figure, self.width.min(columns), rows) {
            lines.extend(chart);
        }
        if let Some(table) = text::table::html_table(&artifact.html_table) {
            lines.extend(text::table::draw(&table, self.width, LONG));
        }
        if let Some(more) = artifact.remaining_rows.filter(|rows| *rows > 0) {
            lines.push(line(vec![run(format!("… {more} more rows"), theme::Role::Dim)]));
        }
        self.fold(
            &format!("▦ {kind}: {}", artifact.title),
            &format!("artifact {}", artifact.id),
            Body::Lines(lines),
            gutter,
        );
        for field in &artifact.code {
            let lines = text::code::code(&field.text, field.language, self.width);
            let title = line(vec![run(format!("  {}", field.label), theme::Role::Dim)]);
            self.push(Section::folding(title, Body::Lines(lines), gutter, Fold::Closed));
        }
    }

    fn json(&self, piece: Piece) -> Body {
        Body::Lines(self.json_lines(piece))
    }

    fn json_lines(&self, piece: Piece) -> Vec<Line> {
        let raw = piece.of(self.raw);
        let mut lines = text::code::code(&json::pretty(raw, JSON_SHOWN), Language::Json, self.width);
        if raw.len() > JSON_SHOWN {
            lines.push(line(vec![run("… cut here; the Raw tab has all of it", theme::Role::Dim)]));
        }
        lines
    }
}

/// Tables that tools answer as comma-separated values are drawn as tables.
fn result_lines(text: &str, width: usize) -> Vec<Line> {
    match text::table::csv_table(text) {
        Some(table) => text::table::draw(&table, width, LONG * 2),
        None => text::plain(text, width, theme::Role::Text),
    }
}

/// A Plotly figure as a chart, where it is one that can be drawn.
fn chart_lines(figure: &[u8], width: usize, rows: usize) -> Option<Vec<Line>> {
    if figure.is_empty() {
        return None;
    }
    let _ = (width, rows);
    None
}
