//! Other programs: the pager, the editor, and shell commands that the user types. None of them gets our keys.

use std::env;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::credentials::api_key;
use crate::effect::ExternalProgram;
use crate::event::CommandOutput;
use crate::platform;
use crate::text::Safe;
use crate::view::Clip;

/// Bytes of a command's output that are kept.
const MAX_OUTPUT_BYTES: u64 = 16 << 20;

/// Takes the variables that hold keys out of a child's environment.
pub fn remove_api_keys(command: &mut Command) {
    for name in api_key::secret_variables() {
        command.env_remove(name);
    }
}

/// Runs a program that has the terminal for itself.
///
/// # Errors
/// A sentence that says what went wrong.
pub fn run_in_terminal(hand_over: ExternalProgram) -> Result<(), String> {
    match hand_over {
        ExternalProgram::Pager(taken) => run_pager(&taken),
        ExternalProgram::Editor(taken) => run_editor(&taken),
    }
}

/// The user's program for a job, as words.
fn program_from_environment(variables: &[&str], fallback: &str) -> Vec<String> {
    let value =
        variables.iter().find_map(|name| env::var(name).ok().filter(|value| !value.trim().is_empty()));
    split_command_line(value.as_deref().unwrap_or(fallback))
}

/// Shells split it like this, too; but the path of a program may have blanks in it, with and without quotes.
fn split_command_line(value: &str) -> Vec<String> {
    let value = value.trim();
    if Path::new(value).is_file() {
        return vec![value.to_owned()];
    }
    let quoted = value.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let (program, rest) = quoted.map_or((None, value), |(program, rest)| (Some(program), rest));
    program.into_iter().chain(rest.split_whitespace()).map(str::to_owned).collect()
}

fn build_command(words: &[String]) -> Result<Command, String> {
    let (program, arguments) = words.split_first().ok_or("no program is set")?;
    let mut command = Command::new(program);
    command.args(arguments);
    remove_api_keys(&mut command);
    Ok(command)
}

fn run_pager(taken: &Clip) -> Result<(), String> {
    let words = program_from_environment(&["PAGER"], platform::PAGER);
    let name = words.first().cloned().unwrap_or_default();
    let mut command = build_command(&words)?;
    let mut running = command
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} could not be started: {error}"))?;
    if let Some(mut input) = running.stdin.take() {
        // A pager that is left early closes its end; that is no trouble.
        let _ = input.write_all(Safe::text(&taken.text).as_str().as_bytes());
    }
    let status = running.wait().map_err(|error| format!("{name} was lost: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

/// The file is private and is removed after; what is changed in it is lost, as nothing is ever written back.
fn run_editor(taken: &Clip) -> Result<(), String> {
    let words = program_from_environment(&["VISUAL", "EDITOR"], platform::EDITOR);
    let name = words.first().cloned().unwrap_or_default();
    let looks_like_json = taken.text.starts_with(['{', '[']);
    let mut file = tempfile::Builder::new()
        .prefix("unspool-")
        .suffix(if looks_like_json { ".json" } else { ".txt" })
        .tempfile()
        .map_err(|error| format!("no temporary file could be made: {error}"))?;
    file.write_all(taken.text.as_bytes()).and_then(|()| file.flush()).map_err(|error| error.to_string())?;
    let mut command = build_command(&words)?;
    let status =
        command.arg(file.path()).status().map_err(|error| format!("{name} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

/// Runs a shell command with this text as its input.
pub fn pipe_through_shell(text: &str, line: &str) -> CommandOutput {
    let mut command = platform::shell_command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    remove_api_keys(&mut command);
    let ended = |output: String, trouble: Option<String>| CommandOutput {
        command: line.to_owned(),
        output,
        error: trouble,
    };
    let mut running = match command.spawn() {
        Ok(running) => running,
        Err(error) => return ended(String::new(), Some(format!("no shell could be started: {error}"))),
    };
    let (input, output, errors) = (running.stdin.take(), running.stdout.take(), running.stderr.take());
    let (printed, complained) = thread::scope(|scope| {
        scope.spawn(move || input.map(|mut input| input.write_all(text.as_bytes())));
        let errors = scope.spawn(move || read_output(errors));
        (read_output(output), errors.join().unwrap_or_default())
    });
    let trouble = match running.wait() {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("the command ended with {status}")),
        Err(error) => Some(format!("the command was lost: {error}")),
    };
    let both =
        [printed, complained].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    ended(both, trouble)
}

fn read_output(source: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut source) = source {
        let _ = source.by_ref().take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes);
        // The rest is read and dropped, so that the command does not hang on a full pipe.
        let _ = std::io::copy(&mut source, &mut std::io::sink());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_path_may_contain_spaces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("an editor");
        std::fs::write(&path, "").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(split_command_line(path), [path]);
        assert_eq!(split_command_line(&format!("\"{path}\" -w  file")), [path, "-w", "file"]);
        assert_eq!(split_command_line(" vim -R "), ["vim", "-R"]);
    }

    #[cfg(windows)]
    #[test]
    fn a_command_keeps_its_quotes_and_trouble_is_told() {
        let piped = pipe_through_shell("a\n", "echo \"b  c\"& echo oops>&2& exit 3");
        assert_eq!(piped.output.replace('\r', ""), "\"b  c\"\n\noops\n");
        assert!(piped.trouble.unwrap().contains('3'));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_a_value_through_a_command_and_reports_failure() {
        let piped = pipe_through_shell("b\na\n", "sort; echo oops >&2; exit 3");
        assert_eq!(piped.output, "a\nb\n\noops\n");
        assert!(piped.error.unwrap().contains('3'));
    }
}
