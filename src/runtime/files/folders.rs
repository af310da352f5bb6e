//! Which folders are ours.

use std::{
    env,
    ffi::OsString,
    path::{self, Path, PathBuf},
};

use directories::ProjectDirs;

/// The variable that puts everything under one folder: for portable use and for tests.
const HOME: &str = "UNSPOOL_HOME";

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
    pub fn find() -> Option<Self> {
        Self::chosen(env::var_os(HOME)).or_else(Self::usual)
    }

    /// All under one folder.
    pub fn under(home: &Path) -> Self {
        Self { config: home.join("config"), state: home.join("state"), cache: home.join("cache") }
    }

    fn chosen(home: Option<OsString>) -> Option<Self> {
        let home = home.filter(|home| !home.is_empty())?;
        Some(Self::under(&path::absolute(&home).unwrap_or_else(|_| home.into())))
    }

    fn usual() -> Option<Self> {
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
    fn a_chosen_home_holds_everything_and_an_empty_one_is_none() {
        let here = path::absolute("/tmp/here").unwrap();
        let chosen = Folders::chosen(Some("/tmp/here".into())).unwrap();
        assert_eq!(chosen, Folders::under(&here));
        assert_eq!(chosen.cache, here.join("cache"));
        assert_eq!(Folders::chosen(Some("".into())), None);
        assert_eq!(Folders::chosen(None), None);
        assert!(Folders::chosen(Some("relative".into())).unwrap().state.is_absolute());
    }
}
