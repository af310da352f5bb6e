//! The marks of a list, which select the threads for a command.

use crate::app::browse::thread_list::ThreadList;

/// Marked rows of a table, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    marked: Vec<bool>,
    count: usize,
}

impl Marks {
    /// Returns the number of marks.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Returns whether a row is marked.
    pub fn contains(&self, index: u32) -> bool {
        self.marked.get(index as usize).copied().unwrap_or(false)
    }

    fn set(&mut self, index: u32, is_marked: bool) {
        let index = index as usize;
        if self.marked.len() <= index {
            self.marked.resize(index + 1, false);
        }
        if let Some(mark) = self.marked.get_mut(index).filter(|mark| **mark != is_marked) {
            *mark = is_marked;
            self.count = if is_marked { self.count + 1 } else { self.count - 1 };
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl ThreadList {
    /// Marks the range; without one, toggles the mark of the selected thread and selects the next thread.
    pub(super) fn toggle_mark(&mut self) {
        if self.range_start.is_some() {
            return self.mark_range();
        }
        let Some(index) = self.cursor.index else { return };
        self.marks.set(index, !self.marks.contains(index));
        self.select(self.cursor.row + 1);
    }

    /// Begins a range at the selected thread; if there is a range, marks its threads and ends it.
    pub(super) fn mark_range(&mut self) {
        let Some(start) = self.range_start.take() else {
            self.range_start = self.cursor.index;
            return;
        };
        let start = self.item_of_index(start).unwrap_or(self.cursor.row);
        for item in start.min(self.cursor.row)..=start.max(self.cursor.row) {
            if let Some(index) = self.index_at(item) {
                self.marks.set(index, true);
            }
        }
    }

    /// Marks all threads in the list and below it, or clears their marks if all are marked.
    pub(super) fn mark_all(&mut self) {
        self.range_start = None;
        let indices = self.shown_indices();
        let are_all_marked = indices.iter().all(|index| self.marks.contains(*index));
        for index in indices {
            self.marks.set(index, !are_all_marked);
        }
    }

    fn item_of_index(&self, index: u32) -> Option<usize> {
        self.item_of_id(&self.table.get(index)?.thread.id)
    }

    /// Ends the range, or clears all marks. Returns whether a range or a mark existed.
    pub(super) fn clear_marks(&mut self) -> bool {
        let had_range = self.range_start.take().is_some();
        if !had_range && self.marks.len() > 0 {
            self.marks.clear();
            return true;
        }
        had_range
    }

    /// Returns whether the thread at a position is marked, or will be with the range.
    pub fn is_chosen(&self, item: usize) -> bool {
        self.is_in_range(item) || self.index_at(item).is_some_and(|index| self.marks.contains(index))
    }

    /// Returns whether a position is between the start of the range and the selected thread.
    pub fn is_in_range(&self, item: usize) -> bool {
        let start = self.range_start.and_then(|start| self.item_of_index(start));
        start.is_some_and(|start| (start.min(self.cursor.row)..=start.max(self.cursor.row)).contains(&item))
    }

    /// Returns the table rows of the marked threads in the order of the list, then those of hidden marked threads; without marks,
    /// the row of the selected thread.
    pub(in crate::app) fn chosen_indices(&self) -> Vec<u32> {
        if self.marks.len() == 0 {
            return self.cursor.index.into_iter().collect();
        }
        let listed = self.arrangement.rows.iter().copied();
        let all = (0..).zip(&self.marks.marked).filter(|(_, is_marked)| **is_marked).map(|(index, _)| index);
        let others = all.filter(|index| self.arrangement.position_of(*index).is_none());
        listed.filter(|index| self.marks.contains(*index)).chain(others).collect()
    }

    /// Returns the ids of the marked threads, or of the selected one.
    pub(super) fn chosen_ids(&self) -> Vec<&str> {
        if self.marks.len() == 0 {
            return self.selected().map(|selected| selected.thread.id.as_str()).into_iter().collect();
        }
        let id = |index: u32| self.table.get(index).map(|row| row.thread.id.as_str());
        self.chosen_indices().into_iter().filter_map(id).collect()
    }
}
