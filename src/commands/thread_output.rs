//! Loads a thread and writes its selected messages: the common part of `show` and `export`.

use std::cell::Cell;
use std::sync::Arc;

use crate::app_loop::context::{Context, Redaction};
use crate::cli::{CheckArgs, OutputArgs, SelectionArgs};
use crate::commands::load::{LoadedThread, load};
use crate::commands::progress::Progress;
use crate::commands::runner::Verbosity;
use crate::commands::selection::{self, FailConditions, MessageSelection, SelectedMessages};
use crate::domain::{ExitCode, MessageSummary, Source, Thread, UserError};
use crate::export::{self, ExportedThread, Redactor, WriteOptions, Writer};
use crate::net::Client;
use crate::storage::output::{Output, OutputTarget, OverwritePolicy, write_error};

/// A thread to write to an output, and the selection of its messages.
pub(super) struct ThreadOutput<'a> {
    pub source: Source,
    pub context: &'a Context,
    pub selection: &'a SelectionArgs,
    /// The number of neighbours on each side of a selected message that are also written.
    pub around: usize,
    pub check: &'a CheckArgs,
    /// Redaction from the configuration.
    pub redaction: &'a Redaction,
}

impl ThreadOutput<'_> {
    /// Loads the thread and writes it to the output that `open` returns for it; returns the exit code.
    ///
    /// # Errors
    /// Invalid arguments, a thread that cannot be loaded, or an output that cannot be written.
    pub(super) async fn write(
        self,
        writer: impl FnOnce() -> Box<dyn Writer> + Send,
        open: impl FnOnce(&Thread) -> Result<Output, UserError> + Send,
    ) -> Result<ExitCode, UserError> {
        let verbosity = Verbosity::from_flag(self.check.quiet);
        let selection = MessageSelection::from_args(self.selection)?.with_neighbours(self.around);
        let mut redactor = selection::redactor(&self.selection.masking, self.redaction)?;
        let client = Arc::new(Client::new(self.context.limits.clone()));
        let mut progress = Progress::new(verbosity);
        let loaded = load(self.source, self.context, &client, &mut |update| progress.show(update)).await?;
        progress.clear();
        loaded.print_warnings(verbosity, None);
        selection.check_ids(&loaded.summaries)?;
        let selected = selection.find(&loaded)?;
        let written =
            write_thread((&loaded, &selected, redactor.as_mut()), writer().as_mut(), open, &mut progress)?;
        progress.clear();
        let notice = selection.describe_no_match(loaded.summaries.len()).filter(|_| written == 0);
        notice.iter().for_each(|notice| verbosity.print_notice(notice));
        if let Some(redactor) = &redactor {
            verbosity.print_notice(&redactor.summary());
        }
        Ok(FailConditions::check_thread(&loaded, &selected, &self.check.fail_on))
    }
}

/// Writes the selected messages; returns their number.
fn write_thread(
    (loaded, selected, mut redactor): (&LoadedThread, &SelectedMessages, Option<&mut Redactor>),
    writer: &mut dyn Writer,
    open: impl FnOnce(&Thread) -> Result<Output, UserError>,
    progress: &mut Progress,
) -> Result<usize, UserError> {
    let provider = loaded.provider()?;
    let redacted =
        redactor.as_deref_mut().map(|redactor| export::redact_thread(provider, &loaded.thread, redactor));
    let thread = redacted.as_ref().unwrap_or(&loaded.thread);
    let masked_notes = redactor.as_deref_mut().map(|redactor| export::redact_notes(&loaded.notes, redactor));
    let written = Cell::new(0_usize);
    let document = ExportedThread {
        provider,
        thread,
        summaries: &loaded.summaries,
        notes: masked_notes.as_ref().unwrap_or(&loaded.notes),
        filter: &|summary: &MessageSummary| {
            let matches = selected.contains(summary);
            written.set(written.get() + usize::from(matches));
            matches
        },
        warnings: &loaded.body_summary.warnings,
    };
    let mut output = open(thread)?;
    let message_count = loaded.summaries.len();
    let mut options =
        WriteOptions { on_progress: &mut |done| progress.show_count(done, message_count), redactor };
    export::write_thread(&document, writer, &mut output, &mut options)
        .map_err(|error| write_error(&error))?;
    output.finish()?;
    Ok(written.get())
}

/// Returns the target of `--output` and `--force`.
pub fn output_target(args: &OutputArgs) -> OutputTarget {
    let overwrite = if args.force { OverwritePolicy::Replace } else { OverwritePolicy::Keep };
    OutputTarget::new(args.output.as_deref(), overwrite)
}
