//! Repairs at the end of a body: a top level that is invalid or was left open.

use super::{BodyFormat, State, TopLevelParser};
use crate::decode::message_pattern::{MessagePattern, Separator};
use crate::decode::outcome::BodyEnd;
use crate::json::Value;

impl TopLevelParser {
    /// Returns whether the last message contains the start of another. If no pattern was learned from other messages, it is
    /// learned from this one, and objects in its lists are ignored.
    pub(in crate::decode) fn contains_message_start(&mut self, buf: &[u8], end: usize) -> bool {
        let message = buf.get(self.start..end).unwrap_or_default();
        self.pattern.learn_if_empty(message, self.separator(), || Value::of(message).is_valid_json());
        self.pattern.find_start(message, 1, self.separator()).is_some()
    }

    /// Continues in a top level that is invalid or never ends: with more messages if there are any, else after the
    /// error. Returns `false` if there is nothing to continue with.
    pub(in crate::decode) fn repair_top_level(&mut self, buf: &[u8]) -> bool {
        match self.state {
            State::BrokenTopLevel | State::PrematureEnd if self.has_messages => {
                let rest = buf.get(self.start..).unwrap_or_default();
                self.pattern.guess(rest, Separator::Comma);
                if self.pattern.find_start(rest, 1, Separator::Comma).is_some() {
                    self.copy_to_envelope(buf);
                    let skipped = rest.iter().take_while(|byte| b",}] \t\n\r".contains(byte)).count();
                    self.skipped_bytes += skipped as u64;
                    (self.start, self.state, self.pending_envelope_start) =
                        (self.start + skipped, State::BrokenMessage, None);
                    return true;
                }
            }
            State::After | State::Stopped(_) | State::NotJson | State::Start => return false,
            _ if self.has_messages => return false,
            _ => {
                if self.try_recover_as_lines(buf) {
                    return true;
                }
            }
        }
        match self.state {
            State::PrematureEnd => {
                let offset = self.buffer_offset + self.start as u64;
                self.state = State::Stopped(BodyEnd::TrailingGarbage { offset });
                false
            }
            State::BrokenTopLevel => {
                (self.state, self.is_recovering, self.pos) = (State::Members, true, self.start);
                self.parse(buf);
                true
            }
            _ => false,
        }
    }

    pub(super) fn try_recover_as_lines(&mut self, buf: &[u8]) -> bool {
        let Some(start) = self.pending_envelope_start else { return false };
        let mut lines = MessagePattern::default();
        let rest = buf.get(start..).unwrap_or_default();
        lines.guess(rest, Separator::Newline);
        if lines.find_start(rest, 1, Separator::Newline).is_none() {
            return false;
        }
        self.pattern = lines;
        (self.format, self.state, self.has_messages) = (BodyFormat::Lines, State::BrokenMessage, true);
        (self.start, self.pending_envelope_start) = (start, None);
        true
    }
}
