//! The payloads of a span.

use super::{ByteRange, Span};

/// The four payloads of a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpanPart {
    #[default]
    Input,
    Output,
    Expected,
    Metadata,
}

impl SpanPart {
    /// All parts, in their order on the screen.
    pub const ALL: [Self; 4] = [Self::Input, Self::Output, Self::Expected, Self::Metadata];

    /// Returns the name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Output => "Output",
            Self::Expected => "Expected",
            Self::Metadata => "Metadata",
        }
    }

    /// Its range in the message's JSON.
    pub fn byte_range(self, span: &Span) -> ByteRange {
        match self {
            Self::Input => span.input,
            Self::Output => span.output,
            Self::Expected => span.expected,
            Self::Metadata => span.metadata,
        }
    }
}
