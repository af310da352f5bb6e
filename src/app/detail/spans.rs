//! The Spans tab: folds and selection of the tree, the time axis, and the part of the selected span that is shown below.
//! Drawn by `ui/detail/spans`.

mod tab;

use crate::action::Motion;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::payload::PayloadCache;
use crate::app::detail::tab::{label_at, neighbour};
use crate::app::scroll;
use crate::domain::SpanPart;
use crate::layout::Direction;
use crate::trace::{self, Coverage, Flags, Folds, Forest, Gap, Row, Scale, TimeRange, Visible};
use crate::view::document::ScrolledDocument;
use crate::view::span_layout::SpanLayout;

pub use tab::SpansTab;

/// The maximum number of payload trees in the cache of one message.
const MAX_TREES: usize = 16;

/// The first column of the part names, inside the detail pane.
pub const PART_COLUMN: usize = 1;

/// A change of the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeAxisCommand {
    ZoomIn,
    ZoomOut,
    PanLeft,
    PanRight,
    Reset,
    ToggleIdleTime,
}

/// The tab's state for one message.
#[derive(Debug)]
pub struct SpansView {
    pub folds: Folds,
    pub visible: Visible,
    pub gaps: Vec<Gap>,
    pub selected: usize,
    pub offset: usize,
    pub scale: Scale,
    /// Nodes on the critical path, sorted; empty if it is not shown.
    critical_nodes: Vec<u32>,
    /// The self time of each node in microseconds.
    self_times: Vec<i64>,
    pub turn: TimeRange,
    pub coverage: Coverage,
    pub part: SpanPart,
    /// Payload trees of this message, the most recent first.
    pub(super) payload_trees: Vec<((u32, SpanPart), TreeView)>,
    /// Formatted payloads of this message.
    pub(super) payload_cache: PayloadCache,
    /// The text about the selected gap, and its width.
    pub(super) untraced: Option<(Gap, usize, ScrolledDocument)>,
}

impl Default for SpansView {
    fn default() -> Self {
        Self::new(SpanLayout::default())
    }
}

impl SpansView {
    /// Creates the state with all spans unfolded and the first one selected.
    pub fn new(layout: SpanLayout) -> Self {
        let SpanLayout { visible, gaps, scale, critical_nodes, self_times, turn, coverage } = layout;
        Self {
            visible,
            folds: Folds::none(),
            gaps,
            selected: 0,
            offset: 0,
            scale,
            critical_nodes,
            self_times,
            turn,
            coverage,
            part: SpanPart::default(),
            payload_trees: Vec::new(),
            payload_cache: PayloadCache::default(),
            untraced: None,
        }
    }

    /// Returns the number of visible rows.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Returns whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// Returns whether the tree shows the critical path.
    pub fn shows_critical_path(&self) -> bool {
        !self.critical_nodes.is_empty()
    }

    /// Returns whether this node is on the critical path, or the path is not shown.
    pub fn is_bright(&self, node: u32) -> bool {
        !self.shows_critical_path() || self.critical_nodes.binary_search(&node).is_ok()
    }

    /// Returns the self time of a node in microseconds.
    pub fn self_micros(&self, node: u32) -> i64 {
        self.self_times.get(node as usize).copied().unwrap_or(0)
    }

    /// Returns the selected row.
    pub fn selected_row(&self) -> Option<Row> {
        self.visible.row(self.selected)
    }

    /// Returns the selected node; `None` while untraced time is selected.
    pub fn selected_node(&self) -> Option<u32> {
        match self.selected_row()? {
            Row::Node(node) => Some(node),
            Row::Gap(_) => None,
        }
    }

    /// Returns the selected node, or the one that the selected gap belongs to.
    pub fn selected_node_or_parent(&self) -> Option<u32> {
        match self.selected_row()? {
            Row::Node(node) => Some(node),
            Row::Gap(gap) => gap.parent,
        }
    }

    /// Returns the selected gap.
    pub fn selected_gap(&self) -> Option<Gap> {
        match self.selected_row()? {
            Row::Node(_) => None,
            Row::Gap(gap) => Some(gap),
        }
    }

    /// Returns the selected node and part.
    pub(super) fn payload_key(&self) -> Option<(u32, SpanPart)> {
        Some((self.selected_node()?, self.part))
    }

    /// Applies a motion to the rows.
    pub fn move_selection(&mut self, motion: Motion, count: Option<usize>, page: usize) {
        self.selected = scroll::motion_target(motion, count, self.selected, self.len(), page);
        self.keep_in_view(page);
    }

    /// Scrolls the selection into view.
    pub fn keep_in_view(&mut self, page: usize) {
        self.selected = self.selected.min(self.len().saturating_sub(1));
        self.offset = scroll::into_view(self.selected, self.offset, page, self.len());
    }

    /// Selects a node, and opens the folds above it.
    pub fn select_node(&mut self, forest: &Forest, node: u32) {
        self.folds.reveal(forest, node);
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
        if let Some(row) = self.visible.row_of(node) {
            self.selected = row;
        }
    }

    /// Folds exactly these nodes.
    pub(super) fn set_folded_nodes(&mut self, forest: &Forest, nodes: impl IntoIterator<Item = u32>) {
        self.folds = Folds::none();
        for node in nodes {
            self.folds.fold(node);
        }
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
    }

    /// Selects a node, or the folded ancestor that hides it.
    pub(super) fn select_node_or_ancestor(&mut self, forest: &Forest, node: u32) {
        debug_assert!(forest.node(node).is_some(), "the node belongs to another forest");
        self.selected = self.visible.visible_row_of(node).unwrap_or(self.selected);
    }

    /// Runs a fold command.
    pub fn fold(&mut self, command: FoldCommand, forest: &Forest) {
        let selected = self.selected_row();
        match command {
            FoldCommand::OpenAll => self.folds = Folds::none(),
            FoldCommand::CloseAll => self.folds = Folds::all(forest),
            FoldCommand::ToLevel(level) => {
                let depth = u32::try_from(level.saturating_sub(1)).unwrap_or(u32::MAX);
                self.folds = Folds::to_level(forest, depth);
            }
            FoldCommand::Toggle => return self.toggle_selected(forest),
            FoldCommand::FoldOrParent => return self.close_or_leave(forest),
            FoldCommand::UnfoldOrChild => return self.open_or_enter(forest),
            FoldCommand::Sibling(direction) => return self.select_sibling(direction, forest),
        }
        self.refresh(forest, selected);
    }

    /// Updates the visible rows and selects `row`, or the ancestor that hides it.
    fn refresh(&mut self, forest: &Forest, row: Option<Row>) {
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
        let index = row.and_then(|row| {
            self.visible.position(row).or_else(|| match row {
                Row::Node(node) => self.visible.visible_row_of(node),
                Row::Gap(gap) => self.visible.visible_row_of(gap.parent?),
            })
        });
        self.selected = index.unwrap_or(self.selected).min(self.len().saturating_sub(1));
    }

    fn toggle_selected(&mut self, forest: &Forest) {
        if let Some(row @ Row::Node(node)) = self.selected_row()
            && has_children(forest, node)
        {
            self.folds.toggle(node);
            self.refresh(forest, Some(row));
        }
    }

    /// Folds the selected node if it is unfolded, else selects its parent.
    fn close_or_leave(&mut self, forest: &Forest) {
        let parent = match self.selected_row() {
            Some(row @ Row::Node(node)) if has_children(forest, node) && !self.folds.is_folded(node) => {
                self.folds.fold(node);
                return self.refresh(forest, Some(row));
            }
            Some(Row::Node(node)) => forest.node(node).and_then(|node| node.parent),
            Some(Row::Gap(gap)) => gap.parent,
            None => None,
        };
        if let Some(parent) = parent {
            self.select_node(forest, parent);
        }
    }

    /// Unfolds the selected node if it is folded, else selects its first child.
    fn open_or_enter(&mut self, forest: &Forest) {
        let Some(row @ Row::Node(node)) = self.selected_row() else { return };
        if self.folds.is_folded(node) {
            self.folds.unfold(node);
            self.refresh(forest, Some(row));
        } else if has_children(forest, node) {
            self.selected = (self.selected + 1).min(self.len().saturating_sub(1));
        }
    }

    fn select_sibling(&mut self, direction: Direction, forest: &Forest) {
        let Some(Row::Node(node)) = self.selected_row() else { return };
        let parent = forest.node(node).and_then(|node| node.parent);
        let siblings: Vec<u32> = match parent {
            Some(parent) => forest.children(parent).collect(),
            None => forest.roots().collect(),
        };
        let index = siblings.iter().position(|sibling| *sibling == node);
        let next = index.and_then(|index| match direction {
            Direction::Forward => siblings.get(index + 1),
            Direction::Backward => siblings.get(index.checked_sub(1)?),
        });
        if let Some(next) = next {
            self.select_node(forest, *next);
        }
    }

    /// Zooms or pans the time axis; zooming in is centred on the selected span.
    fn change_time_axis(&mut self, command: TimeAxisCommand, forest: &Forest) {
        let scale = &self.scale;
        let view = scale.view();
        let selected = self.selected_row().and_then(|row| match row {
            Row::Node(node) => forest.node(node).map(|node| (node.start, node.micros())),
            Row::Gap(gap) => Some((gap.start, gap.micros)),
        });
        let middle = view.start.saturating_add(view.micros() / 2);
        let center = selected.map_or(middle, |(start, micros)| start.saturating_add(micros / 2));
        self.scale = match command {
            TimeAxisCommand::ZoomIn => scale.zoomed(2.0, center),
            TimeAxisCommand::ZoomOut => scale.zoomed(0.5, middle),
            TimeAxisCommand::PanLeft => scale.panned(-0.25),
            TimeAxisCommand::PanRight => scale.panned(0.25),
            TimeAxisCommand::ToggleIdleTime if scale.is_folded() => scale.unfolded(),
            TimeAxisCommand::ToggleIdleTime => scale.folded(&trace::idle_ranges(forest)),
            TimeAxisCommand::Reset if scale.is_zoomed() => scale.reset(),
            TimeAxisCommand::Reset if scale.excludes_spans(forest) => Scale::fit(forest),
            TimeAxisCommand::Reset => Scale::of_roots(forest),
        };
    }

    /// Shows the next or previous part of the span.
    pub(super) fn cycle_part(&mut self, direction: Direction) {
        self.part = neighbour(&SpanPart::ALL, self.part, direction);
    }

    /// Handles a click on the bar between tree and payload.
    fn click_part(&mut self, column: u16) {
        let labels = SpanPart::ALL.into_iter().map(|part| (part, part.title().len()));
        self.part = label_at(labels, PART_COLUMN, usize::from(column)).unwrap_or(self.part);
    }

    /// Selects the first failed span without a failed descendant; backward, the last one.
    pub(in crate::app) fn select_failed(&mut self, forest: &Forest, direction: Direction) {
        let failures = root_failures(forest);
        let node = match direction {
            Direction::Forward => failures.first(),
            Direction::Backward => failures.last(),
        };
        if let Some(node) = node {
            self.select_node(forest, *node);
        }
    }

    /// Selects the longest untraced time.
    pub(in crate::app) fn select_longest_gap(&mut self, forest: &Forest) {
        let Some(gap) = self.gaps.iter().max_by_key(|gap| gap.micros).copied() else { return };
        if let Some(parent) = gap.parent {
            self.select_node(forest, parent);
        }
        self.selected = self.visible.position(Row::Gap(gap)).unwrap_or(self.selected);
    }

    /// Handles a click on a visible row: selects it, or folds it if it was selected already.
    pub fn click(&mut self, row: usize, forest: &Forest) {
        let row = self.offset + row;
        if row >= self.len() {
            return;
        }
        if self.selected == row {
            self.toggle_selected(forest);
        }
        self.selected = row.min(self.len().saturating_sub(1));
    }
}

/// Returns the failed spans without a failed descendant, where errors originate, in tree order.
pub(in crate::app) fn root_failures(forest: &Forest) -> Vec<u32> {
    let failed = |flags: Flags| flags.contains(Flags::FAILED) && !flags.contains(Flags::FAILED_DESCENDANT);
    (0..).zip(forest.nodes()).filter(|(_, node)| failed(node.flags)).map(|(index, _)| index).collect()
}

fn has_children(forest: &Forest, node: u32) -> bool {
    forest.node(node).is_some_and(|node| !node.is_leaf())
}
