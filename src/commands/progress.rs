//! A line of progress on standard error, where that is a terminal: written over by returning to its start, without
//! escape sequences, and wiped before anything else is written.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::commands::runner::Verbosity;
use crate::event::FetchUpdate;
use crate::text::number;

/// Nobody reads faster than this.
const MIN_REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// The line.
#[derive(Debug)]
pub struct Progress {
    visible: bool,
    drawn_at: Option<Instant>,
    width: usize,
}

impl Progress {
    /// A line where somebody can see it.
    pub fn new(chatter: Verbosity) -> Self {
        let visible = chatter == Verbosity::Normal && io::stderr().is_terminal();
        Self { visible, drawn_at: None, width: 0 }
    }

    /// How a fetch goes.
    pub fn on_fetch_update(&mut self, news: &FetchUpdate) {
        match news {
            FetchUpdate::Progress { bytes, total: Some(total) } if *total > 0 => {
                self.draw(&format!("{} of {}", number::bytes(*bytes), number::bytes(*total)));
            }
            FetchUpdate::Progress { bytes, .. } => self.draw(&number::bytes(*bytes)),
            FetchUpdate::RetryScheduled { attempt, max_attempts: of, .. } => {
                self.draw(&format!("waiting for try {attempt} of {of}"))
            }
            _ => {}
        }
    }

    /// How writing goes.
    pub fn show_count(&mut self, done: usize, all: usize) {
        if self.visible && all > 0 && done.is_multiple_of(64) {
            const WIDTH: usize = 30;
            let full = done.saturating_mul(WIDTH) / all;
            let bar = "#".repeat(full.min(WIDTH));
            self.draw(&format!("[{bar:<WIDTH$}] {done} of {all} messages"));
        }
    }

    /// Anything else.
    pub fn show(&mut self, text: &str) {
        self.draw(text);
    }

    fn draw(&mut self, text: &str) {
        if !self.visible || self.drawn_at.is_some_and(|at| at.elapsed() < MIN_REDRAW_INTERVAL) {
            return;
        }
        self.drawn_at = Some(Instant::now());
        let width = self.width;
        let _ = write!(io::stderr(), "\r{text:<width$}");
        self.width = text.chars().count();
    }

    /// Wipes the line.
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
