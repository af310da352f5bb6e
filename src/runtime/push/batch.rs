//! Spans gathered into requests of a size that receivers take, and encoded.

use std::io::{self, Write};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;
use tokio::sync::mpsc::Sender as Outbox;

use crate::export::otlp::{self, Attributes, KIND_INTERNAL, Numbering, OtlpSpan, SCOPE, Value};
use crate::export::{Document, Item, Lost, Writer};

/// Spans of a batch, and bytes of their encoding: what collectors take by default.
const SPANS: usize = 512;
const BYTES: usize = 4_000_000;

/// Texts are cut after so many bytes; those of a span that is too large all the same, after fewer.
const TEXT: usize = 512 << 10;
const SHORT_TEXT: usize = 32 << 10;

/// A request ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub body: Vec<u8>,
    pub spans: usize,
    /// Messages that are complete with this batch.
    pub messages: usize,
}

/// Gathers spans and hands on batches.
pub(super) struct Batches {
    service: &'static str,
    outbox: Outbox<Batch>,
    numbering: Numbering,
    spans: Vec<Span>,
    bytes: usize,
    messages: usize,
}

impl Batches {
    pub(super) fn new(service: &'static str, outbox: Outbox<Batch>) -> Self {
        Self { service, outbox, numbering: Numbering::default(), spans: Vec::new(), bytes: 0, messages: 0 }
    }

    fn add(&mut self, made: OtlpSpan) -> io::Result<()> {
        let large = made.texts() > BYTES / 2;
        let span = encoded(if large { made.cut(SHORT_TEXT) } else { made });
        let length = span.encoded_len() + 8;
        if self.spans.len() >= SPANS || self.bytes + length > BYTES {
            self.hand_on()?;
        }
        self.bytes += length;
        self.spans.push(span);
        Ok(())
    }

    fn hand_on(&mut self) -> io::Result<()> {
        if self.spans.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let spans = std::mem::take(&mut self.spans);
        let batch = Batch {
            spans: spans.len(),
            messages: std::mem::take(&mut self.messages),
            body: request(self.service, spans).encode_to_vec(),
        };
        self.outbox.blocking_send(batch).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Writer for Batches {
    fn begin(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, _: &mut dyn Write, document: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        let spans = otlp::turn(document, item, &mut self.numbering);
        spans.into_iter().try_for_each(|span| self.add(span.cut(TEXT)))?;
        self.messages += 1;
        Ok(())
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, _: &Lost<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        self.hand_on()
    }
}

fn request(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope = InstrumentationScope {
        name: SCOPE.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let resource = Resource { attributes: attributes(otlp::resource(service)), ..Resource::default() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
    let resource_spans = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }
}

fn encoded(span: OtlpSpan) -> Span {
    let events = span.moments.into_iter().map(|moment| Event {
        time_unix_nano: moment.time,
        name: moment.name.to_owned(),
        attributes: attributes(moment.attributes),
        ..Event::default()
    });
    Span {
        trace_id: span.trace_id.to_vec(),
        span_id: span.span_id.to_vec(),
        parent_span_id: span.parent.map(|parent| parent.to_vec()).unwrap_or_default(),
        name: span.name,
        kind: KIND_INTERNAL,
        start_time_unix_nano: span.start,
        end_time_unix_nano: span.end,
        attributes: attributes(span.attributes),
        events: events.collect(),
        status: Some(Status { message: span.message, code: span.code as i32 }),
        ..Span::default()
    }
}

fn attributes(attributes: Attributes) -> Vec<KeyValue> {
    let value = |value| match value {
        Value::Text(text) => any_value::Value::StringValue(text),
        Value::Int(number) => any_value::Value::IntValue(number),
        Value::Float(number) => any_value::Value::DoubleValue(number),
        Value::Bool(yes) => any_value::Value::BoolValue(yes),
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
