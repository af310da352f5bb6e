//! The choice of profiles: names, services and URLs, but never a key.

use crate::provider::link::is_same_installation;
use crate::provider::{self, Provider};
use crate::text::suggest::closest;

/// A profile to choose, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChoice {
    pub name: String,
    /// The id of its service.
    pub service: &'static str,
    pub base_url: String,
    pub account: Option<String>,
    /// The origin of its key, for display.
    pub key_source: String,
}

impl ProfileChoice {
    /// Describes the profile in one line: name, service, URL and account.
    pub fn describe(&self) -> String {
        let account = self.account.iter().map(|account| format!(", account {account}"));
        let place = account.fold(self.base_url.clone(), |place, account| place + &account);
        format!("profile {}: {} at {place}", self.name, self.service)
    }
}

/// The current access to the threads of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActiveAccess {
    pub service: &'static str,
    pub profile: Option<String>,
    /// The base URL; empty if all threads come from one server, as in the demo.
    pub base_url: String,
    /// Further flags that reproduce this access on a command line.
    pub extra_flags: Vec<String>,
}

/// The access that fits the host of a pasted link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAccess<'a> {
    Active,
    Profile(&'a ProfileChoice),
    /// No access is known for the host; requests go to this address.
    Unknown {
        base_url: &'a str,
    },
}

/// All profiles, and those in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    pub choices: Vec<ProfileChoice>,
    /// At most one entry per service.
    pub active: Vec<ActiveAccess>,
    /// The service of an ambiguous thread id.
    pub preferred_service: Option<&'static str>,
}

impl Profiles {
    /// Returns the access in the demo: no profiles to choose, and `--demo` as the flag that reproduces it on a command
    /// line.
    pub fn of_demo() -> Self {
        let access = |provider: &&'static dyn Provider| ActiveAccess {
            service: provider.id(),
            profile: None,
            base_url: String::new(),
            extra_flags: vec!["--demo".to_owned()],
        };
        Self { active: provider::all().iter().map(access).collect(), ..Self::default() }
    }

    /// Returns the active profile of a service.
    pub fn active_profile(&self, service: &str) -> Option<&str> {
        self.active_access(service)?.profile.as_deref()
    }

    fn active_access(&self, service: &str) -> Option<&ActiveAccess> {
        self.active.iter().find(|access| access.service == service)
    }

    /// Finds the access for a link to `host`.
    pub fn access_for_link(&self, service: &str, host: &str) -> LinkAccess<'_> {
        let base_url = self.active_access(service).map_or("", |access| access.base_url.as_str());
        if base_url.is_empty() || is_same_installation(host, base_url) {
            return LinkAccess::Active;
        }
        let mut choices = self.choices.iter().filter(|choice| choice.service == service);
        choices
            .find(|choice| is_same_installation(host, &choice.base_url))
            .map_or(LinkAccess::Unknown { base_url }, LinkAccess::Profile)
    }

    /// Returns the flags that reproduce the access to a service on a command line.
    pub fn command_line_flags(&self, service: &str) -> Vec<String> {
        let Some(access) = self.active_access(service) else { return Vec::new() };
        let profile = access.profile.iter().flat_map(|name| ["--profile".to_owned(), name.clone()]);
        profile.chain(access.extra_flags.iter().cloned()).collect()
    }

    /// Lists the names of all profiles.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.choices.iter().map(|choice| choice.name.as_str())
    }

    /// Returns the profile with this name.
    ///
    /// # Errors
    /// An unknown name: a sentence without a full stop that suggests the closest name, or lists all.
    pub fn named(&self, name: &str) -> Result<&ProfileChoice, String> {
        self.choices
            .iter()
            .find(|choice| choice.name == name)
            .ok_or_else(|| self.unknown_profile_message(name))
    }

    fn unknown_profile_message(&self, name: &str) -> String {
        match closest(name, self.names()) {
            Some(suggestion) => format!("unknown profile {name}; did you mean {suggestion}?"),
            None if self.choices.is_empty() => format!("unknown profile {name}: config.toml has none"),
            None => {
                let names: Vec<&str> = self.names().collect();
                format!("unknown profile {name}; available: {}", names.join(", "))
            }
        }
    }

    /// Makes the profile the active one of its service.
    pub fn activate(&mut self, choice: &ProfileChoice) {
        self.active.retain(|access| access.service != choice.service);
        let profile = Some(choice.name.clone());
        let base_url = choice.base_url.clone();
        self.active.push(ActiveAccess {
            service: choice.service,
            profile,
            base_url,
            extra_flags: Vec::new(),
        });
        self.preferred_service = Some(choice.service);
    }
}

/// Returns the notice that a link selected a profile.
pub fn link_profile_notice(profile: &str, host: &str) -> String {
    format!("Using profile {profile}, which is for {host}")
}

/// Returns the warning that a link names another host than the one that receives the request.
pub fn link_host_warning(host: &str, base_url: &str) -> String {
    format!(
        "The link is for {host}, but the request goes to {base_url}; a profile with that host would be used"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_finds_the_profile_of_its_host_and_never_another() {
        let choice = |name: &str, service, base_url: &str| ProfileChoice {
            name: name.to_owned(),
            service,
            base_url: base_url.to_owned(),
            ..ProfileChoice::default()
        };
        let mut profiles = Profiles {
            choices: vec![
                choice("prod", "sgp", "https://api.egp.scale.com"),
                choice("other", "camelai", "https://sgp.staging.example"),
                choice("staging", "sgp", "https://sgp.staging.example/v1"),
            ],
            ..Profiles::default()
        };
        profiles.activate(&profiles.choices[0].clone());
        let access = |host| match profiles.access_for_link("sgp", host) {
            LinkAccess::Active => "active",
            LinkAccess::Profile(choice) => choice.name.as_str(),
            LinkAccess::Unknown { base_url } => base_url,
        };
        assert_eq!(access("egp.dashboard.scale.com"), "active");
        assert_eq!(access("sgp.staging.example"), "staging");
        assert_eq!(access("internal.example"), "https://api.egp.scale.com");
    }
}
