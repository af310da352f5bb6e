//! Parses the command line. Options of the service may precede or follow a subcommand.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, Error, Parser, Subcommand};

use super::{ArchiveArgs, ArchiveCommand, BrowseArgs, Cli, Command, LoginArgs, ServiceArgs};

/// The names that a completion script requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    Profiles,
    Threads,
    /// Saved searches of the library.
    Searches,
}

/// Recognizes the call of a completion script, `unspool complete profiles`. It is not a subcommand, so that neither the
/// help nor a completion offers it.
pub fn completion_request(args: &[OsString]) -> Option<CompletionKind> {
    match args {
        [_, command, kind] if command == "complete" => match kind.to_str()? {
            "profiles" => Some(CompletionKind::Profiles),
            "threads" => Some(CompletionKind::Threads),
            "searches" => Some(CompletionKind::Searches),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the first argument that is neither an option nor the value of one; `args` starts with the program.
pub fn first_positional(args: &[OsString]) -> Option<&OsString> {
    let command = Cli::command();
    let takes_value = |name: &str| {
        let mut known = command.get_arguments().filter(|arg| arg.get_long() == Some(name));
        known.any(|arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append))
    };
    let mut rest = args.iter().skip(1);
    while let Some(arg) = rest.next() {
        let text = arg.to_string_lossy();
        match text.strip_prefix("--") {
            Some("") => return rest.next(),
            Some(name) if takes_value(name) => drop(rest.next()),
            Some(_) => {}
            None if text.len() > 1 && text.starts_with('-') => {}
            None => return Some(arg),
        }
    }
    None
}

impl Cli {
    /// Parses the arguments, the program's name included.
    ///
    /// # Errors
    /// Invalid arguments; help and version are also returned as errors. The words in the error are not sanitized.
    pub fn parse_args(args: &[OsString]) -> Result<Self, Error> {
        let mut cli = Self::try_parse_from(args)?;
        if let Some(command) = &mut cli.command {
            move_options(&mut cli.browse, command)?;
            if matches!(command, Command::Config(_) | Command::Doctor(_))
                && command.service_mut().is_some_and(|service| service.demo)
            {
                return Err(not_for_command("--demo"));
            }
            if let Command::Archive(args) = command {
                reject_late_subcommand(args)?;
            }
        }
        Ok(cli)
    }
}

impl Command {
    /// Returns the service options of a command that has them.
    pub fn service_mut(&mut self) -> Option<&mut ServiceArgs> {
        match self {
            Self::Show(args) => Some(&mut args.service),
            Self::Export(args) => Some(&mut args.service),
            Self::Push(args) => Some(&mut args.service),
            Self::Spans(args) => Some(&mut args.source.service),
            Self::Feedback(args) | Self::Stats(args) => Some(&mut args.source.service),
            Self::Archive(args) => Some(&mut args.service),
            Self::List(args) => Some(&mut args.service),
            Self::Config(args) => Some(&mut args.service),
            Self::Doctor(args) => Some(args),
            Self::Login(_)
            | Self::Logout(_)
            | Self::DemoServer(_)
            | Self::Cache(_)
            | Self::Library(_)
            | Self::Search(_)
            | Self::Forget(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Filter => None,
        }
    }
}

/// Moves the options before a subcommand to it.
fn move_options(browse: &mut BrowseArgs, command: &mut Command) -> Result<(), Error> {
    if let Some(flag) = browse_flag(browse) {
        return Err(conflict(format!("{flag} opens the browser and cannot precede a command")));
    }
    let outer = std::mem::take(&mut browse.service);
    let Some(flag) = outer.first_flag() else { return Ok(()) };
    if let Command::Library(args) = command {
        args.demo |= outer.demo;
        return inherit_profile(args.profile_mut(), outer);
    }
    if let Command::Search(args) = command {
        args.demo |= outer.demo;
        return inherit_profile(Some(&mut args.profile), outer);
    }
    if let Command::Login(args) | Command::Logout(args) = command {
        return inherit_login(args, outer);
    }
    match command.service_mut() {
        Some(service) => service.inherit(outer),
        None => Err(not_for_command(flag)),
    }
}

/// Rejects a subcommand after an option, which clap takes for a thread.
fn reject_late_subcommand(args: &ArchiveArgs) -> Result<(), Error> {
    let is_subcommand = |word: &&OsString| word.to_str().is_some_and(ArchiveCommand::has_subcommand);
    match args.threads.iter().find(is_subcommand) {
        Some(word) => {
            let word = word.display();
            Err(conflict(format!("put the options after {word}: unspool archive {word} --help")))
        }
        None => Ok(()),
    }
}

/// Moves the profile to a command that has one; no other option of a service applies.
fn inherit_profile(profile: Option<&mut Option<String>>, outer: ServiceArgs) -> Result<(), Error> {
    let mut rest = ServiceArgs { demo: false, ..outer };
    if let Some(profile) = profile {
        *profile = profile.take().or(rest.profile.take());
    }
    rest.first_flag().map_or(Ok(()), |flag| Err(not_for_command(flag)))
}

fn not_for_command(flag: &str) -> Error {
    conflict(format!("{flag} does not apply to this command"))
}

fn conflict(message: String) -> Error {
    Cli::command().error(ErrorKind::ArgumentConflict, message)
}

/// Returns the first option that only the browser has.
fn browse_flag(browse: &BrowseArgs) -> Option<&'static str> {
    let flags = [
        ("the thread", browse.thread.is_some()),
        ("--plain", browse.plain),
        ("--message", browse.message.is_some()),
        ("--span", browse.span.is_some()),
        ("--tab", browse.tab.is_some()),
        ("--path", browse.path.is_some()),
    ];
    flags.into_iter().find_map(|(name, is_set)| is_set.then_some(name))
}

/// Applies the arguments before the subcommand. A key belongs to a profile or to a service, not to both.
fn inherit_login(args: &mut LoginArgs, outer: ServiceArgs) -> Result<(), Error> {
    let rest = ServiceArgs { profile: None, provider: None, ..outer.clone() };
    if let Some(flag) = rest.first_flag() {
        return Err(not_for_command(flag));
    }
    if args.profile.is_none() && args.provider.is_none() {
        (args.profile, args.provider) = (outer.profile, outer.provider);
    }
    match (&args.profile, &args.provider) {
        (Some(_), Some(_)) => Err(conflict("--profile cannot be used with --provider".to_owned())),
        _ => Ok(()),
    }
}

impl ServiceArgs {
    /// Returns the first option that is set.
    fn first_flag(&self) -> Option<&'static str> {
        let flags = [
            ("--demo", self.demo),
            ("--provider", self.provider.is_some()),
            ("--profile", self.profile.is_some()),
            ("--base-url", self.base_url.is_some()),
            ("--account", self.account.is_some()),
            ("--own-threads-only", self.own_threads_only),
            ("--offline", self.offline),
            ("--no-cache", self.no_cache),
        ];
        flags.into_iter().find_map(|(name, is_set)| is_set.then_some(name))
    }

    /// Takes the options that are only set in `outer`.
    fn inherit(&mut self, outer: Self) -> Result<(), Error> {
        self.demo |= outer.demo;
        self.provider = self.provider.or(outer.provider);
        self.profile = self.profile.take().or(outer.profile);
        self.base_url = self.base_url.take().or(outer.base_url);
        self.account = self.account.take().or(outer.account);
        self.own_threads_only |= outer.own_threads_only;
        self.offline |= outer.offline;
        self.no_cache |= outer.no_cache;
        if self.offline && self.no_cache {
            return Err(conflict("--offline cannot be used with --no-cache".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, Error> {
        Cli::parse_args(&words(line))
    }

    fn words(line: &str) -> Vec<OsString> {
        ["unspool"].into_iter().chain(line.split(' ')).map(OsString::from).collect()
    }

    #[test]
    fn service_options_may_precede_any_command_that_accepts_them() {
        for line in [
            "--profile work show x",
            "show x --profile work",
            "show --profile work x",
            "--offline --profile home stats --profile work x",
        ] {
            let service = match parse(line).unwrap().command.unwrap() {
                Command::Show(args) => args.service,
                Command::Stats(args) => args.source.service,
                other => panic!("{other:?}"),
            };
            assert_eq!(service.profile.as_deref(), Some("work"), "{line}");
            assert_eq!(service.offline, line.contains("--offline"));
        }
        let login = parse("--profile work login").unwrap().command;
        assert!(matches!(login, Some(Command::Login(args)) if args.profile.as_deref() == Some("work")));
        assert_eq!(parse("--log debug show x").unwrap().log.as_deref(), Some("debug"));
    }

    #[test]
    fn an_option_that_a_command_lacks_is_an_error_that_names_it() {
        for (line, flag) in [
            ("--demo cache list", "--demo"),
            ("doctor --demo", "--demo"),
            ("--demo config", "--demo"),
            ("--tab raw show x", "--tab"),
            ("--profile work cache list", "--profile"),
            ("--offline login", "--offline"),
            ("--profile a login --provider sgp", ""),
            ("--offline show x --no-cache", "--offline"),
            ("x show y", ""),
        ] {
            let outcome = parse(line).map(|cli| cli.command.is_some());
            match outcome {
                Err(error) => assert!(error.to_string().contains(flag), "{line}: {error}"),
                Ok(_) => assert_eq!(line, "--profile a login --provider sgp"),
            }
        }
    }

    #[test]
    fn the_demo_can_be_selected_after_a_subcommand_of_archive_and_not_before_it() {
        for line in ["archive status --demo", "archive verify --deep --demo", "--demo archive report last"] {
            let command = parse(line).unwrap().command;
            let is_right = |args: &ArchiveArgs| args.service.demo && args.command.is_some();
            assert!(matches!(&command, Some(Command::Archive(args)) if is_right(args)), "{line}");
        }
        for line in ["archive --demo status", "archive --quiet verify", "archive id report"] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains("put the options after"), "{line}: {error}");
        }
    }

    #[test]
    fn the_first_positional_argument_is_found_after_options() {
        for (line, first) in [
            ("shwo x", Some("shwo")),
            ("--profile work shwo", Some("shwo")),
            ("--profile=work --offline shwo", Some("shwo")),
            ("-- shwo", Some("shwo")),
            ("--demo", None),
        ] {
            let args = words(line);
            assert_eq!(first_positional(&args).and_then(|word| word.to_str()), first, "{line}");
        }
    }

    #[test]
    fn completion_scripts_use_a_hidden_command() {
        assert_eq!(completion_request(&words("complete threads")), Some(CompletionKind::Threads));
        assert_eq!(completion_request(&words("complete")), None);
        let mut command = Cli::command();
        assert!(!command.render_long_help().to_string().contains("complete "));
        assert!(command.get_subcommands().all(|subcommand| !subcommand.is_hide_set()));
    }
}
