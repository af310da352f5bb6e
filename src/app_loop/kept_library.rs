//! The choice of the library to read: the server of a profile, else the folder of this machine.

use tokio::runtime::Handle;

use crate::cli::ServiceArgs;
use crate::clickhouse::{Address, ClickHouse, Login};
use crate::config::LibraryServer;
use crate::credentials::api_key::{KeySources, LazyApiKey, Secret};
use crate::credentials::resolve::{PROFILE_VARIABLE, locate_key, unknown_profile_error};
use crate::domain::{ExitCode, UserError};
use crate::library::LibraryLocation;
use crate::net::sql_endpoint::{PASSWORD_VARIABLE, USER_VARIABLE};
use crate::settings::{Settings, env_var};

/// Returns the library of the selected profile, else of the first default profile that names one, else of this machine;
/// none without a home directory.
///
/// # Errors
/// An unknown profile, or an address that is not allowed.
pub fn locate(settings: &Settings, args: &ServiceArgs) -> Result<Option<LibraryLocation>, UserError> {
    let Some(mut location) = settings.library() else { return Ok(None) };
    if args.no_cache {
        location = location.with_cache(None);
    }
    let Some(server) = profile_server(settings, args.profile.as_deref())? else { return Ok(Some(location)) };
    let server = connect(settings, &server.address, args.profile.as_deref())?;
    Ok(Some(location.with_remote(Some(std::sync::Arc::new(server)))))
}

/// Returns the library at an address, with the user and the password of the profile that names it, else with those of the
/// environment.
///
/// # Errors
/// An unknown profile, or an address that is not allowed.
pub fn connect(settings: &Settings, address: &str, profile: Option<&str>) -> Result<ClickHouse, UserError> {
    let parse = |text: &str| {
        Address::parse(text).map_err(|reason| {
            let message = format!("invalid address of a library: {reason}");
            UserError::new(message, "See docs/clickhouse.md.", ExitCode::Usage)
        })
    };
    let address = parse(address)?;
    let of_profile = profile_server(settings, profile)?;
    let server = of_profile.filter(|server| Address::parse(&server.address).as_ref() == Ok(&address));
    let user = server.and_then(|server| server.user.clone()).or_else(|| env_var(USER_VARIABLE));
    let source = server.and_then(|server| server.password_source.as_ref());
    let password = match source {
        Some(source) => KeySources {
            secret: Secret::LibraryPassword,
            ..locate_key(source, settings.folders.as_ref(), &env_var)
        },
        None => KeySources {
            environment: env_var(PASSWORD_VARIABLE).map(|value| (PASSWORD_VARIABLE.to_owned(), value.into())),
            ..KeySources::default()
        },
    };
    let runtime = Handle::try_current().map_err(|error| {
        UserError::new(format!("internal error: {error}"), "Please report this bug.", ExitCode::Failure)
    })?;
    let login = Login { user, password: LazyApiKey::new(password) };
    Ok(ClickHouse::new(address, login, settings.limits(), runtime))
}

/// Returns the server that the selected profile names, else the first default profile that names one.
///
/// # Errors
/// An unknown profile.
pub fn profile_server<'a>(
    settings: &'a Settings,
    name: Option<&str>,
) -> Result<Option<&'a LibraryServer>, UserError> {
    let config = &settings.config;
    if let Some(name) = name.map(str::to_owned).or_else(|| env_var(PROFILE_VARIABLE)) {
        let profile = config.profiles.get(&name).ok_or_else(|| unknown_profile_error(config, &name))?;
        return Ok(profile.value.library.as_ref());
    }
    let names = config.default_profiles.value.iter();
    let mut profiles = names.filter_map(|name| config.profiles.get(name));
    Ok(profiles.find_map(|profile| profile.value.library.as_ref()))
}
