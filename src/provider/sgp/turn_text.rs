//! The texts of a turn: question and answer. SGP has no schema for `input` and `output`; the location of the text depends
//! on the kind of application. The keys are tried in the order of the service's own code and the first match is used; all
//! other members become separate blocks, so that nothing is hidden.

use crate::domain::Block;
use crate::json::{Kind, Value};
use crate::provider::content::{self, BlockReader, ContentItem, Preview};
use crate::provider::fields;

/// The side of a turn; each has its own text keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    User,
    Assistant,
}

/// The maximum number of levels of nested objects that are followed.
const MAX_DEPTH: u8 = 8;

/// Keys of retrieved chunks.
const CHUNK_KEYS: [&str; 5] = ["context", "chunks", "metadata", "documents", "sources"];

impl Speaker {
    /// Returns the keys of text, best first.
    fn text_keys(self) -> &'static [&'static str] {
        match self {
            Self::User => &[
                "query",
                "input-text",
                "input_text",
                "question",
                "prompt",
                "message",
                "text",
                "input",
                "request",
            ],
            Self::Assistant => &[
                "response",
                "output-text",
                "output_text",
                "completion",
                "generation_output",
                "answer",
                "text",
                "output",
                "message",
                "choices",
            ],
        }
    }

    /// Returns the role of this side's messages.
    fn role_name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// The location of an object's text.
#[derive(Clone, Copy, Debug)]
enum TextLocation<'a> {
    /// A string member.
    Text(Value<'a>),
    /// The string `text` within the member `inner`, a list or an object.
    Nested {
        inner: Value<'a>,
        text: Value<'a>,
    },
    /// A message of the member `list`.
    Message {
        list: Value<'a>,
        message: Value<'a>,
    },
    /// No text, but a member with tool calls.
    ToolCalls(Value<'a>),
    Missing,
}

/// The candidates for the text of an object, from one walk over its members.
#[derive(Default)]
struct Candidates<'a> {
    text: Option<(usize, Value<'a>)>,
    blank: Option<Value<'a>>,
    nested: [Option<Value<'a>>; 10],
    messages: Option<Value<'a>>,
    /// The last member, and the number of members.
    last: Option<Value<'a>>,
    count: usize,
}

impl<'a> Candidates<'a> {
    fn of(object: Value<'a>, speaker: Speaker) -> Self {
        let mut candidates = Self::default();
        for (key, value) in object.members().filter(|(_, value)| value.kind() != Kind::Null) {
            candidates.count += 1;
            candidates.last = Some(value);
            match speaker.text_keys().iter().position(|name| key.is(name)) {
                Some(rank) => candidates.add(rank, value),
                None if key.is("messages") => candidates.messages = Some(value),
                None => {}
            }
        }
        candidates
    }

    fn add(&mut self, rank: usize, value: Value<'a>) {
        match value.kind() {
            Kind::String if fields::is_blank(value) => self.blank = Some(value),
            Kind::String if self.text.is_none_or(|(best, _)| rank <= best) => self.text = Some((rank, value)),
            Kind::Array | Kind::Object => {
                if let Some(slot) = self.nested.get_mut(rank) {
                    *slot = Some(value);
                }
            }
            _ => {}
        }
    }
}

fn locate_in_object(object: Value<'_>, speaker: Speaker, depth: u8) -> TextLocation<'_> {
    let candidates = Candidates::of(object, speaker);
    if let Some((_, text)) = candidates.text {
        return TextLocation::Text(text);
    }
    let within = |inner| Some(TextLocation::Nested { inner, text: locate_text(inner, speaker, depth + 1)? });
    if let Some(location) = candidates.nested.into_iter().flatten().find_map(within) {
        return location;
    }
    if let Some((list, message)) =
        candidates.messages.and_then(|list| Some((list, last_message_by(list, speaker)?)))
    {
        return TextLocation::Message { list, message };
    }
    let only = candidates.last.filter(|_| candidates.count == 1);
    let location = match only {
        Some(only) if only.kind() == Kind::String => Some(TextLocation::Text(only)),
        // Members with known names were searched above.
        Some(only) if candidates.nested.iter().all(Option::is_none) => within(only),
        _ => None,
    };
    let calls = || candidates.nested.into_iter().flatten().find(|inner| Preview::of(*inner).has_tools);
    location
        .or_else(|| calls().map(TextLocation::ToolCalls))
        .or(candidates.blank.map(TextLocation::Text))
        .unwrap_or(TextLocation::Missing)
}

/// Returns the last message of this side in a list of messages.
fn last_message_by(list: Value<'_>, speaker: Speaker) -> Option<Value<'_>> {
    list.elements().filter(|item| ContentItem::of(*item).has_role(speaker.role_name())).last()
}

/// Returns the text of one side of a turn, or the value that replaces it; `None` if there is none.
pub(super) fn text_of(value: Value<'_>, speaker: Speaker) -> Option<Value<'_>> {
    locate_text(value, speaker, 0)
}

fn locate_text(value: Value<'_>, speaker: Speaker, depth: u8) -> Option<Value<'_>> {
    if depth > MAX_DEPTH {
        return None;
    }
    let preview =
        |value| Some(Preview::of(value)).filter(|preview| preview.has_text()).and_then(Preview::value);
    match value.kind() {
        Kind::String => Some(value),
        Kind::Object if ContentItem::of(value).is_message() => preview(value),
        Kind::Object => match locate_in_object(value, speaker, depth) {
            TextLocation::Text(text) => Some(text),
            TextLocation::Nested { text, .. } => Some(text),
            TextLocation::Message { message, .. } => preview(message),
            TextLocation::ToolCalls(_) | TextLocation::Missing => None,
        },
        Kind::Array if speaker == Speaker::User => {
            last_message_by(value, speaker).map_or_else(|| preview(value), preview)
        }
        Kind::Array => preview(value).or_else(|| locate_text(value.elements().next()?, speaker, depth + 1)),
        Kind::Null | Kind::Bool | Kind::Number | Kind::Invalid => None,
    }
}

/// Returns whether an output has nothing to show.
pub(super) fn is_empty_output(output: Option<Value<'_>>) -> bool {
    output.is_none_or(|output| match text_of(output, Speaker::Assistant) {
        Some(text) => fields::is_blank(text),
        None => fields::is_blank(output),
    })
}

/// Returns whether an output has tool calls.
pub(super) fn has_tool_calls(output: Value<'_>) -> bool {
    if !["tool_", "function_call"].iter().any(|word| content::contains_str(output.raw(), word)) {
        return false;
    }
    let [calls, output_list, message, content, messages] =
        output.get_many(["tool_calls", "output", "message", "content", "messages"]);
    calls.is_some_and(|calls| !calls.is_empty())
        || [Some(output), output_list, message, content, messages]
            .into_iter()
            .flatten()
            .any(|value| Preview::of(value).has_tools)
}

/// Reads the blocks of one side: its text first, then all other members.
pub(super) fn read_blocks(message: &[u8], value: Option<Value<'_>>, speaker: Speaker) -> Vec<Block> {
    let Some(value) = value else { return Vec::new() };
    let label = match speaker {
        Speaker::User => "input",
        Speaker::Assistant => "output",
    };
    let mut side = SideReader { reader: BlockReader::new(message), speaker };
    side.add(value, label, 0);
    side.reader.blocks
}

struct SideReader<'a> {
    reader: BlockReader<'a>,
    speaker: Speaker,
}

impl<'a> SideReader<'a> {
    fn add(&mut self, value: Value<'a>, label: &str, depth: u8) {
        match value.kind() {
            Kind::Object if ContentItem::of(value).is_message() || depth > MAX_DEPTH => {
                self.reader.add(value, label)
            }
            Kind::Object => self.add_object(value, label, depth),
            Kind::Array if depth == 0 && self.is_retrieval_result(value) => self.add_chunks(value),
            Kind::Array if self.speaker == Speaker::User => match last_message_by(value, self.speaker) {
                Some(message) => self.add_message(value, message),
                None => self.reader.add(value, label),
            },
            Kind::Array if Preview::of(value).has_text() => self.reader.add(value, label),
            Kind::Array => self.add_choices(value, label, depth),
            _ => self.reader.add(value, label),
        }
    }

    fn add_object(&mut self, object: Value<'a>, label: &str, depth: u8) {
        let location = locate_in_object(object, self.speaker, depth);
        let text = if let TextLocation::Text(text) = location { text } else { Value::of(b"") };
        for (key, value) in object.members() {
            let is_text = std::ptr::eq(value.raw(), text.raw());
            if content::is_reasoning_key(&key.text()) && !is_text && !fields::is_blank(value) {
                self.reader.add_reasoning(value, &key.text());
            }
        }
        let used = match location {
            TextLocation::Text(text) => {
                self.reader.add_text(text);
                text
            }
            TextLocation::Nested { inner, .. } => {
                self.add(inner, label, depth + 1);
                inner
            }
            TextLocation::Message { list, message } => {
                self.add_message(list, message);
                list
            }
            TextLocation::ToolCalls(inner) => {
                self.reader.add(inner, label);
                inner
            }
            TextLocation::Missing if fields::is_blank(object) => return,
            TextLocation::Missing if !has_known_members(object) => {
                return self.reader.add_json(object, label);
            }
            TextLocation::Missing => Value::of(b""),
        };
        self.add_remaining(object, used);
    }

    /// Adds the selected message, and the whole list if it has more than one.
    fn add_message(&mut self, list: Value<'a>, message: Value<'a>) {
        self.reader.add(message, "message");
        if list.elements().nth(1).is_some() {
            self.reader.add_json(list, "messages");
        }
    }

    /// Adds the first of several alternative answers, and all of them as JSON if there is more than one.
    fn add_choices(&mut self, list: Value<'a>, label: &str, depth: u8) {
        match list.elements().next() {
            Some(first) if locate_text(first, self.speaker, depth + 1).is_some() => {
                self.add(first, label, depth + 1);
                if list.elements().nth(1).is_some() {
                    self.reader.add_json(list, label);
                }
            }
            _ => self.reader.add(list, label),
        }
    }

    /// Adds the members other than the one already used.
    fn add_remaining(&mut self, object: Value<'a>, used: Value<'_>) {
        for (key, value) in object.members() {
            if std::ptr::eq(value.raw(), used.raw()) || fields::is_blank(value) {
                continue;
            }
            let key = key.text();
            match key.as_ref() {
                key if CHUNK_KEYS.contains(&key) && content::is_chunk_list(value) => self.add_chunks(value),
                "tool_calls" => self.reader.add_tool_calls(value),
                key if content::is_reasoning_key(key) => {}
                key => self.reader.add_json(value, key),
            }
        }
    }

    /// Returns whether a list has chunks. In a question, objects with only a text are parts of its content, which some models
    /// write without a type.
    fn is_retrieval_result(&self, list: Value<'_>) -> bool {
        content::is_chunk_list(list) && (self.speaker == Speaker::Assistant || has_more_than_texts(list))
    }

    fn add_chunks(&mut self, list: Value<'a>) {
        self.reader.blocks.push(Block::Chunks(content::read_chunks(list)));
    }
}

/// Returns whether the objects of a list have more members than `text`.
fn has_more_than_texts(list: Value<'_>) -> bool {
    list.elements()
        .any(|item| item.members().any(|(key, value)| !key.is("text") && value.kind() != Kind::Null))
}

/// Returns whether an object without text has tool calls, reasoning or chunks.
fn has_known_members(object: Value<'_>) -> bool {
    object.members().any(|(key, value)| {
        key.is("tool_calls")
            || (content::is_reasoning_key(&key.text()) && !fields::is_blank(value))
            || (CHUNK_KEYS.iter().any(|name| key.is(name)) && content::is_chunk_list(value))
    })
}

#[cfg(test)]
mod tests;
