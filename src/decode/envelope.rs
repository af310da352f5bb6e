//! The body without its messages: the verbatim bytes of the top-level object, up to a limit, made well-formed at the end
//! if they are not.

use crate::json::{Value, skip_value};

/// The envelope of a body without a top-level object.
const EMPTY_ENVELOPE: &[u8] = b"{\"messages\":[]}";

/// Collects the bytes of the top-level object.
#[derive(Debug)]
pub(super) struct Envelope {
    bytes: Vec<u8>,
    limit: usize,
}

impl Envelope {
    pub(super) fn new(limit: usize) -> Self {
        // Without its first brace, the envelope would not be recognized as truncated.
        Self { bytes: Vec::new(), limit: limit.max(1) }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Returns the bytes so far, not yet well-formed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the envelope, and whether it was truncated by the limit or the end of the body.
    pub(super) fn finish(&mut self) -> (Vec<u8>, bool) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes.is_empty() {
            return (EMPTY_ENVELOPE.to_vec(), false);
        }
        let mut members = Value::of(&bytes).members();
        members.by_ref().for_each(drop);
        if members.error().is_none() {
            return (bytes, false);
        }
        (drop_incomplete_members(&bytes), true)
    }
}

/// Returns the object with only its complete members. The array of messages, the one container that may be left open, is
/// closed.
fn drop_incomplete_members(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.as_ptr_range().end;
    let mut out = vec![b'{'];
    for (key, value) in Value::of(bytes).members() {
        let raw = value.raw();
        let open_messages = key.is("messages") && raw.first() == Some(&b'[');
        let is_complete = skip_value(raw, 0) == Some(raw.len()) && raw.as_ptr_range().end != end;
        if !(is_complete || open_messages) || !key.raw().starts_with(b"\"") {
            continue;
        }
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(key.raw());
        out.push(b':');
        out.extend_from_slice(if is_complete { raw } else { b"[]" });
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finish_envelope(bytes: &[u8], limit: usize) -> (String, bool) {
        let mut envelope = Envelope::new(limit);
        envelope.add(bytes);
        let (bytes, is_truncated) = envelope.finish();
        (String::from_utf8(bytes).unwrap(), is_truncated)
    }

    #[test]
    fn valid_envelope_is_unchanged() {
        assert_eq!(finish_envelope(b"{ \"a\" : 1 }", 100), ("{ \"a\" : 1 }".to_owned(), false));
        assert_eq!(finish_envelope(b"", 100), ("{\"messages\":[]}".to_owned(), false));
    }

    #[test]
    fn exceeding_the_limit_by_one_byte_is_reported() {
        assert_eq!(finish_envelope(b"{\"a\":1}", 7), ("{\"a\":1}".to_owned(), false));
        assert_eq!(finish_envelope(b"{\"a\":1}", 6), ("{}".to_owned(), true));
        assert_eq!(finish_envelope(b"{\"a\":1}", 0), ("{}".to_owned(), true));
    }

    #[test]
    fn truncated_envelope_loses_only_its_last_member() {
        assert_eq!(
            finish_envelope(br#"{"a":1,"messages":["#, 100),
            (r#"{"a":1,"messages":[]}"#.to_owned(), true)
        );
        assert_eq!(finish_envelope(br#"{"a":1,"b":{"c":"#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finish_envelope(br#"{"a":1,"b":["#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finish_envelope(br#"{"a":1,"messages":12"#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finish_envelope(br#"{"a":1,"b":12"#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finish_envelope(br#"{"a":1,"b":"long, long"}"#, 15), (r#"{"a":1}"#.to_owned(), true));
    }
}
