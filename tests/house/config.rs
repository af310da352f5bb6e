//! The configuration as a user meets it: `unspool config`, what a broken one does, and profiles with their keys.

use crate::home::{CANARY, Home, Ran};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

#[test]
fn without_a_file_everything_is_a_default_and_the_paths_are_told() {
    let home = Home::new();
    let out = home.run(&["config"]).ok().out;
    assert!(out.contains("config.toml (not there)") && out.contains("network.max_body"), "{out}");
    assert!(out.contains("sgp.base_url") && out.contains("https://api.egp.scale.com"), "{out}");
    let path = home.run(&["config", "path"]).ok().out;
    assert_eq!(path.trim_end(), home.path("config/config.toml").to_str().unwrap());
    assert!(!home.path("config").exists(), "asking made a folder");
}

#[test]
fn the_sample_is_printed_and_can_be_used_as_it_is() {
    let home = Home::new();
    let sample = home.run(&["config", "sample"]).ok().out;
    home.write("config/config.toml", &sample);
    home.run(&["config"]).ok();
}

#[test]
fn what_is_in_effect_says_where_it_comes_from_and_never_a_key() {
    let home = Home::new();
    let text = "theme = \"dark\"\nprofile = [\"work\"]\n[profiles.work]\nservice = \"sgp\"\nkey_command = [\"pass\", \"canary-5c1e9b\"]\n";
    home.write("config/config.toml", text);
    let mut command = home.command(&["config", "--base-url", "https://user.example/v"]);
    command.env("CAMEL_API_KEY", CANARY).env("NO_COLOR", "1");
    let out = Ran::of(command.output().unwrap()).ok().out;
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
fn a_broken_file_ends_scripts_with_every_mistake_and_plain_goes_on_with_the_defaults() {
    let home = Home::with_demo();
    home.write("config/config.toml", "thmee = \"dark\"\nmouse = 3\n");
    for args in [&["config"][..], &["show", LAMP], &["export", LAMP, "--format", "csv"], &["cache", "list"]] {
        let ran = home.fetch(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        for told in ["line 1: there is no setting `thmee`; did you mean `theme`?", "line 2: `mouse`"] {
            assert!(ran.err.contains(told), "{args:?}: {}", ran.err);
        }
    }
    home.run(&["config", "path"]).ok();
    home.run(&["config", "sample"]).ok();
    let ran = home.fetch(&["--plain", LAMP]);
    assert!(ran.code == 0 && ran.err.contains("thmee") && ran.out.contains("Lamp order"), "{ran:?}");
    let ran = home.fetch(&["--plain", LAMP, "--profile", "work"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn a_wrong_zone_or_pattern_is_told_with_its_line() {
    let home = Home::new();
    home.write("config/config.toml", "[time]\nzone = \"Europe/Vieena\"\n[redact.patterns]\nbad = \"(\"\n");
    let ran = home.run(&["config"]);
    assert!(
        ran.err.contains("line 2: no time zone is called") && ran.err.contains("line 4: the pattern bad"),
        "{ran:?}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("config/config.toml")).unwrap();
    let ran = home.run(&["config"]);
    assert!(ran.code == 2 && ran.err.contains("cannot be read"), "{ran:?}");
}

#[test]
fn a_profile_brings_its_place_and_its_key() {
    let home = Home::with_demo();
    let profile = |key: &str| {
        let text = format!("[profiles.work]\nservice = \"sgp\"\nbase_url = \"{}\"\n{key}\n", home.url());
        home.write("config/config.toml", &text);
    };
    let show = |args: &[&str]| home.run(&[&["show", LAMP, "--no-cache"], args].concat());
    profile(&format!("key_command = [\"printf\", \"{CANARY}\"]"));
    show(&["--profile", "work"]).ok();
    home.write("config/work.key", CANARY);
    profile("key_file = \"work.key\"");
    show(&["--profile", "work"]).ok();
    profile("key_env = \"WORK_KEY\"");
    let ran = show(&["--profile", "work"]);
    assert!(ran.code == 4 && ran.err.contains("the variable WORK_KEY is not set"), "{ran:?}");
    let mut command = home.command(&["show", LAMP, "--no-cache", "--profile", "work"]);
    Ran::of(command.env("WORK_KEY", CANARY).output().unwrap()).ok();
    let ran = show(&["--profile", "wrok"]);
    assert!(ran.code == 2 && ran.err.contains("Did you mean work?"), "{ran:?}");
    profile("key_command = [\"false\"]");
    let ran = show(&["--profile", "work"]);
    assert!(ran.code == 4 && ran.err.contains("key_command \"false\" ended with exit code 1"), "{ran:?}");
}

#[test]
fn the_network_and_the_cache_obey_the_file() {
    let home = Home::with_demo();
    home.write("config/config.toml", "[network]\nmax_body = \"1 kB\"\n[cache]\nenabled = false\n");
    let ran = home.fetch(&["show", LAMP]);
    assert!(ran.code != 0 && ran.err.contains("larger than 1,000 bytes"), "{ran:?}");
    home.write("config/config.toml", "[cache]\nenabled = false\n");
    home.fetch(&["show", LAMP]).ok();
    assert!(!home.path("cache").exists());
}

#[test]
fn exports_are_masked_by_the_file_alone() {
    let home = Home::with_demo();
    home.write("config/config.toml", "[redact]\nalways = true\n[redact.patterns]\nlamp = \"(?i)lamp\"\n");
    let ran = home.fetch(&["export", LAMP, "--format", "markdown"]).ok();
    assert!(ran.out.contains("[lamp-1]") && !ran.out.to_lowercase().contains("the lamp"), "{}", ran.err);
}

#[test]
fn a_program_that_gives_a_key_sees_none_of_the_others() {
    let home = Home::with_demo();
    let seen = home.path("seen");
    let text = format!(
        "[profiles.work]\nservice = \"sgp\"\nbase_url = \"{}\"\nkey_command = [\"sh\", \"-c\", \"env > {}; echo key\"]\n\
         [profiles.other]\nservice = \"sgp\"\nkey_env = \"OTHER_KEY\"\n",
        home.url(),
        seen.display()
    );
    home.write("config/config.toml", &text);
    let mut command = home.command(&["show", LAMP, "--no-cache", "--profile", "work"]);
    command.env("PATH", "/usr/bin:/bin").env("HARMLESS", "yes");
    for name in ["SGP_API_KEY", "EGP_API_KEY", "CAMEL_API_KEY", "OTHER_KEY"] {
        command.env(name, CANARY);
    }
    Ran::of(command.output().unwrap()).ok();
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.contains("HARMLESS") && !seen.contains(CANARY), "{seen}");
}

#[test]
fn the_plain_mode_lists_profiles_and_chooses_one() {
    let home = Home::with_demo();
    let text = format!(
        "[profiles.gone]\nservice = \"sgp\"\nbase_url = \"http://127.0.0.1:1\"\nkey_env = \"OTHER\"\n\
         [profiles.here]\nservice = \"sgp\"\nbase_url = \"{}\"\nkey_env = \"WORK_KEY\"\n",
        home.url()
    );
    home.write("config/config.toml", &text);
    let mut command = home.command(&["--plain", "--no-cache", "--profile", "gone", LAMP]);
    command.env("OTHER", "canary-5c1e9b-other").env("WORK_KEY", CANARY).write_stdin("P\nP her\nP here\nP\n");
    let ran = Ran::of(command.output().unwrap());
    let (before, after) = ran.out.split_once("did you mean here?").unwrap();
    assert!(before.contains("Could not open it") && !before.contains("Lamp order"), "{ran:?}");
    assert!(
        before.contains("Profile gone: sgp at http://127.0.0.1:1, key: the variable OTHER, in use."),
        "{ran:?}"
    );
    assert!(after.contains("Lamp order") && after.contains("key: the variable WORK_KEY, in use."), "{ran:?}");
    assert!(!ran.out.contains(CANARY) && !ran.err.contains(CANARY), "{ran:?}");
    let other = Home::new();
    let mut command = other.command(&["--plain"]);
    let ran = Ran::of(command.write_stdin("P\nP here\n").output().unwrap());
    assert!(
        ran.out.contains("There are no profiles in config.toml") && ran.out.contains("has none"),
        "{ran:?}"
    );
}
