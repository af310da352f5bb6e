//! The threads that an archive run is about.

use std::collections::BTreeMap;

use crate::app_loop::context::Context;
use crate::cli::{ArchiveArgs, ThreadListArgs};
use crate::commands::demo_server::use_demo_server;
use crate::commands::progress::Progress;
use crate::commands::source_arg::parse_source_arg;
use crate::commands::thread_list::thread_words;
use crate::domain::{ExitCode, ListedThread, Source, UserError};
use crate::settings::Settings;

/// The threads of one service.
pub(super) struct Target {
    pub service: &'static str,
    pub threads: Vec<ListedThread>,
    /// Whether a part of the list could not be read.
    pub is_incomplete: bool,
    /// What may be missing in the list, in sentences.
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

/// Finds the threads: the arguments, else the whole list of the service.
///
/// # Errors
/// An argument that is no thread of a service, or a list that cannot be read.
pub(super) async fn find(
    args: &ArchiveArgs,
    _context: &Context,
    _progress: &mut Progress,
) -> Result<Vec<Target>, UserError> {
    let list = ThreadListArgs { threads: args.threads.clone(), from: args.from.clone() };
    let words = thread_words(&list)?;
    let mut threads: BTreeMap<&'static str, Vec<ListedThread>> = BTreeMap::new();
    for word in words {
        match parse_source_arg(&word, &args.service)? {
            Source::Thread(thread) => {
                let listed = ListedThread { id: thread.id, ..ListedThread::default() };
                threads.entry(thread.service).or_default().push(listed);
            }
            Source::File(_) | Source::Stdin => {
                let message = format!("{} is not a thread of a service", word.to_string_lossy());
                return Err(UserError::new(message, "Pass ids, links, or SERVICE:ID.", ExitCode::Usage));
            }
        }
    }
    let target = |(service, threads)| Target { service, threads, is_incomplete: false, notes: Vec::new() };
    Ok(threads.into_iter().map(target).collect())
}
