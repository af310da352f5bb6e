//! Spans gathered into requests of a size that receivers take, and encoded.

use std::io::{self, Write};

use crate::export::otlp::{
    self, AttributeValue, Attributes, IdDisambiguator, OtlpSpan, SCOPE_NAME, SPAN_KIND_INTERNAL,
};
use crate::export::{ExportedMessage, ExportedThread, Unreadable, Writer};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;
use tokio::sync::mpsc::Sender as Outbox;

/// Spans of a batch, and bytes of their encoding: what collectors take by default.
const MAX_BATCH_SPANS: usize = 512;
const MAX_BATCH_BYTES: usize = 4_000_000;

/// Texts are cut after so many bytes; those of a span that is too large all the same, after fewer.
const MAX_TEXT_BYTES: usize = 512 << 10;
const MAX_TEXT_BYTES_IN_LARGE_SPAN: usize = 32 << 10;

/// A request ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub body: Vec<u8>,
    pub spans: usize,
    /// Messages that are complete with this batch.
    pub messages: usize,
}

/// Gathers spans and hands on batches.
pub(super) struct BatchBuilder {
    service: &'static str,
    outbox: Outbox<Batch>,
    id_disambiguator: IdDisambiguator,
    spans: Vec<Span>,
    bytes: usize,
    messages: usize,
}

impl BatchBuilder {
    pub(super) fn new(service: &'static str, outbox: Outbox<Batch>) -> Self {
        Self {
            service,
            outbox,
            id_disambiguator: IdDisambiguator::default(),
            spans: Vec::new(),
            bytes: 0,
            messages: 0,
        }
    }

    fn push(&mut self, made: OtlpSpan) -> io::Result<()> {
        let large = made.text_bytes() > MAX_BATCH_BYTES / 2;
        let span = encode_span(if large { made.truncate_texts(MAX_TEXT_BYTES_IN_LARGE_SPAN) } else { made });
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
        let batch = Batch {
            spans: spans.len(),
            messages: std::mem::take(&mut self.messages),
            body: build_request(self.service, spans).encode_to_vec(),
        };
        self.outbox.blocking_send(batch).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Writer for BatchBuilder {
    fn begin(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }

    fn write_message(
        &mut self,
        _: &mut dyn Write,
        document: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        let spans = otlp::turn_spans(document, item, &mut self.id_disambiguator);
        spans.into_iter().try_for_each(|span| self.push(span.truncate_texts(MAX_TEXT_BYTES)))?;
        self.messages += 1;
        Ok(())
    }

    fn write_unreadable(
        &mut self,
        _: &mut dyn Write,
        _: &ExportedThread<'_>,
        _: &Unreadable<'_>,
    ) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        self.flush()
    }
}

fn build_request(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope = InstrumentationScope {
        name: SCOPE_NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let resource =
        Resource { attributes: encode_attributes(otlp::resource_attributes(service)), ..Resource::default() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
    let resource_spans = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }
}

fn encode_span(span: OtlpSpan) -> Span {
    let events = span.events.into_iter().map(|moment| Event {
        time_unix_nano: moment.time,
        name: moment.name.to_owned(),
        attributes: encode_attributes(moment.attributes),
        ..Event::default()
    });
    Span {
        trace_id: span.trace_id.to_vec(),
        span_id: span.span_id.to_vec(),
        parent_span_id: span.parent_span_id.map(|parent| parent.to_vec()).unwrap_or_default(),
        name: span.name,
        kind: SPAN_KIND_INTERNAL,
        start_time_unix_nano: span.start,
        end_time_unix_nano: span.end,
        attributes: encode_attributes(span.attributes),
        events: events.collect(),
        status: Some(Status { message: span.status_message, code: span.status_code as i32 }),
        ..Span::default()
    }
}

fn encode_attributes(attributes: Attributes) -> Vec<KeyValue> {
    let value = |value| match value {
        AttributeValue::Text(text) => any_value::Value::StringValue(text),
        AttributeValue::Int(number) => any_value::Value::IntValue(number),
        AttributeValue::Float(number) => any_value::Value::DoubleValue(number),
        AttributeValue::Bool(yes) => any_value::Value::BoolValue(yes),
    };
    attributes
        .into_iter()
        .map(|(key, one)| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(value(one)) }),
            ..KeyValue::default()
        })
        .collect()
}
