//! An in-memory terminal that tests can read while the loop draws, and that counts frames.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

#[derive(Clone)]
pub struct Screen(Arc<Mutex<State>>);

struct State {
    backend: TestBackend,
    frames: usize,
}

impl Screen {
    pub fn new(width: u16, height: u16) -> Self {
        Self(Arc::new(Mutex::new(State { backend: TestBackend::new(width, height), frames: 0 })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Returns the number of frames drawn.
    pub fn frames(&self) -> usize {
        self.state().frames
    }

    pub fn resize(&self, width: u16, height: u16) {
        self.state().backend.resize(width, height);
    }

    /// Returns the text of the screen.
    pub fn text(&self) -> String {
        let inside = self.state();
        let buffer = inside.backend.buffer();
        let width = usize::from(buffer.area.width.max(1));
        let rows = buffer.content.chunks(width);
        rows.map(|row| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned() + "\n")
            .collect()
    }
}

impl Backend for Screen {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.state().backend.draw(content)
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.state().backend.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.state().backend.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        panic!("a terminal answers this among the keys, where nobody expects it")
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.state().backend.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.state().backend.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> Result<(), Infallible> {
        self.state().backend.clear_region(region)
    }

    fn size(&self) -> Result<Size, Infallible> {
        self.state().backend.size()
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.state().backend.window_size()
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        self.state().frames += 1;
        Ok(())
    }
}
