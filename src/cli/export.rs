//! The arguments of `export` and `push`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::{CheckArgs, OutputArgs, SelectionArgs, ServiceArgs};
pub use crate::export::ExportFormat;

/// The arguments of `export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// A thread id, a link, SERVICE:ID, a file, or - for standard input
    pub thread: OsString,

    /// The format; by default that of the file's extension
    #[arg(long, short, value_enum)]
    pub format: Option<ExportFormat>,

    /// Begin a CSV file with a byte order mark, which Excel needs to recognize UTF-8
    #[arg(long)]
    pub bom: bool,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,

    #[command(flatten)]
    pub check: CheckArgs,

    #[command(flatten)]
    pub service: ServiceArgs,
}

impl ExportArgs {
    /// Returns the format that is passed, else that of the file's extension.
    pub fn chosen_format(&self) -> Option<ExportFormat> {
        let name = || self.output.output.as_deref()?.file_name()?.to_str();
        self.format.or_else(|| ExportFormat::from_file_name(name()?))
    }
}

/// The arguments of `push`.
#[derive(Clone, Debug, Args)]
pub struct PushArgs {
    /// A thread id, a link, SERVICE:ID, a file, or - for standard input
    pub thread: OsString,

    /// The OTLP endpoint; /v1/traces is appended if missing
    #[arg(long, value_name = "URL", value_hint = ValueHint::Other)]
    pub otlp: String,

    /// A header for the endpoint; the value is read from an environment variable, to keep secrets off the command
    /// line; repeatable
    #[arg(long, value_name = "NAME=VARIABLE", value_hint = ValueHint::Other)]
    pub header: Vec<String>,

    /// Send nothing; print what would be sent
    #[arg(long)]
    pub dry_run: bool,

    #[command(flatten)]
    pub selection: SelectionArgs,

    /// Only print errors
    #[arg(long, short)]
    pub quiet: bool,

    #[command(flatten)]
    pub service: ServiceArgs,
}
