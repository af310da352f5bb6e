//! The chunks that an answer cites: `[2]` is the second chunk of the list that was retrieved last.

use std::collections::BTreeSet;

use crate::domain::{Block, ByteRange, Chunk, Message, Role};
use crate::json::Value;
use crate::provider::payload;

/// The largest payload of a span that is searched for chunks, in bytes.
const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// The maximum number of payloads of a message that are searched for chunks.
const MAX_PAYLOADS: usize = 200;

/// The highest number of a citation.
const MAX_NUMBER: usize = 99;

/// Returns the cited chunks with their numbers, in order. `raw` is the message's JSON.
pub fn cited_chunks(message: &Message, raw: &[u8]) -> Vec<(usize, Chunk)> {
    let answer = message.sides.iter().rev().find(|side| side.role == Role::Assistant);
    let texts = answer.into_iter().flat_map(|side| &side.blocks).filter_map(Block::plain_text);
    let numbers: BTreeSet<usize> = texts.flat_map(citation_numbers).collect();
    if numbers.is_empty() {
        return Vec::new();
    }
    let chunks = last_chunks(message, raw);
    let cited = numbers.into_iter().filter_map(|number| Some((number, chunks.get(number - 1)?.clone())));
    cited.collect()
}

/// Returns the numbers in brackets of a text that are not the text of a link.
fn citation_numbers(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.match_indices('[').filter_map(|(at, _)| {
        let (digits, after) = text.get(at + 1..)?.split_once(']')?;
        let is_link = after.starts_with(['(', ':']);
        let number = digits.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number))?;
        (!is_link).then_some(number)
    })
}

/// Returns the list of chunks that was retrieved last, usually by the reranker.
fn last_chunks(message: &Message, raw: &[u8]) -> Vec<Chunk> {
    let mut outputs: Vec<_> =
        message.spans.iter().filter(|span| has_chunks(span.output, raw)).take(MAX_PAYLOADS).collect();
    outputs.sort_by_key(|span| span.start);
    let found = outputs.iter().rev().find_map(|span| payload::find_chunks(Value::of(span.output.slice(raw))));
    found.unwrap_or_default()
}

/// Tests cheaply whether a payload may have chunks, before it is read.
fn has_chunks(output: ByteRange, raw: &[u8]) -> bool {
    let output = output.slice(raw);
    output.len() <= MAX_PAYLOAD_BYTES && payload::may_have_chunks(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_in_brackets_but_not_links() {
        let numbers: Vec<_> =
            citation_numbers("A [1], b [12] [3] c [2](x) [4]: d [0] [x] [100] [5]").collect();
        assert_eq!(numbers, [1, 12, 3, 5]);
    }
}
