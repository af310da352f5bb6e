//! The web addresses of the selected message: to copy or to open, chosen from a list if there are several. Drawn by
//! `ui/links`.

use crate::action::Action;
use crate::app::{App, Effects, Overlay};
use crate::domain::{Block, Message};
use crate::effect::Effect;
use crate::text::link;
use crate::view::Clip;

/// The maximum number of columns inside the page.
pub const MAX_WIDTH: u16 = 120;

/// The use of the chosen address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkUse {
    Copy,
    Open,
}

/// The list's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkMenu {
    pub addresses: Vec<String>,
    pub usage: LinkUse,
    pub selected: usize,
    /// The first row in view.
    pub offset: usize,
}

impl LinkMenu {
    /// Returns the rows of the list.
    pub fn rows(&self) -> u16 {
        u16::try_from(self.addresses.len()).unwrap_or(u16::MAX)
    }
}

impl App {
    /// Uses the address of the selected message, or offers a list of them.
    pub(super) fn use_links(&mut self, usage: LinkUse) -> Effects {
        let message = self.shown().message_state().map(|state| &state.view.message);
        let addresses = message.map(message_links).unwrap_or_default();
        match addresses.as_slice() {
            [] => self.notify("No web address in this message"),
            [address] => return self.use_link(usage, address.clone()),
            [_, ..] => {
                self.overlay = Some(Overlay::Links(LinkMenu { addresses, usage, selected: 0, offset: 0 }));
            }
        }
        Vec::new()
    }

    fn use_link(&mut self, usage: LinkUse, address: String) -> Effects {
        match usage {
            LinkUse::Copy => vec![Effect::Copy(Clip { label: "link", text: address })],
            LinkUse::Open => {
                self.notify(format!("Opening {address}"));
                vec![Effect::OpenLink(address)]
            }
        }
    }

    /// Handles keys in the list: Enter uses the selected address.
    pub(super) fn perform_in_links(&mut self, menu: LinkMenu, action: Action) -> Effects {
        match menu.addresses.get(menu.selected).filter(|_| action == Action::Enter) {
            Some(address) => self.use_link(menu.usage, address.clone()),
            None => {
                self.overlay = Some(Overlay::Links(menu));
                Vec::new()
            }
        }
    }
}

/// Returns the web addresses in all texts of a message, each once.
fn message_links(message: &Message) -> Vec<String> {
    let mut texts = String::new();
    message.sides.iter().for_each(|side| collect_texts(&side.blocks, &mut texts));
    link::web_addresses(&texts)
}

fn collect_texts(blocks: &[Block], texts: &mut String) {
    for block in blocks {
        match block {
            Block::Markdown(text) | Block::Thinking(text) => push_text(texts, text),
            Block::Chunks(chunks) => {
                for chunk in chunks {
                    push_text(texts, &chunk.text);
                    chunk.source.iter().for_each(|source| push_text(texts, source));
                }
            }
            Block::ToolResult { blocks, .. } => collect_texts(blocks, texts),
            Block::ToolCall { .. } | Block::Artifact(_) | Block::Json { .. } => {}
        }
    }
}

fn push_text(texts: &mut String, text: &str) {
    texts.push_str(text);
    texts.push('\n');
}
