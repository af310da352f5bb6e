//! The body without its messages: the bytes of the top-level object as they came, up to a limit, and at the end made
//! well-formed if they are not.

use crate::json::{Value, skip_value};

/// What a top level without an object counts as.
const BARE: &[u8] = b"{\"messages\":[]}";

/// Collects the bytes of the top-level object.
#[derive(Debug)]
pub(super) struct Envelope {
    bytes: Vec<u8>,
    limit: usize,
}

impl Envelope {
    pub(super) fn new(limit: usize) -> Self {
        // Without its first brace it would not be seen to be cut.
        Self { bytes: Vec::new(), limit: limit.max(1) }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        let room = self.limit.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// What has been collected, not yet well-formed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The envelope, and whether something of it is missing: an object that the limit or the end of the body cut off
    /// is not complete.
    pub(super) fn finish(&mut self) -> (Vec<u8>, bool) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes.is_empty() {
            return (BARE.to_vec(), false);
        }
        let mut members = Value::of(&bytes).members();
        members.by_ref().for_each(drop);
        if members.fault().is_none() {
            return (bytes, false);
        }
        (whole_members(&bytes), true)
    }
}

/// The object with those of its members that are complete. The array of messages, the one container that may stand
/// open, is closed.
fn whole_members(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.as_ptr_range().end;
    let mut out = vec![b'{'];
    for (key, value) in Value::of(bytes).members() {
        let raw = value.raw();
        let open_messages = key.is("messages") && raw.first() == Some(&b'[');
        let whole = skip_value(raw, 0) == Some(raw.len()) && raw.as_ptr_range().end != end;
        if !(whole || open_messages) || !key.raw().starts_with(b"\"") {
            continue;
        }
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(key.raw());
        out.push(b':');
        out.extend_from_slice(if whole { raw } else { b"[]" });
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(bytes: &[u8], limit: usize) -> (String, bool) {
        let mut envelope = Envelope::new(limit);
        envelope.add(bytes);
        let (bytes, cut) = envelope.finish();
        (String::from_utf8(bytes).unwrap(), cut)
    }

    #[test]
    fn a_good_envelope_stays_as_it_came() {
        assert_eq!(finished(b"{ \"a\" : 1 }", 100), ("{ \"a\" : 1 }".to_owned(), false));
        assert_eq!(finished(b"", 100), ("{\"messages\":[]}".to_owned(), false));
    }

    #[test]
    fn one_byte_over_the_limit_is_told_and_none_is_not() {
        assert_eq!(finished(b"{\"a\":1}", 7), ("{\"a\":1}".to_owned(), false));
        assert_eq!(finished(b"{\"a\":1}", 6), ("{}".to_owned(), true));
        assert_eq!(finished(b"{\"a\":1}", 0), ("{}".to_owned(), true));
    }

    #[test]
    fn what_is_cut_off_loses_its_last_member_only() {
        assert_eq!(finished(br#"{"a":1,"messages":["#, 100), (r#"{"a":1,"messages":[]}"#.to_owned(), true));
        assert_eq!(finished(br#"{"a":1,"b":{"c":"#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finished(br#"{"a":1,"b":["#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finished(br#"{"a":1,"messages":12"#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finished(br#"{"a":1,"b":12"#, 100), (r#"{"a":1}"#.to_owned(), true));
        assert_eq!(finished(br#"{"a":1,"b":"long, long"}"#, 15), (r#"{"a":1}"#.to_owned(), true));
    }
}
