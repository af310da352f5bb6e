//! Turns and their spans in the model of OpenTelemetry, named by the conventions of OpenTelemetry for generative models
//! and of OpenInference. Here they are plain values and OTLP's JSON; sending them is in `runtime/push`.

mod ids;
mod json;
mod names;
mod turn;

pub use json::OtlpJson;
pub use turn::{Limits, Numbering, turn};

/// The name under which the program appears as the source of spans.
pub const SCOPE: &str = "unspool";

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

/// Attributes in the order in which they are written.
pub type Attributes = Vec<(&'static str, Value)>;

/// Something that happened at a moment of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub name: &'static str,
    /// Nanoseconds since 1970.
    pub time: u64,
    pub attributes: Attributes,
}

/// How a span ended, in OTLP's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Unset = 0,
    Ok = 1,
    Error = 2,
}

/// A span as OTLP has it.
#[derive(Clone, Debug, PartialEq)]
pub struct OtlpSpan {
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    /// `None` for the turn itself.
    pub parent: Option<[u8; 8]>,
    pub name: String,
    /// Nanoseconds since 1970; what lies before counts as 0.
    pub start: u64,
    pub end: u64,
    pub attributes: Attributes,
    pub moments: Vec<Moment>,
    pub code: Code,
    /// Why it failed; empty otherwise.
    pub message: String,
}

/// OTLP's number for a span of the inside of a service.
pub const KIND_INTERNAL: i32 = 1;

/// What the spans come from.
pub fn resource(service: &str) -> Attributes {
    vec![
        ("service.name", Value::Text(service.to_owned())),
        ("telemetry.sdk.name", Value::Text(SCOPE.to_owned())),
    ]
}
