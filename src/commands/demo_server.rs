//! The demo server: `unspool demo-server`, and the browser's view of it with `--demo`.

use std::io::{self, Write};

use secrecy::SecretString;
use tokio::runtime::Runtime;

use crate::app_loop::context::Context;
use crate::cli::DemoServerArgs;
use crate::commands::runner::print_error;
use crate::config::{ActiveAccess, Profiles};
use crate::demo::{self, DemoServer, DemoThread};
use crate::domain::{ExitCode, RecentThread, UserError};
use crate::provider::{self, Provider};
use crate::terminal::signals::Signals;

/// Runs the server until a signal; returns the exit code.
pub(super) fn run(args: DemoServerArgs, runtime: &Runtime) -> ExitCode {
    let mut signals = Signals::listen(runtime);
    runtime.block_on(serve(args.port, &mut signals)).unwrap_or_else(|error| print_error(&error, None))
}

async fn serve(port: Option<u16>, signals: &mut Signals) -> Result<ExitCode, UserError> {
    let server = start(port).await?;
    let mut out = io::stdout();
    if writeln!(out, "{}", server.base_url()).and_then(|()| out.flush()).is_err() {
        return Ok(ExitCode::Success);
    }
    tokio::select! {
        result = server.wait() => match result {
            Ok(()) => Ok(ExitCode::Success),
            Err(error) => Err(UserError::new(error.to_string(), "", ExitCode::Failure)),
        },
        signal = signals.next() => Ok(ExitCode::Signal(u8::try_from(signal).unwrap_or(0))),
    }
}

/// Starts the server; without a port, on a free one.
///
/// # Errors
/// A port that cannot be used.
pub(super) async fn start(port: Option<u16>) -> Result<DemoServer, UserError> {
    let failed =
        |error| UserError::new(format!("cannot start the demo server: {error}"), "", ExitCode::Failure);
    demo::start(port).await.map_err(failed)
}

/// Points all services at the demo server. Each run has another port, so that nothing cached would be read again.
pub(super) fn use_demo_server(context: &mut Context, base_url: &str) {
    for access in context.service_access.values_mut() {
        access.base_url = base_url.to_owned();
        access.api_key = Some(SecretString::from(demo::DEMO_KEY));
        access.account_id = Some(demo::DEMO_ACCOUNT.to_owned());
    }
    context.cache = None;
    context.profiles = None;
}

/// Returns no profiles to choose, and `--demo` as the flag that reproduces the access on a command line.
pub(super) fn demo_profiles() -> Profiles {
    let access = |provider: &&'static dyn Provider| ActiveAccess {
        service: provider.id(),
        profile: None,
        base_url: String::new(),
        extra_flags: vec!["--demo".to_owned()],
    };
    Profiles { active: provider::all().iter().map(access).collect(), ..Profiles::default() }
}

/// Lists the demo threads for the start screen.
pub(super) fn demo_threads() -> Vec<RecentThread> {
    let recent_thread = |entry: &DemoThread| RecentThread {
        input: format!("{}:{}", entry.service, entry.id),
        title: entry.title.to_owned(),
        service: entry.service.to_owned(),
        profile: None,
        opened_at: None,
        note: entry.note.to_owned(),
    };
    demo::catalogue().iter().map(recent_thread).collect()
}
