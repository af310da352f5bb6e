//! The files of a data set: parts with the rows of one kind, service and month, in folders named as Hive does.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};
use zstd::stream::write::Encoder;

use crate::export::rows::{Row, write_json_row};
use crate::storage::files::{AtomicFile, FileError};

/// The most unpacked bytes of a part, unless one row has more.
const MAX_PART_BYTES: u64 = 128_000_000;
/// Parts that are written at once; each needs a few MB of memory and an open file.
const MAX_OPEN_PARTS: usize = 36;
/// zstd's default.
const LEVEL: i32 = 3;
/// The month of rows without a time, by Hive's convention.
const NO_MONTH: &str = "__HIVE_DEFAULT_PARTITION__";

/// The rows that share a folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Partition {
    /// The folder of the kind of rows.
    kind: &'static str,
    service: &'static str,
    month: String,
}

impl Partition {
    pub(super) fn new(kind: &'static str, service: &'static str, month: Option<String>) -> Self {
        Self { kind, service, month: month.unwrap_or_else(|| NO_MONTH.to_owned()) }
    }

    /// Below the folder of the data set.
    fn folder(&self) -> String {
        format!("{}/service={}/month={}", self.kind, self.service, self.month)
    }
}

/// A complete part, as the manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FinishedPart {
    /// Below the folder of the data set.
    pub path: String,
    pub kind: &'static str,
    pub service: &'static str,
    pub month: String,
    pub rows: u64,
    /// The size of the file.
    pub bytes: u64,
    pub unpacked_bytes: u64,
    /// Of the file, as `sha256sum` prints it.
    pub sha256: String,
}

/// Writes rows to parts.
pub(super) struct Parts {
    folder: PathBuf,
    max_bytes: u64,
    /// The one that was written last stands last.
    open: Vec<OpenPart>,
    /// The number of the last part of each partition.
    numbers: HashMap<Partition, u32>,
    finished: Vec<FinishedPart>,
}

impl Parts {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            max_bytes: MAX_PART_BYTES,
            open: Vec::new(),
            numbers: HashMap::new(),
            finished: Vec::new(),
        }
    }

    /// Writes a row.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub(super) fn write(&mut self, partition: &Partition, row: &Row) -> Result<(), FileError> {
        let mut line = Vec::new();
        let rendered = write_json_row(&mut line, row);
        rendered.map_err(FileError::wrap("write", &self.folder))?;
        line.push(b'\n');
        let place = self.open.iter().position(|part| part.partition == *partition);
        let mut part = match place.map(|place| self.open.remove(place)) {
            Some(part) if part.unpacked_bytes + line.len() as u64 > self.max_bytes => {
                self.finished.push(part.finish()?);
                self.create(partition)?
            }
            Some(part) => part,
            None => self.create(partition)?,
        };
        part.write(&line)?;
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
    pub(super) fn finish(mut self) -> Result<Vec<FinishedPart>, FileError> {
        for part in self.open {
            self.finished.push(part.finish()?);
        }
        self.finished.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(self.finished)
    }

    fn create(&mut self, partition: &Partition) -> Result<OpenPart, FileError> {
        let number = self.numbers.entry(partition.clone()).or_default();
        *number += 1;
        let path = format!("{}/part-{number:04}.ndjson.zst", partition.folder());
        OpenPart::create(&self.folder, partition.clone(), path)
    }
}

/// A part that is being written: one zstd frame, since some readers stop after the first.
struct OpenPart {
    partition: Partition,
    path: String,
    rows: u64,
    unpacked_bytes: u64,
    encoder: Encoder<'static, HashedFile>,
    /// For errors.
    full_path: PathBuf,
}

impl OpenPart {
    fn create(folder: &Path, partition: Partition, path: String) -> Result<Self, FileError> {
        let full_path = folder.join(&path);
        let parent = full_path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(FileError::wrap("create the folder", parent))?;
        let file = HashedFile { file: AtomicFile::create(&full_path)?, sha256: Sha256::new(), bytes: 0 };
        let start = || {
            let mut encoder = Encoder::new(file, LEVEL)?;
            encoder.include_checksum(true)?;
            Ok(encoder)
        };
        let encoder = start().map_err(FileError::wrap("write", &full_path))?;
        Ok(Self { partition, path, rows: 0, unpacked_bytes: 0, encoder, full_path })
    }

    fn write(&mut self, line: &[u8]) -> Result<(), FileError> {
        self.encoder.write_all(line).map_err(FileError::wrap("write", &self.full_path))?;
        self.rows += 1;
        self.unpacked_bytes += line.len() as u64;
        Ok(())
    }

    fn finish(self) -> Result<FinishedPart, FileError> {
        let HashedFile { file, sha256, bytes } =
            self.encoder.finish().map_err(FileError::wrap("write", &self.full_path))?;
        file.sync()?;
        file.commit()?;
        let Partition { kind, service, month } = self.partition;
        Ok(FinishedPart {
            path: self.path,
            kind,
            service,
            month,
            rows: self.rows,
            bytes,
            unpacked_bytes: self.unpacked_bytes,
            sha256: sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

/// A file with the checksum of its bytes.
struct HashedFile {
    file: AtomicFile,
    sha256: Sha256,
    bytes: u64,
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.sha256.update(bytes.get(..count).unwrap_or(bytes));
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::rows::Cell;

    fn row(number: i64) -> Row {
        vec![("number", Cell::Int(number))]
    }

    fn read(folder: &Path, part: &FinishedPart) -> String {
        let packed = fs::read(folder.join(&part.path)).unwrap();
        assert_eq!(packed.len() as u64, part.bytes);
        String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap()
    }

    #[test]
    fn a_part_ends_before_the_row_that_would_exceed_its_size_and_no_row_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Parts { max_bytes: 40, ..Parts::new(folder.path()) };
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
        let mut parts = Parts::new(folder.path());
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
