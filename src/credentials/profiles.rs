//! Looks up profiles for the browser: the choices as text, and the access of a chosen one.

use std::sync::Arc;

use crate::cli::ServiceArgs;
use crate::config::{ActiveAccess, ProfileChoice, Profiles, SettingOrigin};
use crate::credentials::api_key::LazyApiKey;
use crate::credentials::resolve::{PROFILE_VARIABLE, ResolvedAccess, resolve_access, unknown_profile_error};
use crate::domain::UserError;
use crate::provider::ServiceAccess;
use crate::settings::{Settings, env_var};

/// The settings and flags to resolve profiles with.
#[derive(Clone, Debug)]
pub struct ProfileDirectory {
    settings: Arc<Settings>,
    args: Arc<ServiceArgs>,
}

impl ProfileDirectory {
    /// Creates a directory of the profiles in these settings.
    pub fn new(settings: &Settings, args: &ServiceArgs) -> Self {
        Self { settings: Arc::new(settings.clone()), args: Arc::new(args.clone()) }
    }

    /// Resolves the access of a profile, without the flags that select a host.
    ///
    /// # Errors
    /// An unknown profile.
    fn resolve(&self, name: &str) -> Result<(&'static str, ResolvedAccess), UserError> {
        let args = ServiceArgs {
            provider: None,
            profile: Some(name.to_owned()),
            base_url: None,
            account: None,
            ..(*self.args).clone()
        };
        let mut all = resolve_access(&self.settings, &args)?;
        let unknown = || unknown_profile_error(&self.settings.config, name);
        let service = self.settings.config.profiles.get(name).ok_or_else(unknown)?.value.service;
        Ok((service, all.remove(service).ok_or_else(unknown)?))
    }

    /// Returns the service of a profile, and the access to it through that profile.
    ///
    /// # Errors
    /// An unknown profile.
    pub fn access(&self, name: &str) -> Result<(&'static str, ServiceAccess, LazyApiKey), UserError> {
        let (service, resolved) = self.resolve(name)?;
        Ok((service, resolved.access, LazyApiKey::new(resolved.key_sources)))
    }

    /// Lists the choices and the access in use.
    ///
    /// # Errors
    /// The flags name an unknown profile.
    pub fn profiles(&self) -> Result<Profiles, UserError> {
        let choices = self.settings.config.profiles.keys().filter_map(|name| {
            let (service, resolved) = self.resolve(name).ok()?;
            let key = resolved.key_sources.origin();
            Some(ProfileChoice {
                name: name.clone(),
                service,
                base_url: resolved.access.base_url,
                account: resolved.access.account_id,
                key_source: key.map_or_else(|| "none".to_owned(), |origin| origin.to_string()),
            })
        });
        let choices: Vec<ProfileChoice> = choices.collect();
        let mut active = Vec::new();
        for (service, resolved) in resolve_access(&self.settings, &self.args)? {
            let own = self.args.own_threads_only.then(|| "--own-threads-only".to_owned());
            let extra_flags = override_flags(&resolved).into_iter().chain(own).collect();
            let base_url = resolved.access.base_url;
            active.push(ActiveAccess { service, extra_flags, profile: resolved.profile, base_url });
        }
        active.sort_by_key(|access| access.service);
        let explicit = self.args.profile.clone().or_else(|| env_var(PROFILE_VARIABLE));
        let profile = explicit.and_then(|name| self.settings.config.profiles.get(&name));
        let preferred_service = self.args.provider.or(profile.map(|profile| profile.value.service));
        Ok(Profiles { choices, active, preferred_service })
    }
}

/// Returns the flags that override the profile of a service.
fn override_flags(resolved: &ResolvedAccess) -> Vec<String> {
    let flag = |origin: &SettingOrigin, value: Option<&String>| match (origin, value) {
        (SettingOrigin::Flag(name), Some(value)) => vec![(*name).to_owned(), value.clone()],
        (SettingOrigin::Flag(_), None)
        | (
            SettingOrigin::Default
            | SettingOrigin::File { .. }
            | SettingOrigin::Environment(_)
            | SettingOrigin::Profile(_),
            _,
        ) => Vec::new(),
    };
    let base_url = flag(&resolved.base_url_origin, Some(&resolved.access.base_url));
    [base_url, flag(&resolved.account_origin, resolved.access.account_id.as_ref())].concat()
}
