//! The rows of the finder below the thread box: the best match first, "open as an id" and the list of all threads last.

use crate::domain::{RecentThread, Source};
use crate::provider::parse_source::{is_certain, parse_source};
use crate::text::Safe;
use crate::text::fuzzy::{fuzzy_match, fuzzy_match_words};

/// A row of the finder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinderRow {
    /// A recent or suggested thread.
    Thread(ThreadMatch),
    /// The typed text.
    Typed(Interpretation),
    /// Start the demo inside the running program.
    Demo,
    /// List the threads of the account; with a typed text, those that contain its words.
    Browse,
}

/// A thread that matches the typed text. Marks are indices of characters of the sanitized texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadMatch {
    /// The index among the recent threads.
    pub index: usize,
    pub title_marks: Vec<usize>,
    pub input_marks: Vec<usize>,
    pub note_marks: Vec<usize>,
}

/// The meaning of the typed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interpretation {
    Certain(Source),
    /// An id by its form, and perhaps a word of a title.
    Possible(Source),
    /// No thread; the reason is a sentence.
    None(String),
}

impl Interpretation {
    /// Interprets a text; `preferred` is the service of ids that several services could own.
    pub fn of(text: &str, preferred: Option<&str>) -> Self {
        match parse_source(text, preferred) {
            Ok(source) if is_certain(text, &source) => Self::Certain(source),
            Ok(source) => Self::Possible(source),
            Err(error) => Self::None(error.reason),
        }
    }
}

/// The note of the row that starts the demo.
pub const DEMO_TITLE: &str = "Try the demo";
pub const DEMO_NOTE: &str = "example threads on this machine, without an account";

/// The title and the note of the row that lists the account.
pub const BROWSE_TITLE: &str = "All threads";
pub const BROWSE_NOTE: &str = "of the account; ctrl-t";

/// Lists the rows for a typed text; without one, all recent threads, or the demo if there are none.
pub fn find(
    typed: &str,
    interpretation: &Interpretation,
    threads: &[RecentThread],
    offers_demo: bool,
) -> Vec<FinderRow> {
    let typed = typed.trim();
    if typed.is_empty() {
        let all = (0..threads.len()).map(|index| ThreadMatch { index, ..ThreadMatch::default() });
        let demo = (offers_demo && threads.is_empty()).then_some(FinderRow::Demo);
        return all.map(FinderRow::Thread).chain(demo).chain([FinderRow::Browse]).collect();
    }
    let mut matches: Vec<(i32, ThreadMatch)> =
        threads.iter().enumerate().filter_map(|(index, thread)| match_thread(typed, index, thread)).collect();
    matches.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let threads = matches.into_iter().map(|(_, found)| FinderRow::Thread(found));
    let demo = (offers_demo && fuzzy_match(typed, DEMO_TITLE).is_some()).then_some(FinderRow::Demo);
    let typed_row = (!matches!(interpretation, Interpretation::None(_)))
        .then(|| FinderRow::Typed(interpretation.clone()));
    match interpretation {
        Interpretation::Certain(_) => typed_row.into_iter().chain(threads).chain(demo).collect(),
        Interpretation::Possible(_) | Interpretation::None(_) => {
            threads.chain(demo).chain(typed_row).chain([FinderRow::Browse]).collect()
        }
    }
}

fn match_thread(typed: &str, index: usize, thread: &RecentThread) -> Option<(i32, ThreadMatch)> {
    let [title, input, note] =
        [&thread.title, &thread.input, &thread.note].map(|text| Safe::line(text).into_string());
    let profile = thread.profile.as_deref().map(|profile| Safe::line(profile).into_string());
    let texts = [title.as_str(), &input, &note, profile.as_deref().unwrap_or_default()];
    let (score, marks) = fuzzy_match_words(typed, &texts)?;
    let mut marks = marks.into_iter();
    let mut next = || marks.next().unwrap_or_default();
    Some((score, ThreadMatch { index, title_marks: next(), input_marks: next(), note_marks: next() }))
}
