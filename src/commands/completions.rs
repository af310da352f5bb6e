//! Shell completions, generated from the command-line definition.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};

use crate::app_loop::library_search::saved_searches;
use crate::cli::{Cli, CompletionKind};
use crate::commands::maintenance::print;
use crate::domain::ExitCode;
use crate::settings::Settings;
use crate::storage::history::{History, ThreadLocation};

const BINARY_NAME: &str = "unspool";

/// Additions to the generated scripts that complete the names of profiles and saved searches, and the ids of recent
/// threads. `COMMANDS` are the names of all commands, `THREAD_PATHS` the commands that take threads, `VALUE_OPTIONS` the
/// options that take a value.
const BASH_SUFFIX: &str = r#"
_unspool_takes_threads() {
    local path="" word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$word" in COMMANDS) path="${path:+$path }$word" ;; esac
    done
    case "$path" in "" | THREAD_PATHS) return 0 ;; esac
    return 1
}
_unspool_more() {
    local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" word
    if [[ "$prev" == --profile ]]; then
        COMPREPLY=($(compgen -W "$(unspool complete profiles 2>/dev/null)" -- "$cur"))
        return
    fi
    case "$prev" in --saved | --save | --remove-saved)
        if [[ " ${COMP_WORDS[*]} " == *" search "* ]]; then
            COMPREPLY=($(compgen -W "$(unspool complete searches 2>/dev/null)" -- "$cur"))
            return
        fi ;;
    esac
    _unspool "$@"
    case "$prev" in VALUE_OPTIONS) return ;; esac
    [[ "$cur" == -* ]] && return
    local -a found=()
    for word in "${COMPREPLY[@]}"; do
        [[ "$word" == -* ]] || found+=("$word")
    done
    COMPREPLY=("${found[@]}")
    if _unspool_takes_threads; then
        COMPREPLY+=($(compgen -W "$(unspool complete threads 2>/dev/null)" -- "$cur"))
        local IFS=$'\n'
        COMPREPLY+=($(compgen -f -- "$cur"))
    fi
}
complete -F _unspool_more -o nosort -o bashdefault -o default unspool 2>/dev/null || complete -F _unspool_more -o bashdefault -o default unspool
"#;
const ZSH_FUNCTIONS: &str = r#"
_unspool_profiles() { local -a names; names=(${(f)"$(unspool complete profiles 2>/dev/null)"}); compadd -a names }
_unspool_searches() { local -a names; names=(${(f)"$(unspool complete searches 2>/dev/null)"}); compadd -a names }
_unspool_threads() { local -a names; names=(${(f)"$(unspool complete threads 2>/dev/null)"}); compadd -a names; _files }
_unspool_first() { _unspool_commands; _unspool_threads }
"#;
const FISH_SUFFIX: &str = r#"
complete -c unspool -l profile -x -a "(unspool complete profiles 2>/dev/null)"
for option in saved save remove-saved
    complete -c unspool -n "__fish_seen_subcommand_from search" -l $option -x -a "(unspool complete searches 2>/dev/null)"
end
function __fish_unspool_takes_threads
    set -l path
    for word in (commandline -opc)[2..]
        string match -qr '^(COMMANDS)$' -- $word; and set -a path $word
    end
    string match -qr '^(|THREAD_PATHS)$' -- "$path"
end
complete -c unspool -n __fish_unspool_takes_threads -a "(unspool complete threads 2>/dev/null)"
"#;

/// The end of the call that parses the words so far. It fails if the last word is an option without its value, which is the
/// case when that value is completed; then the words before it are parsed.
const FISH_PARSE_END: &str = "-- $cmd 2>/dev/null\n    or return\n";
const FISH_RETRY: &str = "-- $cmd 2>/dev/null
    or begin
        set -e cmd[-1]
        argparse -s (__fish_unspool_global_optspecs) -- $cmd 2>/dev/null
    end
    or return
";

const POWERSHELL_CANDIDATES: &str = r#"
    $words = @($commandElements | ForEach-Object { "$_" })
    $before = if ($wordToComplete) { $words.Count - 2 } else { $words.Count - 1 }
    if ($before -ge 1 -and $words[$before] -eq '--profile') {
        $completions = @(unspool complete profiles 2>$null | ForEach-Object {
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, 'profile')
        })
    } elseif ($before -ge 2 -and $words -contains 'search' -and $words[$before] -in '--saved', '--save', '--remove-saved') {
        $completions = @(unspool complete searches 2>$null | ForEach-Object {
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, 'search')
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
    } elif (and (has-value $words search) (has-value [--saved --save --remove-saved] $words[-2])) {
        e:unspool complete searches 2>/dev/null | from-lines | each {|name| cand $name 'search' }
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
        Shell::Bash => script + &fill_in(BASH_SUFFIX, " | "),
        Shell::Fish => script.replace(FISH_PARSE_END, FISH_RETRY) + &fill_in(FISH_SUFFIX, "|"),
        Shell::Zsh => patch_zsh_script(&script),
        Shell::PowerShell => insert_before(&script, "\n    $completions.Where{", POWERSHELL_CANDIDATES),
        Shell::Elvish => script.replace("\n    $completions[$command]\n", ELVISH_CANDIDATES),
        _ => script,
    }
}

/// The names for the placeholders of an addition.
#[derive(Default)]
struct Names {
    commands: BTreeSet<String>,
    thread_paths: BTreeSet<String>,
    value_options: BTreeSet<String>,
}

impl Names {
    /// Adds the names of the command with this path, and of its subcommands.
    fn add(&mut self, command: &Command, path: &str) {
        for argument in command.get_arguments() {
            if matches!(argument.get_id().as_str(), "thread" | "threads") && !path.is_empty() {
                self.thread_paths.insert(path.to_owned());
            }
            if argument.get_action().takes_values() {
                self.value_options.extend(argument.get_long().map(|long| format!("--{long}")));
                self.value_options.extend(argument.get_short().map(|short| format!("-{short}")));
            }
        }
        for one in command.get_subcommands() {
            self.commands.insert(one.get_name().to_owned());
            self.add(one, format!("{path} {}", one.get_name()).trim_start());
        }
    }
}

/// Replaces the placeholders of an addition by names with the separator between them. In a list of shell patterns, which has
/// spaces around its separators, names with spaces are quoted.
fn fill_in(addition: &str, separator: &str) -> String {
    let mut names = Names::default();
    names.add(&Cli::command(), "");
    let quote = |name: &String| {
        if separator.contains(' ') && name.contains(' ') { format!("\"{name}\"") } else { name.clone() }
    };
    let join = |names: &BTreeSet<String>| names.iter().map(quote).collect::<Vec<_>>().join(separator);
    addition
        .replace("COMMANDS", &join(&names.commands))
        .replace("THREAD_PATHS", &join(&names.thread_paths))
        .replace("VALUE_OPTIONS", &join(&names.value_options))
}

/// Adds the zsh functions before the last lines, which run the completion at once. The first argument may be a thread or
/// a command; the generated script would complete a command only after a thread.
fn patch_zsh_script(script: &str) -> String {
    let script = script.replace(":NAME:_default", ":NAME:_unspool_profiles");
    let script =
        script.replace(":SEARCH:_default", ":SEARCH:_unspool_searches").replace("$line[2]", "$line[1]");
    let mut patched = String::new();
    for line in script.lines() {
        let argument = line.trim_start_matches(['\'', '*', ':']);
        match (argument.starts_with("thread --") || argument.starts_with("threads --"), line) {
            (true, _) if line.starts_with("'::thread --") && !patched.contains("_unspool_first") => {
                patched.push_str("\":: :_unspool_first\" \\\n");
            }
            (false, "\":: :_unspool_commands\" \\") => {}
            // With two colons, options after the first thread would not be completed.
            (true, _) => {
                let line = line.replace(":_default'", ":_unspool_threads'").replace("'*::", "'*:");
                patched.push_str(&(line + "\n"));
            }
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
        CompletionKind::Searches => {
            let searches = settings.library().map(|location| saved_searches(&location));
            searches.into_iter().flatten().flatten().map(|search| search.name).collect()
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
