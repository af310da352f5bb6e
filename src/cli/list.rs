//! The arguments of `list`.

use clap::{Args, ValueEnum, ValueHint};

use super::ServiceArgs;

/// The arguments of `list`.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// The kind of rows to list
    #[arg(value_enum, value_name = "KIND", default_value_t = ListKind::Threads)]
    pub kind: ListKind,

    /// Only threads of the variant with this id; repeatable (Scale SGP)
    #[arg(long, value_name = "ID", value_hint = ValueHint::Other)]
    pub variant: Vec<String>,

    /// Only threads or variants of the applications with this id, or with this text in their name (Scale SGP)
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub app: Option<String>,

    /// Only threads that match this filter: 'app:Support since:7d refund'; see unspool help filter
    #[arg(long, value_name = "EXPR", value_hint = ValueHint::Other)]
    pub filter: Option<String>,

    /// Only threads that the library keeps
    #[arg(long, group = "state")]
    pub saved: bool,

    /// Only threads that were read here but not archived; their copies may age out
    #[arg(long, group = "state")]
    pub read: bool,

    /// Only threads that the library does not keep, including those that were only read
    #[arg(long, group = "state")]
    pub missing: bool,

    /// Only threads that the library has and the service no longer lists
    #[arg(long, group = "state")]
    pub gone: bool,

    /// The order of threads; by default, the latest change first in text, and the order of arrival in other formats
    #[arg(long, value_enum)]
    pub sort: Option<ListSort>,

    /// The output format
    #[arg(long, short, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,

    /// Print at most this many rows
    #[arg(long, value_name = "NUMBER")]
    pub limit: Option<usize>,

    /// Only print errors and parts that could not be listed
    #[arg(long, short)]
    pub quiet: bool,

    #[command(flatten)]
    pub service: ServiceArgs,
}

impl ListArgs {
    /// Returns the first option that only a list of threads has, if it is set.
    pub fn thread_option(&self) -> Option<&'static str> {
        let options = [
            ("--variant", !self.variant.is_empty()),
            ("--filter", self.filter.is_some()),
            ("--sort", self.sort.is_some()),
            ("--saved", self.saved),
            ("--read", self.read),
            ("--missing", self.missing),
            ("--gone", self.gone),
        ];
        options.into_iter().find_map(|(name, is_set)| is_set.then_some(name))
    }

    /// Returns the filter of threads: the one of `--filter`, and the term of another option.
    pub fn thread_filter(&self) -> String {
        let typed = self.filter.as_deref().unwrap_or_default();
        match self.place_term() {
            Some(term) if typed.trim().is_empty() => term.to_owned(),
            Some(term) => format!("({typed}) {term}"),
            None => typed.to_owned(),
        }
    }

    /// Returns the filter term of an option such as `--saved`.
    fn place_term(&self) -> Option<&'static str> {
        let terms = [
            ("saved:yes", self.saved),
            ("read:yes", self.read),
            ("saved:no", self.missing),
            ("gone:yes", self.gone),
        ];
        terms.into_iter().find_map(|(term, is_set)| is_set.then_some(term))
    }
}

/// The kinds of rows of `list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListKind {
    /// The accounts that the key can see (Scale SGP)
    Accounts,
    /// The applications of the account (Scale SGP)
    Apps,
    /// Their variants (Scale SGP)
    Variants,
    Threads,
}

/// The order of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListSort {
    /// The latest change first
    Updated,
    /// The newest first
    Created,
    /// By title; threads without one come last
    Title,
    /// The most messages first
    Messages,
}

/// The formats of `list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people; may change
    Text,
    /// One row per line
    Ndjson,
    /// Rows for spreadsheets
    Csv,
    /// SERVICE:ID lines for --from; for accounts, applications and variants, only the ids
    Ids,
}
