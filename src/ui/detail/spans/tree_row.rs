//! The rows of the span tree: marker, tag of the kind, name, [bar](super::bar) with its duration, and the facts of model
//! calls.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::MessageViewState;
use crate::domain::{Span, SpanKind, Status};
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::trace::{Flags, Gap, Guide, Node, Row};
use crate::ui::detail::spans::column_widths::{ColumnWidths, ContentWidths, FACTS, MARKER, TAG};
use crate::ui::painter::{Painter, Pen};
use crate::view::span_header::flag_words;
use crate::view::trace_strip::kind_role;

/// A visible row with its texts.
pub(super) struct TreeRow<'a> {
    pub(super) row: Row,
    /// The node and the span, unless it is untraced time.
    pub(super) node: Option<(&'a Node, &'a Span)>,
    guides: String,
    label: Safe<'a>,
    /// The symbol of the user's note.
    note: &'static str,
    /// The number of search hits, and the warnings about the span.
    hits: String,
    warnings: String,
    pub(super) duration: String,
    /// Model, tokens and cost; empty where unknown.
    facts: [String; FACTS],
    pub(super) is_bright: bool,
}

impl<'a> TreeRow<'a> {
    /// Returns the rows in view.
    pub fn in_view(app: &'a App, state: &'a MessageViewState, height: usize) -> Vec<Self> {
        let view = &state.spans;
        let rows = view.visible.rows(view.offset..view.offset + height);
        rows.filter_map(|row| match row {
            Row::Node(node) => Self::of_node(app, state, node),
            Row::Gap(gap) => Some(Self::of_gap(state, gap)),
        })
        .collect()
    }

    fn of_node(app: &'a App, state: &'a MessageViewState, at: u32) -> Option<Self> {
        let forest = &state.view.forest;
        let node = forest.node(at)?;
        let span = forest.span(&state.view.message.spans, at)?;
        let mut guides = guides(state, Row::Node(at));
        if !node.is_leaf() {
            guides.push_str(if state.spans.folds.is_folded(at) { "▸" } else { "▾" });
        }
        let hits = app.shown().hits_in_span(at);
        let duration = if node.flags.contains(Flags::UNFINISHED) {
            "…".to_owned()
        } else {
            number::duration(span.duration_micros())
        };
        let symbol = if node.flags.contains(Flags::FAILED) { "✗ " } else { "" };
        Some(Self {
            row: Row::Node(at),
            node: Some((node, span)),
            guides,
            label: Safe::line(if span.name.is_empty() { &span.operation } else { &span.name }),
            note: if app.shown().notes.of_span(&state.view.message.id, &span.id).is_some() {
                " ✎"
            } else {
                ""
            },
            hits: if hits == 0 { String::new() } else { format!(" /{hits}") },
            warnings: flag_words(node.flags),
            duration: format!("{symbol}{duration}"),
            facts: facts(span),
            is_bright: state.spans.is_bright(at),
        })
    }

    fn of_gap(state: &'a MessageViewState, gap: Gap) -> Self {
        Self {
            row: Row::Gap(gap),
            node: None,
            guides: guides(state, Row::Gap(gap)),
            label: Safe::line("untraced"),
            note: "",
            hits: String::new(),
            warnings: String::new(),
            duration: number::duration(Some(gap.micros)),
            facts: Default::default(),
            is_bright: false,
        }
    }

    /// Returns the columns that its texts need.
    pub fn needs(&self) -> ContentWidths {
        let warnings = if self.warnings.is_empty() { 0 } else { 2 + width::columns(&self.warnings) };
        let symbols = width::columns(self.note) + self.hits.len();
        let name = width::columns(&self.guides) + width::columns(self.label.as_str()) + symbols;
        let mut facts = [0; FACTS];
        for (need, fact) in facts.iter_mut().zip(&self.facts) {
            *need = width::columns(fact);
        }
        ContentWidths { name: name + warnings, label: width::columns(&self.duration), facts }
    }

    /// Draws the row.
    pub fn draw(
        &self,
        state: &MessageViewState,
        painter: &mut Painter<'_>,
        cells: Rect,
        columns: &ColumnWidths,
    ) {
        let mut pen = Pen::at(cells, 0);
        self.draw_status_and_tag(painter, &mut pen);
        let end = pen.x.saturating_add(cell_count(columns.name));
        self.draw_name(painter, &mut pen.with_right(end.min(cells.right())), columns.name);
        let track =
            Rect { x: end, width: cell_count(columns.bar + columns.label), ..cells }.intersection(cells);
        if columns.bar > 0 {
            self.draw_bar(state, painter, track, columns);
        } else {
            painter.write_right(&mut Pen::at(track, 0), &self.duration, self.duration_role());
        }
        let mut pen = Pen::between(track.right(), cells.right(), cells.y);
        let roles = [Role::Dim, Role::Text, Role::Text];
        for (fact, role) in columns.pad_facts(self.facts.each_ref().map(String::as_str)).iter().zip(roles) {
            painter.write(&mut pen, fact, role);
        }
    }

    fn draw_status_and_tag(&self, painter: &mut Painter<'_>, pen: &mut Pen) {
        let Some((node, span)) = self.node else {
            return painter.write(pen, &" ".repeat(MARKER + TAG), Role::Text);
        };
        let (symbol, role) = status_symbol(span, node.flags);
        painter.write(pen, " ", Role::Text);
        painter.write(pen, symbol, role);
        let kind = SpanKind::of_operation(&span.operation);
        painter.write(pen, kind.tag(), kind_role(kind));
        painter.write(pen, " ", Role::Text);
    }

    fn draw_name(&self, painter: &mut Painter<'_>, pen: &mut Pen, columns: usize) {
        // A deep row keeps the innermost guides, and space for its name.
        let guides = width::columns(&self.guides).saturating_sub(columns * 2 / 5) / 2 * 2;
        let shown: String = self.guides.chars().skip(guides).collect();
        painter.write(pen, &shown, Role::Border);
        let role = match self.node {
            None => Role::Dim,
            Some((node, _)) if node.flags.contains(Flags::FAILED) => Role::Error,
            Some(_) if self.is_bright => Role::Text,
            Some(_) => Role::Dim,
        };
        let room = pen.columns_left().saturating_sub(width::columns(self.note) + self.hits.len() + 1);
        let (cut, _) = width::ellipsize(self.label.as_str(), room);
        painter.write(pen, &cut, role);
        painter.write(pen, self.note, Role::Accent);
        painter.write(pen, &self.hits, Role::Accent);
        if !self.warnings.is_empty() && pen.columns_left() > 4 {
            painter.write(pen, "  ", Role::Text);
            let (cut, _) = width::ellipsize(&self.warnings, pen.columns_left() - 1);
            painter.write(pen, &cut, Role::Warn);
        }
    }

    pub(super) fn duration_role(&self) -> Role {
        match self.node {
            Some((node, _)) if node.flags.contains(Flags::FAILED) => Role::Error,
            Some(_) if self.is_bright => Role::Text,
            Some(_) | None => Role::Dim,
        }
    }
}

/// The maximum number of guides that are built, for the innermost levels.
const MAX_GUIDES: usize = 40;

fn guides(state: &MessageViewState, row: Row) -> String {
    let guides = state.spans.visible.guides(&state.view.forest, row, MAX_GUIDES);
    let symbol = |guide: &Guide| match guide {
        Guide::Blank => "  ",
        Guide::Line => "│ ",
        Guide::Branch => "├ ",
        Guide::Corner => "└ ",
        Guide::Gap => "┆ ",
    };
    guides.iter().map(symbol).collect()
}

/// Converts a number of cells to the type that the screen counts with.
pub(super) fn cell_count(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX)
}

fn facts(span: &Span) -> [String; FACTS] {
    // The vendor's name before a slash is not needed to distinguish models.
    let short = |model: &'_ String| model.rsplit('/').next().map(|name| Safe::line(name).as_str().to_owned());
    let model = span.models.first().and_then(short);
    let usage = span.usage.as_ref();
    let tokens = usage.and_then(|usage| usage.total()).filter(|tokens| *tokens > 0).map(number::tokens);
    let cost = usage.and_then(|usage| usage.cost_usd).map(number::money);
    [model, tokens, cost].map(Option::unwrap_or_default)
}

fn status_symbol(span: &Span, flags: Flags) -> (&'static str, Role) {
    if flags.contains(Flags::FAILED) {
        return ("✗ ", Role::Error);
    }
    match span.status {
        Status::Error => ("✗ ", Role::Error),
        Status::Canceled => ("⊘ ", Role::Warn),
        Status::Other => ("? ", Role::Warn),
        Status::Success | Status::Unknown if flags.contains(Flags::FAILED_DESCENDANT) => ("! ", Role::Error),
        Status::Success | Status::Unknown => ("  ", Role::Text),
    }
}
