//! `unspool doctor` with working and broken setups.

use std::os::unix::fs::PermissionsExt;

use crate::home::{CANARY, Home, RunResult};

/// The name and value of an environment variable.
type EnvVar = (&'static str, &'static str);

fn doctor(home: &Home, args: &[&str], set: &[(&str, &str)]) -> RunResult {
    let mut command = home.command(&[&["doctor"], args].concat());
    for (name, value) in set {
        command.env(name, value);
    }
    RunResult::from_output(command.output().unwrap())
}

/// Returns the line that contains this text, and the advice below it.
fn lines_about<'a>(ran: &'a RunResult, text: &str) -> Vec<&'a str> {
    let lines: Vec<_> = ran.out.lines().collect();
    let at = lines.iter().position(|line| line.contains(text));
    at.map_or(Vec::new(), |at| lines.into_iter().skip(at).take(2).collect())
}

#[test]
fn a_working_setup_passes_and_shows_no_key() {
    let home = Home::with_demo();
    let url = home.url();
    let set = [
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("SGP_API_KEY", CANARY),
        ("SGP_CLIENT_BASE_URL", &url),
    ];
    let ran = doctor(&home, &[], &set).assert_ok();
    assert!(!ran.out.contains("FAIL"), "{}", ran.out);
    assert!(ran.out.contains("ok    key: from the variable SGP_API_KEY"), "{}", ran.out);
    assert!(ran.out.contains("ok    reachability: ok"), "{}", ran.out);
    assert!(ran.out.contains("warn  key: none"), "camelAI has none: {}", ran.out);
    assert!(!home.path("state").exists() && !home.path("cache").exists(), "looking made folders");
}

#[test]
fn the_reachability_check_sends_neither_key_nor_id() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(wiremock::MockServer::start());
    let home = Home::new();
    let url = format!("{}/prefix", server.uri());
    doctor(&home, &[], &[("SGP_API_KEY", CANARY), ("SGP_CLIENT_BASE_URL", &url)]);
    let requests = runtime.block_on(server.received_requests()).unwrap();
    let request = requests.first().unwrap();
    assert_eq!((requests.len(), request.url.path()), (1, "/"));
    assert!(!format!("{request:?}").contains(CANARY));
    doctor(&home, &["--offline"], &[("SGP_API_KEY", CANARY), ("SGP_CLIENT_BASE_URL", &url)]);
    assert_eq!(runtime.block_on(server.received_requests()).unwrap().len(), 1);
}

#[test]
fn failures_are_reported_with_a_hint_and_exit_code_1() {
    let home = Home::new();
    let cases: [(&[EnvVar], &str, &str); 4] = [
        (
            &[("SGP_API_KEY", CANARY), ("SGP_CLIENT_BASE_URL", "http://127.0.0.1:1")],
            "FAIL  reachability",
            "Check",
        ),
        (&[("SGP_CLIENT_BASE_URL", "http://example.com")], "FAIL  base URL", "SGP_CLIENT_BASE_URL"),
        (&[("SSL_CERT_FILE", "/nowhere/at.all")], "FAIL  certificates", "SSL_CERT_FILE"),
        (&[("UNSPOOL_LOG", "loud")], "FAIL  configuration", "config sample"),
    ];
    for (set, line, advice) in cases {
        let ran = doctor(&home, &[], set);
        let lines = lines_about(&ran, line);
        assert_eq!(ran.code, 1, "{line}: {}", ran.out);
        assert!(lines.join(" ").contains(advice), "{line}: {}", ran.out);
    }
}

#[test]
fn an_invalid_config_is_reported() {
    let home = Home::new();
    home.write("config/config.toml", "thmee = 3\n");
    let ran = doctor(&home, &[], &[]);
    assert!(
        ran.code == 1 && lines_about(&ran, "FAIL  configuration").join(" ").contains("did you mean `theme`"),
        "{}",
        ran.out
    );
}

#[test]
fn files_readable_by_others_are_reported() {
    let home = Home::new();
    let key = home.write("config/keys/sgp.key", CANARY);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::create_dir_all(home.path("cache")).unwrap();
    std::fs::set_permissions(home.path("cache"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ran = doctor(&home, &[], &[]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(lines_about(&ran, "FAIL  keys").join(" ").contains("chmod 600"), "{}", ran.out);
    assert!(lines_about(&ran, "warn  cache").join(" ").contains("chmod 700"), "{}", ran.out);
}

#[test]
fn credentials_in_proxy_and_base_urls_are_not_shown() {
    let home = Home::new();
    let set = [
        ("HTTPS_PROXY", "http://user:canary-5c1e9b@proxy.example:3128"),
        ("CAMEL_API_URL", "https://user:canary-5c1e9b@host.example"),
    ];
    let ran = doctor(&home, &[], &set);
    assert!(ran.out.contains("http://proxy.example:3128 (HTTPS_PROXY)"), "{}", ran.out);
}

#[test]
fn without_unspool_home_the_system_folders_are_used() {
    let home = Home::new();
    let mut command = home.command(&["doctor"]);
    let ran = RunResult::from_output(command.env_remove("UNSPOOL_HOME").output().unwrap());
    let ours = home.path("");
    assert!(ran.out.matches(ours.to_str().unwrap()).count() >= 2, "{}", ran.out);
}

#[test]
fn the_library_is_described() {
    let home = Home::with_demo();
    let ran = doctor(&home, &["--offline"], &[]);
    assert!(ran.out.contains("ok    library: empty; will be in "), "{}", ran.out);
    home.fetch(&["archive", "camelai:1001"]).assert_ok();
    home.fetch(&["show", "camelai:1002"]).assert_ok();
    let ran = doctor(&home, &["--offline"], &[]);
    assert!(ran.out.contains("ok    library: 1 thread kept, 0 read, in "), "{}", ran.out);
    assert!(ran.out.contains("ok    library check: "), "{}", ran.out);
    assert!(ran.out.contains("ok    library index: complete, except threads read since"), "{}", ran.out);
    let folder = home.path("data/library");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let ran = doctor(&home, &["--offline"], &[]);
    assert!(ran.out.contains("warn  library: ") && ran.out.contains("(mode 755)"), "{}", ran.out);
}
