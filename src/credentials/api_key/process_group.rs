//! A program that gives a key, with whatever it starts: all of it ends when it takes too long, when nobody waits for it
//! any more and when we end. What it leaves behind after it has ended by itself (an agent, say) is its own business.

use std::sync::{Mutex, PoisonError};

use tokio::process::{Child, Command};

use crate::platform;

/// The programs that are running now, by their ids.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Puts a program that is about to be started into a group of its own.
pub(super) fn use_new_process_group(command: &mut Command) {
    platform::new_process_group(command);
}

/// Ends what is running.
pub fn kill_key_commands() {
    let running = std::mem::take(&mut *RUNNING.lock().unwrap_or_else(PoisonError::into_inner));
    running.into_iter().for_each(platform::kill_process_tree);
}

/// Ends its programs when it is dropped.
#[derive(Debug)]
pub(super) struct ProcessGroup(Option<u32>);

impl ProcessGroup {
    /// Of a program that was started [`apart`], and that nobody has waited for.
    pub(super) fn track(child: &Child) -> Self {
        let id = child.id();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).extend(id);
        Self(id)
    }

    /// It has ended by itself.
    pub(super) fn release(mut self) {
        self.unregister();
    }

    fn unregister(&mut self) -> Option<u32> {
        let id = self.0.take()?;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|running| *running != id);
        Some(id)
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(id) = self.unregister() {
            platform::kill_process_tree(id);
        }
    }
}
