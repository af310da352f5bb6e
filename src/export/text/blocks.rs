//! The blocks of a side as plain text, indented under who speaks.

use std::io::{self, Write};

use crate::domain::{Artifact, Block, Chunk, CodeField};
use crate::export::artifact as made;
use crate::json::pretty;
use crate::text::Safe;

/// JSON longer than this is cut, in bytes; `--format json` has all of it.
const JSON_SHOWN: usize = 16 << 10;

/// Writes a block, each line after so many blanks.
pub fn write(out: &mut dyn Write, block: &Block, raw: &[u8], indent: usize) -> io::Result<()> {
    match block {
        Block::Markdown(text) => indented(out, text, indent),
        Block::Thinking(text) => {
            label(out, indent, "thinking")?;
            indented(out, text, indent + 2)
        }
        Block::ToolCall { name, description, code, input, .. } => {
            label(out, indent, &joined("tool call", name, description))?;
            if code.is_empty() {
                return json(out, input.of(raw), indent + 2);
            }
            fields(out, code, indent + 2)
        }
        Block::ToolResult { is_error, blocks, .. } => {
            label(out, indent, if *is_error { "tool failed" } else { "tool result" })?;
            blocks.iter().try_for_each(|block| write(out, block, raw, indent + 2))
        }
        Block::Chunks(chunks) => chunks.iter().try_for_each(|one| chunk(out, one, indent)),
        Block::Artifact(one) => artifact(out, one, raw, indent),
        Block::Json { label: name, raw: piece } => {
            label(out, indent, name)?;
            json(out, piece.of(raw), indent + 2)
        }
    }
}

/// Writes foreign text, each line after so many blanks.
pub fn indented(out: &mut dyn Write, text: &str, indent: usize) -> io::Result<()> {
    for line in Safe::text(text).lines() {
        if line.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

fn label(out: &mut dyn Write, indent: usize, text: &str) -> io::Result<()> {
    writeln!(out, "{:indent$}[{}]", "", Safe::line(text))
}

fn joined(kind: &str, name: &str, description: &str) -> String {
    let colon = if description.is_empty() { "" } else { ": " };
    format!("{kind} {name}{colon}{description}")
}

fn json(out: &mut dyn Write, raw: &[u8], indent: usize) -> io::Result<()> {
    indented(out, &pretty(raw, JSON_SHOWN), indent)?;
    if raw.len() > JSON_SHOWN {
        writeln!(out, "{:indent$}…", "")?;
    }
    Ok(())
}

fn fields(out: &mut dyn Write, code: &[CodeField], indent: usize) -> io::Result<()> {
    code.iter().try_for_each(|field| {
        label(out, indent, &field.label)?;
        indented(out, &field.text, indent + 2)
    })
}

fn chunk(out: &mut dyn Write, chunk: &Chunk, indent: usize) -> io::Result<()> {
    let name = chunk.title.as_deref().or(chunk.source.as_deref()).or(chunk.id.as_deref());
    let score = chunk.score.map(|score| format!(" ({score:.3})")).unwrap_or_default();
    label(out, indent, &format!("context {}{score}", name.unwrap_or_default()))?;
    indented(out, &chunk.text, indent + 2)
}

fn artifact(out: &mut dyn Write, artifact: &Artifact, raw: &[u8], indent: usize) -> io::Result<()> {
    let kind = if artifact.is_chart { "chart" } else { "table" };
    label(out, indent, &joined(kind, &artifact.title, &artifact.description))?;
    indented(out, &made::drawn(artifact, raw), indent + 2)?;
    fields(out, &artifact.code, indent + 2)
}
