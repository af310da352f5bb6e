//! `unspool login` and `logout`.

use std::os::unix::fs::PermissionsExt;

use crate::home::{CANARY, Home, RunResult};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn login(home: &Home, args: &[&str], typed: &str) -> RunResult {
    let mut command = home.command(&[&["login"], args].concat());
    RunResult::from_output(command.write_stdin(typed).output().unwrap())
}

#[test]
fn a_key_is_stored_privately_used_and_removed() {
    let home = Home::with_demo();
    let show = || home.run(&["show", LAMP, "--no-cache", "--base-url", &home.url()]);
    assert_eq!(show().code, 4);
    login(&home, &["--provider", "sgp"], &format!("{CANARY}\n")).assert_ok();
    let path = home.path("config/keys/sgp.key");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), CANARY);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    show().assert_ok();
    assert!(home.run(&["config"]).assert_ok().out.contains("sgp.key"), "its source is told");
    home.run(&["logout", "--provider", "sgp"]).assert_ok();
    assert!(!path.exists());
    assert!(home.run(&["logout", "--provider", "sgp"]).assert_ok().out.contains("no key"));
    assert_eq!(show().code, 4);
}

#[test]
fn a_profile_has_its_own_key() {
    let home = Home::with_demo();
    let text = format!("[profiles.work]\nservice = \"sgp\"\nbase_url = \"{}\"\n", home.url());
    home.write("config/config.toml", &text);
    login(&home, &["--profile", "work"], CANARY).assert_ok();
    home.run(&["show", LAMP, "--no-cache", "--profile", "work"]).assert_ok();
    assert_eq!(home.run(&["show", LAMP, "--no-cache", "--base-url", &home.url()]).code, 4);
    assert_eq!(login(&home, &["--profile", "wrok"], CANARY).code, 2);
}

#[test]
fn invalid_keys_are_not_stored() {
    let home = Home::new();
    for typed in ["", "\n", "two\nlines", "gl\u{fc}ck"] {
        assert_eq!(login(&home, &["--provider", "sgp"], typed).code, 2, "{typed:?}");
    }
    assert_eq!(login(&home, &[], CANARY).code, 2);
    assert!(!home.path("config/keys").exists());
}

#[test]
fn a_key_file_readable_by_others_is_rejected_with_a_hint() {
    let home = Home::with_demo();
    login(&home, &["--provider", "sgp"], CANARY).assert_ok();
    let path = home.path("config/keys/sgp.key");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = home.run(&["show", LAMP, "--base-url", &home.url()]);
    assert!(ran.code == 4 && ran.err.contains("chmod 600"), "{ran:?}");
}
