//! What was done to messages outlives a fresh copy of their thread: selections, folds and scroll positions of those whose
//! bytes are the same. Of those that changed, as an answer does that is followed while it grows, it is kept by what
//! stays: the ids of spans, the titles of blocks.

use std::collections::{HashMap, HashSet};

use crate::app::App;
use crate::app::detail::payload::view::Reading;
use crate::app::detail::spans::{Part, SpansView};
use crate::app::detail::tree_view::TreeView;
use crate::app::detail::{Detail, Prepared, Shown};
use crate::app::document::Document;
use crate::domain::{Head, Heads, Raw};
use crate::event::MessageKey;
use crate::json::tree::Step;

/// What was done to a message that changed.
#[derive(Debug)]
pub struct Resume {
    /// The message's id.
    message: String,
    text: Document,
    text_offset: usize,
    metadata_offset: usize,
    /// The selected span.
    span: Option<String>,
    /// The first row in view.
    offset: usize,
    folded: HashSet<String>,
    part: Part,
    readings: Vec<(String, Reading)>,
    /// Payload trees by span; they hold on to the old copy, so only the message in front has some.
    trees: Vec<(String, Part, TreeView)>,
    /// The selected row of the raw JSON, if that was looked at.
    path: Option<Vec<Step>>,
}

impl Resume {
    fn of(shown: Shown) -> Self {
        let Shown { prepared, text, text_offset, metadata_offset, mut spans, json, .. } = shown;
        let id = |node: u32| Some(span_id(&prepared, node)?.to_owned());
        let nodes = 0..prepared.forest.node_count();
        let readings = spans.readings.take();
        let trees = std::mem::take(&mut spans.trees);
        Self {
            message: prepared.message.id.clone(),
            text,
            text_offset,
            metadata_offset,
            span: spans.node().and_then(id),
            offset: spans.offset,
            folded: nodes.filter(|node| spans.folds.is_folded(*node)).filter_map(id).collect(),
            part: spans.part,
            readings: readings.into_iter().filter_map(|one| Some((id(one.node())?, one))).collect(),
            trees: trees
                .into_iter()
                .filter_map(|((node, part), view)| Some((id(node)?, part, view)))
                .collect(),
            path: json.map(|view| view.tree().path(view.selected)),
        }
    }

    /// Does to a fresh copy of the message what was done to the old one.
    fn carry_out(self, shown: &mut Shown) {
        shown.text.fold_like(&self.text);
        shown.text_offset = self.text_offset;
        shown.metadata_offset = self.metadata_offset;
        let prepared = &shown.prepared;
        let nodes: HashMap<&str, u32> = (0..prepared.forest.node_count())
            .filter_map(|node| Some((span_id(prepared, node)?, node)))
            .collect();
        let spans = &mut shown.spans;
        let folded: Vec<u32> = self.folded.iter().filter_map(|id| nodes.get(id.as_str()).copied()).collect();
        spans.fold_nodes(&prepared.forest, folded);
        spans.part = self.part;
        spans.offset = self.offset;
        if let Some(node) = self.span.and_then(|id| nodes.get(id.as_str()).copied()) {
            spans.go_to_node(&prepared.forest, node);
        }
        for (id, reading) in self.readings.into_iter().rev() {
            if let Some(node) = nodes.get(id.as_str()) {
                spans.readings.adopt(reading, *node);
            }
        }
        for (id, part, mut view) in self.trees {
            let node = nodes.get(id.as_str()).copied();
            let span = node.and_then(|node| prepared.forest.span(&prepared.message.spans, node));
            let raw = span.map(|span| shown.raw.part(part.piece(span)));
            if let Some((node, raw)) = node.zip(raw)
                && view.rebase_if_same(raw)
            {
                spans.trees.push(((node, part), view));
            }
        }
        shown.json = self.path.map(|path| {
            let mut view = TreeView::new(&shown.raw, shown.raw.whole());
            view.reveal_path(&path);
            view
        });
    }
}

fn span_id(prepared: &Prepared, node: u32) -> Option<&str> {
    let span = prepared.forest.span(&prepared.message.spans, node)?;
    Some(span.id.as_str()).filter(|id| !id.is_empty())
}

impl SpansView {
    /// Gives each payload tree its bytes in another copy; one without any is dropped.
    fn rebase_trees(&mut self, mut bytes: impl FnMut(u32, Part) -> Option<Raw>) {
        self.trees.retain_mut(|((node, part), view)| match bytes(*node, *part) {
            Some(raw) => {
                view.rebase(raw);
                true
            }
            None => false,
        });
    }
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
    /// Takes what is prepared over to a fresh copy of the thread, or what was done to it where a message changed.
    pub fn carry_over(&mut self, heads: &Heads, generation: u64, selected: Option<MessageKey>) {
        let fresh = same_messages(&self.shown, heads);
        for mut shown in std::mem::take(&mut self.shown) {
            if let Some(head) = fresh.get(&shown.key) {
                shown.rebase(MessageKey { generation, index: head.index }, &head.raw);
                self.shown.push(shown);
                continue;
            }
            let in_front = Some(shown.key) == selected;
            let mut resume = Resume::of(shown);
            if !in_front {
                resume.trees.clear();
            }
            self.resumes.retain(|old| old.message != resume.message);
            self.resumes.push(resume);
        }
        let surplus = self.resumes.len().saturating_sub(super::MOST);
        self.resumes.drain(..surplus);
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
        if self.detail.resumes.is_empty() {
            return;
        }
        let Some(id) = self.shown().map(|shown| &shown.prepared.message.id) else { return };
        let Some(at) = self.detail.resumes.iter().position(|resume| resume.message == *id) else { return };
        let resume = self.detail.resumes.remove(at);
        if let Some(shown) = self.shown_mut() {
            resume.carry_out(shown);
        }
    }
}
