use std::{fs, io::Write};

use super::*;

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    platform::file_access(&path.symlink_metadata().unwrap()).unwrap().mode
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_private() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a/b");
    create_private_folder(&folder).unwrap();
    write_atomic(&folder.join("x"), b"secret").unwrap();
    assert_eq!((mode(&home.path().join("a")), mode(&folder), mode(&folder.join("x"))), (0o700, 0o700, 0o600));
    let wide = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&folder, wide).unwrap();
    create_private_folder(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
}

#[test]
fn an_uncommitted_file_is_private_and_leaves_no_trace() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    write_atomic(&path, b"old").unwrap();
    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"half").unwrap();
    let names: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names.len(), 2);
    #[cfg(unix)]
    assert!(names.iter().all(|name| mode(name) == 0o600));
    drop(file);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_restarted_file_holds_only_later_bytes() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"a long beginning").unwrap();
    file.restart().unwrap();
    file.write_all(b"end").unwrap();
    file.commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"end");
}

/// Creating a link is a privilege on Windows.
#[cfg(unix)]
#[test]
fn links_are_replaced_when_written_and_refused_when_read() {
    use std::{io::Read, os::unix::fs::symlink};
    let home = tempfile::tempdir().unwrap();
    let (target, link) = (home.path().join("target"), home.path().join("link"));
    fs::write(&target, "theirs").unwrap();
    symlink(&target, &link).unwrap();
    let error = open_no_follow(&link).unwrap_err();
    assert!(error.hint().contains("Symbolic links"), "{error}: {}", error.hint());
    assert!(FileLock::acquire(&link, Duration::ZERO).is_err());
    write_atomic(&link, b"ours").unwrap();
    assert_eq!(
        (fs::read(&target).unwrap(), fs::read(&link).unwrap()),
        (b"theirs".to_vec(), b"ours".to_vec())
    );
    let mut text = String::new();
    open_no_follow(&link).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "ours");
}

#[test]
fn an_open_file_stays_readable_when_it_is_replaced_or_removed() {
    use std::io::Read;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    write_atomic(&path, b"old").unwrap();
    let mut old = open_no_follow(&path).unwrap();
    assert!(platform::is_same_file(&path, &old));
    write_atomic(&path, b"new").unwrap();
    assert!(!platform::is_same_file(&path, &old));
    let mut new = open_no_follow(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mut text = String::new();
    old.read_to_string(&mut text).unwrap();
    new.read_to_string(&mut text).unwrap();
    assert_eq!(text, "oldnew");
}

#[test]
fn only_abandoned_temporary_files_are_swept() {
    let home = tempfile::tempdir().unwrap();
    let in_use = AtomicFile::create(&home.path().join("x")).unwrap();
    fs::write(home.path().join(".unspool-gone1.tmp"), "left by a kill").unwrap();
    fs::write(home.path().join("other.tmp"), "not ours").unwrap();
    assert_eq!(sweep(home.path()), 1);
    assert!(home.path().join("other.tmp").exists());
    in_use.commit().unwrap();
    assert_eq!(sweep(&home.path().join("missing")), 0);
}

#[test]
fn a_file_lock_has_one_holder_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("lock");
    let first = FileLock::acquire(&path, Duration::ZERO).unwrap();
    assert!(first.is_some());
    assert!(
        FileLock::acquire(&path, Duration::ZERO).unwrap().is_none(),
        "a holder that never releases it must not block others forever"
    );
    drop(first);
    assert!(FileLock::acquire(&path, Duration::ZERO).unwrap().is_some());
}

#[test]
fn errors_name_the_path_and_hint_at_the_fix() {
    let home = tempfile::tempdir().unwrap();
    let missing = home.path().join("no/file");
    let error = write_atomic(&missing, b"").unwrap_err();
    assert_eq!(error.to_string(), format!("cannot write {}: no such file or folder", missing.display()));
    fs::write(home.path().join("file"), "").unwrap();
    let error = create_private_folder(&home.path().join("file/folder")).unwrap_err();
    assert!(error.hint().contains("in the way"), "{error}: {}", error.hint());
}

#[test]
fn commit_new_never_replaces_a_file() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    let write = |text: &str, path: &Path| {
        let mut file = AtomicFile::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.commit_new()
    };
    assert!(write("first", &path).unwrap());
    assert!(!write("second", &path).unwrap());
    assert_eq!(fs::read(&path).unwrap(), b"first");
    let gone = home.path().join("folder");
    fs::create_dir(&gone).unwrap();
    let file = AtomicFile::create(&gone.join("x")).unwrap();
    fs::remove_dir_all(&gone).unwrap();
    assert!(file.commit_new().is_err(), "a missing folder is not an existing file");
}

#[test]
fn each_error_kind_has_its_hint() {
    let wrap = |source: io::Error| {
        let error = FileError::wrap("read", Path::new("x"))(source);
        (error.to_string(), error.hint())
    };
    for (kind, reason, expected_hint) in [
        (io::ErrorKind::PermissionDenied, "permission denied", "Check the owner"),
        (io::ErrorKind::NotFound, "no such file or folder", "Check the path."),
        (io::ErrorKind::StorageFull, "no storage space", "Free some disk space."),
        (io::ErrorKind::QuotaExceeded, "quota exceeded", "Free some disk space."),
        (io::ErrorKind::ReadOnlyFilesystem, "read-only", "UNSPOOL_HOME"),
        (io::ErrorKind::NotADirectory, "not a directory", "in the way"),
        (io::ErrorKind::TimedOut, "timed out", "Check the disk and the path."),
    ] {
        let (message, hint) = wrap(io::Error::from(kind));
        assert!(message.starts_with("cannot read x: ") && message.contains(reason), "{message}");
        assert!(hint.contains(expected_hint), "{kind}: {hint}");
    }
    assert_eq!(wrap(io::Error::other("the cable is out")).0, "cannot read x: the cable is out");
}

/// Error numbers of the system: permission denied, and one without a kind.
#[cfg(unix)]
#[test]
fn uncategorized_errors_show_the_message_of_the_system() {
    let message =
        |number| FileError::wrap("read", Path::new("x"))(io::Error::from_raw_os_error(number)).to_string();
    assert_eq!(message(13), "cannot read x: permission denied");
    assert!(message(5).contains("os error 5"), "{}", message(5));
}
