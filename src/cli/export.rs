//! The arguments of `export` and `push`.

use std::path::PathBuf;

pub use crate::export::ExportFormat;
use clap::Args;

use super::{FailOn, ServiceArgs};

/// What `export` writes.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// A thread id, a link, sgp:ID, camelai:ID, a file, or - for standard input
    pub thread: String,

    /// What to write; needless where the name of the file tells
    #[arg(long, short, value_enum)]
    pub format: Option<ExportFormat>,

    /// Write to this file, or into this folder under a name made of the title, instead of to standard output
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

impl ExportArgs {
    /// The format that was asked for, else the one that the name of the file is of.
    pub fn chosen_format(&self) -> Option<ExportFormat> {
        let name = || self.output.as_deref()?.file_name()?.to_str();
        self.format.or_else(|| ExportFormat::from_file_name(name()?))
    }
}

/// Which messages leave the program, and what is masked in them.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectionArgs {
    /// Only the message with this id; may be given several times
    #[arg(long, value_name = "ID")]
    pub message: Vec<String>,

    /// Only messages that pass this filter, as in the browser: 'status:error duration>5s'
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,

    /// Mask e-mail addresses, phone and card numbers, IBANs, keys and tokens
    #[arg(long)]
    pub redact: bool,

    /// Mask what this regular expression finds as well; may be given several times
    #[arg(long, value_name = "NAME=REGEX")]
    pub redact_pattern: Vec<String>,
}

/// Where `push` sends spans.
#[derive(Clone, Debug, Args)]
pub struct PushArgs {
    /// A thread id, a link, sgp:ID, camelai:ID, a file, or - for standard input
    pub thread: String,

    /// The receiver of OTLP over HTTP; /v1/traces is added where it is missing
    #[arg(long, value_name = "URL")]
    pub otlp: String,

    /// A header for the receiver, its value taken from an environment variable, so that no secret stands on the
    /// command line; may be given several times
    #[arg(long, value_name = "NAME=VARIABLE")]
    pub header: Vec<String>,

    /// Send nothing; say what would be sent
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub selection: SelectionArgs,

    /// Say nothing but why it failed
    #[arg(long, short)]
    pub quiet: bool,

    #[command(flatten)]
    pub service: ServiceArgs,
}
