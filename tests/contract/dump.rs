//! Domain values as text for snapshots; byte ranges are shown as excerpts of their content.

use std::fmt::Write;
use unspool::testing::domain::{
    Block, ByteRange, CodeField, Feedback, Message, MessageFlags, MessageSummary, Span, Thread,
};

fn excerpt(raw: &[u8], range: ByteRange) -> String {
    let text = String::from_utf8_lossy(range.slice(raw));
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}… ({} bytes)", line.split_at(end).0, range.len),
        None if line.is_empty() => "-".to_owned(),
        None => line,
    }
}

pub fn summary(summary: &MessageSummary) -> String {
    let raw = summary.raw.bytes();
    let names = [
        (MessageFlags::EMPTY_ANSWER, "empty-answer"),
        (MessageFlags::TOOLS, "tools"),
        (MessageFlags::ARTIFACTS, "artifacts"),
        (MessageFlags::PREVIEW_IS_JSON, "json"),
    ];
    let flags: Vec<&str> =
        names.iter().filter(|(flag, _)| summary.flags.contains(*flag)).map(|(_, name)| *name).collect();
    format!(
        "{} {} {:?} {:?} {} time={:?} ms={:?} spans={}/{} flags={flags:?} {:?}\n    {}",
        summary.index,
        excerpt(raw, summary.id),
        summary.role,
        summary.status,
        summary.sentiment.map_or("-".to_owned(), |sentiment| format!("{sentiment:?}")),
        summary.time.map(|time| time.0),
        summary.duration_ms,
        summary.failed_span_count,
        summary.span_count,
        summary.read_error,
        excerpt(raw, summary.preview),
    )
}

pub fn thread(thread: &Thread) -> String {
    format!(
        "thread {:?} {:?} created={:?} updated={:?} archived={:?} messages={:?}\n",
        thread.id,
        thread.title,
        thread.created_at.map(|time| time.0),
        thread.updated_at.map(|time| time.0),
        thread.archived_at.map(|time| time.0),
        thread.message_count
    )
}

pub fn message(raw: &[u8], message: &Message) -> String {
    let mut out = String::new();
    let m = message;
    writeln!(
        out,
        "message {:?} {:?} {:?} {:?} at {:?} {:?} ms={:?}",
        m.id,
        m.role,
        m.status,
        m.status_text,
        m.created_at.map(|time| time.0),
        m.created_text,
        m.duration_ms
    )
    .unwrap();
    writeln!(out, "  models={:?} usage={:?} error={:?}", m.models, m.usage, m.error).unwrap();
    for side in &m.sides {
        writeln!(out, "  side {:?} {:?}", side.role, side.role_text).unwrap();
        side.blocks.iter().for_each(|block| self::block(&mut out, raw, block, 2));
    }
    m.spans.iter().for_each(|span| self::span(&mut out, raw, span));
    m.feedback.iter().for_each(|feedback| self::feedback(&mut out, feedback));
    for (name, range) in &m.fields {
        writeln!(out, "  fields {name}: {}", excerpt(raw, *range)).unwrap();
    }
    m.read_errors.iter().for_each(|error| writeln!(out, "  read error {error}").unwrap());
    out
}

fn block(out: &mut String, raw: &[u8], block: &Block, depth: usize) {
    let indent = "  ".repeat(depth);
    match block {
        Block::Markdown(text) => writeln!(out, "{indent}markdown {text:?}"),
        Block::Thinking(text) => writeln!(out, "{indent}thinking {text:?}"),
        Block::ToolCall { id, name, description, code, input } => {
            writeln!(out, "{indent}call {id} {name} {description:?} input {}", excerpt(raw, *input)).unwrap();
            return fields(out, code, &indent);
        }
        Block::ToolResult { call_id, is_error, blocks } => {
            writeln!(out, "{indent}result of {call_id} error={is_error}").unwrap();
            return blocks.iter().for_each(|inner| self::block(out, raw, inner, depth + 1));
        }
        Block::Chunks(chunks) => {
            return chunks.iter().for_each(|chunk| writeln!(out, "{indent}{chunk:?}").unwrap());
        }
        Block::Artifact(artifact) => {
            let shown = (&artifact.title, &artifact.description, artifact.is_chart, &artifact.filename);
            writeln!(
                out,
                "{indent}artifact {} {shown:?} rows left {:?}",
                artifact.id, artifact.remaining_rows
            )
            .unwrap();
            writeln!(out, "{indent}  plotly {}", excerpt(raw, artifact.plotly)).unwrap();
            writeln!(out, "{indent}  table {:?}", artifact.html_table).unwrap();
            return fields(out, &artifact.code, &indent);
        }
        Block::Json { label, raw: range } => writeln!(out, "{indent}json {label}: {}", excerpt(raw, *range)),
    }
    .unwrap();
}

fn fields(out: &mut String, code: &[CodeField], indent: &str) {
    code.iter().for_each(|field| {
        writeln!(out, "{indent}  {:?} {}: {:?}", field.language, field.label, field.text).unwrap();
    });
}

fn span(out: &mut String, raw: &[u8], span: &Span) {
    let s = span;
    writeln!(
        out,
        "  span {:?} {:?} {:?} {:?} {:?} trace={:?} parent={:?} {:?}..{:?} ms={:?}",
        s.id,
        s.name,
        s.operation,
        s.status,
        s.status_text,
        s.trace_id,
        s.parent_id,
        s.start.map(|time| time.0),
        s.end.map(|time| time.0),
        s.duration_ms
    )
    .unwrap();
    for (name, range) in
        [("input", s.input), ("output", s.output), ("expected", s.expected), ("metadata", s.metadata)]
    {
        if !range.is_empty() {
            writeln!(out, "    {name} {}", excerpt(raw, range)).unwrap();
        }
    }
    if s.error.is_some() || s.usage.is_some() || !s.models.is_empty() {
        writeln!(out, "    models={:?} usage={:?} error={:?}", s.models, s.usage, s.error).unwrap();
    }
}

fn feedback(out: &mut String, feedback: &Feedback) {
    let f = feedback;
    let time = f.created_at.map(|time| time.0);
    writeln!(
        out,
        "  feedback {:?} {:?} {:?} {:?} at {time:?} {:?} on {:?}",
        f.id, f.sentiment, f.sentiment_text, f.description, f.created_text, f.message_id
    )
    .unwrap();
}
