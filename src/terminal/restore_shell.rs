//! Restores the terminal when the program cannot do so itself: when it is killed, or aborts because an allocation failed. A
//! small shell script waits at the end of a pipe, which closes when the program ends for any reason.

/// Does nothing: a console restores its modes itself.
#[cfg(not(unix))]
pub fn note_entered(_sequences: Vec<u8>) {}

/// Does nothing.
#[cfg(not(unix))]
pub fn note_restored() {}

#[cfg(unix)]
pub use unix::{note_entered, note_restored};

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    use std::process::{ChildStdin, Command, Stdio};
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::thread;

    use crate::platform::{self, TtyState};
    use crate::terminal;

    /// Signals from the keyboard are meant for the program. If the user's shell controls the terminal again, `stty` fails,
    /// and that shell has set its own modes.
    const SCRIPT: &str = r#"trap '' INT QUIT TERM HUP PIPE
while read -r word; do state=$word; done
[ "$state" = entered ] || exit 0
stty $1 <&1
printf '%s' "$2"
echo 'unspool: killed, or out of memory; a smaller max_body refuses large threads'"#;

    /// The pipe to the shell, once it runs.
    enum State {
        Unstarted,
        Starting,
        Running(ChildStdin),
        /// There is no shell.
        Missing,
    }

    static STATE: Mutex<State> = Mutex::new(State::Unstarted);

    fn state() -> MutexGuard<'static, State> {
        STATE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the terminal's modes are about to change; `sequences` restore them. The first call starts the shell, in a
    /// thread, so that no frame waits for it.
    pub fn note_entered(sequences: Vec<u8>) {
        let mut state = state();
        match &mut *state {
            State::Unstarted => {
                *state = State::Starting;
                let line_settings = TtyState::capture().stty_words();
                thread::spawn(move || start(&line_settings, &sequences));
            }
            State::Running(pipe) => note(pipe, "entered"),
            State::Starting | State::Missing => {}
        }
    }

    /// Notes that the terminal is restored.
    pub fn note_restored() {
        if let State::Running(pipe) = &mut *state() {
            note(pipe, "restored");
        }
    }

    fn note(pipe: &mut ChildStdin, word: &str) {
        // If the shell is gone, nothing can be done.
        let _ = writeln!(pipe, "{word}");
    }

    fn start(line_settings: &str, sequences: &[u8]) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT, "sh", line_settings]).arg(OsStr::from_bytes(sequences));
        command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
        let tty = platform::open_terminal();
        command.stdin(Stdio::piped()).stdout(tty.map_or_else(Stdio::null, Stdio::from)).stderr(Stdio::null());
        let pipe = command.spawn().ok().and_then(|mut shell| shell.stdin.take());
        let mut state = state();
        let Some(mut pipe) = pipe else { return *state = State::Missing };
        note(&mut pipe, if terminal::is_entered() { "entered" } else { "restored" });
        *state = State::Running(pipe);
    }
}
