//! The command line: flags and subcommands as plain values. `commands` runs them.

mod archive;
mod export;
mod filter_help;
pub mod help;
mod library;
mod list;
mod maintenance;
mod parse;
mod report;
mod search;
mod shared;

use std::ffi::OsString;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

pub use archive::{ArchiveArgs, ArchiveCommand};
pub use export::{ExportArgs, ExportFormat, OtlpArgs, PushArgs};
pub use filter_help::FILTER_HELP;
pub use library::{
    LibraryArgs, LibraryCommand, LibraryExportArgs, LibraryExportFormat, LibraryPushArgs, LibraryStatsArgs,
    NotesArgs, NotesFormat, SummaryFormat, VerifyArgs,
};
pub use list::{ListArgs, ListFormat, ListKind, ListSort};
pub use maintenance::{
    CacheArgs, CacheCommand, CompletionsArgs, ConfigArgs, ConfigCommand, ConfirmArgs, ForgetArgs, LoginArgs,
    ManArgs,
};
pub use parse::{CompletionKind, completion_request, first_positional};
pub use report::{ReportArgs, ReportFormat, ReportSourceArgs, SpansArgs};
pub use search::{SearchArgs, SearchFormat};
pub use shared::{CheckArgs, FailOn, OutputArgs, RedactArgs, SelectionArgs, ServiceArgs, ThreadListArgs};

/// Browse the thread behind an answer: messages, metadata, spans and feedback.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "unspool",
    bin_name = "unspool",
    version = version(),
    about,
    long_about = None,
    override_usage = "unspool [OPTIONS] [THREAD]\n       unspool [OPTIONS] <COMMAND>",
    after_help = help::after_help()
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The log level; logs go to a file, see unspool doctor
    #[arg(long, value_name = "LEVEL", global = true, value_parser = ["off", "error", "warn", "info", "debug", "trace"])]
    pub log: Option<String>,

    #[command(flatten)]
    pub browse: BrowseArgs,
}

/// Returns the version, with the commit if it is known at build time.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| match option_env!("UNSPOOL_COMMIT") {
        Some(commit) if !commit.is_empty() => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
        _ => env!("CARGO_PKG_VERSION").to_owned(),
    });
    &VERSION
}

/// The arguments of the browser.
#[derive(Clone, Debug, Default, Args)]
pub struct BrowseArgs {
    /// A thread id, a link, SERVICE:ID, a file, or - for standard input
    pub thread: Option<OsString>,

    /// Use labelled lines and one-letter commands, for screen readers and simple terminals
    #[arg(long)]
    pub plain: bool,

    /// Open the message with this id
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub message: Option<String>,

    /// Open the span with this id
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub span: Option<String>,

    /// Open this tab
    #[arg(long, value_enum)]
    pub tab: Option<TabName>,

    // In a doc comment, the brackets of the path would be a link.
    #[arg(
        long,
        value_name = "PATH",
        value_hint = ValueHint::Other,
        help = "Open the value at this path of the span's payload, or of the message: '$.chunks[2].text'"
    )]
    pub path: Option<String>,

    #[command(flatten)]
    pub service: ServiceArgs,
}

/// The tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TabName {
    Message,
    Spans,
    Feedback,
    Metadata,
    Raw,
}

/// The subcommands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Print a thread
    Show(ShowArgs),
    /// Convert a thread to Markdown, HTML, JSON, CSV or a trace format
    Export(ExportArgs),
    /// Send a thread's turns and spans to a trace viewer with OTLP over HTTP
    Push(PushArgs),
    /// List the spans of threads
    Spans(SpansArgs),
    /// List the feedback on threads
    Feedback(ReportArgs),
    /// Summarize threads by operation: counts, errors, latency, tokens, cost
    Stats(ReportArgs),
    /// Keep threads in the library on this machine, for years
    Archive(ArchiveArgs),
    /// Search everything in the library
    Search(SearchArgs),
    /// Describe, check or clean up the library
    Library(LibraryArgs),
    /// List the threads of an account, or its applications, variants or accounts
    List(ListArgs),
    /// Explain the language of filters and searches
    #[command(long_about = FILTER_HELP)]
    Filter,
    /// Run only the demo server and print its address
    DemoServer(DemoServerArgs),
    /// List, check or remove cached threads
    Cache(CacheArgs),
    /// Print the settings in effect and their origins
    Config(ConfigArgs),
    /// Prompt for an API key and store it in a file that only you can read
    Login(LoginArgs),
    /// Remove an API key stored by login
    Logout(LoginArgs),
    /// Diagnose configuration, network and terminal
    Doctor(ServiceArgs),
    /// Remove cache, history, log and stored keys
    Forget(ForgetArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
    /// Write man pages
    Man(ManArgs),
}

/// The arguments of `show`.
#[derive(Clone, Debug, Args)]
pub struct ShowArgs {
    /// A thread id, a link, SERVICE:ID, a reference of unspool search, a file, or - for standard input
    pub thread: OsString,

    /// text is a readable conversation, json the common model, raw the unchanged body
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub format: ShowFormat,

    /// Also print this many messages before and after each selected one
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub around: usize,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,

    #[command(flatten)]
    pub check: CheckArgs,

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

/// The arguments of `demo-server`.
#[derive(Clone, Copy, Debug, Args)]
pub struct DemoServerArgs {
    /// The port on the loopback address; by default a free one
    #[arg(long)]
    pub port: Option<u16>,
}
