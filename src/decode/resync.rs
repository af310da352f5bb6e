//! The slow way through messages, for the rest of a body in which one is broken: keeps account of every open bracket,
//! and takes the next start of a message that cannot be part of the broken one as the place to go on from. One pass.

use memchr::memchr2;

use super::batch::{Condition, Element};
use super::shape::{Apart, Run, Shape, is_bare};
use crate::json::skip_value;

/// How many times over the bytes may be looked at for runs of objects.
const PATIENCE: usize = 8;

/// What came out of the rest of the body.
pub(super) struct Sorted {
    pub(super) elements: Vec<Element>,
    /// Where the bracket stands that ends the array of messages; `None` if none does.
    pub(super) array_end: Option<usize>,
}

/// Sorts out `bytes`, which start with a message that is broken or cut off.
pub(super) fn sort_out(bytes: &[u8], shape: &Shape, apart: Apart) -> Sorted {
    let next = shape.find(bytes, 1, apart);
    let mut walk = Walk {
        bytes,
        shape,
        apart,
        at: 0,
        next,
        start: 0,
        open: Vec::new(),
        loose: false,
        sound: true,
        run: Run::default(),
        patience: bytes.len().saturating_mul(PATIENCE),
    };
    walk.begin(0);
    let mut sorted = Sorted { elements: Vec::new(), array_end: None };
    loop {
        match walk.element() {
            Ended::Clean => {
                let condition = if walk.sound { Condition::Whole } else { Condition::Broken };
                let mut here = vec![Element::new(walk.start, walk.at, condition)];
                match walk.gap(&mut here) {
                    // What has an end of its own after the message keeps it.
                    Gap::Junk if here.len() == 1 => {
                        walk.loose = true;
                        walk.sound = false;
                        continue;
                    }
                    Gap::Junk => walk.begin(walk.at),
                    Gap::ArrayEnd => sorted.array_end = Some(walk.at),
                    Gap::Element => {}
                }
                sorted.elements.append(&mut here);
            }
            Ended::ByNext => {
                let end = walk.run_end(walk.at);
                sorted.elements.push(Element::new(walk.start, end, Condition::Broken));
                walk.begin(walk.at);
                continue;
            }
            Ended::ByArray => {
                let end = walk.run_end(walk.at);
                sorted.elements.push(Element::new(walk.start, end, Condition::Broken));
                sorted.array_end = Some(walk.at);
            }
            Ended::CutOff => {
                let condition = if walk.sound { Condition::CutOff } else { Condition::Broken };
                let end = walk.run_end(bytes.len());
                sorted.elements.push(Element::new(walk.start, end, condition));
            }
        }
        if sorted.array_end.is_some() || walk.at >= bytes.len() {
            return sorted;
        }
    }
}

/// How a message ended.
enum Ended {
    /// Its last bracket closed.
    Clean,
    /// The next message starts where the walk is.
    ByNext,
    /// The array ends where the walk is, with the message still open.
    ByArray,
    /// With the body.
    CutOff,
}

/// What comes after a message.
enum Gap {
    /// Another message, or the end of the body.
    Element,
    ArrayEnd,
    /// Something that shows that the message did not end there.
    Junk,
}

struct Walk<'a> {
    bytes: &'a [u8],
    shape: &'a Shape,
    apart: Apart,
    at: usize,
    /// Where the next start of a message might be.
    next: Option<usize>,
    /// Where this message starts.
    start: usize,
    /// The brackets that are open, outermost first: never more bytes than the message has.
    open: Vec<u8>,
    /// Whether this is no value but something between messages; it has no end of its own.
    loose: bool,
    /// Whether nothing wrong has been seen in this message.
    sound: bool,
    /// The run of objects within this message that was looked at last.
    run: Run,
    /// How many bytes of runs may still be looked at: messages that are all broken must not cost their square.
    patience: usize,
}

impl Walk<'_> {
    fn begin(&mut self, at: usize) {
        self.start = at;
        self.at = at;
        self.open.clear();
        self.run = Run::default();
        self.loose = self.bytes.get(at) != Some(&b'{');
        self.sound = !self.loose;
        self.look_ahead(at + 1);
    }

    /// Sees to it that `next` is at or after `from`.
    fn look_ahead(&mut self, from: usize) {
        if self.next.is_some_and(|next| next < from) {
            self.next = self.shape.find(self.bytes, from, self.apart);
        }
    }

    fn element(&mut self) -> Ended {
        while let Some(&byte) = self.bytes.get(self.at) {
            if self.next == Some(self.at) {
                if self.starts_here() {
                    return Ended::ByNext;
                }
                self.look_ahead(self.at + 1);
            }
            let end = token_end(self.bytes, self.at, byte);
            if let Some(next) = self.next
                && next < end
            {
                // What looked like a string covers the start of a message, which no string can.
                self.at = next;
                return Ended::ByNext;
            }
            match byte {
                b'{' | b'[' => self.open.push(byte),
                b'}' | b']' => {
                    if self.closes_the_array(byte) {
                        return Ended::ByArray;
                    }
                    self.sound &= self.open.pop().is_some_and(|open| open + 2 == byte);
                }
                _ => {}
            }
            self.at = end;
            if self.open.is_empty() && !self.loose {
                return Ended::Clean;
            }
        }
        Ended::CutOff
    }

    /// Whether a candidate at a place between tokens is a message, and not an object in an array of the one before.
    fn starts_here(&mut self) -> bool {
        let is_inside = self.sound && self.open.last() == Some(&b'[');
        !is_inside || self.apart == Apart::Line || self.goes_to_the_end()
    }

    /// Whether the objects from here on are the messages up to the end, so that the message before was never closed.
    fn goes_to_the_end(&mut self) -> bool {
        if self.at >= self.run.end {
            let looked_at = self.bytes.get(..self.at.saturating_add(self.patience)).unwrap_or(self.bytes);
            self.run = self.shape.run(looked_at, self.at, self.apart);
            self.patience = self.patience.saturating_sub(self.run.looked_at);
        }
        self.run.is_last
    }

    /// Whether this bracket leaves a message that was never closed.
    fn closes_the_array(&self, byte: u8) -> bool {
        let open = if self.loose { self.open.is_empty() } else { self.open == [b'{'] };
        self.apart == Apart::Comma && byte == b']' && open && self.next.is_none()
    }

    /// Goes from the end of a message to the next one, and takes what is no object between them along.
    fn gap(&mut self, found: &mut Vec<Element>) -> Gap {
        loop {
            let (gap, at) = self.between();
            let other = match gap {
                Gap::Junk if self.sound => self.other(at),
                Gap::Junk | Gap::Element | Gap::ArrayEnd => None,
            };
            let Some((end, condition)) = other else {
                self.at = at;
                return gap;
            };
            found.push(Element::new(at, end, condition));
            self.at = end;
            self.look_ahead(end);
        }
    }

    /// Where an element ends that is no object, if what stands here is one: it is kept apart from the message before
    /// it, and something else or the end follows.
    fn other(&self, at: usize) -> Option<(usize, Condition)> {
        let before = self.bytes.get(self.at..at)?;
        let rest = self.bytes.get(at..)?;
        match self.apart {
            Apart::Line => {
                let line = rest.split(|byte| *byte == b'\n').next()?.trim_ascii_end();
                let whole =
                    matches!(line.first(), Some(b'[' | b'"')) && skip_value(line, 0) == Some(line.len());
                let condition = if whole { Condition::Whole } else { Condition::Broken };
                before.contains(&b'\n').then_some((at + line.len(), condition))
            }
            Apart::Comma => {
                let end = match rest.first()? {
                    b'[' | b'"' => skip_value(rest, 0)?,
                    _ => rest.iter().position(|byte| !is_bare(*byte))?,
                };
                let after = rest.get(end..)?.trim_ascii_start();
                let is_apart = before.contains(&b',') && matches!(after.first(), Some(b',' | b']'));
                is_apart.then_some((at + end, Condition::Whole))
            }
        }
    }

    /// What comes after a message, and where. Goes there, but not to junk, which may be more than that.
    fn between(&mut self) -> (Gap, usize) {
        let mut at = self.at;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'{' => {
                    self.begin(at);
                    return (Gap::Element, at);
                }
                b']' if self.apart == Apart::Comma && self.next.is_none() => {
                    self.at = at;
                    return (Gap::ArrayEnd, at);
                }
                0..=b' ' | 0x7F | b',' | b'}' | b']' => at += 1,
                _ => return (Gap::Junk, at),
            }
        }
        self.at = at;
        (Gap::Element, at)
    }

    /// Where a run that was broken off before `limit` ends: without the commas and white space after it.
    fn run_end(&self, limit: usize) -> usize {
        self.start + run(self.bytes.get(self.start..limit).unwrap_or_default()).len()
    }
}

/// Without the commas and the white space at the end.
pub(super) fn run(bytes: &[u8]) -> &[u8] {
    let mut run = bytes.trim_ascii_end();
    while let Some(shorter) = run.strip_suffix(b",") {
        run = shorter.trim_ascii_end();
    }
    run
}

/// Where the token ends that starts at `at` with `byte`.
fn token_end(bytes: &[u8], at: usize, byte: u8) -> usize {
    let mut end = at + 1;
    if byte != b'"' {
        return end;
    }
    while let Some(found) = bytes.get(end..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        end += found;
        if bytes.get(end) == Some(&b'"') {
            return end + 1;
        }
        end += 2;
    }
    bytes.len()
}

/// Where, in what ended like one message but whose strings went astray, the next one starts: in what looks like a
/// string, where no message can start.
pub(super) fn swallowed(bytes: &[u8], shape: &Shape, apart: Apart) -> Option<usize> {
    let mut next = shape.find(bytes, 1, apart)?;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if next <= at {
            next = shape.find(bytes, at + 1, apart)?;
        }
        let end = token_end(bytes, at, byte);
        if next < end {
            return Some(next);
        }
        at = end;
    }
    None
}
