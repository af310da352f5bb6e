//! The parser's view of its buffer: the bytes it still needs, the bytes of the envelope, and the offsets after the front
//! of the buffer is dropped.

use super::{BodyFormat, State, TopLevelParser};
use crate::decode::outcome::BodyEnd;

impl TopLevelParser {
    /// Returns the offset of the first byte that is still needed.
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
            Some(envelope_start) if !self.has_messages => start.min(envelope_start),
            _ => start,
        }
    }

    /// Copies parsed bytes of the envelope. Before the messages they stay in the buffer instead: if there are none, the
    /// object may itself be a message.
    pub(in crate::decode) fn copy_to_envelope(&mut self, buf: &[u8]) {
        if let Some(envelope_start) = self.pending_envelope_start
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
            self.envelope.add(buf.get(envelope_start..end).unwrap_or_default());
            self.pending_envelope_start = Some(end.max(envelope_start));
        }
    }

    /// Copies everything parsed to the envelope, even if there are no messages.
    pub(in crate::decode) fn copy_all_to_envelope(&mut self, buf: &[u8]) {
        self.has_messages = true;
        self.copy_to_envelope(buf);
    }

    /// Adjusts all offsets after `count` bytes were dropped from the front of the buffer.
    pub(in crate::decode) fn shift_offsets(&mut self, count: usize) {
        self.buffer_offset += count as u64;
        self.pos = self.pos.saturating_sub(count);
        self.start = self.start.saturating_sub(count);
        self.object_end = self.object_end.saturating_sub(count);
        if let State::ElementEnded(end) = &mut self.state {
            *end = end.saturating_sub(count);
        }
        self.pending_envelope_start =
            self.pending_envelope_start.map(|envelope_start| envelope_start.saturating_sub(count));
    }

    /// Returns the envelope so far, perhaps cut off.
    pub(in crate::decode) fn partial_envelope<'a>(&'a self, buf: &'a [u8]) -> &'a [u8] {
        match (self.format, self.pending_envelope_start) {
            (BodyFormat::Array | BodyFormat::Lines, _) => b"{\"messages\":[",
            (BodyFormat::Object, Some(envelope_start)) if !self.has_messages => {
                buf.get(envelope_start..self.pos).unwrap_or_default()
            }
            (BodyFormat::Object, _) => self.envelope.bytes(),
        }
    }
}
