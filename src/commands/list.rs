//! `unspool list`: prints the threads, applications, variants and accounts that a key can see, as lines or rows. Refused
//! parts are reported on standard error.

mod kept;
mod order;
mod printer;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::app_loop::context::{Context, NetworkMode};
use crate::app_loop::failure::unknown_service_error;
use crate::app_loop::kept_lists::KeptLists;
use crate::app_loop::listing::no_kept_list_error;
use crate::app_loop::notes;
use crate::cli::{ListArgs, ListFormat, ListKind, ListSort};
use crate::commands::demo_server;
use crate::commands::progress::Progress;
use crate::commands::runner::{Verbosity, run_task};
use crate::commands::selection::parse_thread_filter;
use crate::credentials::profiles::ProfileDirectory;
use crate::domain::{
    AccountRef, Applications, ExitCode, ListProgress, ListRefusal, ListUpdate, ListedAccount,
    ListedApplication, ListedThread, SavedState, UserError,
};
use crate::filter::ThreadFilter;
use crate::ingest::fetch::ServiceClient;
use crate::ingest::listing;
use crate::net::{Client, fetch_control};
use crate::provider::{ListScope, ThreadScope};
use crate::settings::Settings;
use crate::storage::output::{Output, OutputTarget};
use crate::text::number;
use kept::KeptStates;
use printer::{Printer, is_application};

/// The capacity of the queue of updates.
const QUEUE_CAPACITY: usize = 64;
/// The maximum number of refused parts that are reported one by one.
const MAX_NAMED_REFUSALS: usize = 20;

/// Prints a list; returns the exit code of the failure, else 3 if a part is missing.
pub fn run(args: ListArgs, runtime: &Runtime) -> ExitCode {
    run_task(runtime, |_| list(args))
}

async fn list(args: ListArgs) -> Result<ExitCode, UserError> {
    let usage = |message: String, hint| UserError::new(message, hint, ExitCode::Usage);
    if let Some(option) = args.thread_option().filter(|_| args.kind != ListKind::Threads) {
        return Err(usage(format!("{option} is for lists of threads"), "Run unspool list threads."));
    }
    if args.app.is_some() && args.kind == ListKind::Accounts {
        return Err(usage("--app does not apply to accounts".to_owned(), "Omit --app."));
    }
    // The option alone must be a valid filter.
    parse_thread_filter(args.filter.as_deref())?;
    let filter = parse_thread_filter(Some(&args.thread_filter()))?;
    let settings = Settings::load().require_valid()?;
    let mut context = Context::new(&settings, &args.service)?;
    if let Some(address) = &args.service.demo_address {
        demo_server::use_demo_server(&mut context, address);
    }
    let is_offline = context.network_mode == NetworkMode::Offline;
    if is_offline && args.kind == ListKind::Accounts {
        return Err(usage("the list of accounts is not kept".to_owned(), "Omit --offline."));
    }
    let preferred = ProfileDirectory::new(&settings, &args.service).profiles()?.preferred_service;
    let service = context.choose_service(preferred);
    let client = Arc::new(Client::new(context.limits.clone()));
    let service_client =
        context.service_client(service, client).ok_or_else(|| unknown_service_error(service))?;
    let kept = KeptLists::of(&service_client);
    let filter = notes::add_to_filter(filter, context.library_account(&AccountRef::in_use(service)).as_ref());
    let printer = Printer::new(service, args.format, Output::open(OutputTarget::Stdout)?);
    let mut job = ListJob::new(&args, filter, printer);
    let result = if is_offline {
        let list = KeptLists::load_with_copies(kept.as_ref()).await.ok_or_else(no_kept_list_error)?;
        job.add_kept(list)
    } else {
        job.run(service_client, kept).await
    };
    match result {
        Ok(()) => job.finish(),
        // Nothing reads the output any more, so the remaining rows are not needed.
        Err(error) if error.message.is_empty() => Ok(ExitCode::Success),
        Err(error) => Err(error),
    }
}

fn scope(args: &ListArgs) -> ListScope {
    match args.kind {
        ListKind::Accounts => ListScope::Accounts,
        ListKind::Apps => ListScope::Applications,
        ListKind::Variants => ListScope::Variants,
        ListKind::Threads => {
            ListScope::Threads(ThreadScope { variants: args.variant.clone(), application: args.app.clone() })
        }
    }
}

/// A list in progress.
struct ListJob<'a> {
    args: &'a ListArgs,
    filter: ThreadFilter,
    kept_states: KeptStates,
    printer: Printer,
    accounts: Vec<ListedAccount>,
    applications: Applications,
    /// The order of the rows; `None` to print them as they arrive.
    sort: Option<ListSort>,
    /// The threads to sort.
    threads: Vec<ListedThread>,
    /// The ids of these threads with their positions, or the ids of printed threads.
    seen: HashMap<String, usize>,
    progress: Progress,
    refused: Vec<ListRefusal>,
    is_complete: bool,
    notes: Vec<String>,
    failure: Option<UserError>,
}

impl<'a> ListJob<'a> {
    fn new(args: &'a ListArgs, filter: ThreadFilter, printer: Printer) -> Self {
        let text_order = (args.format == ListFormat::Text).then_some(ListSort::Updated);
        Self {
            args,
            kept_states: KeptStates::new(args, filter.needs_saved_state()),
            filter,
            printer,
            accounts: Vec::new(),
            applications: Applications::default(),
            sort: args.sort.or(text_order),
            threads: Vec::new(),
            seen: HashMap::new(),
            failure: None,
            progress: Progress::new(Verbosity::from_flag(args.quiet)),
            refused: Vec::new(),
            is_complete: true,
            notes: Vec::new(),
        }
    }

    /// Lists the threads of the service, and records them in the library.
    async fn run(&mut self, client: ServiceClient, kept: Option<KeptLists>) -> Result<(), UserError> {
        if self.kept_states.needs_library() {
            self.kept_states.set_saved(KeptLists::load_with_copies(kept.as_ref()).await);
        }
        let (handle, control) = fetch_control();
        let (sender, mut updates) = mpsc::channel(QUEUE_CAPACITY);
        let scope = scope(self.args);
        let is_whole_account = scope == ListScope::default();
        tokio::spawn(listing::list(client, scope, sender, control));
        let mut recorder = kept.as_ref().and_then(KeptLists::recorder);
        while let Some(update) = updates.recv().await {
            self.apply(update.clone())?;
            if let Some(lists) = recorder.take() {
                recorder = lists.record(update, is_whole_account).await;
            }
            if self.has_enough() {
                break;
            }
        }
        handle.cancel();
        match KeptLists::load_in_background(kept.as_ref().filter(|_| self.kept_states.has_unlisted)).await {
            Some(list) => self.add_unlisted(list),
            None => Ok(()),
        }
    }

    fn apply(&mut self, update: ListUpdate) -> Result<(), UserError> {
        match update {
            ListUpdate::Accounts(accounts) => self.accounts.extend(accounts),
            ListUpdate::Applications(applications) => self.applications.add_applications(applications),
            ListUpdate::Variants(variants) => self.applications.add_variants(variants),
            ListUpdate::Threads(threads) => return self.add_threads(threads),
            ListUpdate::Progress(progress) => self.progress.draw(&describe_progress(progress)),
            ListUpdate::Refused(refusal) => self.refused.push(refusal),
            ListUpdate::Ended { is_complete, notes } => (self.is_complete, self.notes) = (is_complete, notes),
            ListUpdate::Failed(error) => self.failure = Some(error),
        }
        Ok(())
    }

    fn add_threads(&mut self, threads: Vec<ListedThread>) -> Result<(), UserError> {
        for thread in threads {
            let saved = self.kept_states.state_of(&thread);
            self.add_thread(thread, saved)?;
        }
        if self.sort.is_none() { self.printer.flush() } else { Ok(()) }
    }

    fn add_thread(&mut self, thread: ListedThread, saved: SavedState) -> Result<(), UserError> {
        if !self.filter.matches(&thread, saved, &self.applications) {
            return Ok(());
        }
        let position = self.seen.get(&thread.id).copied();
        match (self.sort, position) {
            (Some(_), Some(position)) => {
                self.threads.get_mut(position).into_iter().for_each(|known| *known = thread.clone());
            }
            (Some(_), None) => {
                self.seen.insert(thread.id.clone(), self.threads.len());
                self.threads.push(thread);
            }
            (None, None) if !self.has_enough() => {
                self.seen.insert(thread.id.clone(), 0);
                self.progress.clear();
                self.printer.write_thread(&thread, &self.applications)?;
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// Returns whether the limit is reached, so that nothing more needs to be listed.
    fn has_enough(&self) -> bool {
        self.sort.is_none() && self.args.limit.is_some_and(|limit| self.printer.row_count() >= limit)
    }

    /// Prints the collected rows.
    fn print_rows(&mut self) -> Result<(), UserError> {
        let limit = self.args.limit.unwrap_or(usize::MAX);
        let app = self.args.app.as_deref();
        match self.args.kind {
            ListKind::Accounts => self.printer.write_accounts(&self.accounts, limit),
            ListKind::Apps => self.printer.write_applications(&self.applications, app, limit),
            ListKind::Variants => self.printer.write_variants(&self.applications, app, limit),
            ListKind::Threads => {
                if let Some(sort) = self.sort {
                    order::sort_threads(&mut self.threads, sort);
                }
                self.threads.truncate(limit);
                self.printer.write_threads(&self.threads, &self.applications)
            }
        }
    }

    fn finish(mut self) -> Result<ExitCode, UserError> {
        self.progress.clear();
        let was_cut = self.has_enough();
        match self.print_rows().and_then(|()| self.printer.flush()) {
            Ok(()) => {}
            Err(error) if error.message.is_empty() => return Ok(ExitCode::Success),
            Err(error) => return Err(error),
        }
        self.print_gaps();
        if let Some(error) = self.failure.take().or_else(|| self.unknown_application_error()) {
            return Err(error);
        }
        let is_missing =
            !self.refused.is_empty() || (!self.is_complete && !was_cut) || self.printer.has_left_out();
        Ok(if is_missing { ExitCode::Incomplete } else { ExitCode::Success })
    }

    /// Returns the error of a list that is empty because `--app` matches no application.
    fn unknown_application_error(&self) -> Option<UserError> {
        // The walk over the threads reports this itself.
        let is_walk = matches!(self.args.kind, ListKind::Threads | ListKind::Accounts);
        let app = self.args.app.as_deref().filter(|_| !is_walk)?;
        let is_wanted =
            |known: &ListedApplication| is_application(&self.applications, Some(&known.id), Some(app));
        let is_known = self.applications.applications().iter().any(is_wanted);
        if is_known || !self.is_complete || self.printer.row_count() > 0 {
            return None;
        }
        let hint = "Run unspool list apps for the names and ids.";
        let error = UserError::new(format!("no application matches {app:?}"), hint, ExitCode::NotFound);
        Some(error.with_headline("There is no such application."))
    }

    /// Prints the parts that could not be listed, even if quiet, and notes about parts that may be missing.
    fn print_gaps(&self) {
        for refusal in self.refused.iter().take(MAX_NAMED_REFUSALS) {
            let ListRefusal { subject, reason, .. } = refusal;
            Verbosity::Normal.print_notice(&format!("not listed: {subject}: {reason}"));
        }
        let rest = self.refused.len().saturating_sub(MAX_NAMED_REFUSALS);
        if rest > 0 {
            Verbosity::Normal.print_notice(&format!("not listed: {} more", number::count(rest)));
        }
        let left_out = self.printer.left_out();
        if let Some(first) = left_out.first() {
            let count = number::pluralize(left_out.len(), "id");
            let text = format!("omitted {count} that other commands cannot read, such as {first}");
            Verbosity::Normal.print_notice(&text);
        }
        let verbosity =
            if self.is_complete { Verbosity::from_flag(self.args.quiet) } else { Verbosity::Normal };
        self.notes.iter().for_each(|note| verbosity.print_notice(note));
        let is_filtered = !self.filter.is_empty() && self.printer.row_count() == 0;
        if is_filtered && self.is_complete && self.failure.is_none() {
            let expression = self.filter.expression();
            Verbosity::from_flag(self.args.quiet).print_notice(&format!("no thread matches {expression}"));
        }
    }
}

/// Formats the progress of a list in one line.
fn describe_progress(progress: ListProgress) -> String {
    let lists = match progress.lists_total {
        Some(total) => format!("{} of {total} variants, ", progress.lists_read),
        None => String::new(),
    };
    let threads = match progress.threads_total {
        Some(total) => format!("{} of {total} threads", progress.threads),
        None => number::pluralize(progress.threads, "thread"),
    };
    let refused =
        if progress.refused > 0 { format!(", {} refused", progress.refused) } else { String::new() };
    format!("{lists}{threads}{refused}")
}
