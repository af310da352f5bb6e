//! The parts of the help that no option describes: examples, environment, files and exit codes. Help and man pages share
//! them.

use std::fmt::Write;
use std::sync::LazyLock;

use crate::provider;

/// Command lines with descriptions; an empty description means that none is needed.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("unspool --demo", "browse demo threads, without an account"),
    ("unspool 0f2c9d4e-7a31-4c0b-9a51-6f2b1c7d8e90", ""),
    ("unspool camelai:48213", ""),
    ("unspool thread.json", ""),
    ("unspool show THREAD | less", ""),
    ("unspool list --filter since:7d", "list the threads of the last week"),
];

/// Exit codes and their meaning.
pub const EXIT_CODES: &[(&str, &str)] = &[
    ("0", "done"),
    ("1", "error"),
    ("2", "invalid usage, or no terminal"),
    ("3", "incomplete: a part is missing"),
    ("4", "not allowed"),
    ("5", "not found"),
    ("6", "network"),
    ("7", "unreadable response"),
    ("128 + n", "signal n"),
];

/// Files and folders; `unspool doctor` prints their paths.
pub const FILES: &[(&str, &str)] = &[
    ("config.toml", "The settings; unspool config path prints the path, unspool config sample an example."),
    ("keys/", "API keys that unspool login stored, in the folder of the settings."),
    ("threads/", "Cached copies of responses; unspool cache path prints the folder."),
    ("library/", "Kept threads, notes and saved searches; unspool library path prints the folder."),
    ("history.jsonl", "Recently opened threads."),
    ("unspool.log", "The log; unspool doctor prints the path."),
];

/// The variables of the program itself; those of the services follow in the help.
pub const OWN_VARIABLES: &[(&str, &str)] = &[
    ("UNSPOOL_PROFILE", "the profile, unless --profile names another"),
    ("CLICKHOUSE_USER, CLICKHOUSE_PASSWORD", "a library on a server: user and password"),
    ("UNSPOOL_LOG", "the log level, unless --log sets it"),
    ("UNSPOOL_HOME", "one folder for settings, keys, cached copies, library, history and log"),
    ("NO_COLOR", "no colours, if not empty"),
    ("PAGER", "the program that v opens"),
    ("VISUAL, EDITOR", "the program that E opens"),
    ("HTTPS_PROXY, NO_PROXY", "the proxy, and hosts that need none"),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "root certificates to trust"),
];

/// Returns the name and the description of each environment variable.
pub fn environment() -> Vec<(String, String)> {
    let own = OWN_VARIABLES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let services = provider::all().iter().flat_map(|provider| {
        provider.env_variables().iter().map(|variable| {
            (variable.name.to_owned(), format!("{}: {}", provider.display_name(), variable.description))
        })
    });
    services.chain(own).collect()
}

/// Returns the end of the help text.
pub(super) fn after_help() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = "Examples:\n".to_owned();
        for (line, description) in EXAMPLES {
            let _ = writeln!(text, "{}", format!("  {line:<34}  {description}").trim_end());
        }
        text.push_str("\nEnvironment:\n");
        for (name, description) in environment() {
            let _ = writeln!(text, "  {name:<27}  {description}");
        }
        let codes: Vec<String> =
            EXIT_CODES.iter().map(|(code, meaning)| format!("{code} {meaning}")).collect();
        let _ = write!(text, "\nExit codes: {}.", codes.join(", "));
        text
    });
    &TEXT
}
