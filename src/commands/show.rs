//! `unspool show`: prints a thread.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app_loop::context::Redaction;
use crate::cli::{ShowArgs, ShowFormat};
use crate::commands::library;
use crate::commands::progress::Progress;
use crate::commands::raw::{self, OutputKind};
use crate::commands::runner::{self, Verbosity};
use crate::commands::source_arg::resolve_thread_arg;
use crate::commands::thread_output::ThreadOutput;
use crate::commands::thread_output::output_target;
use crate::domain::{ExitCode, UserError};
use crate::export::{Conversation, JsonThread, Writer};
use crate::library::parse_reference;
use crate::net::Client;
use crate::settings::Settings;
use crate::storage::output::{Output, OutputTarget, TempFileGuard};

/// Prints the thread; returns the exit code.
pub fn run(args: ShowArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |temp_file| show_thread(args, temp_file))
}

/// Replaces a reference of a search by the thread and the message that it names, which are in the library.
///
/// # Errors
/// The library does not have the message.
fn resolve_reference(args: &mut ShowArgs) -> Result<(), UserError> {
    let Some(reference) = args.thread.to_str().and_then(parse_reference) else { return Ok(()) };
    let library = library::open_reader((args.service.demo, args.service.profile.as_deref()), |_| Ok(()))?;
    let (thread, message_id) = library.find_reference(reference)?.ok_or_else(|| {
        let hint = "Search again: the message may be gone from the newest version of its thread.";
        UserError::new("the library has no message with this reference", hint, ExitCode::NotFound)
    })?;
    args.thread = format!("{}:{}", thread.account.service, thread.listed.id).into();
    args.service.offline = true;
    // A title has no message.
    args.selection.message.extend(Some(message_id).filter(|id| !id.is_empty()));
    Ok(())
}

async fn show_thread(mut args: ShowArgs, temp_file: TempFileGuard) -> Result<ExitCode, UserError> {
    resolve_reference(&mut args)?;
    let settings = Settings::load().require_valid()?;
    let (source, context) = resolve_thread_arg(&args.thread, &args.service, &settings)?;
    let is_raw = args.format == ShowFormat::Raw;
    if is_raw && (args.selection.is_set() || !args.check.fail_on.is_empty()) {
        return Err(UserError::new(
            "--format raw writes the unchanged body and cannot select, mask or check messages",
            "Use --format text or json, or unspool export.",
            ExitCode::Usage,
        ));
    }
    let target = output_target(&args.output);
    target.ensure_writable_file()?;
    if is_raw {
        let is_terminal = target == OutputTarget::Stdout && io::stdout().is_terminal();
        let kind = if is_terminal { OutputKind::SanitizedText } else { OutputKind::Bytes };
        let client = Arc::new(Client::new(context.limits.clone()));
        let output = Output::open(target)?.guarded_by(&temp_file);
        let mut progress = Progress::new(Verbosity::from_flag(args.check.quiet));
        return raw::write(source, &context, &client, (output, kind), &mut progress).await;
    }
    let thread_output = ThreadOutput {
        source,
        context: &context,
        selection: &args.selection,
        around: args.around,
        check: &args.check,
        // `redact.always` is for what leaves the machine, not for reading.
        redaction: &Redaction::default(),
    };
    let writer = || match args.format {
        ShowFormat::Json => Box::new(JsonThread::default()) as Box<dyn Writer>,
        ShowFormat::Text | ShowFormat::Raw => Box::new(Conversation),
    };
    thread_output.write(writer, |_| Ok(Output::open(target)?.guarded_by(&temp_file))).await
}
