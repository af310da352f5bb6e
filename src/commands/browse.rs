//! Starts the browser, or its plain mode: arguments, settings and demo threads as the options of both.

use std::io::{self, IsTerminal};

use tokio::runtime::Runtime;

use crate::app::Prefs;
use crate::app::deep_link::{DeepLink, parse_path};
use crate::app::detail::Tab;
use crate::app_loop::context::Context;
use crate::cli::{BrowseArgs, TabName};
use crate::commands::demo_server;
use crate::commands::last_profile::with_last_profile;
use crate::commands::plain::{self, PlainOptions};
use crate::commands::runner::print_error;
use crate::commands::source_arg::{LinkNotice, follow_link_host, parse_source_arg};
use crate::commands::tui::{self, StartupNotice, TuiOptions};
use crate::config::Profiles;
use crate::credentials::profiles::ProfileDirectory;
use crate::credentials::resolve::PROFILE_VARIABLE;
use crate::demo::DemoServer;
use crate::domain::{ExitCode, Source, UserError};
use crate::provider::{self, Provider};
use crate::settings::{Settings, env_var};
use crate::storage::history::History;
use crate::storage::recent_threads::RecentThreads;
use crate::terminal::{self, background};
use crate::theme::ThemeChoice;
use crate::view::message::{HiddenText, TextMode, TextOptions};

/// Options of the browser and the plain mode.
struct Setup {
    options: TuiOptions,
    settings: Settings,
    /// Runs until dropped.
    demo_server: Option<DemoServer>,
}

/// Runs the browser or the plain mode; returns the exit code.
pub(super) fn run(args: BrowseArgs, runtime: &Runtime) -> ExitCode {
    run_browser(&args, runtime).unwrap_or_else(|error| print_error(&error, None))
}

fn run_browser(args: &BrowseArgs, runtime: &Runtime) -> Result<ExitCode, UserError> {
    let is_dumb = env_var("TERM").as_deref() == Some("dumb") && io::stdout().is_terminal();
    let is_plain = args.plain || is_dumb;
    if let Err(error) = terminal::check()
        && !is_plain
    {
        let hint = "Use unspool show THREAD, or --plain.";
        return Err(UserError::new(error.to_string(), hint, ExitCode::Usage));
    }
    let Setup { mut options, settings, demo_server } = prepare(args, runtime)?;
    // In plain mode, piped input contains commands.
    if options.source.is_none() && !args.service.demo && !is_plain && is_stdin_piped() {
        options.source = Some(Source::Stdin);
    }
    let code = if is_plain {
        settings.config_error().map(|error| print_error(&error, None));
        let options = PlainOptions {
            source: options.source,
            context: options.context,
            time_format: options.prefs.time_format,
            profiles: options.prefs.profiles,
            recent_threads: options.recent_threads,
            notice: options.notice.map(StartupNotice::into_text),
        };
        plain::run(options, runtime)
    } else {
        terminal::set_mouse_preference(settings.config.mouse.value);
        terminal::set_link_preference(settings.config.links.value);
        let warning = settings.errors.first().map(|error| format!("Using defaults: {error}"));
        options.prefs.sets_window_title = terminal::set_title_preference(settings.config.window_title.value);
        let key_warning = settings.warnings.first().cloned();
        options.notice = warning.map(StartupNotice::Warning).or(options.notice);
        options.notice = options.notice.or(key_warning.map(StartupNotice::Warning));
        tui::run(options, runtime)?
    };
    drop(demo_server);
    Ok(code)
}

/// Returns whether standard input is a pipe, a socket or a file: not a terminal, and not a device such as `/dev/null`.
#[cfg(unix)]
fn is_stdin_piped() -> bool {
    use rustix::fs::{FileType, fstat};
    let kind = fstat(rustix::stdio::stdin()).map(|stat| FileType::from_raw_mode(stat.st_mode));
    matches!(kind, Ok(FileType::Fifo | FileType::RegularFile | FileType::Socket))
}

#[cfg(not(unix))]
fn is_stdin_piped() -> bool {
    !io::stdin().is_terminal()
}

fn prepare(args: &BrowseArgs, runtime: &Runtime) -> Result<Setup, UserError> {
    let source = args.thread.as_deref().map(|word| parse_source_arg(word, &args.service)).transpose()?;
    let deep_link =
        deep_link_from_args(args).map_err(|reason| UserError::new(reason, "", ExitCode::Usage))?;
    let settings = Settings::load();
    // The default settings have no profiles.
    let has_explicit_profile = args.service.profile.is_some() || env_var(PROFILE_VARIABLE).is_some();
    if let Some(error) = settings.config_error().filter(|_| has_explicit_profile) {
        return Err(error);
    }
    let folders = settings.folders.as_ref().filter(|_| !args.service.demo);
    let history = folders.map(|folders| History::in_folder(&folders.state));
    let (service_args, link_notice) = match (&source, &args.thread) {
        (Some(source), Some(word)) if !args.service.demo => {
            follow_link_host(word, source, &args.service, &settings)?
        }
        _ => (args.service.clone(), None),
    };
    let (service_args, notice) = match link_notice {
        Some(LinkNotice { text, is_warning: true }) => (service_args, Some(StartupNotice::Warning(text))),
        Some(LinkNotice { text, is_warning: false }) => (service_args, Some(StartupNotice::Info(text))),
        None => with_last_profile(source.as_ref(), &service_args, (&settings, history.as_ref())),
    };
    let mut context = Context::new(&settings, &service_args)?;
    let mut suggestions = Vec::new();
    let mut welcome = welcome_lines(&context);
    let mut demo_server = None;
    let mut profiles =
        context.profiles.as_ref().map(ProfileDirectory::profiles).transpose()?.unwrap_or_default();
    if args.service.demo {
        let server = runtime.block_on(demo_server::start(None))?;
        demo_server::use_demo_server(&mut context, &server.base_url());
        profiles = Profiles::of_demo();
        suggestions = demo_server::demo_threads();
        welcome = Vec::new();
        demo_server = Some(server);
    } else {
        context.demo = Some(demo_server::launcher());
    }
    welcome.extend(settings.errors.iter().map(|error| format!("Configuration ignored: {error}")));
    welcome.extend(settings.warnings.iter().map(|warning| format!("Key ignored: {warning}")));
    let recent_threads = RecentThreads::new(history, suggestions);
    context.recent_threads = Some(recent_threads.clone());
    let hidden = if settings.config.reveal_hidden.value { HiddenText::Shown } else { HiddenText::Counted };
    let prefs = Prefs {
        keymap: settings.config.keymap(),
        time_format: settings.time_format(),
        welcome,
        offers_demo: !args.service.demo,
        listed_service: context.only_service_with_key(),
        opens_at_problem: settings.config.open_at_problem.value,
        profiles,
        theme: settings.config.theme_choice(),
        text_options: TextOptions { hidden, mode: TextMode::BySpeaker },
        ..Prefs::default()
    };
    let is_auto = settings.config.theme.value == ThemeChoice::AUTO;
    let asks_background = is_auto && background::has_rgb_colours();
    let options = TuiOptions { source, deep_link, prefs, asks_background, context, recent_threads, notice };
    Ok(Setup { options, settings, demo_server })
}

/// Converts the flags of a deep link.
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

/// Describes the API key of each service, for the start screen.
fn welcome_lines(context: &Context) -> Vec<String> {
    let describe = |provider: &&'static dyn Provider| {
        let service = provider.id();
        let variable = provider.env_variables().first().map_or("", |variable| variable.name);
        let has_key = context.service_access.get(service).is_some_and(|access| access.api_key.is_some());
        let state = match context.api_keys.get(service).and_then(|key| key.origin()) {
            Some(origin) => format!("key from {origin}"),
            None if has_key => "key found".to_owned(),
            None => {
                format!("no key in {variable} or from login; run unspool login --provider {service}")
            }
        };
        format!("{}: {state}", provider.display_name())
    };
    provider::all().iter().map(describe).collect()
}
