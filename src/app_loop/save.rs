//! Files that the browser writes to the working directory: exports and copied text.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::app_loop::context::Redaction;
use crate::domain::{ExitCode, MessageSummary, Thread, UserError};
use crate::effect::ExportRequest;
use crate::export::{self, ExportFormat, ExportedThread, Redactor, WriteOptions};
use crate::provider;
use crate::storage::output::{Output, OutputTarget, OverwritePolicy, write_error};
use crate::text::Safe;
use crate::view::Clip;

/// The maximum number of bytes in a file name, without its extension.
const MAX_NAME_BYTES: usize = 80;
/// The maximum number of bytes of the title in the name of an export.
const MAX_TITLE_BYTES: usize = 60;

/// Returns a file name: slugs of the title and of the id. An id that its slug does not show in full gets a checksum, so
/// that the files of different threads have different names.
pub fn file_name(thread: &Thread, format: ExportFormat) -> String {
    let title = thread.title.as_deref().filter(|title| !title.trim().is_empty());
    let title = title.map(|title| Safe::file_slug(title, MAX_TITLE_BYTES));
    let id = thread.id.as_deref().map(|id| {
        let slug = Safe::file_slug(id, MAX_NAME_BYTES);
        if slug == id { slug } else { format!("{slug}-{:08x}", crc32fast::hash(id.as_bytes())) }
    });
    let parts: Vec<String> = title.into_iter().chain(id).collect();
    let name = if parts.is_empty() { Safe::file_slug("", MAX_NAME_BYTES) } else { parts.join("-") };
    format!("{name}.{}", format.extension())
}

/// The number of numbered names to try before giving up.
const MAX_NUMBERED_NAMES: usize = 100;

/// The names of the files in a folder: a name that another thread of this export has gets a number.
#[derive(Debug, Default)]
pub struct FileNames(HashSet<String>);

impl FileNames {
    /// Returns the name of the next file.
    pub fn next(&mut self, thread: &Thread, format: ExportFormat) -> String {
        let name = file_name(thread, format);
        let stem = name.strip_suffix(format.extension()).unwrap_or(&name).trim_end_matches('.');
        let numbered = (2..).map(|number| format!("{stem}-{number}.{}", format.extension()));
        // Some file systems ignore case.
        let unused =
            std::iter::once(name.clone()).chain(numbered).find(|name| self.0.insert(name.to_lowercase()));
        unused.unwrap_or(name)
    }
}

/// Writes an export of the browser to a new file in the working directory; returns a notice, and whether it is a warning.
pub fn export_to_file(request: ExportRequest, redaction: &Redaction) -> (String, bool) {
    let path = unused_path(&file_name(&request.thread, request.format));
    let written = path.and_then(|path| Ok((write_export(&request, redaction, &path)?, path)));
    match written {
        Ok((masked, path)) => (format!("Saved {}{masked}", describe_path(&path)), false),
        Err(error) => (format!("Export failed: {}. {}", error.message, error.hint), true),
    }
}

/// Writes an export to a new file; returns the summary of the masking, or an empty text.
///
/// # Errors
/// The file exists or cannot be written, or a pattern of the redaction is invalid.
pub fn write_export(
    request: &ExportRequest,
    redaction: &Redaction,
    path: &Path,
) -> Result<String, UserError> {
    let provider = provider::by_id(request.service)
        .ok_or_else(|| UserError::new("unknown service", "", ExitCode::Usage))?;
    let is_redacted = request.redact || redaction.always;
    let redactor = is_redacted.then(|| Redactor::new(&redaction.patterns)).transpose();
    let mut redactor = redactor.map_err(|error| UserError::new(error.to_string(), "", ExitCode::Usage))?;
    let redacted =
        redactor.as_mut().map(|redactor| export::redact_thread(provider, &request.thread, redactor));
    let thread = redacted.as_ref().unwrap_or(&request.thread);
    let masked_notes = redactor.as_mut().map(|redactor| export::redact_notes(&request.notes, redactor));
    let indices: Option<Vec<u32>> = request.message_indices.as_ref().map(|positions| {
        let summaries = positions.iter().filter_map(|position| request.summaries.get(*position as usize));
        let mut indices: Vec<u32> = summaries.map(|summary| summary.index).collect();
        indices.sort_unstable();
        indices
    });
    let filter = |summary: &MessageSummary| {
        indices.as_ref().is_none_or(|indices| indices.binary_search(&summary.index).is_ok())
    };
    let document = ExportedThread {
        provider,
        thread,
        summaries: &request.summaries,
        notes: masked_notes.as_ref().unwrap_or(&request.notes),
        filter: &filter,
        warnings: &request.warnings,
    };
    let mut output = Output::open(OutputTarget::new(Some(path), OverwritePolicy::Keep))?;
    let mut options = WriteOptions { on_progress: &mut |_| {}, redactor: redactor.as_mut() };
    export::write_thread(
        &document,
        request.format.writer(request.payloads).as_mut(),
        &mut output,
        &mut options,
    )
    .map_err(|error| write_error(&error))?;
    output.finish()?;
    Ok(redactor.map(|redactor| format!("; {}", redactor.summary())).unwrap_or_default())
}

/// Writes copied text to a new file in the working directory; returns a notice, and whether it is a warning.
pub fn save_clip(clip: &Clip) -> (String, bool) {
    match write_clip(clip) {
        Ok(path) => (format!("Saved {} to {}", clip.label, describe_path(&path)), false),
        Err(error) => (format!("Not saved: {}. {}", error.message, error.hint), true),
    }
}

fn write_clip(clip: &Clip) -> Result<PathBuf, UserError> {
    let path = unused_path(&clip_file_name(clip))?;
    let mut output = Output::open(OutputTarget::new(Some(&path), OverwritePolicy::Keep))?;
    output.write_all(clip.text.as_bytes()).map_err(|error| write_error(&error))?;
    output.finish()?;
    Ok(path)
}

fn clip_file_name(clip: &Clip) -> String {
    let extension = match clip.label {
        "JSON" | "span" => "json",
        "Markdown" => "md",
        _ => "txt",
    };
    format!("unspool-{}.{extension}", Safe::file_slug(clip.label, MAX_NAME_BYTES))
}

/// Formats a path in the working directory together with that directory.
pub(super) fn describe_path(path: &Path) -> String {
    match std::env::current_dir() {
        Ok(folder) => format!("{} in {}", path.display(), folder.display()),
        Err(_) => path.display().to_string(),
    }
}

/// Returns a path where nothing exists, not even a dangling link, so that nothing is overwritten.
pub(super) fn unused_path(name: &str) -> Result<PathBuf, UserError> {
    let (stem, extension) = name.split_at(name.find('.').unwrap_or(name.len()));
    let names = (1..MAX_NUMBERED_NAMES).map(|number| match number {
        1 => name.to_owned(),
        _ => format!("{stem}-{number}{extension}"),
    });
    let unused = names.map(PathBuf::from).find(|path| path.symlink_metadata().is_err());
    unused.ok_or_else(|| {
        let message = format!("{name} and its numbered variants already exist");
        UserError::new(message, "Remove some.", ExitCode::Failure)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_exists_gets_a_number_before_its_extension() {
        // The tests run in the folder of the package.
        for (name, unused) in [("Cargo.toml", "Cargo-2.toml"), ("src", "src-2")] {
            assert_eq!(unused_path(name).unwrap(), PathBuf::from(unused));
        }
    }
}
