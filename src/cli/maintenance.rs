//! The arguments of the maintenance commands: cache, configuration, keys, shell completions and man pages.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ServiceArgs;
use super::shared::provider_parser;

/// The arguments of `cache`.
#[derive(Clone, Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// The subcommands of `cache`.
#[derive(Clone, Debug, Subcommand)]
pub enum CacheCommand {
    /// List cached threads, newest first
    List,
    /// Describe the cached copies of a thread; unspool show THREAD --offline shows its text
    Show {
        /// A thread id, a link, or SERVICE:ID
        thread: String,
    },
    /// Check all cached copies and remove damaged ones
    Verify,
    /// Remove all cached copies, or those of one thread
    Clear {
        /// A thread id, a link, or SERVICE:ID
        thread: Option<String>,

        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Print the cache folder
    Path,
}

/// The confirmation of a removal, passed in advance.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ConfirmArgs {
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub yes: bool,
}

/// The arguments of `config`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub command: Option<ConfigCommand>,

    #[command(flatten)]
    pub service: ServiceArgs,
}

/// The subcommands of `config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Print the path of the configuration file, whether or not it exists
    Path,
    /// Print a commented configuration with all defaults
    Sample,
}

/// The arguments of `login` and `logout`.
#[derive(Clone, Debug, Default, Args)]
pub struct LoginArgs {
    /// The profile of the key
    #[arg(long, value_name = "NAME", conflicts_with = "provider")]
    pub profile: Option<String>,

    /// The service of the key
    #[arg(long, value_parser = provider_parser())]
    pub provider: Option<&'static str>,
}

/// The arguments of `forget`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ForgetArgs {
    /// Remove cache, history, log and keys; the configuration and the library stay
    #[arg(long)]
    pub all: bool,

    #[command(flatten)]
    pub confirm: ConfirmArgs,
}

/// The arguments of `completions`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// The arguments of `man`.
#[derive(Clone, Debug, Default, Args)]
pub struct ManArgs {
    /// Write the pages of all commands to this folder, instead of the main page to standard output
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}
