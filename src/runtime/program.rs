//! From the command line to what it asks for, and from how that ended to an exit code: 0 done, 1 error, 2 usage or no
//! terminal, 4 not allowed, 5 not found, 6 network, 7 an answer that could not be understood, 128 + n a signal.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use clap::Parser;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};

use crate::app::Prefs;
use crate::app::detail::Tab;
use crate::app::recognise::recognise;
use crate::app::target::{Target, parse_path};
use crate::cli::{BrowseArgs, Cli, Command, DemoServerArgs, ServiceArgs, TabName};
use crate::demo;
use crate::effect::{Source, Visit};
use crate::provider::{self, Access};
use crate::runtime::browse::{self, BrowseError, Start};
use crate::runtime::files::Folders;
use crate::runtime::history::History;
use crate::runtime::http::Limits;
use crate::runtime::memory::Memory;
use crate::runtime::plain;
use crate::runtime::script::report::{self, Subject};
use crate::runtime::signals::Endings;
use crate::runtime::store::Store;
use crate::runtime::tasks::{Reach, World};
use crate::runtime::{cache, export, house, push, show};
use crate::text::Safe;
use crate::theme::Theme;

/// The exit code for wrong usage, and for no terminal.
const USAGE: u8 = 2;

/// Runs the program; returns its exit code.
pub fn run() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to the parser; a closed pipe is nobody's concern.
            let _ = error.print();
            return if error.use_stderr() { USAGE } else { 0 };
        }
    };
    forbid_core_dumps();
    let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("no threads can be started: {error}"), 1),
    };
    let code = match cli.command {
        None => browse(cli.browse, &runtime),
        Some(Command::Show(args)) => show(args, &runtime),
        Some(Command::Export(args)) => export::run(&args, &runtime),
        Some(Command::Push(args)) => push::run(&args, &runtime),
        Some(Command::Spans(args)) => report::run(Subject::Spans, &args, &runtime),
        Some(Command::Feedback(args)) => report::run(Subject::Feedback, &args, &runtime),
        Some(Command::Stats(args)) => report::run(Subject::Stats, &args, &runtime),
        Some(Command::DemoServer(args)) => serve_demo(args, &runtime),
        Some(Command::Cache(args)) => house::cache::run(&args.command, cache::DEFAULT_LIMIT),
    };
    runtime.shutdown_background();
    code
}

/// A dump of the memory would hold the key.
fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Tells an error on standard error; returns the exit code.
pub fn complain(text: &str, code: u8) -> u8 {
    let _ = writeln!(io::stderr(), "unspool: {}", Safe::text(text).as_str());
    code
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How to reach every service, by flags over the environment.
pub fn accesses(args: &ServiceArgs) -> HashMap<&'static str, Access> {
    let mut all = HashMap::new();
    for provider in provider::all() {
        let mut access = provider.access(&environment);
        let meant = args.provider.is_none_or(|name| name.service() == provider.service());
        if let Some(url) = args.base_url.clone().filter(|_| meant) {
            access.base_url = url;
        }
        if let Some(account) = args.account.clone() {
            access.account = Some(account);
        }
        access.by_account = !args.own_threads_only;
        all.insert(provider.service(), access);
    }
    all
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
    if Path::new(text).is_file() {
        return Ok(Source::File(text.into()));
    }
    let wanted = match preferred {
        Some(service) if !text.contains(':') => format!("{service}:{text}"),
        _ => text.to_owned(),
    };
    recognise(&wanted, preferred).map_err(|refused| refused.reason)
}

/// What tasks need to know to reach what these arguments mean.
pub fn world(access: HashMap<&'static str, Access>, args: &ServiceArgs, memory: Option<Memory>) -> World {
    let provider = args.provider.and_then(|name| provider::named(name.service()));
    let store = Folders::find()
        .filter(|_| !args.no_cache)
        .map(|folders| Store::new(&folders.cache, cache::DEFAULT_LIMIT));
    let reach = if args.offline { Reach::Offline } else { Reach::Online };
    World { access, provider, limits: Limits::default(), store, reach, memory }
}

fn browse(args: BrowseArgs, runtime: &Runtime) -> u8 {
    let is_plain = args.plain || environment("TERM").as_deref() == Some("dumb");
    if let Err(error) = crate::runtime::terminal::check()
        && !is_plain
    {
        return complain(&format!("{error}; unspool show THREAD writes a thread without one"), USAGE);
    }
    let open = match args.thread.as_deref().map(|text| named_source(text, &args.service)).transpose() {
        Ok(open) => open,
        Err(reason) => return complain(&reason, USAGE),
    };
    let mut access = accesses(&args.service);
    let mut suggestions = Vec::new();
    let mut welcome = welcome(&access);
    let mut running = None;
    if args.demo {
        match runtime.block_on(demo::start(None)) {
            Ok(server) => {
                point_at_demo(&mut access, &server.base_url());
                suggestions = demo_threads();
                welcome =
                    vec!["This is the demo: choose one of its threads above with ↓ and Enter.".to_owned()];
                running = Some(server);
            }
            Err(error) => return complain(&format!("the demo server could not be started: {error}"), 1),
        }
    }
    let target = match target(&args) {
        Ok(target) => target,
        Err(reason) => return complain(&reason, USAGE),
    };
    let history = Folders::find().filter(|_| !args.demo).map(|folders| History::at(&folders.state));
    let memory = Memory::new(history, suggestions);
    let prefs = Prefs { zone: TimeZone::system().into(), welcome, ..Prefs::default() };
    let mut world = world(access, &args.service, Some(memory.clone()));
    if args.demo {
        // Each run of the demo is another host: its copies would never be read.
        world.store = None;
    }
    if is_plain {
        let code = plain::run(open, world, runtime, prefs.zone);
        drop(running);
        return code;
    }
    let start = Start { open, target, prefs, theme: theme(), world, memory };
    let code = browse::run(start, runtime);
    drop(running);
    code.unwrap_or_else(|error| {
        let code = match error {
            BrowseError::NoTerminal(_) => USAGE,
            BrowseError::Draw(_) => 1,
        };
        complain(&error.to_string(), code)
    })
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

/// Colours as the environment wants them.
fn theme() -> Theme {
    if environment("NO_COLOR").is_some() { Theme::plain() } else { Theme::ansi16() }
}

/// How to begin, by which keys are set.
fn welcome(access: &HashMap<&'static str, Access>) -> Vec<String> {
    let mut lines = Vec::new();
    for provider in provider::all() {
        let has_key = access.get(provider.service()).is_some_and(|access| access.key.is_some());
        let variable = provider.variables().first().map_or("", |variable| variable.name);
        let state = if has_key { "key found" } else { "no key" };
        lines.push(format!("{}: {state} ({variable})", provider.name()));
    }
    lines.push(String::new());
    lines.push("No account at hand? unspool --demo".to_owned());
    lines
}

fn point_at_demo(access: &mut HashMap<&'static str, Access>, base_url: &str) {
    for access in access.values_mut() {
        access.base_url = base_url.to_owned();
        access.key = Some(SecretString::from(demo::DEMO_KEY));
        access.account = Some(demo::DEMO_ACCOUNT.to_owned());
    }
}

fn demo_threads() -> Vec<Visit> {
    let entry = |entry: &demo::Entry| Visit {
        typed: format!("{}:{}", entry.service, entry.id),
        title: entry.title.to_owned(),
        service: entry.service.to_owned(),
        at: None,
        note: entry.note.to_owned(),
    };
    demo::catalogue().iter().map(entry).collect()
}

fn show(args: crate::cli::ShowArgs, runtime: &Runtime) -> u8 {
    match named_source(&args.thread, &args.service) {
        Ok(source) => {
            let world = world(accesses(&args.service), &args.service, None);
            show::run(&args, source, world, runtime)
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
