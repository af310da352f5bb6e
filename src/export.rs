//! A thread as text for elsewhere: the common model as JSON, a conversation as plain text, and the other formats. Pure
//! writers over messages that are read one at a time, so that memory stays with the body and one message. Files and
//! standard output are in `runtime/script`.

mod artifact;
mod chrome;
mod facts;
mod flat;
mod format;
mod html;
mod json;
mod markdown;
pub mod otlp;
pub mod outline;
mod redact;
pub mod rows;
mod text;
mod time;

use std::borrow::Cow;
use std::io::{self, Write};

use crate::domain::{Head, Heads, Message, Status, Thread};
use crate::provider::Provider;

pub use chrome::Chrome;
pub use flat::{Csv, Ndjson, depths, without_type};
pub use format::ExportFormat;
pub use html::Html;
pub use json::JsonThread;
pub use markdown::Markdown;
pub use otlp::OtlpJson;
pub use redact::{Count, PatternError, Redactor};
pub use text::Conversation;

/// What is written: a thread and those of its messages that are wanted.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    pub provider: &'static dyn Provider,
    pub thread: &'a Thread,
    /// In the order in which they are written.
    pub heads: &'a Heads,
    /// Whether a message is wanted.
    pub keep: &'a dyn Fn(&Head) -> bool,
    /// What was odd about the body, in sentences.
    pub oddities: &'a [String],
}

/// One message that could be read.
#[derive(Clone, Copy)]
pub struct Item<'a> {
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
pub struct Lost<'a> {
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
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()>;

    fn message(&mut self, out: &mut dyn Write, document: &Document<'_>, item: &Item<'_>) -> io::Result<()>;

    fn lost(&mut self, out: &mut dyn Write, document: &Document<'_>, lost: &Lost<'_>) -> io::Result<()>;

    /// What stands after the messages.
    fn end(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()>;
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
pub struct Course<'a> {
    /// Hears after each message how many of all were looked at.
    pub done: &'a mut dyn FnMut(usize),
    /// Masks each message before it is read.
    pub redactor: Option<&'a mut Redactor>,
}

/// Writes a thread.
///
/// # Errors
/// Those of `out`.
pub fn write(
    document: &Document<'_>,
    writer: &mut dyn Writer,
    out: &mut dyn Write,
    course: &mut Course<'_>,
) -> io::Result<()> {
    writer.begin(out, document)?;
    for (at, head) in document.heads.iter().enumerate() {
        if (document.keep)(head) {
            one(document, writer, out, (at + 1, head, course.redactor.as_deref_mut()))?;
        }
        (course.done)(at + 1);
    }
    writer.end(out, document)
}

fn one(
    document: &Document<'_>,
    writer: &mut dyn Writer,
    out: &mut dyn Write,
    (number, head, redactor): (usize, &Head, Option<&mut Redactor>),
) -> io::Result<()> {
    let index = head.index;
    if let Some(fault) = &head.fault {
        return writer.lost(out, document, &Lost { number, index, reason: &fault.reason });
    }
    let came = head.raw.bytes();
    let raw = redactor.map_or(Cow::Borrowed(came), |redactor| Cow::Owned(redactor.json(came)));
    let message = document.provider.message(&raw);
    writer.message(out, document, &Item { number, index, raw: &raw, message: &message })
}

/// The thread's own fields with their secrets masked.
pub fn redacted(provider: &dyn Provider, thread: &Thread, redactor: &mut Redactor) -> Thread {
    let mut masked = provider.thread(&redactor.json(&thread.envelope));
    if let Some(details) = &thread.details {
        provider.add_details(&mut masked, &redactor.json(details));
    }
    masked
}

#[cfg(test)]
mod tests;
