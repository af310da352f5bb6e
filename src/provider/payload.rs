//! Free-form payloads of spans: model messages and retrieved chunks. No service has a schema for them, and all use the
//! formats of the same few model interfaces, so this reads the payloads of any service.

use super::content::{self, BlockReader, ContentItem, ItemType};
use super::fields;
use crate::domain::{Block, Chunk, Role};
use crate::json::{Kind, Value};

/// The maximum number of elements that are checked to recognize a conversation.
const MAX_SAMPLED: usize = 50;

/// Returns whether a list is a conversation: messages with roles, or items of OpenAI's agents.
pub fn is_conversation(list: Value<'_>) -> bool {
    list.kind() == Kind::Array && !list.is_empty() && list.elements().take(MAX_SAMPLED).all(is_message)
}

/// Returns whether an object is one message or item of a conversation.
pub fn is_message(value: Value<'_>) -> bool {
    if value.kind() != Kind::Object {
        return false;
    }
    let item = ContentItem::of(value);
    item.is_message() || (!item.type_name().is_empty() && item.item_type() != ItemType::Unknown)
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct PayloadMessage {
    pub role: Role,
    /// The payload's own name for the role; empty if it has none.
    pub role_text: String,
    pub blocks: Vec<Block>,
}

/// Reads one message or item. Byte ranges of its blocks refer to `payload`, of which `value` must be a part.
pub fn read_message(payload: &[u8], value: Value<'_>) -> PayloadMessage {
    let item = ContentItem::of(value);
    let role_text = fields::text(value.get("role"));
    let role = match (Role::from_name(&role_text), item.item_type()) {
        (Role::Unknown, ItemType::ToolCall | ItemType::Thinking) => Role::Assistant,
        (Role::Unknown, ItemType::ToolResult) => Role::Tool,
        (role, _) => role,
    };
    let mut reader = BlockReader::new(payload);
    reader.add(value, "content");
    PayloadMessage { role, role_text, blocks: reader.blocks }
}

/// Returns whether a list holds retrieved chunks.
pub fn is_chunk_list(list: Value<'_>) -> bool {
    content::is_chunk_list(list)
}

/// Reads the retrieved chunks of a list; `None` if it is not a list of chunks.
pub fn read_chunks(list: Value<'_>) -> Option<Vec<Chunk>> {
    content::is_chunk_list(list).then(|| content::read_chunks(list))
}

/// Reads one retrieved chunk; `None` if the value is not one.
pub fn read_chunk(value: Value<'_>) -> Option<Chunk> {
    content::is_chunk(value).then(|| content::read_chunk(value))
}

/// Tests cheaply whether a payload may have chunks, before [`find_chunks`].
pub fn may_have_chunks(payload: &[u8]) -> bool {
    content::contains_str(payload, "\"text\"")
}

/// The members of a span's payload that hold chunks.
const CHUNK_LISTS: [&str; 4] = ["chunks", "context", "documents", "results"];

/// Returns the retrieved chunks of a payload: a list of them, or an object with such a list.
pub fn find_chunks(payload: Value<'_>) -> Option<Vec<Chunk>> {
    match payload.kind() {
        Kind::Array => read_chunks(payload),
        Kind::Object => payload.get_many(CHUNK_LISTS).into_iter().flatten().find_map(read_chunks),
        Kind::Null | Kind::Bool | Kind::Number | Kind::String | Kind::Invalid => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value<'_> {
        Value::of(text.as_bytes())
    }

    #[test]
    fn only_lists_of_messages_and_agent_items_are_conversations() {
        for list in [
            r#"[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[]}]"#,
            r#"[{"type":"function_call","name":"f","arguments":"{}"},{"type":"function_call_output","output":"1"}]"#,
            r#"[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]}]"#,
        ] {
            assert!(is_conversation(value(list)), "{list}");
        }
        for list in [
            "[]",
            "{}",
            "null",
            "7",
            "[1]",
            r#"[{"text":"a"}]"#,
            r#"[{"role":"user"}]"#,
            "[{\"type\":\"x\"}]",
        ] {
            assert!(!is_conversation(value(list)), "{list}");
        }
    }

    #[test]
    fn infers_a_missing_role_from_the_item_type() {
        let role = |text: &str| read_message(text.as_bytes(), value(text)).role;
        assert_eq!(role(r#"{"type":"function_call","name":"f","arguments":"{}"}"#), Role::Assistant);
        assert_eq!(role(r#"{"type":"function_call_output","output":"1"}"#), Role::Tool);
        assert_eq!(role(r#"{"role":"human","content":"1"}"#), Role::User);
        let text = r#"{"role":"narrator","content":[{"type":"text","text":"once"}]}"#;
        let message = read_message(text.as_bytes(), value(text));
        assert_eq!((message.role, message.role_text.as_str()), (Role::Other, "narrator"));
        assert_eq!(message.blocks, [Block::Markdown("once".to_owned())]);
    }

    #[test]
    fn reads_only_lists_of_chunks_as_chunks() {
        assert_eq!(read_chunks(value(r#"[{"text":"a","embedding":[1,2]}]"#)).unwrap()[0].embedding, 5);
        assert_eq!(read_chunks(value(r#"[{"text":1}]"#)), None);
        assert_eq!(read_chunks(value(r#"{"text":"a"}"#)), None);
    }
}
