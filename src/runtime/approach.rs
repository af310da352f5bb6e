//! How a service is reached: flags over a profile that was named over the environment over a profile that is used by
//! itself over defaults. A profile that was named and says where its key is gets no other one, so that the key of one
//! place never goes to another.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cli::ServiceArgs;
use crate::config::{Config, KeySource, Origin, Profile, nearest};
use crate::event::Failure;
use crate::provider::{self, Access, Provider};
use crate::runtime::files::Folders;
use crate::runtime::script::trouble;
use crate::runtime::secret::Sources;
use crate::runtime::source::expand_home;

/// The variable that names a profile.
pub const PROFILE: &str = "UNSPOOL_PROFILE";

/// The exit code for a profile that there is not.
const USAGE: u8 = 2;

/// How to reach one service, and where each part of that comes from.
#[derive(Clone, Debug)]
pub struct Approach {
    /// With the key only where it is in the environment.
    pub access: Access,
    /// Where the key is.
    pub sources: Sources,
    pub base_from: Origin,
    pub account_from: Origin,
    /// The profile in use.
    pub profile: Option<String>,
}

/// Everything that has a say.
pub struct Approaches<'a> {
    pub config: &'a Config,
    pub folders: Option<&'a Folders>,
    pub args: &'a ServiceArgs,
    /// Gives a variable's value.
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
}

/// A profile in use.
#[derive(Clone, Copy)]
struct Chosen<'a> {
    name: &'a str,
    profile: &'a Profile,
    /// Named by flag or variable, not used by itself.
    named: bool,
}

/// Where `unspool login` puts the key of a profile, or of a service.
pub fn login_file(folders: &Folders, service: &str, profile: Option<&str>) -> PathBuf {
    let name = profile.map_or_else(|| format!("{service}.key"), |profile| format!("profile-{profile}.key"));
    folders.config.join("keys").join(name)
}

/// A failure that says which profiles there are.
pub fn no_profile(config: &Config, name: &str) -> Failure {
    let names = || config.profiles.keys().map(String::as_str);
    let advice = match nearest(name, names()) {
        Some(like) => format!("Did you mean {like}?"),
        None if config.profiles.is_empty() => "config.toml has no profiles.".to_owned(),
        None => format!("There are: {}.", names().collect::<Vec<_>>().join(", ")),
    };
    trouble(format!("there is no profile {name:?}"), &advice, USAGE)
}

impl<'a> Approaches<'a> {
    /// Of every service.
    ///
    /// # Errors
    /// A profile that there is not, or that is of another service than the one asked for.
    pub fn all(&self) -> Result<HashMap<&'static str, Approach>, Failure> {
        let named = self.named()?;
        let mut all = HashMap::new();
        for provider in provider::all() {
            all.insert(provider.service(), self.of(*provider, self.chosen(provider.service(), named)));
        }
        Ok(all)
    }

    /// The profile that flag or variable names.
    fn named(&self) -> Result<Option<Chosen<'a>>, Failure> {
        let by_variable = || (self.lookup)(PROFILE);
        let Some(name) = self.args.profile.clone().or_else(by_variable) else { return Ok(None) };
        let found = self.config.profiles.get_key_value(&name);
        let (name, setting) = found.ok_or_else(|| no_profile(self.config, &name))?;
        let profile = &setting.value;
        match self.args.provider {
            Some(provider) if provider.service() != profile.service => {
                let what = format!("the profile {name} is of {}", profile.service);
                Err(trouble(what, "Leave --provider out.", USAGE))
            }
            _ => Ok(Some(Chosen { name, profile, named: true })),
        }
    }

    fn chosen(&self, service: &str, named: Option<Chosen<'a>>) -> Option<Chosen<'a>> {
        let by_itself = || {
            let names = self.config.profile.value.iter();
            let profiles = names.filter_map(|name| self.config.profiles.get_key_value(name));
            let mut chosen =
                profiles.map(|(name, setting)| Chosen { name, profile: &setting.value, named: false });
            chosen.find(|chosen| chosen.profile.service == service)
        };
        named.filter(|chosen| chosen.profile.service == service).or_else(by_itself)
    }

    fn of(&self, provider: &'static dyn Provider, chosen: Option<Chosen<'a>>) -> Approach {
        let mut access = provider.access(self.lookup);
        let builtin = provider.access(&|_| None);
        let meant = self.args.provider.is_none_or(|name| name.service() == provider.service());
        let (base_url, base_from) = self.pick(
            self.args.base_url.clone().filter(|_| meant).map(|url| (url, "--base-url")),
            chosen.and_then(|chosen| Some((chosen, chosen.profile.base_url.clone()?))),
            self.variable(provider, |set| (set.base_url != builtin.base_url).then_some(set.base_url)),
        );
        let (account, account_from) = self.pick(
            self.args.account.clone().map(|account| (account, "--account")),
            chosen.and_then(|chosen| Some((chosen, chosen.profile.account.clone()?))),
            self.variable(provider, |set| set.account),
        );
        access.base_url = base_url.unwrap_or(builtin.base_url);
        access.account = account;
        let by_account = chosen.and_then(|chosen| chosen.profile.by_account).unwrap_or(true);
        access.by_account = by_account && !self.args.own_threads_only;
        let sources = self.sources(provider, chosen);
        access.key = sources.environment.as_ref().map(|(_, key)| key.clone());
        let profile = chosen.map(|chosen| chosen.name.to_owned());
        Approach { access, sources, base_from, account_from, profile }
    }

    fn pick(
        &self,
        flag: Option<(String, &'static str)>,
        profile: Option<(Chosen<'_>, String)>,
        variable: Option<(String, &'static str)>,
    ) -> (Option<String>, Origin) {
        if let Some((value, name)) = flag {
            return (Some(value), Origin::Flag(name));
        }
        match (profile, variable) {
            (Some((chosen, value)), variable) if chosen.named || variable.is_none() => {
                (Some(value), Origin::Profile(chosen.name.to_owned()))
            }
            (_, Some((value, name))) => (Some(value), Origin::Environment(name.to_owned())),
            (_, None) => (None, Origin::Default),
        }
    }

    /// The first variable by which the service's access is another one, and the value that it gives.
    fn variable(
        &self,
        provider: &'static dyn Provider,
        value: impl Fn(Access) -> Option<String>,
    ) -> Option<(String, &'static str)> {
        provider.variables().iter().find_map(|variable| {
            let alone = |name: &str| (self.lookup)(name).filter(|_| name == variable.name);
            Some((value(provider.access(&alone))?, variable.name))
        })
    }

    fn sources(&self, provider: &'static dyn Provider, chosen: Option<Chosen<'_>>) -> Sources {
        let own = chosen.and_then(|chosen| self.own_sources(chosen));
        if let (Some(own), Some(chosen)) = (&own, chosen)
            && chosen.named
        {
            return own.clone();
        }
        let set = provider.variables().iter().filter(|variable| variable.secret).find_map(|variable| {
            let alone = |name: &str| (self.lookup)(name).filter(|_| name == variable.name);
            Some((variable.name.to_owned(), provider.access(&alone).key?))
        });
        if set.is_some() {
            return Sources { environment: set, ..Sources::default() };
        }
        own.unwrap_or_else(|| Sources { file: self.login(provider.service(), chosen), ..Sources::default() })
    }

    /// Where the profile says that its key is.
    fn own_sources(&self, chosen: Chosen<'_>) -> Option<Sources> {
        Some(match chosen.profile.key.as_ref()? {
            KeySource::Environment(name) => {
                let value = (self.lookup)(name).filter(|value| !value.trim().is_empty());
                let environment = value.map(|value| (name.clone(), value.trim().to_owned().into()));
                let unset = environment.is_none().then(|| name.clone());
                Sources { environment, unset, ..Sources::default() }
            }
            KeySource::Command(words) => Sources { command: words.clone(), ..Sources::default() },
            KeySource::File(path) => {
                let path = expand_home(Path::new(path));
                let base = self.folders.map(|folders| folders.config.clone()).unwrap_or_default();
                Sources { file: Some(base.join(path)), ..Sources::default() }
            }
        })
    }

    /// A file that `unspool login` wrote: the profile's, else the service's unless the profile is at another place.
    fn login(&self, service: &str, chosen: Option<Chosen<'_>>) -> Option<PathBuf> {
        let folders = self.folders?;
        let there = |profile| {
            Some(login_file(folders, service, profile)).filter(|path| path.symlink_metadata().is_ok())
        };
        let elsewhere = chosen.is_some_and(|chosen| chosen.profile.base_url.is_some());
        let of_profile = chosen.and_then(|chosen| there(Some(chosen.name)));
        of_profile.or_else(|| if elsewhere { None } else { there(None) })
    }
}

#[cfg(test)]
mod tests;
