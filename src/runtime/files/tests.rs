use std::{fs, io::Write};

use super::*;

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    platform::standing(&path.symlink_metadata().unwrap()).unwrap().mode
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_their_owners_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a/b");
    private_folder(&folder).unwrap();
    write_atomic(&folder.join("x"), b"secret").unwrap();
    assert_eq!((mode(&home.path().join("a")), mode(&folder), mode(&folder.join("x"))), (0o700, 0o700, 0o600));
    let wide = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&folder, wide).unwrap();
    private_folder(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
}

#[test]
fn a_file_in_the_making_is_private_from_the_start_and_leaves_no_trace() {
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
fn a_file_that_begins_again_holds_only_what_came_after() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    let mut file = AtomicFile::create(&path).unwrap();
    file.write_all(b"a long beginning").unwrap();
    file.restart().unwrap();
    file.write_all(b"end").unwrap();
    file.commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"end");
}

/// Making a link is a privilege on Windows.
#[cfg(unix)]
#[test]
fn links_are_replaced_when_written_and_refused_when_read() {
    use std::{io::Read, os::unix::fs::symlink};
    let home = tempfile::tempdir().unwrap();
    let (target, link) = (home.path().join("target"), home.path().join("link"));
    fs::write(&target, "theirs").unwrap();
    symlink(&target, &link).unwrap();
    let error = open_plain(&link).unwrap_err();
    assert!(error.advice().contains("symbolic link"), "{error}: {}", error.advice());
    assert!(Turn::take(&link, Duration::ZERO).is_err());
    write_atomic(&link, b"ours").unwrap();
    assert_eq!(
        (fs::read(&target).unwrap(), fs::read(&link).unwrap()),
        (b"theirs".to_vec(), b"ours".to_vec())
    );
    let mut text = String::new();
    open_plain(&link).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "ours");
}

#[test]
fn who_has_a_file_open_keeps_it_when_it_is_replaced_or_removed() {
    use std::io::Read;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x");
    write_atomic(&path, b"old").unwrap();
    let mut old = open_plain(&path).unwrap();
    assert!(platform::is_same_file(&path, &old));
    write_atomic(&path, b"new").unwrap();
    assert!(!platform::is_same_file(&path, &old));
    let mut new = open_plain(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mut text = String::new();
    old.read_to_string(&mut text).unwrap();
    new.read_to_string(&mut text).unwrap();
    assert_eq!(text, "oldnew");
}

#[test]
fn only_the_files_of_makers_that_are_gone_are_swept() {
    let home = tempfile::tempdir().unwrap();
    let making = AtomicFile::create(&home.path().join("x")).unwrap();
    fs::write(home.path().join(".unspool-gone1.tmp"), "left by a kill").unwrap();
    fs::write(home.path().join("other.tmp"), "not ours").unwrap();
    assert_eq!(sweep(home.path()), 1);
    assert!(home.path().join("other.tmp").exists());
    making.commit().unwrap();
    assert_eq!(sweep(&home.path().join("missing")), 0);
}

#[test]
fn turns_are_taken_one_after_the_other() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("lock");
    let first = Turn::take(&path, Duration::ZERO).unwrap();
    assert!(first.is_some());
    assert!(
        Turn::take(&path, Duration::ZERO).unwrap().is_none(),
        "a holder that does not let go must not stop others for ever"
    );
    drop(first);
    assert!(Turn::take(&path, Duration::ZERO).unwrap().is_some());
}

#[test]
fn errors_name_the_path_and_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let missing = home.path().join("no/file");
    let error = write_atomic(&missing, b"").unwrap_err();
    assert_eq!(error.to_string(), format!("cannot write {}: no such file or folder", missing.display()));
    fs::write(home.path().join("file"), "").unwrap();
    let error = private_folder(&home.path().join("file/folder")).unwrap_err();
    assert!(error.advice().contains("in the way"), "{error}: {}", error.advice());
}
