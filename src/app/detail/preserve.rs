//! What was done to messages outlives a fresh copy of their thread: selections, folds and scroll positions of those whose
//! bytes are the same. Of those that changed, as an answer does that is followed while it grows, it is kept by what
//! stays: the ids of spans, the titles of blocks.

use std::collections::{HashMap, HashSet};

use crate::app::App;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::payload::FormattedPayload;
use crate::app::detail::spans::SpansView;
use crate::app::detail::{Detail, MessageViewState};
use crate::domain::{MessageKey, MessageSummaries, MessageSummary, Raw, SpanPart};
use crate::json::tree::PathStep;
use crate::view::MessageView;
use crate::view::document::Document;

/// What was done to a message that changed.
#[derive(Debug)]
pub struct SavedViewState {
    /// The message's id.
    message_id: String,
    text: Document,
    text_offset: usize,
    metadata_offset: usize,
    /// The selected span.
    selected_span_id: Option<String>,
    /// The first row in view.
    spans_offset: usize,
    folded_span_ids: HashSet<String>,
    part: SpanPart,
    formatted_payloads: Vec<(String, FormattedPayload)>,
    /// Payload trees by span; they hold on to the old copy, so only the message in front has some.
    payload_trees: Vec<(String, SpanPart, TreeView)>,
    /// The selected row of the raw JSON, if that was looked at.
    json_path: Option<Vec<PathStep>>,
}

impl SavedViewState {
    fn capture(shown: MessageViewState) -> Self {
        let MessageViewState { view: prepared, text, text_offset, metadata_offset, mut spans, json, .. } =
            shown;
        let id = |node: u32| Some(span_id(&prepared, node)?.to_owned());
        let nodes = 0..prepared.forest.node_count();
        let readings = spans.payload_cache.take_all();
        let trees = std::mem::take(&mut spans.payload_trees);
        Self {
            message_id: prepared.message.id.clone(),
            text,
            text_offset,
            metadata_offset,
            selected_span_id: spans.selected_node().and_then(id),
            spans_offset: spans.offset,
            folded_span_ids: nodes.filter(|node| spans.folds.is_folded(*node)).filter_map(id).collect(),
            part: spans.part,
            formatted_payloads: readings.into_iter().filter_map(|one| Some((id(one.node())?, one))).collect(),
            payload_trees: trees
                .into_iter()
                .filter_map(|((node, part), view)| Some((id(node)?, part, view)))
                .collect(),
            json_path: json.map(|view| view.tree().path(view.selected)),
        }
    }

    /// Does to a fresh copy of the message what was done to the old one.
    fn restore(self, shown: &mut MessageViewState) {
        shown.text.copy_folds_from(&self.text);
        shown.text_offset = self.text_offset;
        shown.metadata_offset = self.metadata_offset;
        let prepared = &shown.view;
        let nodes: HashMap<&str, u32> = (0..prepared.forest.node_count())
            .filter_map(|node| Some((span_id(prepared, node)?, node)))
            .collect();
        let spans = &mut shown.spans;
        let folded: Vec<u32> =
            self.folded_span_ids.iter().filter_map(|id| nodes.get(id.as_str()).copied()).collect();
        spans.set_folded_nodes(&prepared.forest, folded);
        spans.part = self.part;
        spans.offset = self.spans_offset;
        if let Some(node) = self.selected_span_id.and_then(|id| nodes.get(id.as_str()).copied()) {
            spans.select_node_or_ancestor(&prepared.forest, node);
        }
        for (id, reading) in self.formatted_payloads.into_iter().rev() {
            if let Some(node) = nodes.get(id.as_str()) {
                spans.payload_cache.restore(reading, *node);
            }
        }
        for (id, part, mut view) in self.payload_trees {
            let node = nodes.get(id.as_str()).copied();
            let span = node.and_then(|node| prepared.forest.span(&prepared.message.spans, node));
            let raw = span.map(|span| shown.raw.slice(part.byte_range(span)));
            if let Some((node, raw)) = node.zip(raw)
                && view.rebase_if_same(raw)
            {
                spans.payload_trees.push(((node, part), view));
            }
        }
        shown.json = self.json_path.map(|path| {
            let mut view = TreeView::new(&shown.raw, shown.raw.full_range());
            view.reveal_path(&path);
            view
        });
    }
}

fn span_id(prepared: &MessageView, node: u32) -> Option<&str> {
    let span = prepared.forest.span(&prepared.message.spans, node)?;
    Some(span.id.as_str()).filter(|id| !id.is_empty())
}

impl SpansView {
    /// Gives each payload tree its bytes in another copy; one without any is dropped.
    fn rebase_trees(&mut self, mut bytes: impl FnMut(u32, SpanPart) -> Option<Raw>) {
        self.payload_trees.retain_mut(|((node, part), view)| match bytes(*node, *part) {
            Some(raw) => {
                view.rebase(raw);
                true
            }
            None => false,
        });
    }
}

impl MessageViewState {
    /// The same over another copy of the same bytes, which are let go with the old copy otherwise.
    fn rebase(&mut self, key: MessageKey, raw: &Raw) {
        self.key = key;
        self.raw = raw.clone();
        // It tells of the thread, and how old it is.
        self.metadata = None;
        if let Some(view) = self.json.as_mut() {
            view.rebase(raw.slice(raw.full_range()));
        }
        self.spans.payload_cache.invalidate_in_progress();
        let prepared = &self.view;
        self.spans.rebase_trees(|node, part| {
            let span = prepared.forest.span(&prepared.message.spans, node)?;
            Some(raw.slice(part.byte_range(span)))
        });
    }
}

impl Detail {
    /// Takes what is prepared over to a fresh copy of the thread, or what was done to it where a message changed.
    pub fn preserve_on_reload(
        &mut self,
        heads: &MessageSummaries,
        generation: u64,
        selected: Option<MessageKey>,
    ) {
        let fresh = unchanged_messages(&self.cache, heads);
        for mut shown in std::mem::take(&mut self.cache) {
            if let Some(head) = fresh.get(&shown.key) {
                shown.rebase(MessageKey { generation, index: head.index }, &head.raw);
                self.cache.push(shown);
                continue;
            }
            let in_front = Some(shown.key) == selected;
            let mut resume = SavedViewState::capture(shown);
            if !in_front {
                resume.payload_trees.clear();
            }
            self.saved_states.retain(|old| old.message_id != resume.message_id);
            self.saved_states.push(resume);
        }
        let surplus = self.saved_states.len().saturating_sub(super::MAX_CACHED);
        self.saved_states.drain(..surplus);
        self.pending_read = None;
        self.feedback = self.feedback.for_reloaded_thread();
    }
}

/// For each prepared message the head in the fresh copy that has its id and its bytes.
fn unchanged_messages<'a>(
    shown: &[MessageViewState],
    heads: &'a MessageSummaries,
) -> HashMap<MessageKey, &'a MessageSummary> {
    let mut wanted: HashMap<usize, Vec<&MessageViewState>> = HashMap::new();
    for one in shown {
        wanted.entry(one.raw.len()).or_default().push(one);
    }
    let mut found = HashMap::new();
    for head in heads.iter() {
        let Some(candidates) = wanted.get(&head.raw.len()) else { continue };
        for one in candidates {
            if !found.contains_key(&one.key) && one.raw == head.raw {
                found.insert(one.key, head);
            }
        }
    }
    found
}

impl App {
    /// Goes back to where one was in a message that changed, once it is prepared again.
    pub(super) fn restore_view_state(&mut self) {
        if self.detail.saved_states.is_empty() {
            return;
        }
        let Some(id) = self.message_state().map(|shown| &shown.view.message.id) else { return };
        let Some(at) = self.detail.saved_states.iter().position(|resume| resume.message_id == *id) else {
            return;
        };
        let resume = self.detail.saved_states.remove(at);
        if let Some(shown) = self.message_state_mut() {
            resume.restore(shown);
        }
    }
}
