//! Profiles for the screen: what can be chosen, in words, and how a service is reached once one is chosen.

use std::sync::Arc;

use crate::app::profiles::{ActiveAccess, ProfileChoice, Profiles};
use crate::app_loop::effects::Context;
use crate::cli::ServiceArgs;
use crate::config::SettingOrigin;
use crate::credentials::api_key::LazyApiKey;
use crate::credentials::resolve::ResolvedAccess;
use crate::domain::UserError;
use crate::settings::Settings;

/// The settings that profiles are looked up in.
#[derive(Clone, Debug)]
pub struct ProfileDirectory {
    settings: Arc<Settings>,
    args: Arc<ServiceArgs>,
}

impl ProfileDirectory {
    /// Profiles of these settings. Of the flags only those stay that do not say where to ask.
    pub fn new(settings: &Settings, args: &ServiceArgs) -> Self {
        Self { settings: Arc::new(settings.clone()), args: Arc::new(args.clone()) }
    }

    /// How the service of a profile is reached by it.
    ///
    /// # Errors
    /// A profile that there is not.
    fn resolve(&self, name: &str) -> Result<(&'static str, ResolvedAccess), UserError> {
        let args = ServiceArgs {
            provider: None,
            profile: Some(name.to_owned()),
            base_url: None,
            account: None,
            ..(*self.args).clone()
        };
        let mut all = self.settings.resolve_access(&args)?;
        let missing = || crate::credentials::resolve::unknown_profile_error(&self.settings.config, name);
        let service = self.settings.config.profiles.get(name).ok_or_else(missing)?.value.service;
        Ok((service, all.remove(service).ok_or_else(missing)?))
    }

    /// Lets the world reach a profile's service by it.
    ///
    /// # Errors
    /// A profile that there is not.
    pub fn activate(&self, name: &str, world: &mut Context) -> Result<(), UserError> {
        let (service, approach) = self.resolve(name)?;
        world.service_access.insert(service, approach.access);
        world.api_keys.insert(service, LazyApiKey::new(approach.key_sources));
        Ok(())
    }

    /// What there is to choose from, and what is in use.
    ///
    /// # Errors
    /// The flags name a profile that there is not.
    pub fn profiles(&self) -> Result<Profiles, UserError> {
        let choices = self.settings.config.profiles.keys().filter_map(|name| {
            let (service, approach) = self.resolve(name).ok()?;
            let key = approach.key_sources.origin();
            Some(ProfileChoice {
                name: name.clone(),
                service,
                base_url: approach.access.base_url,
                account: approach.access.account_id,
                key_source: key.map_or_else(|| "none".to_owned(), |source| source.to_string()),
            })
        });
        let choices: Vec<ProfileChoice> = choices.collect();
        let mut reached = Vec::new();
        for (service, approach) in self.settings.resolve_access(&self.args)? {
            let own = self.args.own_threads_only.then(|| "--own-threads-only".to_owned());
            let flags = override_flags(&approach).into_iter().chain(own).collect();
            reached.push(ActiveAccess { service, extra_flags: flags, profile: approach.profile });
        }
        reached.sort_by_key(|reached| reached.service);
        let by_flag = self.args.profile.clone().or_else(profile_from_environment);
        let of_profile = by_flag.and_then(|name| self.settings.config.profiles.get(&name));
        let by_provider = self.args.provider;
        let preferred = by_provider.or(of_profile.map(|profile| profile.value.service));
        Ok(Profiles { choices, active: reached, preferred_service: preferred })
    }
}

fn profile_from_environment() -> Option<String> {
    crate::settings::env_var(crate::credentials::resolve::PROFILE_VARIABLE)
}

/// The flags that were given for a service: they stand over its profile.
fn override_flags(approach: &ResolvedAccess) -> Vec<String> {
    let given = |origin: &SettingOrigin, value: Option<&String>| match (origin, value) {
        (SettingOrigin::Flag(name), Some(value)) => vec![(*name).to_owned(), value.clone()],
        (SettingOrigin::Flag(_), None)
        | (
            SettingOrigin::Default
            | SettingOrigin::File { .. }
            | SettingOrigin::Environment(_)
            | SettingOrigin::Profile(_)
            | SettingOrigin::Login,
            _,
        ) => Vec::new(),
    };
    let base = given(&approach.base_url_origin, Some(&approach.access.base_url));
    [base, given(&approach.account_origin, approach.access.account_id.as_ref())].concat()
}
