//! What helps the shell: completions and man pages, made from the command line's own description.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::print;
use crate::cli::{Cli, CompleteWhat};
use crate::event::Failure;
use crate::runtime::history::{History, Place};
use crate::runtime::script::{self, trouble};
use crate::runtime::settings::Settings;

const NAME: &str = "unspool";

/// Names that the shells ask the program for, added to what is made: profiles, and threads opened before.
const BASH: &str = r#"
_unspool_more() {
    local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"
    if [[ "$prev" == --profile ]]; then
        COMPREPLY=($(compgen -W "$(unspool complete profiles 2>/dev/null)" -- "$cur"))
        return
    fi
    _unspool "$@"
    if [[ -n "$cur" && "$cur" != -* ]]; then
        COMPREPLY+=($(compgen -W "$(unspool complete threads 2>/dev/null)" -- "$cur"))
    fi
}
complete -F _unspool_more -o nosort -o bashdefault -o default unspool 2>/dev/null || complete -F _unspool_more -o bashdefault -o default unspool
"#;
const ZSH: &str = r#"
_unspool_profiles() { local -a names; names=(${(f)"$(unspool complete profiles 2>/dev/null)"}); compadd -a names }
_unspool_threads() { local -a names; names=(${(f)"$(unspool complete threads 2>/dev/null)"}); compadd -a names; _files }
"#;
const FISH: &str = r#"
complete -c unspool -l profile -x -a "(unspool complete profiles 2>/dev/null)"
complete -c unspool -a "(unspool complete threads 2>/dev/null)"
"#;

/// The completions of a shell.
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), NAME, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => script + BASH,
        Shell::Fish => script + FISH,
        Shell::Zsh => zsh(&script),
        _ => script,
    }
}

/// The functions have to be there before the last lines, which run the completion at once.
fn zsh(script: &str) -> String {
    let script = script.replace(":NAME:_default", ":NAME:_unspool_profiles");
    let threads: String = script
        .lines()
        .map(|line| if line.starts_with("'::thread --") || line.starts_with("':thread --") { line.replace(":_default'", ":_unspool_threads'") } else { line.to_owned() } + "\n")
        .collect();
    match threads.find("\nif [ \"$funcstack[1]\"") {
        Some(at) => {
            let (before, after) = threads.split_at(at);
            format!("{before}\n{ZSH}{after}")
        }
        None => threads + ZSH,
    }
}

/// Writes the completions of a shell.
pub fn write_completions(shell: Shell) -> u8 {
    print(&completions(shell))
}

/// Names for the shell to offer, a line each; silent about anything that is wrong.
pub fn complete(what: CompleteWhat) -> u8 {
    let settings = Settings::load();
    let names: BTreeSet<String> = match what {
        CompleteWhat::Profiles => settings.config.profiles.keys().cloned().collect(),
        CompleteWhat::Threads => {
            let visits = settings.folders.map(|folders| History::at(&folders.state).load());
            visits.into_iter().flatten().filter_map(|visit| id(visit.place)).collect()
        }
    };
    let plain = |name: &&String| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    print(&names.iter().filter(plain).map(|name| format!("{name}\n")).collect::<String>())
}

/// Without the service: shells break words at colons.
fn id(place: Place) -> Option<String> {
    match place {
        Place::Service { id, .. } => Some(id),
        Place::File(_) => None,
    }
}

/// Writes the man page of the program, or those of all its commands into a folder.
pub fn man(folder: Option<&Path>) -> u8 {
    pages(folder).unwrap_or_else(|failure| script::tell(&failure, None))
}

fn pages(folder: Option<&Path>) -> Result<u8, Failure> {
    let failed =
        |error: std::io::Error| trouble(format!("the man pages could not be written: {error}"), "", 1);
    let command = Cli::command();
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(command, folder).map_err(failed)?;
            Ok(0)
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page).map_err(failed)?;
            Ok(print(&String::from_utf8_lossy(&page)))
        }
    }
}
