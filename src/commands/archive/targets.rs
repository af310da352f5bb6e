//! The threads that an archive run is about.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::app_loop::context::Context;
use crate::cli::{ArchiveArgs, ThreadListArgs};
use crate::commands::demo_server::use_demo_server;
use crate::commands::progress::Progress;
use crate::commands::runner::{Verbosity, print_error};
use crate::commands::source_arg::parse_thread_arg;
use crate::commands::thread_list::thread_words;
use crate::domain::{ExitCode, ListUpdate, ListedApplication, ListedThread, ListedVariant, UserError};
use crate::ingest::fetch::ServiceClient;
use crate::ingest::listing;
use crate::net::{Client, FetchControl};
use crate::provider::{self, ListScope};
use crate::settings::Settings;
use crate::text::number;

/// The threads of one service.
pub(super) struct Target {
    pub service: &'static str,
    pub threads: Vec<ListedThread>,
    pub applications: Vec<ListedApplication>,
    pub variants: Vec<ListedVariant>,
    /// Whether they are all threads that the key can see.
    pub is_whole_list: bool,
    /// Whether a part of the list could not be read.
    pub is_incomplete: bool,
    /// Sentences about parts that may be missing in the list.
    pub notes: Vec<String>,
}

/// Creates the context of the command.
///
/// # Errors
/// An unknown profile.
pub(super) fn context(args: &ArchiveArgs, settings: &Settings) -> Result<Context, UserError> {
    let mut context = Context::new(settings, &args.service)?;
    if let Some(address) = &args.service.demo_address {
        use_demo_server(&mut context, address);
    }
    Ok(context)
}

/// Finds the threads: the arguments, else the whole lists of the services.
///
/// # Errors
/// No argument is a thread of a service, or a list cannot be read.
pub(super) async fn find(
    args: &ArchiveArgs,
    context: &Context,
    progress: &mut Progress,
) -> Result<Vec<Target>, UserError> {
    if !args.threads.is_empty() || args.from.is_some() {
        return named_threads(args);
    }
    let services = services(args, context).await?;
    let has_many = services.len() > 1;
    let mut targets = Vec::new();
    for service in services {
        let name = service.provider.id();
        match list(service, progress).await {
            Ok(target) => targets.push(target),
            // The other services are listed nevertheless.
            Err(error) if has_many => {
                progress.clear();
                print_error(&error, Some(name));
                targets.push(Target { is_incomplete: true, ..Target::new(name) });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(targets)
}

/// Returns the threads that the arguments name. An invalid argument is reported and skipped.
fn named_threads(args: &ArchiveArgs) -> Result<Vec<Target>, UserError> {
    let list = ThreadListArgs { threads: args.threads.clone(), from: args.from.clone() };
    let mut threads: BTreeMap<&'static str, Vec<ListedThread>> = BTreeMap::new();
    let mut errors = Vec::new();
    for word in thread_words(&list)? {
        match parse_thread_arg(&word, &args.service) {
            Ok(thread) => {
                let listed = ListedThread { id: thread.id, ..ListedThread::default() };
                threads.entry(thread.service).or_default().push(listed);
            }
            Err(error) => errors.push(error),
        }
    }
    if threads.is_empty() && errors.len() == 1 {
        return Err(errors.remove(0));
    }
    for error in errors.iter().take(MAX_NAMED_ERRORS) {
        print_error(error, None);
    }
    if errors.len() > MAX_NAMED_ERRORS {
        let rest = number::count(errors.len() - MAX_NAMED_ERRORS);
        Verbosity::Normal.print_notice(&format!("{rest} more arguments are not threads of a service"));
    }
    if threads.is_empty() {
        return Err(UserError::new("no thread given", "Pass ids, links, or SERVICE:ID.", ExitCode::Usage));
    }
    let is_incomplete = !errors.is_empty();
    let target = |(service, threads)| Target { threads, is_incomplete, ..Target::new(service) };
    Ok(threads.into_iter().map(target).collect())
}

/// The maximum number of invalid arguments that are reported one by one.
const MAX_NAMED_ERRORS: usize = 10;

/// Returns the service of the options, else every service that has a key.
async fn services(args: &ArchiveArgs, context: &Context) -> Result<Vec<ServiceClient>, UserError> {
    let client = Arc::new(Client::new(context.limits.clone()));
    let (mut found, mut first_error) = (Vec::new(), None);
    for provider in provider::all() {
        if args.service.provider.is_some_and(|service| service != provider.id()) {
            continue;
        }
        let Some(service) = context.service_client(provider.id(), Arc::clone(&client)) else { continue };
        match service.with_key().await {
            Ok(service) if service.access.api_key.is_some() => found.push(service),
            Ok(_) => {}
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match (found.is_empty(), first_error) {
        (false, _) => Ok(found),
        (true, Some(error)) => Err(error),
        (true, None) => {
            let hint = "Run unspool login, or pass threads.";
            Err(UserError::new("there is no API key for any service", hint, ExitCode::NotAllowed))
        }
    }
}

/// Lists all threads that the key can see.
async fn list(service: ServiceClient, progress: &mut Progress) -> Result<Target, UserError> {
    let mut target = Target { is_whole_list: true, ..Target::new(service.provider.id()) };
    let (outbox, mut inbox) = mpsc::channel(LIST_QUEUE_CAPACITY);
    tokio::spawn(listing::list(service, ListScope::default(), outbox, FetchControl::none()));
    let mut positions: HashMap<String, usize> = HashMap::new();
    while let Some(update) = inbox.recv().await {
        match update {
            ListUpdate::Threads(threads) => {
                for thread in threads {
                    match positions.get(&thread.id).and_then(|at| target.threads.get_mut(*at)) {
                        Some(earlier) => *earlier = thread,
                        None => {
                            positions.insert(thread.id.clone(), target.threads.len());
                            target.threads.push(thread);
                        }
                    }
                }
            }
            ListUpdate::Applications(applications) => target.applications.extend(applications),
            ListUpdate::Variants(variants) => target.variants.extend(variants),
            ListUpdate::Progress(state) => {
                progress.draw(&format!("{} listed", number::pluralize(state.threads, "thread")));
            }
            ListUpdate::Refused(refusal) => {
                target.notes.push(format!("cannot list {}: {}", refusal.subject, refusal.reason));
            }
            ListUpdate::Ended { is_complete, notes } => {
                target.is_incomplete = !is_complete;
                target.notes.extend(notes);
            }
            ListUpdate::Failed(error) => return Err(error),
            ListUpdate::Accounts(_) => {}
        }
    }
    Ok(target)
}

/// The capacity of the queue of updates.
const LIST_QUEUE_CAPACITY: usize = 64;

impl Target {
    fn new(service: &'static str) -> Self {
        Self {
            service,
            threads: Vec::new(),
            applications: Vec::new(),
            variants: Vec::new(),
            is_whole_list: false,
            is_incomplete: false,
            notes: Vec::new(),
        }
    }
}
