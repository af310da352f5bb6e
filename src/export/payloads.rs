//! The payloads of spans in the formats for people: the choice of spans, and their parts.

use std::io;

use clap::ValueEnum;

use super::ExportedThread;
use super::blocks::{self, BlockSink};
use crate::domain::{ByteRange, Language, Span};
use crate::json::Value;

/// The size of the messages up to which the automatic choice is all spans.
const MAX_AUTO_BYTES: usize = 8 << 20;

/// The spans whose payloads are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Payloads {
    /// Of no span
    #[default]
    None,
    /// Of failed spans
    Failed,
    /// Of all spans
    All,
    /// Of all spans, but only of failed ones in a thread of more than 8 MiB, so that its page opens fast
    Auto,
}

impl Payloads {
    /// Returns the words in the export menu.
    pub fn title(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Failed => "failed spans",
            Self::All => "all",
            Self::Auto => "automatic",
        }
    }

    /// Returns the next choice, wrapping around.
    pub fn next(self) -> Self {
        match self {
            Self::None => Self::Failed,
            Self::Failed => Self::All,
            Self::All => Self::Auto,
            Self::Auto => Self::None,
        }
    }

    /// Replaces the automatic choice with the one for a thread.
    pub(super) fn resolve(self, document: &ExportedThread<'_>) -> Self {
        if self != Self::Auto {
            return self;
        }
        let exported = document.summaries.iter().filter(|summary| (document.filter)(summary));
        let bytes: usize = exported.map(|summary| summary.raw.len()).sum();
        if bytes > MAX_AUTO_BYTES { Self::Failed } else { Self::All }
    }

    /// Returns whether the payloads of a span are written: it is chosen and has any.
    pub(super) fn has(self, span: &Span) -> bool {
        let is_chosen = match self {
            Self::None => false,
            Self::Failed => span.is_failed(),
            Self::All | Self::Auto => true,
        };
        is_chosen && parts(span).next().is_some()
    }
}

/// Returns the parts of a span that have a value: label and JSON inside the raw message.
fn parts(span: &Span) -> impl Iterator<Item = (&'static str, ByteRange)> {
    let parts = [
        ("input", span.input),
        ("output", span.output),
        ("expected output", span.expected),
        ("metadata", span.metadata),
    ];
    parts.into_iter().filter(|(_, range)| !range.is_empty())
}

/// Writes the parts of a span, whose ranges refer to `raw`: JSON indented, and a text verbatim.
pub(super) fn write_payloads<S: BlockSink>(sink: &mut S, span: &Span, raw: &[u8]) -> io::Result<()> {
    for (label, range) in parts(span) {
        sink.note(label)?;
        let value = Value::of(range.slice(raw));
        match (value.embedded_json(), value.as_str()) {
            (Some(inner), _) => blocks::write_json(sink, inner.as_bytes())?,
            (None, Some(text)) => sink.code(Language::Plain, &text)?,
            (None, None) => blocks::write_json(sink, value.raw())?,
        }
    }
    Ok(())
}
