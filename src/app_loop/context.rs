//! The environment of tasks and commands: access to services, limits, the cache, the user's choices.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::app_loop::kept_library;
use crate::cli::ServiceArgs;
use crate::config::Clipboard;
use crate::credentials::api_key::LazyApiKey;
use crate::credentials::profiles::ProfileDirectory;
use crate::credentials::resolve::resolve_access;
use crate::domain::{AccountRef, RecentThread, RequestId, UserError};
use crate::ingest::body_reader::KnownMessages;
use crate::ingest::fetch::{CachePolicy, FileRequest, ServiceClient};
use crate::library::{Account, LibraryLocation};
use crate::net::{Client, Limits};
use crate::provider::{self, Provider, ServiceAccess};
use crate::settings::{Settings, pattern_arg};
use crate::storage::recent_threads::RecentThreads;
use crate::storage::thread_cache::ThreadCache;

/// The environment of a task.
#[derive(Clone)]
pub struct Context {
    /// The access to each service.
    pub service_access: HashMap<&'static str, ServiceAccess>,
    /// The source of each service's key, if its access has none.
    pub api_keys: HashMap<&'static str, LazyApiKey>,
    /// The service of a body from a file, if the user named it.
    pub provider: Option<&'static dyn Provider>,
    pub limits: Limits,
    /// The cache of fetched threads; `None` if copies are neither written nor read.
    pub cache: Option<ThreadCache>,
    /// The library of kept threads; `None` without a home directory.
    pub library: Option<LibraryLocation>,
    /// The age up to which archive runs keep threads; `None` to keep all.
    pub retention: Option<Duration>,
    pub network_mode: NetworkMode,
    pub redaction: Redaction,
    pub clipboard: Clipboard,
    /// The profiles that the user can choose from, if any.
    pub profiles: Option<ProfileDirectory>,
    /// The record of opened threads; `None` if none is kept.
    pub recent_threads: Option<RecentThreads>,
    /// The way to start the demo inside the running program, if it is offered.
    pub demo: Option<DemoLauncher>,
}

/// The address of the demo's server, and its threads.
pub type StartedDemo = (String, Vec<RecentThread>);

/// The way to start the demo, as functions: the modules that run tasks do not depend on its server.
#[derive(Clone, Copy, Debug)]
pub struct DemoLauncher {
    /// Starts the server and returns its address and threads. It blocks. The server runs until the program ends.
    pub start: fn(&Handle) -> Result<StartedDemo, UserError>,
    /// Sends all requests to the server at this address.
    pub attach: fn(&mut Context, &str),
}

/// The masking of secrets in everything that leaves the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Whether to mask even without a request.
    pub always: bool,
    /// Patterns besides the built-in rules, each as NAME=REGEX.
    pub patterns: Vec<String>,
}

/// Whether services may be contacted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkMode {
    #[default]
    Online,
    /// Only cached copies are shown.
    Offline,
}

impl Context {
    /// Creates the context of tasks for these arguments.
    ///
    /// # Errors
    /// An unknown profile, or one of another service.
    pub fn new(settings: &Settings, args: &ServiceArgs) -> Result<Self, UserError> {
        let (mut service_access, mut api_keys) = (HashMap::new(), HashMap::new());
        for (service, resolved) in resolve_access(settings, args)? {
            service_access.insert(service, resolved.access);
            api_keys.insert(service, LazyApiKey::new(resolved.key_sources));
        }
        let patterns = settings.config.redact_patterns.iter();
        Ok(Self {
            service_access,
            api_keys,
            provider: args.provider.and_then(provider::by_id),
            limits: settings.limits(),
            cache: settings.thread_cache(args),
            library: kept_library::locate(settings, args)?,
            retention: settings.config.library_keep.value,
            network_mode: if args.offline { NetworkMode::Offline } else { NetworkMode::Online },
            redaction: Redaction {
                always: settings.config.redact_always.value,
                patterns: patterns.map(|pattern| pattern_arg(&pattern.value)).collect(),
            },
            clipboard: settings.config.clipboard.value.clone(),
            profiles: Some(ProfileDirectory::new(settings, args)),
            recent_threads: None,
            demo: None,
        })
    }

    /// Loads the settings and creates the context for these arguments.
    ///
    /// # Errors
    /// An invalid configuration, or an unknown profile.
    pub fn load(args: &ServiceArgs) -> Result<Self, UserError> {
        Self::new(&Settings::load().require_valid()?, args)
    }

    /// Uses a profile for its service from now on.
    ///
    /// # Errors
    /// No profiles, or an unknown one.
    pub fn activate_profile(&mut self, name: &str) -> Result<(), UserError> {
        let Some(profiles) = &self.profiles else { return Ok(()) };
        let (service, access, key) = profiles.access(name)?;
        self.service_access.insert(service, access);
        self.api_keys.insert(service, key);
        Ok(())
    }

    /// Returns a client for the service `name`, if it is known.
    pub fn service_client(&self, name: &str, client: Arc<Client>) -> Option<ServiceClient> {
        let (provider, access) = (provider::by_id(name)?, self.service_access.get(name)?.clone());
        Some(ServiceClient {
            provider,
            access,
            api_key: self.api_keys.get(name).cloned().unwrap_or_default(),
            client,
            cache: self.cache.clone(),
            library: self.library.clone(),
            known_messages: KnownMessages::default(),
        })
    }

    /// Returns a client for an account. A client for another account than the one in use has no key, and only reads copies.
    pub fn account_client(&self, account: &AccountRef, client: Arc<Client>) -> Option<ServiceClient> {
        let client = self.service_client(account.service, client)?;
        let Some(kept) = &account.kept else { return Some(client) };
        let access = ServiceAccess {
            base_url: kept.base.clone(),
            api_key: None,
            account_id: kept.id.clone(),
            fetch_by_account: false,
        };
        Some(ServiceClient { access, api_key: LazyApiKey::default(), ..client })
    }

    /// Returns the accounts of the library that requests belong to.
    pub fn accounts_in_use(&self) -> Vec<Account> {
        let services = self.service_access.keys();
        services.filter_map(|service| Some(self.library_account(&AccountRef::in_use(service))?.1)).collect()
    }

    /// Returns the library, and the account in it.
    pub fn library_account(&self, account: &AccountRef) -> Option<(LibraryLocation, Account)> {
        let location = self.library.clone()?;
        let account = match &account.kept {
            Some(kept) => Account::new(account.service, &kept.base, kept.id.as_deref()),
            None => location.account(account.service, self.service_access.get(account.service)?),
        };
        Some((location, account))
    }

    /// Returns the preferred service, else the only one with a key, else the first.
    pub fn choose_service(&self, preferred: Option<&'static str>) -> &'static str {
        let first = provider::all().first().map_or("", |provider| provider.id());
        preferred.or(self.only_service_with_key()).unwrap_or(first)
    }

    /// Returns the service that has a key, if there is only one.
    pub fn only_service_with_key(&self) -> Option<&'static str> {
        let has_key = |service: &&'static str| {
            let access = self.service_access.get(service);
            let key = self.api_keys.get(service).and_then(|key| key.origin());
            key.is_some() || access.is_some_and(|access| access.api_key.is_some())
        };
        let mut services = provider::all().iter().map(|provider| provider.id()).filter(has_key);
        services.next().filter(|_| services.next().is_none())
    }

    /// Returns the request for reading a file or a pipe.
    pub fn file_request(&self, request: RequestId) -> FileRequest {
        FileRequest {
            request,
            provider: self.provider,
            max_bytes: self.limits.max_body,
            known_messages: KnownMessages::default(),
        }
    }

    /// Returns the policy `online`, or `CacheOnly` if the user is offline.
    pub fn cache_policy(&self, online: CachePolicy) -> CachePolicy {
        match self.network_mode {
            NetworkMode::Online => online,
            NetworkMode::Offline => CachePolicy::CacheOnly,
        }
    }
}
