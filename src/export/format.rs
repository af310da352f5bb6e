//! The export formats: names, file extensions, writers.

use clap::ValueEnum;

use super::{Chrome, Csv, Html, JsonThread, Markdown, Ndjson, OtlpJson, Payloads, Writer};

/// The formats of `export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// For reading, issues and wikis
    #[value(alias = "md")]
    Markdown,
    /// One file for a browser, with drawn traces; loads nothing
    Html,
    /// The common model, as in `show --format json`
    Json,
    /// A line per thread, message, span, tool call, result, artifact, chunk and feedback, for databases
    #[value(alias = "jsonl")]
    Ndjson,
    /// A row per message, or per part with --rows, for spreadsheets
    Csv,
    /// OpenTelemetry's JSON, for trace viewers
    Otlp,
    /// Trace events, for Perfetto
    Chrome,
}

impl ExportFormat {
    /// All formats, in menu order.
    pub const ALL: [Self; 7] =
        [Self::Markdown, Self::Html, Self::Json, Self::Ndjson, Self::Csv, Self::Otlp, Self::Chrome];

    /// Returns the name in menus.
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

    /// Returns the default choice of spans whose payloads are written; `None` if the format has no such option.
    pub fn default_payloads(self) -> Option<Payloads> {
        match self {
            Self::Markdown => Some(Payloads::None),
            Self::Html => Some(Payloads::Auto),
            Self::Json | Self::Ndjson | Self::Csv | Self::Otlp | Self::Chrome => None,
        }
    }

    /// Creates a writer of this format, with the default choice of payloads if none is given.
    pub fn writer(self, payloads: Option<Payloads>) -> Box<dyn Writer> {
        let payloads = payloads.or(self.default_payloads()).unwrap_or(Payloads::None);
        match self {
            Self::Markdown => Box::new(Markdown { payloads }),
            Self::Html => Box::new(Html::new(payloads)),
            Self::Json => Box::new(JsonThread::default()),
            Self::Ndjson => Box::new(Ndjson::default()),
            Self::Csv => Box::new(Csv::default()),
            Self::Otlp => Box::new(OtlpJson::default()),
            Self::Chrome => Box::new(Chrome::default()),
        }
    }

    /// Returns the format that a file name implies.
    pub fn from_file_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends = |ending: &str| name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'));
        match () {
            () if ends("markdown") => Some(Self::Markdown),
            () if ends("htm") => Some(Self::Html),
            () if ends("jsonl") => Some(Self::Ndjson),
            // In reverse, because two extensions end with `json`.
            () => Self::ALL.into_iter().rev().find(|format| ends(format.extension())),
        }
    }

    /// Returns the file extension, without the leading dot.
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
        for unknown in ["md", "a.txt", "folder", "", "amd"] {
            assert_eq!(ExportFormat::from_file_name(unknown), None);
        }
    }
}
