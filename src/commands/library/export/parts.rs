//! The files of a data set: parts with the records of one kind, service and month, in folders with names in Hive's style.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::hashed_file::HashedFile;
use super::part_file::PartFile;
use crate::storage::files::FileError;

/// The unpacked bytes after which a part is complete.
const MAX_PART_BYTES: u64 = 120_000_000;
/// The maximum number of parts that are open at once. Each has an open file and a few MB of memory; a Parquet part holds up
/// to a group of rows.
const MAX_OPEN_PARTS: usize = 36;
/// The month of rows without a time, by Hive's convention.
pub(super) const NO_MONTH: &str = "__HIVE_DEFAULT_PARTITION__";

/// The records that share a folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Partition {
    /// The name of the folder for this kind of record.
    kind: &'static str,
    service: &'static str,
    month: String,
}

impl Partition {
    pub(super) fn new(kind: &'static str, service: &'static str, month: Option<String>) -> Self {
        Self { kind, service, month: month.unwrap_or_else(|| NO_MONTH.to_owned()) }
    }

    /// The path relative to the folder of the export.
    fn folder(&self) -> String {
        format!("{}/service={}/month={}", self.kind, self.service, self.month)
    }
}

/// A complete file, as the manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FinishedFile {
    /// The path relative to the folder of the export.
    pub path: String,
    pub kind: &'static str,
    pub service: &'static str,
    pub month: String,
    /// The number of rows, or of threads.
    pub rows: u64,
    /// The size of the file.
    pub bytes: u64,
    pub unpacked_bytes: u64,
    /// The checksum of the file, as `sha256sum` prints it.
    pub sha256: String,
}

/// Writes records to parts of one format.
pub(super) struct Parts<F: PartFile> {
    folder: PathBuf,
    max_bytes: u64,
    /// The open parts, in the order of their last writes.
    open: Vec<OpenPart<F>>,
    /// The number of the last part of each partition.
    numbers: HashMap<Partition, u32>,
    finished: Vec<FinishedFile>,
}

impl<F: PartFile> Parts<F> {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            max_bytes: MAX_PART_BYTES,
            open: Vec::new(),
            numbers: HashMap::new(),
            finished: Vec::new(),
        }
    }

    /// Writes a record.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub(super) fn write(&mut self, partition: &Partition, record: &F::Record) -> Result<(), FileError> {
        let place = self.open.iter().position(|part| part.partition == *partition);
        let mut part = match place.map(|place| self.open.remove(place)) {
            Some(part) if part.unpacked_bytes >= self.max_bytes => {
                self.finished.push(part.finish()?);
                self.create(partition)?
            }
            Some(part) => part,
            None => self.create(partition)?,
        };
        part.write(record)?;
        self.open.push(part);
        if self.open.len() > MAX_OPEN_PARTS {
            self.finished.push(self.open.remove(0).finish()?);
        }
        Ok(())
    }

    /// Completes all parts and returns them, sorted by path.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub(super) fn finish(mut self) -> Result<Vec<FinishedFile>, FileError> {
        for part in self.open {
            self.finished.push(part.finish()?);
        }
        self.finished.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(self.finished)
    }

    fn create(&mut self, partition: &Partition) -> Result<OpenPart<F>, FileError> {
        let number = self.numbers.entry(partition.clone()).or_default();
        *number += 1;
        let path = format!("{}/part-{number:04}.{}", partition.folder(), F::EXTENSION);
        OpenPart::create(&self.folder, partition.clone(), path)
    }
}

/// A part that is being written.
struct OpenPart<F> {
    partition: Partition,
    path: String,
    rows: u64,
    unpacked_bytes: u64,
    file: F,
    /// The full path, for errors.
    full_path: PathBuf,
}

impl<F: PartFile> OpenPart<F> {
    fn create(folder: &Path, partition: Partition, path: String) -> Result<Self, FileError> {
        let full_path = folder.join(&path);
        let parent = full_path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(FileError::wrap("create the folder", parent))?;
        let file = HashedFile::create(&full_path)?;
        let file = F::start(file).map_err(FileError::wrap("write", &full_path))?;
        Ok(Self { partition, path, rows: 0, unpacked_bytes: 0, file, full_path })
    }

    fn write(&mut self, record: &F::Record) -> Result<(), FileError> {
        let bytes = self.file.write(record).map_err(FileError::wrap("write", &self.full_path))?;
        self.rows += 1;
        self.unpacked_bytes += bytes;
        Ok(())
    }

    fn finish(self) -> Result<FinishedFile, FileError> {
        let file = self.file.finish().map_err(FileError::wrap("write", &self.full_path))?;
        let (bytes, sha256) = file.commit()?;
        let Partition { kind, service, month } = self.partition;
        let (path, rows, unpacked_bytes) = (self.path, self.rows, self.unpacked_bytes);
        Ok(FinishedFile { path, kind, service, month, rows, bytes, unpacked_bytes, sha256 })
    }
}

#[cfg(test)]
mod tests {
    use super::super::part_file::NdjsonFile;
    use super::*;
    use crate::export::rows::{Cell, Row};

    fn row(number: i64) -> Row {
        vec![("number", Cell::Int(number))]
    }

    fn read(folder: &Path, part: &FinishedFile) -> String {
        let packed = fs::read(folder.join(&part.path)).unwrap();
        assert_eq!(packed.len() as u64, part.bytes);
        String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap()
    }

    #[test]
    fn a_full_part_is_followed_by_another_and_no_row_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Parts::<NdjsonFile> { max_bytes: 30, ..Parts::new(folder.path()) };
        let partition = Partition::new("spans", "sgp", Some("2026-09".to_owned()));
        parts.write(&partition, &vec![("text", Cell::text("x".repeat(100)))]).unwrap();
        for number in 0..8 {
            parts.write(&partition, &row(number)).unwrap();
        }
        let finished = parts.finish().unwrap();
        assert_eq!(finished.iter().map(|part| part.rows).collect::<Vec<_>>(), [1, 3, 3, 2]);
        assert_eq!(finished[3].path, "spans/service=sgp/month=2026-09/part-0004.ndjson.zst");
        let text: String = finished[1..].iter().map(|part| read(folder.path(), part)).collect();
        let expected: String = (0..8).map(|number| format!("{{\"number\":{number}}}\n")).collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn more_months_than_open_files_make_more_parts_and_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Parts::<NdjsonFile>::new(folder.path());
        for number in 0..200 {
            let partition = Partition::new("messages", "sgp", Some(format!("2026-{:02}", number % 50)));
            parts.write(&partition, &row(number)).unwrap();
            assert!(parts.open.len() <= MAX_OPEN_PARTS);
        }
        parts.write(&Partition::new("messages", "sgp", None), &row(200)).unwrap();
        let finished = parts.finish().unwrap();
        assert_eq!(finished.iter().map(|part| part.rows).sum::<u64>(), 201);
        assert!(finished[0].path.contains("/month=2026-00/"), "{}", finished[0].path);
        let last = finished.last().unwrap();
        assert_eq!(last.path, "messages/service=sgp/month=__HIVE_DEFAULT_PARTITION__/part-0001.ndjson.zst");
        let mut lines: Vec<String> = finished
            .iter()
            .flat_map(|part| read(folder.path(), part).lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), 201);
    }
}
