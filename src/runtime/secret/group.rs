//! A program that gives a key, with whatever it starts: all of it ends when it takes too long, when nobody waits for it
//! any more and when we end. What it leaves behind after it has ended by itself (an agent, say) is its own business.

use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// The groups that are running now.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Puts a program that is about to be started into a group of its own.
pub(super) fn apart(command: &mut Command) {
    command.process_group(0);
}

/// Ends what is running.
pub fn end_programs() {
    let running = std::mem::take(&mut *RUNNING.lock().unwrap_or_else(PoisonError::into_inner));
    for group in running {
        end(group);
    }
}

/// A program that is gone already needs no end.
fn end(group: Pid) {
    let _was_there = kill_process_group(group, Signal::KILL).is_ok();
}

/// Ends its programs when it is dropped.
#[derive(Debug)]
pub(super) struct Group(Option<Pid>);

impl Group {
    /// Of a program that was started [`apart`], and that nobody has waited for.
    pub(super) fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).extend(id);
        Self(id)
    }

    /// It has ended by itself.
    pub(super) fn ended(mut self) {
        self.forget();
    }

    fn forget(&mut self) -> Option<Pid> {
        let id = self.0.take()?;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|running| *running != id);
        Some(id)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.forget() {
            end(id);
        }
    }
}
