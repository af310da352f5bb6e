//! The threads that were opened since the start of the program, each with its last place. Drawn by `ui/open_threads`.

use crate::action::Action;
use crate::app::{App, Effects, Overlay};
use crate::domain::{Source, Timestamp};
use crate::text::number;
use crate::view::thread::{OpenThread, Totals};

/// The maximum number of columns inside the page.
pub const MAX_WIDTH: u16 = 120;

/// The maximum number of threads in the list.
const MAX_THREADS: usize = 50;

/// A thread of the list.
#[derive(Clone, Debug)]
pub struct VisitedThread {
    pub source: Source,
    pub profile: Option<String>,
    pub title: String,
    pub messages: usize,
    pub totals: Totals,
    /// The number of the message that was selected, from 1.
    pub number: usize,
    /// The title of the tab.
    pub tab: &'static str,
}

impl VisitedThread {
    /// Returns the counts of the thread: `12 messages 1✗ 5▲ 2▼`.
    pub fn counts(&self) -> String {
        let mut counts = number::pluralize(self.messages, "message");
        let totals = &self.totals;
        for (count, sign) in [(totals.errors, "✗"), (totals.positive, "▲"), (totals.negative, "▼")] {
            if count > 0 {
                counts.push_str(&format!(" {count}{sign}"));
            }
        }
        counts
    }

    /// Returns the last place: `at 7, Spans`.
    pub fn place(&self) -> String {
        format!("at {}, {}", self.number, self.tab)
    }
}

/// The threads that were left, the latest first.
#[derive(Clone, Debug, Default)]
pub struct VisitedThreads(Vec<VisitedThread>);

impl VisitedThreads {
    /// Adds a thread that is left; it replaces its earlier entry.
    pub fn push(&mut self, left: VisitedThread) {
        self.0.retain(|other| other.source != left.source);
        self.0.insert(0, left);
        self.0.truncate(MAX_THREADS);
    }

    /// Returns the thread that this input opens again.
    pub fn of_input(&self, input: &str) -> Option<&VisitedThread> {
        self.0.iter().find(|visited| visited.source.to_input() == input)
    }

    /// Returns the thread that was left last, other than this one.
    pub fn previous(&self, shown: Option<&Source>) -> Option<&VisitedThread> {
        self.0.iter().find(|visited| Some(&visited.source) != shown)
    }
}

/// The page: the open thread first, then those that were left.
#[derive(Clone, Debug)]
pub struct OpenThreadsPage {
    pub threads: Vec<VisitedThread>,
    /// Whether the first thread is the one in the panes.
    pub has_shown: bool,
    pub selected: usize,
    /// The first visible row.
    pub offset: usize,
}

impl OpenThreadsPage {
    /// Returns the rows of the list.
    pub fn rows(&self) -> u16 {
        u16::try_from(self.threads.len()).unwrap_or(u16::MAX)
    }
}

impl App {
    /// Returns the thread in the panes as an entry of the list.
    pub(super) fn visited_thread(&self) -> Option<VisitedThread> {
        let thread: &OpenThread = self.loading.thread.as_ref()?;
        Some(VisitedThread {
            source: thread.source.clone(),
            profile: self.profile_of(&thread.source).map(str::to_owned),
            title: thread.title(),
            messages: thread.summaries.len(),
            totals: thread.totals,
            number: self.shown().thread_index_at(self.list.selected).unwrap_or(0) + 1,
            tab: self.detail.tab.title(),
        })
    }

    /// Opens the list; the thread that was left last is selected.
    pub(super) fn open_thread_list(&mut self) {
        let shown = self.visited_thread().filter(|_| self.loading.shown_thread().is_some());
        let (has_shown, source) = (shown.is_some(), shown.as_ref().map(|shown| shown.source.clone()));
        let left = self.places.visited.0.iter().filter(|left| Some(&left.source) != source.as_ref()).cloned();
        let threads: Vec<VisitedThread> = shown.into_iter().chain(left).collect();
        if threads.len() <= usize::from(has_shown) {
            return self.notify("No other thread has been opened yet");
        }
        let selected = usize::from(has_shown);
        self.overlay =
            Some(Overlay::OpenThreads(OpenThreadsPage { threads, has_shown, selected, offset: 0 }));
    }

    /// Handles a key: Enter goes to the selected thread.
    pub(super) fn perform_in_thread_list(
        &mut self,
        page: OpenThreadsPage,
        action: Action,
        now: Timestamp,
    ) -> Effects {
        if action != Action::Enter {
            self.overlay = Some(Overlay::OpenThreads(page));
            return Vec::new();
        }
        match page.threads.into_iter().nth(page.selected) {
            Some(thread) if page.selected > 0 || !page.has_shown => self.reopen(thread, now),
            Some(_) | None => Vec::new(),
        }
    }

    /// Opens a thread that was left, with its profile.
    pub(super) fn reopen(&mut self, thread: VisitedThread, now: Timestamp) -> Effects {
        match thread.profile {
            Some(profile) => self.open_with_profile(thread.source, &profile, now),
            None => self.open_and_focus(thread.source, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(name: &str) -> VisitedThread {
        VisitedThread {
            source: Source::File(name.into()),
            profile: None,
            title: name.to_owned(),
            messages: 1,
            totals: Totals::default(),
            number: 1,
            tab: "Message",
        }
    }

    #[test]
    fn a_thread_is_listed_once_and_the_last_one_first() {
        let mut visited = VisitedThreads::default();
        for number in 0..MAX_THREADS + 10 {
            visited.push(left(&number.to_string()));
        }
        visited.push(left("20"));
        let titles: Vec<&str> = visited.0.iter().map(|thread| thread.title.as_str()).collect();
        assert_eq!((titles.len(), &titles[..3]), (MAX_THREADS, &["20", "59", "58"][..]));
        assert_eq!(visited.previous(Some(&Source::File("20".into()))).unwrap().title, "59");
        assert_eq!(visited.previous(None).unwrap().title, "20");
    }
}
