//! The selected value of the payload pane: a section of a formatted payload, or a row of the JSON tree, and the text about
//! selected untraced time.

use crate::app::copy::value_text;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::payload::{PayloadMode, PayloadView};
use crate::app::detail::spans::SpansView;
use crate::app::panes::Shown;
use crate::domain::ByteRange;
use crate::json::Value;
use crate::json::tree::PathStep;
use crate::trace::Gap;
use crate::view::document::{ScrolledDocument, SectionSource};
use crate::view::nested_tree::NestedTree;
use crate::view::{Clip, MessageView, untraced};

impl SpansView {
    /// Prepares the text about untraced time.
    pub(in crate::app::detail) fn prepare_untraced(&mut self, gap: Gap, view: &MessageView, width: usize) {
        if self.untraced_text(gap).is_some_and(|(known, _)| known == width) {
            return;
        }
        let document = untraced::document(&view.forest, &view.message.spans, gap, width);
        self.untraced = Some((gap, width, ScrolledDocument::new(document)));
    }

    /// Returns the text about this gap and its width, once it is prepared.
    pub(super) fn untraced_text(&self, gap: Gap) -> Option<(usize, &ScrolledDocument)> {
        let (known, width, text) = self.untraced.as_ref()?;
        (*known == gap).then_some((*width, text))
    }

    /// Returns whether the payload is prepared for the next key.
    pub(in crate::app::detail) fn is_payload_prepared(&self, width: usize) -> bool {
        match self.selected_gap() {
            Some(gap) => self.untraced_text(gap).is_some_and(|(known, _)| known == width),
            None => self.payload_tree().is_some(),
        }
    }

    /// Selects the same value after a change of the payload's view: the value at `path` in the JSON tree, or the section
    /// that shows the tree's selected value.
    pub(in crate::app) fn follow_selection(
        &mut self,
        mode: PayloadMode,
        path: Option<&[PathStep]>,
        page: usize,
    ) {
        match (mode, path) {
            (PayloadMode::Raw, Some(path)) => {
                if let Some(tree) = self.payload_tree_mut() {
                    tree.reveal_path(path);
                }
            }
            (PayloadMode::Formatted, _) => {
                let byte = self.payload_tree().and_then(TreeView::selected_byte);
                if let Some((view, byte)) = self.formatted_payload_mut(mode).zip(byte) {
                    view.select_byte(byte, page);
                }
            }
            (PayloadMode::Raw, None) => {}
        }
    }
}

impl<'a> Shown<'a> {
    /// Returns the source of the selected section of a formatted payload.
    fn selected_section(self) -> Option<SectionSource> {
        match self.payload() {
            PayloadView::Formatted(view) => view.selection(self.payload_height()).map(|(_, source)| source),
            PayloadView::Tree(_) | PayloadView::Absent => None,
        }
    }

    /// Returns the range of the selected section in the payload.
    fn selected_section_range(self) -> Option<ByteRange> {
        match self.selected_section()? {
            SectionSource::Bytes(range) => Some(range),
            SectionSource::Error
            | SectionSource::Untraced
            | SectionSource::Block { .. }
            | SectionSource::Citation(_) => None,
        }
    }

    /// Returns the JSON of the selected section's value.
    pub(in crate::app) fn selected_section_value(self) -> Option<Value<'a>> {
        let state = self.message_state()?;
        let payload = state.parsed_raw().bytes_in(state.spans.part.byte_range(self.selected_span()?));
        Some(Value::of(self.selected_section_range()?.slice(payload)))
    }

    /// Returns the path of the selected section's value in the payload.
    pub(in crate::app::detail) fn selected_section_path(self) -> Option<Vec<PathStep>> {
        let start = self.selected_section_range()?.start as usize;
        let state = self.message_state()?;
        let mut tree =
            NestedTree::new(state.parsed_raw().slice(state.spans.part.byte_range(self.selected_span()?)));
        let row = tree.reveal_offset(start)?.row;
        Some(tree.path(row))
    }

    /// Returns the selected section's value, to copy; strings decoded.
    pub(in crate::app::detail) fn selected_section_clip(self) -> Option<Clip> {
        match self.selected_section()? {
            SectionSource::Bytes(_) => {
                Some(Clip { label: "value", text: value_text(self.selected_section_value()?) })
            }
            SectionSource::Error => {
                let error = self.selected_span()?.error.as_ref()?;
                Some(Clip { label: "error", text: error.message.clone() })
            }
            SectionSource::Untraced => {
                let state = self.message_state()?;
                let (forest, spans) = (&state.view.forest, &state.view.message.spans);
                let text = untraced::sentence(forest, spans, state.spans.selected_gap()?);
                Some(Clip { label: "text", text })
            }
            SectionSource::Block { .. } | SectionSource::Citation(_) => None,
        }
    }

    /// Returns the sentence about the selected gap, to copy.
    pub(in crate::app::detail) fn selected_gap_clip(self) -> Option<Clip> {
        self.message_state()?.spans.selected_gap()?;
        self.selected_section_clip()
    }
}
