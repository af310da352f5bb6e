//! Profiles for the screen: what can be chosen, in words, and how a service is reached once one is chosen.

use std::sync::Arc;

use crate::app::profiles::{Choice, Profiles, Reached};
use crate::cli::ServiceArgs;
use crate::config::Origin;
use crate::event::Failure;
use crate::runtime::approach::Approach;
use crate::runtime::secret::Keyring;
use crate::runtime::settings::Settings;
use crate::runtime::tasks::World;

/// The settings that profiles are looked up in.
#[derive(Clone, Debug)]
pub struct Directory {
    settings: Arc<Settings>,
    args: Arc<ServiceArgs>,
}

impl Directory {
    /// Profiles of these settings. Of the flags only those stay that do not say where to ask.
    pub fn new(settings: &Settings, args: &ServiceArgs) -> Self {
        Self { settings: Arc::new(settings.clone()), args: Arc::new(args.clone()) }
    }

    /// How the service of a profile is reached by it.
    ///
    /// # Errors
    /// A profile that there is not.
    fn approach(&self, name: &str) -> Result<(&'static str, Approach), Failure> {
        let args = ServiceArgs {
            provider: None,
            profile: Some(name.to_owned()),
            base_url: None,
            account: None,
            ..(*self.args).clone()
        };
        let mut all = self.settings.approaches(&args)?;
        let missing = || crate::runtime::approach::no_profile(&self.settings.config, name);
        let service = self.settings.config.profiles.get(name).ok_or_else(missing)?.value.service;
        Ok((service, all.remove(service).ok_or_else(missing)?))
    }

    /// Lets the world reach a profile's service by it.
    ///
    /// # Errors
    /// A profile that there is not.
    pub fn enter(&self, name: &str, world: &mut World) -> Result<(), Failure> {
        let (service, approach) = self.approach(name)?;
        world.access.insert(service, approach.access);
        world.keys.insert(service, Keyring::new(approach.sources));
        Ok(())
    }

    /// What there is to choose from, and what is in use.
    ///
    /// # Errors
    /// The flags name a profile that there is not.
    pub fn profiles(&self) -> Result<Profiles, Failure> {
        let choices = self.settings.config.profiles.keys().filter_map(|name| {
            let (service, approach) = self.approach(name).ok()?;
            let key = approach.sources.named();
            Some(Choice {
                name: name.clone(),
                service,
                place: approach.access.base_url,
                account: approach.access.account,
                key: key.map_or_else(|| "none".to_owned(), |source| source.to_string()),
            })
        });
        let choices: Vec<Choice> = choices.collect();
        let mut reached = Vec::new();
        for (service, approach) in self.settings.approaches(&self.args)? {
            let own = self.args.own_threads_only.then(|| "--own-threads-only".to_owned());
            let flags = flags(&approach).into_iter().chain(own).collect();
            reached.push(Reached { service, flags, profile: approach.profile });
        }
        reached.sort_by_key(|reached| reached.service);
        let by_flag = self.args.profile.clone().or_else(named_by_variable);
        let of_profile = by_flag.and_then(|name| self.settings.config.profiles.get(&name));
        let by_provider = self.args.provider.map(|provider| provider.service());
        let preferred = by_provider.or(of_profile.map(|profile| profile.value.service));
        Ok(Profiles { choices, reached, preferred })
    }
}

fn named_by_variable() -> Option<String> {
    crate::runtime::settings::environment(crate::runtime::approach::PROFILE)
}

/// The flags that were given for a service: they stand over its profile.
fn flags(approach: &Approach) -> Vec<String> {
    let given = |origin: &Origin, value: Option<&String>| match (origin, value) {
        (Origin::Flag(name), Some(value)) => vec![(*name).to_owned(), value.clone()],
        (Origin::Flag(_), None)
        | (
            Origin::Default
            | Origin::File { .. }
            | Origin::Environment(_)
            | Origin::Profile(_)
            | Origin::Login,
            _,
        ) => Vec::new(),
    };
    let base = given(&approach.base_from, Some(&approach.access.base_url));
    [base, given(&approach.account_from, approach.access.account.as_ref())].concat()
}
