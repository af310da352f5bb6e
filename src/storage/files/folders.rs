//! Which folders are ours.

use std::{
    env,
    ffi::OsString,
    path::{self, Path, PathBuf},
};

use directories::ProjectDirs;

/// The variable that puts everything under one folder: for portable use and for tests.
const HOME_VARIABLE: &str = "UNSPOOL_HOME";

/// Where configuration, history and log, and the cache are. None of them need exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    pub config: PathBuf,
    /// History and log: worth keeping, but nobody's configuration.
    pub state: PathBuf,
    pub cache: PathBuf,
}

impl Folders {
    /// As the environment says; none without a home, which costs history and cache but nothing else.
    pub fn from_env() -> Option<Self> {
        Self::from_variable(env::var_os(HOME_VARIABLE)).or_else(Self::platform_default)
    }

    /// All under one folder.
    pub fn under(home: &Path) -> Self {
        Self { config: home.join("config"), state: home.join("state"), cache: home.join("cache") }
    }

    fn from_variable(home: Option<OsString>) -> Option<Self> {
        let home = home.filter(|home| !home.is_empty())?;
        Some(Self::under(&path::absolute(&home).unwrap_or_else(|_| home.into())))
    }

    fn platform_default() -> Option<Self> {
        let ours = ProjectDirs::from("", "", "unspool")?;
        Some(Self {
            config: ours.config_dir().to_owned(),
            state: ours.state_dir().unwrap_or(ours.data_local_dir()).to_owned(),
            cache: ours.cache_dir().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_variable_holds_everything_and_an_empty_one_is_ignored() {
        let here = path::absolute("/tmp/here").unwrap();
        let chosen = Folders::from_variable(Some("/tmp/here".into())).unwrap();
        assert_eq!(chosen, Folders::under(&here));
        assert_eq!(chosen.cache, here.join("cache"));
        assert_eq!(Folders::from_variable(Some("".into())), None);
        assert_eq!(Folders::from_variable(None), None);
        assert!(Folders::from_variable(Some("relative".into())).unwrap().state.is_absolute());
    }
}
