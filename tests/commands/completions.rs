//! Shell completions, man pages, the version.

use std::fs;
use std::process::Command as Process;

use clap::{Command, CommandFactory};
use unspool::testing::cli::Cli;
use unspool::testing::library::Library;

use crate::home::Home;

/// Collects every subcommand and flag that is not hidden.
fn collect_commands(command: &Command, commands: &mut Vec<(String, Vec<String>)>) {
    let flags = command.get_arguments().filter(|flag| !flag.is_hide_set()).filter_map(|flag| flag.get_long());
    commands.push((command.get_name().to_owned(), flags.map(|flag| format!("--{flag}")).collect()));
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        collect_commands(subcommand, commands);
    }
}

fn all_commands() -> Vec<(String, Vec<String>)> {
    let mut commands = Vec::new();
    collect_commands(&Cli::command(), &mut commands);
    assert!(commands.len() > 15, "{commands:?}");
    commands
}

#[test]
fn clap_definition_is_valid() {
    Cli::command().debug_assert();
}

#[test]
fn completions_of_every_shell_contain_every_command_and_flag() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = home.run(&["completions", shell]).assert_ok().out;
        for (name, flags) in all_commands() {
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
fn installed_shells_can_parse_their_completions() {
    let home = Home::new();
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let path = home.write(shell, &home.run(&["completions", shell]).assert_ok().out);
        let Ok(output) = Process::new(shell).arg(check).arg(&path).output() else { continue };
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn zsh_completes_profiles_and_threads() {
    let script = Home::new().run(&["completions", "zsh"]).assert_ok().out;
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
fn every_shell_completes_profiles_and_threads() {
    let home = Home::new();
    for (shell, end) in [
        ("bash", ""),
        ("zsh", "if [ \"$funcstack[1]\""),
        ("fish", ""),
        ("powershell", "$completions.Where{"),
        ("elvish", "\n}\n"),
    ] {
        let script = home.run(&["completions", shell]).assert_ok().out;
        assert!(shell != "bash" || !script.contains("@("), "bash 3.2 of macOS has no extended patterns");
        for kind in ["profiles", "threads", "searches"] {
            let call = script.find(&format!("unspool complete {kind}")).unwrap();
            assert!(end.is_empty() || call < script.rfind(end).unwrap(), "{shell}: {kind}");
        }
    }
}

#[test]
fn bash_completes_profiles_and_recent_threads() {
    let home = Home::new();
    home.write(
        "config/config.toml",
        "[profiles.work]\nservice = \"sgp\"\n[profiles.home]\nservice = \"camelai\"\n",
    );
    let lines = "{\"service\":\"sgp\",\"id\":\"lamp-1\",\"opened\":1}\n{\"service\":\"sgp\",\"id\":\"$(reboot)\",\"opened\":2}\n";
    home.write("state/history.jsonl", lines);
    assert_eq!(home.run(&["complete", "profiles"]).assert_ok().out, "home\nwork\n");
    assert_eq!(
        home.run(&["complete", "threads"]).assert_ok().out,
        "lamp-1\n",
        "only kind no shell reads otherwise"
    );
    let script = home.write("unspool.bash", &home.run(&["completions", "bash"]).assert_ok().out);
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
fn man_pages_contain_every_command_and_flag() {
    let home = Home::new();
    home.run(&["man", "--dir", home.path("man").to_str().unwrap()]).assert_ok();
    let pages =
        fs::read_dir(home.path("man")).unwrap().map(|page| fs::read_to_string(page.unwrap().path()).unwrap());
    let pages: Vec<String> = pages.map(|page| page.replace("\\-", "-")).collect();
    for (name, flags) in all_commands() {
        assert!(pages.iter().any(|page| page.contains(&name)), "{name}");
        for flag in flags {
            assert!(pages.iter().any(|page| page.contains(&flag)), "{name} {flag}");
        }
    }
    let main = home.run(&["man"]).assert_ok().out;
    assert!(main.starts_with(".ie") && main.contains("unspool"), "{main}");
}

#[test]
fn the_version_is_printed() {
    let out = Home::new().run(&["--version"]).assert_ok().out;
    assert!(out.starts_with(&format!("unspool {}", env!("CARGO_PKG_VERSION"))), "{out}");
}

/// Types a line and a tab into zsh, and writes what it offers to a file: arguments are the folder of the script, the line,
/// the working folder, the file.
const ASK_ZSH: &str = r#"
zmodload zsh/zpty || exit 9
zpty shell zsh -f -i
zpty -w shell "cd $3; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D
compadd() { local -a hits; builtin compadd -A hits \"\$@\"; print -rl -- \$hits >> $4; builtin compadd \"\$@\" }
capture() { _main_complete; exit }
zle -C capture complete-word capture; bindkey '^I' capture"
zpty -w -n shell "$2"$'\t'
while zpty -r shell line; do :; done
"#;

/// Returns the candidates that a shell offers for these words; none without the shell.
fn candidates(home: &Home, shell: &str, words: &[&str]) -> Option<String> {
    if shell == "zsh" {
        return zsh_candidates(home, words);
    }
    let script = home.write(shell, &home.run(&["completions", shell]).assert_ok().out);
    let program = assert_cmd::cargo::cargo_bin("unspool");
    let (script, folder) = (script.display(), program.parent().unwrap().display());
    let ask = match shell {
        "fish" => {
            format!("set -x PATH {folder} $PATH; source {script}; complete -C 'unspool {}'", words.join(" "))
        }
        _ => format!(
            "PATH={folder}:$PATH; source {script}; COMP_WORDS=(unspool {}); COMP_CWORD={}; _unspool_more unspool '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words.len(),
            words.last().unwrap(),
            words.iter().rev().nth(1).unwrap_or(&"unspool"),
        ),
    };
    let mut command = Process::new(shell);
    command.arg("-c").arg(ask).env("UNSPOOL_HOME", home.path("")).env("HOME", home.path(""));
    let output = command.current_dir(home.path("")).output().ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().map(|line| line.split('\t').next().unwrap_or_default());
    Some(names.collect::<Vec<_>>().join(" "))
}

fn zsh_candidates(home: &Home, words: &[&str]) -> Option<String> {
    let script = home.write("functions/_unspool", &home.run(&["completions", "zsh"]).assert_ok().out);
    let (ask, hits) = (home.write("ask.zsh", ASK_ZSH), home.write("offered/hits", ""));
    let program = assert_cmd::cargo::cargo_bin("unspool");
    let mut command = Process::new("zsh");
    command.arg("-f").args([&ask, script.parent().unwrap()]).arg(format!("unspool {}", words.join(" ")));
    command.args([home.path("").as_path(), hits.as_path()]);
    command
        .env("PATH", format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap()));
    let output = command.env("UNSPOOL_HOME", home.path("")).env("HOME", home.path("")).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(fs::read_to_string(hits).unwrap().split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn real_shells_complete_threads_in_place_of_a_thread() {
    let home = Home::new();
    home.write("a-file", "");
    home.write("state/history.jsonl", "{\"service\":\"sgp\",\"id\":\"lamp-1\",\"opened\":1}\n");
    for shell in ["zsh", "fish", "bash"] {
        for (words, offered, not_offered) in [
            (&["show", ""][..], &["lamp-1", "a-file"][..], &["--force", "stats"][..]),
            (&["--profile", "work", "show", "l"], &["lamp-1"], &[]),
            (&["export", "x", ""], &["lamp-1", "a-file"], &[]),
            (&["export", "x", "--format", ""], &["markdown", "chrome"], &["lamp-1"]),
            (&["export", "x", "--payloads", ""], &["failed", "auto"], &["lamp-1"]),
            (&["--tab", ""], &["spans"], &["lamp-1"]),
            (&["cache", ""], &["verify", "clear"], &["lamp-1", "--log"]),
            (&["cache", "clear", ""], &["lamp-1"], &[]),
            (&["config", ""], &["sample"], &["lamp-1"]),
            (&["completions", ""], &["fish"], &["lamp-1"]),
            (&["show", "--fo"], &["--format"], &["lamp-1"]),
        ] {
            let Some(names) = candidates(&home, shell, words) else { break };
            let has = |name: &&&str| names.split(' ').any(|one| one == **name);
            assert!(offered.iter().all(|name| has(&name)), "{shell} {words:?}: {names}");
            assert_eq!(not_offered.iter().find(has), None, "{shell} {words:?}: {names}");
        }
    }
}

#[test]
fn values_of_options_are_completed_in_the_real_shells_and_never_as_files() {
    let home = Home::new();
    home.write("a-file", "");
    home.write("config/config.toml", "[profiles.work]\nservice = \"sgp\"\n");
    drop(
        Library::open(&home.path("data/library")).unwrap().save_search("wrong-answers", Some("is:negative")),
    );
    for shell in ["zsh", "fish", "bash"] {
        for (words, value) in [
            (&["--tab", ""][..], "spans"),
            (&["--provider", ""], "camelai"),
            (&["--log", ""], "debug"),
            (&["--profile", ""], "work"),
            (&["show", "x", "--provider", ""], "camelai"),
            (&["show", "--format", ""], "raw"),
            (&["--profile", "work", "show", "--format", ""], "raw"),
            (&["sta"], "stats"),
            (&["search", "--saved", ""], "wrong-answers"),
            (&["search", "--format", "ids", "--remove-saved", ""], "wrong-answers"),
        ] {
            let Some(names) = candidates(&home, shell, words) else { break };
            assert!(names.split(' ').any(|name| name == value), "{shell} {words:?}: {names}");
            assert!(!names.contains("a-file"), "{shell} {words:?}: {names}");
        }
        let Some(names) = candidates(&home, shell, &["com"]) else { continue };
        assert_eq!(names, "completions", "{shell} offers a hidden command");
    }
}
