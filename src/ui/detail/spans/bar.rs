//! The bars of the waterfall: a row's time on the axis of the turn, with its duration.

use ratatui::layout::Rect;

use crate::app::detail::MessageViewState;
use crate::domain::SpanKind;
use crate::text::width;
use crate::theme::Role;
use crate::trace::{BarKind, Flags, Row};
use crate::ui::detail::spans::column_widths::{ColumnWidths, label_column};
use crate::ui::detail::spans::tree_row::{TreeRow, cell_count};
use crate::ui::painter::{Painter, Pen};
use crate::view::trace_strip::kind_role;

/// The left part of a cell, in eighths.
const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

impl TreeRow<'_> {
    /// Draws the bar and the duration at its end.
    pub(super) fn draw_bar(
        &self,
        state: &MessageViewState,
        painter: &mut Painter<'_>,
        track: Rect,
        columns: &ColumnWidths,
    ) {
        let cols = cell_count(columns.bar);
        let bar = match (self.row, self.node) {
            (Row::Gap(gap), _) => {
                state.spans.scale.bar(gap.start, gap.start.saturating_add(gap.micros), cols)
            }
            (Row::Node(_), Some((node, _))) => state.spans.scale.bar_of(node, cols),
            (Row::Node(_), None) => return,
        };
        let role = self.bar_role();
        let filled = Rect { width: cols, ..track };
        let (from, to) = match bar.kind {
            BarKind::Instant => {
                let column = bar.start_col(cols);
                painter.set_cell(track.x + column, track.y, "╵", role);
                (column, column + 1)
            }
            BarKind::Before => {
                painter.set_cell(track.x, track.y, "‹", Role::Dim);
                (0, 1)
            }
            BarKind::After => {
                painter.set_cell(filled.right().saturating_sub(1), track.y, "›", Role::Dim);
                (cols.saturating_sub(1), cols)
            }
            BarKind::Solid | BarKind::Unfinished => {
                let mut ends = (cols, 0);
                for column in 0..cols {
                    let Some(part) = bar.cell(column) else { continue };
                    if let Some(symbol) = self.bar_symbol(part) {
                        painter.set_cell(track.x + column, track.y, symbol, role);
                    }
                    ends = (ends.0.min(column), column + 1);
                }
                if bar.kind == BarKind::Unfinished {
                    painter.set_cell(filled.right().saturating_sub(1), track.y, "▸", Role::Warn);
                }
                ends
            }
        };
        if !self.is_bright && self.node.is_some() {
            painter.dim(Rect { x: track.x + from, width: to.saturating_sub(from), ..track });
        }
        let len = width::columns(&self.duration);
        let column = label_column((usize::from(from), usize::from(to)), len, usize::from(track.width));
        let mut pen = Pen::between(track.x + cell_count(column), track.right(), track.y);
        painter.write(&mut pen, &self.duration, self.duration_role());
    }

    fn bar_role(&self) -> Role {
        match self.node {
            None => Role::Gap,
            Some((node, _)) if node.flags.contains(Flags::FAILED) => Role::BarError,
            Some((_, span)) => kind_role(SpanKind::of_operation(&span.operation)),
        }
    }

    /// Returns the character for the filled part of a cell in eighths: thin for a parent, solid for a leaf.
    fn bar_symbol(&self, (from, to): (u8, u8)) -> Option<&'static str> {
        let Some((node, _)) = self.node else { return (to - from >= 4).then_some("░") };
        if !node.is_leaf() {
            return Some(match (from, to) {
                (5.., _) => "╺",
                (_, ..=3) => "╸",
                _ => "━",
            });
        }
        // No character fills only the right part of a cell in eighths; half cells are close enough.
        Some(match (from, to) {
            (0, to) => EIGHTHS.get(usize::from(to)).copied().unwrap_or("█"),
            (1..=2, 8) => "█",
            (3..=6, 8) => "▐",
            (_, 8) => "▕",
            _ => "▪",
        })
    }
}
