//! A job that builds the formatted view of a payload. For large payloads, a task runs it.

use std::sync::Arc;

use super::{PayloadContext, PreviousCall, document};
use crate::domain::{MessageKey, Raw, SpanPart};
use crate::view::MessageView;
use crate::view::document::Document;

/// A formatted view to build, with its input.
#[derive(Clone, Debug)]
pub struct PayloadJob {
    pub message: MessageKey,
    pub node: u32,
    pub part: SpanPart,
    pub width: usize,
    pub view: Arc<MessageView>,
    pub raw: Raw,
    pub previous_call: Option<(String, Raw)>,
}

impl PayloadJob {
    /// Builds the view. The time grows with the size of the payload, up to a limit.
    pub fn run(&self) -> PayloadResult {
        let Self { message, node, part, width, .. } = *self;
        PayloadResult { message, key: (node, part), width, document: self.build_document() }
    }

    /// Builds the document; `None` if the payload has no formatted view.
    pub fn build_document(&self) -> Option<Document> {
        let message = &self.view.message;
        let span = self.view.forest.span(&message.spans, self.node)?;
        let previous_call =
            self.previous_call.as_ref().map(|(name, input)| PreviousCall { name, input: input.bytes() });
        let (part, width) = (self.part, self.width);
        document(&PayloadContext { message, raw: self.raw.bytes(), span, part, width, previous_call })
    }

    /// Returns the size of the payload in bytes.
    pub fn payload_size(&self) -> usize {
        let span = self.view.forest.span(&self.view.message.spans, self.node);
        span.map_or(0, |span| self.part.byte_range(span).slice(self.raw.bytes()).len())
    }
}

/// The formatted view that a job built.
#[derive(Clone, Debug)]
pub struct PayloadResult {
    pub message: MessageKey,
    pub key: (u32, SpanPart),
    pub width: usize,
    /// `None` if the payload has no formatted view.
    pub document: Option<Document>,
}
