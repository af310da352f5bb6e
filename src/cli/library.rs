//! The arguments of `archive` and `library`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::{ConfirmArgs, OtlpArgs, RedactArgs, ServiceArgs};

/// The arguments of `archive`.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true, mut_arg("demo", |demo| demo.global(true)))]
pub struct ArchiveArgs {
    #[command(subcommand)]
    pub command: Option<ArchiveCommand>,

    /// Thread ids, links, or SERVICE:ID; without any, every thread that the key can list
    pub threads: Vec<OsString>,

    /// Read more threads from this file, one per line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,

    /// Only listed threads that match this filter: 'app:Support since:2026-01-01'; see unspool help filter
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other, conflicts_with_all = ["threads", "from"])]
    pub filter: Option<String>,

    /// Fetch every thread again, also those that the list shows unchanged
    #[arg(long)]
    pub deep: bool,

    /// How long a check counts for a thread that the list shows unchanged: 7d, 12h
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = parse_age)]
    pub trust: Duration,

    /// Send at most this many requests: 60/min, 5/s
    #[arg(long, value_name = "NUMBER/UNIT", value_parser = parse_rate)]
    pub rate: Option<Duration>,

    /// Send at most this many requests at once; by default, what the service's limits suggest
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub parallel: Option<u8>,

    /// The format of the report
    #[arg(long, short, value_enum, default_value_t = SummaryFormat::Text)]
    pub format: SummaryFormat,

    /// Only print errors
    #[arg(long, short)]
    pub quiet: bool,

    #[command(flatten)]
    pub service: ServiceArgs,
}

/// The subcommands of `archive`.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum ArchiveCommand {
    /// Describe the library: threads, revisions, size, last check
    Status(LibraryFormatArgs),
    /// Check every kept body
    Verify(VerifyArgs),
    /// Print the report of an earlier run; without one, list the runs
    Report {
        /// The name of the run, its beginning, or last
        #[arg(value_name = "RUN", value_hint = ValueHint::Other)]
        run: Option<String>,

        #[command(flatten)]
        format: LibraryFormatArgs,
    },
}

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
    /// The profile of a command that can use a library on a server.
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
    /// Print numbers: threads, revisions, size, gaps
    Stats(LibraryStatsArgs),
    /// Check every kept body
    Check(VerifyArgs),
    /// Remove old revisions, or threads that have not changed for long; the setting library.keep does so in archive runs
    Prune {
        /// Keep this many revisions of each thread; the newest always stays
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        #[arg(required_unless_present = "older_than")]
        revisions: Option<u32>,

        /// Remove threads that have not changed for longer than this, so that no trace of them stays: 3y, 90d
        #[arg(long, value_name = "AGE", value_parser = parse_age)]
        older_than: Option<Duration>,

        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Remove threads so that no trace of them stays, and never archive them again
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
    /// Make the catalogue again from the files
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
    /// A page per thread, and one that lists them
    Html,
    /// A file per thread, and one that lists them
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

    /// Whether its files consist of rows of several kinds.
    pub fn has_rows(self) -> bool {
        match self {
            Self::Ndjson | Self::Parquet => true,
            Self::Otlp | Self::Html | Self::Markdown | Self::Json => false,
        }
    }
}

/// The arguments of `search`.
#[derive(Clone, Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases", refund*, -word, and terms: role:user is:negative app:Support since:7d cost>0.01 re:PATTERN
    #[arg(required_unless_present_any = ["saved", "list_saved", "remove_saved"])]
    pub words: Vec<String>,

    /// Run the saved search with this name; words narrow it
    #[arg(long, value_name = "SEARCH")]
    pub saved: Option<String>,

    /// Save the search under this name, also for the browser, and run it
    #[arg(long, value_name = "SEARCH")]
    pub save: Option<String>,

    /// List the saved searches; ids are their names
    #[arg(long, conflicts_with_all = ["words", "saved", "save", "payloads", "analysis"])]
    pub list_saved: bool,

    /// Remove the saved search with this name
    #[arg(long, value_name = "SEARCH", conflicts_with_all = ["words", "saved", "save", "list_saved", "payloads", "analysis"])]
    pub remove_saved: Option<String>,

    /// The output format; ids are references for unspool show
    #[arg(long, short, value_enum, default_value_t = SearchFormat::Text)]
    pub format: SearchFormat,

    /// Search the payloads of spans instead; they are not in the index, so threads are read one by one, the newest first
    #[arg(long)]
    pub payloads: bool,

    /// Print statistics of the threads with hits instead: operations, days, and the threads with the most problems
    #[arg(long, conflicts_with = "payloads")]
    pub analysis: bool,

    /// Print at most this many hits
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    pub limit: NonZeroUsize,

    /// Print at most this many characters; the last hit is whole
    #[arg(long, value_name = "NUMBER")]
    pub max_chars: Option<usize>,

    /// Search the library of this profile
    #[arg(long, value_name = "NAME", conflicts_with = "demo")]
    pub profile: Option<String>,

    /// Search the library of the demo
    #[arg(long)]
    pub demo: bool,
}

/// The formats of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SearchFormat {
    /// For people; may change
    #[default]
    Text,
    /// One hit per line
    Ndjson,
    /// One reference per line
    Ids,
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

/// The format of numbers about the library.
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

/// Parses `3y`, `7d`, `12h`, `30min` or `45s`. A year has 365 days.
fn parse_age(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, u64); 5] = [("min", 60), ("y", 31_536_000), ("d", 86_400), ("h", 3_600), ("s", 1)];
    let parsed = UNITS.iter().find_map(|(unit, seconds)| {
        text.trim().strip_suffix(unit)?.trim_end().parse::<u64>().ok()?.checked_mul(*seconds)
    });
    parsed
        .map(Duration::from_secs)
        .ok_or_else(|| "pass a number and a unit: 3y, 7d, 12h, 30min, 45s".to_owned())
}

/// Parses `60/min` to the time between two requests.
fn parse_rate(text: &str) -> Result<Duration, String> {
    let parsed = text.trim().split_once('/').and_then(|(number, unit)| {
        let seconds = match unit.trim() {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return None,
        };
        let number = number.trim().parse::<u32>().ok().filter(|number| *number > 0)?;
        Some(Duration::from_secs(seconds) / number)
    });
    parsed.ok_or_else(|| "pass a number per unit: 60/min, 5/s, 1000/h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_rates_are_numbers_with_a_unit() {
        assert_eq!(parse_age("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(parse_age("3y"), Ok(Duration::from_secs(94_608_000)));
        assert_eq!(parse_age(" 30 min"), Ok(Duration::from_secs(1800)));
        assert_eq!(parse_rate("60/min"), Ok(Duration::from_secs(1)));
        assert_eq!(parse_rate("4/s"), Ok(Duration::from_millis(250)));
        for invalid in ["", "7", "d", "-1d", "1w", "99999999999999999999d"] {
            assert!(parse_age(invalid).is_err(), "{invalid}");
        }
        for invalid in ["", "60", "0/min", "60/day", "/s"] {
            assert!(parse_rate(invalid).is_err(), "{invalid}");
        }
    }
}
