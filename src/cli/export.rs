//! The arguments of `export` and `push`.

use clap::{Args, ValueHint};

use super::{CheckArgs, OutputArgs, SelectionArgs, ServiceArgs, ThreadListArgs};
pub use crate::export::ExportFormat;
use crate::export::Payloads;
use crate::export::rows::RowKind;

/// The arguments of `export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub threads: ThreadListArgs,

    /// The format; by default, that of the file's extension
    #[arg(long, short, value_enum)]
    pub format: Option<ExportFormat>,

    /// Begin a CSV file with a byte order mark, which Excel needs to recognize UTF-8
    #[arg(long)]
    pub bom: bool,

    /// The rows of a CSV file
    #[arg(long, value_enum)]
    pub rows: Option<RowKind>,

    /// The spans whose input, output, expected output and metadata are included: by default none in Markdown, auto in HTML
    #[arg(long, value_enum)]
    pub payloads: Option<Payloads>,

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
#[derive(Clone, Debug, Default, Args)]
pub struct PushArgs {
    #[command(flatten)]
    pub threads: ThreadListArgs,

    #[command(flatten)]
    pub endpoint: OtlpArgs,

    #[command(flatten)]
    pub selection: SelectionArgs,

    /// Only print errors
    #[arg(long, short)]
    pub quiet: bool,

    #[command(flatten)]
    pub service: ServiceArgs,
}

/// The endpoint of traces, and the way to send them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct OtlpArgs {
    /// The OTLP endpoint; /v1/traces is appended if missing. By default OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or
    /// OTEL_EXPORTER_OTLP_ENDPOINT; the variables for headers, timeout and compression also apply
    #[arg(long, value_name = "URL", value_hint = ValueHint::Other)]
    pub otlp: Option<String>,

    /// A header for the endpoint; the value is read from an environment variable, to keep secrets off the command
    /// line; repeatable
    #[arg(long, value_name = "NAME=VARIABLE", value_hint = ValueHint::Other)]
    pub header: Vec<String>,

    /// Allow http to another machine; headers and contents travel unencrypted
    #[arg(long)]
    pub insecure: bool,

    /// Send new ids, so that the backend stores the threads again
    #[arg(long)]
    pub as_new: bool,

    /// Also send feedback as span annotations, to Phoenix at the endpoint's address
    #[arg(long)]
    pub phoenix_feedback: bool,

    /// Send nothing; print what would be sent
    #[arg(long)]
    pub dry_run: bool,
}
