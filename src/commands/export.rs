//! `unspool export`: converts a thread, or some of its messages, to another format.

use clap::ValueEnum;
use tokio::runtime::Runtime;

use crate::app_loop::save::file_name;
use crate::cli::{ExportArgs, ExportFormat};
use crate::commands::document::DocumentRequest;
use crate::commands::document::output_target;
use crate::commands::runner;
use crate::commands::source_arg::resolve_thread_arg;
use crate::domain::{ExitCode, Thread, UserError};
use crate::export::{Csv, Writer};
use crate::settings::Settings;
use crate::storage::output::{Output, TempFileGuard};

/// Writes the thread; returns the exit code.
pub fn run(args: ExportArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |temp_file| export_thread(args, temp_file))
}

async fn export_thread(args: ExportArgs, temp_file: TempFileGuard) -> Result<ExitCode, UserError> {
    let format = args.chosen_format().ok_or_else(missing_format_error)?;
    if args.bom && format != ExportFormat::Csv {
        return Err(UserError::new(
            "--bom is for CSV only",
            "Add --format csv, or omit --bom.",
            ExitCode::Usage,
        ));
    }
    let settings = Settings::load().require_valid()?;
    let (source, context) = resolve_thread_arg(&args.thread, &args.service, &settings)?;
    let target = output_target(&args.output);
    target.ensure_writable()?;
    let request = DocumentRequest {
        source,
        context: &context,
        selection: &args.selection,
        check: &args.check,
        redaction: &context.redaction,
    };
    let open = |thread: &Thread| {
        let target = target.resolve_in_folder(&file_name(thread, format));
        Ok(Output::open(target)?.guarded_by(&temp_file))
    };
    let writer = || match args.bom {
        true => Box::new(Csv { has_byte_order_mark: true }) as Box<dyn Writer>,
        false => format.writer(),
    };
    request.write(writer, open).await
}

fn missing_format_error() -> UserError {
    let values = ExportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
    let hint = format!("Pass --format with one of {}, or write to a file: -o thread.md.", names.join(", "));
    UserError::new("no export format given", hint, ExitCode::Usage)
}
