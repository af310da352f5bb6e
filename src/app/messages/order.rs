//! The order of the list. Only the rows of the list are sorted: positions, which the conversation and all jumps use, stay
//! in the order of the thread.

use std::sync::Arc;

use crate::app::Effects;
use crate::app::messages::{Chip, ChipKind};
use crate::app::panes::{Panes, Shown};
use crate::domain::{SortId, SortKey, SortOrder, SortedMessages};
use crate::effect::Effect;

/// An order of the list other than that of the thread.
#[derive(Clone, Debug)]
pub struct ListOrder {
    id: SortId,
    order: SortOrder,
    /// The result of the task, once it has arrived.
    sorted: Option<Arc<SortedMessages>>,
    /// Positions by row, and rows by position.
    positions: Vec<u32>,
    rows: Vec<u32>,
}

impl ListOrder {
    /// Maps the rows of a list of these messages. Messages that are not sorted yet are below the others.
    fn map_rows(&mut self, visible: Option<&[u32]>, is_filtered: bool) {
        let Some(sorted) = &self.sorted else { return };
        let order = if is_filtered { &sorted.single } else { sorted.grouped() };
        self.positions = match visible {
            None => order.to_vec(),
            Some(visible) => {
                let mut position_of = vec![u32::MAX; order.len()];
                for (position, index) in (0..).zip(visible) {
                    if let Some(slot) = position_of.get_mut(*index as usize) {
                        *slot = position;
                    }
                }
                let positions = order.iter().filter_map(|index| position_of.get(*index as usize).copied());
                positions.filter(|position| *position != u32::MAX).collect()
            }
        };
        self.rows = vec![0; self.positions.len()];
        for (row, position) in (0..).zip(&self.positions) {
            if let Some(slot) = self.rows.get_mut(*position as usize) {
                *slot = row;
            }
        }
    }
}

impl SortKey {
    /// Returns the name of the value in titles and notices.
    const fn noun(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
        }
    }
}

impl<'a> Shown<'a> {
    /// Returns the order of the rows, unless a shorter version of the thread has been shown since.
    fn row_order(self) -> Option<&'a ListOrder> {
        self.list.order.as_ref().filter(|order| order.positions.len() <= self.list_len())
    }

    /// Returns the row at which the list shows a position.
    pub fn row_of(self, position: usize) -> usize {
        let row = self.row_order().and_then(|order| order.rows.get(position));
        row.map_or(position, |row| *row as usize)
    }

    /// Returns the position that a row of the list shows.
    pub fn position_at(self, row: usize) -> usize {
        let position = self.row_order().and_then(|order| order.positions.get(row));
        position.map_or(row, |position| *position as usize)
    }

    /// Returns the order for the title of the list: `by duration` and `↓`.
    pub(super) fn order_chip(self) -> Option<Chip> {
        let order = self.list.order.as_ref()?;
        let sign = if order.order.is_descending { "↓" } else { "↑" };
        let progress = if order.sorted.is_none() { "…" } else { "" };
        Some(Chip {
            kind: ChipKind::Order,
            label: "by ",
            text: order.order.key.noun().to_owned(),
            counts: format!("{sign}{progress}"),
        })
    }

    /// Returns the sorted messages and the value that they are sorted by.
    pub fn sorted_by(self) -> Option<(SortKey, &'a SortedMessages)> {
        let order = self.list.order.as_ref()?;
        Some((order.order.key, order.sorted.as_deref()?))
    }

    /// Returns the sort value of a message; for a question in a grouped list, that of its whole group.
    pub fn sort_value_at(self, index: usize) -> Option<f64> {
        let (_, sorted) = self.sorted_by()?;
        sorted.value(u32::try_from(index).ok()?, self.list.matching.is_none())
    }
}

impl Panes<'_> {
    /// Sorts the list by a value, the largest first; by the same value again, in reverse. The order of the thread is by
    /// time; sorting it by time shows the latest message first.
    pub(in crate::app) fn sort_list(&mut self, key: SortKey) -> Effects {
        let current = self.list.order.as_ref().map(|order| order.order);
        let is_descending = match (current, key) {
            (Some(order), _) if order.key == key => !order.is_descending,
            (Some(_), SortKey::Time) => false,
            (None, _) | (Some(_), SortKey::Duration | SortKey::Tokens | SortKey::Cost) => true,
        };
        if key == SortKey::Time && !is_descending {
            self.clear_order();
            return Vec::new();
        }
        self.start_sort(SortOrder { key, is_descending })
    }

    /// Sorts again after the thread has grown or been replaced.
    pub(in crate::app) fn resort(&mut self) -> Effects {
        let order = self.list.order.as_ref().map(|order| order.order);
        order.map(|order| self.start_sort(order)).unwrap_or_default()
    }

    fn start_sort(&mut self, order: SortOrder) -> Effects {
        let Some(thread) = self.thread else { return Vec::new() };
        let Some(service) = thread.service else { return Vec::new() };
        let (summaries, questions) = (thread.summaries.clone(), thread.landmarks.questions.clone());
        let id = self.ids.next_sort();
        // The rows stay until the new order is known.
        let (positions, rows) =
            self.list.order.take().map(|order| (order.positions, order.rows)).unwrap_or_default();
        self.list.order = Some(ListOrder { id, order, sorted: None, positions, rows });
        vec![Effect::Sort { id, order, summaries, questions, service }]
    }

    /// Shows the rows in the order of the thread.
    fn clear_order(&mut self) {
        self.list.order = None;
        self.keep_selection_in_view();
    }

    /// Shows the rows in their new order; the selected message stays selected. The result of an older request is dropped.
    pub(in crate::app) fn on_sorted(&mut self, id: SortId, sorted: Arc<SortedMessages>) {
        let Some(order) = self.list.order.as_mut().filter(|order| order.id == id) else { return };
        if sorted.is_empty() {
            let noun = order.order.key.noun();
            self.clear_order();
            return self.warn(format!("No message has a value to sort by: {noun}"));
        }
        order.sorted = Some(sorted);
        self.update_rows();
        self.keep_selection_in_view();
    }

    /// Updates the rows after a change of the visible messages.
    pub(super) fn update_rows(&mut self) {
        let (visible, is_filtered) = (self.list.visible.clone(), self.list.matching.is_some());
        if let Some(order) = self.list.order.as_mut() {
            order.map_rows(visible.as_ref().map(|visible| visible.as_slice()), is_filtered);
        }
    }
}
