//! The index of a container's children: a sample of their offsets, by count and by bytes, so that a short scan finds any
//! child. It is built in steps, so that a container of any size can be shown immediately.

use std::ops::Range;

use crate::json::scan::{Scan, is_token_end, is_whitespace, skip_value, skip_whitespace};

/// Children between two samples.
const CHILDREN_PER_SAMPLE: usize = 64;
/// The bytes after which the next child is sampled even after few children. So scanning between two samples stays cheap,
/// and the end of a huge child is known without scanning it.
const BYTES_PER_SAMPLE: usize = 16 * 1024;

/// The position of a child, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) start: usize,
    /// The raw key, quotes included; empty in an array.
    pub(super) key: Range<usize>,
    pub(super) value_start: usize,
}

/// Parses the child at or after `at`; `None` at the end of the container.
pub(super) fn parse_child(bytes: &[u8], at: usize, is_object: bool) -> Option<Child> {
    let start = skip_commas(bytes, at);
    let first = *bytes.get(start)?;
    if matches!(first, b']' | b'}') {
        return None;
    }
    if !is_object {
        return Some(Child { start, key: start..start, value_start: start });
    }
    let rest = bytes.get(start..)?;
    let length = match first {
        b'"' => skip_value(rest, 0),
        _ => rest.iter().position(|&byte| byte == b':' || is_token_end(byte)),
    };
    let key_end = start + length.unwrap_or(rest.len());
    let colon = skip_whitespace(bytes, key_end);
    let value_start = if bytes.get(colon) == Some(&b':') { skip_whitespace(bytes, colon + 1) } else { colon };
    Some(Child { start, key: start..key_end, value_start })
}

fn skip_commas(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = skip_whitespace(bytes, at);
        if bytes.get(at) != Some(&b',') {
            return at;
        }
        at += 1;
    }
}

/// Returns the end of the value at `value`; a missing value is empty, one that is cut off ends with the bytes.
pub(super) fn value_end(bytes: &[u8], value: usize) -> usize {
    match bytes.get(value) {
        Some(b',' | b']' | b'}') => value,
        _ => skip_value(bytes, value).unwrap_or(bytes.len()),
    }
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    child: usize,
    offset: usize,
}

/// The children of a container found so far.
#[derive(Debug)]
pub(super) struct Index {
    is_object: bool,
    samples: Vec<Sample>,
    count: usize,
    pos: usize,
    /// The scan of the value being skipped.
    pending_scan: Option<Scan>,
    /// The position of the closing bracket, or the end of the bytes.
    end: Option<usize>,
}

impl Index {
    /// Creates the index of the container whose bracket is at `start`.
    pub(super) fn new(bytes: &[u8], start: usize) -> Self {
        Self {
            is_object: bytes.get(start) == Some(&b'{'),
            samples: Vec::new(),
            count: 0,
            pos: start + 1,
            pending_scan: None,
            end: None,
        }
    }

    /// Returns whether its children have keys.
    pub(super) fn is_object(&self) -> bool {
        self.is_object
    }

    /// Returns the number of children found so far; the end of the last one may be unknown.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn is_done(&self) -> bool {
        self.end.is_some()
    }

    /// Returns the position after the closing bracket, once known.
    pub(super) fn container_end(&self, bytes: &[u8]) -> Option<usize> {
        self.end.map(|end| (end + 1).min(bytes.len()))
    }

    /// Returns the position up to which the container has been indexed.
    pub(super) fn position(&self) -> usize {
        self.pos
    }

    /// Indexes about `budget` more bytes, and subtracts them from the budget.
    pub(super) fn step(&mut self, bytes: &[u8], budget: &mut usize) {
        while *budget > 0 && self.end.is_none() {
            let before = self.pos;
            match self.pending_scan.take() {
                Some(scan) => self.skip(bytes, scan, (*budget).max(256)),
                None => self.next_child(bytes),
            }
            *budget = budget.saturating_sub((self.pos - before).max(1));
        }
    }

    fn next_child(&mut self, bytes: &[u8]) {
        let Some(next) = parse_child(bytes, self.pos, self.is_object) else {
            self.pos = skip_commas(bytes, self.pos);
            self.end = Some(self.pos);
            return;
        };
        let is_sample = self.samples.last().is_none_or(|last| {
            self.count - last.child >= CHILDREN_PER_SAMPLE || next.start - last.offset >= BYTES_PER_SAMPLE
        });
        if is_sample {
            self.samples.push(Sample { child: self.count, offset: next.start });
        }
        self.count += 1;
        self.pos = next.value_start;
        match bytes.get(self.pos) {
            None => self.end = Some(self.pos),
            Some(b',' | b']' | b'}') => {}
            Some(&first) => {
                self.pos += 1;
                self.pending_scan = Some(Scan::starting_with(first));
            }
        }
    }

    fn skip(&mut self, bytes: &[u8], mut scan: Scan, budget: usize) {
        let rest = bytes.get(self.pos..).unwrap_or_default();
        let part = rest.get(..budget).unwrap_or(rest);
        match scan.read(part) {
            Some(length) => self.pos += length,
            None => {
                self.pos += part.len();
                if self.pos == bytes.len() {
                    self.end = Some(self.pos);
                } else {
                    self.pending_scan = Some(scan);
                }
            }
        }
    }

    /// Returns the child with this index, if found so far.
    pub(super) fn find_child(&self, bytes: &[u8], child: usize) -> Option<Child> {
        if child >= self.count {
            return None;
        }
        let after = self.samples.partition_point(|sample| sample.child <= child);
        let sample = *self.samples.get(after.checked_sub(1)?)?;
        self.find_from(bytes, sample, |number, _| number == child).map(|(_, found)| found)
    }

    /// Returns the child with this index and the end of its value, if known. Passing the end of the previous child as `at`
    /// saves the search.
    pub(super) fn child(
        &self,
        bytes: &[u8],
        child: usize,
        at: Option<usize>,
    ) -> Option<(Child, Option<usize>)> {
        let found = match at {
            Some(at) if child < self.count => parse_child(bytes, at, self.is_object)?,
            _ => self.find_child(bytes, child)?,
        };
        let end = self.child_end(bytes, child, &found);
        Some((found, end))
    }

    /// Returns the child whose key or value contains this byte, if found so far.
    pub(super) fn child_at(&self, bytes: &[u8], offset: usize) -> Option<(usize, Child)> {
        let after = self.samples.partition_point(|sample| sample.offset <= offset);
        let sample = *self.samples.get(after.checked_sub(1)?)?;
        self.find_from(bytes, sample, |number, found| {
            self.child_end(bytes, number, found).is_none_or(|end| offset < end)
        })
        .filter(|(_, found)| found.start <= offset)
    }

    fn find_from(
        &self,
        bytes: &[u8],
        from: Sample,
        is_match: impl Fn(usize, &Child) -> bool,
    ) -> Option<(usize, Child)> {
        let mut at = from.offset;
        for number in from.child..self.count {
            let found = parse_child(bytes, at, self.is_object)?;
            if is_match(number, &found) {
                return Some((number, found));
            }
            at = self.child_end(bytes, number, &found)?;
        }
        None
    }

    /// Returns the end of a child's value; `None` if it is the last one found and its end is unknown.
    pub(super) fn child_end(&self, bytes: &[u8], child: usize, found: &Child) -> Option<usize> {
        let limit = if child + 1 < self.count {
            match self.samples.binary_search_by_key(&(child + 1), |sample| sample.child) {
                Ok(found) => self.samples.get(found)?.offset,
                Err(_) => return Some(value_end(bytes, found.value_start)),
            }
        } else {
            match self.end {
                Some(end) => end,
                None if self.pending_scan.is_none() => self.pos,
                None => return None,
            }
        };
        let value = bytes.get(found.value_start..limit).unwrap_or_default();
        let last = value.iter().rposition(|&byte| !is_whitespace(byte) && byte != b',');
        Some(found.value_start + last.map_or(0, |last| last + 1))
    }
}
