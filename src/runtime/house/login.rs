//! `unspool login` and `logout`: a key in a file that only its owner can read, asked for without echo.

use std::io::{self, IsTerminal, Read};

use secrecy::{ExposeSecret, SecretString};

use super::{no_home, print};
use crate::cli::LoginArgs;
use crate::event::Failure;
use crate::provider;
use crate::runtime::approach::{login_file, no_profile};
use crate::runtime::files::{FileError, private_folder, write_atomic};
use crate::runtime::script::{self, trouble};
use crate::runtime::settings::Settings;
use crate::text::Safe;

/// Longer keys there are none, in bytes.
const LONGEST: u64 = 16 << 10;

/// The exit code for wrong usage.
const USAGE: u8 = 2;

/// Whose key it is, and where it goes.
struct Place {
    /// For people.
    whose: String,
    path: std::path::PathBuf,
}

/// Asks for a key and writes it down; returns the exit code.
pub fn login(args: &LoginArgs) -> u8 {
    write(args).unwrap_or_else(|failure| script::tell(&failure, None))
}

/// Removes a key that was written down; returns the exit code.
pub fn logout(args: &LoginArgs) -> u8 {
    remove(args).unwrap_or_else(|failure| script::tell(&failure, None))
}

fn place(args: &LoginArgs) -> Result<Place, Failure> {
    let settings = Settings::load().sound()?;
    let folders = settings.folders.as_ref().ok_or_else(no_home)?;
    let (service, profile) = match (&args.profile, args.provider) {
        (Some(name), _) => {
            let profile = settings.config.profiles.get(name);
            (profile.ok_or_else(|| no_profile(&settings.config, name))?.value.service, Some(name.as_str()))
        }
        (None, Some(provider)) => (provider.service(), None),
        (None, None) => {
            let services: Vec<&str> = provider::all().iter().map(|provider| provider.service()).collect();
            let advice = format!("Say --profile NAME, or --provider {}.", services.join(" or "));
            return Err(trouble("for which service is the key?", &advice, USAGE));
        }
    };
    let name = provider::named(service).map_or(service, |provider| provider.name());
    let whose = profile.map_or_else(|| name.to_owned(), |profile| format!("{name}, profile {profile}"));
    Ok(Place { whose, path: login_file(folders, service, profile) })
}

fn refused(error: &FileError) -> Failure {
    trouble(error.to_string(), error.advice(), 1)
}

fn write(args: &LoginArgs) -> Result<u8, Failure> {
    let place = place(args)?;
    let key = ask(&place.whose)?;
    let text = key.expose_secret().trim();
    if text.is_empty() || text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        return Err(trouble(
            "this cannot be a key: a key is one line of plain letters",
            "Nothing was written.",
            USAGE,
        ));
    }
    let folder = place.path.parent().unwrap_or(&place.path);
    private_folder(folder).map_err(|error| refused(&error))?;
    write_atomic(&place.path, text.as_bytes()).map_err(|error| refused(&error))?;
    let path = place.path.display().to_string();
    Ok(print(&format!(
        "the key for {} is in {}; {}\n",
        Safe::line(&place.whose),
        Safe::line(&path),
        if cfg!(windows) { "it is as private as that folder" } else { "only you can read it" }
    )))
}

/// Without echo at a terminal; a script may send it on standard input.
fn ask(whose: &str) -> Result<SecretString, Failure> {
    let unread = |error: io::Error| trouble(format!("the key could not be read: {error}"), "", 1);
    if io::stdin().is_terminal() {
        let asked = rpassword::prompt_password(format!("API key for {}: ", Safe::line(whose)));
        return asked.map(SecretString::from).map_err(unread);
    }
    let mut text = String::new();
    io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(unread)?;
    Ok(SecretString::from(text))
}

fn remove(args: &LoginArgs) -> Result<u8, Failure> {
    let place = place(args)?;
    let whose = Safe::line(&place.whose).into_string();
    match std::fs::remove_file(&place.path) {
        Ok(()) => Ok(print(&format!("the key for {whose} is removed\n"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(print(&format!("no key for {whose} was written down\n")))
        }
        Err(error) => Err(refused(&FileError::of("remove", &place.path)(error))),
    }
}
