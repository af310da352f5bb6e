//! The process group of a key command: killed if the command takes too long, if its result is no longer needed, and when
//! unspool exits. A command that exits by itself may leave processes running, such as an agent.

use std::sync::{Mutex, PoisonError};

use tokio::process::{Child, Command};

use crate::platform;

/// The process ids of the running key commands.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Makes the command start in a new process group.
pub(super) fn use_new_process_group(command: &mut Command) {
    platform::new_process_group(command);
}

/// Kills all running key commands.
pub fn kill_key_commands() {
    let running = std::mem::take(&mut *RUNNING.lock().unwrap_or_else(PoisonError::into_inner));
    running.into_iter().for_each(platform::kill_process_tree);
}

/// A process group whose processes are killed on drop.
#[derive(Debug)]
pub(super) struct ProcessGroup(Option<u32>);

impl ProcessGroup {
    /// Tracks a child that was started with [`use_new_process_group`] and not yet awaited.
    pub(super) fn track(child: &Child) -> Self {
        let id = child.id();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).extend(id);
        Self(id)
    }

    /// Stops tracking: the command exited by itself.
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
