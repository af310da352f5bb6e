//! A progress line on standard error, if that is a terminal. It is redrawn with carriage returns, without escape
//! sequences, and cleared before anything else is printed.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::commands::runner::Verbosity;
use crate::domain::FetchProgress;
use crate::text::number;

/// The shortest time between two redraws.
const MIN_REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// The progress line.
#[derive(Debug)]
pub struct Progress {
    visible: bool,
    drawn_at: Option<Instant>,
    width: usize,
}

impl Progress {
    /// Creates the line. It is visible if standard error is a terminal, unless quiet.
    pub fn new(verbosity: Verbosity) -> Self {
        let visible = verbosity == Verbosity::Normal && io::stderr().is_terminal();
        Self { visible, drawn_at: None, width: 0 }
    }

    /// Shows the progress of a fetch.
    pub fn show(&mut self, progress: &FetchProgress) {
        match progress {
            FetchProgress::Receiving { bytes, total: Some(total) } if *total > 0 => {
                self.draw(&format!("{} of {}", number::bytes(*bytes), number::bytes(*total)));
            }
            FetchProgress::Receiving { bytes, .. } => self.draw(&number::bytes(*bytes)),
            FetchProgress::RetryScheduled { attempt, max_attempts, .. } => {
                self.draw(&format!("waiting for attempt {attempt} of {max_attempts}"))
            }
            FetchProgress::Connecting => {}
        }
    }

    /// Shows the number of written messages.
    pub fn show_count(&mut self, done: usize, total: usize) {
        if self.visible && total > 0 && done.is_multiple_of(64) {
            const WIDTH: usize = 30;
            let filled = done.saturating_mul(WIDTH) / total;
            let bar = "#".repeat(filled.min(WIDTH));
            self.draw(&format!("[{bar:<WIDTH$}] {done} of {total} messages"));
        }
    }

    /// Draws a text, unless the previous one was drawn a moment ago.
    pub fn draw(&mut self, text: &str) {
        if !self.visible || self.drawn_at.is_some_and(|at| at.elapsed() < MIN_REDRAW_INTERVAL) {
            return;
        }
        self.drawn_at = Some(Instant::now());
        let width = self.width;
        let _ = write!(io::stderr(), "\r{text:<width$}");
        self.width = text.chars().count();
    }

    /// Clears the line.
    pub fn clear(&mut self) {
        if self.width > 0 {
            let width = self.width;
            let _ = write!(io::stderr(), "\r{:width$}\r", "");
            self.width = 0;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
