//! `unspool login` and `logout`: a key in a file that only its owner can read, asked for without echo.

use std::io::{self, IsTerminal, Read};

use secrecy::{ExposeSecret, SecretString};

use crate::cli::LoginArgs;
use crate::commands::maintenance::{no_home_error, print};
use crate::commands::runner;
use crate::credentials::resolve::{login_key_path, unknown_profile_error};
use crate::domain::{ExitCode, UserError};
use crate::provider;
use crate::settings::Settings;
use crate::storage::files::{FileError, create_private_folder, write_atomic};
use crate::text::Safe;

/// Longer keys there are none, in bytes.
const MAX_KEY_BYTES: u64 = 16 << 10;

/// Whose key it is, and where it goes.
struct KeyLocation {
    /// For people.
    label: String,
    path: std::path::PathBuf,
}

/// Asks for a key and writes it down; returns the exit code.
pub fn login(args: &LoginArgs) -> ExitCode {
    save_key(args).unwrap_or_else(|failure| runner::print_error(&failure, None))
}

/// Removes a key that was written down; returns the exit code.
pub fn logout(args: &LoginArgs) -> ExitCode {
    remove_key(args).unwrap_or_else(|failure| runner::print_error(&failure, None))
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
            let advice = format!("Say --profile NAME, or --provider {}.", services.join(" or "));
            return Err(UserError::new("for which service is the key?", &advice, ExitCode::Usage));
        }
    };
    let name = provider::by_id(service).map_or(service, |provider| provider.display_name());
    let whose = profile.map_or_else(|| name.to_owned(), |profile| format!("{name}, profile {profile}"));
    Ok(KeyLocation { label: whose, path: login_key_path(folders, service, profile) })
}

fn file_error(error: &FileError) -> UserError {
    UserError::new(error.to_string(), error.hint(), ExitCode::Failure)
}

fn save_key(args: &LoginArgs) -> Result<ExitCode, UserError> {
    let place = key_location(args)?;
    let key = read_key(&place.label)?;
    let text = key.expose_secret().trim();
    if text.is_empty() || text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err(UserError::new(
            "this cannot be a key: a key is one line of plain letters",
            "Nothing was written.",
            ExitCode::Usage,
        ));
    }
    let folder = place.path.parent().unwrap_or(&place.path);
    create_private_folder(folder).map_err(|error| file_error(&error))?;
    write_atomic(&place.path, text.as_bytes()).map_err(|error| file_error(&error))?;
    let path = place.path.display().to_string();
    Ok(print(&format!(
        "the key for {} is in {}; {}\n",
        Safe::line(&place.label),
        Safe::line(&path),
        if cfg!(windows) { "it is as private as that folder" } else { "only you can read it" }
    )))
}

/// Without echo at a terminal; a script may send it on standard input.
fn read_key(whose: &str) -> Result<SecretString, UserError> {
    let unread = |error: io::Error| UserError::new(format!("the key could not be read: {error}"), "", ExitCode::Failure);
    if io::stdin().is_terminal() {
        let asked = rpassword::prompt_password(format!("API key for {}: ", Safe::line(whose)));
        return asked.map(SecretString::from).map_err(unread);
    }
    let mut text = String::new();
    io::stdin().lock().take(MAX_KEY_BYTES).read_to_string(&mut text).map_err(unread)?;
    Ok(SecretString::from(text))
}

fn remove_key(args: &LoginArgs) -> Result<ExitCode, UserError> {
    let place = key_location(args)?;
    let whose = Safe::line(&place.label).into_string();
    match std::fs::remove_file(&place.path) {
        Ok(()) => Ok(print(&format!("the key for {whose} is removed\n"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(print(&format!("no key for {whose} was written down\n")))
        }
        Err(error) => Err(file_error(&FileError::wrap("remove", &place.path)(error))),
    }
}
