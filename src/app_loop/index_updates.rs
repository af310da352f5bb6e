//! Background updates of the library: they add threads that were read or archived to its catalogue and its index. Only one
//! update runs at a time, on a thread of low priority.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::Sender as Outbox;

use crate::app_loop::failure::task_failed_event;
use crate::app_loop::library_search::update_index;
use crate::domain::SavedState;
use crate::event::Event;
use crate::library::{Account, LibraryError, LibraryLocation};
use crate::platform;
use crate::text::Safe;

/// A thread that was read: its account and its id.
pub type ReadThread = (Account, String);

/// The queue of updates, which any task can request.
#[derive(Clone, Debug, Default)]
pub struct IndexUpdates(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    is_running: bool,
    /// The next update, with the threads whose states it reports.
    next: Option<Vec<ReadThread>>,
}

impl IndexUpdates {
    /// Requests an update of the library. If one is running, another one follows it.
    pub fn request(&self, location: &LibraryLocation, read: Option<ReadThread>, outbox: &Outbox<Event>) {
        let mut state = self.lock();
        state.next.get_or_insert_default().extend(read);
        if std::mem::replace(&mut state.is_running, true) {
            return;
        }
        let (updates, location, outbox) = (self.clone(), location.clone(), outbox.clone());
        std::thread::spawn(move || {
            platform::yield_to_other_threads();
            if catch_unwind(AssertUnwindSafe(|| updates.run(&mut |read| update(&location, read, &outbox))))
                .is_err()
            {
                let _ = outbox.blocking_send(task_failed_event("indexing"));
            }
        });
    }

    /// Runs updates until no more are requested.
    fn run(&self, update: &mut dyn FnMut(&[ReadThread])) {
        let guard = RunningGuard(self);
        while let Some(read) = guard.take_next() {
            update(&read);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks the end of the updates when dropped, even after a panic, so that the next request starts them again.
struct RunningGuard<'a>(&'a IndexUpdates);

impl RunningGuard<'_> {
    /// Takes the next update; without one, marks the end of the updates.
    fn take_next(&self) -> Option<Vec<ReadThread>> {
        let mut state = self.0.lock();
        state.is_running = state.next.is_some();
        state.next.take()
    }
}

impl Drop for RunningGuard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().is_running = false;
        }
    }
}

fn update(location: &LibraryLocation, read: &[ReadThread], outbox: &Outbox<Event>) {
    update_index(location);
    let _ = outbox.blocking_send(Event::LibraryIndexed);
    let states = saved_states(location, read).unwrap_or_else(|error| {
        tracing::warn!("cannot read the library: {}", Safe::line(&error.to_string()));
        Vec::new()
    });
    for ((account, id), state) in read.iter().zip(states) {
        let states = vec![(id.clone(), state)];
        if let Some(provider) = crate::provider::by_id(&account.service) {
            let _ = outbox.blocking_send(Event::SavedStates { service: provider.id(), states });
        }
    }
}

/// Returns the states of the threads, in the same order.
fn saved_states(location: &LibraryLocation, read: &[ReadThread]) -> Result<Vec<SavedState>, LibraryError> {
    if read.is_empty() {
        return Ok(Vec::new());
    }
    let Some(library) = location.open_reader()? else { return Ok(Vec::new()) };
    let state = |(account, id): &ReadThread| {
        Ok(library.find(account, id)?.map(|kept| kept.state()).unwrap_or_default())
    };
    read.iter().map(state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(updates: &IndexUpdates) {
        updates.lock().next.get_or_insert_default();
    }

    #[test]
    fn a_request_during_an_update_makes_another_one_follow() {
        let updates = IndexUpdates::default();
        updates.lock().is_running = true;
        request(&updates);
        let mut count = 0;
        updates.run(&mut |_| {
            count += 1;
            if count == 1 {
                request(&updates);
                request(&updates);
            }
        });
        assert_eq!((count, updates.lock().is_running), (2, false));
    }

    #[test]
    fn an_update_that_panics_does_not_stop_later_ones() {
        let updates = IndexUpdates::default();
        updates.lock().is_running = true;
        request(&updates);
        let run = AssertUnwindSafe(|| updates.run(&mut |_| panic!("a damaged body")));
        assert!(catch_unwind(run).is_err());
        assert!(!updates.lock().is_running);
    }
}
