//! Removes an earlier export from its folder, and nothing else.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::targets::TraceTarget;
use super::{MANIFESTS_FOLDER, SUCCESS_FILE};
use crate::export::PartitionedRow;
use crate::storage::files::{FileError, sweep};

/// Removes the files of an earlier export. The mark of completeness is removed first.
///
/// # Errors
/// A file cannot be removed.
pub(super) fn remove(folder: &Path) -> Result<(), FileError> {
    remove_file(&folder.join(SUCCESS_FILE))?;
    let manifests = folder.join(MANIFESTS_FOLDER);
    for path in manifests.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()) {
        remove_listed_files(folder, &path)?;
    }
    remove_files(&manifests, "", &[".json"])?;
    // The parts of an unfinished export, which has no manifest.
    for kind in PartitionedRow::folders().chain([TraceTarget::FOLDER]) {
        for service in subfolders(&folder.join(kind), "service=") {
            for month in subfolders(&service, "month=") {
                remove_files(&month, "part-", &[".ndjson.zst", ".parquet", ".jsonl"])?;
                // The folder stays if it has other files.
                let _ = fs::remove_dir(&month);
            }
        }
    }
    Ok(())
}

fn remove_file(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::wrap("remove", path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes the files that a manifest lists. An invalid manifest lists nothing.
fn remove_listed_files(folder: &Path, manifest: &Path) -> Result<(), FileError> {
    let Ok(bytes) = fs::read(manifest) else { return Ok(()) };
    let manifest = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
    let files = manifest.get("files").and_then(Value::as_array).into_iter().flatten();
    for path in files.filter_map(|file| file.get("path")?.as_str()).map(Path::new) {
        if is_inside(folder, path) {
            remove_file(&folder.join(path))?;
        }
    }
    Ok(())
}

/// Returns whether a path leads to a file in the folder, not through a link: an altered manifest must not lead out of it.
fn is_inside(folder: &Path, path: &Path) -> bool {
    let is_link = |parent: &Path| folder.join(parent).symlink_metadata().is_ok_and(|data| data.is_symlink());
    let parents = path.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty());
    path.components().all(|part| matches!(part, Component::Normal(_))) && !parents.into_iter().any(is_link)
}

fn remove_files(folder: &Path, prefix: &str, suffixes: &[&str]) -> Result<(), FileError> {
    sweep(folder);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_one =
            |name: &str| name.starts_with(prefix) && suffixes.iter().any(|suffix| name.ends_with(suffix));
        if name.to_str().is_some_and(is_one) {
            remove_file(&entry.path())?;
        }
    }
    Ok(())
}

/// Returns the folders whose names begin so; links are not followed.
fn subfolders(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_one = |entry: &fs::DirEntry| {
        entry.file_type().is_ok_and(|kind| kind.is_dir())
            && entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix))
    };
    entries.filter(is_one).map(|entry| entry.path()).collect()
}
