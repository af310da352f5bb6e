//! What the free-form payloads of spans hold: messages of models and retrieved texts. No service has a schema for them,
//! and all write the shapes of the same few model interfaces, so this is for payloads of any.

use super::content::{self, Form, Item, Reader};
use super::read;
use crate::domain::{Block, Chunk, Role};
use crate::json::{Kind, Value};

/// Elements of a list that are looked at before it is taken for one of messages.
const LOOKED_AT: usize = 50;

/// Whether a list is a conversation: messages with roles, or the items that OpenAI's agents write.
pub fn is_conversation(list: Value<'_>) -> bool {
    list.kind() == Kind::Array && !list.is_empty() && list.elements().take(LOOKED_AT).all(is_said)
}

/// Whether an object is one message or item of a conversation.
pub fn is_said(value: Value<'_>) -> bool {
    if value.kind() != Kind::Object {
        return false;
    }
    let item = Item::of(value);
    item.is_message() || (!item.kind().is_empty() && item.form() != Form::Unknown)
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub role: Role,
    /// The role in the payload's own word; empty if it has none.
    pub role_text: String,
    pub blocks: Vec<Block>,
}

/// Reads one message or item. Pieces of its blocks are places in `payload`, of which `value` must be a part.
pub fn said(payload: &[u8], value: Value<'_>) -> Said {
    let item = Item::of(value);
    let role_text = read::text(value.get("role"));
    let role = match (Role::from_word(&role_text), item.form()) {
        (Role::Unknown, Form::Call | Form::Thinking) => Role::Assistant,
        (Role::Unknown, Form::Answer) => Role::Tool,
        (role, _) => role,
    };
    // A message around content is walked by its members, whatever type it says it has.
    let mut reader = Reader::new(payload);
    reader.add(value, "content");
    Said { role, role_text, blocks: reader.blocks }
}

/// Whether a list holds retrieved texts.
pub fn is_chunks(list: Value<'_>) -> bool {
    content::is_chunk_list(list)
}

/// The retrieved texts of a list; `None` if it is no list of such.
pub fn chunks(list: Value<'_>) -> Option<Vec<Chunk>> {
    content::is_chunk_list(list).then(|| content::chunks(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value<'_> {
        Value::of(text.as_bytes())
    }

    #[test]
    fn messages_and_items_of_agents_are_conversations_and_other_lists_are_not() {
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
    fn who_speaks_follows_from_the_kind_of_item_where_no_role_is_given() {
        let role = |text: &str| said(text.as_bytes(), value(text)).role;
        assert_eq!(role(r#"{"type":"function_call","name":"f","arguments":"{}"}"#), Role::Assistant);
        assert_eq!(role(r#"{"type":"function_call_output","output":"1"}"#), Role::Tool);
        assert_eq!(role(r#"{"role":"human","content":"1"}"#), Role::User);
        let text = r#"{"role":"narrator","content":[{"type":"text","text":"once"}]}"#;
        let said = said(text.as_bytes(), value(text));
        assert_eq!((said.role, said.role_text.as_str()), (Role::Other, "narrator"));
        assert_eq!(said.blocks, [Block::Markdown("once".to_owned())]);
    }

    #[test]
    fn only_lists_of_texts_are_chunks() {
        assert_eq!(chunks(value(r#"[{"text":"a","embedding":[1,2]}]"#)).unwrap()[0].embedding, 5);
        assert_eq!(chunks(value(r#"[{"text":1}]"#)), None);
        assert_eq!(chunks(value(r#"{"text":"a"}"#)), None);
    }
}
