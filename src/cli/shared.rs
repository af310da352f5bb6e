//! Argument groups that several commands share.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum, ValueHint};

use crate::domain;
use crate::provider;

/// The service, and the access to it.
#[derive(Clone, Debug, Default, Args)]
pub struct ServiceArgs {
    /// Read the threads of a demo server on this machine; needs no account and no network
    #[arg(long)]
    pub demo: bool,

    /// The address of the demo server, once it runs.
    #[arg(skip)]
    pub demo_address: Option<String>,

    /// The service that the id or the body belongs to
    #[arg(long, value_parser = provider_parser())]
    pub provider: Option<&'static str>,

    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Override the service URL
    #[arg(long, value_name = "URL", value_hint = ValueHint::Other)]
    pub base_url: Option<String>,

    /// Override the account id (Scale SGP)
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub account: Option<String>,

    /// Fetch only the user's own threads, not those of the whole account (Scale SGP)
    #[arg(long)]
    pub own_threads_only: bool,

    /// Do not contact the service; read only the cache and the library
    #[arg(long, conflicts_with = "no_cache")]
    pub offline: bool,

    /// Neither read nor write the local cache
    #[arg(long)]
    pub no_cache: bool,
}

/// Accepts the ids of the provider registry.
pub(super) fn provider_parser() -> impl TypedValueParser<Value = &'static str> {
    PossibleValuesParser::new(provider::all().iter().map(|provider| provider.id()))
        .try_map(|name| provider::by_id(&name).map(|provider| provider.id()).ok_or("unknown service"))
}

/// The threads of a command.
#[derive(Clone, Debug, Default, Args)]
pub struct ThreadListArgs {
    /// Thread ids, links, SERVICE:ID, files, or - for a body on standard input
    #[arg(required_unless_present = "from")]
    pub threads: Vec<OsString>,

    /// Read more threads from this file, one per line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
}

/// The destination of a command.
#[derive(Clone, Debug, Default, Args)]
pub struct OutputArgs {
    /// Write to this file instead of standard output; export also takes a folder and names the file by title
    /// and id
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}

/// The secrets to mask.
#[derive(Clone, Debug, Default, Args)]
pub struct RedactArgs {
    /// Mask mail addresses, phone, card and bank numbers, passwords, keys and tokens
    #[arg(long)]
    pub redact: bool,

    /// Also mask matches of this regular expression; repeatable
    #[arg(long, value_name = "NAME=REGEX", value_hint = ValueHint::Other)]
    pub redact_pattern: Vec<String>,
}

impl RedactArgs {
    /// Returns whether any of the flags is set.
    pub fn is_set(&self) -> bool {
        self.redact || !self.redact_pattern.is_empty()
    }
}

/// The messages to write, and the secrets to mask in them.
#[derive(Clone, Debug, Default, Args)]
pub struct SelectionArgs {
    /// Only the message with this id; repeatable
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub message: Vec<String>,

    /// Only messages that match this filter, as in the browser: 'status:error duration>5s'; see unspool help filter
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other)]
    pub filter: Option<String>,

    #[command(flatten)]
    pub masking: RedactArgs,
}

impl SelectionArgs {
    /// Returns whether any of the flags is set.
    pub fn is_set(&self) -> bool {
        !self.message.is_empty() || self.filter.is_some() || self.masking.is_set()
    }
}

/// Parses the age of an option.
pub(super) fn parse_age(text: &str) -> Result<Duration, String> {
    domain::parse_age(text).ok_or_else(|| "pass a number and a unit: 3y, 26w, 7d, 12h, 30min, 45s".to_owned())
}

/// The conditions under which a command fails, and the amount of its output.
#[derive(Clone, Debug, Default, Args)]
pub struct CheckArgs {
    /// Exit with code 1 if a written message has one of these
    #[arg(long, value_name = "PROBLEM", value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,

    /// Only print errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// A condition of `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A failed message or span
    Error,
    /// Negative feedback
    Negative,
}
