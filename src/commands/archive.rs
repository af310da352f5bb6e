//! `unspool archive`: keeps threads in the library.

mod report;
mod runs;
mod targets;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::app_loop::archive::{DEFAULT_PARALLEL, connect, format_progress};
use crate::app_loop::context::{Context, NetworkMode};
use crate::archive::{Archive, ArchiveOptions, ArchiveProgress, ArchiveReport, ArchiveTarget, Retention};
use crate::cli::{ArchiveArgs, ArchiveCommand, SummaryFormat};
use crate::commands::library;
use crate::commands::maintenance::{no_home_error, print};
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::commands::search::update_index;
use crate::commands::selection::parse_thread_filter;
use crate::domain::{Applications, ExitCode, ListedThread, UserError};
use crate::filter::ThreadFilter;
use crate::library::{Account, Library, LibraryLocation, LibraryNotes};
use crate::net::FetchControl;
use crate::platform::now;
use crate::settings::Settings;

use targets::Target;

/// Runs the command; returns the exit code.
pub fn run(args: ArchiveArgs, runtime: &Runtime) -> ExitCode {
    let is_demo = args.service.demo;
    match &args.command {
        Some(ArchiveCommand::Status(format)) => library::print_stats(is_demo, format.format),
        Some(ArchiveCommand::Verify(verify)) => library::print_check(is_demo, *verify),
        Some(ArchiveCommand::Report { run, format }) => {
            runs::print_report(is_demo, run.as_deref(), format.format)
        }
        None => runner::run_task(runtime, |_| archive(args)),
    }
}

async fn archive(args: ArchiveArgs) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let context = targets::context(&args, &settings)?;
    if context.network_mode == NetworkMode::Offline {
        let hint = "Run it without --offline.";
        return Err(UserError::new("an archive needs the network", hint, ExitCode::Usage));
    }
    let location = context.library.clone().ok_or_else(no_home_error)?;
    let filter = parse_thread_filter(args.filter.as_deref())?;
    let verbosity = Verbosity::from_flag(args.quiet);
    let mut progress = Progress::new(verbosity);
    let targets = targets::find(&args, &context, &mut progress).await?;
    progress.clear();
    let mut job = Job { args: &args, context: &context, location, filter, progress };
    let mut code = ExitCode::Success;
    let has_several = targets.len() > 1;
    for target in targets {
        let (service, is_incomplete) = (target.service, target.is_incomplete);
        target.notes.iter().for_each(|note| verbosity.print_notice(note));
        let archived = job.archive(target).await;
        job.progress.clear();
        let result = match archived {
            Ok(report) => {
                let printed = match args.format {
                    SummaryFormat::Text => print(&report::text(&report, has_several.then_some(service))),
                    SummaryFormat::Json => print(&report::json(&report, service)),
                };
                if is_incomplete || report.has_failures() { ExitCode::Incomplete } else { printed }
            }
            // The other services are archived nevertheless.
            Err(error) if has_several => runner::print_error(&error, Some(service)),
            Err(error) => return Err(error),
        };
        code = if code == ExitCode::Success { result } else { code };
    }
    Ok(code)
}

/// An archive run of the command.
struct Job<'a> {
    args: &'a ArchiveArgs,
    context: &'a Context,
    location: LibraryLocation,
    filter: ThreadFilter,
    progress: Progress,
}

impl Job<'_> {
    async fn archive(&mut self, target: Target) -> Result<ArchiveReport, UserError> {
        let service = connect(self.context, target.service).await?;
        let account = self.location.account(target.service, &service.access);
        let (library, target) = tokio::task::block_in_place(|| -> Result<_, UserError> {
            let mut library = self.location.open()?;
            let target = record_list(&mut library, &account, &self.filter, target)?;
            Ok((library, target))
        })?;
        let parallel = self.args.parallel.unwrap_or(DEFAULT_PARALLEL);
        let mut options = ArchiveOptions::new(parallel.into());
        (options.is_deep, options.trust) = (self.args.deep, self.args.trust);
        options.retention = self.context.retention.map(|age| Retention { age, skips_old: target.is_listed });
        options.pace.min_interval = self.args.rate.unwrap_or(Duration::ZERO);
        let progress = &mut self.progress;
        let started = std::time::Instant::now();
        let mut show = |state: &ArchiveProgress| progress.draw(&format_progress(state, started.elapsed()));
        let library = Arc::new(Mutex::new(library));
        let archive = Archive::new(service, account, library, FetchControl::none(), &mut show);
        let report = archive.run(target, &options).await?;
        // If a run ends earlier, the next search indexes its threads.
        tokio::task::block_in_place(|| update_index(&mut self.location.open()?, &mut self.progress))?;
        Ok(report)
    }
}

/// Records the whole list in the catalogue, and finds the kept threads that are no longer in it. Returns the listed threads
/// that match the filter, to archive them.
fn record_list(
    library: &mut Library,
    account: &Account,
    filter: &ThreadFilter,
    target: Target,
) -> Result<ArchiveTarget, UserError> {
    let Target { threads, applications, variants, is_whole_list, is_incomplete, .. } = target;
    if !is_whole_list {
        return Ok(ArchiveTarget { threads, ..ArchiveTarget::default() });
    }
    let forgotten = library.forgotten_threads();
    let (hidden, threads): (Vec<_>, Vec<_>) =
        threads.into_iter().partition(|thread| forgotten.contains(account, &thread.id));
    library.record_listed(account, &threads)?;
    library.record_names(account, &applications, &variants)?;
    let mut gone = Vec::new();
    if !is_incomplete {
        let listed: HashSet<&str> = threads.iter().map(|thread| thread.id.as_str()).collect();
        for id in library.record_complete_list(account, &|id| listed.contains(id), now())? {
            gone.push(ListedThread { id, ..ListedThread::default() });
        }
    }
    // Forgotten threads are in the report of the run, but must not be in the catalogue.
    let mut threads: Vec<ListedThread> = threads.into_iter().chain(hidden).collect();
    let mut known = Applications::default();
    known.add_applications(applications);
    known.add_variants(variants);
    let mut states = HashMap::new();
    if filter.needs_saved_state() {
        let kept = library.kept_list(account)?.map(|kept| kept.threads).unwrap_or_default();
        states.extend(kept.into_iter().map(|(thread, state)| (thread.id, state)));
    }
    let state_of = |thread: &ListedThread| states.get(&thread.id).copied().unwrap_or_default();
    let notes = if filter.uses_notes() { library.notes_by_account()? } else { LibraryNotes::default() };
    let notes = notes.of(account);
    threads.retain(|thread| filter.matches_noted(thread, state_of(thread), &known, notes));
    Ok(ArchiveTarget { threads, is_listed: true, gone })
}
