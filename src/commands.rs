//! Runs the command line: dispatches the subcommand and returns the exit code of the process.

mod archive;
mod browse;
pub mod cache;
pub mod completions;
pub mod config;
mod demo_server;
pub mod doctor;
pub mod export;
pub mod forget;
pub mod last_profile;
mod library;
pub mod list;
pub mod load;
pub mod login;
pub mod maintenance;
pub mod man;
pub mod plain;
pub mod progress;
pub mod push;
pub mod raw;
pub mod report;
pub mod runner;
mod search;
pub mod selection;
pub mod show;
mod source_arg;
mod thread_list;
mod thread_output;
pub mod tui;
mod usage_error;

use std::ffi::OsString;

use tokio::runtime::Builder;
use tracing_appender::non_blocking::WorkerGuard;

use crate::cli::{Cli, Command, FILTER_HELP, completion_request};
use crate::commands::report::ReportKind;
use crate::commands::runner::print_error;
use crate::credentials::api_key;
use crate::domain::{ExitCode, UserError};
use crate::platform;
use crate::settings::Settings;
use crate::storage::log;
use crate::terminal::panic_hook;

/// Runs the program; returns its exit code.
pub fn run() -> ExitCode {
    panic_hook::install_hook();
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(kind) = completion_request(&args) {
        return completions::print_candidates(kind);
    }
    let mut cli = match Cli::parse_args(&args) {
        Ok(cli) => cli,
        Err(error) => return usage_error::print(error, &args),
    };
    if let Some(error) = usage_error::mistyped_thread(&cli) {
        return print_error(&error, None);
    }
    platform::forbid_core_dumps();
    let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("cannot start worker threads: {error}");
            return print_error(&UserError::new(message, "", ExitCode::Failure), None);
        }
    };
    // Any thread may read a library on a server, by requests on this runtime.
    let entered = runtime.enter();
    platform::ignore_file_size_signal(&runtime);
    let _log = start_log(cli.log);
    // The server runs until it is dropped.
    let _demo_server = match cli.command.as_mut().and_then(Command::service_mut).filter(|args| args.demo) {
        Some(args) => match runtime.block_on(demo_server::start(None)) {
            Ok(server) => {
                args.demo_address = Some(server.base_url());
                Some(server)
            }
            Err(error) => return print_error(&error, None),
        },
        None => None,
    };
    let code = match cli.command {
        None => browse::run(cli.browse, &runtime),
        Some(Command::Show(args)) => show::run(args, &runtime),
        Some(Command::Export(args)) => export::run(args, &runtime),
        Some(Command::Push(args)) => push::run(args, &runtime),
        Some(Command::Spans(args)) => report::run_spans(args, &runtime),
        Some(Command::Feedback(args)) => report::run(ReportKind::Feedback, args, &runtime),
        Some(Command::Stats(args)) => report::run(ReportKind::Stats, args, &runtime),
        Some(Command::Archive(args)) => archive::run(args, &runtime),
        Some(Command::Search(args)) => search::run(&args),
        Some(Command::Library(args)) => library::run(&args, &runtime),
        Some(Command::List(args)) => list::run(args, &runtime),
        Some(Command::Filter) => maintenance::print(&format!("{FILTER_HELP}\n")),
        Some(Command::DemoServer(args)) => demo_server::run(args, &runtime),
        Some(Command::Cache(args)) => cache::run(&args.command),
        Some(Command::Config(args)) => config::run(&args),
        Some(Command::Login(args)) => login::login(&args, &runtime),
        Some(Command::Logout(args)) => login::logout(&args),
        Some(Command::Doctor(args)) => doctor::run(&args, &runtime),
        Some(Command::Forget(args)) => forget::run(&args),
        Some(Command::Completions(args)) => completions::write_completions(args.shell),
        Some(Command::Man(args)) => man::write_man_pages(args.dir.as_deref()),
    };
    api_key::kill_key_commands();
    drop(entered);
    // Shutting the runtime down would panic in threads that wait for a server; they end with the process.
    std::mem::forget(runtime);
    code
}

/// Starts the log at the level of the flag, the environment or the configuration.
fn start_log(flag: Option<String>) -> Option<WorkerGuard> {
    let settings = Settings::load();
    let level = flag.unwrap_or(settings.config.log_level.value);
    log::start(settings.folders.as_ref()?, &level)
}
