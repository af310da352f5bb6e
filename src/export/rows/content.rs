//! The columns of the parts of messages: calls of tools and their results, artifacts, chunks.

use std::collections::HashMap;

use super::columns::{json_cell, thread_columns};
use super::{Cell, Row};
use crate::domain::{Artifact, Block, Chunk, Message, Timestamp};
use crate::export::ExportedMessage;
use crate::export::json::{write_block, write_chunk_fields, write_code_fields};
use crate::export::service_fields::write_members;
use crate::json::Value;
use crate::provider::payload;

/// The names and times of calls, for the rows of their results.
#[derive(Clone, Debug, Default)]
pub struct CallTimes(HashMap<String, (String, Option<Timestamp>)>);

/// Returns the columns of all parts of a message.
fn part_columns(item: &ExportedMessage<'_>, kind: &'static str) -> Row {
    let mut row = thread_columns(item.document, kind);
    row.extend([
        ("message_id", Cell::text(&item.message.id)),
        ("number", Cell::count(item.number)),
        ("created_at", item.message.created_at.into()),
    ]);
    row
}

/// Returns all blocks of a message, including those inside results.
fn all_blocks(message: &Message) -> Vec<&Block> {
    fn add<'a>(found: &mut Vec<&'a Block>, blocks: &'a [Block]) {
        for block in blocks {
            found.push(block);
            if let Block::ToolResult { blocks, .. } = block {
                add(found, blocks);
            }
        }
    }
    let mut found = Vec::new();
    message.sides.iter().for_each(|side| add(&mut found, &side.blocks));
    found
}

/// Returns the rows of the calls of tools.
pub fn tool_call_rows(item: &ExportedMessage<'_>) -> Vec<Row> {
    all_blocks(item.message).into_iter().filter_map(|block| tool_call_row(item, block)).collect()
}

fn tool_call_row(item: &ExportedMessage<'_>, block: &Block) -> Option<Row> {
    let Block::ToolCall { id, name, description, code, input } = block else { return None };
    let input = Value::of(input.slice(item.raw));
    let inner = input.embedded_json();
    let arguments = inner.as_deref().map_or(input.raw(), str::as_bytes);
    let mut row = part_columns(item, "tool_call");
    row.extend([
        ("call_id", Cell::text(id)),
        ("name", Cell::text(name)),
        ("description", Cell::text(description)),
        ("arguments", json_cell(|json| json.embed(arguments))),
        ("code", json_cell(|json| write_code_fields(json, code))),
    ]);
    Some(row)
}

/// Returns the rows of the results of tools. `call_times` collects the calls, message by message.
pub fn tool_result_rows(item: &ExportedMessage<'_>, call_times: &mut CallTimes) -> Vec<Row> {
    let blocks = all_blocks(item.message);
    for (id, name) in blocks.iter().filter_map(|block| block.call()) {
        call_times.0.insert(id.to_owned(), (name.to_owned(), item.message.created_at));
    }
    blocks.into_iter().filter_map(|block| tool_result_row(item, block, call_times)).collect()
}

fn tool_result_row(item: &ExportedMessage<'_>, block: &Block, call_times: &CallTimes) -> Option<Row> {
    let Block::ToolResult { call_id, is_error, blocks } = block else { return None };
    let call = call_times.0.get(call_id);
    let called_at = call.and_then(|(_, time)| *time);
    let measured = item.message.created_at.zip(called_at).map(|(end, start)| end.micros_since(start));
    let reported = Value::of(item.raw).get_path(&["metadata", "duration_ms"]).and_then(Value::as_f64);
    let texts = blocks.iter().filter_map(Block::plain_text).collect::<Vec<_>>().join("\n\n");
    let is_text = blocks.iter().all(|block| block.plain_text().is_some());
    let all = |json: &mut crate::export::json::JsonWriter<'_>| {
        json.array(|json| blocks.iter().try_for_each(|block| write_block(json, block, item.raw)))
    };
    let mut row = part_columns(item, "tool_result");
    row.extend([
        ("call_id", Cell::text(call_id)),
        ("name", call.map(|(name, _)| name.as_str()).into()),
        ("is_error", Cell::Bool(*is_error)),
        ("called_at", called_at.into()),
        ("reported_ms", reported.into()),
        ("duration_ms", measured.map(|micros| micros as f64 / 1000.0).into()),
        ("text", Cell::text(texts)),
        ("blocks", if is_text { Cell::Null } else { json_cell(all) }),
    ]);
    Some(row)
}

/// Returns the rows of tables and charts.
pub fn artifact_rows(item: &ExportedMessage<'_>) -> Vec<Row> {
    let artifacts = all_blocks(item.message).into_iter().filter_map(|block| match block {
        Block::Artifact(artifact) => Some(artifact),
        _ => None,
    });
    artifacts.map(|artifact| artifact_row(item, artifact)).collect()
}

fn artifact_row(item: &ExportedMessage<'_>, artifact: &Artifact) -> Row {
    let plotly = artifact.plotly.slice(item.raw);
    let mut row = part_columns(item, "artifact");
    row.extend([
        ("artifact_id", Cell::text(&artifact.id)),
        ("title", Cell::text(&artifact.title)),
        ("description", Cell::text(&artifact.description)),
        ("is_chart", Cell::Bool(artifact.is_chart)),
        ("code", json_cell(|json| write_code_fields(json, &artifact.code))),
        ("plotly", if plotly.is_empty() { Cell::Null } else { json_cell(|json| json.embed(plotly)) }),
        ("html_table", Some(artifact.html_table.as_str()).filter(|table| !table.is_empty()).into()),
        ("file_name", artifact.filename.as_deref().into()),
        ("remaining_rows", artifact.remaining_rows.into()),
        (
            "fields",
            json_cell(|json| {
                json.object(|json| {
                    write_members(json, Value::of(artifact.raw.slice(item.raw)), &["html_table"])
                })
            }),
        ),
    ]);
    row
}

/// Returns the rows of the retrieved chunks of a message and of the outputs of its spans.
pub fn chunk_rows(item: &ExportedMessage<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for block in all_blocks(item.message) {
        if let Block::Chunks(chunks) = block {
            rows.extend(
                chunks.iter().enumerate().map(|(index, chunk)| chunk_row(item, None, (index, chunk))),
            );
        }
    }
    for span in &item.message.spans {
        let output = span.output.slice(item.raw);
        let chunks = payload::find_chunks(Value::of(output)).unwrap_or_default();
        let id = Some(span.id.as_str());
        rows.extend(chunks.iter().enumerate().map(|(index, chunk)| chunk_row(item, id, (index, chunk))));
    }
    rows
}

fn chunk_row(item: &ExportedMessage<'_>, span: Option<&str>, (index, chunk): (usize, &Chunk)) -> Row {
    let mut row = part_columns(item, "chunk");
    row.extend([
        ("span_id", span.into()),
        ("rank", Cell::count(index + 1)),
        ("chunk_id", chunk.id.as_deref().into()),
        ("title", chunk.title.as_deref().into()),
        ("source", chunk.source.as_deref().into()),
        ("page", chunk.page.as_deref().into()),
        ("score", chunk.score.into()),
        ("text", Cell::text(&chunk.text)),
        ("fields", json_cell(|json| write_chunk_fields(json, chunk))),
    ]);
    row
}

/// Returns a row with the columns of a call.
pub fn empty_tool_call_row(item: &ExportedMessage<'_>) -> Row {
    let call = Block::ToolCall {
        id: String::new(),
        name: String::new(),
        description: String::new(),
        code: Vec::new(),
        input: Default::default(),
    };
    tool_call_row(item, &call).unwrap_or_default()
}

/// Returns a row with the columns of a result.
pub fn empty_tool_result_row(item: &ExportedMessage<'_>) -> Row {
    let result = Block::ToolResult { call_id: String::new(), is_error: false, blocks: Vec::new() };
    tool_result_row(item, &result, &CallTimes::default()).unwrap_or_default()
}

/// Returns a row with the columns of an artifact.
pub fn empty_artifact_row(item: &ExportedMessage<'_>) -> Row {
    let artifact = Artifact {
        id: String::new(),
        title: String::new(),
        description: String::new(),
        is_chart: false,
        code: Vec::new(),
        plotly: Default::default(),
        html_table: String::new(),
        filename: None,
        remaining_rows: None,
        raw: Default::default(),
    };
    artifact_row(item, &artifact)
}

/// Returns a row with the columns of a chunk.
pub fn empty_chunk_row(item: &ExportedMessage<'_>) -> Row {
    chunk_row(item, None, (0, &Chunk::default()))
}
