//! Where the children of one container lie: every so many of them, and every so many bytes, an offset is kept, so that
//! any child is found by a short walk. Built in steps, so that a container of any size can be shown at once.

use std::ops::Range;

use crate::json::scan::{Scan, is_token_end, skip_value, skip_whitespace};

/// Children between two offsets that are kept.
const CHILDREN_PER_SAMPLE: usize = 64;
/// Bytes after which the next child's offset is kept, however few children there were: what lies between two offsets
/// is cheap to walk, and the end of a huge child is known without looking at it.
const BYTES_PER_SAMPLE: usize = 16 * 1024;

/// Where a child is, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) start: usize,
    /// The name as it came, quotes included; empty in an array.
    pub(super) key: Range<usize>,
    pub(super) value_start: usize,
}

/// The child that starts at or after `at`, if the container does not end before.
pub(super) fn parse_child(bytes: &[u8], at: usize, object: bool) -> Option<Child> {
    let start = skip_commas(bytes, at);
    let first = *bytes.get(start)?;
    if matches!(first, b']' | b'}') {
        return None;
    }
    if !object {
        return Some(Child { start, key: start..start, value_start: start });
    }
    let rest = bytes.get(start..)?;
    let length = match first {
        b'"' => skip_value(rest, 0),
        _ => rest.iter().position(|&byte| byte == b':' || is_token_end(byte)),
    };
    let key_end = start + length.unwrap_or(rest.len());
    let colon = skip_whitespace(bytes, key_end);
    let value = if bytes.get(colon) == Some(&b':') { skip_whitespace(bytes, colon + 1) } else { colon };
    Some(Child { start, key: start..key_end, value_start: value })
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

/// Where the value ends that starts here; one that is missing is empty, one that is cut off ends with the bytes.
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

/// The children of one container, as far as it has been walked.
#[derive(Debug)]
pub(super) struct Index {
    is_object: bool,
    samples: Vec<Sample>,
    count: usize,
    pos: usize,
    /// The value that is being skipped.
    pending_scan: Option<Scan>,
    /// Where the closing bracket is, or the end of the bytes.
    end: Option<usize>,
}

impl Index {
    /// Of the container whose bracket stands at `start`.
    pub(super) fn new(bytes: &[u8], start: usize) -> Self {
        let object = bytes.get(start) == Some(&b'{');
        Self {
            is_object: object,
            samples: Vec::new(),
            count: 0,
            pos: start + 1,
            pending_scan: None,
            end: None,
        }
    }

    /// Whether its children have names.
    pub(super) fn is_object(&self) -> bool {
        self.is_object
    }

    /// Children found so far; the last may not have been walked to its end.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn is_done(&self) -> bool {
        self.end.is_some()
    }

    /// Just after the closing bracket, once that is known.
    pub(super) fn container_end(&self, bytes: &[u8]) -> Option<usize> {
        self.end.map(|end| (end + 1).min(bytes.len()))
    }

    /// How far the container has been walked.
    pub(super) fn position(&self) -> usize {
        self.pos
    }

    /// Walks on, about `budget` bytes, and takes what it walked off the budget.
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
        let Some(item) = parse_child(bytes, self.pos, self.is_object) else {
            self.pos = skip_commas(bytes, self.pos);
            self.end = Some(self.pos);
            return;
        };
        let apart = self.samples.last().is_none_or(|last| {
            self.count - last.child >= CHILDREN_PER_SAMPLE || item.start - last.offset >= BYTES_PER_SAMPLE
        });
        if apart {
            self.samples.push(Sample { child: self.count, offset: item.start });
        }
        self.count += 1;
        self.pos = item.value_start;
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

    /// The child of this number, if it has been found.
    pub(super) fn find_child(&self, bytes: &[u8], child: usize) -> Option<Child> {
        if child >= self.count {
            return None;
        }
        let after = self.samples.partition_point(|sample| sample.child <= child);
        let sample = *self.samples.get(after.checked_sub(1)?)?;
        self.find_from(bytes, sample, |number, _| number == child).map(|(_, item)| item)
    }

    /// The child of this number and where its value ends, if that is known. `at` is where the child before it ended, if
    /// the caller knows; that saves the search.
    pub(super) fn child(
        &self,
        bytes: &[u8],
        child: usize,
        at: Option<usize>,
    ) -> Option<(Child, Option<usize>)> {
        let item = match at {
            Some(at) if child < self.count => parse_child(bytes, at, self.is_object)?,
            _ => self.find_child(bytes, child)?,
        };
        let end = self.child_end(bytes, child, &item);
        Some((item, end))
    }

    /// The child that holds this byte, its name included, if it has been found.
    pub(super) fn child_at(&self, bytes: &[u8], offset: usize) -> Option<(usize, Child)> {
        let after = self.samples.partition_point(|sample| sample.offset <= offset);
        let sample = *self.samples.get(after.checked_sub(1)?)?;
        self.find_from(bytes, sample, |number, item| {
            self.child_end(bytes, number, item).is_none_or(|end| offset < end)
        })
        .filter(|(_, item)| item.start <= offset)
    }

    fn find_from(
        &self,
        bytes: &[u8],
        from: Sample,
        wanted: impl Fn(usize, &Child) -> bool,
    ) -> Option<(usize, Child)> {
        let mut at = from.offset;
        for number in from.child..self.count {
            let item = parse_child(bytes, at, self.is_object)?;
            if wanted(number, &item) {
                return Some((number, item));
            }
            at = self.child_end(bytes, number, &item)?;
        }
        None
    }

    /// Where the value of a child ends; `None` if it is the last one found and has not been walked to its end.
    pub(super) fn child_end(&self, bytes: &[u8], child: usize, item: &Child) -> Option<usize> {
        let limit = if child + 1 < self.count {
            match self.samples.binary_search_by_key(&(child + 1), |sample| sample.child) {
                Ok(found) => self.samples.get(found)?.offset,
                Err(_) => return Some(value_end(bytes, item.value_start)),
            }
        } else {
            match self.end {
                Some(end) => end,
                None if self.pending_scan.is_none() => self.pos,
                None => return None,
            }
        };
        let value = bytes.get(item.value_start..limit).unwrap_or_default();
        let last = value.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b','));
        Some(item.value_start + last.map_or(0, |last| last + 1))
    }
}
