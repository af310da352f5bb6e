//! What the machine says about its buffer: which bytes it still needs, which go to the envelope, and what changes when
//! the front of the buffer is dropped.

use super::{Form, Machine, State};
use crate::decode::outcome::End;

impl Machine {
    /// Where the bytes start that are still needed.
    pub(in crate::decode) fn live(&self) -> usize {
        let start = match self.state {
            State::Key(_) | State::Element(_) | State::Ended(_) | State::Bare | State::Line => self.start,
            State::Broken | State::Muddle | State::Doubt => self.start,
            _ => self.pos,
        };
        match self.hold {
            Some(hold) if !self.seen => start.min(hold),
            _ => start,
        }
    }

    /// Copies what belongs to the envelope and has been read. Before the messages it is kept in place instead: if none
    /// come, the object is itself a message.
    pub(in crate::decode) fn release(&mut self, buf: &[u8]) {
        if let Some(hold) = self.hold
            && self.seen
        {
            let end = match self.state {
                State::Muddle => self.start,
                State::After
                | State::Doubt
                | State::Stopped(End::SecondValue { .. } | End::TrailingGarbage { .. }) => self.object_end,
                _ => self.pos,
            };
            self.envelope.add(buf.get(hold..end).unwrap_or_default());
            self.hold = Some(end.max(hold));
        }
    }

    /// The object that no messages were found in, moved to the envelope.
    pub(in crate::decode) fn release_all(&mut self, buf: &[u8]) {
        self.seen = true;
        self.release(buf);
    }

    /// The buffer has lost `count` bytes at its front.
    pub(in crate::decode) fn shift(&mut self, count: usize) {
        self.base += count as u64;
        self.pos = self.pos.saturating_sub(count);
        self.start = self.start.saturating_sub(count);
        self.object_end = self.object_end.saturating_sub(count);
        if let State::Ended(end) = &mut self.state {
            *end = end.saturating_sub(count);
        }
        self.hold = self.hold.map(|hold| hold.saturating_sub(count));
    }

    /// What is known of the envelope so far, perhaps cut off.
    pub(in crate::decode) fn envelope_so_far<'a>(&'a self, buf: &'a [u8]) -> &'a [u8] {
        match (self.form, self.hold) {
            (Form::Array | Form::Lines, _) => b"{\"messages\":[",
            (Form::Object, Some(hold)) if !self.seen => buf.get(hold..self.pos).unwrap_or_default(),
            (Form::Object, _) => self.envelope.bytes(),
        }
    }
}
