//! OTLP's JSON: one `ExportTraceServiceRequest`, written span by span. Ids are hexadecimal, 64-bit numbers are strings,
//! enumerations are numbers.

use std::io::{self, Write};

use super::turn::{IdDisambiguator, turn_spans};
use super::{AttributeValue, Attributes, OtlpSpan, SCOPE_NAME, SPAN_KIND_INTERNAL, resource_attributes};
use crate::export::json::JsonWriter;
use crate::export::{ExportedMessage, ExportedThread, Unreadable, Writer};

/// Writes the thread as one request.
#[derive(Clone, Debug, Default)]
pub struct OtlpJson {
    disambiguator: IdDisambiguator,
    has_spans: bool,
}

impl Writer for OtlpJson {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        write!(out, "{{\"resourceSpans\":[{{\"resource\":")?;
        JsonWriter::new(out)
            .object(|json| write_attributes(json, &resource_attributes(document.provider.id())))?;
        write!(out, ",\n\"scopeSpans\":[{{\"scope\":")?;
        JsonWriter::new(out).object(|json| {
            json.field("name", SCOPE_NAME)?;
            json.field("version", env!("CARGO_PKG_VERSION"))
        })?;
        write!(out, ",\n\"spans\":[")
    }

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        document: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        for one in turn_spans(document, item, &mut self.disambiguator) {
            out.write_all(if self.has_spans { b",\n" } else { b"\n" })?;
            self.has_spans = true;
            write_span(&mut JsonWriter::new(out), &one)?;
        }
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

    fn end(&mut self, out: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        out.write_all(b"]}]}]}\n")
    }
}

fn write_span(json: &mut JsonWriter<'_>, span: &OtlpSpan) -> io::Result<()> {
    json.object(|json| {
        json.field("traceId", &hex(&span.trace_id))?;
        json.field("spanId", &hex(&span.span_id))?;
        if let Some(parent) = &span.parent_span_id {
            json.field("parentSpanId", &hex(parent))?;
        }
        json.field("name", &span.name)?;
        json.field("kind", i64::from(SPAN_KIND_INTERNAL))?;
        json.field("startTimeUnixNano", &span.start.to_string())?;
        json.field("endTimeUnixNano", &span.end.to_string())?;
        write_attributes(json, &span.attributes)?;
        json.key("events")?;
        json.array(|json| {
            span.events.iter().try_for_each(|moment| {
                json.object(|json| {
                    json.field("timeUnixNano", &moment.time.to_string())?;
                    json.field("name", moment.name)?;
                    write_attributes(json, &moment.attributes)
                })
            })
        })?;
        json.key("status")?;
        json.object(|json| {
            json.field("code", span.status_code as i64)?;
            if span.status_message.is_empty() { Ok(()) } else { json.field("message", &span.status_message) }
        })
    })
}

fn write_attributes(json: &mut JsonWriter<'_>, attributes: &Attributes) -> io::Result<()> {
    json.key("attributes")?;
    json.array(|json| {
        attributes.iter().try_for_each(|(key, value)| {
            json.object(|json| {
                json.field("key", *key)?;
                json.key("value")?;
                json.object(|json| match value {
                    AttributeValue::Text(text) => json.field("stringValue", text),
                    AttributeValue::Int(number) => json.field("intValue", &number.to_string()),
                    AttributeValue::Float(number) => json.field("doubleValue", *number),
                    AttributeValue::Bool(yes) => json.field("boolValue", *yes),
                })
            })
        })
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
