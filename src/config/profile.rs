//! Profiles: named accesses to services.

use secrecy::SecretString;

use super::section::{Section, boolean, string, strings};
use crate::provider::{self, AccessError, ServiceAccess};

/// The location of a profile's API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The environment variable with this name.
    Environment(String),
    /// The output of this program with these arguments.
    Command(Vec<String>),
    /// A file that only its owner can read.
    File(String),
}

/// A named access to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The short name of the service.
    pub service: &'static str,
    pub base_url: Option<String>,
    pub account: Option<String>,
    pub by_account: Option<bool>,
    pub key_source: Option<KeySource>,
    pub library: Option<LibraryServer>,
}

/// The server with the library to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryServer {
    /// The address, `clickhouse://HOST:8123/DATABASE`, which is checked when it is used.
    pub address: String,
    pub user: Option<String>,
    pub password_source: Option<KeySource>,
}

/// Returns whether a profile may have this name, which becomes part of a file name.
pub(super) fn is_valid_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.len() <= 64 && name.chars().all(is_allowed)
}

/// Reads a profile; errors are left in the section.
pub(super) fn read(section: &mut Section<'_>) -> Option<Profile> {
    let services: Vec<&str> = provider::all().iter().map(|provider| provider.id()).collect();
    let expected = || format!("one of {}", services.join(", "));
    let service = section.read("service", |value| {
        let name = value.as_str().ok_or_else(expected)?;
        provider::by_id(name).map(|provider| provider.id()).ok_or_else(expected)
    });
    let text = |section: &mut Section<'_>, name| section.read(name, string).map(|(text, _)| text);
    let account = text(section, "account");
    let by_account = section.read("by_account", boolean).map(|(by, _)| by);
    let base_url = section.read("base_url", |value| {
        let url = string(value)?;
        match service.as_ref().map(|(service, _)| check_base_url(service, &url)) {
            Some(Err(reason)) => Err(format!("a URL of the service: {reason}")),
            Some(Ok(())) | None => Ok(url),
        }
    });
    let key_source = read_key_source(section, ["key_env", "key_command", "key_file"]);
    let library = read_library(section);
    let base_url = base_url.map(|(url, _)| url);
    Some(Profile { service: service?.0, base_url, account, by_account, key_source, library })
}

/// Reads the library on a server.
fn read_library(section: &mut Section<'_>) -> Option<LibraryServer> {
    let address = section.read("library", |value| {
        let address = string(value)?;
        let has_scheme = ["clickhouse://", "clickhouses://"].iter().any(|scheme| address.starts_with(scheme));
        let expected =
            "clickhouse://HOST:8123/DATABASE, or clickhouses:// with TLS, without user, password and parameters";
        // Other parts may contain a password, and `unspool config` shows the address.
        let is_bare = !address.contains(['@', '?', '#']);
        if has_scheme && is_bare { Ok(address) } else { Err(expected.to_owned()) }
    });
    let user = section.read("library_user", string);
    let names = ["library_password_env", "library_password_command", "library_password_file"];
    let password_source = read_key_source(section, names);
    let (address, _) = address?;
    Some(LibraryServer { address, user: user.map(|(user, _)| user), password_source })
}

/// Reads the source of a secret: a variable, a command or a file, under these names.
fn read_key_source(section: &mut Section<'_>, names: [&'static str; 3]) -> Option<KeySource> {
    let [env_name, command_name, file_name] = names;
    let variable = section.read(env_name, |value| {
        let name = string(value)?;
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_valid = !name.is_empty() && name.chars().all(is_allowed);
        if is_valid { Ok(name) } else { Err("the name of an environment variable".to_owned()) }
    });
    let command = section.read(command_name, |value| {
        let words = strings(value).ok().filter(|_| value.is_array());
        let expected = "a list of a program and its arguments; no shell is involved".to_owned();
        words.filter(|words| words.first().is_some_and(|program| !program.is_empty())).ok_or(expected)
    });
    let file = section.read(file_name, string);
    let sources = [
        variable.map(|(name, line)| (KeySource::Environment(name), line)),
        command.map(|(words, line)| (KeySource::Command(words), line)),
        file.map(|(path, line)| (KeySource::File(path), line)),
    ];
    let mut sources = sources.into_iter().flatten();
    let first = sources.next();
    if let Some((_, line)) = sources.next() {
        let message = format!("set only one of `{env_name}`, `{command_name}` and `{file_name}`");
        section.errors.push(super::ConfigError { line, message });
    }
    first.map(|(source, _)| source)
}

/// Checks that requests can be sent to this URL.
fn check_base_url(service: &str, url: &str) -> Result<(), String> {
    let Some(provider) = provider::by_id(service) else { return Ok(()) };
    let access = ServiceAccess {
        base_url: url.to_owned(),
        api_key: Some(SecretString::from("k")),
        account_id: None,
        fetch_by_account: true,
    };
    match provider.messages_request("1", &access) {
        Err(AccessError::BadBaseUrl { reason, .. }) => Err(reason),
        Err(
            AccessError::NoKey { .. }
            | AccessError::BadId { .. }
            | AccessError::BadHeader { .. }
            | AccessError::NoSuchList { .. },
        )
        | Ok(_) => Ok(()),
    }
}

/// Returns a message for names that look like a plaintext key.
pub(super) fn misplaced_key_hint(name: &str) -> Option<String> {
    if matches!(name, "password" | "library_password" | "library_key") {
        let names = "`library_password_env`, `library_password_command` or `library_password_file`";
        return Some(format!("a password does not belong in this file: use {names}"));
    }
    matches!(name, "key" | "api_key" | "apikey" | "token" | "secret").then(|| {
        "an API key does not belong in this file: use `key_env`, `key_command`, `key_file`, or unspool login"
            .to_owned()
    })
}
