//! `unspool show`: prints a thread.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app_loop::context::Redaction;
use crate::cli::{ShowArgs, ShowFormat};
use crate::commands::document::DocumentRequest;
use crate::commands::document::output_target;
use crate::commands::progress::Progress;
use crate::commands::raw::{self, OutputKind};
use crate::commands::runner::{self, Verbosity};
use crate::commands::source_arg::resolve_thread_arg;
use crate::domain::{ExitCode, UserError};
use crate::export::{Conversation, JsonThread, Writer};
use crate::net::Client;
use crate::settings::Settings;
use crate::storage::output::{Output, OutputTarget, TempFileGuard};

/// Prints the thread; returns the exit code.
pub fn run(args: ShowArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |temp_file| show_thread(args, temp_file))
}

async fn show_thread(args: ShowArgs, temp_file: TempFileGuard) -> Result<ExitCode, UserError> {
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
    let request = DocumentRequest {
        source,
        context: &context,
        selection: &args.selection,
        check: &args.check,
        // `redact.always` is for what leaves the machine, not for reading.
        redaction: &Redaction::default(),
    };
    let writer = || match args.format {
        ShowFormat::Json => Box::new(JsonThread::default()) as Box<dyn Writer>,
        ShowFormat::Text | ShowFormat::Raw => Box::new(Conversation),
    };
    request.write(writer, |_| Ok(Output::open(target)?.guarded_by(&temp_file))).await
}
