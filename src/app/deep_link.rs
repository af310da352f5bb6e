//! Deep links: a message, span, tab and path to show as soon as they are there.

use crate::app::App;
use crate::app::detail::Tab;
use crate::domain::{MessageSummary, SpanPart};
use crate::json::tree::PathStep;
use crate::json::{Value, decode};
use crate::layout::Pane;

/// What to show once the thread is open; parts that are done are taken out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeepLink {
    pub message: Option<String>,
    pub tab: Option<Tab>,
    pub span: Option<String>,
    pub path: Option<Vec<PathStep>>,
}

impl App {
    /// Looks for the wanted message among those that just arrived.
    pub(super) fn select_linked_message(&mut self, from: usize) {
        let Some(wanted) = self.deep_link.as_ref().and_then(|target| target.message.clone()) else { return };
        let Some(thread) = self.thread.as_ref() else { return };
        let is_wanted = |head: &MessageSummary| {
            let id = head.raw.bytes_in(head.id);
            id == wanted.as_bytes() || (id.starts_with(b"\"") && decode(id) == wanted.as_str())
        };
        let place =
            (from..thread.summaries.len()).find(|place| thread.summaries.get(*place).is_some_and(is_wanted));
        if let Some(place) = place {
            self.select_thread_index(place);
            if let Some(target) = self.deep_link.as_mut() {
                target.message = None;
            }
        }
    }

    /// The thread is read to its end and the wanted message was not in it.
    pub(super) fn warn_deep_link_not_found(&mut self) {
        if self.deep_link.as_ref().is_some_and(|target| target.message.is_some()) {
            self.deep_link = None;
            self.warn("the message of the link is not in this thread");
        }
    }

    /// Once the wanted message is prepared: the tab, the span, the path.
    pub(super) fn apply_deep_link(&mut self) {
        let ready = self.deep_link.as_ref().is_some_and(|target| target.message.is_none())
            && self.message_state().is_some();
        if !ready {
            return;
        }
        let Some(target) = self.deep_link.take() else { return };
        if let Some(tab) = target.tab {
            self.detail.tab = tab;
            self.focus = Pane::Detail;
        }
        if let Some(id) = target.span {
            self.detail.tab = Tab::Spans;
            self.focus = Pane::Detail;
            self.select_span_by_id(&id);
        }
        if let Some(path) = target.path {
            self.reveal_linked_path(&path);
        }
    }

    fn select_span_by_id(&mut self, id: &str) {
        let Some(shown) = self.message_state_mut() else { return };
        let index = shown.view.message.spans.iter().position(|span| span.id == id);
        let node = index.and_then(|index| shown.view.forest.node_of_span(u32::try_from(index).ok()?));
        match node {
            Some(node) => shown.spans.select_node(&shown.view.forest, node),
            None => self.warn("the span of the link is not in this message"),
        }
    }

    /// A path leads into the payload of the span, or into the raw JSON.
    fn reveal_linked_path(&mut self, path: &[PathStep]) {
        if self.detail.tab == Tab::Spans {
            let holds = |part: &SpanPart| {
                let shown = self.message_state()?;
                let span = self.selected_span()?;
                let piece = part.byte_range(span);
                path_exists(Value::of(shown.raw.bytes_in(piece)), path).then_some(())
            };
            let part = SpanPart::ALL.into_iter().find(|part| holds(part).is_some());
            let Some(part) = part else {
                return self.warn("the path of the link leads nowhere in this span");
            };
            if let Some(shown) = self.message_state_mut() {
                shown.spans.part = part;
            }
            self.focus = Pane::Payload;
            self.prepare_tab();
            if let Some(tree) = self.payload_tree_mut() {
                tree.reveal_path(path);
            }
            return;
        }
        self.detail.tab = Tab::Raw;
        self.focus = Pane::Detail;
        self.prepare_tab();
        if let Some(tree) = self.message_state_mut().and_then(|shown| shown.json.as_mut()) {
            tree.reveal_path(path);
        }
    }
}

fn path_exists(value: Value<'_>, path: &[PathStep]) -> bool {
    let mut at = value;
    for (place, step) in path.iter().enumerate() {
        let next = match step {
            PathStep::Embedded => {
                let rest = path.get(place + 1..).unwrap_or_default();
                return at.as_str().is_some_and(|text| path_exists(Value::of(text.as_bytes()), rest));
            }
            PathStep::Key(key) => {
                at.members().filter(|(name, _)| name.is(key)).last().map(|(_, value)| value)
            }
            PathStep::Index(index) => at.elements().nth(*index),
        };
        match next {
            Some(value) => at = value,
            None => return false,
        }
    }
    true
}

/// Reads `$.chunks[2].text`, `$["odd key"][0]`, `$.arguments ⟶ $.city`.
///
/// # Errors
/// A sentence that says where it cannot be understood.
pub fn parse_path(text: &str) -> Result<Vec<PathStep>, String> {
    let mut rest = text.trim().strip_prefix('$').unwrap_or(text.trim());
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let fault = || format!("the path cannot be understood from {rest:?} on");
        if let Some(inside) = rest.trim_start().strip_prefix('⟶') {
            steps.push(PathStep::Embedded);
            rest = inside.trim_start().strip_prefix('$').ok_or_else(fault)?;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (step, after) = parse_bracket(inside).ok_or_else(fault)?;
            steps.push(step);
            rest = after;
        } else {
            let name = rest.strip_prefix('.').ok_or_else(fault)?;
            let end = name.find(['.', '[', ' ']).unwrap_or(name.len());
            let (key, after) = name.split_at_checked(end).ok_or_else(fault)?;
            if key.is_empty() {
                return Err(fault());
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
