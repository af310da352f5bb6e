//! Subcommands that look after the program itself: what it keeps, how it is set up, what helps the shell.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ProviderName, ServiceArgs};

/// What to do with kept copies.
#[derive(Clone, Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// The subcommands of `cache`.
#[derive(Clone, Debug, Subcommand)]
pub enum CacheCommand {
    /// List the kept copies, newest first
    List,
    /// Tell what is kept of a thread; its text is shown by: unspool show THREAD --offline
    Show {
        /// A thread id, a link, sgp:ID or camelai:ID
        thread: String,
    },
    /// Read every copy to its end and remove the damaged ones
    Verify,
    /// Remove all copies, or those of one thread
    Clear {
        /// A thread id, a link, sgp:ID or camelai:ID
        thread: Option<String>,

        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Print the folder of the copies
    Path,
}

/// Whether the user has agreed already.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ConfirmArgs {
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// What to tell of the configuration; everything in effect unless it is said.
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
    /// Print where the configuration is, or would be
    Path,
    /// Print a commented configuration with all defaults
    Sample,
}

/// Whose key is meant.
#[derive(Clone, Debug, Default, Args)]
pub struct LoginArgs {
    /// The profile that the key is for
    #[arg(long, value_name = "NAME", conflicts_with = "provider")]
    pub profile: Option<String>,

    /// The service that the key is for
    #[arg(long, value_enum)]
    pub provider: Option<ProviderName>,
}

/// What to forget.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ForgetArgs {
    /// Kept copies, history, log and keys; the configuration stays
    #[arg(long)]
    pub all: bool,

    #[command(flatten)]
    pub confirm: ConfirmArgs,
}

/// For which shell.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Where man pages go.
#[derive(Clone, Debug, Default, Args)]
pub struct ManArgs {
    /// Write the pages of all commands into this folder, instead of the main one to standard output
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Names that a shell asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompletionKind {
    Profiles,
    Threads,
}
