//! `unspool login` and `logout`: store and remove an API key in a file that only its owner can read.

use std::io::{self, IsTerminal, Read, Write};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::cli::LoginArgs;
use crate::commands::maintenance::{no_home_error, print};
use crate::commands::runner;
use crate::credentials::resolve::{login_key_path, unknown_profile_error};
use crate::domain::{ExitCode, UserError};
use crate::platform::TtyState;
use crate::provider;
use crate::settings::Settings;
use crate::storage::files::{FileError, create_private_folder, write_atomic};
use crate::storage::output::file_error;
use crate::terminal::signals::{INTERRUPT, Signals};
use crate::text::Safe;

/// The maximum number of bytes in a key.
const MAX_KEY_BYTES: u64 = 16 << 10;

/// The time in which the prompt turns echo off.
const PROMPT_START_TIMEOUT: Duration = Duration::from_millis(50);

/// A key and its file.
struct KeyLocation {
    /// The service and profile, for display.
    label: String,
    path: std::path::PathBuf,
}

/// Prompts for a key and stores it; returns the exit code.
pub fn login(args: &LoginArgs, runtime: &Runtime) -> ExitCode {
    save_key(args, runtime).unwrap_or_else(|error| runner::print_error(&error, None))
}

/// Removes a stored key; returns the exit code.
pub fn logout(args: &LoginArgs) -> ExitCode {
    remove_key(args).unwrap_or_else(|error| runner::print_error(&error, None))
}

fn key_location(args: &LoginArgs) -> Result<KeyLocation, UserError> {
    let settings = Settings::load().require_valid()?;
    let folders = settings.folders.as_ref().ok_or_else(no_home_error)?;
    let (service, profile) = match (&args.profile, args.provider) {
        (Some(name), _) => {
            let profile = settings.config.profiles.get(name);
            (
                profile.ok_or_else(|| unknown_profile_error(&settings.config, name))?.value.service,
                Some(name.as_str()),
            )
        }
        (None, Some(provider)) => (provider, None),
        (None, None) => {
            let services: Vec<&str> = provider::all().iter().map(|provider| provider.id()).collect();
            let hint = format!("Pass --profile NAME, or --provider {}.", services.join(" or "));
            return Err(UserError::new("no service selected for the key", hint, ExitCode::Usage));
        }
    };
    let name = provider::by_id(service).map_or(service, |provider| provider.display_name());
    let label = profile.map_or_else(|| name.to_owned(), |profile| format!("{name}, profile {profile}"));
    Ok(KeyLocation { label, path: login_key_path(folders, service, profile) })
}

fn save_key(args: &LoginArgs, runtime: &Runtime) -> Result<ExitCode, UserError> {
    let location = key_location(args)?;
    let key = read_key(&location.label, runtime)?;
    let text = key.expose_secret().trim();
    if text.is_empty() || text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err(UserError::new(
            "not an API key: expected one line of ASCII characters",
            "Nothing was stored.",
            ExitCode::Usage,
        ));
    }
    let folder = location.path.parent().unwrap_or(&location.path);
    create_private_folder(folder).map_err(file_error)?;
    write_atomic(&location.path, text.as_bytes()).map_err(file_error)?;
    let path = location.path.display().to_string();
    Ok(print(&format!(
        "stored the key for {} in {}; {}\n",
        Safe::line(&location.label),
        Safe::line(&path),
        if cfg!(windows) { "it is as private as that folder" } else { "only you can read it" }
    )))
}

/// Prompts for a key without echo; if standard input is not a terminal, reads it from there.
fn read_key(label: &str, runtime: &Runtime) -> Result<SecretString, UserError> {
    let failed =
        |error: io::Error| UserError::new(format!("cannot read the key: {error}"), "", ExitCode::Failure);
    if io::stdin().is_terminal() {
        let prompt = format!("API key for {}: ", Safe::line(label));
        return prompt_for_key(prompt, runtime)?.map(SecretString::from).map_err(failed);
    }
    let mut text = String::new();
    io::stdin().lock().take(MAX_KEY_BYTES).read_to_string(&mut text).map_err(failed)?;
    Ok(SecretString::from(text))
}

/// Prompts without echo. A signal at the prompt turns echo on again and ends the program.
fn prompt_for_key(prompt: String, runtime: &Runtime) -> Result<io::Result<String>, UserError> {
    let settings = TtyState::capture();
    let mut signals = Signals::listen(runtime);
    let mut typed = runtime.spawn_blocking(move || rpassword::prompt_password(prompt));
    runtime.block_on(async {
        tokio::select! {
            biased;
            signal = signals.next() => {
                settings.restore();
                // The prompt may have been about to turn echo off. It does not end, because it waits for a line.
                let _waits = timeout(PROMPT_START_TIMEOUT, &mut typed).await.is_err();
                settings.restore();
                let _ = writeln!(io::stderr());
                Err(end_by(signal))
            }
            typed = &mut typed => match typed.unwrap_or_else(|error| Err(io::Error::other(error))) {
                // The prompt itself reads Ctrl-C.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(end_by(INTERRUPT)),
                typed => Ok(typed),
            }
        }
    })
}

/// Returns the silent end after a signal.
fn end_by(signal: i32) -> UserError {
    UserError::new("", "", ExitCode::Signal(u8::try_from(signal).unwrap_or(0)))
}

fn remove_key(args: &LoginArgs) -> Result<ExitCode, UserError> {
    let location = key_location(args)?;
    let label = Safe::line(&location.label).into_string();
    match std::fs::remove_file(&location.path) {
        Ok(()) => Ok(print(&format!("removed the key for {label}\n"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(print(&format!("no key stored for {label}\n")))
        }
        Err(error) => Err(file_error(FileError::wrap("remove", &location.path)(error))),
    }
}
