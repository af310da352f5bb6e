//! The private files that editors open. Each is removed when its editor ends; those of a program that was killed are
//! removed at the next start.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::platform::{self, Owner};

/// The start of the names of all private files.
const PREFIX: &str = "unspool-edit-";

/// Creates a file with this text, which only its owner can read.
///
/// # Errors
/// The file cannot be written.
pub fn create(text: &str) -> io::Result<NamedTempFile> {
    let suffix = if text.starts_with(['{', '[']) { ".json" } else { ".txt" };
    let mut file = tempfile::Builder::new().prefix(PREFIX).suffix(suffix).tempfile()?;
    platform::mark_in_use(file.as_file());
    file.write_all(text.as_bytes())?;
    file.flush()?;
    Ok(file)
}

/// Removes the files of programs that ended without doing so.
pub fn remove_abandoned() {
    remove_abandoned_in(&env::temp_dir());
}

fn remove_abandoned_in(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_named = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_named && is_abandoned(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns whether a path is a private file that no running program has marked.
fn is_abandoned(path: &Path) -> bool {
    let Ok(metadata) = path.symlink_metadata() else { return false };
    let is_own = platform::file_access(&metadata)
        .is_some_and(|access| access.owner == Owner::User && access.mode == 0o600);
    metadata.is_file()
        && is_own
        && platform::open_no_follow(OpenOptions::new().read(true), path)
            .is_ok_and(|file| !platform::is_marked_in_use(&file))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn files_of_ended_programs_are_removed_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, mode| {
            let path = folder.path().join(name);
            fs::write(&path, "text").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let abandoned = write("unspool-edit-a1b2c3.txt", 0o600);
        let others = [write("unspool-text.txt", 0o600), write("unspool-edit-shared.txt", 0o644)];
        let open = write("unspool-edit-open.json", 0o600);
        let editor = fs::File::open(&open).unwrap();
        platform::mark_in_use(&editor);
        let link = folder.path().join("unspool-edit-link.txt");
        symlink(&others[0], &link).unwrap();
        remove_abandoned_in(folder.path());
        assert!(!abandoned.exists());
        assert!(others.iter().all(|path| path.exists()) && open.exists() && link.exists());
        drop(editor);
        remove_abandoned_in(folder.path());
        assert!(!open.exists());
    }

    #[test]
    fn a_private_file_is_readable_by_its_owner_only_and_in_use() {
        let file = create("{}").unwrap();
        assert!(file.path().to_str().unwrap().ends_with(".json"));
        assert_eq!(file.as_file().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!is_abandoned(file.path()));
    }
}
