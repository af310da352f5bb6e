//! `unspool library push --otlp`: sends all kept threads as traces to an OTLP endpoint. The library records the sent
//! threads, so that the next push sends only new and changed ones.

use tokio::runtime::Runtime;

use super::export::{SelectedThread, select};
use super::open;
use crate::app_loop::context::Context;
use crate::cli::{LibraryPushArgs, PushArgs, SelectionArgs, ServiceArgs};
use crate::commands::maintenance::print;
use crate::commands::push::{connect, send};
use crate::commands::runner;
use crate::commands::thread_list::ThreadArg;
use crate::domain::{ExitCode, Source, UserError};
use crate::provider;
use crate::settings::Settings;
use crate::text::number;

/// Runs the command; returns the exit code.
pub(super) fn run(is_demo: bool, args: LibraryPushArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, move |_| push(is_demo, args))
}

async fn push(is_demo: bool, args: LibraryPushArgs) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let endpoint = connect(&args.endpoint, &settings)?;
    let mut selected = select(is_demo, args.filter.as_deref())?;
    let mut pushed = open(is_demo)?.pushed_threads(endpoint.url())?;
    if !args.endpoint.as_new {
        let total = number::pluralize(selected.len(), "thread");
        selected.retain(|thread| !pushed.has(&thread.kept, thread.revision.number));
        if selected.is_empty() {
            let text = format!("{} already has {total}; --as-new sends them again\n", endpoint.origin());
            return Ok(if args.quiet { ExitCode::Success } else { print(&text) });
        }
    }
    let context = Context::load(&ServiceArgs::default())?;
    let thread_arg = |thread: &SelectedThread| ThreadArg {
        name: thread.name(),
        source: Source::File(thread.path.clone()),
        // The service is known from the library, so that it need not be detected.
        context: Context { provider: provider::by_id(&thread.kept.account.service), ..context.clone() },
    };
    let threads = selected.iter().map(thread_arg).collect();
    let push_args = PushArgs {
        endpoint: args.endpoint,
        selection: SelectionArgs { masking: args.masking, ..SelectionArgs::default() },
        quiet: args.quiet,
        ..PushArgs::default()
    };
    send(&push_args, &endpoint, threads, &mut |position| match selected.get(position) {
        Some(thread) => Ok(pushed.record(&thread.kept, thread.revision.number)?),
        None => Ok(()),
    })
    .await
}
