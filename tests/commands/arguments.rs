//! The words of a command line: mistyped commands, options before a command, names of files, links, and errors without
//! secrets and escape sequences.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::home::{CANARY, Home, RunResult};

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
const BODY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/sgp_thread_messages_spans.json");

#[test]
fn a_mistyped_command_is_not_taken_for_a_thread() {
    let home = Home::new();
    for (args, suggestion) in [
        (&["shwo", "x"][..], "show"),
        (&["stat"], "stats"),
        (&["exprot", "x", "--format", "html"], "export"),
        (&["--profile", "work", "shwo", "x"], "show"),
    ] {
        let ran = home.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.err.contains(&format!("did you mean \"{suggestion}\"?")), "{args:?}: {}", ran.err);
    }
}

#[test]
fn options_of_a_service_may_precede_a_command() {
    let home = Home::with_demo();
    home.write(
        "config/config.toml",
        &format!(
            "[profiles.work]\nservice = \"sgp\"\nbase_url = \"{}\"\nkey_env = \"WORK_KEY\"\n",
            home.url()
        ),
    );
    let mut command = home.command(&["--profile", "work", "--no-cache", "show", LAMP]);
    let ran = RunResult::from_output(command.env("WORK_KEY", CANARY).output().unwrap());
    assert!(ran.assert_ok().out.contains("4471"));
    assert!(home.run(&["--demo", "show", LAMP]).assert_ok().out.contains("4471"));
    assert_eq!(home.run(&["--profile", "work", "cache", "list"]).code, 2);
}

#[test]
fn an_error_repeats_no_escape_sequence_and_no_secret() {
    let home = Home::new();
    for args in [
        &["show", "x", "--provider", "\u{1b}[?1049l"][..],
        &["--\u{1b}[6n"],
        &["show", "\u{1b}]52;c;x\u{7}"],
        &["show", "x", "--profile", "\u{1b}[6n"],
        &["push", "x", "--otlp", "\u{1b}[6n"],
        &["stats", "x", "--filter", "\u{1b}[6n:"],
        &["push", BODY, "--otlp", "https://h.example", "--header", "authorization=Bearer canary-5c1e9b"],
        &["push", BODY, "--otlp", "https://h.example", "--header", "authorization=Bearer", "canary-5c1e9b"],
        &["push", BODY, "--otlp", "https://h.example", "--header", "canary-5c1e9b="],
    ] {
        let ran = home.run(args);
        assert_ne!(ran.code, 0, "{args:?}");
        assert!(!ran.err.is_empty() && !ran.err.contains(['\u{1b}', '\u{7}']), "{args:?}: {:?}", ran.err);
        assert!(!ran.err.contains(CANARY), "{args:?}: {}", ran.err);
    }
}

#[test]
fn files_open_by_every_name_that_a_terminal_or_a_shell_gives_them() {
    let home = Home::new();
    let folder = home.path("it's (1)");
    fs::create_dir_all(&folder).unwrap();
    let plain = folder.join("my file.json");
    let odd = folder.join(OsStr::from_bytes(b"\xff.json"));
    for path in [&plain, &odd] {
        fs::copy(BODY, path).unwrap();
    }
    let escaped = plain.display().to_string().replace(' ', r"\ ").replace('\'', r"\'").replace('(', r"\(");
    let url = format!("file://{}", plain.display()).replace(' ', "%20").replace('\'', "%27");
    for name in [plain.to_str().unwrap(), &escaped, &url, "~/it's (1)/my file.json"] {
        home.run(&["show", name]).assert_ok();
    }
    let show = |path: &Path| RunResult::from_output(home.command(&["show"]).arg(path).output().unwrap());
    show(&odd).assert_ok();
    let missing = show(&folder.join(OsStr::from_bytes(b"\xfe.json")));
    assert_eq!(missing.code, 5, "{}", missing.err);
}

#[test]
fn a_prefix_means_the_thread_and_never_a_file() {
    let home = Home::with_demo();
    let id = format!("sgp:{LAMP}");
    home.write(&id, "{\"messages\":[]}");
    assert!(home.fetch(&["show", &id]).assert_ok().out.contains("4471"));
    home.write("1001", &fs::read_to_string(BODY).unwrap());
    home.run(&["show", "1001"]).assert_ok();
}

#[test]
fn a_link_selects_the_profile_of_its_host_or_is_mentioned() {
    let home = Home::with_demo();
    let host = home.url().replace("http://", "");
    home.write(
        "config/config.toml",
        &format!(
            "[profiles.here]\nservice = \"sgp\"\nbase_url = \"{}\"\nkey_env = \"WORK_KEY\"\n",
            home.url()
        ),
    );
    let run = |args: &[&str]| {
        let mut command = home.command(args);
        command
            .env("WORK_KEY", CANARY)
            .env("SGP_API_KEY", "wrong")
            .env("SGP_CLIENT_BASE_URL", "https://127.0.0.1:9");
        RunResult::from_output(command.output().unwrap())
    };
    let link = format!("http://{host}/v4/threads/{LAMP}/messages");
    let ran = run(&["show", &link]);
    assert!(ran.code == 0 && ran.err.contains("Using profile here"), "{ran:?}");
    assert!(ran.out.contains("4471"));
    let ran = run(&["stats", &link]);
    assert!(ran.code == 0 && ran.err.contains("Using profile here"), "{ran:?}");
    let ran = run(&["show", "https://sgp.staging.example/v4/threads/x", "--quiet"]);
    assert!(ran.code != 0 && ran.err.contains("The link is for sgp.staging.example"), "{ran:?}");
    assert!(ran.err.contains("https://127.0.0.1:9"), "{ran:?}");
}

#[test]
fn an_error_about_a_file_names_it_once() {
    let home = Home::new();
    let path = home.write("broken.json", "not a thread");
    let name = path.to_str().unwrap();
    for args in
        [&["show", name][..], &["export", name, "--format", "csv"], &["stats", name], &["stats", name, name]]
    {
        let ran = home.run(args);
        for line in ran.err.lines().filter(|line| line.starts_with("unspool: ")) {
            assert_eq!(line.matches(name).count(), 1, "{args:?}: {line}");
        }
        assert!(ran.err.contains(name), "{args:?}: {}", ran.err);
    }
}

#[test]
fn the_debug_log_has_each_attempt_without_values_of_headers() {
    let home = Home::with_demo();
    home.fetch(&["--log", "debug", "show", &format!("sgp:{LAMP}")]).assert_ok();
    let log = fs::read_to_string(home.path("state/unspool.log")).unwrap();
    let response = log.lines().find(|line| line.contains("status=200")).unwrap();
    assert!(response.contains("content-type") && !response.contains("application/json"), "{response}");
    assert!(response.contains("attempt=1"), "{response}");
    let end = log.lines().find(|line| line.contains("attempt succeeded")).unwrap();
    assert!(end.contains("bytes=") && end.contains("milliseconds="), "{end}");
    assert!(!log.contains(CANARY), "{log}");
}

#[test]
fn one_bad_key_stops_no_script() {
    let home = Home::new();
    home.write("config/config.toml", "[keys]\nrelod = [\"x\"]\nquit = [\"banana\"]\n");
    let ran = home.run(&["show", BODY]).assert_ok();
    assert_eq!(ran.err, "");
    let ran = home.run(&["config"]).assert_ok();
    assert!(ran.err.contains("did you mean `reload`?") && ran.err.contains("banana"), "{}", ran.err);
    assert!(home.run(&["doctor"]).out.contains("banana"));
}
