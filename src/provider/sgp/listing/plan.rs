//! The order of the requests for lists.

use std::collections::BTreeSet;

use super::{Job, KnownVariant, ListBody, PageWalk, SgpListing};
use crate::domain::{ExitCode, ListUpdate, ListedApplication, UserError};
use crate::provider::access::{self, AccessError, Request, ServiceAccess};
use crate::provider::listing::{ListScope, ThreadScope};
use crate::provider::sgp::address::{account, build_request};

/// The number of entries of a page of applications or turns. The service allows 10,000; its default is 100.
const PAGE_LIMIT: u32 = 1_000;
/// The number of entries of a page of variants, whose configurations may be large.
const VARIANT_PAGE_LIMIT: u32 = 100;

impl SgpListing {
    /// Plans the first requests.
    pub(super) fn plan_start(&mut self) -> Result<(), AccessError> {
        match self.scope.clone() {
            ListScope::Accounts => self.enqueue(Job::UserInfo)?,
            ListScope::Applications => self.start_applications()?,
            ListScope::Variants => {
                self.start_applications()?;
                self.start_variants()?;
            }
            ListScope::Threads(ThreadScope { variants, application: None }) if !variants.is_empty() => {
                for variant in variants {
                    self.enqueue(Job::Threads(variant.clone()))?;
                    self.known_variants.insert(variant, KnownVariant::default());
                }
                self.progress.lists_total = Some(self.known_variants.len());
            }
            ListScope::Threads(_) => {
                self.start_applications()?;
                self.start_variants()?;
            }
        }
        Ok(())
    }

    fn start_applications(&mut self) -> Result<(), AccessError> {
        self.applications = Some(PageWalk::new(PAGE_LIMIT));
        self.enqueue(Job::Applications)
    }

    pub(super) fn start_variants(&mut self) -> Result<(), AccessError> {
        self.variants = Some(PageWalk::new(VARIANT_PAGE_LIMIT));
        self.enqueue(Job::Variants)
    }

    /// Puts a list into the queue.
    fn enqueue(&mut self, job: Job) -> Result<(), AccessError> {
        let request = self.request(&job)?;
        self.queue.push_back((job, request));
        Ok(())
    }

    /// Requests a list, or its next page. The first request has shown that the access is valid.
    pub(super) fn request_next(&mut self, job: Job) {
        if let Ok(request) = self.request(&job) {
            self.queue.push_front((job, request));
        }
    }

    fn request(&self, job: &Job) -> Result<Request, AccessError> {
        let page = |path: &[&str], walk: &Option<PageWalk>, with_archived: bool| {
            let (number, limit) = walk.as_ref().map_or((1, PAGE_LIMIT), |walk| (walk.page, walk.limit));
            let (number, limit) = (number.to_string(), limit.to_string());
            let account = account(&self.access).map(|account| ("account_id", account));
            let archived = with_archived.then_some(("include_archived", "true"));
            let query: Vec<(&str, &str)> = account
                .into_iter()
                .chain(archived)
                .chain([("page", number.as_str()), ("limit", limit.as_str())])
                .collect();
            build_request(&self.access, path, &query)
        };
        match job {
            Job::UserInfo => {
                let access = ServiceAccess { account_id: None, ..self.access.clone() };
                build_request(&access, &["user-info"], &[])
            }
            Job::Applications => page(&["v4", "application-specs"], &self.applications, true),
            Job::Variants => page(&["v4", "application-variants"], &self.variants, false),
            Job::Threads(variant) => {
                check_path_id(variant, "variant id")?;
                let path = ["v4", "applications", variant, "threads"];
                build_request(&self.access, &path, &[("include_archived", "true")])
            }
            Job::Turns(application) => {
                check_path_id(application, "application id")?;
                page(&["v4", "applications", application, "interactions"], &self.turns, false)
            }
        }
    }

    /// Ends a list, or a page of it.
    pub(super) fn end_list(&mut self, job: Job, body: &ListBody) -> Vec<ListUpdate> {
        match job {
            Job::UserInfo => self.end_accounts(),
            Job::Applications => {
                match self.applications.as_mut().is_some_and(|walk| walk.end_page(body)) {
                    true => self.request_next(job),
                    false => self.end_applications(),
                }
                self.plan_threads()
            }
            Job::Variants => {
                let mut updates = Vec::new();
                match self.variants.as_mut().is_some_and(|walk| walk.end_page(body)) {
                    true => self.request_next(job),
                    false => updates = self.end_variants(),
                }
                updates.extend(self.plan_threads());
                updates
            }
            Job::Threads(_) => {
                self.progress.lists_read += 1;
                vec![self.report_progress()]
            }
            Job::Turns(_) => {
                match self.turns.as_mut().is_some_and(|walk| walk.end_page(body)) {
                    true => self.request_next(job),
                    false => self.turns = None,
                }
                Vec::new()
            }
        }
    }

    pub(super) fn end_applications(&mut self) {
        let walk = self.applications.take();
        self.note_missing(walk.as_ref(), "applications");
    }

    /// Ends the walk over variants. Without the list of applications, their ids are taken from the variants, without names.
    pub(super) fn end_variants(&mut self) -> Vec<ListUpdate> {
        let walk = self.variants.take();
        self.note_missing(walk.as_ref(), "variants");
        if self.scope != ListScope::Applications {
            return Vec::new();
        }
        self.failure = None;
        let ids: BTreeSet<String> =
            self.known_variants.values().filter_map(|known| known.application_id.clone()).collect();
        let applications: Vec<ListedApplication> =
            ids.into_iter().map(|id| ListedApplication { id, ..ListedApplication::default() }).collect();
        vec![ListUpdate::Applications(applications)]
    }

    fn note_missing(&mut self, walk: Option<&PageWalk>, noun: &str) {
        if let Some((listed, total)) =
            walk.and_then(|walk| walk.missing_total().map(|total| (walk.len(), total)))
        {
            self.is_incomplete = true;
            self.notes.push(format!("The service listed {listed} of {total} {noun}."));
        }
    }

    /// Requests the threads of the known variants. The names of the applications must be known before, so that each thread
    /// can be shown and filtered with them.
    pub(super) fn plan_threads(&mut self) -> Vec<ListUpdate> {
        let ListScope::Threads(scope) = self.scope.clone() else { return Vec::new() };
        if self.applications.is_some() || self.is_stopped {
            return Vec::new();
        }
        let mut updates = Vec::new();
        for variant in std::mem::take(&mut self.waiting) {
            if !self.is_in_scope(&variant, &scope) {
                self.known_variants.remove(&variant);
                continue;
            }
            if let Err(error) = self.enqueue(Job::Threads(variant.clone())) {
                updates.extend(self.refuse(&Job::Threads(variant), &error.to_string()));
            }
        }
        if self.variants.is_none() && self.progress.lists_total.is_none() {
            self.progress.lists_total = Some(self.known_variants.len());
            self.check_application(&scope);
            updates.push(self.report_progress());
        }
        updates
    }

    fn is_in_scope(&self, variant: &str, scope: &ThreadScope) -> bool {
        let is_wanted = scope.variants.is_empty() || scope.variants.iter().any(|id| id == variant);
        is_wanted
            && scope.application.as_ref().is_none_or(|wanted| {
                let id = self.known_variants.get(variant).and_then(|known| known.application_id.as_ref());
                id.is_some_and(|id| {
                    let name = self.application_names.get(id).map(|name| name.to_lowercase());
                    id == wanted || name.is_some_and(|name| name.contains(&wanted.to_lowercase()))
                })
            })
    }

    /// Fails if no variant belongs to the wanted application.
    fn check_application(&mut self, scope: &ThreadScope) {
        if let Some(wanted) = scope.application.as_ref().filter(|_| self.known_variants.is_empty()) {
            let hint = match self.application_names.is_empty() {
                true => "The names of the applications are not available; pass the id of one.",
                false => "Run unspool list apps for the names and ids.",
            };
            let message = format!("no variant of an application {wanted:?} is listed");
            self.failure = Some(
                UserError::new(message, hint, ExitCode::NotFound)
                    .with_headline("There is no such application."),
            );
        }
    }

    /// Requests turns, once everything else is listed: of applications whose threads could not be listed, or of all if no
    /// thread was listed. Turns name the threads of every user. Newer servers lack this list.
    pub(super) fn plan_turns(&mut self) {
        let is_walk = matches!(&self.scope, ListScope::Threads(scope) if scope.variants.is_empty());
        if !is_walk || self.is_stopped || !self.queue.is_empty() || !self.running.is_empty() {
            return;
        }
        let is_empty = self.threads.len() == 0;
        let mut planned = self.to_search.take().unwrap_or_else(|| {
            let lists = self.known_variants.values().filter(|known| known.is_refused || is_empty);
            let ids: BTreeSet<&String> = lists.filter_map(|known| known.application_id.as_ref()).collect();
            ids.into_iter().cloned().collect()
        });
        let next = planned.pop_front();
        self.to_search = Some(planned);
        if let Some(application) = next {
            self.turns = Some(PageWalk::new(PAGE_LIMIT));
            self.request_next(Job::Turns(application));
        }
    }
}

/// Checks an id that becomes a part of a path.
fn check_path_id(id: &str, what: &str) -> Result<(), AccessError> {
    access::check_segment(id)
        .map_err(|reason| AccessError::BadId { reason: reason.replace("thread id", what) })
}
