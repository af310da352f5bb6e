//! The settings in effect: the configuration from the disk, the environment over it, flags over that; and the world that
//! tasks see by them. A configuration that cannot be used is told in full: scripts end with it, the browser goes on
//! with the defaults.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::cli::ServiceArgs;
use crate::config::{Config, KeySource, Origin, Problem, Setting};
use crate::event::Failure;
use crate::export::Redactor;
use crate::provider;
use crate::runtime::approach::{Approach, Approaches};
use crate::runtime::files::Folders;
use crate::runtime::http::Limits;
use crate::runtime::profiles::Directory;
use crate::runtime::secret::{self, Keyring};
use crate::runtime::store::Store;
use crate::runtime::tasks::{Reach, Redaction, World};
use crate::text::time::Calendar;

/// The name of the file in its folder.
pub const FILE: &str = "config.toml";

/// More than this is no configuration, in bytes.
const LONGEST: u64 = 1 << 20;

/// The exit code for a configuration that cannot be used.
const USAGE: u8 = 2;

/// What is set.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub config: Config,
    /// None without a home.
    pub folders: Option<Folders>,
    /// What is wrong with the configuration, a sentence each; `config` is the defaults then.
    pub problems: Vec<String>,
}

/// A variable of the environment that has a value.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Settings {
    /// Reads what there is.
    pub fn load() -> Self {
        let folders = Folders::find();
        let mut settings = match folders.as_ref().map(|folders| read(&folders.config.join(FILE))) {
            Some(Ok(config)) => Self { config, ..Self::default() },
            Some(Err(problems)) => Self { problems, ..Self::default() },
            None => Self::default(),
        };
        settings.config.overlay(&environment);
        settings.check_level();
        settings.hide_variables();
        settings.folders = folders;
        settings
    }

    /// Variables of profiles hold keys: no child gets them.
    fn hide_variables(&self) {
        for profile in self.config.profiles.values() {
            if let Some(KeySource::Environment(name)) = &profile.value.key {
                secret::hide_variable(name);
            }
        }
    }

    /// The level comes from a variable unchecked.
    fn check_level(&mut self) {
        let level = &self.config.log;
        if !Config::LEVELS.contains(&level.value.as_str()) {
            let levels = Config::LEVELS.join(", ");
            self.problems.push(format!("{}: {:?} is not one of {levels}", level.origin, level.value));
            self.config.log = Setting::new("off".to_owned());
        }
    }

    /// Where the configuration is or would be.
    pub fn file(&self) -> Option<PathBuf> {
        self.folders.as_ref().map(|folders| folders.config.join(FILE))
    }

    /// All that is wrong, if anything is.
    pub fn failure(&self) -> Option<Failure> {
        let (first, rest) = self.problems.split_first()?;
        Some(Failure {
            what: format!("the configuration cannot be used: {first}"),
            said: rest.to_vec(),
            advice: "unspool config path tells where it is, unspool config sample what it can say."
                .to_owned(),
            exit_code: USAGE,
        })
    }

    /// The same, if nothing is wrong.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn sound(self) -> Result<Self, Failure> {
        self.failure().map_or(Ok(self), Err)
    }

    /// The limits of the network.
    pub fn limits(&self) -> Limits {
        Limits {
            connect: self.config.connect_timeout.value,
            answer: self.config.answer_timeout.value,
            idle: self.config.idle_timeout.value,
            max_body: self.config.max_body.value,
            ..Limits::default()
        }
    }

    /// Where and how times are told.
    pub fn calendar(&self) -> Calendar {
        let zone = zone(&self.config.zone.value).unwrap_or_else(TimeZone::system);
        Calendar { zone, hours: self.config.hours.value }
    }

    /// Where copies are kept, if they are.
    pub fn store(&self, args: &ServiceArgs) -> Option<Store> {
        let wanted = self.config.cache_enabled.value && !args.no_cache;
        let folders = self.folders.as_ref().filter(|_| wanted)?;
        Some(Store::new(&folders.cache, self.config.cache_limit.value))
    }

    /// How to reach every service.
    ///
    /// # Errors
    /// A profile that there is not, or that is of another service.
    pub fn approaches(&self, args: &ServiceArgs) -> Result<HashMap<&'static str, Approach>, Failure> {
        Approaches { config: &self.config, folders: self.folders.as_ref(), args, lookup: &environment }.all()
    }

    /// What tasks need to know to reach what these arguments mean.
    ///
    /// # Errors
    /// A profile that there is not, or that is of another service.
    pub fn world(&self, args: &ServiceArgs) -> Result<World, Failure> {
        let (mut access, mut keys) = (HashMap::new(), HashMap::new());
        for (service, approach) in self.approaches(args)? {
            access.insert(service, approach.access);
            keys.insert(service, Keyring::new(approach.sources));
        }
        let patterns = self.config.redact_patterns.iter();
        Ok(World {
            access,
            keys,
            provider: args.provider.and_then(|name| provider::named(name.service())),
            limits: self.limits(),
            store: self.store(args),
            reach: if args.offline { Reach::Offline } else { Reach::Online },
            redaction: Redaction {
                always: self.config.redact_always.value,
                patterns: patterns.map(|pattern| written(&pattern.value)).collect(),
            },
            clipboard: self.config.clipboard.value.clone(),
            profiles: Some(Directory::new(self, args)),
            memory: None,
        })
    }
}

/// The world as these arguments and the configuration say.
///
/// # Errors
/// A configuration that cannot be used, or a profile that there is not.
pub fn world(args: &ServiceArgs) -> Result<World, Failure> {
    Settings::load().sound()?.world(args)
}

fn written((name, pattern): &(String, String)) -> String {
    format!("{name}={pattern}")
}

fn zone(name: &str) -> Option<TimeZone> {
    match name.to_ascii_lowercase().as_str() {
        "system" => Some(TimeZone::system()),
        "utc" => Some(TimeZone::UTC),
        _ => TimeZone::get(name).ok(),
    }
}

/// The configuration at this path; one that is missing says nothing.
fn read(path: &Path) -> Result<Config, Vec<String>> {
    let mut text = String::new();
    let opened = File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
    match opened {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(vec![format!("{} is not UTF-8", path.display())]);
        }
        Err(error) => return Err(vec![format!("{} cannot be read: {error}", path.display())]),
    }
    let config = Config::parse(&text).and_then(|config| {
        let problems = unusable(&config);
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    });
    config.map_err(|problems| problems.iter().map(|problem| format!("{FILE}, {problem}")).collect())
}

/// What only the outside can judge: time zones and regular expressions.
fn unusable(config: &Config) -> Vec<Problem> {
    let line = |origin: &Origin| match origin {
        Origin::File { line } => *line,
        Origin::Default | Origin::Environment(_) | Origin::Flag(_) | Origin::Profile(_) | Origin::Login => 1,
    };
    let mut found = Vec::new();
    if zone(&config.zone.value).is_none() {
        let what = format!("no time zone is called {:?}", config.zone.value);
        found.push(Problem { line: line(&config.zone.origin), what });
    }
    for pattern in &config.redact_patterns {
        if let Err(error) = Redactor::new(&[written(&pattern.value)]) {
            found.push(Problem { line: line(&pattern.origin), what: error.to_string() });
        }
    }
    found
}
