//! The backend of ratatui: collects a frame, writes it at once, and writes nothing if nothing changed.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crossterm::terminal;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};

use super::encoder::Encoder;
use super::{FRAME_BEGIN, FRAME_END, lock_output};
use crate::platform;
use crate::text::link::LinkedCells;

/// Shorter frames cannot tear and need no synchronized update.
const MIN_SYNCHRONIZED_BYTES: usize = 64;

/// The linked cells of the frame that is being drawn, handed from the painter to the terminal.
#[derive(Clone, Debug, Default)]
pub struct FrameLinks(Arc<Mutex<Vec<LinkedCells>>>);

impl FrameLinks {
    /// Replaces the linked cells.
    pub fn set(&self, links: Vec<LinkedCells>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = links;
    }

    /// Takes the linked cells.
    pub fn take(&self) -> Vec<LinkedCells> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The terminal at standard output.
#[derive(Debug)]
pub struct Tty {
    encoder: Encoder,
    links: FrameLinks,
    /// Starts with the begin sequence of a synchronized update, which short frames skip.
    frame: Vec<u8>,
    is_cursor_shown: bool,
}

impl Tty {
    /// Creates the backend of a terminal that was just entered: blank, without a cursor.
    ///
    /// # Errors
    /// The size of the terminal is unknown.
    pub fn new() -> io::Result<Self> {
        let encoder = Encoder::new(size()?);
        Ok(Self {
            encoder,
            links: FrameLinks::default(),
            frame: FRAME_BEGIN.to_vec(),
            is_cursor_shown: false,
        })
    }

    /// Returns the linked cells of the next frame, to be set while it is painted.
    pub fn links(&self) -> FrameLinks {
        self.links.clone()
    }
}

/// Returns the cells of a buffer with their positions, row by row.
pub fn all_cells(buffer: &Buffer) -> impl Iterator<Item = (u16, u16, &Cell)> {
    let rows = buffer.content.chunks(usize::from(buffer.area.width).max(1));
    (0..).zip(rows).flat_map(|(y, row)| (0..).zip(row).map(move |(x, cell)| (x, y, cell)))
}

fn size() -> io::Result<Size> {
    let (width, height) = platform::terminal_size().map_or_else(terminal::size, Ok)?;
    Ok(Size { width, height })
}

impl Backend for Tty {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.encoder.draw(content, self.links.take(), &mut self.frame);
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_cursor_shown) {
            self.frame.extend_from_slice(b"\x1b[?25l");
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.is_cursor_shown, true) {
            self.frame.extend_from_slice(b"\x1b[?25h");
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.encoder.position())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.encoder.set_cursor(position.into(), &mut self.frame);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        // Another program may have left the cursor visible.
        self.is_cursor_shown = false;
        self.frame.extend_from_slice(b"\x1b[?25l");
        self.encoder.clear(size()?, &mut self.frame);
        Ok(())
    }

    /// Only the whole screen is ever cleared.
    fn clear_region(&mut self, _region: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(mut out) = lock_output() else { return Ok(()) };
        let content = self.frame.get(FRAME_BEGIN.len()..).unwrap_or_default();
        match content.len() {
            0 => return Ok(()),
            1..MIN_SYNCHRONIZED_BYTES => out.write_all(content)?,
            _ => {
                self.frame.extend_from_slice(FRAME_END);
                out.write_all(&self.frame)?;
            }
        }
        self.frame.truncate(FRAME_BEGIN.len());
        out.flush()
    }
}
