//! A prepared message with the user's selections, folds and scroll offsets.

use std::sync::Arc;

use crate::app::detail::json_tree::TreeView;
use crate::app::detail::spans::SpansView;
use crate::domain::{MessageKey, Raw};
use crate::view::MessageView;
use crate::view::document::ScrolledDocument;

/// The state of the detail pane for one message.
#[derive(Debug)]
pub struct MessageViewState {
    pub key: MessageKey,
    /// The JSON of the message; see [`MessageViewState::parsed_raw`] for byte ranges.
    pub raw: Raw,
    /// The number of columns to which texts are wrapped.
    pub width: usize,
    pub view: Arc<MessageView>,
    /// The document of the Message tab.
    pub text: ScrolledDocument,
    pub spans: SpansView,
    pub metadata: ScrolledDocument,
    /// Whether the metadata document is built and still valid.
    pub is_metadata_current: bool,
    /// The tree of the Raw tab, once it was shown.
    pub json: Option<TreeView>,
}

impl MessageViewState {
    pub(super) fn new(key: MessageKey, raw: Raw, width: usize, mut view: Arc<MessageView>) -> Self {
        // A fresh view has no other owner, so its parts are moved, not copied.
        let parts = Arc::get_mut(&mut view)
            .map(|view| (std::mem::take(&mut view.text), std::mem::take(&mut view.span_layout)));
        let (text, layout) = parts.unwrap_or_else(|| (view.text.clone(), view.span_layout.clone()));
        Self {
            key,
            raw,
            width,
            view,
            text: ScrolledDocument::new(text),
            spans: SpansView::new(layout),
            metadata: ScrolledDocument::default(),
            is_metadata_current: false,
            json: None,
        }
    }

    /// Returns the JSON to which the byte ranges of the message refer.
    pub fn parsed_raw(&self) -> &Raw {
        self.view.parsed_raw(&self.raw)
    }
}
