//! Turns and their spans in the model of OpenTelemetry, named by the conventions of OpenTelemetry for generative models
//! and of OpenInference. Here they are plain values and OTLP's JSON; sending them is in `runtime/push`.

mod conventions;
mod ids;
mod json;
mod turn;

pub use json::OtlpJson;
pub use turn::{IdDisambiguator, turn_spans};

/// The name under which the program appears as the source of spans.
pub const SCOPE_NAME: &str = "unspool";

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

/// Attributes in the order in which they are written.
pub type Attributes = Vec<(&'static str, AttributeValue)>;

/// Something that happened at a moment of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanEvent {
    pub name: &'static str,
    /// Nanoseconds since 1970.
    pub time: u64,
    pub attributes: Attributes,
}

/// How a span ended, in OTLP's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCode {
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
    pub parent_span_id: Option<[u8; 8]>,
    pub name: String,
    /// Nanoseconds since 1970; what lies before counts as 0.
    pub start: u64,
    pub end: u64,
    pub attributes: Attributes,
    pub events: Vec<SpanEvent>,
    pub status_code: StatusCode,
    /// Why it failed; empty otherwise.
    pub status_message: String,
}

/// OTLP's number for a span of the inside of a service.
pub const SPAN_KIND_INTERNAL: i32 = 1;

/// What the spans come from.
pub fn resource_attributes(service: &str) -> Attributes {
    vec![
        ("service.name", AttributeValue::Text(service.to_owned())),
        ("telemetry.sdk.name", AttributeValue::Text(SCOPE_NAME.to_owned())),
    ]
}

impl OtlpSpan {
    /// How many bytes its texts have.
    pub fn text_bytes(&self) -> usize {
        let moments = self.events.iter().map(|moment| &moment.attributes);
        let attributes = moments.chain([&self.attributes]).flatten().map(|(_, value)| match value {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Int(_) | AttributeValue::Float(_) | AttributeValue::Bool(_) => 0,
        });
        self.name.len() + self.status_message.len() + attributes.sum::<usize>()
    }

    /// The span with no text longer than so many bytes; one that was cut says so.
    #[must_use]
    pub fn truncate_texts(mut self, most: usize) -> Self {
        let mut any = truncate(&mut self.name, most) | truncate(&mut self.status_message, most);
        for attributes in
            self.events.iter_mut().map(|moment| &mut moment.attributes).chain([&mut self.attributes])
        {
            for (_, value) in attributes {
                if let AttributeValue::Text(text) = value {
                    any |= truncate(text, most);
                }
            }
        }
        if any && !self.attributes.iter().any(|(name, _)| *name == TRUNCATED_KEY) {
            self.attributes.push((TRUNCATED_KEY, AttributeValue::Bool(true)));
        }
        self
    }
}

/// The attribute of a span whose texts are not whole.
const TRUNCATED_KEY: &str = "unspool.cut";

fn truncate(text: &mut String, most: usize) -> bool {
    let too_long = text.len() > most;
    text.truncate(text.floor_char_boundary(most));
    too_long
}
