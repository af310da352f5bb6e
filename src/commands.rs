//! From the command line to what it asks for, and from how that ended to an exit code: 0 done, 1 error, 2 usage or no
//! terminal, 4 not allowed, 5 not found, 6 network, 7 an answer that could not be understood, 128 + n a signal.

pub mod cache;
pub mod completions;
pub mod config;
pub mod doctor;
pub mod export;
pub mod forget;
pub mod last_profile;
pub mod load;
pub mod login;
pub mod maintenance;
pub mod output;
pub mod plain;
pub mod progress;
pub mod push;
pub mod raw;
pub mod report;
pub mod runner;
pub mod selection;
pub mod show;
pub mod tui;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Parser;
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};
use tracing_appender::non_blocking::WorkerGuard;

use crate::app::Prefs;
use crate::app::deep_link::{DeepLink, parse_path};
use crate::app::detail::Tab;
use crate::app::profiles::{ActiveAccess, Profiles};
use crate::app_loop::effects::Context;
use crate::cli::{BrowseArgs, Cli, Command, DemoServerArgs, ServiceArgs, TabName};
use crate::commands::report::ReportKind;
use crate::commands::tui::{StartupNotice, TuiError, TuiOptions};
use crate::credentials::api_key;
use crate::credentials::profiles::ProfileDirectory;
use crate::credentials::resolve::PROFILE_VARIABLE;
use crate::demo;
use crate::domain::{ExitCode, RecentThread, Source, UserError};
use crate::platform;
use crate::provider::parse_source::{is_path_like, parse_source};
use crate::provider::{self, Provider};
use crate::settings::{self, Settings, env_var};
use crate::storage::history::History;
use crate::storage::log;
use crate::storage::recent_threads::RecentThreads;
use crate::terminal::signals::Signals;
use crate::terminal::{self, panics};
use crate::text::Safe;
use crate::view::message::HiddenText;

/// Runs the program; returns its exit code.
pub fn run() -> ExitCode {
    panics::install_hook();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to the parser; a closed pipe is nobody's concern.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success };
        }
    };
    platform::forbid_core_dumps();
    let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return print_error_text(&format!("no threads can be started: {error}"), ExitCode::Failure),
    };
    platform::ignore_file_size_signal(&runtime);
    let _log = start_log(cli.log);
    let code = match cli.command {
        None => run_tui(cli.browse, &runtime),
        Some(Command::Show(args)) => run_show(args, &runtime),
        Some(Command::Export(args)) => export::run(args, &runtime),
        Some(Command::Push(args)) => push::run(args, &runtime),
        Some(Command::Spans(args)) => report::run(ReportKind::Spans, args, &runtime),
        Some(Command::Feedback(args)) => report::run(ReportKind::Feedback, args, &runtime),
        Some(Command::Stats(args)) => report::run(ReportKind::Stats, args, &runtime),
        Some(Command::DemoServer(args)) => run_demo_server(args, &runtime),
        Some(Command::Cache(args)) => cache::run(&args.command),
        Some(Command::Config(args)) => config::run(&args),
        Some(Command::Login(args)) => login::login(&args),
        Some(Command::Logout(args)) => login::logout(&args),
        Some(Command::Doctor(args)) => doctor::run(&args, &runtime),
        Some(Command::Forget(args)) => forget::run(&args),
        Some(Command::Completions(args)) => completions::write_completions(args.shell),
        Some(Command::Man(args)) => completions::write_man_pages(args.dir.as_deref()),
        Some(Command::Complete { what }) => completions::print_candidates(what),
    };
    api_key::kill_key_commands();
    runtime.shutdown_background();
    code
}

/// The log as flag, environment and configuration want it.
fn start_log(flag: Option<String>) -> Option<WorkerGuard> {
    let settings = Settings::load();
    let level = flag.unwrap_or(settings.config.log_level.value);
    log::start(settings.folders.as_ref()?, &level)
}

/// Tells an error on standard error; returns the exit code.
pub fn print_error_text(text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(io::stderr(), "unspool: {}", Safe::text(text).as_str());
    code
}

/// What a command-line argument names: a file that exists is a file, whatever it looks like.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn parse_source_arg(text: &str, args: &ServiceArgs) -> Result<Source, String> {
    let preferred = args.provider;
    if text == "-" {
        return Ok(Source::Stdin);
    }
    // A pipe with a name is one too.
    if Path::new(text).metadata().is_ok_and(|about| !about.is_dir()) {
        return Ok(Source::File(text.into()));
    }
    let wanted = match preferred {
        Some(service) if !text.contains(':') && !is_path_like(text) => format!("{service}:{text}"),
        _ => text.to_owned(),
    };
    parse_source(&wanted, preferred).map_err(|refused| refused.reason)
}

/// The browser, as flags and settings want it.
struct TuiSetup {
    source: Option<Source>,
    deep_link: DeepLink,
    settings: Settings,
    context: Context,
    recent_threads: RecentThreads,
    prefs: Prefs,
    notice: Option<StartupNotice>,
    /// The demo's server, as long as it is wanted.
    demo_server: Option<demo::DemoServer>,
}

fn run_tui(args: BrowseArgs, runtime: &Runtime) -> ExitCode {
    let is_dumb = env_var("TERM").as_deref() == Some("dumb") && io::stdout().is_terminal();
    let is_plain = args.plain || is_dumb;
    if let Err(error) = terminal::check()
        && !is_plain
    {
        return print_error_text(&format!("{error}; unspool show THREAD writes a thread without one"), ExitCode::Usage);
    }
    let opening = match prepare_tui(&args, runtime) {
        // Lines that are piped to the plain mode are its commands.
        Ok(opening) if opening.source.is_none() && !args.demo && !is_plain && is_stdin_piped() => {
            TuiSetup { source: Some(Source::Stdin), ..opening }
        }
        Ok(opening) => opening,
        Err(failure) => return runner::print_error(&failure, None),
    };
    let TuiSetup {
        source: open,
        deep_link: target,
        settings,
        context: world,
        recent_threads: memory,
        prefs,
        notice,
        demo_server: demo,
    } = opening;
    let failure = settings.config_error();
    let code = if is_plain {
        failure.map(|failure| runner::print_error(&failure, None));
        let notice = notice.map(|told| match told {
            StartupNotice::Info(text) | StartupNotice::Warning(text) => text,
        });
        plain::run(
            plain::PlainOptions {
                source: open,
                time_format: prefs.time_format,
                profiles: prefs.profiles,
                notice,
            },
            world,
            runtime,
        )
    } else {
        terminal::set_mouse_preference(settings.config.mouse.value);
        let warning = settings.errors.first().map(|problem| format!("The defaults are used. {problem}"));
        let notice = warning.map(StartupNotice::Warning).or(notice);
        let start = TuiOptions {
            source: open,
            deep_link: target,
            prefs,
            theme: settings.config.theme(),
            context: world,
            recent_threads: memory,
            notice,
        };
        tui::run(start, runtime).unwrap_or_else(|error| {
            let code = match error {
                TuiError::NoTerminal(_) => ExitCode::Usage,
                TuiError::Draw(_) => ExitCode::Failure,
            };
            print_error_text(&error.to_string(), code)
        })
    };
    drop(demo);
    code
}

/// Whether standard input is a pipe or a file: nobody types there, and a device such as `/dev/null` says nothing.
#[cfg(unix)]
fn is_stdin_piped() -> bool {
    use rustix::fs::{FileType, fstat};
    let kind = fstat(rustix::stdio::stdin()).map(|about| FileType::from_raw_mode(about.st_mode));
    matches!(kind, Ok(FileType::Fifo | FileType::RegularFile | FileType::Socket))
}

#[cfg(not(unix))]
fn stdin_brings_something() -> bool {
    !io::stdin().is_terminal()
}

fn prepare_tui(args: &BrowseArgs, runtime: &Runtime) -> Result<TuiSetup, UserError> {
    let usage = |reason: String| UserError::new(reason, "", ExitCode::Usage);
    let named = args.thread.as_deref().map(|text| parse_source_arg(text, &args.service));
    let open = named.transpose().map_err(usage)?;
    let target = deep_link_from_args(args).map_err(usage)?;
    let settings = Settings::load();
    // A profile that was asked for cannot be had from defaults.
    let by_profile = args.service.profile.is_some() || env_var(PROFILE_VARIABLE).is_some();
    if let Some(failure) = settings.config_error().filter(|_| by_profile) {
        return Err(failure);
    }
    let folders = settings.folders.as_ref().filter(|_| !args.demo);
    let history = folders.map(|folders| History::in_folder(&folders.state));
    let (service, notice) =
        last_profile::with_last_profile(open.as_ref(), &args.service, (&settings, history.as_ref()));
    let mut world = settings.context(&service)?;
    let mut suggestions = Vec::new();
    let mut welcome = welcome_lines(&world);
    let mut demo = None;
    let mut profiles =
        world.profiles.as_ref().map(ProfileDirectory::profiles).transpose()?.unwrap_or_default();
    if args.demo {
        let started = runtime.block_on(demo::start(None));
        let server = started.map_err(|error| {
            UserError::new(format!("the demo server could not be started: {error}"), "", ExitCode::Failure)
        })?;
        use_demo_server(&mut world, &server.base_url());
        profiles = demo_profiles();
        suggestions = demo_threads();
        welcome = vec!["This is the demo: choose one of its threads above with ↓ and Enter.".to_owned()];
        demo = Some(server);
    }
    welcome.extend(settings.errors.iter().map(|problem| format!("Configuration left out: {problem}")));
    let memory = RecentThreads::new(history, suggestions);
    world.recent_threads = Some(memory.clone());
    let prefs = Prefs {
        keymap: settings.config.keymap(),
        time_format: settings.time_format(),
        welcome,
        profiles,
        hidden_text: if settings.config.reveal_hidden.value {
            HiddenText::Shown
        } else {
            HiddenText::Counted
        },
    };
    Ok(TuiSetup {
        source: open,
        deep_link: target,
        settings,
        context: world,
        recent_threads: memory,
        prefs,
        notice,
        demo_server: demo,
    })
}

/// What the flags of a deep link want to see.
fn deep_link_from_args(args: &BrowseArgs) -> Result<DeepLink, String> {
    let path = args.path.as_deref().map(parse_path).transpose()?;
    let tab = args.tab.map(|tab| match tab {
        TabName::Message => Tab::Message,
        TabName::Spans => Tab::Spans,
        TabName::Feedback => Tab::Feedback,
        TabName::Metadata => Tab::Metadata,
        TabName::Raw => Tab::Raw,
    });
    Ok(DeepLink { message: args.message.clone(), tab, span: args.span.clone(), path })
}

/// How to begin, by which keys there are.
fn welcome_lines(world: &Context) -> Vec<String> {
    let mut lines = Vec::new();
    for provider in provider::all() {
        let service = provider.id();
        let variable = provider.env_variables().first().map_or("", |variable| variable.name);
        let has_key = world.service_access.get(service).is_some_and(|access| access.api_key.is_some());
        let state = match world.api_keys.get(service).and_then(|keys| keys.origin()) {
            Some(source) if !has_key => format!("key from {source}"),
            _ if has_key => "key found".to_owned(),
            _ => format!("no key: set {variable}, or run unspool login --provider {service}"),
        };
        lines.push(format!("{}: {state}", provider.display_name()));
    }
    lines.push(String::new());
    lines.push("No account at hand? unspool --demo".to_owned());
    lines
}

/// Each run of the demo is another host: its copies would never be read, so none are kept.
fn use_demo_server(world: &mut Context, base_url: &str) {
    for access in world.service_access.values_mut() {
        access.base_url = base_url.to_owned();
        access.api_key = Some(SecretString::from(demo::DEMO_KEY));
        access.account_id = Some(demo::DEMO_ACCOUNT.to_owned());
    }
    world.cache = None;
    world.profiles = None;
}

/// Nothing to choose; a command line that leads to the demo's threads says so.
fn demo_profiles() -> Profiles {
    let reached = |provider: &&'static dyn Provider| ActiveAccess {
        service: provider.id(),
        profile: None,
        extra_flags: vec!["--demo".to_owned()],
    };
    Profiles { active: provider::all().iter().map(reached).collect(), ..Profiles::default() }
}

fn demo_threads() -> Vec<RecentThread> {
    let entry = |entry: &demo::DemoThread| RecentThread {
        input: format!("{}:{}", entry.service, entry.id),
        title: entry.title.to_owned(),
        service: entry.service.to_owned(),
        profile: None,
        opened_at: None,
        note: entry.note.to_owned(),
    };
    demo::catalogue().iter().map(entry).collect()
}

fn run_show(args: crate::cli::ShowArgs, runtime: &Runtime) -> ExitCode {
    match parse_source_arg(&args.thread, &args.service) {
        Ok(source) => {
            let world = settings::load_context(&args.service);
            world.map_or_else(
                |failure| runner::print_error(&failure, None),
                |world| show::run(args, source, world, runtime),
            )
        }
        Err(reason) => print_error_text(&reason, ExitCode::Usage),
    }
}

fn run_demo_server(args: DemoServerArgs, runtime: &Runtime) -> ExitCode {
    let mut endings = Signals::listen(runtime);
    runtime.block_on(async {
        let server = match demo::start(args.port).await {
            Ok(server) => server,
            Err(error) => {
                return print_error_text(&format!("the demo server could not be started: {error}"), ExitCode::Failure);
            }
        };
        let mut out = io::stdout();
        if writeln!(out, "{}", server.base_url()).and_then(|()| out.flush()).is_err() {
            return ExitCode::Success;
        }
        tokio::select! {
            ended = server.wait() => match ended {
                Ok(()) => ExitCode::Success,
                Err(error) => print_error_text(&error.to_string(), ExitCode::Failure),
            },
            signal = endings.next() => ExitCode::Signal(u8::try_from(signal).unwrap_or(0)),
        }
    })
}
