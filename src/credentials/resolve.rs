//! Resolves the access to each service. Precedence: flags, an explicitly selected profile, the environment, a default
//! profile, built-in defaults. An explicitly selected profile with its own key source uses no other key, so that the key of
//! one host is never sent to another.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cli::ServiceArgs;
use crate::config::{Config, KeySource, Profile, SettingOrigin};
use crate::credentials::api_key::KeySources;
use crate::domain::{ExitCode, UserError};
use crate::provider::{self, Provider, ServiceAccess};
use crate::settings::{Settings, env_var};
use crate::storage::files::{Folders, expand_home};
use crate::text::suggest::closest;

/// The environment variable that selects a profile.
pub const PROFILE_VARIABLE: &str = "UNSPOOL_PROFILE";

/// The access to one service, with the origin of each part.
#[derive(Clone, Debug)]
pub struct ResolvedAccess {
    /// The access, which contains the key only if the environment does.
    pub access: ServiceAccess,
    pub key_sources: KeySources,
    pub base_url_origin: SettingOrigin,
    pub account_origin: SettingOrigin,
    /// The profile in use.
    pub profile: Option<String>,
}

/// The inputs to access resolution.
pub struct AccessResolver<'a> {
    pub config: &'a Config,
    pub folders: Option<&'a Folders>,
    pub args: &'a ServiceArgs,
    /// Returns the value of a variable.
    pub env_lookup: &'a dyn Fn(&str) -> Option<String>,
}

/// A profile in use.
#[derive(Clone, Copy)]
struct SelectedProfile<'a> {
    name: &'a str,
    profile: &'a Profile,
    /// Whether it was selected by a flag or a variable, not by default.
    is_explicit: bool,
}

/// Returns the path where `unspool login` stores the key of a profile, or of a service.
pub fn login_key_path(folders: &Folders, service: &str, profile: Option<&str>) -> PathBuf {
    let name = profile.map_or_else(|| format!("{service}.key"), |profile| format!("profile-{profile}.key"));
    folders.config.join("keys").join(name)
}

/// Returns the error for an unknown profile; it suggests the closest name, or lists all.
pub fn unknown_profile_error(config: &Config, name: &str) -> UserError {
    let names = || config.profiles.keys().map(String::as_str);
    let hint = match closest(name, names()) {
        Some(suggestion) => format!("Did you mean {suggestion}?"),
        None if config.profiles.is_empty() => "config.toml has no profiles.".to_owned(),
        None => format!("Available: {}.", names().collect::<Vec<_>>().join(", ")),
    };
    UserError::new(format!("unknown profile {name:?}"), hint, ExitCode::Usage)
}

/// Resolves the access to every service, by service id, from these settings and flags.
///
/// # Errors
/// An unknown profile, or one of another service than `--provider`.
pub fn resolve_access(
    settings: &Settings,
    args: &ServiceArgs,
) -> Result<HashMap<&'static str, ResolvedAccess>, UserError> {
    let (config, folders) = (&settings.config, settings.folders.as_ref());
    AccessResolver { config, folders, args, env_lookup: &env_var }.resolve_all()
}

impl<'a> AccessResolver<'a> {
    /// Resolves the access to every service, by service id.
    ///
    /// # Errors
    /// An unknown profile, or one of another service than `--provider`.
    pub fn resolve_all(&self) -> Result<HashMap<&'static str, ResolvedAccess>, UserError> {
        let explicit = self.explicit_profile()?;
        let mut all = HashMap::new();
        for provider in provider::all() {
            all.insert(provider.id(), self.resolve(*provider, self.select_profile(provider.id(), explicit)));
        }
        Ok(all)
    }

    /// Returns the profile that the flag or the variable selects.
    fn explicit_profile(&self) -> Result<Option<SelectedProfile<'a>>, UserError> {
        let from_env = || (self.env_lookup)(PROFILE_VARIABLE);
        let Some(name) = self.args.profile.clone().or_else(from_env) else { return Ok(None) };
        let entry = self.config.profiles.get_key_value(&name);
        let (name, setting) = entry.ok_or_else(|| unknown_profile_error(self.config, &name))?;
        let profile = &setting.value;
        match self.args.provider {
            Some(provider) if provider != profile.service => {
                let message = format!("the profile {name} is for {}, not {provider}", profile.service);
                Err(UserError::new(message, "Omit --provider.", ExitCode::Usage))
            }
            _ => Ok(Some(SelectedProfile { name, profile, is_explicit: true })),
        }
    }

    fn select_profile(
        &self,
        service: &str,
        explicit: Option<SelectedProfile<'a>>,
    ) -> Option<SelectedProfile<'a>> {
        let default = || {
            let names = self.config.default_profiles.value.iter();
            let entries = names.filter_map(|name| self.config.profiles.get_key_value(name));
            let mut profiles = entries.map(|(name, setting)| SelectedProfile {
                name,
                profile: &setting.value,
                is_explicit: false,
            });
            profiles.find(|selected| selected.profile.service == service)
        };
        explicit.filter(|selected| selected.profile.service == service).or_else(default)
    }

    fn resolve(
        &self,
        provider: &'static dyn Provider,
        selected: Option<SelectedProfile<'a>>,
    ) -> ResolvedAccess {
        let mut access = provider.access_from_env(self.env_lookup);
        let builtin = provider.access_from_env(&|_| None);
        // `--base-url` is for the service of `--provider` only.
        let is_selected = self.args.provider.is_none_or(|name| name == provider.id());
        let (base_url, base_url_origin) = self.first_set(
            self.args.base_url.clone().filter(|_| is_selected).map(|url| (url, "--base-url")),
            selected.and_then(|selected| Some((selected, selected.profile.base_url.clone()?))),
            self.env_override(provider, |set| (set.base_url != builtin.base_url).then_some(set.base_url)),
        );
        let (account, account_origin) = self.first_set(
            self.args.account.clone().map(|account| (account, "--account")),
            selected.and_then(|selected| Some((selected, selected.profile.account.clone()?))),
            self.env_override(provider, |set| set.account_id),
        );
        access.base_url = base_url.unwrap_or(builtin.base_url);
        access.account_id = account;
        let by_account = selected.and_then(|selected| selected.profile.by_account).unwrap_or(true);
        access.fetch_by_account = by_account && !self.args.own_threads_only;
        let key_sources = self.key_sources(provider, selected);
        access.api_key = key_sources.environment.as_ref().map(|(_, key)| key.clone());
        let profile = selected.map(|selected| selected.name.to_owned());
        ResolvedAccess { access, key_sources, base_url_origin, account_origin, profile }
    }

    fn first_set(
        &self,
        flag: Option<(String, &'static str)>,
        profile: Option<(SelectedProfile<'_>, String)>,
        variable: Option<(String, &'static str)>,
    ) -> (Option<String>, SettingOrigin) {
        if let Some((value, name)) = flag {
            return (Some(value), SettingOrigin::Flag(name));
        }
        match (profile, variable) {
            (Some((selected, value)), variable) if selected.is_explicit || variable.is_none() => {
                (Some(value), SettingOrigin::Profile(selected.name.to_owned()))
            }
            (_, Some((value, name))) => (Some(value), SettingOrigin::Environment(name.to_owned())),
            (_, None) => (None, SettingOrigin::Default),
        }
    }

    /// Returns the value and name of the first variable that alone changes the access to the service.
    fn env_override(
        &self,
        provider: &'static dyn Provider,
        value: impl Fn(ServiceAccess) -> Option<String>,
    ) -> Option<(String, &'static str)> {
        provider.env_variables().iter().find_map(|variable| {
            let alone = |name: &str| (self.env_lookup)(name).filter(|_| name == variable.name);
            Some((value(provider.access_from_env(&alone))?, variable.name))
        })
    }

    fn key_sources(
        &self,
        provider: &'static dyn Provider,
        selected: Option<SelectedProfile<'_>>,
    ) -> KeySources {
        let own = selected.and_then(|selected| self.profile_sources(selected));
        if let (Some(own), Some(selected)) = (&own, selected)
            && selected.is_explicit
        {
            return own.clone();
        }
        let set =
            provider.env_variables().iter().filter(|variable| variable.is_secret).find_map(|variable| {
                let alone = |name: &str| (self.env_lookup)(name).filter(|_| name == variable.name);
                Some((variable.name.to_owned(), provider.access_from_env(&alone).api_key?))
            });
        if set.is_some() {
            return KeySources { environment: set, ..KeySources::default() };
        }
        own.unwrap_or_else(|| KeySources {
            file: self.login_key_file(provider.id(), selected),
            ..KeySources::default()
        })
    }

    /// Returns the key sources that the profile names.
    fn profile_sources(&self, selected: SelectedProfile<'_>) -> Option<KeySources> {
        let source = selected.profile.key_source.as_ref()?;
        Some(locate_key(source, self.folders, self.env_lookup))
    }

    /// Returns the file that `unspool login` wrote for the profile, else that for the service, unless the profile has
    /// another base URL.
    fn login_key_file(&self, service: &str, selected: Option<SelectedProfile<'_>>) -> Option<PathBuf> {
        let folders = self.folders?;
        let existing = |profile| {
            Some(login_key_path(folders, service, profile)).filter(|path| path.symlink_metadata().is_ok())
        };
        let has_own_url = selected.is_some_and(|selected| selected.profile.base_url.is_some());
        let of_profile = selected.and_then(|selected| existing(Some(selected.name)));
        of_profile.or_else(|| if has_own_url { None } else { existing(None) })
    }
}

/// Converts a key source to the places to look for the key. A relative path is relative to the configuration's folder.
pub fn locate_key(
    source: &KeySource,
    folders: Option<&Folders>,
    env_lookup: &dyn Fn(&str) -> Option<String>,
) -> KeySources {
    match source {
        KeySource::Environment(name) => {
            let value = env_lookup(name).filter(|value| !value.trim().is_empty());
            let environment = value.map(|value| (name.clone(), value.trim().to_owned().into()));
            let unset = environment.is_none().then(|| name.clone());
            KeySources { environment, unset_variable: unset, ..KeySources::default() }
        }
        KeySource::Command(words) => KeySources { command: words.clone(), ..KeySources::default() },
        KeySource::File(path) => {
            let path = expand_home(Path::new(path));
            let base = folders.map(|folders| folders.config.clone()).unwrap_or_default();
            KeySources { file: Some(base.join(path)), ..KeySources::default() }
        }
    }
}

#[cfg(test)]
mod tests;
