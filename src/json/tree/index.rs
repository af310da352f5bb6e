//! Where the children of one container lie: every so many of them, and every so many bytes, an offset is kept, so that
//! any child is found by a short walk. Built in steps, so that a container of any size can be shown at once.

use std::ops::Range;

use crate::json::scan::{Scan, ends_token, skip_space, skip_value};

/// Children between two offsets that are kept.
const CHILDREN_APART: usize = 64;
/// Bytes after which the next child's offset is kept, however few children there were: what lies between two offsets
/// is cheap to walk, and the end of a huge child is known without looking at it.
const BYTES_APART: usize = 16 * 1024;

/// Where a child is, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) start: usize,
    /// The name as it came, quotes included; empty in an array.
    pub(super) key: Range<usize>,
    pub(super) value: usize,
}

/// The child that starts at or after `at`, if the container does not end before.
pub(super) fn item(bytes: &[u8], at: usize, object: bool) -> Option<Item> {
    let start = skip_commas(bytes, at);
    let first = *bytes.get(start)?;
    if matches!(first, b']' | b'}') {
        return None;
    }
    if !object {
        return Some(Item { start, key: start..start, value: start });
    }
    let rest = bytes.get(start..)?;
    let length = match first {
        b'"' => skip_value(rest, 0),
        _ => rest.iter().position(|&byte| byte == b':' || ends_token(byte)),
    };
    let key_end = start + length.unwrap_or(rest.len());
    let colon = skip_space(bytes, key_end);
    let value = if bytes.get(colon) == Some(&b':') { skip_space(bytes, colon + 1) } else { colon };
    Some(Item { start, key: start..key_end, value })
}

fn skip_commas(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = skip_space(bytes, at);
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
    at: usize,
}

/// The children of one container, as far as it has been walked.
#[derive(Debug)]
pub(super) struct Index {
    object: bool,
    samples: Vec<Sample>,
    count: usize,
    at: usize,
    /// The value that is being skipped.
    skipping: Option<Scan>,
    /// Where the closing bracket is, or the end of the bytes.
    end: Option<usize>,
}

impl Index {
    /// Of the container whose bracket stands at `start`.
    pub(super) fn new(bytes: &[u8], start: usize) -> Self {
        let object = bytes.get(start) == Some(&b'{');
        Self { object, samples: Vec::new(), count: 0, at: start + 1, skipping: None, end: None }
    }

    /// Whether its children have names.
    pub(super) fn is_object(&self) -> bool {
        self.object
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
    pub(super) fn walked(&self) -> usize {
        self.at
    }

    /// Walks on, about `budget` bytes, and takes what it walked off the budget.
    pub(super) fn step(&mut self, bytes: &[u8], budget: &mut usize) {
        while *budget > 0 && self.end.is_none() {
            let before = self.at;
            match self.skipping.take() {
                Some(scan) => self.skip(bytes, scan, (*budget).max(256)),
                None => self.next_child(bytes),
            }
            *budget = budget.saturating_sub((self.at - before).max(1));
        }
    }

    fn next_child(&mut self, bytes: &[u8]) {
        let Some(item) = item(bytes, self.at, self.object) else {
            self.at = skip_commas(bytes, self.at);
            self.end = Some(self.at);
            return;
        };
        let apart = self.samples.last().is_none_or(|last| {
            self.count - last.child >= CHILDREN_APART || item.start - last.at >= BYTES_APART
        });
        if apart {
            self.samples.push(Sample { child: self.count, at: item.start });
        }
        self.count += 1;
        self.at = item.value;
        match bytes.get(self.at) {
            None => self.end = Some(self.at),
            Some(b',' | b']' | b'}') => {}
            Some(&first) => {
                self.at += 1;
                self.skipping = Some(Scan::from_first(first));
            }
        }
    }

    fn skip(&mut self, bytes: &[u8], mut scan: Scan, budget: usize) {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let part = rest.get(..budget).unwrap_or(rest);
        match scan.read(part) {
            Some(length) => self.at += length,
            None => {
                self.at += part.len();
                if self.at == bytes.len() {
                    self.end = Some(self.at);
                } else {
                    self.skipping = Some(scan);
                }
            }
        }
    }

    /// The child of this number, if it has been found.
    pub(super) fn locate(&self, bytes: &[u8], child: usize) -> Option<Item> {
        if child >= self.count {
            return None;
        }
        let after = self.samples.partition_point(|sample| sample.child <= child);
        let sample = *self.samples.get(after.checked_sub(1)?)?;
        self.walk_to(bytes, sample, |number, _| number == child).map(|(_, item)| item)
    }

    /// The child of this number and where its value ends, if that is known. `at` is where the child before it ended, if
    /// the caller knows; that saves the search.
    pub(super) fn item(
        &self,
        bytes: &[u8],
        child: usize,
        at: Option<usize>,
    ) -> Option<(Item, Option<usize>)> {
        let item = match at {
            Some(at) if child < self.count => item(bytes, at, self.object)?,
            _ => self.locate(bytes, child)?,
        };
        let end = self.end_of(bytes, child, &item);
        Some((item, end))
    }

    /// The child that holds this byte, its name included, if it has been found.
    pub(super) fn child_at(&self, bytes: &[u8], offset: usize) -> Option<(usize, Item)> {
        let after = self.samples.partition_point(|sample| sample.at <= offset);
        let sample = *self.samples.get(after.checked_sub(1)?)?;
        self.walk_to(bytes, sample, |number, item| {
            self.end_of(bytes, number, item).is_none_or(|end| offset < end)
        })
        .filter(|(_, item)| item.start <= offset)
    }

    fn walk_to(
        &self,
        bytes: &[u8],
        from: Sample,
        wanted: impl Fn(usize, &Item) -> bool,
    ) -> Option<(usize, Item)> {
        let mut at = from.at;
        for number in from.child..self.count {
            let item = item(bytes, at, self.object)?;
            if wanted(number, &item) {
                return Some((number, item));
            }
            at = self.end_of(bytes, number, &item)?;
        }
        None
    }

    /// Where the value of a child ends; `None` if it is the last one found and has not been walked to its end.
    pub(super) fn end_of(&self, bytes: &[u8], child: usize, item: &Item) -> Option<usize> {
        let limit = if child + 1 < self.count {
            match self.samples.binary_search_by_key(&(child + 1), |sample| sample.child) {
                Ok(found) => self.samples.get(found)?.at,
                Err(_) => return Some(value_end(bytes, item.value)),
            }
        } else {
            match self.end {
                Some(end) => end,
                None if self.skipping.is_none() => self.at,
                None => return None,
            }
        };
        let value = bytes.get(item.value..limit).unwrap_or_default();
        let last = value.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b','));
        Some(item.value + last.map_or(0, |last| last + 1))
    }
}
