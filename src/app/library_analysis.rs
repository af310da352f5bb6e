//! The page with statistics of many kept threads: those of a search, or of the list of threads. A task computes them. Drawn
//! by `ui/library_analysis`.

use std::ops::Range;
use std::sync::Arc;

use crate::action::Action;
use crate::app::deep_link::DeepLink;
use crate::app::{App, Effects, Overlay};
use crate::domain::{ThreadRef, Timestamp};
use crate::effect::{AnalysedDay, Effect, LibrarySubject};
use crate::event::{LibraryAnalysis, LibraryAnalysisUpdate, MessagePlace};
use crate::layout::Rect;
use crate::provider;

/// The maximum number of days to list; the last ones are chosen.
const MAX_DAYS: usize = 366;

/// A row of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnalysisRow {
    /// The titles of the columns below.
    WorstHeading,
    Worst(usize),
    OperationHeading,
    Operation(usize),
    DayHeading,
    Day(usize),
}

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub struct LibraryAnalysisPage {
    id: u64,
    /// The threads.
    subject: Option<LibrarySubject>,
    /// The day whose turns are analysed alone.
    pub day: Option<AnalysedDay>,
    /// The page of all days that this one was opened from.
    whole: Option<Box<Self>>,
    /// Whether the search page returns when this page is closed.
    is_from_search: bool,
    /// The number of read threads, and of all threads to read.
    pub done: usize,
    pub all: usize,
    pub analysis: Option<Arc<LibraryAnalysis>>,
    /// The reason for a missing result.
    pub problem: String,
    pub rows: Vec<AnalysisRow>,
    pub selected: usize,
    pub offset: usize,
}

impl LibraryAnalysisPage {
    /// Returns whether the result is still missing.
    pub fn is_running(&self) -> bool {
        self.analysis.is_none() && self.problem.is_empty()
    }

    fn apply(&mut self, update: LibraryAnalysisUpdate) {
        (self.done, self.all, self.problem) = (update.done, update.all, update.problem);
        if let Some(analysis) = update.analysis {
            self.rows = rows(&analysis);
            self.analysis = Some(analysis);
            self.selected = self.selectable_row(0, false);
        }
    }

    /// Returns the row itself, or an adjacent one if it is a heading.
    pub fn selectable_row(&self, row: usize, is_upward: bool) -> usize {
        let is_heading = matches!(
            self.rows.get(row),
            Some(AnalysisRow::WorstHeading | AnalysisRow::OperationHeading | AnalysisRow::DayHeading)
        );
        match (is_heading, is_upward && row > 0) {
            (false, _) => row,
            (true, true) => row - 1,
            (true, false) => row + 1,
        }
    }

    /// Returns the selected day, if it can be analysed alone.
    pub fn selected_day(&self) -> Option<AnalysedDay> {
        let (analysis, row) = (self.analysis.as_ref()?, self.rows.get(self.selected)?);
        let AnalysisRow::Day(index) = row else { return None };
        let day = AnalysedDay(analysis.days.get(*index)?.day);
        self.day.is_none().then_some(day)
    }

    /// Returns the thread of a message; threads of a list belong to its account.
    fn thread_of(&self, place: &MessagePlace) -> Option<ThreadRef> {
        match &self.subject {
            Some(LibrarySubject::Listed(listed)) => {
                Some(ThreadRef::of(&listed.account, place.thread_id.as_str()))
            }
            Some(LibrarySubject::Query(_)) | None => {
                provider::thread_ref(&place.service, place.account.as_ref(), &place.thread_id)
            }
        }
    }

    /// Returns the message that Enter opens.
    fn place(&self) -> Option<&MessagePlace> {
        let analysis = self.analysis.as_ref()?;
        match self.rows.get(self.selected)? {
            AnalysisRow::Worst(index) => Some(&analysis.worst.get(*index)?.place),
            AnalysisRow::Operation(index) => analysis.operations.get(*index)?.slowest.as_ref(),
            AnalysisRow::Day(_)
            | AnalysisRow::WorstHeading
            | AnalysisRow::OperationHeading
            | AnalysisRow::DayHeading => None,
        }
    }
}

/// Returns the rows below the totals and a blank line.
pub fn list_area(inside: Rect) -> Rect {
    let head = inside.height.min(2);
    Rect { y: inside.y + head, height: inside.height - head, ..inside }
}

fn rows(analysis: &LibraryAnalysis) -> Vec<AnalysisRow> {
    let mut rows = Vec::new();
    let mut section = |heading, indices: Range<usize>, row: fn(usize) -> AnalysisRow| {
        if !indices.is_empty() {
            rows.push(heading);
            rows.extend(indices.map(row));
        }
    };
    let days = analysis.days.len();
    section(AnalysisRow::WorstHeading, 0..analysis.worst.len(), AnalysisRow::Worst);
    section(AnalysisRow::OperationHeading, 0..analysis.operations.len(), AnalysisRow::Operation);
    section(AnalysisRow::DayHeading, days.saturating_sub(MAX_DAYS)..days, AnalysisRow::Day);
    rows
}

impl App {
    /// Opens the page for these threads.
    pub(super) fn analyse_library(&mut self, subject: LibrarySubject) -> Effects {
        let is_from_search = matches!(subject, LibrarySubject::Query(_));
        let subject = Some(subject);
        self.start_analysis(LibraryAnalysisPage { subject, is_from_search, ..LibraryAnalysisPage::default() })
    }

    fn start_analysis(&mut self, page: LibraryAnalysisPage) -> Effects {
        let (id, day) = (self.ids.next_page(), page.day);
        let request = page.subject.clone().map(|subject| Effect::AnalyseLibrary { id, subject, day });
        self.overlay = Some(Overlay::LibraryAnalysis(Box::new(LibraryAnalysisPage { id, ..page })));
        request.into_iter().collect()
    }

    /// Shows a step of the analysis; a step for another page is dropped.
    pub(super) fn on_library_analysed(&mut self, update: LibraryAnalysisUpdate) {
        if let Some(Overlay::LibraryAnalysis(page)) = self.overlay.as_mut()
            && page.id == update.id
        {
            page.apply(update);
        }
    }

    /// Handles a key: Enter opens the thread at the message, or analyses the day alone; closing the page stops the
    /// analysis.
    pub(super) fn perform_in_library_analysis(
        &mut self,
        mut page: Box<LibraryAnalysisPage>,
        action: Action,
        now: Timestamp,
    ) -> Effects {
        if matches!(action, Action::Back | Action::Quit | Action::Stop) {
            let stopped = page.is_running().then_some(Effect::StopLibraryAnalysis);
            if let Some(whole) = page.whole.take() {
                self.overlay = Some(Overlay::LibraryAnalysis(whole));
                return stopped.into_iter().collect();
            }
            let reopened = if page.is_from_search { self.open_library_search() } else { Vec::new() };
            return stopped.into_iter().chain(reopened).collect();
        }
        if let Some(day) = page.selected_day().filter(|_| action == Action::Enter) {
            let (subject, is_from_search) = (page.subject.clone(), page.is_from_search);
            let (day, whole) = (Some(day), Some(page));
            return self.start_analysis(LibraryAnalysisPage {
                subject,
                day,
                whole,
                is_from_search,
                ..LibraryAnalysisPage::default()
            });
        }
        let place = page.place().filter(|_| action == Action::Enter);
        let Some((thread, place)) = place.and_then(|place| Some((page.thread_of(place)?, place.clone())))
        else {
            self.overlay = Some(Overlay::LibraryAnalysis(page));
            return Vec::new();
        };
        let link = DeepLink { message: Some(place.message_id), ..DeepLink::default() };
        self.open_at(thread, link, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::DayTotals;

    #[test]
    fn the_last_days_are_listed() {
        let days = vec![DayTotals::default(); MAX_DAYS + 1];
        let listed = rows(&LibraryAnalysis { days, ..LibraryAnalysis::default() });
        assert_eq!(listed.len(), 1 + MAX_DAYS);
        assert_eq!(listed.last(), Some(&AnalysisRow::Day(MAX_DAYS)));
    }
}
