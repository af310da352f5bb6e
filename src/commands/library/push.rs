//! `unspool library push`: sends all kept threads to a ClickHouse server.

use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

use super::open;
use crate::app_loop::kept_library::{connect, profile_server};
use crate::cli::{LibraryPushArgs, OtlpArgs};
use crate::clickhouse::{self, PushOptions, PushSummary};
use crate::commands::maintenance::print;
use crate::commands::progress::Progress;
use crate::commands::runner::{self, Verbosity};
use crate::commands::search::update_index;
use crate::domain::{ExitCode, UserError};
use crate::settings::Settings;
use crate::text::number;

/// Runs the command; returns the exit code: 3 if a thread could not be read.
pub(super) fn run(is_demo: bool, args: LibraryPushArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, move |_| async move {
        let pushing = spawn_blocking(move || push(is_demo, &args)).await;
        let crashed = |_| UserError::new("internal error", "Please report this bug.", ExitCode::Failure);
        pushing.map_err(crashed).flatten()
    })
}

fn push(is_demo: bool, args: &LibraryPushArgs) -> Result<ExitCode, UserError> {
    if args.endpoint != OtlpArgs::default() || args.masking.is_set() {
        let message = "--header, --insecure, --as-new, --phoenix-feedback, --dry-run, --redact and \
                       --redact-pattern are for traces only";
        return Err(UserError::new(message, "Pass --otlp URL, or omit them.", ExitCode::Usage));
    }
    let settings = Settings::load().require_valid()?;
    let profile = args.profile.as_deref();
    let address = match &args.to {
        Some(address) => Some(address.clone()),
        None => profile_server(&settings, profile)?.map(|server| server.address.clone()),
    };
    let address = address.ok_or_else(|| {
        let hint =
            "Pass --to clickhouse://HOST:8123/DATABASE, or --profile NAME of a profile with a library.";
        UserError::new("no server given", hint, ExitCode::Usage)
    })?;
    let server = connect(&settings, &address, profile)?;
    let mut library = open(is_demo)?;
    let mut progress = Progress::new(Verbosity::from_flag(args.quiet));
    // The server gets the texts of the index.
    update_index(&mut library, &mut progress)?;
    let options = PushOptions { max_batch_bytes: usize::from(args.batch) << 20 };
    let summary = clickhouse::push(&server, &library, options, &mut |done, total| {
        progress.draw(&format!("{done} of {}", number::pluralize(total, "thread")));
    });
    progress.clear();
    let text = format!("{} to {}\n", describe(&summary), server.address());
    let has_failed = !summary.failed.is_empty();
    for (thread, error) in summary.failed {
        let name = format!("{}:{}", thread.account.service, thread.listed.id);
        runner::print_error(&error.into(), Some(&name));
    }
    match summary.error {
        Some(mut error) if summary.threads > 0 => {
            let sent = number::pluralize(summary.threads, "thread");
            error.message = format!("{} ({sent} already sent; the next push continues)", error.message);
            Err(error)
        }
        Some(error) => Err(error),
        None => {
            let code = if args.quiet { ExitCode::Success } else { print(&text) };
            Ok(if has_failed { ExitCode::Incomplete } else { code })
        }
    }
}

/// Formats the counts of a push in one line.
fn describe(summary: &PushSummary) -> String {
    let mut parts = vec![format!(
        "sent {}, {}, {}, {} in {}",
        number::pluralize(summary.threads, "thread"),
        number::pluralize(summary.messages, "message"),
        number::pluralize(summary.revisions, "revision"),
        number::bytes(summary.bytes as u64),
        number::pluralize(summary.inserts, "request"),
    )];
    for (count, text) in [
        (summary.unchanged, "unchanged"),
        (summary.newer, "newer on the server"),
        (summary.forgotten, "forgotten and removed"),
    ] {
        if count > 0 {
            parts.push(format!("{} {text}", number::count(count)));
        }
    }
    parts.join("; ")
}
