//! The command line: flags and subcommands as plain values. What they do is in `runtime`.

mod export;
mod maintenance;
mod report;

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use export::{ExportArgs, ExportFormat, PushArgs, SelectionArgs};
pub use maintenance::{
    CacheArgs, CacheCommand, CompletionKind, CompletionsArgs, ConfigArgs, ConfigCommand, ConfirmArgs,
    ForgetArgs, LoginArgs, ManArgs,
};
pub use report::{FailOn, ReportArgs, ReportFormat};

/// What help ends with: where to begin, and what scripts want to know.
const AFTER_HELP: &str = "Begin with:
  unspool --demo                      threads to look at, without an account
  unspool 0f2c9d4e-7a31-4c0b-9a51-6f2b1c7d8e90
  unspool camelai:48213
  unspool thread.json
  unspool show THREAD | less

Exit codes: 0 done, 1 error, 2 usage or no terminal, 4 not allowed, 5 not found, 6 network, 7 an answer that could not be understood, 128 + n a signal.";

/// Browse the thread behind an answer: messages, metadata, spans and feedback.
#[derive(Clone, Debug, Parser)]
#[command(name = "unspool", version = version(), about, long_about = None, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Write a log of this much to a file; see unspool doctor for where
    #[arg(long, value_name = "LEVEL", global = true, value_parser = ["off", "error", "warn", "info", "debug", "trace"])]
    pub log: Option<String>,

    #[command(flatten)]
    pub browse: BrowseArgs,
}

/// The version, with the commit where it was built from one.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| match option_env!("UNSPOOL_COMMIT") {
        Some(commit) if !commit.is_empty() => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
        _ => env!("CARGO_PKG_VERSION").to_owned(),
    });
    &VERSION
}

/// What the browser opens with.
#[derive(Clone, Debug, Default, Args)]
pub struct BrowseArgs {
    /// A thread id, a link, sgp:ID, camelai:ID, a file, or - for standard input
    pub thread: Option<String>,

    /// Start a demo server on this machine and browse its threads; needs no account and no network
    #[arg(long)]
    pub demo: bool,

    /// No screen: labelled lines and commands by letters, for screen readers and simple terminals
    #[arg(long)]
    pub plain: bool,

    /// Show this message, by its id
    #[arg(long, value_name = "ID")]
    pub message: Option<String>,

    /// Show this span of the message, by its id
    #[arg(long, value_name = "ID")]
    pub span: Option<String>,

    /// Show this tab
    #[arg(long, value_enum)]
    pub tab: Option<TabName>,

    // The brackets of a path would be taken for a link in a doc comment.
    #[arg(
        long,
        value_name = "PATH",
        help = "Show the value at this path of the span's payload, or of the message, such as '$.chunks[2].text'"
    )]
    pub path: Option<String>,

    #[command(flatten)]
    pub service: ServiceArgs,
}

/// The tabs by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TabName {
    Message,
    Spans,
    Feedback,
    Metadata,
    Raw,
}

/// Which service, and how to reach it.
#[derive(Clone, Debug, Default, Args)]
pub struct ServiceArgs {
    /// The service that the id or the body belongs to
    #[arg(long, value_enum)]
    pub provider: Option<ProviderName>,

    /// The profile of the configuration to use
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Where the service is, instead of what the environment says
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// The account to ask for (Scale SGP)
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,

    /// Ask as the user only, not for the whole account (Scale SGP)
    #[arg(long)]
    pub own_threads_only: bool,

    /// Do not ask the service: show the copy that was kept
    #[arg(long, conflicts_with = "no_cache")]
    pub offline: bool,

    /// Neither show nor keep copies of what is fetched
    #[arg(long)]
    pub no_cache: bool,
}

/// The services by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProviderName {
    Sgp,
    Camelai,
}

impl ProviderName {
    /// The short name in the registry.
    pub fn service(self) -> &'static str {
        match self {
            Self::Sgp => "sgp",
            Self::Camelai => "camelai",
        }
    }
}

/// The subcommands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Write a thread to standard output, without a screen
    Show(ShowArgs),
    /// Write a thread for another program or another reader
    Export(ExportArgs),
    /// Send a thread's turns and spans to a trace viewer, by OTLP over HTTP
    Push(PushArgs),
    /// List the spans of threads
    Spans(ReportArgs),
    /// List the feedback on threads
    Feedback(ReportArgs),
    /// Count messages, errors, times, tokens and money of threads, and of each kind of operation in them
    Stats(ReportArgs),
    /// Run the demo server alone and print its address
    DemoServer(DemoServerArgs),
    /// See, check or remove the copies that are kept of fetched threads
    Cache(CacheArgs),
    /// Print the settings in effect and where each comes from
    Config(ConfigArgs),
    /// Ask for an API key without showing it and keep it in a file that only you can read
    Login(LoginArgs),
    /// Remove a key that login wrote
    Logout(LoginArgs),
    /// Look for what is wrong around the program and say what to do
    Doctor(ServiceArgs),
    /// Remove everything that the program has stored
    Forget(ForgetArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Write man pages
    Man(ManArgs),
    /// Print names for a shell to complete
    #[command(hide = true)]
    Complete {
        #[arg(value_enum)]
        what: CompletionKind,
    },
}

/// What `show` writes.
#[derive(Clone, Debug, Args)]
pub struct ShowArgs {
    /// A thread id, a link, sgp:ID, camelai:ID, a file, or - for standard input
    pub thread: String,

    /// text reads like a conversation, json is the common model, raw is the body byte for byte
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub format: ShowFormat,

    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,

    #[command(flatten)]
    pub selection: SelectionArgs,

    /// End with exit code 1 if there is such a thing in the messages that are written
    #[arg(long, value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,

    /// Say nothing but why it failed
    #[arg(long, short)]
    pub quiet: bool,

    #[command(flatten)]
    pub service: ServiceArgs,
}

/// The formats of `show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    Text,
    Json,
    Raw,
}

/// Where the demo server listens.
#[derive(Clone, Copy, Debug, Args)]
pub struct DemoServerArgs {
    /// The port on the loopback address; a free one if it is not given
    #[arg(long)]
    pub port: Option<u16>,
}
