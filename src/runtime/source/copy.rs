//! A thread from its kept copy: the same news as from the network, read on a thread that may wait for the disk.

use tokio::task::spawn_blocking;

use crate::event::{Failure, News, Origin};
use crate::runtime::cache::{Entry, Extent};
use crate::runtime::intake::Intake;
use crate::runtime::source::Bringing;
use crate::runtime::source::network::DETAILS;
use crate::runtime::store::{Owner, Part, Shelf};

/// The exit code for what is not there.
const NOT_FOUND: u8 = 5;

/// Why there is nothing to show offline.
pub fn missing(keeps: bool) -> Failure {
    let advice = if keeps {
        "Open it once without --offline; unspool cache list tells what is kept."
    } else {
        "Copies are turned off; see unspool config."
    };
    let what = "no copy of this thread is kept on this machine".to_owned();
    Failure { what, said: Vec::new(), advice: advice.to_owned(), exit_code: NOT_FOUND }
}

impl Bringing {
    /// The copy alone, as the user wishes.
    pub(super) async fn copy_only(&self) {
        if self.copy(Owner::Any).await {
            self.teller.tell(News::NotAsked).await;
        } else if !self.control.is_cancelled() {
            self.teller.tell(News::Failed(missing(self.service.store.is_some()))).await;
        }
    }

    /// Tells all of the copy, and whether there was one. All news of it are told when this comes back.
    pub(super) async fn copy(&self, owner: Owner) -> bool {
        let Some(shelf) = self.shelf.clone() else { return false };
        let bringing = self.clone();
        let shown = spawn_blocking(move || {
            let entry = shelf.find(Part::Messages, owner);
            entry.is_some_and(|entry| bringing.read(entry, || details(&shelf, owner)))
        });
        shown.await.unwrap_or(false)
    }

    /// False if there is nothing to be shown: it was damaged before its first message, or nobody wants it any more.
    fn read(&self, mut entry: Entry, details: impl FnOnce() -> Option<Vec<u8>>) -> bool {
        let (fetched_at, total) = (entry.fetched(), Some(entry.len()));
        let mut broke_off = broke_off(entry.extent());
        let mut intake = Intake::new(self.teller.request, Some(self.service.provider), &self.teller.outbox);
        intake.tell(News::Began { origin: Origin::Cache { fetched_at } });
        if let Some(details) = details() {
            intake.tell(News::Details(details));
        }
        loop {
            if self.control.is_cancelled() || self.teller.outbox.is_closed() {
                return false;
            }
            match entry.next_chunk() {
                Ok(Some(bytes)) => intake.push(bytes, total),
                Ok(None) => break,
                Err(_) if intake.heads() == 0 => {
                    intake.abandon().wait();
                    return false;
                }
                Err(damaged) => {
                    broke_off = Some(damaged.to_string());
                    break;
                }
            }
        }
        let finished = intake.finish(broke_off);
        let shown = finished.extent.is_some();
        finished.wait();
        shown
    }
}

fn details(shelf: &Shelf, owner: Owner) -> Option<Vec<u8>> {
    let entry = shelf.find(Part::Details, owner)?;
    (entry.len() <= DETAILS as u64).then(|| entry.read_all().ok()).flatten()
}

fn broke_off(extent: Extent) -> Option<String> {
    match extent {
        Extent::Whole => None,
        Extent::Partial => Some("only a part of it came when it was saved".to_owned()),
    }
}
