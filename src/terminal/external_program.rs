//! External programs: the pager, the editor, and the user's shell commands. None of them gets the API keys.

use std::env;
use std::io::{Read, Write};
use std::path::{MAIN_SEPARATOR, Path};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::effect::ExternalProgram;
use crate::event::CommandOutput;
use crate::platform::{self, TtyState};
use crate::terminal::foreground::{self, Foreground};
use crate::terminal::private_file;
use crate::text::Safe;
use crate::view::Clip;

/// The maximum number of bytes to read from a command's output.
const MAX_OUTPUT_BYTES: u64 = 16 << 20;

/// Removes variables that hold API keys from a child's environment.
pub fn remove_api_keys(command: &mut Command) {
    for name in platform::secret_variables() {
        command.env_remove(name);
    }
}

/// Runs a program in the terminal, with these line settings.
///
/// # Errors
/// A sentence that describes the failure.
pub fn run_in_terminal(program: ExternalProgram, settings: &TtyState) -> Result<(), String> {
    let _foreground = Foreground::take(settings);
    match program {
        ExternalProgram::Pager(clip) => run_pager(&clip, settings),
        ExternalProgram::Editor(clip) => run_editor(&clip, settings),
    }
}

/// Returns the first program named by these variables, or the fallback, as words.
fn program_from_environment(variables: &[&str], fallback: &str) -> Vec<String> {
    let value =
        variables.iter().find_map(|name| env::var(name).ok().filter(|value| !value.trim().is_empty()));
    split_command_line(value.as_deref().unwrap_or(fallback))
}

/// Splits into words as a shell does, with quotes and escapes. But the path of a program may contain spaces without quotes,
/// and where a backslash separates folders it escapes nothing.
fn split_command_line(value: &str) -> Vec<String> {
    let value = value.trim();
    if Path::new(value).is_file() {
        return vec![value.to_owned()];
    }
    let escaped = if MAIN_SEPARATOR == '\\' { value.replace('\\', "\\\\") } else { value.to_owned() };
    // An unfinished quote is kept literally.
    shlex::split(&escaped).unwrap_or_else(|| value.split_whitespace().map(str::to_owned).collect())
}

fn build_command(words: &[String]) -> Result<Command, String> {
    let (program, arguments) = words.split_first().ok_or("No program is set")?;
    let mut command = Command::new(program);
    command.args(arguments);
    remove_api_keys(&mut command);
    Ok(command)
}

fn run_pager(clip: &Clip, settings: &TtyState) -> Result<(), String> {
    let words = program_from_environment(&["PAGER"], platform::PAGER);
    let name = words.first().cloned().unwrap_or_default();
    let mut command = build_command(&words)?;
    let mut child =
        command.stdin(Stdio::piped()).spawn().map_err(|error| format!("Cannot start {name}: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        let text = Safe::text(&clip.text).into_string();
        // Fails if the user quits the pager early, which is no error.
        thread::spawn(move || input.write_all(text.as_bytes()));
    }
    wait_in_terminal(&name, &mut child, settings)
}

/// Waits for a program that has the terminal.
fn wait_in_terminal(name: &str, child: &mut Child, settings: &TtyState) -> Result<(), String> {
    let status = foreground::wait_for(child, settings);
    check_status(name, status.map_err(|error| format!("Lost track of {name}: {error}"))?)
}

/// Opens the text in a private temporary file. Changes to it are discarded.
fn run_editor(clip: &Clip, settings: &TtyState) -> Result<(), String> {
    let words = program_from_environment(&["VISUAL", "EDITOR"], platform::EDITOR);
    let name = words.first().cloned().unwrap_or_default();
    let file = private_file::create(&clip.text)
        .map_err(|error| format!("Cannot create a temporary file: {error}"))?;
    let mut command = build_command(&words)?;
    let child = command.arg(file.path()).spawn();
    wait_in_terminal(&name, &mut child.map_err(|error| format!("Cannot start {name}: {error}"))?, settings)
}

fn check_status(name: &str, status: ExitStatus) -> Result<(), String> {
    if status.success() { Ok(()) } else { Err(format!("{name} failed: {status}")) }
}

/// Opens a web address with the system's program for links, which cannot read the terminal.
///
/// # Errors
/// A sentence that describes the failure.
pub fn open_link(address: &str) -> Result<(), String> {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https")) {
        return Err("Only http and https addresses are opened".to_owned());
    }
    let words: Vec<String> = platform::LINK_OPENER.iter().map(|word| (*word).to_owned()).collect();
    let name = words.first().cloned().unwrap_or_default();
    let mut command = build_command(&words)?;
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    platform::keep_from_terminal(&mut command);
    let status =
        command.status().map_err(|error| format!("Cannot start {name}: {error}; yu copies the link"))?;
    check_status(&name, status)
}

/// Runs a shell command with this text as its standard input. A command that tries to read the terminal is killed.
pub fn pipe_through_shell(text: &str, line: &str) -> CommandOutput {
    let mut command = platform::shell_command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    remove_api_keys(&mut command);
    platform::keep_from_terminal(&mut command);
    let result =
        |output: String, error: Option<String>| CommandOutput { command: line.to_owned(), output, error };
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return result(String::new(), Some(format!("Cannot start a shell: {error}"))),
    };
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let has_stopped = AtomicBool::new(false);
    let id = child.id();
    let on_stop = || {
        has_stopped.store(true, Ordering::Relaxed);
        platform::kill_process_tree(id);
    };
    let (output, errors, status) = thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
        let errors = scope.spawn(move || read_output(stderr));
        let output = scope.spawn(move || read_output(stdout));
        let status = platform::wait_for(&mut child, on_stop);
        (output.join().unwrap_or_default(), errors.join().unwrap_or_default(), status)
    });
    let error = match status {
        Ok(_) if has_stopped.load(Ordering::Relaxed) => {
            Some("The command tried to read the terminal and was killed".to_owned())
        }
        Ok(status) => check_status("The command", status).err(),
        Err(error) => Some(format!("Lost track of the command: {error}")),
    };
    let parts: Vec<String> = [output, errors].into_iter().filter(|part| !part.is_empty()).collect();
    result(parts.join("\n"), error)
}

fn read_output(source: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut source) = source {
        let _ = source.by_ref().take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes);
        // Drains the rest, so that the command does not hang on a full pipe.
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

    #[test]
    fn arguments_of_a_program_may_be_quoted() {
        for (line, words) in [
            (r#"emacsclient -c -a """#, vec!["emacsclient", "-c", "-a", ""]),
            (r#"vim -c 'set nonumber' "+set ro""#, vec!["vim", "-c", "set nonumber", "+set ro"]),
            ("less -P 'it''s'", vec!["less", "-P", "its"]),
            ("vim 'unfinished", vec!["vim", "'unfinished"]),
            ("", vec![]),
        ] {
            assert_eq!(split_command_line(line), words, "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_backslash_escapes_the_next_character() {
        assert_eq!(split_command_line(r"/no/my\ editor -w"), ["/no/my editor", "-w"]);
    }

    #[cfg(windows)]
    #[test]
    fn keeps_quotes_in_a_command_and_reports_failure() {
        let piped = pipe_through_shell("a\n", "echo \"b  c\"& echo oops>&2& exit 3");
        assert_eq!(piped.output.replace('\r', ""), "\"b  c\"\n\noops\n");
        assert!(piped.error.unwrap().contains('3'));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_stops_is_ended_with_its_descendants() {
        let piped = pipe_through_shell("", "sleep 1000 & echo before; kill -TTIN 0; echo after");
        assert_eq!(piped.output, "before\n");
        assert!(piped.error.unwrap().contains("tried to read the terminal"));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_a_value_through_a_command_and_reports_failure() {
        let piped = pipe_through_shell("b\na\n", "sort; echo oops >&2; exit 3");
        assert_eq!(piped.output, "a\nb\n\noops\n");
        assert!(piped.error.unwrap().contains('3'));
    }
}
