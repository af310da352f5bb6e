//! Differences between operating systems with common names: the terminal device, private files, file permissions, the
//! user's programs. The rest of the program has no `cfg` for a system.

mod clock;
mod fail_point;
mod memory;
mod secret_env;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use clock::now;
pub use fail_point::fail_point;
pub use memory::memory_size;
pub use secret_env::{add_secret_variable, secret_variables};
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

use self::system::address_space_limit;
pub use self::system::{
    CAN_SUSPEND, EDITOR, LINK_OPENER, PAGER, PipePoll, TERMINAL_DEVICE, TtyState, continue_process,
    create_private_folder, file_access, forbid_core_dumps, ignore_file_size_signal, is_marked_in_use,
    is_same_file, is_symlink_error, is_terminal_gone, keep_from_terminal, kill, kill_process_tree,
    mark_in_use, network_file_system, new_process_group, open_no_follow, open_nonblocking, replace_file,
    send_signal, set_owner_only, shell_command, suspend_process, terminal_size, wait_for,
    yield_to_other_threads,
};
#[cfg(unix)]
pub use self::system::{TtyInput, Wakeup, open_terminal};

/// The owner and the permissions of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileAccess {
    pub owner: Owner,
    /// The nine permission bits.
    pub mode: u32,
}

impl FileAccess {
    /// Returns whether anyone but the owner has any permission.
    pub fn is_exposed(self) -> bool {
        self.mode & 0o077 != 0
    }
}

/// The owner of a file. On Windows it is always the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(windows, expect(dead_code, reason = "owners are not read there"))]
pub enum Owner {
    User,
    /// The administrator, who can read every file anyway.
    Root,
    Other,
}
