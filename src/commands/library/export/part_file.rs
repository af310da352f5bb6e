//! The formats of parts: packed NDJSON, and unpacked lines of JSON. Parquet is in a separate file.

use std::io::{self, Write};

use zstd::stream::write::Encoder;

use super::hashed_file::HashedFile;
use crate::export::rows::{Row, write_json_row};

/// The compression level: zstd's default.
const LEVEL: i32 = 3;

/// A format of parts.
pub(super) trait PartFile: Send + Sized {
    /// The type of the records.
    type Record: ?Sized;
    /// The extension of the file.
    const EXTENSION: &'static str;

    fn start(file: HashedFile) -> io::Result<Self>;

    /// Writes a record; returns its unpacked size.
    fn write(&mut self, record: &Self::Record) -> io::Result<u64>;

    /// Completes the file.
    fn finish(self) -> io::Result<HashedFile>;
}

/// A row per line, packed with zstd: in one frame, because some readers stop after the first.
pub(super) struct NdjsonFile(Encoder<'static, HashedFile>);

impl PartFile for NdjsonFile {
    type Record = Row;
    const EXTENSION: &'static str = "ndjson.zst";

    fn start(file: HashedFile) -> io::Result<Self> {
        let mut encoder = Encoder::new(file, LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self(encoder))
    }

    fn write(&mut self, row: &Row) -> io::Result<u64> {
        let mut line = Vec::new();
        write_json_row(&mut line, row)?;
        line.push(b'\n');
        self.0.write_all(&line)?;
        Ok(line.len() as u64)
    }

    fn finish(self) -> io::Result<HashedFile> {
        self.0.finish()
    }
}

/// A JSON text per line. The file is not packed, because collectors read such files directly.
pub(super) struct JsonLinesFile(HashedFile);

impl PartFile for JsonLinesFile {
    type Record = [u8];
    const EXTENSION: &'static str = "jsonl";

    fn start(file: HashedFile) -> io::Result<Self> {
        Ok(Self(file))
    }

    fn write(&mut self, json: &[u8]) -> io::Result<u64> {
        // Line breaks can only be between the tokens of the JSON: those in strings are escaped.
        let mut line: Vec<u8> = json.iter().copied().filter(|byte| *byte != b'\n').collect();
        line.push(b'\n');
        self.0.write_all(&line)?;
        Ok(line.len() as u64)
    }

    fn finish(self) -> io::Result<HashedFile> {
        Ok(self.0)
    }
}
