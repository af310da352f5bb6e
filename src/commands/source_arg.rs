//! The thread argument of commands.

use std::path::Path;

use crate::cli::ServiceArgs;
use crate::domain::{ExitCode, Source, UserError};
use crate::provider::parse_source::{is_path_like, parse_source};

/// Parses a thread argument. An existing file is a file, even if its name looks like an id.
///
/// # Errors
/// An argument that is neither a file nor a thread of a known service.
pub fn parse_source_arg(text: &str, args: &ServiceArgs) -> Result<Source, UserError> {
    if text == "-" {
        return Ok(Source::Stdin);
    }
    // Named pipes count as files.
    if Path::new(text).metadata().is_ok_and(|metadata| !metadata.is_dir()) {
        return Ok(Source::File(text.into()));
    }
    let input = match args.provider {
        Some(service) if !text.contains(':') && !is_path_like(text) => format!("{service}:{text}"),
        _ => text.to_owned(),
    };
    parse_source(&input, args.provider).map_err(|error| UserError::new(error.reason, "", ExitCode::Usage))
}
