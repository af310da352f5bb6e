//! Child processes: waiting until they end or stop, and signals to them.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// Keeps a command from the keyboard: in its own process group it can neither read the terminal nor change its settings;
/// the system stops it if it tries.
pub fn keep_from_terminal(command: &mut Command) {
    command.process_group(0);
}

/// Waits until a child ends. Calls `on_stop` whenever it stops without ending.
///
/// # Errors
/// The child cannot be waited for.
pub fn wait_for(child: &mut Child, mut on_stop: impl FnMut()) -> io::Result<ExitStatus> {
    let pid = to_pid(child.id()).ok_or(io::ErrorKind::NotFound)?;
    loop {
        match waitpid(Some(pid), WaitOptions::UNTRACED) {
            Ok(Some((_, status))) if status.stopped() => on_stop(),
            Ok(Some((_, status))) => return Ok(ExitStatus::from_raw(status.as_raw())),
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends a signal to a process. Does nothing if it has ended.
pub fn send_signal(id: u32, number: i32) {
    if let (Some(pid), Some(signal)) = (to_pid(id), Signal::from_named_raw(number)) {
        let _gone = kill_process(pid, signal).is_err();
    }
}

/// Kills a process. Does nothing if it has ended.
pub fn kill(id: u32) {
    send_signal(id, Signal::KILL.as_raw());
}

/// Continues a stopped process.
pub fn continue_process(id: u32) {
    send_signal(id, Signal::CONT.as_raw());
}

fn to_pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}
