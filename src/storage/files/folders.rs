//! The folders of this program.

use std::{
    env,
    ffi::OsString,
    path::{self, Path, PathBuf},
};

use directories::ProjectDirs;

/// The variable that puts everything under one folder, for portable use and tests.
const HOME_VARIABLE: &str = "UNSPOOL_HOME";

/// The folders for configuration, state and cache. They need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    pub config: PathBuf,
    /// History and log.
    pub state: PathBuf,
    pub cache: PathBuf,
    /// The library.
    pub data: PathBuf,
}

impl Folders {
    /// Returns the folders of this environment; `None` without a home directory, which only disables storage.
    pub fn from_env() -> Option<Self> {
        Self::from_variable(env::var_os(HOME_VARIABLE)).or_else(Self::platform_default)
    }

    /// Creates all folders under one.
    pub fn under(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            state: home.join("state"),
            cache: home.join("cache"),
            data: home.join("data"),
        }
    }

    fn from_variable(home: Option<OsString>) -> Option<Self> {
        let home = home.filter(|home| !home.is_empty())?;
        Some(Self::under(&path::absolute(&home).unwrap_or_else(|_| home.into())))
    }

    fn platform_default() -> Option<Self> {
        let dirs = ProjectDirs::from("", "", "unspool")?;
        Some(Self {
            config: dirs.config_dir().to_owned(),
            state: dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned(),
            cache: dirs.cache_dir().to_owned(),
            data: dirs.data_local_dir().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_variable_moves_all_folders_and_an_empty_one_is_ignored() {
        let home = path::absolute("/tmp/home").unwrap();
        let folders = Folders::from_variable(Some("/tmp/home".into())).unwrap();
        assert_eq!(folders, Folders::under(&home));
        assert_eq!(folders.cache, home.join("cache"));
        assert_eq!(Folders::from_variable(Some("".into())), None);
        assert_eq!(Folders::from_variable(None), None);
        assert!(Folders::from_variable(Some("relative".into())).unwrap().state.is_absolute());
    }
}
