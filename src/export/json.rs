//! The thread as JSON in the common model, one message a line. Always valid, whatever the thread holds: parts of the
//! body are embedded as they came only where every parser takes them, else as a string.

mod block;
mod form;
mod message;
mod strict;

use std::io::{self, Write};

pub(super) use form::{Json, Scalar};
pub(super) use strict::embeddable;

use super::{Document, Item, Lost, Writer};
use crate::domain::{Heads, Thread};
use crate::json::Value;

/// Writes `{provider, thread, messages, unreadable, oddities}`.
#[derive(Debug, Default)]
pub struct JsonThread {
    lost: Vec<(u32, String)>,
    any: bool,
}

impl Writer for JsonThread {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        write!(out, "{{\"provider\":")?;
        let mut json = Json::new(out);
        json.value(document.provider.service())?;
        write!(out, ",\n\"thread\":")?;
        thread(&mut Json::new(out), document.thread, document.heads)?;
        write!(out, ",\n\"messages\":[")
    }

    fn message(&mut self, out: &mut dyn Write, _: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        message::write(&mut Json::new(out), item)
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, lost: &Lost<'_>) -> io::Result<()> {
        self.lost.push((lost.index, lost.reason.to_owned()));
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        write!(out, "],\n\"unreadable\":")?;
        Json::new(out).array(|json| {
            self.lost.iter().try_for_each(|(index, reason)| {
                json.object(|json| {
                    json.field("index", *index)?;
                    json.field("reason", reason.as_str())
                })
            })
        })?;
        write!(out, ",\n\"oddities\":")?;
        Json::new(out)
            .array(|json| document.oddities.iter().try_for_each(|oddity| json.value(oddity.as_str())))?;
        out.write_all(b"}\n")
    }
}

/// The thread's own fields; what is not in the common model follows under `fields` and `details`.
fn thread(json: &mut Json<'_>, thread: &Thread, heads: &Heads) -> io::Result<()> {
    json.object(|json| {
        json.field("id", thread.id.as_deref())?;
        json.field("title", thread.title.as_deref())?;
        json.field("created_at", thread.created_at)?;
        json.field("updated_at", thread.updated_at)?;
        json.field("archived_at", thread.archived_at)?;
        json.field("message_count", thread.message_count)?;
        json.field("messages_read", heads.len())?;
        json.key("fields")?;
        json.object(|json| {
            for (key, value) in Value::of(&thread.envelope).members().filter(|(key, _)| !key.is("messages")) {
                json.name(&key.text())?;
                json.embed(value.raw())?;
            }
            Ok(())
        })?;
        if let Some(details) = &thread.details {
            json.key("details")?;
            json.embed(details)?;
        }
        Ok(())
    })
}
