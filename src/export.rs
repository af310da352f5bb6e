//! A thread as text for elsewhere: the common model as JSON, a conversation as plain text, and the other formats. Pure
//! writers over messages that are read one at a time, so that memory stays with the body and one message. Files and
//! standard output are in `runtime/script`.

mod artifact;
mod chrome;
mod flat;
mod format;
mod html;
mod json;
mod markdown;
mod metadata;
pub mod otlp;
mod redact;
pub mod rows;
pub mod span_tree;
mod text;
mod time;

use std::borrow::Cow;
use std::io::{self, Write};

use crate::domain::{Message, MessageSummaries, MessageSummary, Status, Thread};
use crate::provider::Provider;

pub use chrome::Chrome;
pub use flat::{Csv, Ndjson, span_depths, without_type_column};
pub use format::ExportFormat;
pub use html::Html;
pub use json::JsonThread;
pub use markdown::Markdown;
pub use otlp::OtlpJson;
pub use redact::{MaskCount, PatternError, Redactor};
pub use text::Conversation;

/// What is written: a thread and those of its messages that are wanted.
#[derive(Clone, Copy)]
pub struct ExportedThread<'a> {
    pub provider: &'static dyn Provider,
    pub thread: &'a Thread,
    /// In the order in which they are written.
    pub summaries: &'a MessageSummaries,
    /// Whether a message is wanted.
    pub filter: &'a dyn Fn(&MessageSummary) -> bool,
    /// What was odd about the body, in sentences.
    pub warnings: &'a [String],
}

/// One message that could be read.
#[derive(Clone, Copy)]
pub struct ExportedMessage<'a> {
    /// Its place among all messages of the thread as they are shown, from 1.
    pub number: usize,
    /// Its place in the body, from 0.
    pub index: u32,
    /// The JSON that the message's pieces are pieces of.
    pub raw: &'a [u8],
    pub message: &'a Message,
}

/// One message that could not be read.
#[derive(Clone, Copy)]
pub struct Unreadable<'a> {
    /// As [`Item::number`].
    pub number: usize,
    /// As [`Item::index`].
    pub index: u32,
    pub reason: &'a str,
}

/// A format. Calls come in this order: `begin`, then `message` and `lost` as the thread has them, then `end`.
pub trait Writer {
    /// What stands before the messages.
    ///
    /// # Errors
    /// Those of `out`, as everywhere here.
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()>;

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        document: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()>;

    fn write_unreadable(
        &mut self,
        out: &mut dyn Write,
        document: &ExportedThread<'_>,
        lost: &Unreadable<'_>,
    ) -> io::Result<()>;

    /// What stands after the messages.
    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()>;
}

/// A status in the service's own word; none where it says nothing.
fn status_word(status: Status, text: &str) -> Option<&str> {
    match status {
        _ if !text.is_empty() => Some(text),
        Status::Success => Some("SUCCESS"),
        Status::Error => Some("ERROR"),
        Status::Canceled => Some("CANCELED"),
        Status::Other | Status::Unknown => None,
    }
}

/// What accompanies the writing of a thread.
pub struct WriteOptions<'a> {
    /// Hears after each message how many of all were looked at.
    pub on_progress: &'a mut dyn FnMut(usize),
    /// Masks each message before it is read.
    pub redactor: Option<&'a mut Redactor>,
}

/// Writes a thread.
///
/// # Errors
/// Those of `out`.
pub fn write_thread(
    document: &ExportedThread<'_>,
    writer: &mut dyn Writer,
    out: &mut dyn Write,
    course: &mut WriteOptions<'_>,
) -> io::Result<()> {
    writer.begin(out, document)?;
    for (at, head) in document.summaries.iter().enumerate() {
        if (document.filter)(head) {
            write_entry(document, writer, out, (at + 1, head, course.redactor.as_deref_mut()))?;
        }
        (course.on_progress)(at + 1);
    }
    writer.end(out, document)
}

fn write_entry(
    document: &ExportedThread<'_>,
    writer: &mut dyn Writer,
    out: &mut dyn Write,
    (number, head, redactor): (usize, &MessageSummary, Option<&mut Redactor>),
) -> io::Result<()> {
    let index = head.index;
    if let Some(fault) = &head.read_error {
        return writer.write_unreadable(out, document, &Unreadable { number, index, reason: &fault.reason });
    }
    let came = head.raw.bytes();
    let raw = redactor.map_or(Cow::Borrowed(came), |redactor| Cow::Owned(redactor.redact_json(came)));
    let message = document.provider.read_message(&raw);
    writer.write_message(out, document, &ExportedMessage { number, index, raw: &raw, message: &message })
}

/// The thread's own fields with their secrets masked.
pub fn redact_thread(provider: &dyn Provider, thread: &Thread, redactor: &mut Redactor) -> Thread {
    let mut masked = provider.read_thread(&redactor.redact_json(&thread.envelope));
    if let Some(details) = &thread.details {
        provider.add_details(&mut masked, &redactor.redact_json(details));
    }
    masked
}

#[cfg(test)]
mod tests;
