//! Numbers about the whole library.

use super::{Library, LibraryError};
use crate::domain::Timestamp;

/// The contents of the library in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LibraryStats {
    /// Threads in the catalogue.
    pub threads: u64,
    /// Threads with a kept body.
    pub saved: u64,
    /// Threads with a cached copy only, and the bytes of these copies, unpacked and packed.
    pub read: u64,
    pub read_bytes: u64,
    pub read_packed_bytes: u64,
    /// Threads that their service no longer has.
    pub gone: u64,
    pub revisions: u64,
    pub messages: u64,
    pub unreadable: u64,
    /// The size of all revisions, unpacked and packed.
    pub bytes: u64,
    pub packed_bytes: u64,
    /// The time of the earliest last check of a thread.
    pub oldest_check: Option<Timestamp>,
}

impl LibraryStats {
    /// Returns the threads that can be read without their service.
    pub fn readable(&self) -> usize {
        usize::try_from(self.saved + self.read).unwrap_or(usize::MAX)
    }
}

impl Library {
    /// Counts the contents of the library.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn stats(&self) -> Result<LibraryStats, LibraryError> {
        let sql = "WITH kept AS (SELECT * FROM revision WHERE number > 0),
                last AS (SELECT * FROM kept AS one WHERE number = (SELECT max(number) FROM kept WHERE thread = one.thread)),
                read AS (SELECT * FROM revision WHERE number = 0 AND thread NOT IN (SELECT thread FROM kept))
            SELECT (SELECT count(*) FROM thread),
                (SELECT count(DISTINCT thread) FROM kept),
                (SELECT count(*) FROM thread WHERE gone_since IS NOT NULL),
                (SELECT count(*) FROM kept),
                (SELECT coalesce(sum(message_count), 0) FROM last),
                (SELECT coalesce(sum(unreadable_count), 0) FROM last),
                (SELECT coalesce(sum(size), 0) FROM kept),
                (SELECT coalesce(sum(packed_size), 0) FROM kept),
                (SELECT min(checked_at) FROM thread WHERE EXISTS (SELECT 1 FROM kept WHERE thread = thread.key)),
                (SELECT count(*) FROM read),
                (SELECT coalesce(sum(size), 0) FROM read),
                (SELECT coalesce(sum(packed_size), 0) FROM read)";
        Ok(self.connection.query_row(sql, [], |row| {
            let count =
                |column: usize| row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
            Ok(LibraryStats {
                threads: count(0)?,
                saved: count(1)?,
                gone: count(2)?,
                revisions: count(3)?,
                messages: count(4)?,
                unreadable: count(5)?,
                bytes: count(6)?,
                packed_bytes: count(7)?,
                oldest_check: row.get::<_, Option<i64>>(8)?.map(Timestamp),
                read: count(9)?,
                read_bytes: count(10)?,
                read_packed_bytes: count(11)?,
            })
        })?)
    }
}
