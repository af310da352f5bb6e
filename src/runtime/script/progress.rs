//! A line of progress on standard error, where that is a terminal: written over by returning to its start, without
//! escape sequences, and wiped before anything else is written.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::Chatter;
use crate::event::News;
use crate::text::number;

/// Nobody reads faster than this.
const PACE: Duration = Duration::from_millis(100);

/// The line.
#[derive(Debug)]
pub struct Progress {
    visible: bool,
    told_at: Option<Instant>,
    width: usize,
}

impl Progress {
    /// A line where somebody can see it.
    pub fn new(chatter: Chatter) -> Self {
        let visible = chatter == Chatter::Normal && io::stderr().is_terminal();
        Self { visible, told_at: None, width: 0 }
    }

    /// How a fetch goes.
    pub fn hear(&mut self, news: &News) {
        match news {
            News::Receiving { bytes, total: Some(total) } if *total > 0 => {
                self.tell(&format!("{} of {}", number::bytes(*bytes), number::bytes(*total)));
            }
            News::Receiving { bytes, .. } => self.tell(&number::bytes(*bytes)),
            News::Waiting { attempt, of, .. } => self.tell(&format!("waiting for try {attempt} of {of}")),
            _ => {}
        }
    }

    /// How writing goes.
    pub fn count(&mut self, done: usize, all: usize) {
        if self.visible && all > 0 && done.is_multiple_of(64) {
            const WIDTH: usize = 30;
            let full = done.saturating_mul(WIDTH) / all;
            let bar = "#".repeat(full.min(WIDTH));
            self.tell(&format!("[{bar:<WIDTH$}] {done} of {all} messages"));
        }
    }

    /// Anything else.
    pub fn say(&mut self, text: &str) {
        self.tell(text);
    }

    fn tell(&mut self, text: &str) {
        if !self.visible || self.told_at.is_some_and(|at| at.elapsed() < PACE) {
            return;
        }
        self.told_at = Some(Instant::now());
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
