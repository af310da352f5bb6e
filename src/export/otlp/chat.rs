//! Messages to and from models: those of threads and those in payloads, in the form of both conventions.

use std::io;

use super::attributes::Attributes;
use crate::domain::{Block, Message, Role, Side};
use crate::export::json::{JsonWriter, write_block};
use crate::export::service_fields::render;
use crate::json::Value;

/// A message of a chat with a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ChatMessage {
    pub role: String,
    pub parts: Vec<Part>,
    pub finish_reason: Option<String>,
}

/// A part of a chat message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    Reasoning(String),
    /// The arguments are JSON.
    ToolCall {
        id: String,
        name: String,
        arguments: String,
    },
    /// The result of a call: plain text, or JSON if it has other parts.
    ToolResult {
        id: String,
        result: String,
        is_error: bool,
    },
    /// Anything else: a JSON object with a `type`.
    Other(String),
}

/// The direction of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Input,
    Output,
}

impl ChatMessage {
    /// Creates a message of text.
    pub(super) fn of_text(role: &str, text: &str) -> Self {
        Self { role: role.to_owned(), parts: vec![Part::Text(text.to_owned())], finish_reason: None }
    }

    /// Creates a message of blocks, whose byte ranges refer to `raw`.
    pub(super) fn of_blocks(role: &str, blocks: &[Block], raw: &[u8]) -> Self {
        let parts = blocks.iter().map(|block| Part::of_block(block, raw));
        Self { role: role.to_owned(), parts: parts.collect(), finish_reason: None }
    }

    /// Returns the messages of a thread's message: one for each side.
    pub(super) fn of_sides(message: &Message, role: Option<Role>, raw: &[u8]) -> Vec<Self> {
        let sides = message.sides.iter().filter(|side| role.is_none_or(|role| side.role == role));
        let chat = |side: &Side| {
            let role = side.role_text.as_deref().unwrap_or(side.role.as_str());
            Self::of_blocks(role, &side.blocks, raw)
        };
        sides.map(chat).filter(|message| !message.parts.is_empty()).collect()
    }

    /// Returns the texts of the message.
    pub(super) fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) | Part::ToolResult { result: text, .. } => Some(text.as_str()),
            Part::Reasoning(_) | Part::ToolCall { .. } | Part::Other(_) => None,
        });
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

impl Part {
    fn of_block(block: &Block, raw: &[u8]) -> Self {
        match block {
            Block::Markdown(text) => Self::Text(text.clone()),
            Block::Thinking(text) => Self::Reasoning(text.clone()),
            Block::ToolCall { id, name, input, .. } => {
                let input = Value::of(input.slice(raw));
                let inner = input.embedded_json();
                let arguments = inner.as_deref().map_or(input.raw(), str::as_bytes);
                let arguments = render(|json| json.embed(arguments));
                Self::ToolCall { id: id.clone(), name: name.clone(), arguments }
            }
            Block::ToolResult { call_id, is_error, blocks } => Self::ToolResult {
                id: call_id.clone(),
                result: result_text(blocks, raw),
                is_error: *is_error,
            },
            Block::Chunks(_) | Block::Artifact(_) | Block::Json { .. } => {
                Self::Other(render(|json| write_block(json, block, raw)))
            }
        }
    }

    fn write(&self, json: &mut JsonWriter<'_>) -> io::Result<()> {
        if let Self::Other(value) = self {
            return json.embed(value.as_bytes());
        }
        json.object(|json| match self {
            Self::Text(text) => {
                json.field("type", "text")?;
                json.field("content", text)
            }
            Self::Reasoning(text) => {
                json.field("type", "reasoning")?;
                json.field("content", text)
            }
            Self::ToolCall { id, name, arguments } => {
                json.field("type", "tool_call")?;
                json.field("id", id)?;
                json.field("name", name)?;
                json.key("arguments")?;
                json.embed(arguments.as_bytes())
            }
            Self::ToolResult { id, result, .. } => {
                json.field("type", "tool_call_response")?;
                json.field("id", id)?;
                json.field("response", result)
            }
            Self::Other(_) => Ok(()),
        })
    }
}

/// Formats a result as text, or as a JSON list of blocks if it has other parts than text.
pub(super) fn result_text(blocks: &[Block], raw: &[u8]) -> String {
    let texts: Option<Vec<&str>> = blocks.iter().map(Block::plain_text).collect();
    match texts {
        Some(texts) => texts.join("\n\n"),
        None => render(|json| {
            json.array(|json| blocks.iter().try_for_each(|block| write_block(json, block, raw)))
        }),
    }
}

/// Adds messages in the form of both conventions.
pub(super) fn add_messages(attributes: &mut Attributes, direction: Direction, messages: &[ChatMessage]) {
    if messages.is_empty() {
        return;
    }
    let (prefix, key) = match direction {
        Direction::Input => ("llm.input_messages", "gen_ai.input.messages"),
        Direction::Output => ("llm.output_messages", "gen_ai.output.messages"),
    };
    for (index, message) in messages.iter().enumerate() {
        add_message(attributes, &format!("{prefix}.{index}.message"), message);
    }
    let json = render(|json| {
        json.array(|json| messages.iter().try_for_each(|message| write_message(json, message, direction)))
    });
    attributes.text(key, json);
}

fn add_message(attributes: &mut Attributes, prefix: &str, message: &ChatMessage) {
    attributes.text(format!("{prefix}.role"), &message.role);
    attributes.text(format!("{prefix}.content"), message.text());
    let mut calls = 0_usize;
    for part in &message.parts {
        match part {
            Part::ToolCall { id, name, arguments } => {
                let call = format!("{prefix}.tool_calls.{calls}.tool_call");
                attributes.text(format!("{call}.id"), id);
                attributes.text(format!("{call}.function.name"), name);
                attributes.text(format!("{call}.function.arguments"), arguments);
                calls += 1;
            }
            Part::ToolResult { id, .. } => attributes.text(format!("{prefix}.tool_call_id"), id),
            Part::Text(_) | Part::Reasoning(_) | Part::Other(_) => {}
        }
    }
}

fn write_message(json: &mut JsonWriter<'_>, message: &ChatMessage, direction: Direction) -> io::Result<()> {
    json.object(|json| {
        json.field("role", &message.role)?;
        json.key("parts")?;
        json.array(|json| message.parts.iter().try_for_each(|part| part.write(json)))?;
        match (direction, &message.finish_reason) {
            (Direction::Output, Some(reason)) => json.field("finish_reason", reason),
            (Direction::Output, None) | (Direction::Input, _) => Ok(()),
        }
    })
}
