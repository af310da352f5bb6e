//! The rule for the text of a message, the same on the screen and in exports: text of an assistant is Markdown, text of a
//! tool is its output, and all other text is verbatim.

use super::line::{Line, wrap_runs};
use super::number;
use super::table::{self, Table};
use super::terminal_output::{self, Cleaned, Removed};
use crate::domain::Role;

/// The form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// An assistant's text, to be rendered.
    Markdown,
    /// Text with its own lines, spaces and punctuation.
    Verbatim,
    /// The output of a tool, which may have been written for a terminal or be a table.
    ToolOutput,
}

impl TextForm {
    /// Returns the form of a speaker's text. Text inside a tool result is always [`TextForm::ToolOutput`].
    pub fn of_speaker(role: Role) -> Self {
        match role {
            Role::Assistant => Self::Markdown,
            Role::Tool => Self::ToolOutput,
            Role::User
            | Role::System
            | Role::Hidden
            | Role::Developer
            | Role::Turn
            | Role::Other
            | Role::Unknown => Self::Verbatim,
        }
    }
}

/// The output of a tool, without control sequences.
#[derive(Clone, Debug)]
pub struct ToolOutput<'a> {
    cleaned: Cleaned<'a>,
    /// The output as a table, if it is one.
    pub table: Option<Table>,
}

impl<'a> ToolOutput<'a> {
    /// Reads the output of a tool.
    pub fn read(output: &'a str) -> Self {
        let cleaned = terminal_output::clean(output);
        let table = table::delimited_table(&cleaned.text);
        Self { cleaned, table }
    }

    /// Returns the text that a terminal would show.
    pub fn text(&self) -> &str {
        &self.cleaned.text
    }

    /// Returns the text wrapped to `width` columns, in its original colours.
    pub fn coloured_lines(&self, width: usize) -> Vec<Line> {
        wrap_runs(&self.cleaned.text, &self.cleaned.styles, width)
    }

    /// Returns a sentence about the parts that the text without colours omits; `None` if there are none.
    pub fn removed_note(&self) -> Option<String> {
        let Removed { sequences, colours, states } = self.cleaned.removed;
        removed_note(sequences + colours, states)
    }

    /// Returns such a sentence for the text with colours.
    pub fn removed_note_beside_colours(&self) -> Option<String> {
        let Removed { sequences, colours: _, states } = self.cleaned.removed;
        removed_note(sequences, states)
    }
}

fn removed_note(sequences: usize, states: usize) -> Option<String> {
    let mut parts = Vec::new();
    if sequences > 0 {
        parts.push(number::pluralize(sequences, "control sequence"));
    }
    if states > 0 {
        parts.push(number::pluralize(states, "overwritten line"));
    }
    (!parts.is_empty()).then(|| format!("{} removed", parts.join(" and ")))
}
