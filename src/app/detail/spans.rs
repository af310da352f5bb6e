//! The spans tab: which rows of the tree are open, what is selected, how the time axis lies, and which part of the
//! selected span is shown below. Drawn by `ui/detail/spans`.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::payload::PayloadCache;
use crate::app::{App, scroll};
use crate::domain::{Span, SpanPart};
use crate::layout::{Direction, Pane};
use crate::trace::{self, Folds, Forest, Gap, Row, Scale, Visible};
use crate::view::span_layout::SpanLayout;

/// How many payload trees are kept for spans that were looked at.
const MAX_TREES: usize = 16;

/// The tab's state for one message.
#[derive(Debug)]
pub struct SpansView {
    pub folds: Folds,
    pub visible: Visible,
    pub gaps: Vec<Gap>,
    pub selected: usize,
    pub offset: usize,
    pub scale: Scale,
    /// Nodes that the end of the turn waited for, in order.
    critical_nodes: Vec<u32>,
    pub part: SpanPart,
    /// Payload trees of this message, the latest first.
    pub(super) payload_trees: Vec<((u32, SpanPart), TreeView)>,
    /// Their reading views.
    pub(super) payload_cache: PayloadCache,
}

impl Default for SpansView {
    fn default() -> Self {
        Self::new(SpanLayout::default())
    }
}

impl SpansView {
    /// Everything open, the first span selected.
    pub fn new(layout: SpanLayout) -> Self {
        let SpanLayout { visible, gaps, scale, critical_nodes } = layout;
        Self {
            visible,
            folds: Folds::none(),
            gaps,
            selected: 0,
            offset: 0,
            scale,
            critical_nodes,
            part: SpanPart::default(),
            payload_trees: Vec::new(),
            payload_cache: PayloadCache::default(),
        }
    }

    /// Rows that are open.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// Whether the end of the turn waited for this node.
    pub fn is_critical(&self, node: u32) -> bool {
        self.critical_nodes.binary_search(&node).is_ok()
    }

    /// The selected row.
    pub fn selected_row(&self) -> Option<Row> {
        self.visible.row(self.selected)
    }

    /// The node that is selected, or that the selected gap belongs to.
    pub fn selected_node(&self) -> Option<u32> {
        match self.selected_row()? {
            Row::Node(node) => Some(node),
            Row::Gap(gap) => gap.parent,
        }
    }

    /// A motion over the rows.
    pub fn move_selection(&mut self, action: Action, count: Option<usize>, page: usize) {
        if let Some(to) = scroll::motion_target(action, count, self.selected, self.len(), page) {
            self.selected = to;
        }
        self.keep_in_view(page);
    }

    /// Scrolls so that the selection is seen.
    pub fn keep_in_view(&mut self, page: usize) {
        self.selected = self.selected.min(self.len().saturating_sub(1));
        self.offset = scroll::into_view(self.selected, self.offset, page, self.len());
    }

    /// Selects a node, opening the folds above it.
    pub fn select_node(&mut self, forest: &Forest, node: u32) {
        self.folds.reveal(forest, node);
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
        if let Some(row) = self.visible.row_of(node) {
            self.selected = row;
        }
    }

    /// Folds these nodes and no others.
    pub(super) fn set_folded_nodes(&mut self, forest: &Forest, nodes: impl IntoIterator<Item = u32>) {
        self.folds = Folds::none();
        for node in nodes {
            self.folds.fold(node);
        }
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
    }

    /// Selects a node, or the folded one that hides it.
    pub(super) fn select_node_or_ancestor(&mut self, forest: &Forest, node: u32) {
        debug_assert!(forest.node(node).is_some(), "a node of another forest");
        self.selected = self.visible.visible_row_of(node).unwrap_or(self.selected);
    }

    /// Folding and moving along the tree. `level` is for folding to a level, from 1.
    pub fn fold(&mut self, action: Action, level: usize, forest: &Forest) {
        let before = self.selected_row();
        match action {
            Action::UnfoldAll => self.folds = Folds::none(),
            Action::FoldAll => self.folds = Folds::all(forest),
            Action::FoldToLevel => {
                let depth = u32::try_from(level.saturating_sub(1)).unwrap_or(u32::MAX);
                self.folds = Folds::to_level(forest, depth);
            }
            Action::ToggleFold | Action::FoldOrLeft | Action::UnfoldOrRight => {
                return self.fold_selected(action, forest);
            }
            Action::NextSibling => return self.select_sibling(Direction::Forward, forest),
            Action::PreviousSibling => return self.select_sibling(Direction::Backward, forest),
            _ => return,
        }
        self.refresh(forest, before);
    }

    fn refresh(&mut self, forest: &Forest, keep: Option<Row>) {
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
        let row = keep.and_then(|row| {
            self.visible.position(row).or_else(|| match row {
                Row::Node(node) => self.visible.visible_row_of(node),
                Row::Gap(gap) => self.visible.visible_row_of(gap.parent?),
            })
        });
        self.selected = row.unwrap_or(self.selected).min(self.len().saturating_sub(1));
    }

    fn fold_selected(&mut self, action: Action, forest: &Forest) {
        let Some(at) = self.selected_row() else { return };
        let Row::Node(node) = at else {
            if let (Action::FoldOrLeft, Some(parent)) = (action, self.selected_node()) {
                self.select_node(forest, parent);
            }
            return;
        };
        let leaf = forest.node(node).is_none_or(|found| found.is_leaf());
        let folded = self.folds.is_folded(node);
        match action {
            Action::ToggleFold if !leaf => self.folds.toggle(node),
            Action::FoldOrLeft if !leaf && !folded => self.folds.fold(node),
            Action::FoldOrLeft => {
                if let Some(parent) = forest.node(node).and_then(|found| found.parent) {
                    return self.select_node(forest, parent);
                }
            }
            Action::UnfoldOrRight if folded => self.folds.unfold(node),
            Action::UnfoldOrRight if !leaf => self.selected += 1,
            _ => return,
        }
        self.refresh(
            forest,
            self.selected_row().filter(|_| action == Action::UnfoldOrRight && !folded).or(Some(at)),
        );
    }

    fn select_sibling(&mut self, direction: Direction, forest: &Forest) {
        let Some(Row::Node(node)) = self.selected_row() else { return };
        let parent = forest.node(node).and_then(|found| found.parent);
        let siblings: Vec<u32> = match parent {
            Some(parent) => forest.children(parent).collect(),
            None => forest.roots().collect(),
        };
        let at = siblings.iter().position(|sibling| *sibling == node);
        let next = at.and_then(|at| match direction {
            Direction::Forward => siblings.get(at + 1),
            Direction::Backward => siblings.get(at.checked_sub(1)?),
        });
        if let Some(next) = next {
            self.select_node(forest, *next);
        }
    }

    /// A click on a row: selects it, and folds it if it was selected already.
    pub fn click(&mut self, row: usize, forest: &Forest) {
        let at = self.offset + row;
        if at >= self.len() {
            return;
        }
        if self.selected == at {
            self.fold_selected(Action::ToggleFold, forest);
        }
        self.selected = at.min(self.len().saturating_sub(1));
    }
}

impl App {
    /// The span whose payload is shown.
    pub fn selected_span(&self) -> Option<&Span> {
        let shown = self.message_state()?;
        shown.view.forest.span(&shown.view.message.spans, shown.spans.selected_node()?)
    }

    /// Keeps the selection in view and prepares the payload's tree; returns whether there is more to do.
    pub(super) fn prepare_spans(&mut self) -> bool {
        let areas = self.spans_areas();
        let Some(shown) = self.message_state_mut() else { return false };
        shown.spans.keep_in_view(usize::from(areas.tree.height));
        let Some(node) = shown.spans.selected_node() else { return false };
        let Some(span) = shown.view.forest.span(&shown.view.message.spans, node) else {
            return false;
        };
        let key = (node, shown.spans.part);
        let piece = shown.spans.part.byte_range(span);
        let trees = &mut shown.spans.payload_trees;
        match trees.iter().position(|(kept, _)| *kept == key) {
            Some(index) => {
                if let Some(window) = trees.get_mut(..=index) {
                    window.rotate_right(1);
                }
            }
            None => {
                trees.insert(0, (key, TreeView::new(&shown.raw, piece)));
                trees.truncate(MAX_TREES);
            }
        }
        let more = trees.first_mut().is_some_and(|(_, tree)| tree.prepare(usize::from(areas.payload.height)));
        self.prepare_payload();
        more
    }

    /// The payload's tree, once it is prepared.
    pub fn payload_tree(&self) -> Option<&TreeView> {
        let spans = &self.message_state()?.spans;
        let key = (spans.selected_node()?, spans.part);
        spans.payload_trees.iter().find(|(kept, _)| *kept == key).map(|(_, tree)| tree)
    }

    /// The same, to be changed.
    pub fn payload_tree_mut(&mut self) -> Option<&mut TreeView> {
        let spans = &mut self.message_state_mut()?.spans;
        let key = (spans.selected_node()?, spans.part);
        spans.payload_trees.iter_mut().find(|(kept, _)| *kept == key).map(|(_, tree)| tree)
    }

    /// Shows the next or previous payload of the span.
    pub(super) fn cycle_part(&mut self, direction: Direction) {
        if let Some(shown) = self.message_state_mut() {
            shown.spans.part = neighbour(shown.spans.part, direction);
        }
    }

    /// A click on the bar between tree and payload.
    pub(super) fn click_part(&mut self, column: u16) {
        let Some(shown) = self.message_state() else { return };
        let mut at = self.part_column(shown);
        for part in SpanPart::ALL {
            let width = part.title().len();
            if usize::from(column) >= at && usize::from(column) < at + width {
                self.focus = Pane::Payload;
                if let Some(shown) = self.message_state_mut() {
                    shown.spans.part = part;
                }
                return;
            }
            at += width + 3;
        }
    }

    /// The column, inside the detail pane, at which the names of the parts begin.
    pub fn part_column(&self, _shown: &super::MessageViewState) -> usize {
        1
    }

    /// Zooming and panning of the time axis, around the selected span.
    pub(crate) fn perform_time_axis(&mut self, action: Action) {
        if self.detail.tab != Tab::Spans {
            self.notify("the time axis is in the spans tab: 2 shows it");
            return;
        }
        let Some(shown) = self.message_state_mut() else { return };
        let forest = &shown.view.forest;
        let scale = &shown.spans.scale;
        let view = scale.view();
        let selected = shown.spans.selected_node().and_then(|node| forest.node(node));
        let middle = view.start.saturating_add(view.micros() / 2);
        let at = selected.map_or(middle, |node| node.start.saturating_add(node.micros() / 2));
        shown.spans.scale = match action {
            Action::ZoomTimeIn => scale.zoomed(2.0, at),
            Action::ZoomTimeOut => scale.zoomed(0.5, middle),
            Action::PanTimeLeft => scale.panned(-0.25),
            Action::PanTimeRight => scale.panned(0.25),
            Action::ToggleIdleTime if scale.is_folded() => scale.unfolded(),
            Action::ToggleIdleTime => scale.folded(&trace::idle_ranges(forest)),
            _ => scale.reset(),
        };
    }
}

fn neighbour(part: SpanPart, direction: Direction) -> SpanPart {
    let step = match direction {
        Direction::Forward => 1,
        Direction::Backward => SpanPart::ALL.len() - 1,
    };
    SpanPart::ALL.get((part as usize + step) % SpanPart::ALL.len()).copied().unwrap_or_default()
}
