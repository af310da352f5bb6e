//! Other programs: the pager, the editor, and shell commands that the user types. None of them gets our keys.

use std::env;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::app::take::Taken;
use crate::effect::HandOver;
use crate::event::Piped;
use crate::runtime::{platform, secret};
use crate::text::Safe;

/// Bytes of a command's output that are kept.
const OUTPUT: u64 = 16 << 20;

/// Takes the variables that hold keys out of a child's environment.
pub fn without_keys(command: &mut Command) {
    for name in secret::scrub_environment() {
        command.env_remove(name);
    }
}

/// Runs a program that has the terminal for itself.
///
/// # Errors
/// A sentence that says what went wrong.
pub fn run(hand_over: HandOver) -> Result<(), String> {
    match hand_over {
        HandOver::Pager(taken) => page(&taken),
        HandOver::Editor(taken) => edit(&taken),
    }
}

/// The user's program for a job, as words.
fn chosen(variables: &[&str], fallback: &str) -> Vec<String> {
    let value =
        variables.iter().find_map(|name| env::var(name).ok().filter(|value| !value.trim().is_empty()));
    words(value.as_deref().unwrap_or(fallback))
}

/// Shells split it like this, too; but the path of a program may have blanks in it, with and without quotes.
fn words(value: &str) -> Vec<String> {
    let value = value.trim();
    if Path::new(value).is_file() {
        return vec![value.to_owned()];
    }
    let quoted = value.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let (program, rest) = quoted.map_or((None, value), |(program, rest)| (Some(program), rest));
    program.into_iter().chain(rest.split_whitespace()).map(str::to_owned).collect()
}

fn command(words: &[String]) -> Result<Command, String> {
    let (program, arguments) = words.split_first().ok_or("no program is set")?;
    let mut command = Command::new(program);
    command.args(arguments);
    without_keys(&mut command);
    Ok(command)
}

fn page(taken: &Taken) -> Result<(), String> {
    let words = chosen(&["PAGER"], platform::PAGER);
    let name = words.first().cloned().unwrap_or_default();
    let mut command = command(&words)?;
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
fn edit(taken: &Taken) -> Result<(), String> {
    let words = chosen(&["VISUAL", "EDITOR"], platform::EDITOR);
    let name = words.first().cloned().unwrap_or_default();
    let looks_like_json = taken.text.starts_with(['{', '[']);
    let mut file = tempfile::Builder::new()
        .prefix("unspool-")
        .suffix(if looks_like_json { ".json" } else { ".txt" })
        .tempfile()
        .map_err(|error| format!("no temporary file could be made: {error}"))?;
    file.write_all(taken.text.as_bytes()).and_then(|()| file.flush()).map_err(|error| error.to_string())?;
    let mut command = command(&words)?;
    let status =
        command.arg(file.path()).status().map_err(|error| format!("{name} could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

/// Runs a shell command with this text as its input.
pub fn pipe(text: &str, line: &str) -> Piped {
    let mut command = platform::shell(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    without_keys(&mut command);
    let ended = |output: String, trouble: Option<String>| Piped { command: line.to_owned(), output, trouble };
    let mut running = match command.spawn() {
        Ok(running) => running,
        Err(error) => return ended(String::new(), Some(format!("no shell could be started: {error}"))),
    };
    let (input, output, errors) = (running.stdin.take(), running.stdout.take(), running.stderr.take());
    let (printed, complained) = thread::scope(|scope| {
        scope.spawn(move || input.map(|mut input| input.write_all(text.as_bytes())));
        let errors = scope.spawn(move || read(errors));
        (read(output), errors.join().unwrap_or_default())
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

fn read(source: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut source) = source {
        let _ = source.by_ref().take(OUTPUT).read_to_end(&mut bytes);
        // The rest is read and dropped, so that the command does not hang on a full pipe.
        let _ = std::io::copy(&mut source, &mut std::io::sink());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_program_may_have_blanks_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("an editor");
        std::fs::write(&path, "").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(words(path), [path]);
        assert_eq!(words(&format!("\"{path}\" -w  file")), [path, "-w", "file"]);
        assert_eq!(words(" vim -R "), ["vim", "-R"]);
    }

    #[cfg(windows)]
    #[test]
    fn a_command_keeps_its_quotes_and_trouble_is_told() {
        let piped = pipe("a\n", "echo \"b  c\"& echo oops>&2& exit 3");
        assert_eq!(piped.output.replace('\r', ""), "\"b  c\"\n\noops\n");
        assert!(piped.trouble.unwrap().contains('3'));
    }

    #[cfg(unix)]
    #[test]
    fn a_value_goes_through_a_command_and_trouble_is_told() {
        let piped = pipe("b\na\n", "sort; echo oops >&2; exit 3");
        assert_eq!(piped.output, "a\nb\n\noops\n");
        assert!(piped.trouble.unwrap().contains('3'));
    }
}
