//! A content object with the members of all its known forms, read in one walk, because summaries are built for every
//! message of a thread.

use super::fields;
use crate::json::{Kind, Value};

/// The type of a block, from its `type` or, without one, from its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum ItemType {
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    /// A message: an object around content.
    Message,
    Unknown,
}

/// The known members of a block; null is treated as absent.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::provider) struct ContentItem<'a> {
    type_name: Option<Value<'a>>,
    role: Option<Value<'a>>,
    text: Option<Value<'a>>,
    refusal: Option<Value<'a>>,
    thinking: Option<Value<'a>>,
    reasoning: Option<Value<'a>>,
    summary: Option<Value<'a>>,
    pub(super) content: Option<Value<'a>>,
    output: Option<Value<'a>>,
    result: Option<Value<'a>>,
    pub(super) tool_calls: Option<Value<'a>>,
    name: Option<Value<'a>>,
    function: Option<Value<'a>>,
    input: Option<Value<'a>>,
    arguments: Option<Value<'a>>,
    id: Option<Value<'a>>,
    call_id: Option<Value<'a>>,
    tool_call_id: Option<Value<'a>>,
    tool_use_id: Option<Value<'a>>,
    is_error: Option<Value<'a>>,
    pub(super) citations: Option<Value<'a>>,
    pub(super) annotations: Option<Value<'a>>,
}

impl<'a> ContentItem<'a> {
    /// Reads the members of an object; any other value has none.
    pub(in crate::provider) fn of(object: Value<'a>) -> Self {
        let mut item = Self::default();
        for (key, value) in object.members() {
            if let Some(slot) = item.slot(&key.decoded_bytes()) {
                *slot = Some(value).filter(|value| value.kind() != Kind::Null);
            }
        }
        item
    }

    fn slot(&mut self, name: &[u8]) -> Option<&mut Option<Value<'a>>> {
        Some(match name {
            b"type" => &mut self.type_name,
            b"role" => &mut self.role,
            b"text" => &mut self.text,
            b"refusal" => &mut self.refusal,
            b"thinking" => &mut self.thinking,
            b"reasoning" | b"reasoning_content" => &mut self.reasoning,
            b"summary" => &mut self.summary,
            b"content" => &mut self.content,
            b"output" => &mut self.output,
            b"result" => &mut self.result,
            b"tool_calls" => &mut self.tool_calls,
            b"name" | b"tool_name" => &mut self.name,
            b"function" => &mut self.function,
            b"input" => &mut self.input,
            b"arguments" | b"args" => &mut self.arguments,
            b"id" => &mut self.id,
            b"call_id" => &mut self.call_id,
            b"tool_call_id" => &mut self.tool_call_id,
            b"tool_use_id" => &mut self.tool_use_id,
            b"is_error" => &mut self.is_error,
            b"citations" => &mut self.citations,
            b"annotations" => &mut self.annotations,
            _ => return None,
        })
    }

    /// Returns the value of `type`.
    pub(in crate::provider) fn type_name(&self) -> std::borrow::Cow<'a, str> {
        self.type_name.and_then(Value::as_str).unwrap_or_default()
    }

    pub(in crate::provider) fn item_type(&self) -> ItemType {
        match self.type_name().as_ref() {
            "text" | "input_text" | "output_text" | "summary_text" | "refusal" => ItemType::Text,
            "thinking" | "reasoning" => ItemType::Thinking,
            "tool_use" | "server_tool_use" | "mcp_tool_use" | "tool_call" | "function" | "function_call"
            | "custom_tool_call" | "mcp_call" => ItemType::ToolCall,
            "message" => ItemType::Message,
            "tool_result" => ItemType::ToolResult,
            other if other.starts_with("reasoning.") => ItemType::Thinking,
            other if other.ends_with("_tool_result") || other.ends_with("_call_output") => {
                ItemType::ToolResult
            }
            "" if self.content.or(self.tool_calls).is_some() => ItemType::Message,
            "" if self.role.and(self.reasoning).is_some() => ItemType::Message,
            "" if self.text.is_some_and(|text| text.kind() == Kind::String) => ItemType::Text,
            _ => ItemType::Unknown,
        }
    }

    /// Returns whether it is a message: it has a role and content, tool calls or reasoning.
    pub(in crate::provider) fn is_message(&self) -> bool {
        self.role.is_some() && self.content.or(self.tool_calls).or(self.reasoning).is_some()
    }

    /// Returns whether it has the given role.
    pub(in crate::provider) fn has_role(&self, role: &str) -> bool {
        self.role.and_then(Value::as_str).is_some_and(|word| word == role)
    }

    /// Returns whether it is a retrieved chunk: text that is neither a message nor a block.
    pub(super) fn is_chunk(&self) -> bool {
        self.text.is_some_and(|text| text.kind() == Kind::String) && self.type_name.or(self.role).is_none()
    }

    /// Returns the text of a text block: a string, or an object with a `value`.
    pub(super) fn text(&self) -> Option<Value<'a>> {
        let text = self.text.or(self.refusal).or(self.content)?;
        let inner = if text.kind() == Kind::Object { text.get("value")? } else { text };
        (inner.kind() == Kind::String).then_some(inner)
    }

    /// Returns the thought in a thinking block, which may itself be nested content.
    pub(super) fn thought(&self) -> Option<Value<'a>> {
        let candidates = [self.thinking, self.text, self.reasoning, self.summary, self.content];
        candidates.into_iter().flatten().find(|value| !fields::is_blank(*value))
    }

    /// Returns the name of the called tool; OpenAI's older form nests it under `function`.
    pub(in crate::provider) fn name(&self) -> Option<Value<'a>> {
        self.name.or_else(|| self.function.and_then(|function| function.get("name")))
    }

    /// Returns the input of the called tool: an object, or a string that contains JSON.
    pub(super) fn input(&self) -> Option<Value<'a>> {
        self.input.or(self.arguments).or_else(|| self.function.and_then(|function| function.get("arguments")))
    }

    /// Returns the id by which a result refers to this call.
    pub(super) fn call_id(&self) -> Option<Value<'a>> {
        self.call_id.or(self.id)
    }

    /// Returns the id of the call that this result belongs to.
    pub(super) fn result_call_id(&self) -> Option<Value<'a>> {
        self.tool_use_id.or(self.call_id).or(self.tool_call_id)
    }

    /// Returns the content of a tool result.
    pub(super) fn result_content(&self) -> Option<Value<'a>> {
        self.content.or(self.output).or(self.result)
    }

    pub(super) fn is_error(&self) -> bool {
        self.is_error.and_then(Value::as_bool) == Some(true)
    }
}
