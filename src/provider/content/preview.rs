//! A preview of content that allocates nothing: its first text, and whether it contains tool calls.

use super::{ContentItem, ItemType, MAX_DEPTH, fields, tool};
use crate::json::{Kind, Value};

/// The parts of content that the message list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::provider) struct Preview<'a> {
    /// The first string of readable text.
    text: Option<Value<'a>>,
    /// The text in place of a missing one: a tool result, a thought, or a tool's name.
    fallback_text: Option<Value<'a>>,
    /// The first value without text, as JSON.
    json: Option<Value<'a>>,
    pub(in crate::provider) has_tools: bool,
    /// Whether a tool result is an error.
    pub(in crate::provider) has_error: bool,
}

impl<'a> Preview<'a> {
    /// Reads content in any form.
    pub(in crate::provider) fn of(value: Value<'a>) -> Self {
        let mut preview = Self::default();
        preview.visit(value, 0);
        preview
    }

    fn visit(&mut self, value: Value<'a>, depth: u8) {
        if depth >= MAX_DEPTH {
            return self.add_json(value);
        }
        match value.kind() {
            Kind::Null => {}
            Kind::String => self.add_text(value),
            Kind::Object => self.add_block(value, depth),
            Kind::Array => {
                for item in value.elements() {
                    match item.kind() {
                        Kind::Object | Kind::String => self.visit(item, depth + 1),
                        _ => self.add_json(value),
                    }
                }
            }
            Kind::Bool | Kind::Number | Kind::Invalid => self.add_json(value),
        }
    }

    /// Keeps the first text that is not blank; a blank one only until then.
    fn add_text(&mut self, value: Value<'a>) {
        if self.text.is_none_or(|text| fields::is_blank(text) && !fields::is_blank(value)) {
            self.text = Some(value);
        }
    }

    fn add_fallback_text(&mut self, value: Option<Value<'a>>) {
        let text = value.filter(|value| value.kind() == Kind::String && !fields::is_blank(*value));
        self.fallback_text = self.fallback_text.or(text);
    }

    fn add_json(&mut self, value: Value<'a>) {
        self.json.get_or_insert(value);
    }

    fn add_block(&mut self, block: Value<'a>, depth: u8) {
        let item = ContentItem::of(block);
        match item.item_type() {
            ItemType::Text => match item.text() {
                Some(text) => self.add_text(text),
                None => self.add_json(block),
            },
            ItemType::Thinking => self.add_nested(item.thought(), depth),
            ItemType::ToolCall => self.add_tool_call(item),
            ItemType::ToolResult => {
                self.has_tools = true;
                self.has_error |= item.is_error();
                self.add_nested(item.result_content(), depth);
            }
            ItemType::Message => {
                if let Some(content) = item.content {
                    self.visit(content, depth + 1);
                }
                if let Some(calls) = item.tool_calls {
                    calls.elements().for_each(|call| self.add_tool_call(ContentItem::of(call)));
                }
            }
            ItemType::Unknown => self.add_json(block),
        }
    }

    fn add_tool_call(&mut self, item: ContentItem<'a>) {
        self.has_tools = true;
        let name = item.name();
        let thinks = name.is_some_and(|name| name.as_str().is_some_and(|name| name == tool::THINK_TOOL));
        let thought = item.input().filter(|_| thinks).and_then(tool::thought);
        self.add_fallback_text(thought.or(name));
    }

    /// Adds text nested in a thought or a tool result, as a fallback.
    fn add_nested(&mut self, value: Option<Value<'a>>, depth: u8) {
        let Some(value) = value else { return };
        let mut inner = Self::default();
        inner.visit(value, depth + 1);
        self.add_fallback_text(inner.text.or(inner.fallback_text));
        if let Some(other) = inner.json {
            self.add_json(other);
        }
    }

    /// Returns whether there is text that is not blank.
    pub(in crate::provider) fn has_text(self) -> bool {
        self.text.is_some_and(|text| !fields::is_blank(text))
    }

    /// Returns the value shown in the message list, text first.
    pub(in crate::provider) fn value(self) -> Option<Value<'a>> {
        let text = self.text.filter(|text| !fields::is_blank(*text));
        text.or(self.fallback_text).or(self.json).or(self.text)
    }
}
