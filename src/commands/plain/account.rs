//! The threads of an account in the plain mode: listed once, then narrowed by words or a filter.

use std::collections::HashMap;

use tokio::sync::mpsc;

use super::{PlainSession, print_open_error, print_sanitized};
use crate::app_loop::context::NetworkMode;
use crate::app_loop::kept_lists::KeptLists;
use crate::app_loop::listing::{OFFLINE_NOTE, account_client, no_kept_list_error, thread_scope};
use crate::app_loop::notes;
use crate::domain::{
    AccountRef, Applications, KeptList, ListUpdate, ListedThread, RecentThread, SavedState, Source,
    Timestamp, UserError,
};
use crate::filter::{FilterError, ThreadFilter};
use crate::ingest::listing;
use crate::library::{self, LibraryLocation};
use crate::net;
use crate::platform;
use crate::text::{number, time, to_sentence};
use crate::view::thread_table::{
    Arrangement, Selection, ThreadGroup, ThreadRow, ThreadSort, ThreadTable, arrange,
};

/// The maximum number of threads in the list.
const MAX_LISTED: usize = 40;

/// The capacity of the queue of updates.
const QUEUE_CAPACITY: usize = 16;

/// The listed threads of a service.
pub(super) struct Account {
    service: &'static str,
    table: ThreadTable,
    index_of: HashMap<String, u32>,
    applications: Applications,
    /// Sentences about missing parts.
    notes: Vec<String>,
    is_complete: bool,
}

impl Account {
    fn new(service: &'static str) -> Self {
        Self {
            service,
            table: ThreadTable::default(),
            index_of: HashMap::new(),
            applications: Applications::default(),
            notes: Vec::new(),
            is_complete: false,
        }
    }

    fn apply(&mut self, update: ListUpdate) -> Result<(), UserError> {
        match update {
            ListUpdate::Accounts(_) | ListUpdate::Progress(_) => {}
            ListUpdate::Applications(applications) => self.applications.add_applications(applications),
            ListUpdate::Variants(variants) => self.applications.add_variants(variants),
            ListUpdate::Threads(threads) => threads.into_iter().for_each(|thread| self.add(thread)),
            ListUpdate::Refused(refusal) => {
                self.notes.push(format!("Could not list {}: {}", refusal.subject, refusal.reason));
            }
            ListUpdate::Ended { is_complete, notes } => {
                self.is_complete = is_complete;
                self.notes.extend(notes);
            }
            ListUpdate::Failed(error) if self.table.len() == 0 => return Err(error),
            ListUpdate::Failed(error) => {
                self.notes.push(format!("The rest is missing: {}. {}", error.summary(), error.hint));
            }
        }
        Ok(())
    }

    fn add(&mut self, thread: ListedThread) {
        match self.index_of.get(&thread.id) {
            Some(index) => self.table.replace(*index, thread),
            None => {
                let id = thread.id.clone();
                self.index_of.insert(id, self.table.push(thread));
            }
        }
    }

    /// Adds the states of threads, and the threads that only the library has. Offline, adds the whole kept list.
    fn apply_kept(&mut self, kept: KeptList, is_offline: bool) {
        if is_offline {
            self.applications.add_applications(kept.applications);
            self.applications.add_variants(kept.variants);
        }
        for (thread, saved) in kept.threads {
            match self.index_of.get(&thread.id) {
                Some(index) => self.table.set_saved(*index, saved),
                None if is_offline || saved.is_local_only() => {
                    self.index_of.insert(thread.id.clone(), self.table.push_kept(thread, saved));
                }
                None => {}
            }
        }
    }

    /// Returns the threads that contain these words, or match a filter with a term, the latest first.
    fn find(
        &self,
        typed: &str,
        place: Option<&(LibraryLocation, library::Account)>,
        now: Timestamp,
    ) -> Result<Arrangement, FilterError> {
        let has_term = typed.contains([':', '<', '>']);
        let filter = ThreadFilter::new(if has_term { typed } else { "" }, now)?;
        let filter = notes::add_to_filter(filter, place);
        let matches = |row: &ThreadRow, applications: &Applications| {
            filter.matches(&row.thread, row.saved, applications)
        };
        let narrowing = if has_term { "" } else { typed };
        let selection = Selection { group: &ThreadGroup::All, narrowing, matches: &matches };
        let found = arrange(&self.table, &self.applications, &selection, ThreadSort::default(), &|| false);
        Ok(found.unwrap_or_default())
    }
}

impl PlainSession<'_> {
    /// Prints the threads of the account that contain these words. The first call lists the account.
    pub(super) fn list_account(&mut self, words: &str) {
        let service = self.account_service();
        if self.account.as_ref().is_none_or(|account| account.service != service) {
            match self.fetch_account(service) {
                Ok(account) => self.account = Some(account),
                Err(error) => {
                    print_open_error(&error);
                    return;
                }
            }
        }
        self.print_account(words);
    }

    /// Forgets the list and lists the threads again.
    pub(super) fn reload_account(&mut self, words: &str) {
        self.account = None;
        self.list_account(words);
    }

    fn account_service(&self) -> &'static str {
        let open = self.last_source.as_ref().and_then(Source::thread).map(|thread| thread.service);
        self.context.choose_service(open.or(self.profiles.preferred_service))
    }

    fn fetch_account(&self, service: &'static str) -> Result<Account, UserError> {
        let client = account_client(&self.context, &AccountRef::in_use(service), self.client.clone())
            .map_err(|error| *error)?;
        let kept = KeptLists::of(&client).and_then(|lists| lists.load());
        if self.context.network_mode == NetworkMode::Offline {
            let kept = kept.ok_or_else(no_kept_list_error)?;
            let mut account = Account::new(service);
            account.notes.push(OFFLINE_NOTE.to_owned());
            account.apply_kept(kept, true);
            return Ok(account);
        }
        print_sanitized("Listing the threads of the account.");
        let listed = self.runtime.block_on(async {
            let mut account = Account::new(service);
            let (updates, mut received) = mpsc::channel(QUEUE_CAPACITY);
            let (handle, control) = net::fetch_control();
            // The task owns the receiver, so that the walk ends after a failure instead of waiting for a reader.
            let read = async move {
                while let Some(update) = received.recv().await {
                    account.apply(update)?;
                }
                Ok::<Account, UserError>(account)
            };
            let (account, ()) =
                tokio::join!(read, listing::list(client, thread_scope(None), updates, control));
            drop(handle);
            account
        });
        let mut account: Account = listed?;
        kept.into_iter().for_each(|kept| account.apply_kept(kept, false));
        Ok(account)
    }

    fn print_account(&mut self, words: &str) {
        let Some(account) = &self.account else { return };
        let place = self.context.library_account(&AccountRef::in_use(account.service));
        let found = match account.find(words, place.as_ref(), platform::now()) {
            Ok(found) => found,
            Err(error) => return print_sanitized(&to_sentence(&error.to_string())),
        };
        let all = number::pluralize(found.counts.all, "thread");
        let count = number::count(found.rows.len());
        let start = if words.is_empty() { all } else { format!("{count} of {all} with \"{words}\"") };
        let state = if account.is_complete { "" } else { ", the list is incomplete" };
        print_sanitized(&to_sentence(&format!("{start}{state}")));
        for note in &account.notes {
            print_sanitized(&to_sentence(note));
        }
        let rows: Vec<&ThreadRow> =
            found.rows.iter().take(MAX_LISTED).filter_map(|index| account.table.get(*index)).collect();
        for (index, row) in rows.iter().enumerate() {
            print_sanitized(&format!("{}: {}", index + 1, self.describe_listed(account, row)));
        }
        let left_out = found.rows.len() - rows.len();
        self.listed = rows.iter().map(|row| as_recent(account.service, row)).collect();
        if left_out > 0 {
            let more = number::pluralize(left_out, "more thread");
            print_sanitized(&format!("{more}. Type b and words to see fewer."));
        }
        if !self.listed.is_empty() {
            print_sanitized("Type o and a number to open a thread, or B to list them again.");
        }
    }

    fn describe_listed(&self, account: &Account, row: &ThreadRow) -> String {
        let thread = &row.thread;
        let title = if thread.title.trim().is_empty() { "no title" } else { thread.title.trim() };
        let mut facts = vec![title.to_owned()];
        facts.extend((row.saved != SavedState::NotSaved).then(|| row.saved.meaning().to_owned()));
        let when = |time: Timestamp| {
            let (date, minute) = (time::date(time, &self.time_format), time::minute(time, &self.time_format));
            format!("{date} {minute}")
        };
        facts.extend(thread.changed_at().map(when));
        facts.extend(thread.message_count.map(|count| number::pluralize(count as usize, "message")));
        facts.extend(thread.user.clone());
        facts.extend(Some(account.applications.place_of(thread)).filter(|place| !place.is_empty()));
        facts.push(format!("{}:{}", account.service, thread.id));
        facts.join(", ")
    }
}

fn as_recent(service: &str, row: &ThreadRow) -> RecentThread {
    RecentThread {
        input: format!("{service}:{}", row.thread.id),
        title: row.thread.title.clone(),
        service: service.to_owned(),
        profile: None,
        opened_at: None,
        note: String::new(),
        place: None,
    }
}
