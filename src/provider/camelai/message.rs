//! A message of camelAI: the small head for the list, and the whole for when it is looked at. Both read the same
//! fields in the same way; only `id`, `created_at` and `source` are promised, and no reader needs even these.

use super::artifact;
use crate::domain::{Block, Head, Marks, Message, Piece, Raw, Role, Side, Status};
use crate::json::{Kind, Value};
use crate::provider::content::{Glance, Item, Reader};
use crate::provider::{read, usage};

const NAMES: [&str; 9] =
    ["id", "role", "content", "created_at", "metadata", "artifacts", "tool_calls", "tool_call_id", "entry"];

/// The fields of a message that are read, and why it cannot be read if it cannot.
struct Fields<'a> {
    id: Option<Value<'a>>,
    role: Option<Value<'a>>,
    content: Option<Value<'a>>,
    created: Option<Value<'a>>,
    metadata: Option<Value<'a>>,
    artifacts: Option<Value<'a>>,
    calls: Option<Value<'a>>,
    /// In OpenAI's form the call that the whole message answers.
    answers: Option<Value<'a>>,
    fault: Option<String>,
}

impl<'a> Fields<'a> {
    fn of(message: &'a [u8]) -> Self {
        let ([id, role, content, created, metadata, artifacts, calls, answers, entry], fault) =
            read::fields(Value::of(message), NAMES);
        // A turn of SGP has everything there, and would look like a message that says nothing.
        let foreign = entry.is_some() && role.or(content).is_none();
        let fault = fault.or_else(|| foreign.then(|| "it has no \"role\" but an \"entry\"".to_owned()));
        let artifacts = artifacts.filter(|artifacts| !artifacts.is_empty());
        let calls = calls.filter(|calls| !calls.is_empty());
        Self { id, role, content, created, metadata, artifacts, calls, answers, fault }
    }

    fn role(&self) -> Role {
        self.role.map_or(Role::Unknown, |role| Role::from_word(&role.text()))
    }

    fn glance(&self) -> Glance<'a> {
        self.content.map(Glance::at).unwrap_or_default()
    }

    fn status(&self, glance: Glance<'_>) -> Status {
        if glance.has_error { Status::Error } else { Status::Unknown }
    }
}

/// What the list needs of a message.
pub(super) fn head(raw: Raw, index: u32) -> Head {
    let bytes = raw.bytes();
    let fields = Fields::of(bytes);
    if let Some(reason) = fields.fault {
        return Head::unreadable(raw, index, reason);
    }
    let glance = fields.glance();
    let role = fields.role();
    let mut marks = Marks::default();
    if glance.has_tools || fields.calls.is_some() || role == Role::Tool {
        marks = marks.with(Marks::TOOLS);
    }
    if fields.artifacts.is_some() {
        marks = marks.with(Marks::ARTIFACTS);
    }
    let shown = glance.line().or_else(|| instead(&fields));
    if shown.is_some_and(|shown| shown.kind() != Kind::String) {
        marks = marks.with(Marks::PREVIEW_IS_JSON);
    }
    Head {
        id: read::place(bytes, fields.id),
        preview: read::place(bytes, shown),
        role,
        status: fields.status(glance),
        marks,
        time: fields.created.and_then(read::stamp),
        ..Head::blank(raw.clone(), index)
    }
}

/// What stands for the text of a message whose content is empty: the first call, the first artifact.
fn instead<'a>(fields: &Fields<'a>) -> Option<Value<'a>> {
    let call = fields.calls.and_then(|calls| calls.elements().next());
    let name = call.and_then(|call| Item::of(call).name());
    let artifact = fields.artifacts.and_then(|artifacts| artifacts.elements().next());
    let title = artifact.and_then(|artifact| artifact.get("title"));
    name.or(title).filter(|value| value.kind() == Kind::String)
}

/// All of a message. What cannot be read is told in its faults, and everything else is there all the same.
pub(super) fn message(raw: &[u8]) -> Message {
    let fields = Fields::of(raw);
    let role = fields.role();
    let (created_at, created_text) = read::moment([fields.created]);
    let metadata = fields.metadata.filter(|metadata| metadata.kind() == Kind::Object);
    let mut models = Vec::new();
    usage::add_models(&mut models, metadata);
    usage::add_models(&mut models, metadata.and_then(|metadata| metadata.get("models")));
    let places = [("message", Some(Value::of(raw))), ("metadata", fields.metadata)];
    let places = places.map(|(name, value)| (name, read::place(raw, value)));
    let role_text = (role == Role::Other).then(|| read::text(fields.role));
    Message {
        id: read::text(fields.id),
        role,
        created_at,
        created_text,
        status: fields.status(fields.glance()),
        sides: vec![Side { role, role_text, blocks: blocks(raw, &fields) }],
        models,
        usage: usage::usage([metadata]),
        fields: places.into_iter().filter(|(_, piece): &(_, Piece)| !piece.is_empty()).collect(),
        faults: fields.fault.iter().map(|reason| format!("this message cannot be read: {reason}")).collect(),
        ..Message::default()
    }
}

fn blocks(raw: &[u8], fields: &Fields<'_>) -> Vec<Block> {
    let mut reader = Reader::new(raw);
    if let Some(content) = fields.content {
        reader.add(content, "content");
    }
    if let Some(id) = fields.answers {
        let blocks = std::mem::take(&mut reader.blocks);
        reader.blocks.push(Block::ToolResult { call_id: read::text(Some(id)), is_error: false, blocks });
    }
    if let Some(calls) = fields.calls {
        reader.calls(calls);
    }
    if let Some(artifacts) = fields.artifacts {
        artifact::add(&mut reader, raw, artifacts);
    }
    reader.blocks
}
