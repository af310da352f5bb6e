//! The blocks of a side as plain text, indented under who speaks.

use std::io::{self, Write};

use crate::domain::{Artifact, Block, Chunk, CodeField};
use crate::export::artifact as made;
use crate::json::pretty;
use crate::text::Safe;

/// JSON longer than this is cut, in bytes; `--format json` has all of it.
const MAX_JSON_BYTES: usize = 16 << 10;

/// Writes a block, each line after so many blanks.
pub fn write_block(out: &mut dyn Write, block: &Block, raw: &[u8], indent: usize) -> io::Result<()> {
    match block {
        Block::Markdown(text) => write_indented(out, text, indent),
        Block::Thinking(text) => {
            write_label(out, indent, "thinking")?;
            write_indented(out, text, indent + 2)
        }
        Block::ToolCall { name, description, code, input, .. } => {
            write_label(out, indent, &join_label("tool call", name, description))?;
            if code.is_empty() {
                return write_json(out, input.slice(raw), indent + 2);
            }
            write_code_fields(out, code, indent + 2)
        }
        Block::ToolResult { is_error, blocks, .. } => {
            write_label(out, indent, if *is_error { "tool failed" } else { "tool result" })?;
            blocks.iter().try_for_each(|block| write_block(out, block, raw, indent + 2))
        }
        Block::Chunks(chunks) => chunks.iter().try_for_each(|one| write_chunk(out, one, indent)),
        Block::Artifact(one) => write_artifact(out, one, raw, indent),
        Block::Json { label: name, raw: piece } => {
            write_label(out, indent, name)?;
            write_json(out, piece.slice(raw), indent + 2)
        }
    }
}

/// Writes foreign text, each line after so many blanks.
pub fn write_indented(out: &mut dyn Write, text: &str, indent: usize) -> io::Result<()> {
    for line in Safe::text(text).lines() {
        if line.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

fn write_label(out: &mut dyn Write, indent: usize, text: &str) -> io::Result<()> {
    writeln!(out, "{:indent$}[{}]", "", Safe::line(text))
}

fn join_label(kind: &str, name: &str, description: &str) -> String {
    let colon = if description.is_empty() { "" } else { ": " };
    format!("{kind} {name}{colon}{description}")
}

fn write_json(out: &mut dyn Write, raw: &[u8], indent: usize) -> io::Result<()> {
    write_indented(out, &pretty(raw, MAX_JSON_BYTES), indent)?;
    if raw.len() > MAX_JSON_BYTES {
        writeln!(out, "{:indent$}…", "")?;
    }
    Ok(())
}

fn write_code_fields(out: &mut dyn Write, code: &[CodeField], indent: usize) -> io::Result<()> {
    code.iter().try_for_each(|field| {
        write_label(out, indent, &field.label)?;
        write_indented(out, &field.text, indent + 2)
    })
}

fn write_chunk(out: &mut dyn Write, chunk: &Chunk, indent: usize) -> io::Result<()> {
    let name = chunk.title.as_deref().or(chunk.source.as_deref()).or(chunk.id.as_deref());
    let score = chunk.score.map(|score| format!(" ({score:.3})")).unwrap_or_default();
    write_label(out, indent, &format!("context {}{score}", name.unwrap_or_default()))?;
    write_indented(out, &chunk.text, indent + 2)
}

fn write_artifact(out: &mut dyn Write, artifact: &Artifact, raw: &[u8], indent: usize) -> io::Result<()> {
    let kind = if artifact.is_chart { "chart" } else { "table" };
    write_label(out, indent, &join_label(kind, &artifact.title, &artifact.description))?;
    write_indented(out, &made::draw_artifact(artifact, raw), indent + 2)?;
    write_code_fields(out, &artifact.code, indent + 2)
}
