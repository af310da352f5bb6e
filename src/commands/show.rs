//! `unspool show`: a thread on standard output, without a screen.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app_loop::effects::{Context, Redaction};
use crate::cli::{ShowArgs, ShowFormat};
use crate::commands::load::{LoadedThread, load};
use crate::commands::output::{Output, OutputTarget, OverwritePolicy, TempFileGuard, write_error};
use crate::commands::progress::Progress;
use crate::commands::raw::{self, OutputKind};
use crate::commands::runner::{self, Verbosity};
use crate::commands::selection::{self, FailConditions, MessageSelection};
use crate::domain::{ExitCode, MessageSummary, Source, UserError};
use crate::export::{self, Conversation, ExportedThread, JsonThread, Redactor, WriteOptions, Writer};
use crate::net::Client;

/// Writes the thread; returns the exit code.
pub fn run(args: ShowArgs, source: Source, world: Context, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |leftover| show_thread(args, (source, world), leftover))
}

async fn show_thread(
    args: ShowArgs,
    (source, world): (Source, Context),
    leftover: TempFileGuard,
) -> Result<ExitCode, UserError> {
    let chatter = Verbosity::from_flag(args.check.quiet);
    let wanted = MessageSelection::from_args(&args.selection)?;
    let mut redactor = selection::redactor(&args.selection, &Redaction::default())?;
    let chosen = args.selection.filter.is_some() || !args.selection.message.is_empty() || redactor.is_some();
    if args.format == ShowFormat::Raw && (chosen || !args.check.fail_on.is_empty()) {
        let advice = "Take --format text or json, or unspool export.";
        return Err(UserError::new("raw is the body as it came: nothing can be left out of it", advice, ExitCode::Usage));
    }
    let target = OutputTarget::from_args(&args.output);
    target.ensure_writable_file()?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut progress = Progress::new(chatter);
    if args.format == ShowFormat::Raw {
        let to_person = target == OutputTarget::Stdout && io::stdout().is_terminal();
        let viewer = if to_person { OutputKind::SanitizedText } else { OutputKind::Bytes };
        return raw::write(
            source,
            &world,
            &client,
            (Output::open(target)?.guarded_by(&leftover), viewer),
            &mut progress,
        )
        .await;
    }
    let loaded = load(source, &world, &client, &mut |news| progress.on_fetch_update(news)).await?;
    progress.clear();
    loaded.print_warnings(chatter, None);
    wanted.check_ids(&loaded.summaries)?;
    let mut writer: Box<dyn Writer> = match args.format {
        ShowFormat::Json => Box::new(JsonThread::default()),
        ShowFormat::Text | ShowFormat::Raw => Box::new(Conversation),
    };
    let output = Output::open(target)?.guarded_by(&leftover);
    write_document((&loaded, &wanted, redactor.as_mut()), writer.as_mut(), output, &mut progress)?;
    if let Some(redactor) = redactor {
        chatter.print_notice(&selection::redaction_summary(&redactor));
    }
    Ok(FailConditions::check_thread(&loaded, &wanted, &args.check.fail_on))
}

fn write_document(
    (loaded, wanted, mut redactor): (&LoadedThread, &MessageSelection, Option<&mut Redactor>),
    writer: &mut dyn Writer,
    mut output: Output,
    progress: &mut Progress,
) -> Result<(), UserError> {
    let provider = loaded.provider()?;
    let masked =
        redactor.as_deref_mut().map(|redactor| export::redact_thread(provider, &loaded.thread, redactor));
    let document = ExportedThread {
        provider,
        thread: masked.as_ref().unwrap_or(&loaded.thread),
        summaries: &loaded.summaries,
        filter: &|head: &MessageSummary| wanted.matches(head, provider),
        warnings: &loaded.body_summary.warnings,
    };
    let all = loaded.summaries.len();
    let mut course = WriteOptions { on_progress: &mut |done| progress.show_count(done, all), redactor };
    export::write_thread(&document, writer, &mut output, &mut course).map_err(|error| write_error(&error))?;
    output.finish()
}
