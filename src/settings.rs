//! The effective settings: the configuration file, overridden by the environment, overridden by flags. With an invalid
//! configuration, scripts fail and the browser continues with the defaults; both report all errors.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::cli::ServiceArgs;
use crate::config::{Config, ConfigError, KeySource, Setting, SettingOrigin};
use crate::domain::{ExitCode, UserError};
use crate::export::Redactor;
use crate::library::LibraryLocation;
use crate::net::Limits;
use crate::net::sql_endpoint::PASSWORD_VARIABLE;
use crate::platform;
use crate::provider;
use crate::storage::files::Folders;
use crate::storage::thread_cache::ThreadCache;
use crate::text::time::TimeFormat;

/// The name of the configuration file.
pub const CONFIG_FILE: &str = "config.toml";

/// The maximum number of bytes that are read from the configuration file.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// Configuration and folders of the user.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub config: Config,
    /// The folders; `None` without a home directory.
    pub folders: Option<Folders>,
    /// Errors in the configuration, one sentence each; then `config` has the defaults.
    pub errors: Vec<String>,
    /// Keys in the configuration that have no effect, one sentence each.
    pub warnings: Vec<String>,
}

/// Returns the value of an environment variable, unless empty.
pub fn env_var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Settings {
    /// Loads the configuration file and applies the environment.
    pub fn load() -> Self {
        let folders = Folders::from_env();
        let mut settings =
            match folders.as_ref().map(|folders| read_config(&folders.config.join(CONFIG_FILE))) {
                Some(Ok(config)) => Self { config, ..Self::default() },
                Some(Err(errors)) => Self { errors, ..Self::default() },
                None => Self::default(),
            };
        let warnings = settings.config.warnings.iter();
        settings.warnings = warnings.map(|warning| format!("{CONFIG_FILE}, {warning}")).collect();
        settings.config.apply_environment(&env_var);
        settings.check_log_level();
        settings.register_secret_variables();
        settings.folders = folders;
        settings
    }

    /// Registers every variable that may contain a key, so that no child process gets it.
    fn register_secret_variables(&self) {
        // Custom headers may contain keys as well.
        platform::add_secret_variable("SGP_CLIENT_CUSTOM_HEADERS");
        for provider in provider::all() {
            for variable in provider.env_variables().iter().filter(|variable| variable.is_secret) {
                platform::add_secret_variable(variable.name);
            }
        }
        platform::add_secret_variable(PASSWORD_VARIABLE);
        for profile in self.config.profiles.values() {
            let library = profile.value.library.as_ref().and_then(|library| library.password_source.as_ref());
            for source in profile.value.key_source.iter().chain(library) {
                if let KeySource::Environment(name) = source {
                    platform::add_secret_variable(name);
                }
            }
        }
    }

    /// Checks the log level, which may come from a variable.
    fn check_log_level(&mut self) {
        let level = &self.config.log_level;
        if !Config::LOG_LEVELS.contains(&level.value.as_str()) {
            let levels = Config::LOG_LEVELS.join(", ");
            self.errors.push(format!("{}: {:?} is not one of {levels}", level.origin, level.value));
            self.config.log_level = Setting::new("off".to_owned());
        }
    }

    /// Returns the path of the configuration file, whether or not it exists.
    pub fn config_path(&self) -> Option<PathBuf> {
        self.folders.as_ref().map(|folders| folders.config.join(CONFIG_FILE))
    }

    /// Returns all errors in the configuration as one.
    pub fn config_error(&self) -> Option<UserError> {
        let (first, rest) = self.errors.split_first()?;
        let hint = "Run `unspool config path` to find it and `unspool config sample` for all settings.";
        let error = UserError::new(format!("invalid configuration: {first}"), hint, ExitCode::Usage);
        Some(UserError { service_messages: rest.to_vec(), ..error })
    }

    /// Returns the settings unchanged if the configuration is valid.
    ///
    /// # Errors
    /// All errors in the configuration.
    pub fn require_valid(self) -> Result<Self, UserError> {
        self.config_error().map_or(Ok(self), Err)
    }

    /// Returns the network limits.
    pub fn limits(&self) -> Limits {
        Limits {
            connect: self.config.connect_timeout.value,
            response: self.config.answer_timeout.value,
            idle: self.config.idle_timeout.value,
            max_body: self.max_body(),
            ..Limits::default()
        }
    }

    /// Returns the most bytes of a body: the setting, or by default a quarter of the memory, at most 2 GiB.
    fn max_body(&self) -> u64 {
        let setting = &self.config.max_body;
        match (&setting.origin, platform::memory_size()) {
            (SettingOrigin::Default, Some(memory)) => setting.value.min(memory / 4),
            _ => setting.value,
        }
    }

    /// Returns time zone and clock for formatting times.
    pub fn time_format(&self) -> TimeFormat {
        let zone = find_time_zone(&self.config.time_zone.value).unwrap_or_else(TimeZone::system);
        TimeFormat { zone, clock: self.config.clock.value }
    }

    /// Returns the thread cache, unless disabled.
    pub fn thread_cache(&self, args: &ServiceArgs) -> Option<ThreadCache> {
        let is_enabled = self.config.cache_enabled.value && !args.no_cache;
        let folders = self.folders.as_ref().filter(|_| is_enabled)?;
        Some(ThreadCache::new(&folders.cache, self.config.cache_limit.value))
    }

    /// Returns the location of the library; `None` without a home directory.
    pub fn library(&self) -> Option<LibraryLocation> {
        let folders = self.folders.as_ref()?;
        let cache_folder = self.config.cache_enabled.value.then(|| folders.cache.clone());
        Some(LibraryLocation::in_folder(&folders.data).with_cache(cache_folder))
    }
}

/// Formats a redaction pattern as `NAME=REGEX`.
pub fn pattern_arg((name, pattern): &(String, String)) -> String {
    format!("{name}={pattern}")
}

fn find_time_zone(name: &str) -> Option<TimeZone> {
    match name.to_ascii_lowercase().as_str() {
        "system" => Some(TimeZone::system()),
        "utc" => Some(TimeZone::UTC),
        _ => TimeZone::get(name).ok(),
    }
}

/// Reads the configuration file; a missing one gives the defaults.
fn read_config(path: &Path) -> Result<Config, Vec<String>> {
    let mut text = String::new();
    let result = open_regular(path).and_then(|file| file.take(MAX_CONFIG_BYTES).read_to_string(&mut text));
    match result {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(vec![format!("{} is not UTF-8", path.display())]);
        }
        Err(error) => return Err(vec![format!("cannot read {}: {error}", path.display())]),
    }
    let config = Config::parse(&text).and_then(|config| {
        let errors = check_values(&config);
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    });
    config.map_err(|errors| errors.iter().map(|error| format!("{CONFIG_FILE}, {error}")).collect())
}

/// Opens a file, but not a pipe, which might never send anything.
fn open_regular(path: &Path) -> io::Result<File> {
    let file = platform::open_nonblocking(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

/// Checks values that the parser does not check: time zones and regular expressions.
fn check_values(config: &Config) -> Vec<ConfigError> {
    let line = |origin: &SettingOrigin| match origin {
        SettingOrigin::File { line } => *line,
        SettingOrigin::Default
        | SettingOrigin::Environment(_)
        | SettingOrigin::Flag(_)
        | SettingOrigin::Profile(_) => 1,
    };
    let mut errors = Vec::new();
    if find_time_zone(&config.time_zone.value).is_none() {
        let message = format!("unknown time zone {:?}", config.time_zone.value);
        errors.push(ConfigError { line: line(&config.time_zone.origin), message });
    }
    for pattern in &config.redact_patterns {
        if let Err(error) = Redactor::new(&[pattern_arg(&pattern.value)]) {
            errors.push(ConfigError { line: line(&pattern.origin), message: error.to_string() });
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_hold_keys_are_hidden_from_children() {
        Settings::default().register_secret_variables();
        let names = platform::secret_variables();
        for name in ["SGP_CLIENT_CUSTOM_HEADERS", "SGP_API_KEY", "CLICKHOUSE_PASSWORD"] {
            assert!(names.iter().any(|known| known == name), "{name} is missing in {names:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_place_of_the_configuration_is_an_error_and_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CONFIG_FILE);
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
        let errors = read_config(&path).unwrap_err();
        assert_eq!(errors, [format!("cannot read {}: not a regular file", path.display())]);
    }
}
