//! The thread as JSON in the common model, one message per line. The JSON is valid for any body: parts of the body are
//! embedded unchanged only if every parser accepts them, else as a string.

mod block;
mod message;
mod strict;
mod writer;

use std::io::{self, Write};

pub(super) use block::{write_block, write_chunk_fields, write_code_fields};
pub(super) use strict::to_strict_json;
pub(super) use writer::{JsonWriter, Scalar};

use super::rows::SCHEMA_VERSION;
use super::service_fields::write_members;
use super::{ExportedMessage, ExportedThread, Unreadable, Writer};
use crate::domain::{MessageSummaries, Thread};
use crate::json::Value;

/// Writes `{provider, schema_version, thread, messages, unreadable, oddities}`; `docs/export-schema.md` documents the names.
#[derive(Debug, Default)]
pub struct JsonThread {
    unreadable: Vec<(u32, String)>,
    has_messages: bool,
}

impl Writer for JsonThread {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        write!(out, "{{\"provider\":")?;
        let mut json = JsonWriter::new(out);
        json.value(document.provider.id())?;
        write!(out, ",\n\"schema_version\":{SCHEMA_VERSION},\n\"thread\":")?;
        write_thread_fields(&mut JsonWriter::new(out), document.thread, document.summaries)?;
        write!(out, ",\n\"messages\":[")
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        out.write_all(if self.has_messages { b",\n" } else { b"\n" })?;
        self.has_messages = true;
        message::write_message(&mut JsonWriter::new(out), item)
    }

    fn write_unreadable(&mut self, _: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        self.unreadable.push((message.index, message.reason.to_owned()));
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        write!(out, "],\n\"unreadable\":")?;
        JsonWriter::new(out).array(|json| {
            self.unreadable.iter().try_for_each(|(index, reason)| {
                json.object(|json| {
                    json.field("index", *index)?;
                    json.field("reason", reason.as_str())
                })
            })
        })?;
        write!(out, ",\n\"oddities\":")?;
        JsonWriter::new(out)
            .array(|json| document.warnings.iter().try_for_each(|warning| json.value(warning.as_str())))?;
        out.write_all(b"}\n")
    }
}

/// Writes the thread's own fields. The service's fields follow unchanged as `fields` and `details`.
fn write_thread_fields(
    json: &mut JsonWriter<'_>,
    thread: &Thread,
    summaries: &MessageSummaries,
) -> io::Result<()> {
    json.object(|json| {
        json.field("id", thread.id.as_deref())?;
        json.field("title", thread.title.as_deref())?;
        json.field("created_at", thread.created_at)?;
        json.field("updated_at", thread.updated_at)?;
        json.field("archived_at", thread.archived_at)?;
        json.field("message_count", thread.message_count)?;
        json.field("messages_read", summaries.len())?;
        json.key("fields")?;
        json.object(|json| write_members(json, Value::of(&thread.envelope), &["messages"]))?;
        if let Some(details) = &thread.details {
            json.key("details")?;
            json.embed(details)?;
        }
        Ok(())
    })
}
