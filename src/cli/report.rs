//! The arguments of `spans`, `feedback` and `stats`.

use clap::{Args, ValueEnum, ValueHint};

use super::{CheckArgs, ServiceArgs, ThreadListArgs};

/// The arguments of `feedback` and `stats`.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub source: ReportSourceArgs,

    /// Only messages that match this filter, as in the browser: 'status:error duration>5s'; see unspool help filter
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other)]
    pub filter: Option<String>,
}

/// The arguments of `spans`.
#[derive(Clone, Debug, Args)]
pub struct SpansArgs {
    #[command(flatten)]
    pub source: ReportSourceArgs,

    /// Only spans that match this filter: 'status:error op:COMPLETION duration>5s'; see unspool help filter
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other)]
    pub filter: Option<String>,

    /// Only spans of messages that match this filter: 'feedback:negative'
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other)]
    pub message_filter: Option<String>,
}

/// The threads of a report, and its format.
#[derive(Clone, Debug, Args)]
pub struct ReportSourceArgs {
    #[command(flatten)]
    pub threads: ThreadListArgs,

    /// The output format
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    #[command(flatten)]
    pub check: CheckArgs,

    #[command(flatten)]
    pub service: ServiceArgs,
}

/// The formats of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people; may change
    Text,
    /// An array of rows
    Json,
    /// Rows for spreadsheets
    Csv,
    /// One row per line
    Ndjson,
}
