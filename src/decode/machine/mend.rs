//! At the end of a body: what to make of a top level that is wrong or was left open.

use super::{Form, Machine, State};
use crate::decode::outcome::End;
use crate::decode::shape::{Apart, Shape};
use crate::json::Value;

impl Machine {
    /// Whether the start of a message lies within the one that ended last. If no other has shown what such a start looks
    /// like, this one does; what is in its lists does not.
    pub(in crate::decode) fn holds_another(&mut self, buf: &[u8], end: usize) -> bool {
        let message = buf.get(self.start..end).unwrap_or_default();
        self.shape.start_like(message, self.apart(), || Value::of(message).is_strict());
        self.shape.find(message, 1, self.apart()).is_some()
    }

    /// Goes on in a top level that is wrong or never ends: with more messages, if there are such, else past what is
    /// wrong. `false` if there is nothing to go on with.
    pub(in crate::decode) fn mend_top_level(&mut self, buf: &[u8]) -> bool {
        match self.state {
            State::Muddle | State::Doubt if self.seen => {
                let rest = buf.get(self.start..).unwrap_or_default();
                self.shape.guess(rest, Apart::Comma);
                if self.shape.find(rest, 1, Apart::Comma).is_some() {
                    self.release(buf);
                    let passed = rest.iter().take_while(|byte| b",}] \t\n\r".contains(byte)).count();
                    self.noise += passed as u64;
                    (self.start, self.state, self.hold) = (self.start + passed, State::Broken, None);
                    return true;
                }
            }
            State::After | State::Stopped(_) | State::NoJson | State::Start => return false,
            _ if self.seen => return false,
            _ => {
                if self.broken_first_line(buf) {
                    return true;
                }
            }
        }
        match self.state {
            State::Doubt => {
                let offset = self.base + self.start as u64;
                self.state = State::Stopped(End::TrailingGarbage { offset });
                false
            }
            State::Muddle => {
                (self.state, self.muddled, self.pos) = (State::Members, true, self.start);
                self.run(buf);
                true
            }
            _ => false,
        }
    }

    pub(super) fn broken_first_line(&mut self, buf: &[u8]) -> bool {
        let Some(start) = self.hold else { return false };
        let mut lines = Shape::default();
        let rest = buf.get(start..).unwrap_or_default();
        lines.guess(rest, Apart::Line);
        if lines.find(rest, 1, Apart::Line).is_none() {
            return false;
        }
        self.shape = lines;
        (self.form, self.state, self.seen) = (Form::Lines, State::Broken, true);
        (self.start, self.hold) = (start, None);
        true
    }
}
