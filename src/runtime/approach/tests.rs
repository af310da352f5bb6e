//! Who wins, and whose key goes where.

use secrecy::ExposeSecret;

use super::*;

const FILE: &str = r#"
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

fn approach(service: &str, args: &ServiceArgs, set: &[(&str, &str)]) -> Approach {
    let config = Config::parse(FILE).unwrap();
    let folders = Folders::under(Path::new("/nowhere"));
    let lookup =
        |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let approaches = Approaches { config: &config, folders: Some(&folders), args, lookup: &lookup };
    approaches.all().unwrap().remove(service).unwrap()
}

fn with(change: impl FnOnce(&mut ServiceArgs)) -> ServiceArgs {
    let mut args = ServiceArgs::default();
    change(&mut args);
    args
}

fn key(approach: &Approach) -> Option<&str> {
    approach.access.key.as_ref().map(ExposeSecret::expose_secret)
}

#[test]
fn a_profile_used_by_itself_fills_what_the_environment_leaves() {
    let found = approach("sgp", &ServiceArgs::default(), &[("SGP_ACCOUNT_ID", "env-account")]);
    assert_eq!(found.access.base_url, "https://home.example");
    assert_eq!(found.base_from, Origin::Profile("home".into()));
    assert_eq!(found.access.account.as_deref(), Some("env-account"));
    assert_eq!(found.account_from, Origin::Environment("SGP_ACCOUNT_ID".into()));
    assert_eq!(found.sources.file.as_deref(), Some(Path::new("/nowhere/config/home.key")));
    let found = approach(
        "sgp",
        &ServiceArgs::default(),
        &[("SGP_API_KEY", "k"), ("EGP_ENDPOINT_URL", "https://old.example")],
    );
    assert_eq!((found.access.base_url.as_str(), key(&found)), ("https://old.example", Some("k")));
    assert_eq!(found.base_from, Origin::Environment("EGP_ENDPOINT_URL".into()));
}

#[test]
fn a_profile_that_was_named_wins_over_the_environment_and_gets_no_other_key() {
    let environment = [("SGP_API_KEY", "production"), ("SGP_CLIENT_BASE_URL", "https://env.example")];
    let work = with(|args| args.profile = Some("work".into()));
    let found = approach("sgp", &work, &environment);
    assert_eq!(found.access.base_url, "https://work.example");
    assert_eq!((key(&found), found.sources.unset.as_deref()), (None, Some("WORK_KEY")));
    assert!(!found.access.by_account);
    let found = approach("sgp", &work, &[("SGP_API_KEY", "production"), ("WORK_KEY", " w ")]);
    assert_eq!((key(&found), found.profile.as_deref()), (Some("w"), Some("work")));
    let by_variable =
        approach("sgp", &ServiceArgs::default(), &[("UNSPOOL_PROFILE", "work"), ("WORK_KEY", "w")]);
    assert_eq!(
        (by_variable.access.base_url.as_str(), key(&by_variable)),
        ("https://work.example", Some("w"))
    );
}

#[test]
fn flags_win_over_everything() {
    let args = with(|args| {
        args.profile = Some("work".into());
        args.base_url = Some("https://flag.example".into());
        args.account = Some("flag-account".into());
    });
    let found = approach("sgp", &args, &[("SGP_CLIENT_BASE_URL", "https://env.example")]);
    assert_eq!(
        (found.access.base_url.as_str(), found.base_from),
        ("https://flag.example", Origin::Flag("--base-url"))
    );
    assert_eq!(found.access.account.as_deref(), Some("flag-account"));
}

#[test]
fn a_profile_of_one_service_leaves_the_other_alone() {
    let args = with(|args| args.profile = Some("work".into()));
    let found = approach("camelai", &args, &[("CAMEL_API_KEY", "c")]);
    assert_eq!((key(&found), &found.base_from, &found.profile), (Some("c"), &Origin::Default, &None));
}

#[test]
fn a_key_of_login_goes_to_the_usual_place_only() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::under(home.path());
    std::fs::create_dir_all(folders.config.join("keys")).unwrap();
    std::fs::write(login_file(&folders, "camelai", None), "k").unwrap();
    let config = Config::parse(FILE).unwrap();
    let file = |profile: Option<&str>| {
        let args = with(|args| args.profile = profile.map(str::to_owned));
        let approaches =
            Approaches { config: &config, folders: Some(&folders), args: &args, lookup: &|_| None };
        approaches.all().unwrap().remove("camelai").unwrap().sources.file
    };
    assert_eq!(file(None), Some(login_file(&folders, "camelai", None)));
    assert_eq!(file(Some("bare")), None);
    std::fs::write(login_file(&folders, "camelai", Some("bare")), "k").unwrap();
    assert_eq!(file(Some("bare")), Some(login_file(&folders, "camelai", Some("bare"))));
}

#[test]
fn a_profile_that_there_is_not_or_that_does_not_fit_is_refused() {
    let config = Config::parse(FILE).unwrap();
    let refused = |args: &ServiceArgs| {
        let approaches = Approaches { config: &config, folders: None, args, lookup: &|_| None };
        approaches.all().unwrap_err()
    };
    let failure = refused(&with(|args| args.profile = Some("wrok".into())));
    assert_eq!((failure.exit_code, failure.advice.as_str()), (2, "Did you mean work?"));
    let failure = refused(&with(|args| {
        args.profile = Some("work".into());
        args.provider = Some(crate::cli::ProviderName::Camelai);
    }));
    assert!(failure.what.contains("is of sgp"), "{}", failure.what);
}
