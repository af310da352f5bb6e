//! Append-only files of JSON lines.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::platform;

/// Appends a line and flushes it to the disk. A cut line before it, which a crash can leave, is ended first.
pub(super) fn append_line(path: &Path, line: &impl Serialize) -> io::Result<()> {
    let mut options = OpenOptions::new();
    platform::set_owner_only(options.create(true).read(true).append(true));
    let mut file = platform::open_no_follow(&mut options, path)?;
    let mut bytes = Vec::new();
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != [b'\n'] {
            bytes.push(b'\n');
        }
    }
    serde_json::to_writer(&mut bytes, line)?;
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    file.sync_data()
}

/// Reads the whole lines from a byte on, and returns them with the offset of their end. Invalid lines are skipped; a
/// missing file has no lines.
pub(super) fn read_lines_from<T: DeserializeOwned>(path: &Path, start: u64) -> io::Result<(Vec<T>, u64)> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => {
            file.seek(SeekFrom::Start(start))?;
            file.read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // Another process may be writing the last line.
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = bytes.get(..end).unwrap_or_default().split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    Ok((lines, start.saturating_add(end as u64)))
}
