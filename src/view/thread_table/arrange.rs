//! Arranges the rows for the screen: the matching rows of a group, sorted, with the sizes of all groups. A task does this,
//! because it reads every row.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use super::{ThreadColumn, ThreadGroup, ThreadRow, ThreadSort, ThreadTable, beginning};
use crate::domain::{Applications, ListedThread};
use crate::text::fuzzy;

/// The maximum number of users that the tree lists.
const MAX_USERS: usize = 200;

/// The position of a row that is not shown.
const HIDDEN: u32 = u32::MAX;

/// The number of rows between two checks of the stop flag.
const ROWS_PER_CHECK: usize = 1024;

/// The minimum score of a word whose letters are adjacent in a text; scattered letters score less.
const MIN_RUN_SCORE: i32 = 400;

/// The rows in the order of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// The indices in the table.
    pub rows: Vec<u32>,
    /// The position of each row of the table.
    positions: Vec<u32>,
    pub counts: GroupCounts,
    pub present: PresentColumns,
}

impl Arrangement {
    /// Returns the position of a row of the table, if it is shown.
    pub fn position_of(&self, index: u32) -> Option<usize> {
        let position = self.positions.get(index as usize).copied();
        position.filter(|position| *position != HIDDEN).map(|position| position as usize)
    }
}

/// The number of threads by group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupCounts {
    pub all: usize,
    pub applications: HashMap<String, usize>,
    pub variants: HashMap<String, usize>,
    /// The origins, the largest first.
    pub origins: Vec<(String, usize)>,
    /// The users, the largest first, at most 200.
    pub users: Vec<(String, usize)>,
    /// The number of users that are omitted.
    pub hidden_users: usize,
}

/// The columns for which at least one thread has a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PresentColumns {
    pub updated: bool,
    pub messages: bool,
    pub user: bool,
    pub application: bool,
    pub origin: bool,
    pub model: bool,
    pub created: bool,
    /// The characters of the longest id.
    pub id_columns: usize,
}

/// The rows to select.
pub struct Selection<'a> {
    pub group: &'a ThreadGroup,
    /// Words that must all be in the title, the id, the user or the application.
    pub narrowing: &'a str,
    pub matches: &'a dyn Fn(&ThreadRow, &Applications) -> bool,
}

/// Arranges the rows; `None` if stopped. Rows that contain a word only as scattered letters come last.
pub fn arrange(
    table: &ThreadTable,
    applications: &Applications,
    selection: &Selection<'_>,
    sort: ThreadSort,
    is_stopped: &dyn Fn() -> bool,
) -> Option<Arrangement> {
    let mut counter = GroupCounter::default();
    let mut rows: Vec<SortedRow<'_>> = Vec::new();
    for (number, (index, row)) in table.shown().enumerate() {
        if number.is_multiple_of(ROWS_PER_CHECK) && is_stopped() {
            return None;
        }
        let thread = &row.thread;
        counter.add(thread, applications);
        if !selection.group.contains(thread, applications) || !(selection.matches)(row, applications) {
            continue;
        }
        let Some(is_scattered) = fit(selection.narrowing, thread, applications) else { continue };
        rows.push(SortedRow { index, row, is_scattered, key: key_of(row, sort.column, applications) });
    }
    if is_stopped() {
        return None;
    }
    rows.sort_unstable_by(|one, other| one.compare(other, sort.is_descending));
    let mut positions = vec![HIDDEN; table.len()];
    for (position, row) in (0..).zip(&rows) {
        if let Some(slot) = positions.get_mut(row.index as usize) {
            *slot = position;
        }
    }
    let (counts, present) = counter.finish();
    Some(Arrangement { rows: rows.iter().map(|row| row.index).collect(), positions, counts, present })
}

/// Returns whether every word is in one of the texts, and whether a word is there only as scattered letters. `None` if a
/// word is in none.
fn fit(narrowing: &str, thread: &ListedThread, applications: &Applications) -> Option<bool> {
    let mut is_scattered = false;
    for word in narrowing.split_whitespace() {
        let application = applications.application_id_of(thread).map(|id| applications.application_name(id));
        let variant = thread.variant_id.as_deref().map(|id| applications.variant_name(id));
        let (title, id) = (thread.title.as_str(), thread.id.as_str());
        let texts =
            [Some(title), Some(id), thread.user.as_deref(), application, variant, thread.origin.as_deref()];
        let scores =
            texts.into_iter().flatten().filter_map(|text| Some(fuzzy::fuzzy_match(word, text)?.score));
        is_scattered |= scores.max()? <= MIN_RUN_SCORE;
    }
    Some(is_scattered)
}

struct SortedRow<'a> {
    index: u32,
    row: &'a ThreadRow,
    is_scattered: bool,
    key: SortKey,
}

impl SortedRow<'_> {
    /// Compares two rows. Rows without a value come last in both directions; equal rows are ordered by time, the newest
    /// first.
    fn compare(&self, other: &Self, is_descending: bool) -> Ordering {
        let by_value = match (&self.key, &other.key) {
            (SortKey::None, SortKey::None) => Ordering::Equal,
            (SortKey::None, _) => Ordering::Greater,
            (_, SortKey::None) => Ordering::Less,
            (one, another) if is_descending => another.cmp(one),
            (one, another) => one.cmp(another),
        };
        let time = |row: &ThreadRow| Reverse(row.thread.changed_at());
        self.is_scattered
            .cmp(&other.is_scattered)
            .then(by_value)
            .then_with(|| time(self.row).cmp(&time(other.row)))
            .then_with(|| self.row.thread.id.cmp(&other.row.thread.id))
    }
}

/// The value that a row is sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i64),
    Text(String),
    None,
}

fn key_of(row: &ThreadRow, column: ThreadColumn, applications: &Applications) -> SortKey {
    let thread = &row.thread;
    let text = |text: &str| match text.trim() {
        "" => SortKey::None,
        text => SortKey::Text(beginning(text).to_lowercase()),
    };
    let number = |number: Option<i64>| number.map_or(SortKey::None, SortKey::Number);
    match column {
        ThreadColumn::State => SortKey::Number(row.saved as i64),
        ThreadColumn::Updated => number(thread.changed_at().map(|time| time.0)),
        ThreadColumn::Created => number(thread.created_at.map(|time| time.0)),
        ThreadColumn::Messages => number(thread.message_count.and_then(|count| i64::try_from(count).ok())),
        ThreadColumn::Title => text(&thread.title),
        ThreadColumn::User => text(thread.user.as_deref().unwrap_or_default()),
        ThreadColumn::Application => text(&applications.place_of(thread)),
        ThreadColumn::Model => text(thread.model.as_deref().unwrap_or_default()),
        ThreadColumn::Id => match thread.id.parse() {
            Ok(id) => SortKey::Number(id),
            Err(_) => SortKey::Text(thread.id.clone()),
        },
    }
}

/// Counts groups without copying the names that are known.
#[derive(Default)]
struct GroupCounter<'a> {
    all: usize,
    applications: HashMap<&'a str, usize>,
    variants: HashMap<&'a str, usize>,
    origins: HashMap<&'a str, usize>,
    users: HashMap<&'a str, usize>,
    present: PresentColumns,
}

impl<'a> GroupCounter<'a> {
    fn add(&mut self, thread: &'a ListedThread, applications: &'a Applications) {
        self.all += 1;
        let application = applications.application_id_of(thread);
        for (counts, name) in [
            (&mut self.applications, application),
            (&mut self.variants, thread.variant_id.as_ref()),
            (&mut self.origins, thread.origin.as_ref()),
            (&mut self.users, thread.user.as_ref()),
        ] {
            if let Some(name) = name {
                *counts.entry(name).or_default() += 1;
            }
        }
        let present = &mut self.present;
        present.updated |= thread.updated_at.is_some();
        present.messages |= thread.message_count.is_some();
        present.user |= thread.user.is_some();
        present.application |= application.is_some() || thread.variant_id.is_some();
        present.origin |= thread.origin.is_some();
        present.model |= thread.model.is_some();
        present.created |= thread.created_at.is_some();
        present.id_columns = present.id_columns.max(beginning(&thread.id).chars().count());
    }

    fn finish(self) -> (GroupCounts, PresentColumns) {
        let owned = |counts: HashMap<&str, usize>| -> HashMap<String, usize> {
            counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
        };
        let (origins, _) = largest(self.origins, MAX_USERS);
        let (users, hidden_users) = largest(self.users, MAX_USERS);
        let counts = GroupCounts {
            all: self.all,
            applications: owned(self.applications),
            variants: owned(self.variants),
            origins,
            users,
            hidden_users,
        };
        (counts, self.present)
    }
}

/// Returns the groups with the most threads, and the number of other groups.
fn largest(counts: HashMap<&str, usize>, max: usize) -> (Vec<(String, usize)>, usize) {
    let mut sorted: Vec<(&str, usize)> = counts.into_iter().collect();
    sorted.sort_unstable_by_key(|(name, count)| (Reverse(*count), *name));
    let hidden = sorted.len().saturating_sub(max);
    (sorted.into_iter().take(max).map(|(name, count)| (name.to_owned(), count)).collect(), hidden)
}
