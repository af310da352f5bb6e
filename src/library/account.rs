//! The account that owns a thread. A thread's id alone does not identify it, because services number threads per host or
//! account.

use sha2::{Digest, Sha256};

use super::path::safe_name;
use crate::domain::KeptAccount;
use crate::text::hex;

/// The account of a service that threads belong to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    pub service: String,
    /// The base URL: origin and path.
    pub base: String,
    /// The id of the account, for services that have one.
    pub id: Option<String>,
}

impl Account {
    /// Creates the account of a request; a blank id counts as none.
    pub fn new(service: &str, base: &str, id: Option<&str>) -> Self {
        let id = id.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
        let base = base.trim().trim_end_matches('/').to_owned();
        Self { service: service.to_owned(), base, id }
    }

    /// Returns the account as one that the library keeps; `None` if it is one of those in use.
    pub fn unless_in(&self, in_use: &[Self]) -> Option<KeptAccount> {
        let folder = self.folder();
        let is_same = |other: &Self| other.service == self.service && other.folder() == folder;
        let kept = || KeptAccount { base: self.base.clone(), id: self.id.clone() };
        (!in_use.iter().any(is_same)).then(kept)
    }

    /// Returns the name of the account's folder: its id, or a hash of the base URL.
    pub fn folder(&self) -> String {
        match &self.id {
            Some(id) => safe_name(id),
            None => {
                let mut hash = hex(Sha256::digest(self.base.as_bytes()));
                hash.truncate(16);
                hash
            }
        }
    }

    /// Returns the hash that replaces the id of a forgotten thread.
    pub(super) fn thread_hash(&self, thread_id: &str) -> String {
        thread_hash(&self.service, &self.folder(), thread_id)
    }
}

/// Returns the hash that replaces the id of a forgotten thread of the account with this folder.
pub(super) fn thread_hash(service: &str, folder: &str, thread_id: &str) -> String {
    hex(Sha256::digest(format!("{service}\n{folder}\n{thread_id}")))
}
