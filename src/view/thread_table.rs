//! The listed threads of a service: a table that grows while a listing runs, and its rows in the order of the screen. A
//! copy of the table shares its rows, so that a task can sort them while more arrive.

mod arrange;

use std::sync::Arc;

use crate::domain::{Applications, ListedThread, SavedState};

pub use arrange::{Arrangement, GroupCounts, PresentColumns, Selection, arrange};

/// The maximum number of rows that a change copies while a task reads them.
const CHUNK_ROWS: usize = 256;

/// The maximum number of characters in a text from a service that the list sorts by or draws.
const MAX_CHARS: usize = 300;

/// Returns the beginning of a text, which may be of any length.
pub fn beginning(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// A listed thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadRow {
    pub thread: ListedThread,
    pub saved: SavedState,
    /// The number of the last listing that has the thread.
    listing: u32,
}

/// The listed threads, in the order of their arrival. Rows are never removed. Rows that are not in a newer, complete
/// listing are hidden.
#[derive(Clone, Debug, Default)]
pub struct ThreadTable {
    chunks: Vec<Arc<Vec<ThreadRow>>>,
    len: usize,
    /// The number of the running or last listing, from 1. Rows from earlier runs of the program have 0.
    listing: u32,
    /// The oldest listing whose rows are shown.
    first_shown: u32,
}

impl ThreadTable {
    /// Returns the number of rows, with hidden ones.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns the row with this index.
    pub fn get(&self, index: u32) -> Option<&ThreadRow> {
        let index = index as usize;
        self.chunks.get(index / CHUNK_ROWS)?.get(index % CHUNK_ROWS)
    }

    /// Returns the rows of the last listing, with their indices.
    pub fn shown(&self) -> impl Iterator<Item = (u32, &ThreadRow)> {
        let rows = (0..).zip(self.chunks.iter().flat_map(|chunk| chunk.iter()));
        rows.filter(|(_, row)| row.listing >= self.first_shown || row.saved.is_local_only())
    }

    /// Adds a thread that an earlier listing had; returns its index.
    pub fn push_kept(&mut self, thread: ListedThread, saved: SavedState) -> u32 {
        let index = self.push(thread);
        if let Some(row) = self.row_mut(index) {
            (row.saved, row.listing) = (saved, 0);
        }
        index
    }

    /// Adds a thread; returns its index.
    pub fn push(&mut self, thread: ListedThread) -> u32 {
        let row = ThreadRow { thread, saved: SavedState::default(), listing: self.listing };
        if self.len.is_multiple_of(CHUNK_ROWS) {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK_ROWS)));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            Arc::make_mut(chunk).push(row);
        }
        self.len += 1;
        u32::try_from(self.len - 1).unwrap_or(u32::MAX)
    }

    /// Replaces a thread that was listed again.
    pub fn replace(&mut self, index: u32, thread: ListedThread) {
        let listing = self.listing;
        if let Some(row) = self.row_mut(index) {
            (row.thread, row.listing) = (thread, listing);
        }
    }

    /// Sets the state of a thread.
    pub fn set_saved(&mut self, index: u32, saved: SavedState) {
        if let Some(row) = self.row_mut(index) {
            row.saved = saved;
        }
    }

    fn row_mut(&mut self, index: u32) -> Option<&mut ThreadRow> {
        let index = index as usize;
        let chunk = self.chunks.get_mut(index / CHUNK_ROWS)?;
        Arc::make_mut(chunk).get_mut(index % CHUNK_ROWS)
    }

    /// Starts another listing, whose threads replace those of the last one as they arrive.
    pub fn start_listing(&mut self) {
        self.listing += 1;
    }

    /// Hides the rows that the complete listing did not have. Saved threads stay, as gone from the service, and so do
    /// threads that were read.
    pub fn hide_unlisted(&mut self) {
        let first = self.listing;
        self.first_shown = first;
        let is_gone =
            |row: &ThreadRow| row.listing < first && row.saved.is_saved() && row.saved != SavedState::Gone;
        // Only chunks that change are copied while a task reads them.
        for chunk in self.chunks.iter_mut().filter(|chunk| chunk.iter().any(is_gone)) {
            for row in Arc::make_mut(chunk) {
                if is_gone(row) {
                    row.saved = SavedState::Gone;
                }
            }
        }
    }
}

/// A part of the threads: a node of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThreadGroup {
    #[default]
    All,
    /// The id of an application.
    Application(String),
    /// The id of a variant.
    Variant(String),
    /// The origin: UI, API, MCP.
    Origin(String),
    User(String),
}

impl ThreadGroup {
    /// Returns whether a thread belongs to the group.
    pub fn contains(&self, thread: &ListedThread, applications: &Applications) -> bool {
        match self {
            Self::All => true,
            Self::Application(id) => applications.application_id_of(thread) == Some(id),
            Self::Variant(id) => thread.variant_id.as_ref() == Some(id),
            Self::Origin(origin) => thread.origin.as_ref() == Some(origin),
            Self::User(user) => thread.user.as_ref() == Some(user),
        }
    }
}

/// A column of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThreadColumn {
    State,
    #[default]
    Updated,
    Title,
    Messages,
    User,
    /// The application and the variant, or the origin.
    Application,
    Model,
    Created,
    Id,
}

/// The order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadSort {
    pub column: ThreadColumn,
    pub is_descending: bool,
}

impl ThreadSort {
    /// Returns the initial order of a column: the newest and the largest first, but names from A.
    pub const fn of(column: ThreadColumn) -> Self {
        let is_descending = match column {
            ThreadColumn::Updated | ThreadColumn::Created | ThreadColumn::Messages | ThreadColumn::State => {
                true
            }
            ThreadColumn::Title
            | ThreadColumn::User
            | ThreadColumn::Application
            | ThreadColumn::Model
            | ThreadColumn::Id => false,
        };
        Self { column, is_descending }
    }
}

impl Default for ThreadSort {
    fn default() -> Self {
        Self::of(ThreadColumn::Updated)
    }
}

#[cfg(test)]
mod tests;
