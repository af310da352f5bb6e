//! Export of a thread: the common model as JSON, a conversation as plain text, and the other formats. The writers are pure
//! and get one message at a time, so memory stays near the size of the body. The caller opens files and standard output.

mod artifact;
mod blocks;
mod chrome;
mod format;
mod html;
mod index;
mod json;
mod markdown;
mod metadata;
pub mod otlp;
mod payloads;
mod redact;
mod row_writers;
pub mod rows;
mod service_fields;
pub mod span_tree;
mod text;
mod time;
mod usage_shares;

use std::borrow::Cow;
use std::io::{self, Write};

use crate::domain::{Message, MessageSummaries, MessageSummary, Role, Side, Status, Thread, ThreadNotes};
use crate::provider::Provider;

pub use chrome::Chrome;
pub use format::ExportFormat;
pub use html::Html;
pub use index::{IndexEntry, write_html_index, write_markdown_index};
pub use json::JsonThread;
pub use markdown::{Evidence, Markdown};
pub use otlp::OtlpJson;
pub use payloads::Payloads;
pub use redact::Redactor;
pub use row_writers::{
    Csv, Ndjson, PartitionedRow, Partitions, SpanDetails, span_details, without_type_column,
};
pub use text::Conversation;
pub use time::month;

/// A thread and the selection of its messages to export.
#[derive(Clone, Copy)]
pub struct ExportedThread<'a> {
    pub provider: &'static dyn Provider,
    pub thread: &'a Thread,
    /// The summaries, in export order.
    pub summaries: &'a MessageSummaries,
    /// The user's notes on messages and spans.
    pub notes: &'a ThreadNotes,
    /// Whether a message is exported.
    pub filter: &'a dyn Fn(&MessageSummary) -> bool,
    /// Warnings about the body, as sentences.
    pub warnings: &'a [String],
}

/// A readable message.
#[derive(Clone, Copy)]
pub struct ExportedMessage<'a> {
    pub document: &'a ExportedThread<'a>,
    /// The position among all messages of the thread, in display order, from 1.
    pub number: usize,
    /// The position in the body, from 0.
    pub index: u32,
    /// The message's JSON, to which its byte ranges refer.
    pub raw: &'a [u8],
    pub message: &'a Message,
}

/// An unreadable message.
#[derive(Clone, Copy)]
pub struct Unreadable<'a> {
    pub document: &'a ExportedThread<'a>,
    /// See [`ExportedMessage::number`].
    pub number: usize,
    /// See [`ExportedMessage::index`].
    pub index: u32,
    pub reason: &'a str,
}

/// A format. The calls are `begin`, then `write_message` and `write_unreadable` in the order of the thread, then `end`.
///
/// # Errors
/// Every method returns the errors of `out`.
pub trait Writer {
    /// Writes the part before the messages.
    fn begin(&mut self, _out: &mut dyn Write, _document: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()>;

    /// Writes an unreadable message. By default, they are omitted.
    fn write_unreadable(&mut self, _out: &mut dyn Write, _message: &Unreadable<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Writes the part after the messages.
    fn end(&mut self, _out: &mut dyn Write, _document: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// Returns a status in the service's own words; `None` if it has none.
fn status_word(status: Status, text: &str) -> Option<&str> {
    match status {
        _ if !text.is_empty() => Some(text),
        Status::Success => Some("SUCCESS"),
        Status::Error => Some("ERROR"),
        Status::Canceled => Some("CANCELED"),
        Status::Other | Status::Unknown => None,
    }
}

/// Returns the text of a message's sides with a role, or of all sides, separated by blank lines.
fn side_text(message: &Message, role: Option<Role>) -> Cow<'_, str> {
    let mut sides = message.sides.iter().filter(|side| role.is_none_or(|role| side.role == role));
    let (first, second) = (sides.next(), sides.next());
    // A text may be very large, so the usual single block is not copied.
    if let (Some([block]), None) = (first.map(|side| side.blocks.as_slice()), second)
        && let Some(text) = block.plain_text()
    {
        return Cow::Borrowed(text);
    }
    Cow::Owned(first.into_iter().chain(second).chain(sides).map(Side::text).collect::<Vec<_>>().join("\n\n"))
}

/// Options of an export.
pub struct WriteOptions<'a> {
    /// A function that is called after each message with the number of processed messages, including filtered ones.
    pub on_progress: &'a mut dyn FnMut(usize),
    /// The redactor, which masks the JSON of each message before it is read.
    pub redactor: Option<&'a mut Redactor>,
}

/// Writes a thread.
///
/// # Errors
/// The errors of `out`.
pub fn write_thread(
    document: &ExportedThread<'_>,
    writer: &mut dyn Writer,
    out: &mut dyn Write,
    options: &mut WriteOptions<'_>,
) -> io::Result<()> {
    writer.begin(out, document)?;
    for (index, summary) in document.summaries.iter().enumerate() {
        if (document.filter)(summary) {
            write_entry(document, writer, out, (index + 1, summary, options.redactor.as_deref_mut()))?;
        }
        (options.on_progress)(index + 1);
    }
    writer.end(out, document)
}

fn write_entry(
    document: &ExportedThread<'_>,
    writer: &mut dyn Writer,
    out: &mut dyn Write,
    (number, summary, redactor): (usize, &MessageSummary, Option<&mut Redactor>),
) -> io::Result<()> {
    let index = summary.index;
    if let Some(error) = &summary.read_error {
        return writer.write_unreadable(out, &Unreadable { document, number, index, reason: &error.reason });
    }
    let original = summary.raw.bytes();
    let raw = redactor.map_or(Cow::Borrowed(original), |redactor| Cow::Owned(redactor.redact_json(original)));
    let message = document.provider.read_message(&raw);
    writer.write_message(out, &ExportedMessage { document, number, index, raw: &raw, message: &message })
}

/// Returns the thread's own fields, redacted.
pub fn redact_thread(provider: &dyn Provider, thread: &Thread, redactor: &mut Redactor) -> Thread {
    let mut masked = provider.read_thread(&redactor.redact_json(&thread.envelope));
    if let Some(details) = &thread.details {
        provider.add_details(&mut masked, &redactor.redact_json(details));
    }
    masked
}

/// Returns the notes with masked texts.
pub fn redact_notes(notes: &ThreadNotes, redactor: &mut Redactor) -> ThreadNotes {
    notes.map_texts(|text| redactor.redact_text(text).into_owned())
}

#[cfg(test)]
mod tests;
