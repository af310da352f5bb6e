//! Deep links: a message, tab, span and JSON path to show once they are loaded.

use crate::app::detail::Tab;
use crate::app::panes::Panes;
use crate::app::pending_navigation::PendingNavigation;
use crate::domain::{MessageSummary, SpanPart};
use crate::json::tree::PathStep;
use crate::json::{Value, decode};
use crate::layout::Pane;

/// The place to show once the thread is open. `message` is cleared when that message is found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeepLink {
    pub message: Option<String>,
    pub tab: Option<Tab>,
    pub span: Option<String>,
    pub path: Option<Vec<PathStep>>,
}

impl Panes<'_> {
    /// Sets the place to show once it is loaded; an empty link does nothing.
    pub fn follow_deep_link(&mut self, link: DeepLink) {
        if link != DeepLink::default() {
            self.detail.pending_navigation = Some(PendingNavigation::DeepLink(link));
        }
    }

    /// Returns the deep link whose message is not found yet.
    fn unresolved_deep_link(&mut self) -> Option<&mut DeepLink> {
        match self.detail.pending_navigation.as_mut() {
            Some(PendingNavigation::DeepLink(link)) if link.message.is_some() => Some(link),
            _ => None,
        }
    }

    /// Selects the linked message if it is at this thread index or after it.
    pub(super) fn select_linked_message(&mut self, from: usize) {
        let Some(linked_id) = self.unresolved_deep_link().and_then(|link| link.message.clone()) else {
            return;
        };
        let Some(thread) = self.thread.as_ref() else { return };
        let is_linked = |summary: &MessageSummary| {
            let id = summary.raw.bytes_in(summary.id);
            id == linked_id.as_bytes() || (id.starts_with(b"\"") && decode(id) == linked_id.as_str())
        };
        let index =
            (from..thread.summaries.len()).find(|index| thread.summaries.get(*index).is_some_and(is_linked));
        if let Some(index) = index {
            self.select_thread_index(index);
            if let Some(link) = self.unresolved_deep_link() {
                link.message = None;
            }
        }
    }

    /// Warns if the complete thread does not contain the linked message.
    pub(super) fn warn_deep_link_not_found(&mut self) {
        if self.unresolved_deep_link().is_some() {
            self.detail.pending_navigation = None;
            self.warn("The linked message is not in this thread");
        }
    }

    /// Shows the tab, the span and the path of a link in the selected message.
    pub(super) fn show_linked_place(&mut self, link: DeepLink) {
        if let Some(tab) = link.tab {
            self.detail.tab = tab;
            self.screen.focus = Pane::Detail;
        }
        if let Some(id) = link.span {
            self.detail.tab = Tab::Spans;
            self.screen.focus = Pane::Detail;
            self.select_span_by_id(&id);
        }
        if let Some(path) = link.path {
            self.reveal_linked_path(&path);
        }
    }

    fn select_span_by_id(&mut self, id: &str) {
        let Some(shown) = self.message_state_mut() else { return };
        let index = shown.view.message.spans.iter().position(|span| span.id == id);
        let node = index.and_then(|index| shown.view.forest.node_of_span(u32::try_from(index).ok()?));
        match node {
            Some(node) => shown.spans.select_node(&shown.view.forest, node),
            None => self.warn("The linked span is not in this message"),
        }
    }

    /// Selects the row of a path in the payload of the selected span, or in the raw JSON.
    fn reveal_linked_path(&mut self, path: &[PathStep]) {
        if self.detail.tab == Tab::Spans {
            let contains_path = |part: &SpanPart| {
                let (shown, span) = self.shown().message_state().zip(self.shown().selected_span())?;
                let bytes = shown.parsed_raw().bytes_in(part.byte_range(span));
                path_exists(Value::of(bytes), path).then_some(())
            };
            let Some(part) = SpanPart::ALL.into_iter().find(|part| contains_path(part).is_some()) else {
                return self.warn("The linked path does not exist in this span");
            };
            if let Some(shown) = self.message_state_mut() {
                shown.spans.part = part;
            }
            self.screen.focus = Pane::Payload;
            self.prepare_tab();
            let (mode, page) = (self.detail.payload_mode, self.shown().payload_height());
            if let Some(shown) = self.message_state_mut() {
                if let Some(tree) = shown.spans.payload_tree_mut() {
                    tree.reveal_path(path);
                }
                shown.spans.follow_selection(mode, None, page);
            }
            return;
        }
        self.detail.tab = Tab::Raw;
        self.screen.focus = Pane::Detail;
        self.prepare_tab();
        if let Some(tree) = self.message_state_mut().and_then(|shown| shown.json.as_mut()) {
            tree.reveal_path(path);
        }
    }
}

fn path_exists(mut value: Value<'_>, path: &[PathStep]) -> bool {
    for (index, step) in path.iter().enumerate() {
        let next = match step {
            PathStep::Embedded => {
                let rest = path.get(index + 1..).unwrap_or_default();
                return value.as_str().is_some_and(|text| path_exists(Value::of(text.as_bytes()), rest));
            }
            PathStep::Key(key) => {
                value.members().filter(|(name, _)| name.is(key)).last().map(|(_, value)| value)
            }
            PathStep::Index(index) => value.elements().nth(*index),
        };
        match next {
            Some(next) => value = next,
            None => return false,
        }
    }
    true
}

/// Parses paths such as `$.chunks[2].text`, `$["odd key"][0]` and `$.arguments ⟶ $.city`.
///
/// # Errors
/// A sentence with the invalid rest of the path.
pub fn parse_path(text: &str) -> Result<Vec<PathStep>, String> {
    let mut rest = text.trim().strip_prefix('$').unwrap_or(text.trim());
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let error = || format!("invalid path from {rest:?} on");
        if let Some(inside) = rest.trim_start().strip_prefix('⟶') {
            steps.push(PathStep::Embedded);
            rest = inside.trim_start().strip_prefix('$').ok_or_else(error)?;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (step, after) = parse_bracket(inside).ok_or_else(error)?;
            steps.push(step);
            rest = after;
        } else {
            let name = rest.strip_prefix('.').ok_or_else(error)?;
            let end = name.find(['.', '[', ' ']).unwrap_or(name.len());
            let (key, after) = name.split_at_checked(end).ok_or_else(error)?;
            if key.is_empty() {
                return Err(error());
            }
            steps.push(PathStep::Key(key.to_owned()));
            rest = after;
        }
    }
    Ok(steps)
}

fn parse_bracket(inside: &str) -> Option<(PathStep, &str)> {
    if inside.starts_with('"') {
        let end = crate::json::skip_value(inside.as_bytes(), 0)?;
        let (quoted, after) = inside.split_at_checked(end)?;
        let key = Value::of(quoted.as_bytes()).as_str()?.into_owned();
        return Some((PathStep::Key(key), after.strip_prefix(']')?));
    }
    if let Some(single) = inside.strip_prefix('\'') {
        let (key, after) = single.split_once("']")?;
        return Some((PathStep::Key(key.to_owned()), after));
    }
    let (digits, after) = inside.split_once(']')?;
    Some((PathStep::Index(digits.trim().parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tree::json_path;

    #[test]
    fn paths_round_trip() {
        for text in ["$", "$.chunks[2].text", "$[\"odd key\"][0]", "$[\"a\\\"b\"].c", "$.a[1] ⟶ $.b ⟶ $[0]"]
        {
            assert_eq!(json_path(&parse_path(text).unwrap()), text);
        }
        assert_eq!(parse_path("$['x']").unwrap(), [PathStep::Key("x".to_owned())]);
        assert!(parse_path("$..a").is_err() && parse_path("$[x]").is_err());
    }
}
