//! The Spans tab: folds and selection of the tree, the time axis, and the part of the selected span that is shown below.
//! Drawn by `ui/detail/spans`.

use crate::action::Motion;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::payload::{PayloadCache, PayloadView};
use crate::app::detail::tab::{TabView, label_at, neighbour};
use crate::app::detail::{MessageViewState, Tab, move_to_front};
use crate::app::panes::{Panes, Shown};
use crate::app::scroll;
use crate::app::text_page::OpenedValue;
use crate::domain::{Span, SpanPart};
use crate::json;
use crate::json::tree::PathStep;
use crate::layout::{Direction, Pane};
use crate::trace::{self, Coverage, Flags, Folds, Forest, Gap, Row, Scale, TimeRange, Visible};
use crate::view::Clip;
use crate::view::document::ScrolledDocument;
use crate::view::span_layout::SpanLayout;

/// Payload trees in the cache of one message.
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
    /// The text about the selected gap, for a width.
    pub(super) untraced: Option<(Gap, usize, ScrolledDocument)>,
}

impl Default for SpansView {
    fn default() -> Self {
        Self::new(SpanLayout::default())
    }
}

impl SpansView {
    /// All spans open, the first one selected.
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

    /// The number of visible rows.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// Whether the tree shows the critical path.
    pub fn shows_critical_path(&self) -> bool {
        !self.critical_nodes.is_empty()
    }

    /// Whether this node is on the critical path, or the path is not shown.
    pub fn is_bright(&self, node: u32) -> bool {
        !self.shows_critical_path() || self.critical_nodes.binary_search(&node).is_ok()
    }

    /// The self time of a node in microseconds.
    pub fn self_micros(&self, node: u32) -> i64 {
        self.self_times.get(node as usize).copied().unwrap_or(0)
    }

    /// The selected row.
    pub fn selected_row(&self) -> Option<Row> {
        self.visible.row(self.selected)
    }

    /// The selected node; `None` while untraced time is selected.
    pub fn selected_node(&self) -> Option<u32> {
        match self.selected_row()? {
            Row::Node(node) => Some(node),
            Row::Gap(_) => None,
        }
    }

    /// The selected node, or the one that the selected gap belongs to.
    pub fn selected_node_or_parent(&self) -> Option<u32> {
        match self.selected_row()? {
            Row::Node(node) => Some(node),
            Row::Gap(gap) => gap.parent,
        }
    }

    /// The selected gap.
    pub fn selected_gap(&self) -> Option<Gap> {
        match self.selected_row()? {
            Row::Node(_) => None,
            Row::Gap(gap) => Some(gap),
        }
    }

    /// The selected node and part.
    pub(super) fn payload_key(&self) -> Option<(u32, SpanPart)> {
        Some((self.selected_node()?, self.part))
    }

    /// A motion over the rows.
    pub fn move_selection(&mut self, motion: Motion, count: Option<usize>, page: usize) {
        self.selected = scroll::motion_target(motion, count, self.selected, self.len(), page);
        self.keep_in_view(page);
    }

    /// Scrolls the selection into view.
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

    /// Carries out a fold command.
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
            FoldCommand::CloseOrParent => return self.close_or_leave(forest),
            FoldCommand::OpenOrChild => return self.open_or_enter(forest),
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

    /// Closes the selected node if it is open, else selects its parent.
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

    /// Opens the selected node if it is closed, else selects its first child.
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

    /// A click on the bar between tree and payload.
    fn click_part(&mut self, column: u16) {
        let labels = SpanPart::ALL.into_iter().map(|part| (part, part.title().len()));
        self.part = label_at(labels, PART_COLUMN, usize::from(column)).unwrap_or(self.part);
    }

    /// Selects the first span without a failed descendant that failed, or the last one backward.
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

    /// A click on a row in view: selects it, or folds it if it was selected already.
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

impl<'a> Shown<'a> {
    /// The span whose payload is shown.
    pub fn selected_span(self) -> Option<&'a Span> {
        let state = self.message_state()?;
        state.view.forest.span(&state.view.message.spans, state.spans.selected_node()?)
    }
}

impl Panes<'_> {
    /// Keeps the selection in view and prepares the payload; returns whether there is more to prepare.
    fn prepare_spans(&mut self) -> bool {
        let areas = self.shown().spans_areas();
        let width = self.shown().text_width();
        let Some(state) = self.message_state_mut() else { return false };
        state.spans.keep_in_view(usize::from(areas.tree.height));
        if let Some(gap) = state.spans.selected_gap() {
            state.spans.prepare_untraced(gap, &state.view, width);
        }
        let Some(key) = state.spans.payload_key() else { return false };
        let (node, part) = key;
        let Some(span) = state.view.forest.span(&state.view.message.spans, node) else {
            return false;
        };
        let trees = &mut state.spans.payload_trees;
        if !move_to_front(trees, |(known, _)| *known == key) {
            trees.insert(0, (key, TreeView::new(&state.raw, part.byte_range(span))));
            trees.truncate(MAX_TREES);
        }
        let more = trees.first_mut().is_some_and(|(_, tree)| tree.prepare(usize::from(areas.payload.height)));
        self.prepare_payload();
        more
    }

    /// Zooms or pans the time axis.
    pub(in crate::app) fn change_time_axis(&mut self, command: TimeAxisCommand) {
        if self.detail.tab != Tab::Spans {
            self.notify("The time axis is in the Spans tab (2)");
        } else if let Some(state) = self.message_state_mut() {
            state.spans.change_time_axis(command, &state.view.forest);
        }
    }
}

/// The failed spans without a failed descendant, where errors originate, in tree order.
pub(in crate::app) fn root_failures(forest: &Forest) -> Vec<u32> {
    let failed = |flags: Flags| flags.contains(Flags::FAILED) && !flags.contains(Flags::FAILED_DESCENDANT);
    (0..).zip(forest.nodes()).filter(|(_, node)| failed(node.flags)).map(|(index, _)| index).collect()
}

fn has_children(forest: &Forest, node: u32) -> bool {
    forest.node(node).is_some_and(|node| !node.is_leaf())
}

/// The Spans tab.
pub struct SpansTab;

impl TabView for SpansTab {
    fn badge(&self, shown: Shown<'_>) -> Option<String> {
        let count = shown.selected_summary()?.span_count;
        (count > 0).then(|| count.to_string())
    }

    fn is_ready(&self, shown: Shown<'_>, state: &MessageViewState) -> bool {
        shown.screen.focus != Pane::Payload || state.spans.is_payload_prepared(shown.text_width())
    }

    fn prepare(&self, panes: &mut Panes<'_>) -> bool {
        panes.prepare_spans()
    }

    fn scroll(&self, panes: &mut Panes<'_>, motion: Motion, count: Option<usize>) {
        if panes.screen.focus == Pane::Payload {
            let (mode, page) = (panes.detail.payload_mode, panes.shown().payload_height());
            if let Some(state) = panes.message_state_mut() {
                state.spans.move_in_payload(mode, motion, count, page);
            }
            return;
        }
        let page = usize::from(panes.shown().spans_areas().tree.height);
        if let Some(state) = panes.message_state_mut() {
            state.spans.move_selection(motion, count, page);
        }
    }

    fn fold(&self, panes: &mut Panes<'_>, command: FoldCommand) {
        if panes.screen.focus == Pane::Payload {
            return panes.fold_payload(command);
        }
        if let Some(state) = panes.message_state_mut() {
            state.spans.fold(command, &state.view.forest);
        }
    }

    fn enter(&self, panes: &mut Panes<'_>) -> Option<OpenedValue> {
        panes.screen.focus = Pane::Payload;
        None
    }

    fn pane_at(&self, shown: Shown<'_>, row: u16) -> Pane {
        let (areas, top) = (shown.spans_areas(), shown.screen.frame().detail.inner.y);
        let is_payload = areas.part_bar.height > 0 && top + row >= areas.header.y.min(areas.part_bar.y);
        if is_payload { Pane::Payload } else { Pane::Detail }
    }

    fn click(&self, panes: &mut Panes<'_>, row: u16, column: u16) {
        let (areas, top) = (panes.shown().spans_areas(), panes.screen.frame().detail.inner.y);
        let (focus, mode) = (panes.screen.focus, panes.detail.payload_mode);
        let Some(state) = panes.message_state_mut() else { return };
        if focus != Pane::Payload {
            if let Some(row) = row.checked_sub(areas.axis.height) {
                state.spans.click(usize::from(row), &state.view.forest);
            }
        } else if top + row == areas.part_bar.y {
            state.spans.click_part(column);
        } else if let Some(row) = (top + row).checked_sub(areas.payload.y) {
            state.spans.click_payload(mode, usize::from(row), usize::from(areas.payload.height));
        }
    }

    fn selected_tree<'a>(&self, shown: Shown<'a>) -> Option<&'a TreeView> {
        match shown.payload() {
            PayloadView::Tree(tree) => Some(tree).filter(|_| shown.screen.focus == Pane::Payload),
            PayloadView::Formatted(_) | PayloadView::Absent => None,
        }
    }

    fn selected_path(&self, shown: Shown<'_>) -> Option<Vec<PathStep>> {
        match self.selected_tree(shown) {
            Some(view) => Some(view.tree().path(view.selected)),
            None => shown.selected_section_path().filter(|_| shown.screen.focus == Pane::Payload),
        }
    }

    fn clip(&self, shown: Shown<'_>) -> Option<Clip> {
        if shown.screen.focus == Pane::Payload {
            return shown.selected_section_clip();
        }
        if let Some(gap) = shown.selected_gap_clip() {
            return Some(gap);
        }
        let text = json::pretty(shown.message_state()?.raw.bytes_in(shown.selected_span()?.raw), usize::MAX);
        Some(Clip { label: "span", text })
    }
}
