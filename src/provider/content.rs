//! Message content in the formats of language models and their clients: text, a list of blocks, OpenAI's items, or an
//! object around any of these. All content becomes blocks; unknown parts stay JSON, labelled with their name. Shared by all
//! services, because their content comes from the same few model interfaces.

mod item;
mod preview;

pub(super) use item::ContentItem;
pub(super) use preview::Preview;

pub(super) use item::ItemType;

use super::{fields, tool};
use crate::domain::{Block, Chunk};
use crate::json::{Kind, Value};

/// The maximum number of levels of nested content; anything deeper stays JSON.
const MAX_DEPTH: u8 = 8;

/// Collects the blocks of content.
pub(super) struct BlockReader<'a> {
    /// The whole message, to which byte ranges refer.
    message: &'a [u8],
    pub(super) blocks: Vec<Block>,
    depth: u8,
}

impl<'a> BlockReader<'a> {
    /// Creates a reader of content within `message`.
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { message, blocks: Vec::new(), depth: 0 }
    }

    /// Adds content in any form; `label` names it if it stays JSON.
    pub(super) fn add(&mut self, value: Value<'a>, label: &str) {
        if self.depth >= MAX_DEPTH {
            return self.add_json(value, label);
        }
        self.depth += 1;
        match value.kind() {
            Kind::Null => {}
            Kind::String => self.add_text(value),
            Kind::Object => self.add_block(value, label),
            Kind::Array
                if value.elements().any(|item| matches!(item.kind(), Kind::Object | Kind::String)) =>
            {
                value.elements().for_each(|item| self.add(item, label));
            }
            Kind::Array if value.is_empty() => {}
            Kind::Array | Kind::Bool | Kind::Number | Kind::Invalid => self.add_json(value, label),
        }
        self.depth -= 1;
    }

    /// Adds a string as text, unless it is empty.
    pub(super) fn add_text(&mut self, value: Value<'_>) {
        let text = value.text();
        if !text.is_empty() {
            self.blocks.push(Block::Markdown(text.into_owned()));
        }
    }

    /// Adds a value as JSON.
    pub(super) fn add_json(&mut self, value: Value<'a>, label: &str) {
        let raw = fields::byte_range(self.message, value);
        if !raw.is_empty() {
            self.blocks.push(Block::Json { label: label.to_owned(), raw });
        }
    }

    fn add_block(&mut self, block: Value<'a>, label: &str) {
        let item = ContentItem::of(block);
        match item.item_type() {
            ItemType::Text => self.add_text_block(block, item, label),
            ItemType::Thinking => self.add_thinking(block, item),
            ItemType::ToolCall => self.add_tool_call(item),
            ItemType::ToolResult => self.add_tool_result(item),
            ItemType::Message => self.add_message(block, label),
            ItemType::Unknown => {
                let kind = item.type_name();
                self.add_json(block, if kind.is_empty() { label } else { &kind });
            }
        }
    }

    fn add_text_block(&mut self, block: Value<'a>, item: ContentItem<'a>, label: &str) {
        match item.text() {
            Some(text) => self.add_text(text),
            None => self.add_json(block, label),
        }
        for (value, name) in [(item.citations, "citations"), (item.annotations, "annotations")] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                self.add_json(value, name);
            }
        }
    }

    fn add_thinking(&mut self, block: Value<'a>, item: ContentItem<'a>) {
        let Some(thought) = item.thought() else { return self.add_json(block, "thinking") };
        self.add_reasoning(thought, "thinking");
    }

    /// Adds content as reasoning, unless the same text was already added as reasoning.
    pub(super) fn add_reasoning(&mut self, thought: Value<'a>, label: &str) {
        let mut inner = self.nested();
        inner.add(thought, label);
        for block in inner.blocks {
            let block = match block {
                Block::Markdown(text) => Block::Thinking(text),
                other => other,
            };
            if !self.blocks.contains(&block) {
                self.blocks.push(block);
            }
        }
    }

    fn add_tool_call(&mut self, item: ContentItem<'a>) {
        let name = fields::text(item.name());
        let input = item.input();
        // OpenAI encodes the input as JSON in a string.
        let decoded = input.and_then(Value::as_str);
        let object = decoded.as_deref().map(|text| Value::of(text.as_bytes())).or(input);
        let details = object.map(|input| tool::read_input(&name, input)).unwrap_or_default();
        if let Some(thought) = details.thought {
            return self.blocks.push(Block::Thinking(thought));
        }
        self.blocks.push(Block::ToolCall {
            id: fields::text(item.call_id()),
            name,
            description: details.description,
            code: details.code,
            input: fields::optional_byte_range(self.message, input),
        });
    }

    fn add_tool_result(&mut self, item: ContentItem<'a>) {
        let mut inner = self.nested();
        if let Some(content) = item.result_content() {
            inner.add(content, "result");
        }
        let blocks = inner.blocks;
        self.blocks.push(Block::ToolResult {
            call_id: fields::text(item.result_call_id()),
            is_error: item.is_error(),
            blocks,
        });
    }

    /// Adds a message: its reasoning, its content, its tool calls, and its other members as JSON.
    fn add_message(&mut self, message: Value<'a>, label: &str) {
        for (key, value) in message.members() {
            if is_reasoning_key(&key.text()) && !fields::is_blank(value) {
                self.add_reasoning(value, &key.text());
            }
        }
        for (key, value) in message.members() {
            let key = key.text();
            match key.as_ref() {
                "content" => self.add(value, label),
                "tool_calls" => self.add_tool_calls(value),
                "role" | "type" | "id" | "name" | "status" => {}
                key if is_reasoning_key(key) => {}
                _ if fields::is_blank(value) => {}
                _ => self.add_json(value, &key),
            }
        }
    }

    /// Adds a list of tool calls of any `type`.
    pub(super) fn add_tool_calls(&mut self, list: Value<'a>) {
        match list.kind() {
            Kind::Array => list.elements().for_each(|item| match item.kind() {
                Kind::Object => self.add_tool_call(ContentItem::of(item)),
                _ => self.add_json(item, "tool_calls"),
            }),
            Kind::Null => {}
            _ => self.add_json(list, "tool_calls"),
        }
    }

    fn nested(&self) -> Self {
        Self { message: self.message, blocks: Vec::new(), depth: self.depth }
    }
}

/// Keys of the reasoning next to the content of a message.
pub(super) const REASONING_KEYS: [&str; 5] =
    ["reasoning_content", "reasoning", "reasoning_text", "thinking", "reasoning_details"];

/// Returns whether a member of a message holds its reasoning.
pub(super) fn is_reasoning_key(key: &str) -> bool {
    REASONING_KEYS.contains(&key)
}

/// Returns whether a list holds retrieved chunks: objects with a `text` that are neither messages nor blocks.
pub(super) fn is_chunk_list(value: Value<'_>) -> bool {
    value.kind() == Kind::Array
        && !value.is_empty()
        && value.elements().all(|item| ContentItem::of(item).is_chunk())
}

/// Returns whether an object is a retrieved chunk.
pub(super) fn is_chunk(item: Value<'_>) -> bool {
    item.kind() == Kind::Object && ContentItem::of(item).is_chunk()
}

/// Reads the retrieved chunks of a list. Embeddings are omitted, because they are long and unreadable.
pub(super) fn read_chunks(list: Value<'_>) -> Vec<Chunk> {
    list.elements().map(read_chunk).collect()
}

pub(super) fn read_chunk(item: Value<'_>) -> Chunk {
    let [text, score, title, chunk_id, id, url, source, metadata, embedding] = item.get_many([
        "text",
        "score",
        "title",
        "chunk_id",
        "id",
        "attachment_url",
        "source",
        "metadata",
        "embedding",
    ]);
    let [meta_title, name, meta_source, uri, page, number] = metadata.map_or([None; 6], |metadata| {
        metadata.get_many(["title", "document_name", "source", "uri", "page", "page_number"])
    });
    Chunk {
        text: fields::text(text),
        score: score.and_then(Value::as_f64),
        title: fields::non_empty_text(title.or(meta_title).or(name)),
        source: fields::non_empty_text(url.or(source).or(meta_source).or(uri)),
        id: fields::non_empty_text(chunk_id.or(id)),
        page: fields::non_empty_text(page.or(number)),
        embedding: embedding.filter(|value| !value.is_empty()).map_or(0, |value| value.raw().len()),
        fields: chunk_fields(item),
    }
}

/// Members of a chunk that have their own field.
const CHUNK_KEYS: [&str; 12] = [
    "text",
    "score",
    "title",
    "chunk_id",
    "id",
    "attachment_url",
    "source",
    "document_name",
    "uri",
    "page",
    "page_number",
    "embedding",
];

/// The maximum number of fields in a chunk that are kept.
const MAX_CHUNK_FIELDS: usize = 24;

/// Returns the other scalar members of a chunk and of its metadata objects.
fn chunk_fields(item: Value<'_>) -> Vec<(String, String)> {
    let is_scalar = |value: &Value<'_>| matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool);
    let scalars = |object: Value<'_>| {
        let members =
            object.members().filter(|(key, value)| is_scalar(value) && !CHUNK_KEYS.contains(&&*key.text()));
        members.map(|(key, value)| (key.text().into_owned(), fields::text(Some(value)))).collect::<Vec<_>>()
    };
    let objects = item.get_many(["metadata", "user_supplied_metadata"]).into_iter().flatten();
    let mut all = scalars(item);
    all.extend(objects.flat_map(scalars));
    all.truncate(MAX_CHUNK_FIELDS);
    all
}

/// Returns whether the bytes contain a word: a cheap test before a full walk.
pub(super) fn contains_str(bytes: &[u8], word: &str) -> bool {
    memchr::memmem::find(bytes, word.as_bytes()).is_some()
}

#[cfg(test)]
mod tests;
