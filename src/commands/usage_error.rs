//! Errors of the command line. The user's words in them pass the text gate, and possible secrets are omitted. A mistyped
//! command is recognized before its name is taken for a thread.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};

use crate::cli::{Cli, first_positional};
use crate::commands::runner::print_error;
use crate::domain::{ExitCode, UserError};
use crate::provider;
use crate::text::Safe;
use crate::text::suggest::closest;

/// The replacement of a word that may be a secret.
const HIDDEN_WORD: &str = "…";

/// Prints an error of the parser, help and version included; returns the exit code.
pub(super) fn print(error: clap::Error, args: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        // A failed print cannot be reported.
        let _ = error.print();
        return ExitCode::Success;
    }
    let first = first_positional(args).and_then(|word| word.to_str());
    if let Some(mistyped) = first.and_then(mistyped_command) {
        return print_error(&mistyped, None);
    }
    let text = gate(error, may_contain_secret(args)).render().to_string();
    // The program's name in the usage also comes from outside.
    let _ = io::stderr().write_all(Safe::text(&text).as_str().as_bytes());
    ExitCode::Usage
}

/// Returns the error for a thread argument that is almost the name of a command, and neither a file nor marked as an id.
pub(super) fn mistyped_thread(cli: &Cli) -> Option<UserError> {
    let word = cli.browse.thread.as_deref().filter(|_| cli.command.is_none())?;
    let is_marked = cli.browse.service.provider.is_some() || Path::new(word).exists();
    mistyped_command(word.to_str().filter(|_| !is_marked)?)
}

fn mistyped_command(word: &str) -> Option<UserError> {
    let command = Cli::command();
    let names: Vec<&str> = command.get_subcommands().map(|known| known.get_name()).chain(["help"]).collect();
    let suggestion = closest(word, names.iter().copied()).filter(|_| !names.contains(&word))?;
    Some(UserError::new(
        format!("no command {word:?}; did you mean {suggestion:?}?"),
        format!("For a thread with this id, pass {}.", provider::id_forms().replace("ID", word)),
        ExitCode::Usage,
    ))
}

/// Returns whether the error could repeat a secret: an unquoted value of `--header` splits into words, which the parser
/// repeats.
fn may_contain_secret(args: &[OsString]) -> bool {
    args.iter().filter_map(|word| word.to_str()).any(|word| word.starts_with("--header"))
}

/// Sanitizes each word, so that no word can look like another line of the error.
fn gate(mut error: clap::Error, hides_words: bool) -> clap::Error {
    let context: Vec<(ContextKind, ContextValue)> =
        error.context().map(|(kind, value)| (kind, value.clone())).collect();
    for (kind, value) in context {
        let word = |text: &str| Safe::line(text).into_string();
        let gated = match value {
            ContextValue::String(_) if hides_words && is_user_word(kind) => {
                ContextValue::String(HIDDEN_WORD.to_owned())
            }
            ContextValue::String(text) => ContextValue::String(word(&text)),
            ContextValue::Strings(texts) => {
                ContextValue::Strings(texts.iter().map(|text| word(text)).collect())
            }
            ContextValue::StyledStrs(_) if hides_words => {
                error.remove(kind);
                continue;
            }
            ContextValue::StyledStrs(texts) => ContextValue::StyledStrs(
                texts.iter().map(|text| StyledStr::from(word(&text.to_string()))).collect(),
            ),
            // Numbers, and the program's usage.
            _ => continue,
        };
        error.insert(kind, gated);
    }
    error
}

fn is_user_word(kind: ContextKind) -> bool {
    matches!(
        kind,
        ContextKind::InvalidArg
            | ContextKind::InvalidValue
            | ContextKind::InvalidSubcommand
            | ContextKind::TrailingArg
            | ContextKind::SuggestedArg
            | ContextKind::SuggestedValue
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(words: &[&str]) -> String {
        let args: Vec<OsString> = ["unspool"].iter().chain(words).map(OsString::from).collect();
        gate(Cli::parse_args(&args).unwrap_err(), may_contain_secret(&args)).render().to_string()
    }

    #[test]
    fn no_word_of_an_error_reaches_the_terminal_raw() {
        let hostile = "\u{1b}[?1049l\u{9b}6n\u{202e}x\nerror: forged";
        let (flag, flag_value) = (format!("--{hostile}"), format!("--tab={hostile}"));
        for words in [
            vec!["show", "x", "--provider", hostile],
            vec![flag.as_str()],
            vec![flag_value.as_str()],
            vec!["demo-server", "--port", hostile],
            vec!["show", "x", hostile],
            vec!["cache", hostile],
            vec!["show", "x", "--fail-on", hostile],
            vec!["completions", hostile],
        ] {
            let text = rendered(&words);
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
            assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{text:?}");
        }
    }

    #[test]
    fn words_after_an_unquoted_header_stay_hidden() {
        for words in [
            vec!["push", "--tab", "--otlp", "https://h", "--header", "authorization=Bearer", "S3CRET"],
            vec!["push", "x", "--otlp", "https://h", "--header=authorization=Bearer", "-S3CRET"],
            vec!["push", "x", "--otlp", "https://h", "--header", "authorization=Bearer", "--S3CRET"],
        ] {
            let text = rendered(&words);
            assert!(!text.contains("S3CRET"), "{text}");
        }
    }

    #[test]
    fn a_near_miss_of_a_command_is_recognised_and_ids_are_not() {
        for (word, suggestion) in [
            ("shwo", "show"),
            ("stat", "stats"),
            ("Show", "show"),
            ("conifg", "config"),
            ("hlep", "help"),
            ("exprot", "export"),
        ] {
            let error = mistyped_command(word).unwrap();
            assert!(error.message.ends_with(&format!("did you mean {suggestion:?}?")), "{}", error.message);
            assert!(error.hint.contains(&format!("sgp:{word}")), "{}", error.hint);
        }
        for id in ["1001", "0f2c9d4e-7a31-4c0b-9a51-6f2b1c7d8e90", "thread.json", "sgp:stat", "-", "show"] {
            assert_eq!(mistyped_command(id), None, "{id}");
        }
    }
}
