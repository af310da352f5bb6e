//! The walk over an SGP account: one paged walk over the applications, one over all variants, and a bare list of threads
//! for each variant. There is no list of all threads. If a list is refused, the walk continues without it.

mod page_walk;
mod plan;
mod refusals;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use crate::decode::{ListBody, ListEnd, ListSplitter};
use crate::domain::{
    ListProgress, ListRefusal, ListUpdate, ListedAccount, ListedApplication, ListedThread, ListedVariant,
    UserError,
};
use crate::json::Value;
use crate::provider::access::{AccessError, Request, ServiceAccess};
use crate::provider::listing::{
    ListFailure, ListRequest, ListRequestId, ListScope, Listing, Novelty, SeenThreads, describe_end,
    no_list_error,
};
use page_walk::PageWalk;

/// One list, or one page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Job {
    UserInfo,
    Applications,
    Variants,
    /// The threads of the variant with this id.
    Threads(String),
    /// The turns of the application with this id, which name its threads.
    Turns(String),
}

impl Job {
    /// Returns the names of members that may contain the list.
    fn list_names(&self) -> &'static [&'static str] {
        match self {
            Self::UserInfo => &["access_profiles"],
            Self::Applications | Self::Variants | Self::Threads(_) | Self::Turns(_) => &["items"],
        }
    }
}

/// The parts of an entry that other lists need.
#[derive(Clone, Debug, Default)]
struct KnownVariant {
    name: String,
    application_id: Option<String>,
    /// Whether its threads could not be listed.
    is_refused: bool,
}

/// The walk.
pub(super) struct SgpListing {
    access: ServiceAccess,
    scope: ListScope,
    queue: VecDeque<(Job, Request)>,
    running: BTreeMap<ListRequestId, (Job, ListSplitter)>,
    last_id: ListRequestId,
    /// The walk over the pages of applications, until it ends; likewise for variants and turns.
    applications: Option<PageWalk>,
    variants: Option<PageWalk>,
    turns: Option<PageWalk>,
    application_names: HashMap<String, String>,
    known_variants: BTreeMap<String, KnownVariant>,
    /// Variants whose threads are requested once the names of the applications are known.
    waiting: Vec<String>,
    /// Applications whose turns are requested at the end; `None` before that is planned.
    to_search: Option<VecDeque<String>>,
    accounts: Vec<ListedAccount>,
    threads: SeenThreads,
    /// The number of threads that were only found in turns.
    found_in_turns: usize,
    has_archived: bool,
    unreadable_rows: usize,
    progress: ListProgress,
    /// The number of consecutive requests without a response.
    lost_in_sequence: usize,
    /// Sentences about parts that may be missing.
    notes: Vec<String>,
    is_incomplete: bool,
    /// The reason why nothing could be listed.
    failure: Option<UserError>,
    is_stopped: bool,
}

/// The new entries in a piece of a body.
#[derive(Debug, Default)]
struct Arrivals {
    applications: Vec<ListedApplication>,
    variants: Vec<ListedVariant>,
    threads: Vec<ListedThread>,
}

impl SgpListing {
    /// Starts the walk.
    ///
    /// # Errors
    /// No key, or an invalid base URL, account or variant.
    pub(super) fn new(access: &ServiceAccess, scope: &ListScope) -> Result<Self, AccessError> {
        let mut walk = Self {
            access: access.clone(),
            scope: scope.clone(),
            queue: VecDeque::new(),
            running: BTreeMap::new(),
            last_id: ListRequestId::default(),
            applications: None,
            variants: None,
            turns: None,
            application_names: HashMap::new(),
            known_variants: BTreeMap::new(),
            waiting: Vec::new(),
            to_search: None,
            accounts: Vec::new(),
            threads: SeenThreads::default(),
            found_in_turns: 0,
            has_archived: false,
            unreadable_rows: 0,
            progress: ListProgress::default(),
            lost_in_sequence: 0,
            notes: Vec::new(),
            is_incomplete: false,
            failure: None,
            is_stopped: false,
        };
        walk.plan_start()?;
        Ok(walk)
    }

    /// Reads an entry of a list. An entry without an id is counted and skipped.
    fn read_row(&mut self, job: &Job, row: Value<'_>, arrivals: &mut Arrivals) {
        let is_readable = match job {
            Job::UserInfo => rows::read_account(row).map(|account| self.accounts.push(account)).is_some(),
            Job::Applications => self.add_application(rows::read_application(row), arrivals),
            Job::Variants => self.add_variant(rows::read_variant(row), arrivals),
            Job::Threads(variant) => match rows::read_thread(row) {
                Some(thread) => {
                    let variant_id = thread.variant_id.or_else(|| Some(variant.clone()));
                    self.add_thread(ListedThread { variant_id, ..thread }, arrivals);
                    true
                }
                None => false,
            },
            Job::Turns(_) => {
                let turn = rows::read_interaction(row);
                count_row(self.turns.as_mut(), turn.as_ref().map(|(id, _)| id.as_str()));
                // A turn may belong to no thread.
                if let Some((_, Some(thread))) = turn {
                    self.found_in_turns += usize::from(self.add_thread(thread, arrivals));
                }
                true
            }
        };
        self.unreadable_rows += usize::from(!is_readable);
    }

    fn add_application(&mut self, application: Option<ListedApplication>, arrivals: &mut Arrivals) -> bool {
        let is_new = count_row(self.applications.as_mut(), application.as_ref().map(|spec| spec.id.as_str()));
        let is_readable = application.is_some();
        if let Some(application) = application.filter(|_| is_new) {
            self.application_names.insert(application.id.clone(), application.name.clone());
            arrivals.applications.push(application);
        }
        is_readable
    }

    fn add_variant(&mut self, variant: Option<ListedVariant>, arrivals: &mut Arrivals) -> bool {
        let is_new = count_row(self.variants.as_mut(), variant.as_ref().map(|variant| variant.id.as_str()));
        let is_readable = variant.is_some();
        if let Some(variant) = variant.filter(|_| is_new) {
            let known = KnownVariant {
                name: variant.name.clone(),
                application_id: variant.application_id.clone(),
                is_refused: false,
            };
            self.known_variants.insert(variant.id.clone(), known);
            self.waiting.push(variant.id.clone());
            arrivals.variants.push(variant);
        }
        is_readable
    }

    /// Adds a thread; `true` if it is new.
    fn add_thread(&mut self, thread: ListedThread, arrivals: &mut Arrivals) -> bool {
        let known = thread.variant_id.as_ref().and_then(|id| self.known_variants.get(id));
        let application_id =
            thread.application_id.clone().or_else(|| known.and_then(|known| known.application_id.clone()));
        let thread = ListedThread { application_id, ..thread };
        self.has_archived |= thread.archived_at.is_some();
        let novelty = self.threads.insert(&thread);
        // A turn has fewer fields of its thread than the list of threads.
        if novelty == Novelty::New || (novelty == Novelty::Newer && thread.created_at.is_some()) {
            arrivals.threads.push(thread);
        }
        novelty == Novelty::New
    }

    fn updates_of(&mut self, arrivals: Arrivals) -> Vec<ListUpdate> {
        let Arrivals { applications, variants, threads } = arrivals;
        let mut updates = Vec::new();
        if !applications.is_empty() {
            updates.push(ListUpdate::Applications(applications));
        }
        if !variants.is_empty() {
            updates.push(ListUpdate::Variants(variants));
        }
        if !threads.is_empty() {
            updates.push(ListUpdate::Threads(threads));
            updates.push(self.report_progress());
        }
        updates
    }

    fn report_progress(&mut self) -> ListUpdate {
        self.progress.threads = self.threads.len();
        ListUpdate::Progress(self.progress)
    }

    /// Reports a list that could not be read. The walk continues.
    fn refuse(&mut self, job: &Job, reason: &str) -> Vec<ListUpdate> {
        self.progress.refused += 1;
        self.is_incomplete = true;
        let variant_id = match job {
            Job::Threads(variant) => Some(variant.clone()),
            Job::UserInfo | Job::Applications | Job::Variants | Job::Turns(_) => None,
        };
        if let Some(known) = variant_id.as_ref().and_then(|id| self.known_variants.get_mut(id)) {
            known.is_refused = true;
        }
        let refusal = ListRefusal { subject: self.subject(job), variant_id, reason: reason.to_owned() };
        vec![ListUpdate::Refused(refusal), self.report_progress()]
    }

    /// Describes a list in a few words.
    fn subject(&self, job: &Job) -> String {
        let page = |name: &str, walk: &Option<PageWalk>| match walk {
            Some(walk) if walk.page > 1 => format!("{name}, page {}", walk.page),
            Some(_) | None => name.to_owned(),
        };
        match job {
            Job::UserInfo => "accounts".to_owned(),
            Job::Applications => page("applications", &self.applications),
            Job::Variants => page("variants", &self.variants),
            Job::Threads(id) => {
                let name = self.known_variants.get(id).map_or("", |known| known.name.as_str());
                format!("variant {}", if name.is_empty() { id } else { name })
            }
            Job::Turns(id) => {
                let name = self.application_names.get(id).filter(|name| !name.is_empty());
                page(&format!("turns of application {}", name.unwrap_or(id)), &self.turns)
            }
        }
    }
}

/// Counts an entry of a page, and whether its id is new.
fn count_row(walk: Option<&mut PageWalk>, id: Option<&str>) -> bool {
    match (walk, id) {
        (Some(walk), Some(id)) => walk.add(id),
        (Some(walk), None) => {
            walk.skip_row();
            false
        }
        (None, _) => false,
    }
}

impl Listing for SgpListing {
    fn next_request(&mut self) -> Option<ListRequest> {
        let (job, request) = self.queue.pop_front()?;
        self.last_id = self.last_id.next();
        let splitter = ListSplitter::new(job.list_names());
        self.running.insert(self.last_id, (job, splitter));
        Some(ListRequest { id: self.last_id, request, delay: Duration::ZERO })
    }

    fn begin_body(&mut self, id: ListRequestId) {
        let Some((job, splitter)) = self.running.get_mut(&id) else { return };
        *splitter = ListSplitter::new(job.list_names());
        let walk = match job {
            Job::Applications => self.applications.as_mut(),
            Job::Variants => self.variants.as_mut(),
            Job::Turns(_) => self.turns.as_mut(),
            Job::UserInfo => {
                self.accounts.clear();
                None
            }
            Job::Threads(_) => None,
        };
        if let Some(walk) = walk {
            walk.restart_page();
        }
    }

    fn push(&mut self, id: ListRequestId, bytes: &[u8]) -> Vec<ListUpdate> {
        let Some((job, mut splitter)) = self.running.remove(&id) else { return Vec::new() };
        let mut arrivals = Arrivals::default();
        splitter.push(bytes, |row| self.read_row(&job, row, &mut arrivals));
        self.running.insert(id, (job, splitter));
        self.updates_of(arrivals)
    }

    fn finish(&mut self, id: ListRequestId) -> Vec<ListUpdate> {
        let Some((job, splitter)) = self.running.remove(&id) else { return Vec::new() };
        self.lost_in_sequence = 0;
        let body = splitter.finish();
        if self.is_stopped && job != Job::UserInfo {
            return Vec::new();
        }
        let updates = match body.end {
            ListEnd::Complete => self.end_list(job, &body),
            _ if matches!(job, Job::Turns(_)) => self.end_turns(),
            ListEnd::Truncated | ListEnd::TooLarge => {
                let failure = ListFailure {
                    status: None,
                    body: Vec::new(),
                    reason: describe_end(body.end).to_owned(),
                    error: no_list_error(body.end),
                };
                self.degrade(job, &failure)
            }
            ListEnd::Empty | ListEnd::NoList | ListEnd::Html | ListEnd::NotJson => {
                self.end_with_other_body(&job, &body)
            }
        };
        self.plan_turns();
        updates
    }

    fn fail(&mut self, id: ListRequestId, failure: &ListFailure) -> Vec<ListUpdate> {
        let Some((job, _)) = self.running.remove(&id) else { return Vec::new() };
        if self.is_stopped && job != Job::UserInfo {
            return Vec::new();
        }
        let updates = self.degrade(job, failure);
        self.plan_turns();
        updates
    }

    fn end(&mut self) -> ListUpdate {
        match self.failure.take() {
            Some(error) => ListUpdate::Failed(error),
            None => self.describe_outcome(),
        }
    }
}
