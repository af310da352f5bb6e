//! A bare ratatui program with three panes, as a baseline for the time from a key to its frame.
//!
//! It has an input, a list of messages and their text, and nothing else: no colour from content, no Markdown, no search.
//! `benches/README.md` describes the alternating measurement of both programs.
//!
//! ```sh
//! cargo run --release --example three_panes -- 200000
//! ```

use std::io;

use ratatui::Frame;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Block, List, ListItem, ListState, Paragraph, Wrap};

/// Paragraphs per message.
const PARAGRAPHS: usize = 12;

fn main() -> io::Result<()> {
    let messages = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(20);
    let mut terminal = ratatui::try_init()?;
    let outcome = run(&mut terminal, messages);
    ratatui::restore();
    outcome
}

fn run(terminal: &mut ratatui::DefaultTerminal, messages: usize) -> io::Result<()> {
    let mut selected = 0_usize;
    loop {
        terminal.draw(|frame| draw(frame, selected, messages))?;
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Char('q') => return Ok(()),
            KeyCode::Char('j') => selected = (selected + 1).min(messages.saturating_sub(1)),
            KeyCode::Char('k') => selected = selected.saturating_sub(1),
            _ => {}
        }
    }
}

/// Draws only the visible rows, as a list of this length requires.
fn draw(frame: &mut Frame<'_>, selected: usize, messages: usize) {
    let [input, body] = Layout::vertical([Constraint::Length(3), Constraint::Min(0)]).areas(frame.area());
    let [list, detail] = Layout::horizontal([Constraint::Percentage(36), Constraint::Min(0)]).areas(body);
    frame.render_widget(Paragraph::new("thread-id").block(Block::bordered().title("Thread")), input);

    let height = usize::from(list.height.saturating_sub(2)).max(1);
    let first = selected.saturating_sub(height / 2).min(messages.saturating_sub(height));
    let rows = (first..messages.min(first + height)).map(|index| {
        ListItem::new(format!("{index:>6} 08:00 assistant  turn {index}] an answer of some length"))
    });
    let rows = List::new(rows)
        .block(Block::bordered().title(format!("Messages {}/{messages}", selected + 1)))
        .highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut state = ListState::default().with_selected(Some(selected - first));
    frame.render_stateful_widget(rows, list, &mut state);

    let paragraph = format!(
        "Answer {selected}: prose with some words and 漢字, long enough to be wrapped over the lines of a pane on its right side.\n\n"
    );
    let text = Paragraph::new(paragraph.repeat(PARAGRAPHS))
        .wrap(Wrap { trim: false })
        .block(Block::bordered().title("Message"));
    frame.render_widget(text, detail);
}
