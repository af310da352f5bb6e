//! Precedence, and which key goes to which host.

use secrecy::ExposeSecret;

use super::*;

const CONFIG: &str = r#"
profile = ["home"]
[profiles.home]
service = "sgp"
base_url = "https://home.example"
account = "home-account"
key_file = "home.key"
[profiles.work]
service = "sgp"
base_url = "https://work.example"
by_account = false
key_env = "WORK_KEY"
[profiles.bare]
service = "camelai"
base_url = "https://bare.example"
"#;

fn resolve(service: &str, args: &ServiceArgs, set: &[(&str, &str)]) -> ResolvedAccess {
    let config = Config::parse(CONFIG).unwrap();
    let folders = Folders::under(Path::new("/nowhere"));
    let lookup =
        |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let resolver = AccessResolver { config: &config, folders: Some(&folders), args, env_lookup: &lookup };
    resolver.resolve_all().unwrap().remove(service).unwrap()
}

fn args_with(change: impl FnOnce(&mut ServiceArgs)) -> ServiceArgs {
    let mut args = ServiceArgs::default();
    change(&mut args);
    args
}

fn api_key(resolved: &ResolvedAccess) -> Option<&str> {
    resolved.access.api_key.as_ref().map(ExposeSecret::expose_secret)
}

#[test]
fn default_profile_fills_in_what_the_environment_does_not_set() {
    let resolved = resolve("sgp", &ServiceArgs::default(), &[("SGP_ACCOUNT_ID", "env-account")]);
    assert_eq!(resolved.access.base_url, "https://home.example");
    assert_eq!(resolved.base_url_origin, SettingOrigin::Profile("home".into()));
    assert_eq!(resolved.access.account_id.as_deref(), Some("env-account"));
    assert_eq!(resolved.account_origin, SettingOrigin::Environment("SGP_ACCOUNT_ID".into()));
    assert_eq!(resolved.key_sources.file.as_deref(), Some(Path::new("/nowhere/config/home.key")));
    let resolved = resolve(
        "sgp",
        &ServiceArgs::default(),
        &[("SGP_API_KEY", "k"), ("EGP_ENDPOINT_URL", "https://old.example")],
    );
    assert_eq!((resolved.access.base_url.as_str(), api_key(&resolved)), ("https://old.example", Some("k")));
    assert_eq!(resolved.base_url_origin, SettingOrigin::Environment("EGP_ENDPOINT_URL".into()));
}

#[test]
fn explicit_profile_overrides_the_environment_and_never_uses_another_key() {
    let environment = [("SGP_API_KEY", "production"), ("SGP_CLIENT_BASE_URL", "https://env.example")];
    let work = args_with(|args| args.profile = Some("work".into()));
    let resolved = resolve("sgp", &work, &environment);
    assert_eq!(resolved.access.base_url, "https://work.example");
    assert_eq!(
        (api_key(&resolved), resolved.key_sources.unset_variable.as_deref()),
        (None, Some("WORK_KEY"))
    );
    assert!(!resolved.access.fetch_by_account);
    let resolved = resolve("sgp", &work, &[("SGP_API_KEY", "production"), ("WORK_KEY", " w ")]);
    assert_eq!((api_key(&resolved), resolved.profile.as_deref()), (Some("w"), Some("work")));
    let from_env = resolve("sgp", &ServiceArgs::default(), &[("UNSPOOL_PROFILE", "work"), ("WORK_KEY", "w")]);
    assert_eq!((from_env.access.base_url.as_str(), api_key(&from_env)), ("https://work.example", Some("w")));
}

#[test]
fn flags_override_everything() {
    let args = args_with(|args| {
        args.profile = Some("work".into());
        args.base_url = Some("https://flag.example".into());
        args.account = Some("flag-account".into());
    });
    let resolved = resolve("sgp", &args, &[("SGP_CLIENT_BASE_URL", "https://env.example")]);
    assert_eq!(
        (resolved.access.base_url.as_str(), resolved.base_url_origin),
        ("https://flag.example", SettingOrigin::Flag("--base-url"))
    );
    assert_eq!(resolved.access.account_id.as_deref(), Some("flag-account"));
}

#[test]
fn profile_of_one_service_does_not_affect_the_other() {
    let args = args_with(|args| args.profile = Some("work".into()));
    let resolved = resolve("camelai", &args, &[("CAMEL_API_KEY", "c")]);
    assert_eq!(
        (api_key(&resolved), &resolved.base_url_origin, &resolved.profile),
        (Some("c"), &SettingOrigin::Default, &None)
    );
}

#[test]
fn login_key_is_used_only_for_the_default_base_url() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::under(home.path());
    std::fs::create_dir_all(folders.config.join("keys")).unwrap();
    std::fs::write(login_key_path(&folders, "camelai", None), "k").unwrap();
    let config = Config::parse(CONFIG).unwrap();
    let file = |profile: Option<&str>| {
        let args = args_with(|args| args.profile = profile.map(str::to_owned));
        let resolver =
            AccessResolver { config: &config, folders: Some(&folders), args: &args, env_lookup: &|_| None };
        resolver.resolve_all().unwrap().remove("camelai").unwrap().key_sources.file
    };
    assert_eq!(file(None), Some(login_key_path(&folders, "camelai", None)));
    assert_eq!(file(Some("bare")), None);
    std::fs::write(login_key_path(&folders, "camelai", Some("bare")), "k").unwrap();
    assert_eq!(file(Some("bare")), Some(login_key_path(&folders, "camelai", Some("bare"))));
}

#[test]
fn unknown_or_mismatched_profile_is_an_error() {
    let config = Config::parse(CONFIG).unwrap();
    let resolve_error = |args: &ServiceArgs| {
        let resolver = AccessResolver { config: &config, folders: None, args, env_lookup: &|_| None };
        resolver.resolve_all().unwrap_err()
    };
    let error = resolve_error(&args_with(|args| args.profile = Some("wrok".into())));
    assert_eq!((error.exit_code.code(), error.hint.as_str()), (2, "Did you mean work?"));
    let error = resolve_error(&args_with(|args| {
        args.profile = Some("work".into());
        args.provider = Some("camelai");
    }));
    assert!(error.message.contains("is for sgp"), "{}", error.message);
}
