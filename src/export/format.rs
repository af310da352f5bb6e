//! The formats by name: what files of each end with, and what writes it.

use clap::ValueEnum;

use super::{Chrome, Csv, Html, JsonThread, Markdown, Ndjson, OtlpJson, Writer};

/// The formats of `export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// To read and to paste into issues and wikis
    #[value(alias = "md")]
    Markdown,
    /// One file for a browser, with traces drawn; loads nothing
    Html,
    /// The common model, as `show --format json`
    Json,
    /// A line for each message, span and piece of feedback, for databases
    #[value(alias = "jsonl")]
    Ndjson,
    /// A row for each message, for spreadsheets
    Csv,
    /// OpenTelemetry's JSON, for trace viewers
    Otlp,
    /// Trace events, for Perfetto
    Chrome,
}

impl ExportFormat {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::Markdown, Self::Html, Self::Json, Self::Ndjson, Self::Csv, Self::Otlp, Self::Chrome];

    /// The name for people and in file menus.
    pub fn title(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown",
            Self::Html => "HTML, one file",
            Self::Json => "JSON, the common model",
            Self::Ndjson => "NDJSON, for databases",
            Self::Csv => "CSV, for spreadsheets",
            Self::Otlp => "OTLP JSON, for trace viewers",
            Self::Chrome => "Chrome trace, for Perfetto",
        }
    }

    /// What writes this format.
    pub fn writer(self) -> Box<dyn Writer> {
        match self {
            Self::Markdown => Box::new(Markdown),
            Self::Html => Box::new(Html),
            Self::Json => Box::new(JsonThread::default()),
            Self::Ndjson => Box::new(Ndjson),
            Self::Csv => Box::new(Csv),
            Self::Otlp => Box::new(OtlpJson::default()),
            Self::Chrome => Box::new(Chrome::default()),
        }
    }

    /// The format of files that are named like this.
    pub fn from_file_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends = |ending: &str| name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'));
        match () {
            () if ends("markdown") => Some(Self::Markdown),
            () if ends("htm") => Some(Self::Html),
            () if ends("jsonl") => Some(Self::Ndjson),
            // Two formats end as JSON does, and more than that.
            () => Self::ALL.into_iter().rev().find(|format| ends(format.extension())),
        }
    }

    /// What files of this format end with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Otlp => "otlp.json",
            Self::Chrome => "trace.json",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_the_format_from_the_file_name() {
        for format in ExportFormat::ALL {
            assert_eq!(ExportFormat::from_file_name(&format!("a.b.{}", format.extension())), Some(format));
        }
        assert_eq!(ExportFormat::from_file_name("A.HTM"), Some(ExportFormat::Html));
        assert_eq!(ExportFormat::from_file_name("a.jsonl"), Some(ExportFormat::Ndjson));
        for unclear in ["md", "a.txt", "folder", "", "amd"] {
            assert_eq!(ExportFormat::from_file_name(unclear), None);
        }
    }
}
