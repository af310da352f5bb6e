//! Keeps the view state of messages across a reload of their thread: selections, folds and scroll positions. Messages with
//! equal bytes keep all of it. In messages that changed, such as a growing answer, the state is matched by span id and by
//! block title.

use std::collections::{HashMap, HashSet};

use crate::app::detail::json_tree::TreeView;
use crate::app::detail::payload::FormattedPayload;
use crate::app::detail::spans::SpansView;
use crate::app::detail::{Detail, MessageViewState};
use crate::app::panes::Panes;
use crate::domain::{MessageKey, MessageSummaries, MessageSummary, Raw, SpanPart};
use crate::json::tree::PathStep;
use crate::view::MessageView;
use crate::view::document::ScrolledDocument;

/// The view state of a message that changed.
#[derive(Debug)]
pub struct PreservedViewState {
    /// The message's id.
    message_id: String,
    text: ScrolledDocument,
    metadata: ScrolledDocument,
    selected_span_id: Option<String>,
    /// The first row in view.
    spans_offset: usize,
    folded_span_ids: HashSet<String>,
    part: SpanPart,
    formatted_payloads: Vec<(String, FormattedPayload)>,
    /// Payload trees by span id. They keep the old copy in memory, so only the selected message has them.
    payload_trees: Vec<(String, SpanPart, TreeView)>,
    /// The selected row of the Raw tab, if it was shown.
    json_path: Option<Vec<PathStep>>,
}

impl PreservedViewState {
    fn capture(state: MessageViewState) -> Self {
        let MessageViewState { view, text, metadata, mut spans, json, .. } = state;
        let id = |node: u32| Some(span_id(&view, node)?.to_owned());
        let nodes = 0..view.forest.node_count();
        let payloads = spans.payload_cache.take_all();
        let trees = std::mem::take(&mut spans.payload_trees);
        Self {
            message_id: view.message.id.clone(),
            text,
            metadata,
            selected_span_id: spans.selected_node_or_parent().and_then(id),
            spans_offset: spans.offset,
            folded_span_ids: nodes.filter(|node| spans.folds.is_folded(*node)).filter_map(id).collect(),
            part: spans.part,
            formatted_payloads: payloads
                .into_iter()
                .filter_map(|payload| Some((id(payload.node())?, payload)))
                .collect(),
            payload_trees: trees
                .into_iter()
                .filter_map(|((node, part), tree)| Some((id(node)?, part, tree)))
                .collect(),
            json_path: json.map(|tree| tree.tree().path(tree.selected)),
        }
    }

    /// Applies the state to the changed message.
    fn restore(self, state: &mut MessageViewState) {
        state.text.document.copy_folds_from(&self.text.document);
        state.text.offset = self.text.offset;
        state.metadata.offset = self.metadata.offset;
        let view = &state.view;
        let nodes: HashMap<&str, u32> =
            (0..view.forest.node_count()).filter_map(|node| Some((span_id(view, node)?, node))).collect();
        let spans = &mut state.spans;
        let folded: Vec<u32> =
            self.folded_span_ids.iter().filter_map(|id| nodes.get(id.as_str()).copied()).collect();
        spans.set_folded_nodes(&view.forest, folded);
        spans.part = self.part;
        spans.offset = self.spans_offset;
        if let Some(node) = self.selected_span_id.and_then(|id| nodes.get(id.as_str()).copied()) {
            spans.select_node_or_ancestor(&view.forest, node);
        }
        for (id, payload) in self.formatted_payloads.into_iter().rev() {
            if let Some(node) = nodes.get(id.as_str()) {
                spans.payload_cache.restore(payload, *node);
            }
        }
        for (id, part, mut tree) in self.payload_trees {
            let node = nodes.get(id.as_str()).copied();
            let span = node.and_then(|node| view.forest.span(&view.message.spans, node));
            let raw = span.map(|span| view.parsed_raw(&state.raw).slice(part.byte_range(span)));
            if let Some((node, raw)) = node.zip(raw)
                && tree.rebase_if_same(raw)
            {
                spans.payload_trees.push(((node, part), tree));
            }
        }
        state.json = self.json_path.map(|path| {
            let mut tree = TreeView::new(&state.raw, state.raw.full_range());
            tree.reveal_path(&path);
            tree
        });
    }
}

fn span_id(view: &MessageView, node: u32) -> Option<&str> {
    let span = view.forest.span(&view.message.spans, node)?;
    Some(span.id.as_str()).filter(|id| !id.is_empty())
}

impl SpansView {
    /// Replaces the bytes of each payload tree; drops trees whose payload is not in the new copy.
    fn rebase_trees(&mut self, mut bytes: impl FnMut(u32, SpanPart) -> Option<Raw>) {
        self.payload_trees.retain_mut(|((node, part), tree)| match bytes(*node, *part) {
            Some(raw) => {
                tree.rebase(raw);
                true
            }
            None => false,
        });
    }
}

impl MessageViewState {
    /// Replaces the bytes with an equal copy, so that the old body can be freed.
    fn rebase(&mut self, key: MessageKey, raw: &Raw) {
        self.key = key;
        self.raw = raw.clone();
        // The Metadata tab also shows fields of the thread and the time of the fetch.
        self.is_metadata_current = false;
        if let Some(tree) = self.json.as_mut() {
            tree.rebase(raw.slice(raw.full_range()));
        }
        self.spans.payload_cache.invalidate_in_progress();
        let (view, raw) = (&self.view, self.view.parsed_raw(raw));
        self.spans.rebase_trees(|node, part| {
            let span = view.forest.span(&view.message.spans, node)?;
            Some(raw.slice(part.byte_range(span)))
        });
    }
}

impl Detail {
    /// Moves the cache to the reloaded thread. For messages that changed, only the view state is preserved.
    pub fn preserve_on_reload(
        &mut self,
        summaries: &MessageSummaries,
        generation: u64,
        selected: Option<MessageKey>,
    ) {
        let unchanged = unchanged_messages(&self.cache, summaries);
        for mut state in std::mem::take(&mut self.cache) {
            if let Some(summary) = unchanged.get(&state.key) {
                state.rebase(MessageKey { generation, index: summary.index }, &summary.raw);
                self.cache.push(state);
                continue;
            }
            let is_in_front = Some(state.key) == selected;
            let mut saved = PreservedViewState::capture(state);
            if !is_in_front {
                saved.payload_trees.clear();
            }
            self.saved_states.retain(|old| old.message_id != saved.message_id);
            self.saved_states.push(saved);
        }
        let surplus = self.saved_states.len().saturating_sub(super::MAX_CACHED);
        self.saved_states.drain(..surplus);
        self.pending_read = None;
        self.feedback = self.feedback.for_reloaded_thread();
    }
}

/// Returns the summaries in the reloaded thread whose bytes equal those of a cached message, by that message's key.
fn unchanged_messages<'a>(
    cache: &[MessageViewState],
    summaries: &'a MessageSummaries,
) -> HashMap<MessageKey, &'a MessageSummary> {
    let mut by_size: HashMap<usize, Vec<&MessageViewState>> = HashMap::new();
    for state in cache {
        by_size.entry(state.raw.len()).or_default().push(state);
    }
    let mut unchanged = HashMap::new();
    for summary in summaries.iter() {
        let Some(candidates) = by_size.get(&summary.raw.len()) else { continue };
        for state in candidates {
            if !unchanged.contains_key(&state.key) && state.raw == summary.raw {
                unchanged.insert(state.key, summary);
            }
        }
    }
    unchanged
}

impl Panes<'_> {
    /// Restores the saved state of the selected message, once the changed message is prepared.
    pub(in crate::app) fn restore_view_state(&mut self) {
        if self.detail.saved_states.is_empty() {
            return;
        }
        let Some(id) = self.shown().message_state().map(|state| &state.view.message.id) else { return };
        let Some(index) = self.detail.saved_states.iter().position(|saved| saved.message_id == *id) else {
            return;
        };
        let saved = self.detail.saved_states.remove(index);
        if let Some(state) = self.message_state_mut() {
            saved.restore(state);
        }
    }
}
