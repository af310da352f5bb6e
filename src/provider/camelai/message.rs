//! A message of camelAI: the small head for the list, and the whole for when it is looked at. Both read the same
//! fields in the same way; only `id`, `created_at` and `source` are promised, and no reader needs even these.

use super::artifact;
use crate::domain::{Block, ByteRange, Message, MessageFlags, MessageSummary, Raw, Role, Side, Status};
use crate::json::{Kind, Value};
use crate::provider::content::{BlockReader, ContentItem, Preview};
use crate::provider::{fields, usage};

const MESSAGE_KEYS: [&str; 9] =
    ["id", "role", "content", "created_at", "metadata", "artifacts", "tool_calls", "tool_call_id", "entry"];

/// The fields of a message that are read, and why it cannot be read if it cannot.
struct MessageFields<'a> {
    id: Option<Value<'a>>,
    role: Option<Value<'a>>,
    content: Option<Value<'a>>,
    created: Option<Value<'a>>,
    metadata: Option<Value<'a>>,
    artifacts: Option<Value<'a>>,
    tool_calls: Option<Value<'a>>,
    /// In OpenAI's form the call that the whole message answers.
    tool_call_id: Option<Value<'a>>,
    read_error: Option<String>,
}

impl<'a> MessageFields<'a> {
    fn of(message: &'a [u8]) -> Self {
        let ([id, role, content, created, metadata, artifacts, calls, answers, entry], fault) =
            fields::pick_checked(Value::of(message), MESSAGE_KEYS);
        // A turn of SGP has everything there, and would look like a message that says nothing.
        let foreign = entry.is_some() && role.or(content).is_none();
        let fault = fault.or_else(|| foreign.then(|| "it has no \"role\" but an \"entry\"".to_owned()));
        let artifacts = artifacts.filter(|artifacts| !artifacts.is_empty());
        let calls = calls.filter(|calls| !calls.is_empty());
        Self {
            id,
            role,
            content,
            created,
            metadata,
            artifacts,
            tool_calls: calls,
            tool_call_id: answers,
            read_error: fault,
        }
    }

    fn role(&self) -> Role {
        self.role.map_or(Role::Unknown, |role| Role::from_name(&role.text()))
    }

    fn preview(&self) -> Preview<'a> {
        self.content.map(Preview::of).unwrap_or_default()
    }

    fn status(&self, glance: Preview<'_>) -> Status {
        if glance.has_error { Status::Error } else { Status::Unknown }
    }
}

/// What the list needs of a message.
pub(super) fn read_summary(raw: Raw, index: u32) -> MessageSummary {
    let bytes = raw.bytes();
    let fields = MessageFields::of(bytes);
    if let Some(reason) = fields.read_error {
        return MessageSummary::unreadable(raw, index, reason);
    }
    let glance = fields.preview();
    let role = fields.role();
    let mut marks = MessageFlags::default();
    if glance.has_tools || fields.tool_calls.is_some() || role == Role::Tool {
        marks = marks.with(MessageFlags::TOOLS);
    }
    if fields.artifacts.is_some() {
        marks = marks.with(MessageFlags::ARTIFACTS);
    }
    let shown = glance.value().or_else(|| fallback_text(&fields));
    if shown.is_some_and(|shown| shown.kind() != Kind::String) {
        marks = marks.with(MessageFlags::PREVIEW_IS_JSON);
    }
    MessageSummary {
        id: fields::optional_byte_range(bytes, fields.id),
        preview: fields::optional_byte_range(bytes, shown),
        role,
        status: fields.status(glance),
        flags: marks,
        time: fields.created.and_then(fields::timestamp),
        ..MessageSummary::blank(raw.clone(), index)
    }
}

/// What stands for the text of a message whose content is empty: the first call, the first artifact.
fn fallback_text<'a>(fields: &MessageFields<'a>) -> Option<Value<'a>> {
    let call = fields.tool_calls.and_then(|calls| calls.elements().next());
    let name = call.and_then(|call| ContentItem::of(call).name());
    let artifact = fields.artifacts.and_then(|artifacts| artifacts.elements().next());
    let title = artifact.and_then(|artifact| artifact.get("title"));
    name.or(title).filter(|value| value.kind() == Kind::String)
}

/// All of a message. What cannot be read is told in its faults, and everything else is there all the same.
pub(super) fn read_message(raw: &[u8]) -> Message {
    let fields = MessageFields::of(raw);
    let role = fields.role();
    let (created_at, created_text) = fields::first_timestamp([fields.created]);
    let metadata = fields.metadata.filter(|metadata| metadata.kind() == Kind::Object);
    let mut models = Vec::new();
    usage::add_models(&mut models, metadata);
    usage::add_models(&mut models, metadata.and_then(|metadata| metadata.get("models")));
    let places = [("message", Some(Value::of(raw))), ("metadata", fields.metadata)];
    let places = places.map(|(name, value)| (name, fields::optional_byte_range(raw, value)));
    let role_text = (role == Role::Other).then(|| fields::text(fields.role));
    Message {
        id: fields::text(fields.id),
        role,
        created_at,
        created_text,
        status: fields.status(fields.preview()),
        sides: vec![Side { role, role_text, blocks: read_blocks(raw, &fields) }],
        models,
        usage: usage::read_usage([metadata]),
        fields: places.into_iter().filter(|(_, piece): &(_, ByteRange)| !piece.is_empty()).collect(),
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
