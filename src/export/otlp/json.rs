//! OTLP JSON: one `ExportTraceServiceRequest`, written span by span. Ids are hexadecimal, 64-bit numbers are strings, and
//! enumerations are numbers. Fields with default values are omitted.

use std::io::{self, Write};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;

use super::trace_builder::TraceBuilder;
use super::{attributes, resource, scope};
use crate::export::json::JsonWriter;
use crate::export::{ExportedMessage, ExportedThread, Writer};
use crate::text::hex;

/// Writes the thread as one request.
#[derive(Debug, Default)]
pub struct OtlpJson {
    traces: TraceBuilder,
    has_spans: bool,
}

impl Writer for OtlpJson {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        write!(out, "{{\"resourceSpans\":[{{\"resource\":")?;
        let resource = resource(document.provider.id());
        JsonWriter::new(out).object(|json| write_attributes(json, &resource.attributes))?;
        write!(out, ",\n\"scopeSpans\":[{{\"scope\":")?;
        let scope = scope();
        JsonWriter::new(out).object(|json| {
            json.field("name", &scope.name)?;
            json.field("version", &scope.version)
        })?;
        write!(out, ",\n\"spans\":[")
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let spans = self.traces.add(item);
        self.write_spans(out, &spans)
    }

    fn end(&mut self, out: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        let spans = self.traces.finish();
        self.write_spans(out, &spans)?;
        out.write_all(b"]}]}]}\n")
    }
}

impl OtlpJson {
    fn write_spans(&mut self, out: &mut dyn Write, spans: &[Span]) -> io::Result<()> {
        spans.iter().try_for_each(|span| {
            out.write_all(if self.has_spans { b",\n" } else { b"\n" })?;
            self.has_spans = true;
            write_span(&mut JsonWriter::new(out), span)
        })
    }
}

fn write_span(json: &mut JsonWriter<'_>, span: &Span) -> io::Result<()> {
    json.object(|json| {
        json.field("traceId", &hex(&span.trace_id))?;
        json.field("spanId", &hex(&span.span_id))?;
        if !span.parent_span_id.is_empty() {
            json.field("parentSpanId", &hex(&span.parent_span_id))?;
        }
        json.field("name", &span.name)?;
        json.field("kind", i64::from(span.kind))?;
        json.field("startTimeUnixNano", &span.start_time_unix_nano.to_string())?;
        json.field("endTimeUnixNano", &span.end_time_unix_nano.to_string())?;
        write_attributes(json, &span.attributes)?;
        json.key("events")?;
        json.array(|json| {
            span.events.iter().try_for_each(|event| {
                json.object(|json| {
                    json.field("timeUnixNano", &event.time_unix_nano.to_string())?;
                    json.field("name", &event.name)?;
                    write_attributes(json, &event.attributes)
                })
            })
        })?;
        let Some(status) = &span.status else { return Ok(()) };
        json.key("status")?;
        json.object(|json| {
            json.field("code", i64::from(status.code))?;
            if status.message.is_empty() { Ok(()) } else { json.field("message", &status.message) }
        })
    })
}

/// Writes the members `cat` and `args` of a trace event: the kind of the span, and its full name, attributes and error.
pub fn write_arguments(json: &mut JsonWriter<'_>, span: &Span) -> io::Result<()> {
    let kind = span.attributes.iter().find(|attribute| attribute.key == "openinference.span.kind");
    match kind.and_then(attributes::value) {
        Some(Value::StringValue(kind)) => json.field("cat", kind)?,
        _ => json.field("cat", "CHAIN")?,
    }
    json.key("args")?;
    json.object(|json| {
        json.field("name", &span.name)?;
        let status = span.status.as_ref().map(|status| status.message.as_str());
        if let Some(message) = status.filter(|message| !message.is_empty()) {
            json.field("error", message)?;
        }
        span.attributes.iter().try_for_each(|attribute| {
            json.dynamic_key(&attribute.key)?;
            match attributes::value(attribute) {
                Some(Value::StringValue(text)) => json.value(text),
                Some(Value::IntValue(number)) => json.value(*number),
                Some(Value::DoubleValue(number)) => json.value(*number),
                Some(Value::BoolValue(yes)) => json.value(*yes),
                Some(Value::ArrayValue(list)) => {
                    let texts = list.values.iter().filter_map(|value| match &value.value {
                        Some(Value::StringValue(text)) => Some(text.as_str()),
                        _ => None,
                    });
                    json.value(&texts.collect::<Vec<_>>().join(", "))
                }
                // Other kinds are never built.
                _ => json.value(None::<i64>),
            }
        })
    })
}

fn write_attributes(json: &mut JsonWriter<'_>, attributes: &[KeyValue]) -> io::Result<()> {
    json.key("attributes")?;
    json.array(|json| {
        attributes.iter().try_for_each(|attribute| {
            json.object(|json| {
                json.field("key", &attribute.key)?;
                json.key("value")?;
                json.object(|json| match attributes::value(attribute) {
                    Some(Value::StringValue(text)) => json.field("stringValue", text),
                    Some(Value::IntValue(number)) => json.field("intValue", &number.to_string()),
                    Some(Value::DoubleValue(number)) => json.field("doubleValue", *number),
                    Some(Value::BoolValue(yes)) => json.field("boolValue", *yes),
                    Some(Value::ArrayValue(list)) => write_texts(json, list),
                    // Other kinds are never built.
                    _ => Ok(()),
                })
            })
        })
    })
}

fn write_texts(json: &mut JsonWriter<'_>, list: &ArrayValue) -> io::Result<()> {
    json.key("arrayValue")?;
    json.object(|json| {
        json.key("values")?;
        json.array(|json| {
            let texts = list.values.iter().filter_map(|value| match &value.value {
                Some(Value::StringValue(text)) => Some(text),
                _ => None,
            });
            texts.into_iter().try_for_each(|text| json.object(|json| json.field("stringValue", text)))
        })
    })
}
