//! What the user said and what the answer was. SGP promises nothing about `input` and `output`; where the text sits
//! depends on the kind of application. It is looked for in the order of the services' own code, first found first
//! taken, and whatever stands beside it stays as blocks of its own, so nothing is hidden.

use crate::domain::Block;
use crate::json::{Kind, Value};
use crate::provider::content::{self, BlockReader, ContentItem, Preview};
use crate::provider::fields;

/// Whose side of a turn is read; the keys of text differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    User,
    Assistant,
}

/// How deep objects of one member are followed.
const MAX_DEPTH: u8 = 8;

/// Keys under which retrieved texts stand.
const CHUNK_KEYS: [&str; 5] = ["context", "chunks", "metadata", "documents", "sources"];

impl Speaker {
    /// Keys under which text stands, best first.
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

    /// The role that messages of this side have.
    fn role_name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// Where the text of an object is.
#[derive(Clone, Copy, Debug)]
enum TextLocation<'a> {
    /// It is this string.
    Text(Value<'a>),
    /// It is somewhere in this list or object: this string.
    Nested {
        inner: Value<'a>,
        text: Value<'a>,
    },
    /// It is in this message of the list.
    Message {
        list: Value<'a>,
        message: Value<'a>,
    },
    /// There is none, but in here tools are called.
    ToolCalls(Value<'a>),
    Missing,
}

/// What one walk over an object found, before it is decided what counts.
#[derive(Default)]
struct Candidates<'a> {
    text: Option<(usize, Value<'a>)>,
    blank: Option<Value<'a>>,
    nested: [Option<Value<'a>>; 10],
    messages: Option<Value<'a>>,
    /// The last member, and how many there are.
    last: Option<Value<'a>>,
    count: usize,
}

impl<'a> Candidates<'a> {
    fn of(object: Value<'a>, speaker: Speaker) -> Self {
        let mut found = Self::default();
        for (key, value) in object.members().filter(|(_, value)| value.kind() != Kind::Null) {
            found.count += 1;
            found.last = Some(value);
            match speaker.text_keys().iter().position(|name| key.is(name)) {
                Some(rank) => found.add(rank, value),
                None if key.is("messages") => found.messages = Some(value),
                None => {}
            }
        }
        found
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
    if let Some(found) = candidates.nested.into_iter().flatten().find_map(within) {
        return found;
    }
    if let Some((list, message)) =
        candidates.messages.and_then(|list| Some((list, last_message_by(list, speaker)?)))
    {
        return TextLocation::Message { list, message };
    }
    let only = candidates.last.filter(|_| candidates.count == 1);
    let found = match only {
        Some(only) if only.kind() == Kind::String => Some(TextLocation::Text(only)),
        // Known names were looked into above.
        Some(only) if candidates.nested.iter().all(Option::is_none) => within(only),
        _ => None,
    };
    let calls = || candidates.nested.into_iter().flatten().find(|inner| Preview::of(*inner).has_tools);
    found
        .or_else(|| calls().map(TextLocation::ToolCalls))
        .or(candidates.blank.map(TextLocation::Text))
        .unwrap_or(TextLocation::Missing)
}

/// The last message of this side in a list of messages.
fn last_message_by(list: Value<'_>, speaker: Speaker) -> Option<Value<'_>> {
    list.elements().filter(|item| ContentItem::of(*item).has_role(speaker.role_name())).last()
}

/// The string that is the text of one side of a turn, or what stands for it; `None` if there is none.
pub(super) fn text_of(value: Value<'_>, speaker: Speaker) -> Option<Value<'_>> {
    locate_text(value, speaker, 0)
}

fn locate_text(value: Value<'_>, speaker: Speaker, depth: u8) -> Option<Value<'_>> {
    if depth > MAX_DEPTH {
        return None;
    }
    let glance = |value| Some(Preview::of(value)).filter(|glance| glance.has_text()).and_then(Preview::value);
    match value.kind() {
        Kind::String => Some(value),
        Kind::Object if ContentItem::of(value).is_message() => glance(value),
        Kind::Object => match locate_in_object(value, speaker, depth) {
            TextLocation::Text(text) => Some(text),
            TextLocation::Nested { text, .. } => Some(text),
            TextLocation::Message { message, .. } => glance(message),
            TextLocation::ToolCalls(_) | TextLocation::Missing => None,
        },
        Kind::Array if speaker == Speaker::User => {
            last_message_by(value, speaker).map_or_else(|| glance(value), glance)
        }
        Kind::Array => glance(value).or_else(|| locate_text(value.elements().next()?, speaker, depth + 1)),
        Kind::Null | Kind::Bool | Kind::Number | Kind::Invalid => None,
    }
}

/// Whether an output shows nothing at all.
pub(super) fn is_empty_output(output: Option<Value<'_>>) -> bool {
    output.is_none_or(|output| match text_of(output, Speaker::Assistant) {
        Some(text) => fields::is_blank(text),
        None => fields::is_blank(output),
    })
}

/// Whether an output calls tools.
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

/// The blocks of one side: its text first, then everything that stands beside it.
pub(super) fn read_blocks(message: &[u8], value: Option<Value<'_>>, speaker: Speaker) -> Vec<Block> {
    let Some(value) = value else { return Vec::new() };
    let label = match speaker {
        Speaker::User => "input",
        Speaker::Assistant => "output",
    };
    let mut blocks = SideReader { reader: BlockReader::new(message), speaker };
    blocks.add(value, label, 0);
    blocks.reader.blocks
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
            Kind::Array if content::is_chunk_list(value) && depth == 0 => self.add_chunks(value),
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
        let taken = match locate_in_object(object, self.speaker, depth) {
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
        self.add_remaining(object, taken);
    }

    /// The message that counts, and the whole list where there is more in it.
    fn add_message(&mut self, list: Value<'a>, message: Value<'a>) {
        self.reader.add(message, "message");
        if list.elements().nth(1).is_some() {
            self.reader.add_json(list, "messages");
        }
    }

    /// Alternatives of an answer, of which the first is read; all of them stay where there are several.
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

    /// What stands beside the text.
    fn add_remaining(&mut self, object: Value<'a>, taken: Value<'_>) {
        for (key, value) in object.members() {
            if std::ptr::eq(value.raw(), taken.raw()) || fields::is_blank(value) {
                continue;
            }
            let key = key.text();
            match key.as_ref() {
                key if CHUNK_KEYS.contains(&key) && content::is_chunk_list(value) => self.add_chunks(value),
                "tool_calls" => self.reader.add_tool_calls(value),
                key => self.reader.add_json(value, key),
            }
        }
    }

    fn add_chunks(&mut self, list: Value<'a>) {
        self.reader.blocks.push(Block::Chunks(content::read_chunks(list)));
    }
}

/// Whether an object without text has members that are more than JSON.
fn has_known_members(object: Value<'_>) -> bool {
    object.members().any(|(key, value)| {
        key.is("tool_calls") || (CHUNK_KEYS.iter().any(|name| key.is(name)) && content::is_chunk_list(value))
    })
}

#[cfg(test)]
mod tests;
