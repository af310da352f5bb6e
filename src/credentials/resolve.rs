//! How a service is reached: flags over a profile that was named over the environment over a profile that is used by
//! itself over defaults. A profile that was named and says where its key is gets no other one, so that the key of one
//! place never goes to another.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cli::ServiceArgs;
use crate::config::{Config, KeySource, Profile, SettingOrigin, suggest};
use crate::credentials::api_key::KeySources;
use crate::domain::{ExitCode, UserError};
use crate::ingest::fetch::expand_home;
use crate::provider::{self, Provider, ServiceAccess};
use crate::storage::files::Folders;

/// The variable that names a profile.
pub const PROFILE_VARIABLE: &str = "UNSPOOL_PROFILE";

/// How to reach one service, and where each part of that comes from.
#[derive(Clone, Debug)]
pub struct ResolvedAccess {
    /// With the key only where it is in the environment.
    pub access: ServiceAccess,
    /// Where the key is.
    pub key_sources: KeySources,
    pub base_url_origin: SettingOrigin,
    pub account_origin: SettingOrigin,
    /// The profile in use.
    pub profile: Option<String>,
}

/// Everything that has a say.
pub struct AccessResolver<'a> {
    pub config: &'a Config,
    pub folders: Option<&'a Folders>,
    pub args: &'a ServiceArgs,
    /// Gives a variable's value.
    pub env_lookup: &'a dyn Fn(&str) -> Option<String>,
}

/// A profile in use.
#[derive(Clone, Copy)]
struct SelectedProfile<'a> {
    name: &'a str,
    profile: &'a Profile,
    /// Named by flag or variable, not used by itself.
    is_explicit: bool,
}

/// Where `unspool login` puts the key of a profile, or of a service.
pub fn login_key_path(folders: &Folders, service: &str, profile: Option<&str>) -> PathBuf {
    let name = profile.map_or_else(|| format!("{service}.key"), |profile| format!("profile-{profile}.key"));
    folders.config.join("keys").join(name)
}

/// A failure that says which profiles there are.
pub fn unknown_profile_error(config: &Config, name: &str) -> UserError {
    let names = || config.profiles.keys().map(String::as_str);
    let advice = match suggest(name, names()) {
        Some(like) => format!("Did you mean {like}?"),
        None if config.profiles.is_empty() => "config.toml has no profiles.".to_owned(),
        None => format!("There are: {}.", names().collect::<Vec<_>>().join(", ")),
    };
    UserError::new(format!("there is no profile {name:?}"), &advice, ExitCode::Usage)
}

impl<'a> AccessResolver<'a> {
    /// Of every service.
    ///
    /// # Errors
    /// A profile that there is not, or that is of another service than the one asked for.
    pub fn resolve_all(&self) -> Result<HashMap<&'static str, ResolvedAccess>, UserError> {
        let named = self.explicit_profile()?;
        let mut all = HashMap::new();
        for provider in provider::all() {
            all.insert(provider.id(), self.resolve(*provider, self.select_profile(provider.id(), named)));
        }
        Ok(all)
    }

    /// The profile that flag or variable names.
    fn explicit_profile(&self) -> Result<Option<SelectedProfile<'a>>, UserError> {
        let by_variable = || (self.env_lookup)(PROFILE_VARIABLE);
        let Some(name) = self.args.profile.clone().or_else(by_variable) else { return Ok(None) };
        let found = self.config.profiles.get_key_value(&name);
        let (name, setting) = found.ok_or_else(|| unknown_profile_error(self.config, &name))?;
        let profile = &setting.value;
        match self.args.provider {
            Some(provider) if provider != profile.service => {
                let what = format!("the profile {name} is of {}", profile.service);
                Err(UserError::new(what, "Leave --provider out.", ExitCode::Usage))
            }
            _ => Ok(Some(SelectedProfile { name, profile, is_explicit: true })),
        }
    }

    fn select_profile(
        &self,
        service: &str,
        named: Option<SelectedProfile<'a>>,
    ) -> Option<SelectedProfile<'a>> {
        let by_itself = || {
            let names = self.config.default_profiles.value.iter();
            let profiles = names.filter_map(|name| self.config.profiles.get_key_value(name));
            let mut chosen = profiles.map(|(name, setting)| SelectedProfile {
                name,
                profile: &setting.value,
                is_explicit: false,
            });
            chosen.find(|chosen| chosen.profile.service == service)
        };
        named.filter(|chosen| chosen.profile.service == service).or_else(by_itself)
    }

    fn resolve(
        &self,
        provider: &'static dyn Provider,
        chosen: Option<SelectedProfile<'a>>,
    ) -> ResolvedAccess {
        let mut access = provider.access_from_env(self.env_lookup);
        let builtin = provider.access_from_env(&|_| None);
        let meant = self.args.provider.is_none_or(|name| name == provider.id());
        let (base_url, base_from) = self.first_set(
            self.args.base_url.clone().filter(|_| meant).map(|url| (url, "--base-url")),
            chosen.and_then(|chosen| Some((chosen, chosen.profile.base_url.clone()?))),
            self.env_override(provider, |set| (set.base_url != builtin.base_url).then_some(set.base_url)),
        );
        let (account, account_from) = self.first_set(
            self.args.account.clone().map(|account| (account, "--account")),
            chosen.and_then(|chosen| Some((chosen, chosen.profile.account.clone()?))),
            self.env_override(provider, |set| set.account_id),
        );
        access.base_url = base_url.unwrap_or(builtin.base_url);
        access.account_id = account;
        let by_account = chosen.and_then(|chosen| chosen.profile.by_account).unwrap_or(true);
        access.fetch_by_account = by_account && !self.args.own_threads_only;
        let sources = self.key_sources(provider, chosen);
        access.api_key = sources.environment.as_ref().map(|(_, key)| key.clone());
        let profile = chosen.map(|chosen| chosen.name.to_owned());
        ResolvedAccess {
            access,
            key_sources: sources,
            base_url_origin: base_from,
            account_origin: account_from,
            profile,
        }
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
            (Some((chosen, value)), variable) if chosen.is_explicit || variable.is_none() => {
                (Some(value), SettingOrigin::Profile(chosen.name.to_owned()))
            }
            (_, Some((value, name))) => (Some(value), SettingOrigin::Environment(name.to_owned())),
            (_, None) => (None, SettingOrigin::Default),
        }
    }

    /// The first variable by which the service's access is another one, and the value that it gives.
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
        chosen: Option<SelectedProfile<'_>>,
    ) -> KeySources {
        let own = chosen.and_then(|chosen| self.profile_sources(chosen));
        if let (Some(own), Some(chosen)) = (&own, chosen)
            && chosen.is_explicit
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
            file: self.login_key_file(provider.id(), chosen),
            ..KeySources::default()
        })
    }

    /// Where the profile says that its key is.
    fn profile_sources(&self, chosen: SelectedProfile<'_>) -> Option<KeySources> {
        Some(match chosen.profile.key_source.as_ref()? {
            KeySource::Environment(name) => {
                let value = (self.env_lookup)(name).filter(|value| !value.trim().is_empty());
                let environment = value.map(|value| (name.clone(), value.trim().to_owned().into()));
                let unset = environment.is_none().then(|| name.clone());
                KeySources { environment, unset_variable: unset, ..KeySources::default() }
            }
            KeySource::Command(words) => KeySources { command: words.clone(), ..KeySources::default() },
            KeySource::File(path) => {
                let path = expand_home(Path::new(path));
                let base = self.folders.map(|folders| folders.config.clone()).unwrap_or_default();
                KeySources { file: Some(base.join(path)), ..KeySources::default() }
            }
        })
    }

    /// A file that `unspool login` wrote: the profile's, else the service's unless the profile is at another place.
    fn login_key_file(&self, service: &str, chosen: Option<SelectedProfile<'_>>) -> Option<PathBuf> {
        let folders = self.folders?;
        let there = |profile| {
            Some(login_key_path(folders, service, profile)).filter(|path| path.symlink_metadata().is_ok())
        };
        let elsewhere = chosen.is_some_and(|chosen| chosen.profile.base_url.is_some());
        let of_profile = chosen.and_then(|chosen| there(Some(chosen.name)));
        of_profile.or_else(|| if elsewhere { None } else { there(None) })
    }
}

#[cfg(test)]
mod tests;
