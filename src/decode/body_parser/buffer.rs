//! What the machine says about its buffer: which bytes it still needs, which go to the envelope, and what changes when
//! the front of the buffer is dropped.

use super::{BodyFormat, BodyParser, State};
use crate::decode::outcome::BodyEnd;

impl BodyParser {
    /// Where the bytes start that are still needed.
    pub(in crate::decode) fn needed_from(&self) -> usize {
        let start = match self.state {
            State::Key(_)
            | State::Element(_)
            | State::ElementEnded(_)
            | State::BareToken
            | State::InvalidLine => self.start,
            State::BrokenMessage | State::BrokenTopLevel | State::PrematureEnd => self.start,
            _ => self.pos,
        };
        match self.pending_envelope_start {
            Some(hold) if !self.has_messages => start.min(hold),
            _ => start,
        }
    }

    /// Copies what belongs to the envelope and has been read. Before the messages it is kept in place instead: if none
    /// come, the object is itself a message.
    pub(in crate::decode) fn copy_to_envelope(&mut self, buf: &[u8]) {
        if let Some(hold) = self.pending_envelope_start
            && self.has_messages
        {
            let end = match self.state {
                State::BrokenTopLevel => self.start,
                State::After
                | State::PrematureEnd
                | State::Stopped(BodyEnd::SecondValue { .. } | BodyEnd::TrailingGarbage { .. }) => {
                    self.object_end
                }
                _ => self.pos,
            };
            self.envelope.add(buf.get(hold..end).unwrap_or_default());
            self.pending_envelope_start = Some(end.max(hold));
        }
    }

    /// The object that no messages were found in, moved to the envelope.
    pub(in crate::decode) fn copy_all_to_envelope(&mut self, buf: &[u8]) {
        self.has_messages = true;
        self.copy_to_envelope(buf);
    }

    /// The buffer has lost `count` bytes at its front.
    pub(in crate::decode) fn shift_offsets(&mut self, count: usize) {
        self.buffer_offset += count as u64;
        self.pos = self.pos.saturating_sub(count);
        self.start = self.start.saturating_sub(count);
        self.object_end = self.object_end.saturating_sub(count);
        if let State::ElementEnded(end) = &mut self.state {
            *end = end.saturating_sub(count);
        }
        self.pending_envelope_start = self.pending_envelope_start.map(|hold| hold.saturating_sub(count));
    }

    /// What is known of the envelope so far, perhaps cut off.
    pub(in crate::decode) fn partial_envelope<'a>(&'a self, buf: &'a [u8]) -> &'a [u8] {
        match (self.format, self.pending_envelope_start) {
            (BodyFormat::Array | BodyFormat::Lines, _) => b"{\"messages\":[",
            (BodyFormat::Object, Some(hold)) if !self.has_messages => {
                buf.get(hold..self.pos).unwrap_or_default()
            }
            (BodyFormat::Object, _) => self.envelope.bytes(),
        }
    }
}
