//! The settings in effect: the configuration from the disk, the environment over it, flags over that; and the world that
//! tasks see by them. A configuration that cannot be used is told in full: scripts end with it, the browser goes on
//! with the defaults.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::app_loop::effects::{Context, NetworkMode, Redaction};
use crate::cli::ServiceArgs;
use crate::config::{Config, ConfigError, KeySource, Setting, SettingOrigin};
use crate::credentials::api_key::{self, LazyApiKey};
use crate::credentials::profiles::ProfileDirectory;
use crate::credentials::resolve::{AccessResolver, ResolvedAccess};
use crate::domain::{ExitCode, UserError};
use crate::export::Redactor;
use crate::net::Limits;
use crate::provider;
use crate::storage::files::Folders;
use crate::storage::thread_cache::ThreadCache;
use crate::text::time::TimeFormat;

/// The name of the file in its folder.
pub const CONFIG_FILE: &str = "config.toml";

/// More than this is no configuration, in bytes.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// What is set.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub config: Config,
    /// None without a home.
    pub folders: Option<Folders>,
    /// What is wrong with the configuration, a sentence each; `config` is the defaults then.
    pub errors: Vec<String>,
}

/// A variable of the environment that has a value.
pub fn env_var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Settings {
    /// Reads what there is.
    pub fn load() -> Self {
        let folders = Folders::from_env();
        let mut settings =
            match folders.as_ref().map(|folders| read_config(&folders.config.join(CONFIG_FILE))) {
                Some(Ok(config)) => Self { config, ..Self::default() },
                Some(Err(problems)) => Self { errors: problems, ..Self::default() },
                None => Self::default(),
            };
        settings.config.apply_environment(&env_var);
        settings.check_log_level();
        settings.register_secret_variables();
        settings.folders = folders;
        settings
    }

    /// Variables of profiles hold keys: no child gets them.
    fn register_secret_variables(&self) {
        for profile in self.config.profiles.values() {
            if let Some(KeySource::Environment(name)) = &profile.value.key_source {
                api_key::add_secret_variable(name);
            }
        }
    }

    /// The level comes from a variable unchecked.
    fn check_log_level(&mut self) {
        let level = &self.config.log_level;
        if !Config::LOG_LEVELS.contains(&level.value.as_str()) {
            let levels = Config::LOG_LEVELS.join(", ");
            self.errors.push(format!("{}: {:?} is not one of {levels}", level.origin, level.value));
            self.config.log_level = Setting::new("off".to_owned());
        }
    }

    /// Where the configuration is or would be.
    pub fn config_path(&self) -> Option<PathBuf> {
        self.folders.as_ref().map(|folders| folders.config.join(CONFIG_FILE))
    }

    /// All that is wrong, if anything is.
    pub fn config_error(&self) -> Option<UserError> {
        let (first, rest) = self.errors.split_first()?;
        Some(UserError {
            message: format!("the configuration cannot be used: {first}"),
            service_messages: rest.to_vec(),
            hint: "unspool config path tells where it is, unspool config sample what it can say.".to_owned(),
            exit_code: ExitCode::Usage,
        })
    }

    /// The same, if nothing is wrong.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn require_valid(self) -> Result<Self, UserError> {
        self.config_error().map_or(Ok(self), Err)
    }

    /// The limits of the network.
    pub fn limits(&self) -> Limits {
        Limits {
            connect: self.config.connect_timeout.value,
            response: self.config.answer_timeout.value,
            idle: self.config.idle_timeout.value,
            max_body: self.config.max_body.value,
            ..Limits::default()
        }
    }

    /// Where and how times are told.
    pub fn time_format(&self) -> TimeFormat {
        let zone = find_time_zone(&self.config.time_zone.value).unwrap_or_else(TimeZone::system);
        TimeFormat { zone, clock: self.config.clock.value }
    }

    /// Where copies are kept, if they are.
    pub fn thread_cache(&self, args: &ServiceArgs) -> Option<ThreadCache> {
        let wanted = self.config.cache_enabled.value && !args.no_cache;
        let folders = self.folders.as_ref().filter(|_| wanted)?;
        Some(ThreadCache::new(&folders.cache, self.config.cache_limit.value))
    }

    /// How to reach every service.
    ///
    /// # Errors
    /// A profile that there is not, or that is of another service.
    pub fn resolve_access(
        &self,
        args: &ServiceArgs,
    ) -> Result<HashMap<&'static str, ResolvedAccess>, UserError> {
        AccessResolver { config: &self.config, folders: self.folders.as_ref(), args, env_lookup: &env_var }
            .resolve_all()
    }

    /// What tasks need to know to reach what these arguments mean.
    ///
    /// # Errors
    /// A profile that there is not, or that is of another service.
    pub fn context(&self, args: &ServiceArgs) -> Result<Context, UserError> {
        let (mut access, mut keys) = (HashMap::new(), HashMap::new());
        for (service, approach) in self.resolve_access(args)? {
            access.insert(service, approach.access);
            keys.insert(service, LazyApiKey::new(approach.key_sources));
        }
        let patterns = self.config.redact_patterns.iter();
        Ok(Context {
            service_access: access,
            api_keys: keys,
            provider: args.provider.and_then(provider::by_id),
            limits: self.limits(),
            cache: self.thread_cache(args),
            network_mode: if args.offline { NetworkMode::Offline } else { NetworkMode::Online },
            redaction: Redaction {
                always: self.config.redact_always.value,
                patterns: patterns.map(|pattern| pattern_arg(&pattern.value)).collect(),
            },
            clipboard: self.config.clipboard.value.clone(),
            profiles: Some(ProfileDirectory::new(self, args)),
            recent_threads: None,
        })
    }
}

/// The world as these arguments and the configuration say.
///
/// # Errors
/// A configuration that cannot be used, or a profile that there is not.
pub fn load_context(args: &ServiceArgs) -> Result<Context, UserError> {
    Settings::load().require_valid()?.context(args)
}

fn pattern_arg((name, pattern): &(String, String)) -> String {
    format!("{name}={pattern}")
}

fn find_time_zone(name: &str) -> Option<TimeZone> {
    match name.to_ascii_lowercase().as_str() {
        "system" => Some(TimeZone::system()),
        "utc" => Some(TimeZone::UTC),
        _ => TimeZone::get(name).ok(),
    }
}

/// The configuration at this path; one that is missing says nothing.
fn read_config(path: &Path) -> Result<Config, Vec<String>> {
    let mut text = String::new();
    let opened = File::open(path).and_then(|file| file.take(MAX_CONFIG_BYTES).read_to_string(&mut text));
    match opened {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(vec![format!("{} is not UTF-8", path.display())]);
        }
        Err(error) => return Err(vec![format!("{} cannot be read: {error}", path.display())]),
    }
    let config = Config::parse(&text).and_then(|config| {
        let problems = check_values(&config);
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    });
    config.map_err(|problems| problems.iter().map(|problem| format!("{CONFIG_FILE}, {problem}")).collect())
}

/// What only the outside can judge: time zones and regular expressions.
fn check_values(config: &Config) -> Vec<ConfigError> {
    let line = |origin: &SettingOrigin| match origin {
        SettingOrigin::File { line } => *line,
        SettingOrigin::Default
        | SettingOrigin::Environment(_)
        | SettingOrigin::Flag(_)
        | SettingOrigin::Profile(_)
        | SettingOrigin::Login => 1,
    };
    let mut found = Vec::new();
    if find_time_zone(&config.time_zone.value).is_none() {
        let what = format!("no time zone is called {:?}", config.time_zone.value);
        found.push(ConfigError { line: line(&config.time_zone.origin), message: what });
    }
    for pattern in &config.redact_patterns {
        if let Err(error) = Redactor::new(&[pattern_arg(&pattern.value)]) {
            found.push(ConfigError { line: line(&pattern.origin), message: error.to_string() });
        }
    }
    found
}
