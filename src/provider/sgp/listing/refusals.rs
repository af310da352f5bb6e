//! Refused lists, and the end of the walk.

use std::collections::VecDeque;

use super::{Job, ListBody, ListFailure, SgpListing, describe_end, no_list_error};
use crate::domain::{ExitCode, ListUpdate, ListedAccount, UserError};
use crate::provider::listing::{ListScope, pluralize, refuses_page_size};
use crate::provider::sgp::address::account;

/// The number of consecutive requests without a response after which the walk ends.
const MAX_LOST_IN_SEQUENCE: usize = 3;
/// The longest wait, in seconds, that does not end the walk.
const MAX_WAIT_SECONDS: u32 = 30;
/// The maximum number of accounts in an error.
const MAX_NAMED_ACCOUNTS: usize = 10;

impl SgpListing {
    /// Continues after a list that could not be read.
    pub(super) fn degrade(&mut self, job: Job, failure: &ListFailure) -> Vec<ListUpdate> {
        self.lost_in_sequence = if failure.status.is_none() { self.lost_in_sequence + 1 } else { 0 };
        if failure.status == Some(401) && !matches!(job, Job::UserInfo | Job::Turns(_)) {
            return self.degrade_without_key(&job, failure);
        }
        match job {
            Job::UserInfo => {
                self.failure.get_or_insert_with(|| failure.list_error("accounts"));
                Vec::new()
            }
            Job::Applications => self.degrade_without_applications(failure),
            Job::Variants => self.degrade_without_variants(failure),
            Job::Threads(_) => {
                let updates = self.refuse(&job, &failure.reason);
                let is_long_wait = failure.error.retry_after.is_some_and(|wait| wait > MAX_WAIT_SECONDS);
                if self.lost_in_sequence >= MAX_LOST_IN_SEQUENCE || is_long_wait {
                    self.stop(&failure.reason);
                }
                updates
            }
            Job::Turns(_) => self.end_turns(),
        }
    }

    /// Ends the search in turns, the last resort. Newer servers lack their list.
    pub(super) fn end_turns(&mut self) -> Vec<ListUpdate> {
        self.turns = None;
        self.to_search = Some(VecDeque::new());
        Vec::new()
    }

    /// Offers the accounts of a key without an account, which can list nothing else.
    fn degrade_without_key(&mut self, job: &Job, failure: &ListFailure) -> Vec<ListUpdate> {
        if self.threads.len() > 0 {
            let updates = self.refuse(job, &failure.reason);
            self.stop(&failure.reason);
            return updates;
        }
        self.stop(&failure.reason);
        self.failure = Some(failure.error.clone());
        if account(&self.access).is_none() {
            self.request_next(Job::UserInfo);
        }
        Vec::new()
    }

    /// Continues without the list of applications, whose names are then unknown.
    fn degrade_without_applications(&mut self, failure: &ListFailure) -> Vec<ListUpdate> {
        if let Some(walk) = self.applications.as_mut()
            && refuses_page_size(failure, "limit")
            && walk.halve_limit()
        {
            self.request_next(Job::Applications);
            return Vec::new();
        }
        let mut updates = self.refuse(&Job::Applications, &failure.reason);
        self.notes.push("The names of the applications are not available.".to_owned());
        self.applications = None;
        if self.scope == ListScope::Applications && self.start_variants().is_ok() {
            self.failure = Some(failure.list_error("applications"));
        }
        updates.extend(self.plan_threads());
        updates
    }

    fn degrade_without_variants(&mut self, failure: &ListFailure) -> Vec<ListUpdate> {
        let Some(walk) = self.variants.as_mut() else { return Vec::new() };
        if refuses_page_size(failure, "limit") && walk.halve_limit() {
            self.request_next(Job::Variants);
            return Vec::new();
        }
        if walk.page > 1 || walk.len() > 0 {
            let mut updates = self.refuse(&Job::Variants, &failure.reason);
            updates.extend(self.end_variants());
            updates.extend(self.plan_threads());
            return updates;
        }
        self.variants = None;
        let error = failure.list_error("variants");
        let hint = match (&self.scope, failure.status) {
            (ListScope::Threads(_), Some(_)) => {
                format!("{} Or pass variants with --variant, or thread ids with --from.", error.hint)
            }
            _ => error.hint.clone(),
        };
        self.failure.get_or_insert(UserError { hint, ..error });
        self.stop(&failure.reason);
        Vec::new()
    }

    /// Ends the listing with a web page, an empty body or JSON of another form: all other responses would be the same.
    pub(super) fn end_with_other_body(&mut self, job: &Job, body: &ListBody) -> Vec<ListUpdate> {
        let reason = describe_end(body.end);
        if *job == Job::UserInfo || (self.threads.len() == 0 && self.progress.lists_read == 0) {
            self.failure.get_or_insert_with(|| no_list_error(body.end));
            self.stop(reason);
            return Vec::new();
        }
        let updates = self.refuse(job, reason);
        self.stop(reason);
        updates
    }

    /// Ends the walk early, because the other lists would be refused for the same reason.
    fn stop(&mut self, reason: &str) {
        let rest = self.queue.len() + self.waiting.len();
        self.queue.clear();
        self.waiting.clear();
        self.is_incomplete = true;
        if !std::mem::replace(&mut self.is_stopped, true) {
            let rest = if rest > 0 { format!(", {} unread", pluralize(rest, "list")) } else { String::new() };
            self.notes.push(format!("The walk ended early{rest}: {reason}."));
        }
    }

    /// Ends the list of accounts; if the walk needs one, names them.
    pub(super) fn end_accounts(&mut self) -> Vec<ListUpdate> {
        let accounts = std::mem::take(&mut self.accounts);
        if let Some(error) = self.failure.take() {
            self.failure = Some(offer_accounts(error, &accounts));
        }
        vec![ListUpdate::Accounts(accounts)]
    }

    pub(super) fn describe_outcome(&mut self) -> ListUpdate {
        let mut notes = std::mem::take(&mut self.notes);
        if self.unreadable_rows > 0 {
            self.is_incomplete = true;
            notes.push(format!("Omitted entries without an id: {}.", self.unreadable_rows));
        }
        if matches!(self.scope, ListScope::Threads(_)) {
            if self.found_in_turns > 0 {
                let found = pluralize(self.found_in_turns, "thread");
                notes.push(format!("Found in the list of turns only, without title: {found}."));
            }
            if self.threads.len() == 0 && !self.is_incomplete {
                notes.push(
                    "No thread is listed: a list may have only the threads of the key's own user.".to_owned(),
                );
            } else if self.threads.len() > 0 && !self.has_archived {
                notes.push("No archived thread is listed: older servers omit them.".to_owned());
            }
        }
        ListUpdate::Ended { is_complete: !self.is_incomplete, notes }
    }
}

/// Returns the error of a key that needs an account, with the accounts to choose from.
fn offer_accounts(error: UserError, accounts: &[ListedAccount]) -> UserError {
    let open: Vec<&ListedAccount> = accounts
        .iter()
        .filter(|account| account.role != "disabled" && matches!(account.status.as_str(), "" | "active"))
        .collect();
    if open.is_empty() {
        return error;
    }
    let named: Vec<String> = open
        .iter()
        .take(MAX_NAMED_ACCOUNTS)
        .map(|account| match account.name.as_str() {
            "" => account.id.clone(),
            name => format!("{} ({name})", account.id),
        })
        .collect();
    let headline = format!(
        "Which account? {}.",
        match open.len() {
            1 => "1 is open to the key".to_owned(),
            count => format!("{count} are open to the key"),
        }
    );
    let hint = format!("Pass --account with one of: {}.", named.join(", "));
    UserError { hint, exit_code: ExitCode::NotAllowed, ..error }.with_headline(headline)
}
