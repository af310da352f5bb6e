//! A prepared message and what the user did to it: scroll offsets, folds, the selected span.

use std::sync::Arc;

use crate::app::detail::json_tree::TreeView;
use crate::app::detail::spans::SpansView;
use crate::domain::{MessageKey, Raw};
use crate::view::MessageView;
use crate::view::document::Document;
use crate::view::span_layout::SpanLayout;

/// What is prepared for one message, with what the user did to it.
#[derive(Debug)]
pub struct MessageViewState {
    pub key: MessageKey,
    pub raw: Raw,
    /// Columns that texts are wrapped to.
    pub width: usize,
    pub view: Arc<MessageView>,
    pub text: Document,
    pub text_offset: usize,
    pub spans: SpansView,
    pub metadata: Option<Document>,
    pub metadata_offset: usize,
    pub json: Option<TreeView>,
}

impl MessageViewState {
    pub(super) fn new(key: MessageKey, raw: Raw, width: usize, mut view: Arc<MessageView>) -> Self {
        // Nobody else holds a fresh view: its parts are moved out, not copied.
        let parts = Arc::get_mut(&mut view)
            .map(|own| (std::mem::take(&mut own.text), std::mem::take(&mut own.span_layout)));
        let (text, layout) = parts.unwrap_or_else(|| (view.text.clone(), SpanLayout::new(&view.forest)));
        Self {
            key,
            raw,
            width,
            text,
            text_offset: 0,
            spans: SpansView::new(layout),
            metadata: None,
            metadata_offset: 0,
            json: None,
            view,
        }
    }
}
