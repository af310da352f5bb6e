//! Packed bodies in parts: the bytes are those of the library, and are read part by part.

use std::io::{self, Read};
use std::sync::Arc;

use super::sql::thread_key;
use super::{Connection, LibraryError};
use crate::library::{KeptThread, Revision};

/// The size of a part in bytes.
pub(super) const PART_BYTES: usize = 1 << 20;

/// Appends a text or bytes in the format RowBinary.
pub(super) fn push_bytes(row: &mut Vec<u8>, bytes: &[u8]) {
    let mut length = bytes.len();
    while length >= 0x80 {
        row.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    row.push(length as u8);
    row.extend_from_slice(bytes);
}

/// Reads bytes in the format RowBinary; `None` if they are cut off.
fn read_bytes(row: &[u8]) -> Option<&[u8]> {
    let mut length = 0usize;
    for (index, byte) in row.iter().take(10).enumerate() {
        length |= usize::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return row.get(index + 1..)?.get(..length);
        }
    }
    None
}

/// The packed bytes of a body, fetched while they are read.
pub(super) struct PackedParts {
    connection: Arc<Connection>,
    /// The condition for the thread and the time of the body.
    condition: String,
    next_part: u32,
    part: io::Cursor<Vec<u8>>,
    /// The number of bytes that have not been fetched.
    rest: u64,
}

impl PackedParts {
    pub(super) fn new(connection: Arc<Connection>, thread: &KeptThread, revision: &Revision) -> Self {
        let key = thread_key(thread);
        let condition =
            format!("(service, account, thread) IN ({key}) AND fetched_at = {}", revision.fetched_at.0);
        Self { connection, condition, next_part: 0, part: io::Cursor::default(), rest: revision.packed_size }
    }

    fn fetch(&mut self) -> Result<Vec<u8>, LibraryError> {
        let (table, condition) = (self.connection.table("bodies"), &self.condition);
        let sql = format!(
            "SELECT data FROM {table} FINAL WHERE {condition} AND part = {} LIMIT 1 FORMAT RowBinary",
            self.next_part
        );
        let row = self.connection.result(&sql)?;
        let bytes = read_bytes(&row).ok_or_else(|| super::damaged("a part of a body is missing"))?;
        self.rest = self
            .rest
            .checked_sub(bytes.len() as u64)
            .filter(|_| !bytes.is_empty())
            .ok_or_else(|| super::damaged("a body is longer than its row says"))?;
        self.next_part = self.next_part.saturating_add(1);
        Ok(bytes.to_vec())
    }
}

impl Read for PackedParts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.part.read(buffer)?;
        if count > 0 || self.rest == 0 || buffer.is_empty() {
            return Ok(count);
        }
        self.part = io::Cursor::new(self.fetch().map_err(io::Error::other)?);
        self.part.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_length_are_read_back() {
        for length in [0, 1, 127, 128, 16_383, 16_384, PART_BYTES] {
            let mut row = Vec::new();
            push_bytes(&mut row, &vec![7; length]);
            assert_eq!(read_bytes(&row).map(<[u8]>::len), Some(length));
            row.pop();
            assert!(read_bytes(&row).is_none(), "{length}");
        }
    }
}
