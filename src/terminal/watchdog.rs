//! Ends the program when its terminal goes away without a signal: where hangups are ignored, reading keys from a terminal
//! that is gone would spin for ever. Sleeps until then. On Windows a console that goes away always says so.

/// Nothing has to be watched.
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

    use crate::platform;

    /// What a shell reports for a program that a hangup ended.
    const HANGUP_EXIT_CODE: i32 = 129;

    /// How long an orderly end may take before it is cut short.
    const GRACE: Duration = Duration::from_millis(400);

    /// Begins to watch the terminal.
    pub fn watch() {
        let Ok(tty) = File::open(platform::TERMINAL_DEVICE) else { return };
        thread::spawn(move || {
            let gone = PollFlags::HUP | PollFlags::ERR;
            loop {
                let mut watched = [PollFd::new(&tty, PollFlags::empty())];
                match poll(&mut watched, None) {
                    Ok(_) if watched.iter().any(|one| one.revents().intersects(gone)) => break,
                    // Some systems cannot watch a terminal like this; signals and read errors are left there.
                    Ok(_) => return,
                    Err(rustix::io::Errno::INTR) => {}
                    Err(_) => return,
                }
            }
            thread::sleep(GRACE);
            std::process::exit(HANGUP_EXIT_CODE);
        });
    }
}
