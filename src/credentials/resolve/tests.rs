//! Who wins, and whose key goes where.

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
    let approaches = AccessResolver { config: &config, folders: Some(&folders), args, env_lookup: &lookup };
    approaches.resolve_all().unwrap().remove(service).unwrap()
}

fn args_with(change: impl FnOnce(&mut ServiceArgs)) -> ServiceArgs {
    let mut args = ServiceArgs::default();
    change(&mut args);
    args
}

fn api_key(approach: &ResolvedAccess) -> Option<&str> {
    approach.access.api_key.as_ref().map(ExposeSecret::expose_secret)
}

#[test]
fn default_profile_fills_in_what_the_environment_does_not_set() {
    let found = resolve("sgp", &ServiceArgs::default(), &[("SGP_ACCOUNT_ID", "env-account")]);
    assert_eq!(found.access.base_url, "https://home.example");
    assert_eq!(found.base_url_origin, SettingOrigin::Profile("home".into()));
    assert_eq!(found.access.account_id.as_deref(), Some("env-account"));
    assert_eq!(found.account_origin, SettingOrigin::Environment("SGP_ACCOUNT_ID".into()));
    assert_eq!(found.key_sources.file.as_deref(), Some(Path::new("/nowhere/config/home.key")));
    let found = resolve(
        "sgp",
        &ServiceArgs::default(),
        &[("SGP_API_KEY", "k"), ("EGP_ENDPOINT_URL", "https://old.example")],
    );
    assert_eq!((found.access.base_url.as_str(), api_key(&found)), ("https://old.example", Some("k")));
    assert_eq!(found.base_url_origin, SettingOrigin::Environment("EGP_ENDPOINT_URL".into()));
}

#[test]
fn explicit_profile_overrides_the_environment_and_never_uses_another_key() {
    let environment = [("SGP_API_KEY", "production"), ("SGP_CLIENT_BASE_URL", "https://env.example")];
    let work = args_with(|args| args.profile = Some("work".into()));
    let found = resolve("sgp", &work, &environment);
    assert_eq!(found.access.base_url, "https://work.example");
    assert_eq!((api_key(&found), found.key_sources.unset_variable.as_deref()), (None, Some("WORK_KEY")));
    assert!(!found.access.fetch_by_account);
    let found = resolve("sgp", &work, &[("SGP_API_KEY", "production"), ("WORK_KEY", " w ")]);
    assert_eq!((api_key(&found), found.profile.as_deref()), (Some("w"), Some("work")));
    let by_variable =
        resolve("sgp", &ServiceArgs::default(), &[("UNSPOOL_PROFILE", "work"), ("WORK_KEY", "w")]);
    assert_eq!(
        (by_variable.access.base_url.as_str(), api_key(&by_variable)),
        ("https://work.example", Some("w"))
    );
}

#[test]
fn flags_override_everything() {
    let args = args_with(|args| {
        args.profile = Some("work".into());
        args.base_url = Some("https://flag.example".into());
        args.account = Some("flag-account".into());
    });
    let found = resolve("sgp", &args, &[("SGP_CLIENT_BASE_URL", "https://env.example")]);
    assert_eq!(
        (found.access.base_url.as_str(), found.base_url_origin),
        ("https://flag.example", SettingOrigin::Flag("--base-url"))
    );
    assert_eq!(found.access.account_id.as_deref(), Some("flag-account"));
}

#[test]
fn profile_of_one_service_does_not_affect_the_other() {
    let args = args_with(|args| args.profile = Some("work".into()));
    let found = resolve("camelai", &args, &[("CAMEL_API_KEY", "c")]);
    assert_eq!(
        (api_key(&found), &found.base_url_origin, &found.profile),
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
        let approaches =
            AccessResolver { config: &config, folders: Some(&folders), args: &args, env_lookup: &|_| None };
        approaches.resolve_all().unwrap().remove("camelai").unwrap().key_sources.file
    };
    assert_eq!(file(None), Some(login_key_path(&folders, "camelai", None)));
    assert_eq!(file(Some("bare")), None);
    std::fs::write(login_key_path(&folders, "camelai", Some("bare")), "k").unwrap();
    assert_eq!(file(Some("bare")), Some(login_key_path(&folders, "camelai", Some("bare"))));
}

#[test]
fn unknown_or_mismatched_profile_is_an_error() {
    let config = Config::parse(CONFIG).unwrap();
    let refused = |args: &ServiceArgs| {
        let approaches = AccessResolver { config: &config, folders: None, args, env_lookup: &|_| None };
        approaches.resolve_all().unwrap_err()
    };
    let failure = refused(&args_with(|args| args.profile = Some("wrok".into())));
    assert_eq!((failure.exit_code.code(), failure.hint.as_str()), (2, "Did you mean work?"));
    let failure = refused(&args_with(|args| {
        args.profile = Some("work".into());
        args.provider = Some("camelai");
    }));
    assert!(failure.message.contains("is of sgp"), "{}", failure.message);
}
