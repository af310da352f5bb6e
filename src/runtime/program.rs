//! From the command line to what it asks for, and from how that ended to an exit code: 0 done, 1 error, 2 usage or no
//! terminal, 4 not allowed, 5 not found, 6 network, 7 an answer that could not be understood, 128 + n a signal.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Parser;
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};
use tracing_appender::non_blocking::WorkerGuard;

use crate::app::Prefs;
use crate::app::detail::Tab;
use crate::app::detail::compose::HiddenText;
use crate::app::profiles::{Profiles, Reached};
use crate::app::recognise::{looks_like_path, recognise};
use crate::app::target::{Target, parse_path};
use crate::cli::{BrowseArgs, Cli, Command, DemoServerArgs, ServiceArgs, TabName};
use crate::demo;
use crate::effect::{Source, Visit};
use crate::event::Failure;
use crate::provider::{self, Provider};
use crate::runtime::again;
use crate::runtime::approach::PROFILE;
use crate::runtime::browse::{self, BrowseError, Start, Told};
use crate::runtime::history::History;
use crate::runtime::memory::Memory;
use crate::runtime::plain;
use crate::runtime::profiles::Directory;
use crate::runtime::script::report::{self, Subject};
use crate::runtime::settings::{self, Settings, environment};
use crate::runtime::signals::Endings;
use crate::runtime::tasks::World;
use crate::runtime::{export, house, log, panics, platform, push, script, secret, show, terminal};
use crate::text::Safe;

/// The exit code for wrong usage, and for no terminal.
const USAGE: u8 = 2;

/// Runs the program; returns its exit code.
pub fn run() -> u8 {
    panics::tell_harmlessly();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to the parser; a closed pipe is nobody's concern.
            let _ = error.print();
            return if error.use_stderr() { USAGE } else { 0 };
        }
    };
    platform::forbid_core_dumps();
    let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("no threads can be started: {error}"), 1),
    };
    platform::outlive_limits(&runtime);
    let _log = start_log(cli.log);
    let code = match cli.command {
        None => browse(cli.browse, &runtime),
        Some(Command::Show(args)) => show(args, &runtime),
        Some(Command::Export(args)) => export::run(args, &runtime),
        Some(Command::Push(args)) => push::run(args, &runtime),
        Some(Command::Spans(args)) => report::run(Subject::Spans, args, &runtime),
        Some(Command::Feedback(args)) => report::run(Subject::Feedback, args, &runtime),
        Some(Command::Stats(args)) => report::run(Subject::Stats, args, &runtime),
        Some(Command::DemoServer(args)) => serve_demo(args, &runtime),
        Some(Command::Cache(args)) => house::cache::run(&args.command),
        Some(Command::Config(args)) => house::config::run(&args),
        Some(Command::Login(args)) => house::login::login(&args),
        Some(Command::Logout(args)) => house::login::logout(&args),
        Some(Command::Doctor(args)) => house::doctor::run(&args, &runtime),
        Some(Command::Forget(args)) => house::forget::run(&args),
        Some(Command::Completions(args)) => house::shell::write_completions(args.shell),
        Some(Command::Man(args)) => house::shell::man(args.dir.as_deref()),
        Some(Command::Complete { what }) => house::shell::complete(what),
    };
    secret::end_programs();
    runtime.shutdown_background();
    code
}

/// The log as flag, environment and configuration want it.
fn start_log(flag: Option<String>) -> Option<WorkerGuard> {
    let settings = Settings::load();
    let level = flag.unwrap_or(settings.config.log.value);
    log::start(settings.folders.as_ref()?, &level)
}

/// Tells an error on standard error; returns the exit code.
pub fn complain(text: &str, code: u8) -> u8 {
    let _ = writeln!(io::stderr(), "unspool: {}", Safe::text(text).as_str());
    code
}

/// What a command-line argument names: a file that exists is a file, whatever it looks like.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn named_source(text: &str, args: &ServiceArgs) -> Result<Source, String> {
    let preferred = args.provider.map(|name| name.service());
    if text == "-" {
        return Ok(Source::Stdin);
    }
    // A pipe with a name is one too.
    if Path::new(text).metadata().is_ok_and(|about| !about.is_dir()) {
        return Ok(Source::File(text.into()));
    }
    let wanted = match preferred {
        Some(service) if !text.contains(':') && !looks_like_path(text) => format!("{service}:{text}"),
        _ => text.to_owned(),
    };
    recognise(&wanted, preferred).map_err(|refused| refused.reason)
}

/// The browser, as flags and settings want it.
struct Opening {
    open: Option<Source>,
    target: Target,
    settings: Settings,
    world: World,
    memory: Memory,
    prefs: Prefs,
    notice: Option<Told>,
    /// The demo's server, as long as it is wanted.
    demo: Option<demo::Running>,
}

fn browse(args: BrowseArgs, runtime: &Runtime) -> u8 {
    let is_dumb = environment("TERM").as_deref() == Some("dumb") && io::stdout().is_terminal();
    let is_plain = args.plain || is_dumb;
    if let Err(error) = terminal::check()
        && !is_plain
    {
        return complain(&format!("{error}; unspool show THREAD writes a thread without one"), USAGE);
    }
    let opening = match prepare(&args, runtime) {
        // Lines that are piped to the plain mode are its commands.
        Ok(opening) if opening.open.is_none() && !args.demo && !is_plain && stdin_brings_something() => {
            Opening { open: Some(Source::Stdin), ..opening }
        }
        Ok(opening) => opening,
        Err(failure) => return script::tell(&failure, None),
    };
    let Opening { open, target, settings, world, memory, prefs, notice, demo } = opening;
    let failure = settings.failure();
    let code = if is_plain {
        failure.map(|failure| script::tell(&failure, None));
        let notice = notice.map(|told| match told {
            Told::Remark(text) | Told::Warning(text) => text,
        });
        plain::run(plain::Start { open, zone: prefs.zone, profiles: prefs.profiles, notice }, world, runtime)
    } else {
        terminal::want_mouse(settings.config.mouse.value);
        let warning = settings.problems.first().map(|problem| format!("The defaults are used. {problem}"));
        let notice = warning.map(Told::Warning).or(notice);
        let start = Start { open, target, prefs, theme: settings.config.theme(), world, memory, notice };
        browse::run(start, runtime).unwrap_or_else(|error| {
            let code = match error {
                BrowseError::NoTerminal(_) => USAGE,
                BrowseError::Draw(_) => 1,
            };
            complain(&error.to_string(), code)
        })
    };
    drop(demo);
    code
}

/// Whether standard input is a pipe or a file: nobody types there, and a device such as `/dev/null` says nothing.
#[cfg(unix)]
fn stdin_brings_something() -> bool {
    use rustix::fs::{FileType, fstat};
    let kind = fstat(rustix::stdio::stdin()).map(|about| FileType::from_raw_mode(about.st_mode));
    matches!(kind, Ok(FileType::Fifo | FileType::RegularFile | FileType::Socket))
}

#[cfg(not(unix))]
fn stdin_brings_something() -> bool {
    !io::stdin().is_terminal()
}

fn prepare(args: &BrowseArgs, runtime: &Runtime) -> Result<Opening, Failure> {
    let usage = |reason: String| script::trouble(reason, "", USAGE);
    let named = args.thread.as_deref().map(|text| named_source(text, &args.service));
    let open = named.transpose().map_err(usage)?;
    let target = target(args).map_err(usage)?;
    let settings = Settings::load();
    // A profile that was asked for cannot be had from defaults.
    let by_profile = args.service.profile.is_some() || environment(PROFILE).is_some();
    if let Some(failure) = settings.failure().filter(|_| by_profile) {
        return Err(failure);
    }
    let folders = settings.folders.as_ref().filter(|_| !args.demo);
    let history = folders.map(|folders| History::at(&folders.state));
    let (service, notice) = again::as_before(open.as_ref(), &args.service, (&settings, history.as_ref()));
    let mut world = settings.world(&service)?;
    let mut suggestions = Vec::new();
    let mut welcome = welcome(&world);
    let mut demo = None;
    let mut profiles = world.profiles.as_ref().map(Directory::profiles).transpose()?.unwrap_or_default();
    if args.demo {
        let started = runtime.block_on(demo::start(None));
        let server = started.map_err(|error| {
            script::trouble(format!("the demo server could not be started: {error}"), "", 1)
        })?;
        point_at_demo(&mut world, &server.base_url());
        profiles = demo_profiles();
        suggestions = demo_threads();
        welcome = vec!["This is the demo: choose one of its threads above with ↓ and Enter.".to_owned()];
        demo = Some(server);
    }
    welcome.extend(settings.problems.iter().map(|problem| format!("Configuration left out: {problem}")));
    let memory = Memory::new(history, suggestions);
    world.memory = Some(memory.clone());
    let prefs = Prefs {
        keymap: settings.config.keymap(),
        zone: settings.calendar(),
        welcome,
        profiles,
        hidden: if settings.config.reveal_hidden.value { HiddenText::Shown } else { HiddenText::Counted },
    };
    Ok(Opening { open, target, settings, world, memory, prefs, notice, demo })
}

/// What the flags of a deep link want to see.
fn target(args: &BrowseArgs) -> Result<Target, String> {
    let path = args.path.as_deref().map(parse_path).transpose()?;
    let tab = args.tab.map(|tab| match tab {
        TabName::Message => Tab::Message,
        TabName::Spans => Tab::Spans,
        TabName::Feedback => Tab::Feedback,
        TabName::Metadata => Tab::Metadata,
        TabName::Raw => Tab::Raw,
    });
    Ok(Target { message: args.message.clone(), tab, span: args.span.clone(), path })
}

/// How to begin, by which keys there are.
fn welcome(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for provider in provider::all() {
        let service = provider.service();
        let variable = provider.variables().first().map_or("", |variable| variable.name);
        let has_key = world.access.get(service).is_some_and(|access| access.key.is_some());
        let state = match world.keys.get(service).and_then(|keys| keys.named()) {
            Some(source) if !has_key => format!("key from {source}"),
            _ if has_key => "key found".to_owned(),
            _ => format!("no key: set {variable}, or run unspool login --provider {service}"),
        };
        lines.push(format!("{}: {state}", provider.name()));
    }
    lines.push(String::new());
    lines.push("No account at hand? unspool --demo".to_owned());
    lines
}

/// Each run of the demo is another host: its copies would never be read, so none are kept.
fn point_at_demo(world: &mut World, base_url: &str) {
    for access in world.access.values_mut() {
        access.base_url = base_url.to_owned();
        access.key = Some(SecretString::from(demo::DEMO_KEY));
        access.account = Some(demo::DEMO_ACCOUNT.to_owned());
    }
    world.store = None;
    world.profiles = None;
}

/// Nothing to choose; a command line that leads to the demo's threads says so.
fn demo_profiles() -> Profiles {
    let reached = |provider: &&'static dyn Provider| Reached {
        service: provider.service(),
        profile: None,
        flags: vec!["--demo".to_owned()],
    };
    Profiles { reached: provider::all().iter().map(reached).collect(), ..Profiles::default() }
}

fn demo_threads() -> Vec<Visit> {
    let entry = |entry: &demo::Entry| Visit {
        typed: format!("{}:{}", entry.service, entry.id),
        title: entry.title.to_owned(),
        service: entry.service.to_owned(),
        profile: None,
        at: None,
        note: entry.note.to_owned(),
    };
    demo::catalogue().iter().map(entry).collect()
}

fn show(args: crate::cli::ShowArgs, runtime: &Runtime) -> u8 {
    match named_source(&args.thread, &args.service) {
        Ok(source) => {
            let world = settings::world(&args.service);
            world.map_or_else(
                |failure| script::tell(&failure, None),
                |world| show::run(args, source, world, runtime),
            )
        }
        Err(reason) => complain(&reason, USAGE),
    }
}

fn serve_demo(args: DemoServerArgs, runtime: &Runtime) -> u8 {
    let mut endings = Endings::listen(runtime);
    runtime.block_on(async {
        let server = match demo::start(args.port).await {
            Ok(server) => server,
            Err(error) => return complain(&format!("the demo server could not be started: {error}"), 1),
        };
        let mut out = io::stdout();
        if writeln!(out, "{}", server.base_url()).and_then(|()| out.flush()).is_err() {
            return 0;
        }
        tokio::select! {
            ended = server.wait() => match ended {
                Ok(()) => 0,
                Err(error) => complain(&error.to_string(), 1),
            },
            signal = endings.next() => 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
        }
    })
}
