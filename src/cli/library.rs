//! The arguments of `library`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};

use super::shared::parse_age;
use super::{ConfirmArgs, OtlpArgs, RedactArgs};

/// The arguments of `library`.
#[derive(Clone, Debug, Args)]
pub struct LibraryArgs {
    #[command(subcommand)]
    pub command: Option<LibraryCommand>,

    #[command(flatten)]
    pub stats: LibraryStatsArgs,

    /// Use the library of the demo
    #[arg(long, global = true)]
    pub demo: bool,
}

impl LibraryArgs {
    /// Returns the profile of a command that can use a library on a server.
    pub fn profile_mut(&mut self) -> Option<&mut Option<String>> {
        match &mut self.command {
            None => Some(&mut self.stats.profile),
            Some(LibraryCommand::Stats(args)) => Some(&mut args.profile),
            Some(LibraryCommand::Push(args)) => Some(&mut args.profile),
            Some(
                LibraryCommand::Check(_)
                | LibraryCommand::Prune { .. }
                | LibraryCommand::Forget { .. }
                | LibraryCommand::Unforget { .. }
                | LibraryCommand::Export(_)
                | LibraryCommand::Notes(_)
                | LibraryCommand::Rebuild
                | LibraryCommand::Path,
            ) => None,
        }
    }
}

/// The subcommands of `library`.
#[derive(Clone, Debug, Subcommand)]
pub enum LibraryCommand {
    /// Print statistics: threads, revisions, size, gaps
    Stats(LibraryStatsArgs),
    /// Check every kept body
    Check(VerifyArgs),
    /// Remove old revisions, or threads that have not changed for a long time; with the setting library.keep, archive runs
    /// remove such threads
    #[command(group(ArgGroup::new("old").args(["revisions", "older_than"]).required(true).multiple(true)))]
    Prune {
        /// Keep this many revisions of each thread; the newest always stays
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        revisions: Option<u32>,

        /// Remove threads that have not changed for longer than this, without a trace: 3y, 90d
        #[arg(long, value_name = "AGE", value_parser = parse_age)]
        older_than: Option<Duration>,

        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Remove threads without a trace, and never archive them again
    Forget {
        /// Thread ids, or SERVICE:ID
        #[arg(required_unless_present = "user")]
        threads: Vec<OsString>,

        /// Every thread of this user (uid)
        #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
        user: Option<String>,

        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Allow forgotten threads to be archived again; nothing is restored
    Unforget {
        /// Thread ids, or SERVICE:ID
        #[arg(required = true)]
        threads: Vec<OsString>,
    },
    /// Export all kept threads as a data set for databases, as traces, or as pages
    Export(LibraryExportArgs),
    /// Send all kept threads to a ClickHouse server, for a team to read, or as traces to an OTLP endpoint
    Push(LibraryPushArgs),
    /// List your notes and bookmarks, the newest first
    Notes(NotesArgs),
    /// Recreate the catalogue from the files
    Rebuild,
    /// Print the library's folder
    Path,
}

/// The arguments of `library notes`.
#[derive(Clone, Copy, Debug, Args)]
pub struct NotesArgs {
    /// The output format
    #[arg(long, short, value_enum, default_value_t = NotesFormat::Text)]
    pub format: NotesFormat,
}

/// The formats of notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum NotesFormat {
    /// For people; may change
    #[default]
    Text,
    /// One note per line
    Ndjson,
}

/// The arguments of `library export`.
#[derive(Clone, Debug, Args)]
pub struct LibraryExportArgs {
    /// A new or empty folder to write to
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,

    /// The format
    #[arg(long, short, value_enum, default_value_t = LibraryExportFormat::Ndjson)]
    pub format: LibraryExportFormat,

    /// Only threads that match this filter: 'app:Support since:2026-01-01'; see unspool help filter
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other)]
    pub filter: Option<String>,

    #[command(flatten)]
    pub masking: RedactArgs,

    /// Replace an earlier export in the folder; other files stay
    #[arg(long)]
    pub force: bool,

    /// Only print errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// The arguments of `library push`.
#[derive(Clone, Debug, Args)]
pub struct LibraryPushArgs {
    #[command(flatten)]
    pub endpoint: OtlpArgs,

    /// With --otlp, only threads that match this filter: 'app:Support since:2026-01-01'; see unspool help filter
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other, requires = "otlp")]
    pub filter: Option<String>,

    #[command(flatten)]
    pub masking: RedactArgs,

    /// The server and its database: clickhouse://HOST:8123/DATABASE on this machine, clickhouses:// elsewhere; by
    /// default, the library of the profile
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::Other, conflicts_with_all = ["otlp", "redact"])]
    pub to: Option<String>,

    /// Use the library of this profile, with its user and password
    #[arg(long, value_name = "NAME", conflicts_with = "otlp")]
    pub profile: Option<String>,

    /// Send rows in requests of about this many megabytes, before they are packed
    #[arg(long, value_name = "MB", conflicts_with = "otlp", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub batch: u16,

    /// Only print errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// The formats of an export of the library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LibraryExportFormat {
    /// Rows in Hive partitions, packed with zstd
    #[default]
    #[value(alias = "jsonl")]
    Ndjson,
    /// The same rows as Parquet
    Parquet,
    /// OpenTelemetry's JSON in Hive partitions, a thread per line
    Otlp,
    /// A page per thread, and an index
    Html,
    /// A file per thread, and an index
    #[value(alias = "md")]
    Markdown,
    /// A file per thread
    Json,
}

impl LibraryExportFormat {
    /// Returns the name in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Otlp => "otlp",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Json => "json",
        }
    }

    /// Returns whether the files of this format consist of rows of several kinds.
    pub fn has_rows(self) -> bool {
        match self {
            Self::Ndjson | Self::Parquet => true,
            Self::Otlp | Self::Html | Self::Markdown | Self::Json => false,
        }
    }
}

/// The arguments of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub struct VerifyArgs {
    /// Also read every body and compare its checksums
    #[arg(long)]
    pub deep: bool,
}

/// The arguments of `library stats`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct LibraryStatsArgs {
    #[command(flatten)]
    pub format: LibraryFormatArgs,

    /// Describe the library of this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// The format of statistics about the library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub struct LibraryFormatArgs {
    /// The output format
    #[arg(long, short, value_enum, default_value_t = SummaryFormat::Text)]
    pub format: SummaryFormat,
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SummaryFormat {
    /// For people; may change
    #[default]
    Text,
    /// One object
    Json,
}
