//! A profile: one way to reach a service.

use secrecy::SecretString;

use super::section::{Section, boolean, string, strings};
use crate::provider::{self, AccessError, ServiceAccess};

/// Where a profile's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// This variable.
    Environment(String),
    /// What this program with these arguments prints.
    Command(Vec<String>),
    /// A file that only its owner can read.
    File(String),
}

/// One way to reach a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The short name of the service.
    pub service: &'static str,
    pub base_url: Option<String>,
    pub account: Option<String>,
    pub by_account: Option<bool>,
    pub key_source: Option<KeySource>,
}

/// What a profile may be called: it is part of a file's name.
pub(super) fn is_valid_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.len() <= 64 && name.chars().all(plain)
}

/// Reads one; its problems are left in the section.
pub(super) fn read(section: &mut Section<'_>) -> Option<Profile> {
    let services: Vec<&str> = provider::all().iter().map(|provider| provider.id()).collect();
    let wanted = || format!("one of {}", services.join(", "));
    let service = section.read("service", |value| {
        let name = value.as_str().ok_or_else(wanted)?;
        provider::by_id(name).map(|provider| provider.id()).ok_or_else(wanted)
    });
    let text = |section: &mut Section<'_>, name| section.read(name, string).map(|(text, _)| text);
    let account = text(section, "account");
    let by_account = section.read("by_account", boolean).map(|(by, _)| by);
    let base_url = section.read("base_url", |value| {
        let url = string(value)?;
        match service.as_ref().map(|(service, _)| check_base_url(service, &url)) {
            Some(Err(reason)) => Err(format!("an address of the service: {reason}")),
            Some(Ok(())) | None => Ok(url),
        }
    });
    let key = read_key_source(section);
    Some(Profile {
        service: service?.0,
        base_url: base_url.map(|(url, _)| url),
        account,
        by_account,
        key_source: key,
    })
}

fn read_key_source(section: &mut Section<'_>) -> Option<KeySource> {
    let variable = section.read("key_env", |value| {
        let name = string(value)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let fits = !name.is_empty() && name.chars().all(plain);
        if fits { Ok(name) } else { Err("the name of a variable".to_owned()) }
    });
    let command = section.read("key_command", |value| {
        let words = strings(value).ok().filter(|_| value.is_array());
        let wanted = "a list of a program and its arguments, which no shell reads".to_owned();
        words.filter(|words| words.first().is_some_and(|program| !program.is_empty())).ok_or(wanted)
    });
    let file = section.read("key_file", string);
    let found = [
        variable.map(|(name, line)| (KeySource::Environment(name), line)),
        command.map(|(words, line)| (KeySource::Command(words), line)),
        file.map(|(path, line)| (KeySource::File(path), line)),
    ];
    let mut found = found.into_iter().flatten();
    let first = found.next();
    if let Some((_, line)) = found.next() {
        let what = "only one of `key_env`, `key_command` and `key_file` can say where the key is".to_owned();
        section.add_errors(vec![super::ConfigError { line, message: what }]);
    }
    first.map(|(source, _)| source)
}

/// Whether requests could be sent there.
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
        Err(AccessError::NoKey { .. } | AccessError::BadId { .. } | AccessError::BadHeader { .. })
        | Ok(_) => Ok(()),
    }
}

/// What to say about names that look like a key in the open.
pub(super) fn misplaced_key_hint(name: &str) -> Option<String> {
    matches!(name, "key" | "api_key" | "apikey" | "token" | "secret").then(|| {
        "a key does not belong in this file: use `key_env`, `key_command`, `key_file`, or unspool login"
            .to_owned()
    })
}
