//! OTLP's JSON: one `ExportTraceServiceRequest`, written span by span. Ids are hexadecimal, 64-bit numbers are strings,
//! enumerations are numbers.

use std::io::{self, Write};

use super::turn::{Numbering, turn};
use super::{Attributes, KIND_INTERNAL, OtlpSpan, SCOPE, Value, resource};
use crate::export::json::Json;
use crate::export::{Document, Item, Lost, Writer};

/// Writes the thread as one request.
#[derive(Clone, Debug, Default)]
pub struct OtlpJson {
    numbering: Numbering,
    any: bool,
}

impl Writer for OtlpJson {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        write!(out, "{{\"resourceSpans\":[{{\"resource\":")?;
        Json::new(out).object(|json| attributes(json, &resource(document.provider.service())))?;
        write!(out, ",\n\"scopeSpans\":[{{\"scope\":")?;
        Json::new(out).object(|json| {
            json.field("name", SCOPE)?;
            json.field("version", env!("CARGO_PKG_VERSION"))
        })?;
        write!(out, ",\n\"spans\":[")
    }

    fn message(&mut self, out: &mut dyn Write, document: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        for one in turn(document, item, &mut self.numbering) {
            out.write_all(if self.any { b",\n" } else { b"\n" })?;
            self.any = true;
            span(&mut Json::new(out), &one)?;
        }
        Ok(())
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, _: &Lost<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        out.write_all(b"]}]}]}\n")
    }
}

fn span(json: &mut Json<'_>, span: &OtlpSpan) -> io::Result<()> {
    json.object(|json| {
        json.field("traceId", &hex(&span.trace_id))?;
        json.field("spanId", &hex(&span.span_id))?;
        if let Some(parent) = &span.parent {
            json.field("parentSpanId", &hex(parent))?;
        }
        json.field("name", &span.name)?;
        json.field("kind", i64::from(KIND_INTERNAL))?;
        json.field("startTimeUnixNano", &span.start.to_string())?;
        json.field("endTimeUnixNano", &span.end.to_string())?;
        attributes(json, &span.attributes)?;
        json.key("events")?;
        json.array(|json| {
            span.moments.iter().try_for_each(|moment| {
                json.object(|json| {
                    json.field("timeUnixNano", &moment.time.to_string())?;
                    json.field("name", moment.name)?;
                    attributes(json, &moment.attributes)
                })
            })
        })?;
        json.key("status")?;
        json.object(|json| {
            json.field("code", span.code as i64)?;
            if span.message.is_empty() { Ok(()) } else { json.field("message", &span.message) }
        })
    })
}

fn attributes(json: &mut Json<'_>, attributes: &Attributes) -> io::Result<()> {
    json.key("attributes")?;
    json.array(|json| {
        attributes.iter().try_for_each(|(key, value)| {
            json.object(|json| {
                json.field("key", *key)?;
                json.key("value")?;
                json.object(|json| match value {
                    Value::Text(text) => json.field("stringValue", text),
                    Value::Int(number) => json.field("intValue", &number.to_string()),
                    Value::Float(number) => json.field("doubleValue", *number),
                    Value::Bool(yes) => json.field("boolValue", *yes),
                })
            })
        })
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
