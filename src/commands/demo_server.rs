//! The demo server: `unspool demo-server`, and the server of `--demo`.

use std::io::{self, Write};

use secrecy::SecretString;
use tokio::runtime::Runtime;

use crate::app_loop::context::{Context, DemoLauncher, NetworkMode};
use crate::cli::DemoServerArgs;
use crate::commands::runner::print_error;
use crate::demo::{self, DemoServer, DemoThread};
use crate::domain::{ExitCode, RecentThread, UserError};
use crate::library::LibraryLocation;
use crate::terminal::signals::Signals;

/// Runs the server until a signal; returns the exit code.
pub(super) fn run(args: DemoServerArgs, runtime: &Runtime) -> ExitCode {
    let mut signals = Signals::listen(runtime);
    runtime.block_on(serve(args.port, &mut signals)).unwrap_or_else(|error| print_error(&error, None))
}

async fn serve(port: Option<u16>, signals: &mut Signals) -> Result<ExitCode, UserError> {
    let server = start(port).await?;
    let mut out = io::stdout();
    if out.write_all(announcement(&server.base_url()).as_bytes()).and_then(|()| out.flush()).is_err() {
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

/// Returns the address, and the shell commands that select it.
fn announcement(base_url: &str) -> String {
    let mut text = format!("{base_url}\n");
    for (name, value) in [
        ("SGP_CLIENT_BASE_URL", base_url),
        ("SGP_API_KEY", demo::DEMO_KEY),
        ("SGP_ACCOUNT_ID", demo::DEMO_ACCOUNT),
        ("CAMEL_API_URL", base_url),
        ("CAMEL_API_KEY", demo::DEMO_KEY),
    ] {
        text.push_str(&format!("export {name}={value}\n"));
    }
    text
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

/// Points all services at the demo server. The cache is disabled, because each run has another port.
pub(super) fn use_demo_server(context: &mut Context, base_url: &str) {
    for access in context.service_access.values_mut() {
        access.base_url = base_url.to_owned();
        access.api_key = Some(SecretString::from(demo::DEMO_KEY));
        access.account_id = Some(demo::DEMO_ACCOUNT.to_owned());
    }
    // The demo server must not receive a key of the user.
    context.api_keys.clear();
    context.cache = None;
    context.library = context.library.take().map(LibraryLocation::of_demo);
    context.profiles = None;
}

/// Starts the demo inside the running browser.
pub(super) fn launcher() -> DemoLauncher {
    DemoLauncher {
        start: |runtime| {
            let server = runtime.block_on(start(None))?;
            let base_url = server.base_url();
            // The server runs until the program ends.
            std::mem::forget(server);
            Ok((base_url, demo_threads()))
        },
        attach: |context, base_url| {
            use_demo_server(context, base_url);
            context.network_mode = NetworkMode::Online;
            // The history has only threads that can be opened again.
            context.recent_threads = None;
        },
    }
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
        place: None,
    };
    demo::canned_threads().iter().map(recent_thread).collect()
}
