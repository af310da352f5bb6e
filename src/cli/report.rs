//! The arguments of `spans`, `feedback` and `stats`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ServiceArgs;

/// What is reported, and how.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Thread ids, links, sgp:ID, camelai:ID, files, or - for a body on standard input
    #[arg(required_unless_present = "from")]
    pub threads: Vec<String>,

    /// Read more threads from this file, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,

    /// How to write it
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Only messages that pass this filter, as in the browser: 'status:error duration>5s'
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,

    /// End with exit code 1 if there is such a thing in the messages that are reported
    #[arg(long, value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,

    /// Say nothing but why it failed
    #[arg(long, short)]
    pub quiet: bool,

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
    /// A row a line
    Ndjson,
}

/// What a script may want to fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A message or a span failed
    Error,
    /// Negative feedback
    Negative,
}
