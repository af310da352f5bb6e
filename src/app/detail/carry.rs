//! What was done to messages outlives a fresh copy of their thread: selections, folds and scroll positions of those whose
//! bytes are the same, and the place in the selected one though it changed.

use std::collections::HashMap;

use crate::app::App;
use crate::app::detail::spans::Part;
use crate::app::detail::{Detail, Shown};
use crate::domain::{Head, Heads, Raw};
use crate::event::MessageKey;

/// Where one was in a message that changed.
#[derive(Clone, Debug)]
pub struct Resume {
    span: Option<String>,
    part: Part,
    text_offset: usize,
}

impl Shown {
    /// The same over another copy of the same bytes, which are let go with the old copy otherwise.
    fn rebase(&mut self, key: MessageKey, raw: &Raw) {
        self.key = key;
        self.raw = raw.clone();
        // It tells of the thread, and how old it is.
        self.metadata = None;
        if let Some(view) = self.json.as_mut() {
            view.rebase(raw.part(raw.whole()));
        }
        self.spans.readings.ask_again();
        let prepared = &self.prepared;
        self.spans.rebase_trees(|node, part| {
            let span = prepared.forest.span(&prepared.message.spans, node)?;
            Some(raw.part(part.piece(span)))
        });
    }
}

impl Detail {
    /// Takes what is prepared over to a fresh copy of the thread; what is of messages that changed is forgotten.
    pub fn carry_over(&mut self, heads: &Heads, generation: u64, selected: Option<MessageKey>) {
        self.resume = selected.and_then(|key| self.front(key)).map(|shown| Resume {
            span: shown
                .spans
                .node()
                .and_then(|node| shown.prepared.forest.span(&shown.prepared.message.spans, node))
                .map(|span| span.id.clone()),
            part: shown.spans.part,
            text_offset: shown.text_offset,
        });
        let front = self.shown.first().map(|shown| shown.prepared.message.id.clone());
        let fresh = same_messages(&self.shown, heads);
        self.shown.retain_mut(|shown| {
            let Some(head) = fresh.get(&shown.key) else { return false };
            shown.rebase(MessageKey { generation, index: head.index }, &head.raw);
            true
        });
        let is_kept =
            self.shown.first().is_some_and(|shown| Some(&shown.prepared.message.id) == front.as_ref());
        if is_kept {
            self.resume = None;
        }
        self.waiting = None;
        self.feedback = self.feedback.renewed();
    }
}

/// For each prepared message the head in the fresh copy that has its id and its bytes.
fn same_messages<'a>(shown: &[Shown], heads: &'a Heads) -> HashMap<MessageKey, &'a Head> {
    let mut wanted: HashMap<usize, Vec<&Shown>> = HashMap::new();
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
    pub(super) fn resume(&mut self) {
        if self.detail.resume.is_none() || self.shown().is_none() {
            return;
        }
        let Some(Resume { span, part, text_offset }) = self.detail.resume.take() else { return };
        let Some(shown) = self.shown_mut() else { return };
        shown.text_offset = text_offset;
        shown.spans.part = part;
        let spans = &shown.prepared.message.spans;
        let place = span.and_then(|id| spans.iter().position(|span| span.id == id));
        let place = place.and_then(|place| u32::try_from(place).ok());
        if let Some(node) = place.and_then(|place| shown.prepared.forest.node_of_span(place)) {
            shown.spans.select_node(&shown.prepared.forest, node);
        }
    }
}
