//! Completions, man pages, the version.

use std::fs;
use std::process::Command as Process;

use clap::{Command, CommandFactory};
use unspool::cli::Cli;

use crate::home::Home;

/// Every subcommand, and every flag of it, that is not hidden.
fn names(command: &Command, found: &mut Vec<(String, Vec<String>)>) {
    let flags = command.get_arguments().filter(|flag| !flag.is_hide_set()).filter_map(|flag| flag.get_long());
    found.push((command.get_name().to_owned(), flags.map(|flag| format!("--{flag}")).collect()));
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        names(subcommand, found);
    }
}

fn all() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    names(&Cli::command(), &mut found);
    assert!(found.len() > 15, "{found:?}");
    found
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn completions_of_every_shell_name_every_command_and_flag() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = home.run(&["completions", shell]).ok().out;
        for (name, flags) in all() {
            assert!(script.contains(&name), "{shell}: {name}");
            for flag in flags {
                let bare = flag.trim_start_matches('-');
                assert!(
                    script.contains(&flag) || script.contains(&format!("-l {bare}")),
                    "{shell}: {name} {flag}"
                );
            }
        }
    }
}

#[test]
fn shells_that_are_here_can_read_their_completions() {
    let home = Home::new();
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let path = home.write(shell, &home.run(&["completions", shell]).ok().out);
        let Ok(output) = Process::new(shell).arg(check).arg(&path).output() else { continue };
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn zsh_asks_the_program_for_profiles_and_threads() {
    let script = Home::new().run(&["completions", "zsh"]).ok().out;
    assert!(script.contains(":NAME:_unspool_profiles") && script.contains(":_unspool_threads'"));
    assert!(
        script.contains("\":: :_unspool_first\"") && script.contains("case $line[1] in"),
        "commands come first"
    );
    assert!(!script.contains("$line[2]"));
    let (defined, run) =
        (script.find("_unspool_profiles()").unwrap(), script.find("if [ \"$funcstack[1]\"").unwrap());
    assert!(defined < run);
}

#[test]
fn every_shell_asks_the_program_for_profiles_and_threads_where_it_uses_them() {
    let home = Home::new();
    for (shell, end) in [
        ("bash", ""),
        ("zsh", "if [ \"$funcstack[1]\""),
        ("fish", ""),
        ("powershell", "$completions.Where{"),
        ("elvish", "\n}\n"),
    ] {
        let script = home.run(&["completions", shell]).ok().out;
        for what in ["profiles", "threads"] {
            let asks = script.find(&format!("unspool complete {what}")).unwrap();
            assert!(end.is_empty() || asks < script.rfind(end).unwrap(), "{shell}: {what}");
        }
    }
}

#[test]
fn bash_offers_profiles_and_threads_opened_before() {
    let home = Home::new();
    home.write(
        "config/config.toml",
        "[profiles.work]\nservice = \"sgp\"\n[profiles.home]\nservice = \"camelai\"\n",
    );
    let lines = "{\"service\":\"sgp\",\"id\":\"lamp-1\",\"opened\":1}\n{\"service\":\"sgp\",\"id\":\"$(reboot)\",\"opened\":2}\n";
    home.write("state/history.jsonl", lines);
    assert_eq!(home.run(&["complete", "profiles"]).ok().out, "home\nwork\n");
    assert_eq!(home.run(&["complete", "threads"]).ok().out, "lamp-1\n", "only what no shell reads otherwise");
    let script = home.write("unspool.bash", &home.run(&["completions", "bash"]).ok().out);
    let program = assert_cmd::cargo::cargo_bin("unspool");
    let ask = format!(
        "PATH={}:$PATH; source {}; COMP_WORDS=(unspool --profile w); COMP_CWORD=2; _unspool_more unspool w --profile; echo \"${{COMPREPLY[@]}}\"",
        program.parent().unwrap().display(),
        script.display()
    );
    let Ok(output) = Process::new("bash").arg("-c").arg(ask).env("UNSPOOL_HOME", home.path("")).output()
    else {
        return;
    };
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "work\n");
}

#[test]
fn man_pages_name_every_command_and_flag() {
    let home = Home::new();
    home.run(&["man", "--dir", home.path("man").to_str().unwrap()]).ok();
    let pages =
        fs::read_dir(home.path("man")).unwrap().map(|page| fs::read_to_string(page.unwrap().path()).unwrap());
    let pages: Vec<String> = pages.map(|page| page.replace("\\-", "-")).collect();
    for (name, flags) in all() {
        assert!(pages.iter().any(|page| page.contains(&name)), "{name}");
        for flag in flags {
            assert!(pages.iter().any(|page| page.contains(&flag)), "{name} {flag}");
        }
    }
    let main = home.run(&["man"]).ok().out;
    assert!(main.starts_with(".ie") && main.contains("unspool"), "{main}");
}

#[test]
fn the_version_is_told() {
    let out = Home::new().run(&["--version"]).ok().out;
    assert!(out.starts_with(&format!("unspool {}", env!("CARGO_PKG_VERSION"))), "{out}");
}
