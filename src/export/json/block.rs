//! The blocks of a side in the common model: objects with a `type`.

use std::io;

use super::writer::JsonWriter;
use crate::domain::{Artifact, Block, Chunk, CodeField};
use crate::export::service_fields::write_members;
use crate::json::Value;

/// Writes a block. Providers limit the nesting of results.
pub fn write_block(json: &mut JsonWriter<'_>, block: &Block, raw: &[u8]) -> io::Result<()> {
    json.object(|json| match block {
        Block::Markdown(text) => write_text_block(json, "text", text),
        Block::Thinking(text) => write_text_block(json, "thinking", text),
        Block::ToolCall { id, name, description, code, input } => {
            json.field("type", "tool_call")?;
            json.field("id", id)?;
            json.field("name", name)?;
            json.field("description", description)?;
            json.key("code")?;
            write_code_fields(json, code)?;
            json.key("input")?;
            let input = Value::of(input.slice(raw));
            let inner = input.embedded_json();
            json.embed(inner.as_deref().map_or(input.raw(), str::as_bytes))
        }
        Block::ToolResult { call_id, is_error, blocks } => {
            json.field("type", "tool_result")?;
            json.field("call_id", call_id)?;
            json.field("is_error", *is_error)?;
            json.key("blocks")?;
            json.array(|json| blocks.iter().try_for_each(|block| write_block(json, block, raw)))
        }
        Block::Chunks(chunks) => {
            json.field("type", "chunks")?;
            json.key("chunks")?;
            json.array(|json| chunks.iter().try_for_each(|chunk| write_chunk(json, chunk)))
        }
        Block::Artifact(artifact) => write_artifact(json, artifact, raw),
        Block::Json { label, raw: range } => {
            json.field("type", "json")?;
            json.field("label", label)?;
            json.key("value")?;
            json.embed(range.slice(raw))
        }
    })
}

fn write_text_block(json: &mut JsonWriter<'_>, kind: &str, text: &str) -> io::Result<()> {
    json.field("type", kind)?;
    json.field("text", text)
}

fn write_chunk(json: &mut JsonWriter<'_>, chunk: &Chunk) -> io::Result<()> {
    json.object(|json| {
        json.field("id", chunk.id.as_deref())?;
        json.field("title", chunk.title.as_deref())?;
        json.field("source", chunk.source.as_deref())?;
        json.field("page", chunk.page.as_deref())?;
        json.field("score", chunk.score)?;
        json.field("text", &chunk.text)?;
        json.key("fields")?;
        write_chunk_fields(json, chunk)
    })
}

/// Writes the other fields of a chunk as an object.
pub fn write_chunk_fields(json: &mut JsonWriter<'_>, chunk: &Chunk) -> io::Result<()> {
    json.object(|json| {
        chunk.fields.iter().try_for_each(|(name, value)| {
            json.dynamic_key(name)?;
            json.value(value)
        })
    })
}

fn write_artifact(json: &mut JsonWriter<'_>, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
    json.field("type", "artifact")?;
    json.field("id", &artifact.id)?;
    json.field("title", &artifact.title)?;
    json.field("description", &artifact.description)?;
    json.field("is_chart", artifact.is_chart)?;
    json.key("code")?;
    write_code_fields(json, &artifact.code)?;
    json.key("plotly")?;
    json.embed(artifact.plotly.slice(raw))?;
    json.field("html_table", Some(&artifact.html_table).filter(|table| !table.is_empty()))?;
    json.field("file_name", artifact.filename.as_deref())?;
    json.field("remaining_rows", artifact.remaining_rows)?;
    json.key("fields")?;
    json.object(|json| write_members(json, Value::of(artifact.raw.slice(raw)), &["html_table"]))
}

/// Writes the fields that are shown as code, as a list.
pub fn write_code_fields(json: &mut JsonWriter<'_>, code: &[CodeField]) -> io::Result<()> {
    json.array(|json| {
        code.iter().try_for_each(|field| {
            json.object(|json| {
                json.field("label", &field.label)?;
                json.field("language", field.language.name())?;
                json.field("text", &field.text)
            })
        })
    })
}
