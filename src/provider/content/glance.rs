//! A look at content that builds nothing: where its first line of text is, and whether there are tools in it.

use super::{DEEPEST, Form, Item, read, tool};
use crate::json::{Kind, Value};

/// What the list shows of content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::provider) struct Glance<'a> {
    /// The first string that is text for people.
    text: Option<Value<'a>>,
    /// What stands for it where there is none: what a tool answered, what the model thought, the tool's name.
    instead: Option<Value<'a>>,
    /// Something that is only JSON.
    other: Option<Value<'a>>,
    pub(in crate::provider) has_tools: bool,
    /// A tool's answer that is an error.
    pub(in crate::provider) has_error: bool,
}

impl<'a> Glance<'a> {
    /// Looks at content of any form.
    pub(in crate::provider) fn at(value: Value<'a>) -> Self {
        let mut glance = Self::default();
        glance.look(value, 0);
        glance
    }

    fn look(&mut self, value: Value<'a>, depth: u8) {
        if depth >= DEEPEST {
            return self.other(value);
        }
        match value.kind() {
            Kind::Null => {}
            Kind::String => self.text(value),
            Kind::Object => self.block(value, depth),
            Kind::Array => {
                for item in value.elements() {
                    match item.kind() {
                        Kind::Object | Kind::String => self.look(item, depth + 1),
                        _ => self.other(value),
                    }
                }
            }
            Kind::Bool | Kind::Number | Kind::Invalid => self.other(value),
        }
    }

    /// The first text that shows something counts; one of white space only until there is a better one.
    fn text(&mut self, value: Value<'a>) {
        if self.text.is_none_or(|text| read::is_blank(text) && !read::is_blank(value)) {
            self.text = Some(value);
        }
    }

    fn instead(&mut self, value: Option<Value<'a>>) {
        let shown = value.filter(|value| value.kind() == Kind::String && !read::is_blank(*value));
        self.instead = self.instead.or(shown);
    }

    fn other(&mut self, value: Value<'a>) {
        self.other.get_or_insert(value);
    }

    fn block(&mut self, block: Value<'a>, depth: u8) {
        let item = Item::of(block);
        match item.form() {
            Form::Text => match item.text() {
                Some(text) => self.text(text),
                None => self.other(block),
            },
            Form::Thinking => self.within(item.thought(), depth),
            Form::Call => self.call(item),
            Form::Answer => {
                self.has_tools = true;
                self.has_error |= item.is_error();
                self.within(item.answer(), depth);
            }
            Form::Wrapper => {
                if let Some(content) = item.content {
                    self.look(content, depth + 1);
                }
                if let Some(calls) = item.calls {
                    calls.elements().for_each(|call| self.call(Item::of(call)));
                }
            }
            Form::Unknown => self.other(block),
        }
    }

    fn call(&mut self, item: Item<'a>) {
        self.has_tools = true;
        let name = item.name();
        let thinks = name.is_some_and(|name| name.as_str().is_some_and(|name| name == tool::THINK));
        let thought = item.input().filter(|_| thinks).and_then(tool::thought);
        self.instead(thought.or(name));
    }

    /// Text within something that is not text for people itself.
    fn within(&mut self, value: Option<Value<'a>>, depth: u8) {
        let Some(value) = value else { return };
        let mut inner = Self::default();
        inner.look(value, depth + 1);
        self.instead(inner.text.or(inner.instead));
        if let Some(other) = inner.other {
            self.other(other);
        }
    }

    /// Whether there is text that shows something.
    pub(in crate::provider) fn has_text(self) -> bool {
        self.text.is_some_and(|text| !read::is_blank(text))
    }

    /// The value that the list's first line is made of, text first.
    pub(in crate::provider) fn line(self) -> Option<Value<'a>> {
        let text = self.text.filter(|text| !read::is_blank(*text));
        text.or(self.instead).or(self.other).or(self.text)
    }
}
