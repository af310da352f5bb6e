//! The walk over camelAI's pages of threads. Only the query of the next page's address is used: a proxy may change its
//! scheme or host, and the key is sent only to the configured host.

mod pass;
mod row;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::address::threads_request;
use crate::decode::{ListBody, ListEnd, ListSplitter};
use crate::domain::{ListProgress, ListRefusal, ListUpdate, ListedThread, UserError};
use crate::json::Value;
use crate::provider::access::{AccessError, Request, ServiceAccess};
use crate::provider::error_body::error_messages;
use crate::provider::listing::{
    ListFailure, ListRequest, ListRequestId, ListScope, Listing, Novelty, SeenThreads, describe_end,
    no_list_error, refuses_page_size,
};
use pass::{PageEnd, Pass};

/// The names of members that may contain the list.
const LIST_NAMES: &[&str] = &["results", "items"];
/// The number of threads of a page; the service may send fewer.
const PAGE_SIZE: u32 = 100;
/// The maximum number of passes over all pages, because in a busy account no pass may be complete.
const MAX_PASSES: u32 = 6;
/// The longest query of a next page, in bytes.
const MAX_QUERY_LENGTH: usize = 2_000;
/// The longest wait that the service may request, in seconds, then the most waits for one page.
const MAX_WAIT_SECONDS: u64 = 30;
const MAX_WAITS: u32 = 3;

/// The walk.
pub(super) struct CamelaiListing {
    access: ServiceAccess,
    page_size: u32,
    /// The request that comes next, and the wait before it.
    next: Option<(Request, Duration)>,
    /// The query of the page in flight.
    query: String,
    running: Option<(ListRequestId, ListSplitter)>,
    last_id: ListRequestId,
    pass: Pass,
    passes: u32,
    /// Whether a complete pass has ended, so that this one only looks for new threads.
    is_confirming: bool,
    /// Whether the previous pass ended with a repeated page.
    has_repeated: bool,
    threads: SeenThreads,
    progress: ListProgress,
    waits: u32,
    unreadable_rows: usize,
    notes: Vec<String>,
    is_incomplete: bool,
    failure: Option<UserError>,
}

impl CamelaiListing {
    /// Starts the walk.
    ///
    /// # Errors
    /// No key, an unusable base URL, or another list than that of threads.
    pub(super) fn new(access: &ServiceAccess, scope: &ListScope) -> Result<Self, AccessError> {
        let list = match scope {
            ListScope::Accounts => Some("accounts"),
            ListScope::Applications => Some("applications"),
            ListScope::Variants => Some("variants"),
            ListScope::Threads(scope) if !scope.variants.is_empty() => Some("variants"),
            ListScope::Threads(scope) => scope.application.as_ref().map(|_| "applications"),
        };
        if let Some(list) = list {
            return Err(AccessError::NoSuchList { service: "camelAI", list });
        }
        let mut walk = Self {
            access: access.clone(),
            page_size: PAGE_SIZE,
            next: None,
            query: String::new(),
            running: None,
            last_id: ListRequestId::default(),
            pass: Pass::default(),
            passes: 0,
            is_confirming: false,
            has_repeated: false,
            threads: SeenThreads::default(),
            progress: ListProgress::default(),
            waits: 0,
            unreadable_rows: 0,
            notes: Vec::new(),
            is_incomplete: false,
            failure: None,
        };
        walk.start_pass()?;
        Ok(walk)
    }

    /// Goes back to the first page.
    fn start_pass(&mut self) -> Result<(), AccessError> {
        self.pass = Pass::default();
        self.passes += 1;
        let query = format!("page=1&page_size={}", self.page_size);
        self.request(query, Duration::ZERO)
    }

    fn request(&mut self, query: String, delay: Duration) -> Result<(), AccessError> {
        self.next = Some((threads_request(&query, &self.access)?, delay));
        self.query = query;
        Ok(())
    }

    fn add_thread(&mut self, row: Value<'_>, arrivals: &mut Vec<ListedThread>) {
        let Some(thread) = row::read_thread(row) else {
            self.unreadable_rows += 1;
            return;
        };
        let novelty = self.threads.insert(&thread);
        self.pass.add(&thread.id, novelty == Novelty::New);
        match novelty {
            Novelty::New | Novelty::Newer => arrivals.push(thread),
            Novelty::Known => {}
        }
    }

    fn report_progress(&mut self) -> ListUpdate {
        self.progress.threads = self.threads.len();
        self.progress.threads_total =
            self.pass.count().map(|count| count as u64).or(self.progress.threads_total);
        ListUpdate::Progress(self.progress)
    }

    /// Ends a page that arrived.
    fn end_page(&mut self, body: &ListBody) -> Vec<ListUpdate> {
        self.progress.lists_read += 1;
        self.waits = 0;
        let [count, next] = Value::of(&body.envelope).get_many(["count", "next"]);
        let count = count.and_then(Value::as_i64).and_then(|count| usize::try_from(count).ok());
        let next = next.and_then(Value::as_str).and_then(|address| query_of(&address));
        let PageEnd { next, brought_new } = self.pass.end_page(count, next);
        let update = self.report_progress();
        let is_confirmed =
            self.is_confirming && !brought_new && count.is_none_or(|count| self.threads.len() >= count);
        match next {
            _ if is_confirmed || body.is_bare => {}
            Some(query) => self.request_or_stop(query),
            None => self.end_pass(),
        }
        vec![update]
    }

    /// Ends a pass, and starts another one unless every thread is listed or another pass would find nothing.
    fn end_pass(&mut self) {
        let is_whole = self.pass.is_whole();
        // A single page is a consistent list. In an idle account, another pass would find nothing new.
        let repeats = self.pass.repeats_page();
        let found_nothing = self.pass.new_threads == 0 && !self.pass.has_changed();
        let is_last = self.pass.pages <= 1
            || self.passes >= MAX_PASSES
            || (self.passes > 1 && found_nothing && repeats == self.has_repeated);
        self.has_repeated = repeats;
        if is_last {
            // In a busy account, no pass may be complete. The union of passes proves nothing, because it includes deleted
            // threads.
            self.is_incomplete |= !is_whole;
            return;
        }
        self.is_confirming = is_whole;
        if let Err(error) = self.start_pass() {
            self.stop(&error.to_string());
        }
    }

    fn request_or_stop(&mut self, query: String) {
        if let Err(error) = self.request(query, Duration::ZERO) {
            self.stop(&error.to_string());
        }
    }

    /// Ends the walk at a page that cannot be read, because only that page has the address of the next one.
    fn stop(&mut self, reason: &str) {
        self.next = None;
        self.is_incomplete = true;
        self.notes.push(format!("The walk ended early: {reason}."));
    }

    fn refuse(&mut self, reason: &str) -> Vec<ListUpdate> {
        self.progress.refused += 1;
        let subject = format!("page {} of the threads", self.pass.pages + 1);
        self.stop(reason);
        let refusal = ListRefusal { subject, variant_id: None, reason: reason.to_owned() };
        vec![ListUpdate::Refused(refusal), self.report_progress()]
    }

    /// Returns the wait that the service requests in a sentence, when there is no header for it.
    fn requested_wait(&self, failure: &ListFailure) -> Option<u64> {
        let is_throttled = failure.status == Some(429) && failure.error.retry_after.is_none();
        if is_throttled { requested_seconds(&failure.body) } else { None }
    }
}

/// Returns the query of an address, without the rest of it.
fn query_of(address: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    (!query.is_empty() && query.len() <= MAX_QUERY_LENGTH).then(|| query.to_owned())
}

/// Returns the wait in seconds that the body of a refusal requests; there is no header for it.
pub(super) fn requested_seconds(body: &[u8]) -> Option<u64> {
    error_messages(body).iter().find_map(|message| seconds_in(message))
}

/// Returns the number before the word "second": `Expected available in 12 seconds.`
fn seconds_in(message: &str) -> Option<u64> {
    let words: Vec<&str> = message.split_whitespace().collect();
    words.windows(2).find_map(|pair| match pair {
        [number, unit] if unit.starts_with("second") => number.parse().ok(),
        _ => None,
    })
}

impl Listing for CamelaiListing {
    fn next_request(&mut self) -> Option<ListRequest> {
        let (request, delay) = self.next.take()?;
        self.last_id = self.last_id.next();
        self.running = Some((self.last_id, ListSplitter::new(LIST_NAMES)));
        Some(ListRequest { id: self.last_id, request, delay })
    }

    fn begin_body(&mut self, id: ListRequestId) {
        if let Some((_, splitter)) = self.running.as_mut().filter(|(running, _)| *running == id) {
            *splitter = ListSplitter::new(LIST_NAMES);
            self.pass.restart_page();
        }
    }

    fn push(&mut self, id: ListRequestId, bytes: &[u8]) -> Vec<ListUpdate> {
        let Some((running, mut splitter)) = self.running.take() else { return Vec::new() };
        let mut arrivals = Vec::new();
        if running == id {
            splitter.push(bytes, |row| self.add_thread(row, &mut arrivals));
        }
        self.running = Some((running, splitter));
        if arrivals.is_empty() {
            return Vec::new();
        }
        vec![ListUpdate::Threads(arrivals), self.report_progress()]
    }

    fn finish(&mut self, id: ListRequestId) -> Vec<ListUpdate> {
        let Some((_, splitter)) = self.running.take_if(|(running, _)| *running == id) else {
            return Vec::new();
        };
        let body = splitter.finish();
        match body.end {
            ListEnd::Complete => self.end_page(&body),
            end if self.threads.len() == 0 => {
                self.failure = Some(no_list_error(end));
                Vec::new()
            }
            end => self.refuse(describe_end(end)),
        }
    }

    fn fail(&mut self, id: ListRequestId, failure: &ListFailure) -> Vec<ListUpdate> {
        if self.running.take_if(|(running, _)| *running == id).is_none() {
            return Vec::new();
        }
        if failure.status == Some(404) && self.pass.pages > 0 {
            self.pass.lose_page();
            self.end_pass();
            return Vec::new();
        }
        if self.pass.pages == 0 && self.page_size > 1 && refuses_page_size(failure, "page_size") {
            self.page_size /= 2;
            self.request_or_stop(format!("page=1&page_size={}", self.page_size));
            return Vec::new();
        }
        let wait = self.requested_wait(failure);
        if let Some(seconds) = wait.filter(|seconds| *seconds <= MAX_WAIT_SECONDS && self.waits < MAX_WAITS) {
            self.waits += 1;
            let query = std::mem::take(&mut self.query);
            if let Err(error) = self.request(query, Duration::from_secs(seconds)) {
                self.stop(&error.to_string());
            }
            return Vec::new();
        }
        if self.progress.lists_read == 0 && self.threads.len() == 0 {
            let wait = wait.and_then(|seconds| u32::try_from(seconds).ok());
            let error = failure.list_error("threads");
            self.failure = Some(UserError { retry_after: error.retry_after.or(wait), ..error });
            return Vec::new();
        }
        match wait {
            Some(seconds) => self.refuse(&format!("{}, try again in {seconds} s", failure.reason)),
            None => self.refuse(&failure.reason),
        }
    }

    fn end(&mut self) -> ListUpdate {
        if let Some(error) = self.failure.take() {
            return ListUpdate::Failed(error);
        }
        let mut notes = std::mem::take(&mut self.notes);
        let listed = self.threads.len();
        if let Some(count) = self.pass.count().filter(|count| *count > listed) {
            self.is_incomplete = true;
            notes.push(format!("Listed {listed} of {count} threads."));
        } else if self.is_incomplete && notes.is_empty() {
            notes.push("Threads changed during the walk; some may be missing.".to_owned());
        }
        if self.unreadable_rows > 0 {
            self.is_incomplete = true;
            notes.push(format!("Omitted entries without an id: {}.", self.unreadable_rows));
        }
        ListUpdate::Ended { is_complete: !self.is_incomplete, notes }
    }
}
