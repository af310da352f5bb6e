//! Turns and their spans in the model of OpenTelemetry, named by the conventions of OpenTelemetry for generative models
//! and of OpenInference. Here they are plain values and OTLP's JSON; sending them is in `runtime/push`.

mod ids;
mod json;
mod names;
mod turn;

pub use json::OtlpJson;
pub use turn::{Numbering, turn};

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

impl OtlpSpan {
    /// How many bytes its texts have.
    pub fn texts(&self) -> usize {
        let moments = self.moments.iter().map(|moment| &moment.attributes);
        let attributes = moments.chain([&self.attributes]).flatten().map(|(_, value)| match value {
            Value::Text(text) => text.len(),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => 0,
        });
        self.name.len() + self.message.len() + attributes.sum::<usize>()
    }

    /// The span with no text longer than so many bytes; one that was cut says so.
    #[must_use]
    pub fn cut(mut self, most: usize) -> Self {
        let mut any = cut(&mut self.name, most) | cut(&mut self.message, most);
        for attributes in
            self.moments.iter_mut().map(|moment| &mut moment.attributes).chain([&mut self.attributes])
        {
            for (_, value) in attributes {
                if let Value::Text(text) = value {
                    any |= cut(text, most);
                }
            }
        }
        if any && !self.attributes.iter().any(|(name, _)| *name == CUT) {
            self.attributes.push((CUT, Value::Bool(true)));
        }
        self
    }
}

/// The attribute of a span whose texts are not whole.
const CUT: &str = "unspool.cut";

fn cut(text: &mut String, most: usize) -> bool {
    let too_long = text.len() > most;
    text.truncate(text.floor_char_boundary(most));
    too_long
}
