//! The arguments of `search`.

use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};

/// The arguments of `search`.
#[derive(Clone, Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases", refund*, -word, and terms: role:user is:negative app:Support since:7d cost>0.01 re:PATTERN
    #[arg(required_unless_present_any = ["saved", "list_saved", "remove_saved"])]
    pub words: Vec<String>,

    /// Run the saved search with this name; further words narrow it
    #[arg(long, value_name = "SEARCH")]
    pub saved: Option<String>,

    /// Save the search under this name, also for the browser, and run it
    #[arg(long, value_name = "SEARCH")]
    pub save: Option<String>,

    /// List the saved searches; the format ids prints only their names
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
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub limit: usize,

    /// Print at most this many characters, without cutting a hit
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
