//! Splits the bytes of a list into its rows as they arrive: a bare array, or an object with the array in one of its
//! members. Only the row that is incomplete is kept in memory.

use crate::json::{Scan, Value, write_string};

/// The maximum number of bytes in a row or in another member of the object. A variant's configuration may be a whole
/// graph.
const MAX_VALUE_BYTES: usize = 64 << 20;
/// The maximum number of bytes in the object without its list that are kept.
const MAX_ENVELOPE_BYTES: usize = 64 << 10;
/// The byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The end of a list's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListEnd {
    Complete,
    /// The body ended before the list did, or its JSON broke.
    Truncated,
    /// A row that is larger than any that is expected.
    TooLarge,
    /// Only whitespace.
    Empty,
    /// JSON of another form.
    NoList,
    /// A web page.
    Html,
    NotJson,
}

/// A list whose bytes have all arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListBody {
    pub end: ListEnd,
    /// Whether the list was an array without an object around it.
    pub is_bare: bool,
    /// The other members of the object: JSON.
    pub envelope: Vec<u8>,
}

/// The element that the next byte belongs to.
#[derive(Clone, Debug)]
enum State {
    Start,
    /// Between the members of the object.
    Members,
    Key(Scan),
    AfterKey,
    Member(Scan),
    /// Between the rows.
    Rows,
    Row(Scan),
    Ended(ListEnd),
}

/// A splitter of a list; see [`push`](Self::push).
#[derive(Clone, Debug)]
pub struct ListSplitter {
    /// The names of the member with the list.
    names: &'static [&'static str],
    state: State,
    /// Bytes that are still needed.
    buffer: Vec<u8>,
    /// The start of the current value, then the next byte to read.
    start: usize,
    pos: usize,
    /// The name of the current member, verbatim.
    key: Vec<u8>,
    envelope: Vec<u8>,
    is_bare: bool,
    has_list: bool,
}

impl ListSplitter {
    /// Creates a splitter for a bare list, or a list in a member with one of these names.
    pub fn new(names: &'static [&'static str]) -> Self {
        Self {
            names,
            state: State::Start,
            buffer: Vec::new(),
            start: 0,
            pos: 0,
            key: Vec::new(),
            envelope: Vec::new(),
            is_bare: false,
            has_list: false,
        }
    }

    /// Reads the next bytes and calls `on_row` for each row that is now complete.
    pub fn push(&mut self, bytes: &[u8], mut on_row: impl FnMut(Value<'_>)) {
        if matches!(self.state, State::Ended(_)) {
            return;
        }
        self.buffer.extend_from_slice(bytes);
        while self.step(&mut on_row) {}
        let is_inside = matches!(self.state, State::Key(_) | State::Member(_) | State::Row(_));
        let done = if is_inside { self.start } else { self.pos };
        self.buffer.drain(..done.min(self.buffer.len()));
        self.start = 0;
        self.pos -= done;
    }

    /// Ends the body.
    pub fn finish(mut self) -> ListBody {
        let end = match self.state {
            State::Ended(ListEnd::Complete) if !self.has_list => ListEnd::NoList,
            State::Ended(end) => end,
            State::Start if self.buffer.is_empty() => ListEnd::Empty,
            State::Start => ListEnd::NotJson,
            State::Members
            | State::Key(_)
            | State::AfterKey
            | State::Member(_)
            | State::Rows
            | State::Row(_) => ListEnd::Truncated,
        };
        if self.envelope.is_empty() {
            self.envelope.push(b'{');
        }
        self.envelope.push(b'}');
        ListBody { end, is_bare: self.is_bare, envelope: self.envelope }
    }

    /// Continues with the next value; returns false if more bytes are needed, or none.
    fn step(&mut self, on_row: &mut impl FnMut(Value<'_>)) -> bool {
        match &mut self.state {
            State::Key(scan) | State::Member(scan) | State::Row(scan) => {
                match scan.read(self.buffer.get(self.pos..).unwrap_or_default()) {
                    Some(length) => self.pos += length,
                    None => {
                        self.pos = self.buffer.len();
                        if self.pos - self.start > MAX_VALUE_BYTES {
                            self.state = State::Ended(ListEnd::TooLarge);
                        }
                        return false;
                    }
                }
                self.end_value(on_row);
                true
            }
            State::Ended(_) => {
                self.pos = self.buffer.len();
                false
            }
            State::Start | State::Members | State::AfterKey | State::Rows => self.step_between(),
        }
    }

    /// Handles a complete value.
    fn end_value(&mut self, on_row: &mut impl FnMut(Value<'_>)) {
        let bytes = self.buffer.get(self.start..self.pos).unwrap_or_default();
        self.state = match &self.state {
            State::Key(_) => {
                self.key.clear();
                self.key.extend_from_slice(bytes);
                State::AfterKey
            }
            State::Row(_) => {
                on_row(Value::of(bytes));
                State::Rows
            }
            State::Start
            | State::Members
            | State::AfterKey
            | State::Member(_)
            | State::Rows
            | State::Ended(_) => {
                // A service may write null for an empty list.
                self.has_list |= bytes == b"null" && is_one_of(&self.key, self.names);
                self.keep_member();
                State::Members
            }
        };
    }

    fn keep_member(&mut self) {
        let bytes = self.buffer.get(self.start..self.pos).unwrap_or_default();
        if self.envelope.len() + self.key.len() + bytes.len() > MAX_ENVELOPE_BYTES {
            return;
        }
        self.envelope.push(if self.envelope.is_empty() { b'{' } else { b',' });
        let mut key = String::new();
        write_string(&mut key, &Value::of(&self.key).text());
        self.envelope.extend_from_slice(key.as_bytes());
        self.envelope.push(b':');
        self.envelope.extend_from_slice(bytes);
    }

    /// Handles the next byte that is not whitespace.
    fn step_between(&mut self) -> bool {
        let rest = self.buffer.get(self.pos..).unwrap_or_default();
        if matches!(self.state, State::Start) && !rest.is_empty() && MARK.starts_with(rest) {
            return false;
        }
        let skipped = match rest.strip_prefix(MARK) {
            Some(_) if matches!(self.state, State::Start) => MARK.len(),
            _ => rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count(),
        };
        self.pos += skipped;
        let Some(&byte) = self.buffer.get(self.pos) else { return false };
        if skipped == MARK.len() && byte.is_ascii_whitespace() {
            return true;
        }
        self.start = self.pos;
        self.pos += 1;
        self.state = match (&self.state, byte) {
            (State::Start, b'[') => self.begin_list(true),
            (State::Start, b'{') => State::Members,
            (State::Start, byte) => State::Ended(describe_other(byte)),
            (State::Rows, b']') if self.is_bare => State::Ended(ListEnd::Complete),
            (State::Rows, b']') => State::Members,
            (State::Rows, b',') => State::Rows,
            (State::Members, b',') => State::Members,
            (State::AfterKey, b':') => State::AfterKey,
            (State::Members, b'}') => State::Ended(ListEnd::Complete),
            (State::Members, b'"') => State::Key(Scan::starting_with(byte)),
            (State::AfterKey, b'[') if !self.has_list && is_one_of(&self.key, self.names) => {
                self.begin_list(false)
            }
            (State::Members, _) | (State::Rows | State::AfterKey, b'}' | b':' | b',' | b']') => {
                State::Ended(ListEnd::Truncated)
            }
            (State::Rows, _) => State::Row(Scan::starting_with(byte)),
            (State::AfterKey, _) => State::Member(Scan::starting_with(byte)),
            (State::Key(_) | State::Member(_) | State::Row(_) | State::Ended(_), _) => {
                State::Ended(ListEnd::Truncated)
            }
        };
        true
    }

    fn begin_list(&mut self, is_bare: bool) -> State {
        self.is_bare = is_bare;
        self.has_list = true;
        State::Rows
    }
}

fn is_one_of(key: &[u8], names: &[&str]) -> bool {
    let key = Value::of(key).text();
    names.contains(&key.as_ref())
}

/// Describes a body that begins with this byte, which does not begin a list.
fn describe_other(byte: u8) -> ListEnd {
    match byte {
        b'<' => ListEnd::Html,
        b'"' | b'-' | b'0'..=b'9' | b'n' | b't' | b'f' => ListEnd::NoList,
        _ => ListEnd::NotJson,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(body: &[u8], chunk: usize) -> (Vec<String>, ListBody) {
        let mut splitter = ListSplitter::new(&["items", "results"]);
        let mut rows = Vec::new();
        for bytes in body.chunks(chunk.max(1)) {
            splitter.push(bytes, |row| rows.push(String::from_utf8_lossy(row.raw()).into_owned()));
        }
        (rows, splitter.finish())
    }

    #[test]
    fn rows_arrive_from_bare_and_wrapped_lists_in_chunks_of_any_size() {
        for chunk in 1..20 {
            for body in [
                &br#"[{"a":"]"},7 , "x"]"#[..],
                b"\xEF\xBB\xBF \n[{\"a\":\"]\"},7,\"x\"] trailing",
                br#"{"count":3,"items":[{"a":"]"},7,"x"],"next":null}"#,
                br#"{"count":3, "r\u0065sults" : [{"a":"]"},7,"x" ], "items": [1] }"#,
            ] {
                let (rows, list) = split(body, chunk);
                assert_eq!(
                    rows,
                    [r#"{"a":"]"}"#, "7", "\"x\""],
                    "{chunk}: {}",
                    String::from_utf8_lossy(body)
                );
                assert_eq!((list.end, list.is_bare), (ListEnd::Complete, !body.starts_with(b"{")));
                if body.starts_with(b"{") {
                    assert_eq!(Value::of(&list.envelope).get("count").and_then(Value::as_i64), Some(3));
                }
            }
        }
    }

    #[test]
    fn other_bodies_are_distinguished() {
        for (body, end) in [
            ("", ListEnd::Empty),
            (" \n", ListEnd::Empty),
            ("<html>", ListEnd::Html),
            ("null", ListEnd::NoList),
            ("\"text\"", ListEnd::NoList),
            (r#"{"detail":"Not Found"}"#, ListEnd::NoList),
            (r#"{"data":{"items":[1]}}"#, ListEnd::NoList),
            (r#"{"items":null}"#, ListEnd::Complete),
            ("[]", ListEnd::Complete),
            ("[1,2", ListEnd::Truncated),
            (r#"{"items":[1"#, ListEnd::Truncated),
            (r#"{"items":[1]"#, ListEnd::Truncated),
            ("{]", ListEnd::Truncated),
            ("plain text", ListEnd::NotJson),
            ("\u{1f}\u{8b}", ListEnd::NotJson),
            ("\u{feff}", ListEnd::NotJson),
        ] {
            assert_eq!(split(body.as_bytes(), 3).1.end, end, "{body}");
        }
        let (_, list) = split(br#"{"detail":"no \"key\"","items":[]}"#, 4);
        assert_eq!(Value::of(&list.envelope).get("detail").unwrap().text(), "no \"key\"");
    }

    #[test]
    fn only_the_incomplete_row_is_kept() {
        let mut splitter = ListSplitter::new(&["items"]);
        let mut count = 0;
        splitter.push(b"[", |_| {});
        for _ in 0..10_000 {
            splitter.push(br#"{"id":"0123456789"},"#, |_| count += 1);
            assert!(splitter.buffer.capacity() < 4096);
        }
        assert_eq!(count, 10_000);
    }

    proptest! {
        #[test]
        fn chunks_change_nothing(text in r#"[\[\]{}",:a\\ 1n]{0,40}|\{"items":\[("[a\]]*",|1,|\{\},){0,6}1?\]?\}?"#, chunk in 1usize..9) {
            let whole = split(text.as_bytes(), usize::MAX);
            prop_assert_eq!(split(text.as_bytes(), chunk), whole);
        }
    }
}
