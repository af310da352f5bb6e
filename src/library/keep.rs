//! Keeps a fetched body: a new revision, unless it equals the last one or is worse.

use std::fs::File;
use std::path::Path;

use super::cached_copies::replace_copy;
use super::catalogue::{account_key, put_revision, put_thread, set_checked};
use super::path::{relative_name, thread_folder};
use super::{Account, Library, LibraryError, PackedBody, Revision, bagit};
use crate::domain::{ListedThread, Timestamp};
use crate::storage::files::{AtomicFile, create_private_folder};

/// The facts that a reader found in a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyFacts {
    pub message_count: u64,
    pub unreadable_count: u64,
    /// Whether the service sent spans; `None` if it never does.
    pub has_spans: Option<bool>,
}

/// A whole body that was fetched.
#[derive(Debug)]
pub struct FetchedBody {
    pub body: PackedBody,
    pub facts: BodyFacts,
    pub fetched_at: Timestamp,
}

/// The result of keeping a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepOutcome {
    /// The first body of its thread.
    Saved(Revision),
    /// A further body.
    Changed(Revision),
    /// The body equals the last one.
    Unchanged(Revision),
    /// The body is worse than the last one, which stays: messages are missing or unreadable, or the spans are missing.
    Worse(Revision),
}

impl BodyFacts {
    /// Returns whether a body with these facts has less than the kept one.
    fn is_worse_than(self, kept: &Revision) -> bool {
        let readable = self.message_count.saturating_sub(self.unreadable_count);
        readable < kept.message_count.saturating_sub(kept.unreadable_count)
            || (self.has_spans == Some(false) && kept.has_spans == Some(true))
    }
}

impl Library {
    /// Keeps a body. The body is in place, flushed and in the manifest on return.
    ///
    /// # Errors
    /// The disk is full or fails. Bodies that were kept before stay valid.
    pub fn keep(
        &mut self,
        account: &Account,
        thread: &ListedThread,
        fetched: FetchedBody,
    ) -> Result<KeepOutcome, LibraryError> {
        let FetchedBody { body, facts, fetched_at } = fetched;
        let last = self.find(account, &thread.id)?.and_then(|kept| kept.revision);
        let (listed_updated_at, listed_message_count) = (thread.updated_at, thread.message_count);
        let outcome = match last {
            Some(last) if last.sha256 == body.sha256 => {
                KeepOutcome::Unchanged(Revision { listed_updated_at, listed_message_count, ..last })
            }
            Some(last) if facts.is_worse_than(&last) => KeepOutcome::Worse(last),
            last => {
                let number = last.as_ref().map_or(1, |last| last.number.saturating_add(1));
                let folder =
                    last.as_ref().and_then(|last| Path::new(&last.path).parent()).map(Path::to_owned);
                let folder = folder.unwrap_or_else(|| thread_folder(account, &thread.id, thread.created_at));
                let short_hash = body.sha256.get(..12).unwrap_or_default();
                let path = relative_name(&folder.join(format!("{number}-{short_hash}.json.zst")));
                let revision = Revision {
                    number,
                    path,
                    sha256: body.sha256,
                    size: body.size,
                    packed_size: body.packed_size,
                    fetched_at,
                    message_count: facts.message_count,
                    unreadable_count: facts.unreadable_count,
                    has_spans: facts.has_spans,
                    listed_updated_at,
                    listed_message_count,
                };
                self.place(body.file, &revision.path, &body.packed_sha256)?;
                if last.is_some() { KeepOutcome::Changed(revision) } else { KeepOutcome::Saved(revision) }
            }
        };
        let transaction = self.connection.transaction()?;
        let key = account_key(&transaction, account)?;
        replace_copy(&transaction, key, &thread.id)?;
        let thread_key = put_thread(&transaction, key, thread, false)?;
        match &outcome {
            KeepOutcome::Saved(revision)
            | KeepOutcome::Changed(revision)
            | KeepOutcome::Unchanged(revision) => {
                put_revision(&transaction, thread_key, revision)?;
            }
            KeepOutcome::Worse(_) => {}
        }
        set_checked(&transaction, thread_key, fetched_at)?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// Moves a body into place and lists it in the manifest.
    fn place(&self, file: AtomicFile, path: &str, packed_sha256: &str) -> Result<(), LibraryError> {
        let place = self.folder.join(path);
        let folder = place.parent().unwrap_or(&self.folder);
        create_private_folder(folder)?;
        let is_new = file.with_path(&place).commit_new()?;
        // Without this, the name of the file may not survive a crash of the machine. Not every system offers it.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        // An earlier run may have ended between the two steps.
        if is_new || !bagit::read(&self.folder)?.contains_key(path) {
            bagit::append(&self.folder, packed_sha256, path)?;
        }
        Ok(())
    }
}
