//! Checks the files against the manifest and the catalogue.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::packed_body::open_packed;
use super::path::relative_name;
use super::{Library, LibraryError, ThreadSelection, bagit};
use crate::storage::files::FileError;
use crate::text::hex;

/// The depth of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckDepth {
    /// Every file exists.
    Presence,
    /// The checksums of every packed file and of its unpacked body are right.
    Content,
}

/// The findings of a check. Paths are relative to the library's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    pub intact: usize,
    /// Files that differ from their checksum, or cannot be read.
    pub damaged: Vec<String>,
    /// Files of the manifest or the catalogue that do not exist.
    pub missing: Vec<String>,
    /// Files that were missing in the manifest, and were added to it if the library is writable.
    pub added: Vec<String>,
    /// The number of cached copies of threads that were only read.
    pub cached: usize,
    /// Threads whose cached copies were damaged and removed: `sgp:4f1c`. The library itself loses nothing.
    pub damaged_copies: Vec<String>,
}

impl CheckReport {
    /// Returns whether nothing is lost.
    pub fn is_clean(&self) -> bool {
        self.damaged.is_empty() && self.missing.is_empty()
    }
}

impl Library {
    /// Checks every body. A crash can leave whole files without a line in the manifest; if the library is writable, the
    /// check adds one.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn check(
        &self,
        depth: CheckDepth,
        on_progress: &mut dyn FnMut(usize, usize),
    ) -> Result<CheckReport, LibraryError> {
        let mut manifest = bagit::read(&self.folder)?;
        let mut report = CheckReport::default();
        let files = self.body_files()?;
        for path in files.iter().filter(|path| !manifest.contains_key(*path)).cloned().collect::<Vec<_>>() {
            let body = open_packed(&self.folder.join(&path)).map_err(io::Error::other);
            if body.and_then(checksum).is_err() {
                report.damaged.push(path);
                continue;
            }
            let full = self.folder.join(&path);
            let packed = File::open(&full).and_then(checksum).map_err(FileError::wrap("read", &full))?;
            if self.is_writable() {
                bagit::append(&self.folder, &packed, &path)?;
            }
            manifest.insert(path.clone(), packed);
            report.added.push(path);
        }
        let hashes = self.body_hashes()?;
        report.missing.extend(hashes.keys().filter(|path| !manifest.contains_key(*path)).cloned());
        for (index, (path, packed)) in manifest.iter().enumerate() {
            on_progress(index, manifest.len());
            let full = self.folder.join(path);
            if !full.is_file() {
                report.missing.push(path.clone());
            } else if depth == CheckDepth::Content && !is_intact(&full, packed, hashes.get(path)) {
                report.damaged.push(path.clone());
            } else {
                report.intact += 1;
            }
        }
        self.check_copies(depth, &mut report)?;
        Ok(report)
    }

    fn check_copies(&self, depth: CheckDepth, report: &mut CheckReport) -> Result<(), LibraryError> {
        let selection = ThreadSelection { is_readable: true, ..ThreadSelection::default() };
        for thread in self.threads(&selection)? {
            let Some(copy) = &thread.cached else { continue };
            let hash = self.open_copy(&copy.path).map(|copy| match depth {
                CheckDepth::Presence => Ok(None),
                CheckDepth::Content => checksum(copy).map(Some),
            });
            match hash {
                Some(Ok(hash)) if hash.as_ref().is_none_or(|hash| *hash == copy.sha256) => report.cached += 1,
                Some(Ok(_) | Err(_)) => {
                    report.damaged_copies.push(format!("{}:{}", thread.account.service, thread.listed.id));
                }
                // The copy has aged out.
                None => {}
            }
        }
        Ok(())
    }

    /// Returns the checksums of unpacked bodies by their path.
    fn body_hashes(&self) -> Result<BTreeMap<String, String>, LibraryError> {
        let mut hashes = BTreeMap::new();
        for thread in self.threads(&ThreadSelection { is_saved: true, ..ThreadSelection::default() })? {
            for revision in self.revisions(&thread.account, &thread.listed.id)? {
                hashes.insert(revision.path, revision.sha256);
            }
        }
        Ok(hashes)
    }

    /// Returns the bodies on the disk.
    fn body_files(&self) -> Result<Vec<String>, LibraryError> {
        let (mut files, mut folders) = (Vec::new(), vec![self.folder.join("data")]);
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder).map_err(FileError::wrap("read", &folder))?;
            for path in entries.flatten().map(|entry| entry.path()) {
                match path.symlink_metadata() {
                    Ok(metadata) if metadata.is_dir() => folders.push(path),
                    Ok(metadata) if metadata.is_file() && is_body(&path) => files.push(path),
                    Ok(_) | Err(_) => {}
                }
            }
        }
        let relative = |path: PathBuf| path.strip_prefix(&self.folder).map(relative_name).ok();
        let mut files: Vec<String> = files.into_iter().filter_map(relative).collect();
        files.sort();
        Ok(files)
    }
}

fn is_body(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zst")
}

fn is_intact(path: &Path, packed_sha256: &str, sha256: Option<&String>) -> bool {
    let packed = File::open(path).and_then(checksum);
    let unpacked = open_packed(path).map_err(io::Error::other).and_then(checksum);
    packed.is_ok_and(|hash| hash == packed_sha256)
        && unpacked.is_ok_and(|hash| sha256.is_none_or(|sha256| hash == *sha256))
}

fn checksum(mut bytes: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match bytes.read(&mut buffer) {
            Ok(0) => return Ok(hex(hash.finalize())),
            Ok(count) => hash.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
