//! The configuration: `unspool config`, invalid files, and profiles with their keys.

use crate::home::{CANARY, Home, RunResult};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

#[test]
fn without_a_file_all_settings_are_defaults() {
    let home = Home::new();
    let out = home.run(&["config"]).assert_ok().out;
    assert!(out.contains("config.toml (missing)") && out.contains("network.max_body"), "{out}");
    // Advice about failed requests names the file.
    assert!(out.contains("network.answer_timeout"), "{out}");
    assert!(out.contains("sgp.base_url") && out.contains("https://api.egp.scale.com"), "{out}");
    let path = home.run(&["config", "path"]).assert_ok().out;
    assert_eq!(path.trim_end(), home.path("config/config.toml").to_str().unwrap());
    assert!(!home.path("config").exists(), "asking made a folder");
}

#[test]
fn the_sample_is_a_valid_config_file() {
    let home = Home::new();
    let sample = home.run(&["config", "sample"]).assert_ok().out;
    home.write("config/config.toml", &sample);
    home.run(&["config"]).assert_ok();
}

#[test]
fn effective_settings_show_their_source_and_never_a_key() {
    let home = Home::new();
    let text = "theme = \"dark\"\nprofile = [\"work\"]\n[profiles.work]\nservice = \"sgp\"\nkey_command = [\"pass\", \"canary-5c1e9b\"]\n";
    home.write("config/config.toml", text);
    let mut command = home.command(&["config", "--base-url", "https://user.example/v"]);
    command.env("CAMEL_API_KEY", CANARY).env("NO_COLOR", "1");
    let out = RunResult::from_output(command.output().unwrap()).assert_ok().out;
    let line = |name: &str| out.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("theme ").contains("plain") && line("theme ").contains("variable NO_COLOR"), "{out}");
    assert!(line("profile ").contains("config.toml, line 2"), "{out}");
    assert!(line("sgp.base_url").contains("# --base-url"), "{out}");
    assert!(
        line("sgp.key").contains("key_command \"pass\"") && line("sgp.key").contains("profile work"),
        "{out}"
    );
    assert!(line("camelai.key").contains("the variable CAMEL_API_KEY"), "{out}");
}

#[test]
fn an_invalid_file_stops_scripts_with_every_error_and_plain_mode_uses_defaults() {
    let home = Home::with_demo();
    home.write("config/config.toml", "thmee = \"dark\"\nmouse = 3\n");
    for args in [&["config"][..], &["show", LAMP], &["export", LAMP, "--format", "csv"], &["cache", "list"]] {
        let ran = home.fetch(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        for error in ["line 1: unknown setting `thmee`; did you mean `theme`?", "line 2: `mouse`"] {
            assert!(ran.err.contains(error), "{args:?}: {}", ran.err);
        }
    }
    home.run(&["config", "path"]).assert_ok();
    home.run(&["config", "sample"]).assert_ok();
    let ran = home.fetch(&["--plain", LAMP]);
    assert!(ran.code == 0 && ran.err.contains("thmee") && ran.out.contains("lamp order 4471"), "{ran:?}");
    let ran = home.fetch(&["--plain", LAMP, "--profile", "work"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn an_invalid_zone_or_pattern_is_reported_with_its_line() {
    let home = Home::new();
    home.write("config/config.toml", "[time]\nzone = \"Europe/Vieena\"\n[redact.patterns]\nbad = \"(\"\n");
    let ran = home.run(&["config"]);
    assert!(
        ran.err.contains("line 2: unknown time zone") && ran.err.contains("line 4: invalid pattern bad"),
        "{ran:?}"
    );
}

#[test]
fn an_unreadable_file_is_reported() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("config/config.toml")).unwrap();
    let ran = home.run(&["config"]);
    assert!(ran.code == 2 && ran.err.contains("cannot read"), "{ran:?}");
}

#[test]
fn a_profile_sets_the_base_url_and_the_key() {
    let home = Home::with_demo();
    let profile = |key: &str| {
        let text = format!("[profiles.work]\nservice = \"sgp\"\nbase_url = \"{}\"\n{key}\n", home.url());
        home.write("config/config.toml", &text);
    };
    let show = |args: &[&str]| home.run(&[&["show", LAMP, "--no-cache"], args].concat());
    profile(&format!("key_command = [\"printf\", \"{CANARY}\"]"));
    show(&["--profile", "work"]).assert_ok();
    home.write("config/work.key", CANARY);
    profile("key_file = \"work.key\"");
    show(&["--profile", "work"]).assert_ok();
    profile("key_env = \"WORK_KEY\"");
    let ran = show(&["--profile", "work"]);
    assert!(ran.code == 4 && ran.err.contains("the variable WORK_KEY is not set"), "{ran:?}");
    let mut command = home.command(&["show", LAMP, "--no-cache", "--profile", "work"]);
    RunResult::from_output(command.env("WORK_KEY", CANARY).output().unwrap()).assert_ok();
    let ran = show(&["--profile", "wrok"]);
    assert!(ran.code == 2 && ran.err.contains("Did you mean work?"), "{ran:?}");
    profile("key_command = [\"false\"]");
    let ran = show(&["--profile", "work"]);
    assert!(ran.code == 4 && ran.err.contains("key_command \"false\" failed with exit code 1"), "{ran:?}");
}

#[test]
fn network_and_cache_settings_are_applied() {
    let home = Home::with_demo();
    home.write("config/config.toml", "[network]\nmax_body = \"1 kB\"\n[cache]\nenabled = false\n");
    let ran = home.fetch(&["show", LAMP]);
    assert!(ran.code != 0 && ran.err.contains("exceeds 1,000 bytes"), "{ran:?}");
    home.write("config/config.toml", "[cache]\nenabled = false\n");
    home.fetch(&["show", LAMP]).assert_ok();
    assert!(!home.path("cache").exists());
}

#[test]
fn exports_can_be_redacted_by_config_alone() {
    let home = Home::with_demo();
    home.write("config/config.toml", "[redact]\nalways = true\n[redact.patterns]\nlamp = \"(?i)lamp\"\n");
    let ran = home.fetch(&["export", LAMP, "--format", "markdown"]).assert_ok();
    assert!(ran.out.contains("[lamp-1]") && !ran.out.to_lowercase().contains("the lamp"), "{}", ran.err);
}

#[test]
fn a_key_command_does_not_see_other_keys() {
    let home = Home::with_demo();
    let environment = home.path("environment");
    let text = format!(
        "[profiles.work]\nservice = \"sgp\"\nbase_url = \"{}\"\nkey_command = [\"sh\", \"-c\", \"env > {}; echo key\"]\n\
         [profiles.other]\nservice = \"sgp\"\nkey_env = \"OTHER_KEY\"\n",
        home.url(),
        environment.display()
    );
    home.write("config/config.toml", &text);
    let mut command = home.command(&["show", LAMP, "--no-cache", "--profile", "work"]);
    command.env("PATH", "/usr/bin:/bin").env("HARMLESS", "yes");
    for name in ["SGP_API_KEY", "EGP_API_KEY", "CAMEL_API_KEY", "OTHER_KEY"] {
        command.env(name, CANARY);
    }
    RunResult::from_output(command.output().unwrap()).assert_ok();
    let environment = std::fs::read_to_string(environment).unwrap();
    assert!(environment.contains("HARMLESS") && !environment.contains(CANARY), "{environment}");
}

#[test]
fn plain_mode_lists_and_switches_profiles() {
    let home = Home::with_demo();
    let text = format!(
        "[profiles.gone]\nservice = \"sgp\"\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"OTHER\"\n\
         [profiles.here]\nservice = \"sgp\"\nbase_url = \"{}\"\nkey_env = \"WORK_KEY\"\n",
        home.url()
    );
    home.write("config/config.toml", &text);
    let mut command = home.command(&["--plain", "--no-cache", "--profile", "gone", LAMP]);
    command.env("OTHER", "canary-5c1e9b-other").env("WORK_KEY", CANARY).write_stdin("P\nP her\nP here\nP\n");
    let ran = RunResult::from_output(command.output().unwrap());
    let (before, after) = ran.out.split_once("did you mean here?").unwrap();
    assert!(before.contains("Could not open the thread") && !before.contains("lamp order 4471"), "{ran:?}");
    assert!(
        before.contains("Profile gone: sgp at http://127.0.0.1:1, key: the variable OTHER, in use."),
        "{ran:?}"
    );
    assert!(
        after.contains("lamp order 4471") && after.contains("key: the variable WORK_KEY, in use."),
        "{ran:?}"
    );
    assert!(!ran.out.contains(CANARY) && !ran.err.contains(CANARY), "{ran:?}");
    let other = Home::new();
    let mut command = other.command(&["--plain"]);
    let ran = RunResult::from_output(command.write_stdin("P\nP here\n").output().unwrap());
    assert!(ran.out.contains("No profiles in config.toml") && ran.out.contains("has none"), "{ran:?}");
}
