//! The BagIt files (RFC 8493): declaration, version, and the manifest with the checksum of each packed body.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::LibraryError;
use crate::platform;
use crate::storage::files::{FileError, write_atomic};

const MANIFEST: &str = "manifest-sha256.txt";
const INFO: &str = "bag-info.txt";
const VERSION_LABEL: &str = "Unspool-Library-Version:";
/// The version of the layout of the files.
const VERSION: u32 = 1;

/// Writes the declaration and the version, if they are missing.
pub(super) fn create(folder: &Path) -> Result<(), LibraryError> {
    let declaration = folder.join("bagit.txt");
    if !declaration.exists() {
        write_atomic(&declaration, b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")?;
    }
    let info = folder.join(INFO);
    if !info.exists() {
        let text = format!("Bag-Software-Agent: unspool\n{VERSION_LABEL} {VERSION}\n");
        write_atomic(&info, text.as_bytes())?;
    }
    Ok(())
}

/// Returns an error for a library of a newer version, whose rules this version might break.
pub(super) fn check_version(folder: &Path) -> Result<(), LibraryError> {
    let Ok(info) = fs::read_to_string(folder.join(INFO)) else { return Ok(()) };
    let version = info.lines().find_map(|line| line.strip_prefix(VERSION_LABEL)?.trim().parse::<u32>().ok());
    match version {
        Some(version) if version > VERSION => Err(LibraryError::Newer(version)),
        Some(_) | None => Ok(()),
    }
}

/// Appends a checksum and flushes it to the disk. The body must be in place: a line without its file is an error for every
/// reader of the manifest, while a file without a line is only added later.
pub(super) fn append(folder: &Path, sha256: &str, path: &str) -> Result<(), LibraryError> {
    let manifest = folder.join(MANIFEST);
    let write = || {
        let mut options = OpenOptions::new();
        platform::set_owner_only(options.create(true).append(true));
        let mut file = platform::open_no_follow(&mut options, &manifest)?;
        file.write_all(format!("{sha256}  {path}\n").as_bytes())?;
        file.sync_data()
    };
    Ok(write().map_err(FileError::wrap("write", &manifest))?)
}

/// Removes an unfinished last line, which a crash can leave.
pub(super) fn repair_manifest(folder: &Path) -> Result<(), LibraryError> {
    let manifest = folder.join(MANIFEST);
    let repair = || {
        if !manifest.exists() {
            return Ok(());
        }
        let mut file = platform::open_no_follow(OpenOptions::new().read(true).write(true), &manifest)?;
        let length = file.metadata()?.len();
        const LONGEST_LINE: u64 = 4096;
        let start = length.saturating_sub(LONGEST_LINE);
        file.seek(SeekFrom::Start(start))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let torn = tail.iter().rev().take_while(|byte| **byte != b'\n').count() as u64;
        if torn > 0 { file.set_len(length - torn) } else { Ok(()) }
    };
    Ok(repair().map_err(FileError::wrap("repair", &manifest))?)
}

/// Reads the manifest: paths and checksums. Lines without a valid checksum are skipped.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, String>, LibraryError> {
    let manifest = folder.join(MANIFEST);
    if !manifest.exists() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read_to_string(&manifest).map_err(FileError::wrap("read", &manifest))?;
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    Ok(lines.map(|(sha256, path)| (path.to_owned(), sha256.to_owned())).collect())
}

/// Replaces the manifest.
pub(super) fn write(folder: &Path, lines: &BTreeMap<String, String>) -> Result<(), LibraryError> {
    let text: String = lines.iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect();
    Ok(write_atomic(&folder.join(MANIFEST), text.as_bytes())?)
}
