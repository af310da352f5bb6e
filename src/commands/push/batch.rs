//! Batching: spans are gathered into encoded requests of a size that collectors accept.

use std::io::{self, Write};

use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::sync::mpsc::Sender as Outbox;

use crate::export::otlp::{self, Annotation, TraceBuilder};
use crate::export::{ExportedMessage, ExportedThread, Writer};

/// The maximum number of spans and encoded bytes of a batch: the defaults of collectors.
const MAX_BATCH_SPANS: usize = 512;
const MAX_BATCH_BYTES: usize = 4_000_000;

/// The maximum number of bytes in a text; less for a span that would still be too large.
const MAX_TEXT_BYTES: usize = 512 << 10;
const MAX_TEXT_BYTES_IN_LARGE_SPAN: usize = 32 << 10;

/// An encoded request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Batch {
    pub body: Vec<u8>,
    pub spans: usize,
    /// The messages that are complete with this batch.
    pub messages: usize,
    /// The earliest start and the latest end, in nanoseconds since 1970.
    pub times: Option<(u64, u64)>,
    /// The feedback on its traces, and on earlier traces without a batch.
    pub annotations: Vec<Annotation>,
}

/// Gathers spans and sends batches to the outbox.
pub(super) struct BatchBuilder {
    service: &'static str,
    outbox: Outbox<Batch>,
    traces: TraceBuilder,
    spans: Vec<Span>,
    bytes: usize,
    messages: usize,
}

impl BatchBuilder {
    /// `salt` is part of all ids.
    pub(super) fn new(service: &'static str, salt: String, outbox: Outbox<Batch>) -> Self {
        Self {
            service,
            outbox,
            traces: TraceBuilder::with_salt(salt),
            spans: Vec::new(),
            bytes: 0,
            messages: 0,
        }
    }

    fn push_all(&mut self, spans: Vec<Span>) -> io::Result<()> {
        spans.into_iter().try_for_each(|span| self.push(otlp::truncate_texts(span, MAX_TEXT_BYTES)))
    }

    fn push(&mut self, span: Span) -> io::Result<()> {
        let is_large = otlp::text_bytes(&span) > MAX_BATCH_BYTES / 2;
        let span = if is_large { otlp::truncate_texts(span, MAX_TEXT_BYTES_IN_LARGE_SPAN) } else { span };
        let length = span.encoded_len() + 8;
        if self.spans.len() >= MAX_BATCH_SPANS || self.bytes + length > MAX_BATCH_BYTES {
            self.flush()?;
        }
        self.bytes += length;
        self.spans.push(span);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.spans.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let spans = std::mem::take(&mut self.spans);
        let start = spans.iter().map(|span| span.start_time_unix_nano).filter(|start| *start > 0).min();
        let end = spans.iter().map(|span| span.end_time_unix_nano).max();
        let batch = Batch {
            times: start.zip(end),
            annotations: self.traces.take_annotations(),
            spans: spans.len(),
            messages: std::mem::take(&mut self.messages),
            body: otlp::export_request(self.service, spans).encode_to_vec(),
        };
        self.outbox.blocking_send(batch).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Writer for BatchBuilder {
    fn write_message(&mut self, _: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let spans = self.traces.add(item);
        self.push_all(spans)?;
        self.messages += 1;
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        let spans = self.traces.finish();
        self.push_all(spans)?;
        self.flush()
    }
}
