//! Shell completions and man pages, generated from the command-line definition.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::cli::{Cli, CompletionKind};
use crate::commands::maintenance::print;
use crate::commands::runner;
use crate::domain::{ExitCode, UserError};
use crate::settings::Settings;
use crate::storage::history::{History, ThreadLocation};

const BINARY_NAME: &str = "unspool";

/// Additions to the generated scripts that complete the names of profiles and of threads opened before.
const BASH_SUFFIX: &str = r#"
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
const ZSH_FUNCTIONS: &str = r#"
_unspool_profiles() { local -a names; names=(${(f)"$(unspool complete profiles 2>/dev/null)"}); compadd -a names }
_unspool_threads() { local -a names; names=(${(f)"$(unspool complete threads 2>/dev/null)"}); compadd -a names; _files }
_unspool_first() { _unspool_commands; _unspool_threads }
"#;
const FISH_SUFFIX: &str = r#"
complete -c unspool -l profile -x -a "(unspool complete profiles 2>/dev/null)"
complete -c unspool -a "(unspool complete threads 2>/dev/null)"
"#;

const POWERSHELL_CANDIDATES: &str = r#"
    $words = @($commandElements | ForEach-Object { "$_" })
    $before = if ($wordToComplete) { $words.Count - 2 } else { $words.Count - 1 }
    if ($before -ge 1 -and $words[$before] -eq '--profile') {
        $completions = @(unspool complete profiles 2>$null | ForEach-Object {
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, 'profile')
        })
    } elseif (-not "$wordToComplete".StartsWith('-')) {
        $completions += @(unspool complete threads 2>$null | ForEach-Object {
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, 'thread')
        })
    }
"#;
const ELVISH_CANDIDATES: &str = r#"
    if (and (> (count $words) 2) (eq $words[-2] --profile)) {
        e:unspool complete profiles 2>/dev/null | from-lines | each {|name| cand $name 'profile' }
    } else {
        if (has-key $completions $command) {
            $completions[$command]
        }
        if (not (str:has-prefix $words[-1] '-')) {
            e:unspool complete threads 2>/dev/null | from-lines | each {|name| cand $name 'thread' }
        }
    }
"#;

/// Generates the completion script of a shell.
pub fn completion_script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), BINARY_NAME, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => script + BASH_SUFFIX,
        Shell::Fish => script + FISH_SUFFIX,
        Shell::Zsh => patch_zsh_script(&script),
        Shell::PowerShell => insert_before(&script, "\n    $completions.Where{", POWERSHELL_CANDIDATES),
        Shell::Elvish => script.replace("\n    $completions[$command]\n", ELVISH_CANDIDATES),
        _ => script,
    }
}

/// Adds the zsh functions before the last lines, which run the completion at once. The first argument may be a thread or
/// a command; the generated script would complete a command only after a thread.
fn patch_zsh_script(script: &str) -> String {
    let script = script.replace(":NAME:_default", ":NAME:_unspool_profiles").replace("$line[2]", "$line[1]");
    let mut patched = String::new();
    for line in script.lines() {
        let argument = line.trim_start_matches(['\'', '*', ':']);
        match (argument.starts_with("thread --") || argument.starts_with("threads --"), line) {
            (true, _) if line.starts_with("'::thread --") && !patched.contains("_unspool_first") => {
                patched.push_str("\":: :_unspool_first\" \\\n");
            }
            (false, "\":: :_unspool_commands\" \\") => {}
            (true, _) => patched.push_str(&(line.replace(":_default'", ":_unspool_threads'") + "\n")),
            (false, _) => patched.push_str(&(line.to_owned() + "\n")),
        }
    }
    insert_before(&patched, "\nif [ \"$funcstack[1]\"", ZSH_FUNCTIONS)
}

/// Inserts an addition before a marker, or at the end if there is no marker.
fn insert_before(script: &str, marker: &str, addition: &str) -> String {
    let (start, end) = script.split_at(script.find(marker).unwrap_or(script.len()));
    format!("{start}\n{addition}{end}")
}

/// Prints the completion script of a shell.
pub fn write_completions(shell: Shell) -> ExitCode {
    print(&completion_script(shell))
}

/// Prints the names that a shell can complete, one per line; ignores all errors.
pub fn print_candidates(what: CompletionKind) -> ExitCode {
    let settings = Settings::load();
    let names: BTreeSet<String> = match what {
        CompletionKind::Profiles => settings.config.profiles.keys().cloned().collect(),
        CompletionKind::Threads => {
            let visits = settings.folders.map(|folders| History::in_folder(&folders.state).load());
            visits.into_iter().flatten().filter_map(|visit| thread_id(visit.location)).collect()
        }
    };
    let is_safe = |name: &&String| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    print(&names.iter().filter(is_safe).map(|name| format!("{name}\n")).collect::<String>())
}

/// Returns the id without the service, because shells break words at colons.
fn thread_id(location: ThreadLocation) -> Option<String> {
    match location {
        ThreadLocation::Service { id, .. } => Some(id),
        ThreadLocation::File(_) => None,
    }
}

/// Prints the main man page, or writes those of all commands to a folder.
pub fn write_man_pages(folder: Option<&Path>) -> ExitCode {
    generate_man_pages(folder).unwrap_or_else(|error| runner::print_error(&error, None))
}

fn generate_man_pages(folder: Option<&Path>) -> Result<ExitCode, UserError> {
    let target = folder.map(|folder| format!(" to {}", folder.display())).unwrap_or_default();
    let failed = |error: std::io::Error| {
        UserError::new(
            format!("cannot write the man pages{target}: {error}"),
            "Pass another folder with --dir.",
            ExitCode::Failure,
        )
    };
    let command = Cli::command();
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(command, folder).map_err(failed)?;
            Ok(ExitCode::Success)
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page).map_err(failed)?;
            Ok(print(&String::from_utf8_lossy(&page)))
        }
    }
}
