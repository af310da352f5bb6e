//! The search through the library, for the command and for the browser's page. The page searches on a separate thread, so
//! that typing never waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::domain::{AccountNotes, Applications, ExitCode, SavedSearch, UserError};
use crate::effect::SearchScope;
use crate::event::{FoundMessage, LibraryResults};
use crate::filter::{ThreadFilter, ThreadTerm};
use crate::library::{
    Account, HitCount, HitExtent, KeptThread, LibraryHit, LibraryLocation, LibraryNotes, LibraryQuery,
    LibraryReader, PayloadProgress, SearchMode, SearchOptions, search_payloads,
};
use crate::platform::now;
use crate::text::{Safe, number};

/// The maximum number of hits on a page.
const MAX_HITS: usize = 100;

/// The maximum number of hits that are counted.
const MAX_COUNTED: usize = 10_000;

/// The shortest time between two events about the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The message if there is no home directory.
pub const NO_FOLDER: &str = "There is no folder for the library. Set HOME or UNSPOOL_HOME.";

const EMPTY: &str = "Nothing to search yet: open a thread, or run unspool archive.";

/// An open library, and its location, which has the notes.
type Place<'a> = (&'a LibraryLocation, &'a dyn LibraryReader);

/// A parsed query with the data that its filter needs.
pub struct PreparedSearch {
    query: LibraryQuery,
    filter: ThreadFilter,
    /// The notes, if the filter depends on them.
    notes: LibraryNotes,
    applications: Applications,
}

impl PreparedSearch {
    /// Parses a query.
    ///
    /// # Errors
    /// An invalid query, or one without a word or a condition; or a library that cannot be read.
    pub fn new(place: Place<'_>, text: &str, mode: SearchMode) -> Result<Self, UserError> {
        let prepared = Self::of_threads(place, text, mode)?;
        if !prepared.query.has_words() && !prepared.query.has_conditions() {
            return Err(invalid("the query has no word to find".to_owned()));
        }
        Ok(prepared)
    }

    /// Parses a query for threads, which may be empty.
    ///
    /// # Errors
    /// An invalid query, or a library that cannot be read.
    pub fn of_threads(place: Place<'_>, text: &str, mode: SearchMode) -> Result<Self, UserError> {
        let query = LibraryQuery::parse(text, mode, now()).map_err(invalid)?;
        let filter = ThreadFilter::new(query.thread_expression(), now());
        let filter = filter.map_err(|error| invalid(error.to_string()))?;
        let (location, library) = place;
        let notes = if filter.uses_notes() { location.notes()? } else { LibraryNotes::default() };
        Ok(Self { query, filter, notes, applications: library.applications()? })
    }

    /// Returns the applications and variants of the library.
    pub fn applications(&self) -> &Applications {
        &self.applications
    }

    /// Returns whether a thread is searched.
    pub fn selects(&self, thread: &KeptThread) -> bool {
        let notes =
            if self.filter.uses_notes() { self.notes.of(&thread.account) } else { AccountNotes::none() };
        self.filter.matches_noted(&thread.listed, thread.state(), &self.applications, notes)
    }

    /// Terms that each selected thread meets.
    pub fn required_terms(&self) -> Vec<&ThreadTerm> {
        self.filter.required_terms()
    }

    /// Finds messages, newest first.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn find(
        &self,
        library: &dyn LibraryReader,
        limit: usize,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<LibraryHit>, UserError> {
        let is_selected = |thread: &KeptThread| self.selects(thread);
        let terms = self.required_terms();
        self.find_with(library, &options(&is_selected, &terms, is_stopped, limit))
    }

    /// Finds messages with these options, without regard to the query's filter of threads.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn find_with(
        &self,
        library: &dyn LibraryReader,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, UserError> {
        Ok(library.search(&self.query, options)?)
    }

    /// Counts the messages, up to a limit; `None` if the library cannot count them.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn count(
        &self,
        library: &dyn LibraryReader,
        limit: usize,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Option<HitCount>, UserError> {
        let is_selected = |thread: &KeptThread| self.selects(thread);
        let terms = self.required_terms();
        Ok(library.count_hits(&self.query, &options(&is_selected, &terms, is_stopped, limit))?)
    }

    /// Returns the kept threads with hits; without words and conditions, all selected threads.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn threads(
        &self,
        library: &dyn LibraryReader,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<KeptThread>, UserError> {
        let is_selected = |thread: &KeptThread| self.selects(thread);
        let terms = self.required_terms();
        Ok(library.matching_threads(&self.query, &options(&is_selected, &terms, is_stopped, usize::MAX))?)
    }

    /// Searches the payloads of spans; `on_progress` is called after each thread with its hits.
    ///
    /// # Errors
    /// The query has no word, or the library cannot be read.
    pub fn find_in_payloads(
        &self,
        library: &dyn LibraryReader,
        limit: usize,
        is_stopped: &dyn Fn() -> bool,
        on_progress: &mut dyn FnMut(PayloadProgress, Vec<LibraryHit>),
    ) -> Result<PayloadProgress, UserError> {
        if !self.query.has_text() {
            let message = "payloads are searched for words";
            return Err(UserError::new(message, "Add a word, a phrase or re:PATTERN.", ExitCode::Usage));
        }
        let is_selected = |thread: &KeptThread| self.selects(thread);
        let terms = self.required_terms();
        Ok(search_payloads(
            library,
            &self.query,
            &options(&is_selected, &terms, is_stopped, limit),
            on_progress,
        )?)
    }
}

/// Returns the bounds of a search for every hit.
fn options<'a>(
    is_selected: &'a dyn Fn(&KeptThread) -> bool,
    required_terms: &'a [&'a ThreadTerm],
    is_stopped: &'a dyn Fn() -> bool,
    limit: usize,
) -> SearchOptions<'a> {
    SearchOptions { is_selected, required_terms, is_stopped, limit, extent: HitExtent::All }
}

fn invalid(message: String) -> UserError {
    UserError::new(message, "See unspool search --help.", ExitCode::Usage)
}

/// A search that the page requests.
pub struct SearchRequest {
    pub id: u64,
    pub text: String,
    pub scope: SearchScope,
}

/// Searches for the page. Sends results when they are found, and nothing more once it is stopped. Hits of the accounts in
/// use are marked.
pub fn run(
    (location, in_use): (&LibraryLocation, &[Account]),
    request: &SearchRequest,
    stop: &AtomicBool,
    send: &mut dyn FnMut(LibraryResults),
) {
    let id = request.id;
    let is_stopped = || stop.load(Ordering::Relaxed);
    let mut send = |results: LibraryResults| {
        if !is_stopped() {
            send(LibraryResults { id, ..results });
        }
    };
    let result = match request.scope {
        SearchScope::Texts => search((location, in_use), request.text.trim_start(), &is_stopped, &mut send),
        SearchScope::Payloads => find_in_payloads((location, in_use), &request.text, &is_stopped, &mut send),
    };
    if let Err(error) = result {
        send(LibraryResults { message: error.summary().to_owned(), ..LibraryResults::default() });
    }
}

/// Sends the first hits, then their number.
fn search(
    (location, in_use): (&LibraryLocation, &[Account]),
    text: &str,
    is_stopped: &dyn Fn() -> bool,
    send: &mut dyn FnMut(LibraryResults),
) -> Result<(), UserError> {
    let Some(library) = location.open_reader()? else {
        send(LibraryResults { message: EMPTY.to_owned(), ..LibraryResults::default() });
        return Ok(());
    };
    if text.is_empty() {
        let message = match library.stats()?.readable() {
            0 => EMPTY.to_owned(),
            count => format!("Type words to search {}", number::pluralize(count, "thread")),
        };
        let saved = saved_searches(location)?;
        let progress = if saved.is_empty() { String::new() } else { message.clone() };
        send(LibraryResults { message, saved, progress, ..LibraryResults::default() });
        return Ok(());
    }
    let library = library.as_ref();
    let prepared = PreparedSearch::new((location, library), text, SearchMode::Typing)?;
    let hits = prepared.find(library, MAX_HITS, is_stopped)?;
    // Counting reads the rows of all threads.
    let unindexed = if hits.is_empty() { Some(library.unindexed_count()?) } else { None };
    let message = match unindexed {
        None => String::new(),
        Some(0) => "No message matches; Enter searches the payloads of spans".to_owned(),
        Some(rest) => format!("No hit yet; {} to index", number::pluralize(rest, "thread")),
    };
    let has_hits = !hits.is_empty();
    let hits = hits.into_iter().map(|hit| to_found(hit, in_use)).collect();
    send(LibraryResults { hits, message, is_running: has_hits, ..LibraryResults::default() });
    if has_hits && !is_stopped() {
        let count = prepared.count(library, MAX_COUNTED, is_stopped)?;
        let progress = count.map(format_count).unwrap_or_default();
        send(LibraryResults { is_continued: true, progress, ..LibraryResults::default() });
    }
    Ok(())
}

/// Sends the hits of each thread, and the progress.
fn find_in_payloads(
    (location, in_use): (&LibraryLocation, &[Account]),
    text: &str,
    is_stopped: &dyn Fn() -> bool,
    send: &mut dyn FnMut(LibraryResults),
) -> Result<(), UserError> {
    let Some(library) = location.open_reader()? else { return Ok(()) };
    let prepared = PreparedSearch::new((location, library.as_ref()), text, SearchMode::Whole)?;
    let message = "No hit in messages or payloads of spans".to_owned();
    send(LibraryResults { message, is_running: true, ..LibraryResults::default() });
    let mut sent_at = Instant::now();
    let mut pending = Vec::new();
    let end = prepared.find_in_payloads(library.as_ref(), MAX_HITS, is_stopped, &mut |progress, hits| {
        pending.extend(hits);
        let is_due = sent_at.elapsed() >= PROGRESS_INTERVAL;
        if is_due || (pending.len() == progress.hits && progress.hits > 0) {
            sent_at = Instant::now();
            let hits = std::mem::take(&mut pending).into_iter().map(|hit| to_found(hit, in_use)).collect();
            let progress = format_progress(progress);
            let is_running = true;
            send(LibraryResults {
                hits,
                is_continued: true,
                is_running,
                progress,
                ..LibraryResults::default()
            });
        }
    })?;
    let hits = pending.into_iter().map(|hit| to_found(hit, in_use)).collect();
    let progress = format_progress(end);
    send(LibraryResults { hits, is_continued: true, progress, ..LibraryResults::default() });
    Ok(())
}

/// Formats `1,204 in 311 threads`, with a plus if counting ended early.
fn format_count(count: HitCount) -> String {
    let plus = if count.is_cut { "+" } else { "" };
    format!("{}{plus} in {}", number::count(count.messages), number::pluralize(count.threads, "thread"))
}

fn format_progress(progress: PayloadProgress) -> String {
    let PayloadProgress { threads, all_threads, hits } = progress;
    let full = if hits >= MAX_HITS { "; more words narrow it" } else { "" };
    format!(
        "{} in {} of {}{full}",
        number::pluralize(hits, "hit"),
        number::count(threads),
        number::pluralize(all_threads, "thread")
    )
}

/// Returns the saved searches, which are always kept on this machine.
///
/// # Errors
/// The library cannot be read.
pub fn saved_searches(location: &LibraryLocation) -> Result<Vec<SavedSearch>, UserError> {
    let library = location.open_read_only()?;
    Ok(library.map(|library| library.saved_searches()).transpose()?.unwrap_or_default())
}

/// Saves a search under a name, or removes the one with this name.
///
/// # Errors
/// The library cannot be written.
pub fn save_search(location: &LibraryLocation, name: &str, query: Option<&str>) -> Result<(), UserError> {
    Ok(location.open()?.save_search(name, query)?)
}

/// Adds threads that are not in the index yet. If the program ends earlier, the next run continues.
pub fn update_index(location: &LibraryLocation) {
    if location.is_remote() {
        return;
    }
    let update = || match location.open_existing()? {
        Some(mut library) => library.update_index(&mut |_| true).map(drop),
        None => Ok(()),
    };
    if let Err(error) = update() {
        tracing::warn!("cannot update the index: {}", Safe::line(&error.to_string()));
    }
}

/// Converts a hit to the form of events.
pub fn to_found(hit: LibraryHit, in_use: &[Account]) -> FoundMessage {
    FoundMessage {
        account: hit.thread.account.unless_in(in_use),
        service: hit.thread.account.service,
        thread_id: hit.thread.listed.id,
        title: hit.thread.listed.title,
        message_id: hit.message_id,
        at: hit.at,
        place: hit.place.name(),
        snippet: hit.snippet,
        hit: hit.hit,
        span_id: hit.span_id,
        preview: hit.preview,
        preview_hit: hit.preview_hit,
    }
}
