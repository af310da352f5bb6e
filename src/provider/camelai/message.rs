//! A camelAI message: its summary for the list, and the complete message. Both read the same fields in the same way. The
//! service guarantees only `id`, `created_at` and `source`, and even these may be absent here.

use super::artifact;
use crate::domain::{Block, ByteRange, Message, MessageFlags, MessageSummary, Raw, Role, Side, Status};
use crate::json::{Kind, Value};
use crate::provider::content::{BlockReader, ContentItem, Preview, REASONING_KEYS};
use crate::provider::{fields, usage};

const MESSAGE_KEYS: [&str; 9] =
    ["id", "role", "content", "created_at", "metadata", "artifacts", "tool_calls", "tool_call_id", "entry"];

/// The fields of a message, and the reason if it is unreadable.
struct MessageFields<'a> {
    id: Option<Value<'a>>,
    role: Option<Value<'a>>,
    content: Option<Value<'a>>,
    created: Option<Value<'a>>,
    metadata: Option<Value<'a>>,
    artifacts: Option<Value<'a>>,
    tool_calls: Option<Value<'a>>,
    /// In OpenAI's format, the id of the call whose result is the whole message.
    tool_call_id: Option<Value<'a>>,
    read_error: Option<String>,
}

impl<'a> MessageFields<'a> {
    fn of(message: &'a [u8]) -> Self {
        let ([id, role, content, created, metadata, artifacts, tool_calls, tool_call_id, entry], error) =
            fields::pick_checked(Value::of(message), MESSAGE_KEYS);
        // An SGP turn has all its data in `entry` and would look like an empty message.
        let is_foreign = entry.is_some() && role.or(content).is_none();
        let known = [id, role, content, created, metadata, artifacts, tool_calls, tool_call_id];
        let reason = || match () {
            () if is_foreign => Some("it has an \"entry\" but no \"role\""),
            () if known.iter().all(Option::is_none) => Some("it has no field of a message"),
            () => None,
        };
        Self {
            id,
            role,
            content,
            created,
            metadata,
            artifacts: artifacts.filter(|artifacts| !artifacts.is_empty()),
            tool_calls: tool_calls.filter(|calls| !calls.is_empty()),
            tool_call_id,
            read_error: error.or_else(|| reason().map(str::to_owned)),
        }
    }

    fn role(&self) -> Role {
        self.role.map_or(Role::Unknown, |role| Role::from_name(&role.text()))
    }

    fn preview(&self) -> Preview<'a> {
        self.content.map(Preview::of).unwrap_or_default()
    }

    fn status(&self, preview: Preview<'_>) -> Status {
        if preview.has_error { Status::Error } else { Status::Unknown }
    }
}

/// Reads the summary for the message list.
pub(super) fn read_summary(raw: Raw, index: u32) -> MessageSummary {
    let bytes = raw.bytes();
    let fields = MessageFields::of(bytes);
    if let Some(reason) = fields.read_error {
        return MessageSummary::unreadable(raw, index, reason);
    }
    let preview = fields.preview();
    let role = fields.role();
    let mut flags = MessageFlags::default();
    if preview.has_tools || fields.tool_calls.is_some() || role == Role::Tool {
        flags |= MessageFlags::TOOLS;
    }
    if fields.artifacts.is_some() {
        flags |= MessageFlags::ARTIFACTS;
    }
    let preview_value = preview.value().or_else(|| fallback_text(&fields));
    if preview_value.is_some_and(|value| value.kind() != Kind::String) {
        flags |= MessageFlags::PREVIEW_IS_JSON;
    }
    MessageSummary {
        id: fields::optional_byte_range(bytes, fields.id),
        preview: fields::optional_byte_range(bytes, preview_value),
        role,
        status: fields.status(preview),
        flags,
        time: fields.created.and_then(fields::timestamp),
        ..MessageSummary::blank(raw.clone(), index)
    }
}

/// Returns the text in place of a missing one: the name of the first tool call, or the first artifact's title.
fn fallback_text<'a>(fields: &MessageFields<'a>) -> Option<Value<'a>> {
    let call = fields.tool_calls.and_then(|calls| calls.elements().next());
    let name = call.and_then(|call| ContentItem::of(call).name());
    let artifact = fields.artifacts.and_then(|artifacts| artifacts.elements().next());
    let title = artifact.and_then(|artifact| artifact.get("title"));
    name.or(title).filter(|value| value.kind() == Kind::String)
}

/// Reads a complete message. Unreadable parts become read errors; everything else is read anyway.
pub(super) fn read_message(raw: &[u8]) -> Message {
    let fields = MessageFields::of(raw);
    let role = fields.role();
    let (created_at, created_text) = fields::first_timestamp([fields.created]);
    let metadata = fields.metadata.filter(|metadata| metadata.kind() == Kind::Object);
    let mut models = Vec::new();
    usage::add_models(&mut models, metadata);
    usage::add_models(&mut models, metadata.and_then(|metadata| metadata.get("models")));
    let raw_fields = [("message", Some(Value::of(raw))), ("metadata", fields.metadata)];
    let raw_fields = raw_fields.map(|(name, value)| (name, fields::optional_byte_range(raw, value)));
    let role_text = (role == Role::Other).then(|| fields::text(fields.role));
    Message {
        id: fields::text(fields.id),
        role,
        created_at,
        created_text,
        status: fields.status(fields.preview()),
        sides: vec![Side { role, role_text, blocks: read_blocks(raw, &fields) }],
        models,
        usage: usage::read_usage([metadata, Some(Value::of(raw))]),
        fields: raw_fields.into_iter().filter(|(_, range): &(_, ByteRange)| !range.is_empty()).collect(),
        read_errors: fields
            .read_error
            .iter()
            .map(|reason| format!("this message cannot be read: {reason}"))
            .collect(),
        ..Message::default()
    }
}

fn read_blocks(raw: &[u8], fields: &MessageFields<'_>) -> Vec<Block> {
    let mut reader = BlockReader::new(raw);
    let reasoning = Value::of(raw).get_many(REASONING_KEYS).into_iter().zip(REASONING_KEYS);
    for (value, key) in reasoning.filter_map(|(value, key)| Some((value?, key))) {
        reader.add_reasoning(value, key);
    }
    if let Some(content) = fields.content {
        reader.add(content, "content");
    }
    if let Some(id) = fields.tool_call_id {
        let blocks = std::mem::take(&mut reader.blocks);
        reader.blocks.push(Block::ToolResult { call_id: fields::text(Some(id)), is_error: false, blocks });
    }
    if let Some(calls) = fields.tool_calls {
        reader.add_tool_calls(calls);
    }
    if let Some(artifacts) = fields.artifacts {
        artifact::add_artifacts(&mut reader, raw, artifacts);
    }
    reader.blocks
}
