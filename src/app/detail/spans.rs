//! The spans tab: which rows of the tree are open, what is selected, how the time axis lies, and which part of the
//! selected span is shown below. Drawn by `ui/detail/spans`.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::detail::payload::view::Readings;
use crate::app::detail::tree_view::TreeView;
use crate::app::messages::Direction;
use crate::app::{App, scroll};
use crate::domain::{Piece, Span};
use crate::layout::Pane;
use crate::trace::{self, Folds, Forest, Gap, Row, Scale, Visible, Worth};

/// The four payloads of a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    #[default]
    Input,
    Output,
    Expected,
    Metadata,
}

impl Part {
    /// In their order on the screen.
    pub const ALL: [Self; 4] = [Self::Input, Self::Output, Self::Expected, Self::Metadata];

    /// The name in the bar.
    pub fn title(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Output => "Output",
            Self::Expected => "Expected",
            Self::Metadata => "Metadata",
        }
    }

    /// Where it is in the message's JSON.
    pub fn piece(self, span: &Span) -> Piece {
        match self {
            Self::Input => span.input,
            Self::Output => span.output,
            Self::Expected => span.expected,
            Self::Metadata => span.metadata,
        }
    }

    fn neighbour(self, direction: Direction) -> Self {
        let step = match direction {
            Direction::Forward => 1,
            Direction::Backward => Self::ALL.len() - 1,
        };
        Self::ALL.get((self as usize + step) % Self::ALL.len()).copied().unwrap_or_default()
    }
}

/// Untraced time gets a row of its own from here on: a twentieth of its span, and a tenth of a second.
const WORTH: Worth = Worth { permille: 50, micros: 100_000 };

/// How many payload trees are kept for spans that were looked at.
const TREES: usize = 16;

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
    critical: Vec<u32>,
    pub part: Part,
    /// Payload trees of this message, the latest first.
    pub(super) trees: Vec<((u32, Part), TreeView)>,
    /// Their reading views.
    pub(super) readings: Readings,
}

impl Default for SpansView {
    fn default() -> Self {
        Self::new(&Forest::default())
    }
}

impl SpansView {
    /// Everything open, the first span selected.
    pub fn new(forest: &Forest) -> Self {
        let folds = Folds::open();
        let gaps = trace::all_gaps(forest, WORTH);
        let mut critical: Vec<u32> = trace::critical_path(forest).iter().map(|step| step.node).collect();
        critical.sort_unstable();
        critical.dedup();
        Self {
            visible: Visible::with_gaps(forest, &folds, &gaps),
            folds,
            gaps,
            selected: 0,
            offset: 0,
            scale: Scale::fit(forest),
            critical,
            part: Part::default(),
            trees: Vec::new(),
            readings: Readings::default(),
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
        self.critical.binary_search(&node).is_ok()
    }

    /// The selected row.
    pub fn row(&self) -> Option<Row> {
        self.visible.row(self.selected)
    }

    /// The node that is selected, or that the selected gap belongs to.
    pub fn node(&self) -> Option<u32> {
        match self.row()? {
            Row::Node(node) => Some(node),
            Row::Gap(gap) => gap.parent,
        }
    }

    /// A motion over the rows.
    pub fn travel(&mut self, action: Action, count: Option<usize>, page: usize) {
        if let Some(to) = scroll::target(action, count, self.selected, self.len(), page) {
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
    pub(super) fn fold_nodes(&mut self, forest: &Forest, nodes: impl IntoIterator<Item = u32>) {
        self.folds = Folds::open();
        for node in nodes {
            self.folds.fold(node);
        }
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
    }

    /// Selects a node, or the folded one that hides it.
    pub(super) fn go_to_node(&mut self, forest: &Forest, node: u32) {
        debug_assert!(forest.node(node).is_some(), "a node of another forest");
        self.selected = self.visible.row_showing(node).unwrap_or(self.selected);
    }

    /// Folding and moving along the tree. `level` is for folding to a level, from 1.
    pub fn fold(&mut self, action: Action, level: usize, forest: &Forest) {
        let before = self.row();
        match action {
            Action::UnfoldAll => self.folds = Folds::open(),
            Action::FoldAll => self.folds = Folds::all(forest),
            Action::FoldToLevel => {
                let depth = u32::try_from(level.saturating_sub(1)).unwrap_or(u32::MAX);
                self.folds = Folds::to_level(forest, depth);
            }
            Action::ToggleFold | Action::FoldOrLeft | Action::UnfoldOrRight => {
                return self.fold_one(action, forest);
            }
            Action::NextSibling => return self.sibling(Direction::Forward, forest),
            Action::PreviousSibling => return self.sibling(Direction::Backward, forest),
            _ => return,
        }
        self.refresh(forest, before);
    }

    fn refresh(&mut self, forest: &Forest, keep: Option<Row>) {
        self.visible = Visible::with_gaps(forest, &self.folds, &self.gaps);
        let row = keep.and_then(|row| {
            self.visible.find(row).or_else(|| match row {
                Row::Node(node) => self.visible.row_showing(node),
                Row::Gap(gap) => self.visible.row_showing(gap.parent?),
            })
        });
        self.selected = row.unwrap_or(self.selected).min(self.len().saturating_sub(1));
    }

    fn fold_one(&mut self, action: Action, forest: &Forest) {
        let Some(at) = self.row() else { return };
        let Row::Node(node) = at else {
            if let (Action::FoldOrLeft, Some(parent)) = (action, self.node()) {
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
        self.refresh(forest, self.row().filter(|_| action == Action::UnfoldOrRight && !folded).or(Some(at)));
    }

    fn sibling(&mut self, direction: Direction, forest: &Forest) {
        let Some(Row::Node(node)) = self.row() else { return };
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
            self.fold_one(Action::ToggleFold, forest);
        }
        self.selected = at.min(self.len().saturating_sub(1));
    }
}

impl App {
    /// The span whose payload is shown.
    pub fn selected_span(&self) -> Option<&Span> {
        let shown = self.shown()?;
        shown.prepared.forest.span(&shown.prepared.message.spans, shown.spans.node()?)
    }

    /// Keeps the selection in view and prepares the payload's tree; returns whether there is more to do.
    pub(super) fn prepare_spans(&mut self) -> bool {
        let areas = self.spans_areas();
        let Some(shown) = self.shown_mut() else { return false };
        shown.spans.keep_in_view(usize::from(areas.tree.height));
        let Some(node) = shown.spans.node() else { return false };
        let Some(span) = shown.prepared.forest.span(&shown.prepared.message.spans, node) else {
            return false;
        };
        let key = (node, shown.spans.part);
        let piece = shown.spans.part.piece(span);
        let trees = &mut shown.spans.trees;
        match trees.iter().position(|(kept, _)| *kept == key) {
            Some(index) => {
                if let Some(window) = trees.get_mut(..=index) {
                    window.rotate_right(1);
                }
            }
            None => {
                trees.insert(0, (key, TreeView::new(&shown.raw, piece)));
                trees.truncate(TREES);
            }
        }
        let more = trees.first_mut().is_some_and(|(_, tree)| tree.prepare(usize::from(areas.payload.height)));
        self.prepare_reading();
        more
    }

    /// The payload's tree, once it is prepared.
    pub fn payload_tree(&self) -> Option<&TreeView> {
        let spans = &self.shown()?.spans;
        let key = (spans.node()?, spans.part);
        spans.trees.iter().find(|(kept, _)| *kept == key).map(|(_, tree)| tree)
    }

    /// The same, to be changed.
    pub fn payload_tree_mut(&mut self) -> Option<&mut TreeView> {
        let spans = &mut self.shown_mut()?.spans;
        let key = (spans.node()?, spans.part);
        spans.trees.iter_mut().find(|(kept, _)| *kept == key).map(|(_, tree)| tree)
    }

    /// Shows the next or previous payload of the span.
    pub(super) fn turn_part(&mut self, direction: Direction) {
        if let Some(shown) = self.shown_mut() {
            shown.spans.part = shown.spans.part.neighbour(direction);
        }
    }

    /// A click on the bar between tree and payload.
    pub(super) fn click_part(&mut self, column: u16) {
        let Some(shown) = self.shown() else { return };
        let mut at = self.part_column(shown);
        for part in Part::ALL {
            let width = part.title().len();
            if usize::from(column) >= at && usize::from(column) < at + width {
                self.focus = Pane::Payload;
                if let Some(shown) = self.shown_mut() {
                    shown.spans.part = part;
                }
                return;
            }
            at += width + 3;
        }
    }

    /// The column, inside the detail pane, at which the names of the parts begin.
    pub fn part_column(&self, _shown: &super::Shown) -> usize {
        1
    }

    /// Zooming and panning of the time axis, around the selected span.
    pub(crate) fn perform_time(&mut self, action: Action) {
        if self.detail.tab != Tab::Spans {
            self.say("the time axis is in the spans tab: 2 shows it");
            return;
        }
        let Some(shown) = self.shown_mut() else { return };
        let forest = &shown.prepared.forest;
        let scale = &shown.spans.scale;
        let view = scale.view();
        let selected = shown.spans.node().and_then(|node| forest.node(node));
        let middle = view.start.saturating_add(view.micros() / 2);
        let at = selected.map_or(middle, |node| node.start.saturating_add(node.micros() / 2));
        shown.spans.scale = match action {
            Action::ZoomTimeIn => scale.zoomed(2.0, at),
            Action::ZoomTimeOut => scale.zoomed(0.5, middle),
            Action::PanTimeLeft => scale.panned(-0.25),
            Action::PanTimeRight => scale.panned(0.25),
            Action::FoldIdle if scale.is_folded() => scale.unfolded(),
            Action::FoldIdle => scale.folded(&trace::idle(forest)),
            _ => scale.reset(),
        };
    }
}
