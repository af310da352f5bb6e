//! The blocks of a side in the common model: an object each, told apart by `type`.

use std::io;

use super::form::Json;
use crate::domain::{Artifact, Block, Chunk, CodeField, Language};

/// Writes a block. Providers nest results in results only some levels deep.
pub fn write(json: &mut Json<'_>, block: &Block, raw: &[u8]) -> io::Result<()> {
    json.object(|json| match block {
        Block::Markdown(text) => text_block(json, "text", text),
        Block::Thinking(text) => text_block(json, "thinking", text),
        Block::ToolCall { id, name, description, code, input } => {
            json.field("type", "tool_call")?;
            json.field("id", id)?;
            json.field("name", name)?;
            json.field("description", description)?;
            fields(json, code)?;
            json.key("input")?;
            json.embed(input.of(raw))
        }
        Block::ToolResult { call_id, is_error, blocks } => {
            json.field("type", "tool_result")?;
            json.field("call_id", call_id)?;
            json.field("is_error", *is_error)?;
            json.key("blocks")?;
            json.array(|json| blocks.iter().try_for_each(|block| write(json, block, raw)))
        }
        Block::Chunks(chunks) => {
            json.field("type", "chunks")?;
            json.key("chunks")?;
            json.array(|json| chunks.iter().try_for_each(|one| chunk(json, one)))
        }
        Block::Artifact(one) => artifact(json, one, raw),
        Block::Json { label, raw: piece } => {
            json.field("type", "json")?;
            json.field("label", label)?;
            json.key("value")?;
            json.embed(piece.of(raw))
        }
    })
}

fn text_block(json: &mut Json<'_>, kind: &str, text: &str) -> io::Result<()> {
    json.field("type", kind)?;
    json.field("text", text)
}

fn chunk(json: &mut Json<'_>, chunk: &Chunk) -> io::Result<()> {
    json.object(|json| {
        json.field("id", chunk.id.as_deref())?;
        json.field("title", chunk.title.as_deref())?;
        json.field("source", chunk.source.as_deref())?;
        json.field("score", chunk.score)?;
        json.field("text", &chunk.text)
    })
}

fn artifact(json: &mut Json<'_>, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
    json.field("type", "artifact")?;
    json.field("id", &artifact.id)?;
    json.field("title", &artifact.title)?;
    json.field("description", &artifact.description)?;
    json.field("is_chart", artifact.is_chart)?;
    fields(json, &artifact.code)?;
    json.key("plotly")?;
    json.embed(artifact.plotly.of(raw))?;
    json.field("html_table", Some(&artifact.html_table).filter(|table| !table.is_empty()))?;
    json.field("filename", artifact.filename.as_deref())?;
    json.field("remaining_rows", artifact.remaining_rows)
}

/// The fields of a call that are worth reading as code.
fn fields(json: &mut Json<'_>, code: &[CodeField]) -> io::Result<()> {
    json.key("code")?;
    json.array(|json| {
        code.iter().try_for_each(|field| {
            json.object(|json| {
                json.field("label", &field.label)?;
                json.field("language", language(field.language))?;
                json.field("text", &field.text)
            })
        })
    })
}

fn language(language: Language) -> &'static str {
    match language {
        Language::Sql => "sql",
        Language::Python => "python",
        Language::Json => "json",
        Language::Plain => "text",
    }
}
