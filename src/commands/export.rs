//! `unspool export`: converts threads, or some of their messages, to another format.

use clap::ValueEnum;
use tokio::runtime::Runtime;

use crate::app_loop::save::FileNames;
use crate::cli::{ExportArgs, ExportFormat};
use crate::commands::runner;
use crate::commands::thread_list::{ThreadArg, parse_threads};
use crate::commands::thread_output::ThreadOutput;
use crate::commands::thread_output::output_target;
use crate::domain::{ExitCode, Thread, UserError};
use crate::export::{Csv, Writer};
use crate::settings::Settings;
use crate::storage::output::{Output, OutputTarget, TempFileGuard};

/// Writes the threads; returns the exit code of the first one that failed.
pub fn run(args: ExportArgs, runtime: &Runtime) -> ExitCode {
    runner::run_task(runtime, |temp_file| export_threads(args, temp_file))
}

async fn export_threads(args: ExportArgs, temp_file: TempFileGuard) -> Result<ExitCode, UserError> {
    let format = args.chosen_format().ok_or_else(missing_format_error)?;
    let csv_option = if args.bom { Some("--bom") } else { args.rows.map(|_| "--rows") };
    if let Some(option) = csv_option.filter(|_| format != ExportFormat::Csv) {
        let hint = format!("Add --format csv, or omit {option}.");
        return Err(UserError::new(format!("{option} is for CSV only"), hint, ExitCode::Usage));
    }
    if args.payloads.is_some() && format.default_payloads().is_none() {
        let hint = "Omit it. For payloads in CSV, use --rows span.";
        return Err(UserError::new("--payloads is for Markdown and HTML only", hint, ExitCode::Usage));
    }
    let settings = Settings::load().require_valid()?;
    let threads = parse_threads(&args.threads, &args.service, &settings)?;
    let target = output_target(&args.output);
    let has_many = threads.len() > 1;
    let is_one_file = match &target {
        OutputTarget::File { path, .. } => !path.is_dir(),
        OutputTarget::Stdout => format != ExportFormat::Ndjson,
    };
    if has_many && is_one_file {
        let hint = "Pass an existing folder: -o FOLDER. NDJSON may also go to standard output.";
        return Err(UserError::new("several threads do not fit in one file", hint, ExitCode::Usage));
    }
    target.ensure_writable()?;
    let mut names = FileNames::default();
    let mut code = ExitCode::Success;
    for ThreadArg { name, source, context } in threads {
        let thread_output = ThreadOutput {
            source,
            context: &context,
            selection: &args.selection,
            around: 0,
            check: &args.check,
            redaction: &context.redaction,
        };
        let open = |thread: &Thread| {
            let target = target.clone().resolve_in_folder(&names.next(thread, format));
            Ok(Output::open(target)?.guarded_by(&temp_file))
        };
        let writer = || match csv_option {
            Some(_) => Box::new(Csv::new(args.rows.unwrap_or_default(), args.bom)) as Box<dyn Writer>,
            None => format.writer(args.payloads),
        };
        let thread_code = match thread_output.write(writer, open).await {
            Ok(thread_code) => thread_code,
            Err(error) if has_many && !error.message.is_empty() => runner::print_error(&error, Some(&name)),
            Err(error) => return Err(error),
        };
        code = if code == ExitCode::Success { thread_code } else { code };
    }
    Ok(code)
}

fn missing_format_error() -> UserError {
    let values = ExportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
    let hint = format!("Pass --format with one of {}, or write to a file: -o thread.md.", names.join(", "));
    UserError::new("no export format given", hint, ExitCode::Usage)
}
