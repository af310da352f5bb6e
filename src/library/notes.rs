//! The user's notes on messages and spans, also of threads that are not kept. They cannot be recreated from bodies, so they
//! have their own file, with a line for each change. A table of the catalogue has the current notes.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::catalogue::account_key;
use super::json_lines::{append_line, read_lines_from};
use super::run_log::format_time;
use super::{Account, BUSY_TIMEOUT, Library, LibraryError, TEMPORARY_FOLDER};
use crate::domain::{AccountNotes, ListedNote, Note, NoteEdit, NotePlace, ThreadNotes, Timestamp};
use crate::storage::files::{FileError, FileLock, write_atomic};

pub(super) const FILE: &str = "notes.ndjson";

/// A line of the file: a note, or the removal of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct NoteLine {
    at: String,
    service: String,
    base: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    thread_id: String,
    title: String,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
    excerpt: String,
    /// The text: empty for a bookmark, `None` if the note was removed.
    text: Option<String>,
}

impl NoteLine {
    fn account(&self) -> Account {
        Account::new(&self.service, &self.base, self.account.as_deref())
    }

    fn apply(&self, connection: &Connection) -> rusqlite::Result<()> {
        let account = account_key(connection, &self.account())?;
        let span = self.span_id.as_deref().unwrap_or_default();
        let Some(text) = &self.text else {
            let sql = "DELETE FROM note WHERE account = ?1 AND thread = ?2 AND message = ?3 AND span = ?4";
            let key = params![account, self.thread_id, self.message_id, span];
            return connection.prepare_cached(sql)?.execute(key).map(drop);
        };
        let at = Timestamp::parse(&self.at).unwrap_or_default();
        let sql = "INSERT OR REPLACE INTO note VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let row =
            params![account, self.thread_id, self.message_id, span, self.title, text, self.excerpt, at.0];
        connection.prepare_cached(sql)?.execute(row).map(drop)
    }
}

/// All notes, by account.
#[derive(Debug, Default)]
pub struct LibraryNotes(HashMap<(String, String), AccountNotes>);

impl LibraryNotes {
    /// Returns the notes on the threads of an account.
    pub fn of(&self, account: &Account) -> &AccountNotes {
        let notes = self.0.get(&(account.service.clone(), account.folder()));
        notes.unwrap_or_else(|| AccountNotes::none())
    }
}

impl Library {
    /// Reads all notes, by account.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn notes_by_account(&self) -> Result<LibraryNotes, LibraryError> {
        let sql = "SELECT service, folder, thread, message, span, note.text, excerpt, written_at FROM note
             JOIN account ON account.key = note.account";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut notes = LibraryNotes::default();
        while let Some(row) = rows.next()? {
            let account = notes.0.entry((row.get(0)?, row.get(1)?)).or_default();
            account.add(row.get(2)?, read_note(row, 3)?);
        }
        Ok(notes)
    }

    /// Returns the notes of a thread.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn thread_notes(&self, account: &Account, thread_id: &str) -> Result<ThreadNotes, LibraryError> {
        let sql = "SELECT message, span, note.text, excerpt, written_at FROM note
             JOIN account ON account.key = note.account WHERE service = ?1 AND folder = ?2 AND thread = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let parameters = params![account.service, account.folder(), thread_id];
        let notes: Vec<Note> =
            statement.query_map(parameters, |row| read_note(row, 0))?.collect::<Result<_, _>>()?;
        Ok(ThreadNotes::new(notes))
    }

    /// Reads all notes, the last one first. Those of other accounts than those in use name their account.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn notes(&self, in_use: &[Account]) -> Result<Vec<ListedNote>, LibraryError> {
        let sql =
            "SELECT service, base, id, thread, title, message, span, note.text, excerpt, written_at FROM note
             JOIN account ON account.key = note.account ORDER BY written_at DESC, thread, message, span";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let account = Account { service: row.get(0)?, base: row.get(1)?, id: row.get(2)? };
            Ok(ListedNote {
                account: account.unless_in(in_use),
                service: account.service,
                thread_id: row.get(3)?,
                title: row.get(4)?,
                note: read_note(row, 5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes, replaces or removes a note. It is on the disk on return.
    ///
    /// # Errors
    /// The file cannot be written; nothing is changed then.
    pub fn write_note(
        &mut self,
        account: &Account,
        edit: &NoteEdit,
        at: Timestamp,
    ) -> Result<(), LibraryError> {
        let line = NoteLine {
            at: format_time(at),
            service: account.service.clone(),
            base: account.base.clone(),
            account: account.id.clone(),
            thread_id: edit.thread.id.clone(),
            title: edit.title.clone(),
            message_id: edit.place.message_id.clone(),
            span_id: edit.place.span_id.clone(),
            excerpt: edit.excerpt.clone(),
            text: edit.text.clone(),
        };
        let lock = self.lock_notes()?;
        let path = self.notes_path();
        append_line(&path, &line).map_err(FileError::wrap("write", &path))?;
        self.read_new_notes()?;
        drop(lock);
        Ok(())
    }

    /// Adds the lines that the catalogue lacks: another process may have ended between its line and the catalogue.
    pub(super) fn read_new_notes(&mut self) -> Result<(), LibraryError> {
        let path = self.notes_path();
        let length = path.metadata().map_or(0, |metadata| metadata.len());
        if self.known_note_bytes()? == length {
            return Ok(());
        }
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let known: i64 = transaction.query_row("SELECT bytes FROM note_source", [], |row| row.get(0))?;
        let mut known = u64::try_from(known).unwrap_or(0);
        if length < known {
            transaction.execute("DELETE FROM note", [])?;
            known = 0;
        }
        let (lines, end) =
            read_lines_from::<NoteLine>(&path, known).map_err(FileError::wrap("read", &path))?;
        for line in lines {
            line.apply(&transaction)?;
        }
        let known = i64::try_from(end).unwrap_or(i64::MAX);
        transaction.execute("UPDATE note_source SET bytes = ?1", [known])?;
        Ok(transaction.commit()?)
    }

    /// Removes the notes of the threads with these hashes, with every line about them.
    pub(super) fn forget_notes(&mut self, hashes: &HashSet<String>) -> Result<(), LibraryError> {
        let path = self.notes_path();
        if !path.exists() {
            return Ok(());
        }
        let lock = self.lock_notes()?;
        // If this is interrupted, the table is recreated from the file of any length.
        self.connection
            .execute_batch("BEGIN IMMEDIATE; DELETE FROM note; UPDATE note_source SET bytes = 0; COMMIT")?;
        let text = fs::read(&path).map_err(FileError::wrap("read", &path))?;
        let lines = text.split(|byte| *byte == b'\n').filter_map(|line| {
            let parsed: NoteLine = serde_json::from_slice(line).ok()?;
            (!hashes.contains(&parsed.account().thread_hash(&parsed.thread_id))).then_some(line)
        });
        let kept: Vec<u8> = lines.flat_map(|line| [line, b"\n"].concat()).collect();
        write_atomic(&path, &kept)?;
        self.read_new_notes()?;
        drop(lock);
        Ok(())
    }

    fn known_note_bytes(&self) -> Result<u64, LibraryError> {
        let known: i64 = self.connection.query_row("SELECT bytes FROM note_source", [], |row| row.get(0))?;
        Ok(u64::try_from(known).unwrap_or(0))
    }

    fn notes_path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    fn lock_notes(&self) -> Result<FileLock, LibraryError> {
        let path = self.folder.join(TEMPORARY_FOLDER).join("notes.lock");
        FileLock::acquire(&path, BUSY_TIMEOUT)?.ok_or(LibraryError::Locked("the notes"))
    }
}

/// Reads the columns of a note, the first at `column`.
fn read_note(row: &Row<'_>, column: usize) -> rusqlite::Result<Note> {
    let span: String = row.get(column + 1)?;
    Ok(Note {
        place: NotePlace {
            message_id: row.get(column)?,
            span_id: Some(span).filter(|span| !span.is_empty()),
        },
        text: row.get(column + 2)?,
        excerpt: row.get(column + 3)?,
        written_at: Timestamp(row.get(column + 4)?),
    })
}

#[cfg(test)]
mod tests;
