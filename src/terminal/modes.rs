//! The terminal modes of the program: mouse reports and bracketed paste.

#[cfg(unix)]
pub(super) use unix::{check, mouse_off, mouse_on, paste_off, paste_on};
#[cfg(windows)]
pub(super) use windows::{check, mouse_off, mouse_on, paste_off, paste_on};

#[cfg(unix)]
mod unix {
    use std::io::{self, Write};

    /// Always succeeds: every terminal understands escape sequences.
    pub(in crate::terminal) fn check() -> io::Result<()> {
        Ok(())
    }

    /// Reports clicks, drags and the wheel in SGR form, but not motion alone, which would flood a slow line.
    pub(in crate::terminal) fn mouse_on(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"\x1b[?1000h\x1b[?1002h\x1b[?1006h")
    }

    pub(in crate::terminal) fn mouse_off(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"\x1b[?1006l\x1b[?1002l\x1b[?1000l")
    }

    pub(in crate::terminal) fn paste_on(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"\x1b[?2004h")
    }

    pub(in crate::terminal) fn paste_off(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"\x1b[?2004l")
    }
}

/// Consoles accept escape sequences as output, but their input consists of records: the mouse requires a console mode, and
/// a paste arrives as keys.
#[cfg(windows)]
mod windows {
    use std::io::{self, Write};

    use crossterm::ansi_support::supports_ansi;
    use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
    use crossterm::execute;

    /// Enables escape sequences; consoles before Windows 10 do not support them.
    pub(in crate::terminal) fn check() -> io::Result<()> {
        let unsupported = || {
            io::Error::other(
                "this console does not support escape sequences; Windows 10 or newer is required",
            )
        };
        supports_ansi().then_some(()).ok_or_else(unsupported)
    }

    pub(in crate::terminal) fn mouse_on(out: &mut impl Write) -> io::Result<()> {
        execute!(out, EnableMouseCapture)
    }

    pub(in crate::terminal) fn mouse_off(out: &mut impl Write) -> io::Result<()> {
        execute!(out, DisableMouseCapture)
    }

    pub(in crate::terminal) fn paste_on(_out: &mut impl Write) -> io::Result<()> {
        Ok(())
    }

    pub(in crate::terminal) fn paste_off(_out: &mut impl Write) -> io::Result<()> {
        Ok(())
    }
}
