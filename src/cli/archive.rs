//! The arguments of `archive`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

use super::library::LibraryFormatArgs;
use super::shared::parse_age;
use super::{ServiceArgs, SummaryFormat, VerifyArgs};

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

    /// Fetch every thread again, even those that the list shows unchanged
    #[arg(long)]
    pub deep: bool,

    /// Trust a check for this long if the list shows the thread unchanged: 7d, 12h
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = parse_age)]
    pub trust: Duration,

    /// Send at most this many requests: 60/min, 5/s
    #[arg(long, value_name = "NUMBER/UNIT", value_parser = parse_rate)]
    pub rate: Option<Duration>,

    /// Send at most this many requests at once; by default, as the service's limits suggest
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
        /// The name of the run, its beginning, or "last"
        #[arg(value_name = "RUN", value_hint = ValueHint::Other)]
        run: Option<String>,

        #[command(flatten)]
        format: LibraryFormatArgs,
    },
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
    fn rates_are_numbers_per_unit() {
        assert_eq!(parse_rate("60/min"), Ok(Duration::from_secs(1)));
        assert_eq!(parse_rate("4/s"), Ok(Duration::from_millis(250)));
        for invalid in ["", "60", "0/min", "60/day", "/s"] {
            assert!(parse_rate(invalid).is_err(), "{invalid}");
        }
    }
}
