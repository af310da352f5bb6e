//! A payload document to be built, by a task where the payload is large.

use std::sync::Arc;

use super::{PayloadContext, PreviousCall, document};
use crate::domain::{MessageKey, Raw, SpanPart};
use crate::view::MessageView;
use crate::view::document::Document;

/// A reading view to be made, and all that it takes.
#[derive(Clone, Debug)]
pub struct PayloadJob {
    pub message: MessageKey,
    pub node: u32,
    pub part: SpanPart,
    pub width: usize,
    pub prepared: Arc<MessageView>,
    pub raw: Raw,
    pub previous_call: Option<(String, Raw)>,
}

impl PayloadJob {
    /// Makes it. Pure; takes as long as the payload is large, within bounds.
    pub fn run(&self) -> PayloadResult {
        let Self { message, node, part, width, .. } = *self;
        PayloadResult { message, key: (node, part), width, document: self.build_document() }
    }

    pub fn build_document(&self) -> Option<Document> {
        let message = &self.prepared.message;
        let span = self.prepared.forest.span(&message.spans, self.node)?;
        let earlier =
            self.previous_call.as_ref().map(|(name, input)| PreviousCall { name, input: input.bytes() });
        let (part, width) = (self.part, self.width);
        document(&PayloadContext {
            message,
            raw: self.raw.bytes(),
            span,
            part,
            width,
            previous_call: earlier,
        })
    }

    pub fn payload_size(&self) -> usize {
        let span = self.prepared.forest.span(&self.prepared.message.spans, self.node);
        span.map_or(0, |span| self.part.byte_range(span).slice(self.raw.bytes()).len())
    }
}

/// A reading view that was made.
#[derive(Clone, Debug)]
pub struct PayloadResult {
    pub message: MessageKey,
    pub key: (u32, SpanPart),
    pub width: usize,
    /// None if the payload has none.
    pub document: Option<Document>,
}
