//! `unspool archive report`: describes earlier runs, from their logs.

use serde_json::{Value, json};

use super::report;
use crate::app_loop::archive::format_counts;
use crate::archive::ArchiveReport;
use crate::cli::SummaryFormat;
use crate::commands::library::open_to_read;
use crate::commands::maintenance::{format_columns, print};
use crate::commands::runner;
use crate::domain::{ExitCode, UserError};
use crate::library::{Library, Run, format_time};
use crate::settings::Settings;
use crate::text::time::TimeFormat;
use crate::text::{Safe, safe_json, time};

/// The word for the latest run.
const LAST: &str = "last";

/// Prints the report of a run, or the list of runs; returns the exit code.
pub(super) fn print_report(is_demo: bool, run: Option<&str>, format: SummaryFormat) -> ExitCode {
    let text = open_to_read(is_demo, |_| Ok(())).and_then(|library| match run {
        Some(run) => Ok(run_text(&find_run(&library, run)?, format)),
        None => list_text(&library, format),
    });
    text.map_or_else(|error| runner::print_error(&error, None), |text| print(&text))
}

/// Finds a run by its name, an unambiguous beginning of it, or `last`.
fn find_run(library: &Library, name: &str) -> Result<Run, UserError> {
    let hint = "Run unspool archive report for the list of runs.";
    let mut names = library.run_names();
    if name == LAST {
        names.drain(..names.len().saturating_sub(1));
    } else if names.iter().any(|known| known == name) {
        names.retain(|known| known == name);
    } else {
        names.retain(|known| known.starts_with(name));
    }
    match names.as_slice() {
        [] => Err(UserError::new("there is no such run", hint, ExitCode::NotFound)),
        [name] => library
            .run(name)?
            .ok_or_else(|| UserError::new("the log of the run is damaged", hint, ExitCode::NotUnderstood)),
        several => {
            let message = format!("{} runs have names that begin with this", several.len());
            Err(UserError::new(message, hint, ExitCode::Usage))
        }
    }
}

fn run_text(run: &Run, format: SummaryFormat) -> String {
    let counts = ArchiveReport::of_run(run);
    match format {
        SummaryFormat::Text => {
            let heading = heading(run, &Settings::load().time_format()).join("  ");
            format!("{}\n{}", Safe::line(heading.trim_end()), report::text(&counts, None))
        }
        SummaryFormat::Json => report::json(&counts, &run.account.service),
    }
}

fn list_text(library: &Library, format: SummaryFormat) -> Result<String, UserError> {
    let mut runs = Vec::new();
    for name in library.run_names() {
        runs.extend(library.run(&name)?);
    }
    Ok(match format {
        SummaryFormat::Text => {
            let time_format = Settings::load().time_format();
            let row = |run: &Run| {
                let [name, started, end] = heading(run, &time_format);
                [name, started, format_counts(&ArchiveReport::of_run(run)), end]
            };
            format_columns(&runs.iter().map(row).collect::<Vec<_>>())
        }
        SummaryFormat::Json => {
            let runs: Vec<Value> = runs.iter().map(run_json).collect();
            format!("{}\n", safe_json(&Value::from(runs).to_string()))
        }
    })
}

/// Formats the name of a run, its start, and whether it ended.
fn heading(run: &Run, time_format: &TimeFormat) -> [String; 3] {
    let started = time::full(run.started_at, time_format);
    let end = if run.ended_at.is_some() { "" } else { "not finished" };
    [run.name.clone(), started, end.to_owned()]
}

fn run_json(run: &Run) -> Value {
    json!({
        "name": run.name,
        "service": run.account.service,
        "account": run.account.id,
        "started_at": format_time(run.started_at),
        "ended_at": run.ended_at.map(format_time),
        "threads": run.records.len(),
    })
}
