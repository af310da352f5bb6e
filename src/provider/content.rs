//! Content as language models and their clients write it: text, a list of blocks, OpenAI's items, or an object around
//! any of these. Everything becomes blocks; what is not known stays as JSON under the name that it goes by. Services
//! share this, as their content comes from the same few model interfaces.

mod glance;
mod item;

pub(super) use glance::Glance;
pub(super) use item::Item;

pub(super) use item::Form;

use super::{read, tool};
use crate::domain::{Block, Chunk};
use crate::json::{Kind, Value};

/// How deep content may lie in content; what is deeper stays JSON.
const DEEPEST: u8 = 8;

/// Collects the blocks of content.
pub(super) struct Reader<'a> {
    /// The whole message, in which pieces are places.
    message: &'a [u8],
    pub(super) blocks: Vec<Block>,
    depth: u8,
}

impl<'a> Reader<'a> {
    /// A reader of content within `message`.
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { message, blocks: Vec::new(), depth: 0 }
    }

    /// Adds content of any form; `label` names it if it stays JSON.
    pub(super) fn add(&mut self, value: Value<'a>, label: &str) {
        if self.depth >= DEEPEST {
            return self.json(value, label);
        }
        self.depth += 1;
        match value.kind() {
            Kind::Null => {}
            Kind::String => self.text(value),
            Kind::Object => self.block(value, label),
            Kind::Array
                if value.elements().any(|item| matches!(item.kind(), Kind::Object | Kind::String)) =>
            {
                value.elements().for_each(|item| self.add(item, label));
            }
            Kind::Array if value.is_empty() => {}
            Kind::Array | Kind::Bool | Kind::Number | Kind::Invalid => self.json(value, label),
        }
        self.depth -= 1;
    }

    /// Adds a string as text, unless it is empty.
    pub(super) fn text(&mut self, value: Value<'_>) {
        let text = value.text();
        if !text.is_empty() {
            self.blocks.push(Block::Markdown(text.into_owned()));
        }
    }

    /// Adds a value as it is.
    pub(super) fn json(&mut self, value: Value<'a>, label: &str) {
        let raw = read::piece(self.message, value);
        if !raw.is_empty() {
            self.blocks.push(Block::Json { label: label.to_owned(), raw });
        }
    }

    fn block(&mut self, block: Value<'a>, label: &str) {
        let item = Item::of(block);
        match item.form() {
            Form::Text => self.text_block(block, item, label),
            Form::Thinking => self.thinking(block, item),
            Form::Call => self.call(item),
            Form::Answer => self.answer(item),
            Form::Wrapper => self.wrapper(block, label),
            Form::Unknown => {
                let kind = item.kind();
                self.json(block, if kind.is_empty() { label } else { &kind });
            }
        }
    }

    fn text_block(&mut self, block: Value<'a>, item: Item<'a>, label: &str) {
        match item.text() {
            Some(text) => self.text(text),
            None => self.json(block, label),
        }
        for (value, name) in [(item.citations, "citations"), (item.annotations, "annotations")] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                self.json(value, name);
            }
        }
    }

    fn thinking(&mut self, block: Value<'a>, item: Item<'a>) {
        let Some(thought) = item.thought() else { return self.json(block, "thinking") };
        let mut inner = self.inner();
        inner.add(thought, "thinking");
        self.blocks.extend(inner.blocks.into_iter().map(|block| match block {
            Block::Markdown(text) => Block::Thinking(text),
            other => other,
        }));
    }

    fn call(&mut self, item: Item<'a>) {
        let name = read::text(item.name());
        let input = item.input();
        // OpenAI writes the input as text that holds JSON.
        let decoded = input.and_then(Value::as_str);
        let readable = decoded.as_deref().map(|text| Value::of(text.as_bytes())).or(input);
        let said = readable.map(|input| tool::read(&name, input)).unwrap_or_default();
        if let Some(thought) = said.thought {
            return self.blocks.push(Block::Thinking(thought));
        }
        self.blocks.push(Block::ToolCall {
            id: read::text(item.call_id()),
            name,
            description: said.description,
            code: said.code,
            input: read::place(self.message, input),
        });
    }

    fn answer(&mut self, item: Item<'a>) {
        let mut inner = self.inner();
        if let Some(content) = item.answer() {
            inner.add(content, "result");
        }
        let blocks = inner.blocks;
        self.blocks.push(Block::ToolResult {
            call_id: read::text(item.answered_id()),
            is_error: item.is_error(),
            blocks,
        });
    }

    /// A message: its content, its calls, and whatever else it has beside them.
    fn wrapper(&mut self, message: Value<'a>, label: &str) {
        for (key, value) in message.members() {
            let key = key.text();
            match key.as_ref() {
                "content" => self.add(value, label),
                "tool_calls" => self.calls(value),
                "role" | "type" | "id" | "name" | "status" => {}
                _ if read::is_blank(value) => {}
                _ => self.json(value, &key),
            }
        }
    }

    /// Adds a list of calls, whatever type they say they are.
    pub(super) fn calls(&mut self, list: Value<'a>) {
        match list.kind() {
            Kind::Array => list.elements().for_each(|item| match item.kind() {
                Kind::Object => self.call(Item::of(item)),
                _ => self.json(item, "tool_calls"),
            }),
            Kind::Null => {}
            _ => self.json(list, "tool_calls"),
        }
    }

    fn inner(&self) -> Self {
        Self { message: self.message, blocks: Vec::new(), depth: self.depth }
    }
}

/// Whether a list holds retrieved texts: objects with a `text` that are neither messages nor blocks.
pub(super) fn is_chunk_list(value: Value<'_>) -> bool {
    value.kind() == Kind::Array && !value.is_empty() && value.elements().all(|item| Item::of(item).is_chunk())
}

/// The retrieved texts of a list. Embeddings are left out: they are long and say nothing to people.
pub(super) fn chunks(list: Value<'_>) -> Vec<Chunk> {
    list.elements().map(chunk).collect()
}

fn chunk(item: Value<'_>) -> Chunk {
    let [text, score, title, chunk_id, id, url, source, metadata, embedding] = item.pick([
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
        metadata.pick(["title", "document_name", "source", "uri", "page", "page_number"])
    });
    Chunk {
        text: read::text(text),
        score: score.and_then(Value::as_f64),
        title: read::word(title.or(meta_title).or(name)),
        source: read::word(url.or(source).or(meta_source).or(uri)),
        id: read::word(chunk_id.or(id)),
        page: read::word(page.or(number)),
        embedding: embedding.filter(|value| !value.is_empty()).map_or(0, |value| value.raw().len()),
    }
}

/// Whether these bytes hold a word somewhere, as a reason to look closer.
pub(super) fn mentions(bytes: &[u8], word: &str) -> bool {
    memchr::memmem::find(bytes, word.as_bytes()).is_some()
}

#[cfg(test)]
mod tests;
