//! Exits the program when its terminal disappears without a signal: where hangups are ignored, reading from a missing
//! terminal would spin forever. Sleeps until then. On Windows a closing console always sends an event.

/// Does nothing.
#[cfg(not(unix))]
pub fn watch() {}

#[cfg(unix)]
pub use unix::watch;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::thread;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};

    use crate::domain::ExitCode;
    use crate::platform;

    /// The number of the signal SIGHUP.
    const HANGUP: u8 = 1;

    /// The time that an orderly exit has before the forced one.
    const GRACE: Duration = Duration::from_millis(400);

    /// Starts to watch the terminal.
    pub fn watch() {
        let Ok(tty) = File::open(platform::TERMINAL_DEVICE) else { return };
        thread::spawn(move || {
            let gone = PollFlags::HUP | PollFlags::ERR;
            loop {
                let mut fds = [PollFd::new(&tty, PollFlags::empty())];
                match poll(&mut fds, None) {
                    Ok(_) if fds.iter().any(|fd| fd.revents().intersects(gone)) => break,
                    // Some systems cannot poll a terminal; signals and read errors remain.
                    Ok(_) => return,
                    Err(rustix::io::Errno::INTR) => {}
                    Err(_) => return,
                }
            }
            thread::sleep(GRACE);
            std::process::exit(i32::from(ExitCode::Signal(HANGUP).code()));
        });
    }
}
