//! A program that gives a key, with whatever it starts: all of it ends when it takes too long, when nobody waits for it
//! any more and when we end. What it leaves behind after it has ended by itself (an agent, say) is its own business.

use std::sync::{Mutex, PoisonError};

use tokio::process::{Child, Command};

use crate::runtime::platform;

/// The programs that are running now, by their ids.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Puts a program that is about to be started into a group of its own.
pub(super) fn apart(command: &mut Command) {
    platform::own_family(command);
}

/// Ends what is running.
pub fn end_programs() {
    let running = std::mem::take(&mut *RUNNING.lock().unwrap_or_else(PoisonError::into_inner));
    running.into_iter().for_each(platform::end_family);
}

/// Ends its programs when it is dropped.
#[derive(Debug)]
pub(super) struct Group(Option<u32>);

impl Group {
    /// Of a program that was started [`apart`], and that nobody has waited for.
    pub(super) fn of(child: &Child) -> Self {
        let id = child.id();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).extend(id);
        Self(id)
    }

    /// It has ended by itself.
    pub(super) fn ended(mut self) {
        self.forget();
    }

    fn forget(&mut self) -> Option<u32> {
        let id = self.0.take()?;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|running| *running != id);
        Some(id)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.forget() {
            platform::end_family(id);
        }
    }
}
