//! Memory use, and when batches are handed out.

use super::*;
use crate::domain::Segment;

/// Returns the start of a body of many small messages.
fn small_messages(len: usize) -> Vec<u8> {
    let mut body = b"[".to_vec();
    body.extend(br#"{"x":1},"#.iter().cycle().take(len - 1));
    body
}

/// Builds a message of this length in bytes.
fn message_of_len(len: usize) -> String {
    format!("{{\"x\":\"{}\"}}", "x".repeat(len - 8))
}

fn limits(first_segment: usize) -> Limits {
    Limits { first_segment, segment: first_segment, ..list_all() }
}

#[test]
fn segment_is_full_with_less_than_a_quarter_or_4096_bytes_left() {
    for (size, room) in [(1 << 10, 256), (16 << 10, 4096), (64 << 10, 4096)] {
        let mut splitter = Splitter::new(limits(size));
        splitter.push(&small_messages(size - room));
        assert!(splitter.next_batch().is_none(), "{size}");
        assert_eq!((splitter.spare().len(), splitter.buffer_capacity()), (room, size));
        splitter.push(b" ");
        assert!(splitter.next_batch().is_some(), "{size}");
        assert!(splitter.spare().len() > room, "{size}");
    }
}

#[test]
fn segment_grows_if_carried_bytes_leave_too_little_room() {
    let carried = |len: usize| {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.push(format!("[{{\"x\":1}},{}", message_of_len(2000)).get(..9 + len).unwrap().as_bytes());
        assert_eq!(splitter.next_batch().unwrap().elements.len(), 1);
        (splitter.spare().len(), splitter.buffer_capacity())
    };
    assert_eq!(carried(768), (256, 1 << 10));
    assert_eq!(carried(769), (1 << 10, (1 << 10) + 769));
}

#[test]
fn huge_message_is_rarely_reallocated() {
    let mut splitter = Splitter::new(limits(1 << 10));
    let (mut capacity, mut reallocations) = (0, 0);
    for piece in message_of_len(2 << 20).as_bytes().chunks(512) {
        splitter.push(piece);
        reallocations += usize::from(splitter.buffer_capacity() != capacity);
        capacity = splitter.buffer_capacity();
    }
    assert!((2 << 20..(2 << 20) / 15 * 16 + 4096).contains(&capacity), "{capacity}");
    assert!(reallocations < 150, "{reallocations}");
}

#[test]
fn spare_segment_is_requested_when_half_full_and_used_next() {
    let mut splitter = Splitter::new(Limits { first_segment: 256, segment: 1 << 10, ..list_all() });
    let body = small_messages(2000);
    splitter.push(&body[..190]);
    assert_eq!(
        (splitter.wanted_segment(), splitter.buffer_capacity()),
        (None, 256),
        "segments are not yet full size"
    );
    splitter.push(&body[190..600]);
    assert_eq!((splitter.wanted_segment(), splitter.buffer_capacity()), (None, 1 << 10), "not yet half full");
    splitter.push(&body[600..900]);
    assert_eq!(splitter.wanted_segment(), Some(1 << 10));
    splitter.supply_segment(Segment::with_capacity(2000));
    assert_eq!(splitter.wanted_segment(), None, "already supplied");
    splitter.push(&body[900..]);
    assert_eq!(splitter.buffer_capacity(), 2000);
}

#[test]
fn too_small_spare_segment_is_not_used() {
    for (supplied, capacity) in [(1 << 10, 1 << 10), (1000, 1 << 10), (2000, 2000)] {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.supply_segment(Segment::with_capacity(supplied));
        splitter.push(b"[");
        assert_eq!(splitter.buffer_capacity(), capacity, "{supplied}");
    }
}

#[test]
fn no_segment_is_allocated_before_it_is_needed() {
    let mut splitter = Splitter::new(limits(1 << 10));
    assert_eq!(splitter.buffer_capacity(), 0);
    splitter.push(format!("[{},{}]", message_of_len(300), message_of_len(300)).as_bytes());
    splitter.flush();
    assert_eq!(splitter.buffer_capacity(), 0);
    assert_eq!(splitter.finish().message_count, 2);
}

#[test]
fn consumed_bytes_outside_messages_are_discarded() {
    for start in [r#"{"messages":[]}"#, r#"{"messages":[]} oops"#, "[", "[{}]", "what?"] {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.push(start.as_bytes());
        splitter.push(&[b' '; 10_000]);
        assert_eq!(splitter.buffer_capacity(), 1 << 10, "{start}");
    }
}

#[test]
fn messages_filling_less_than_half_a_segment_are_copied_out() {
    for (len, start) in [(511, 0), (512, 1)] {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.push(format!("[{},{{", message_of_len(len)).as_bytes());
        splitter.flush();
        let batch = splitter.next_batch().unwrap();
        assert_eq!((batch.elements[0].start, batch.segment.len()), (start, len + start as usize));
        assert_eq!(batch.segment.capacity(), len + start as usize);
    }
}

#[test]
fn segment_keeps_up_to_a_sixteenth_free_instead_of_moving() {
    let size = 17 << 12;
    for (len, capacity) in [((16 << 12) - 1, size), ((16 << 12) - 17, (16 << 12) - 16)] {
        let mut splitter = Splitter::new(limits(size));
        splitter.push(format!("[{},{{", message_of_len(len)).as_bytes());
        splitter.flush();
        assert_eq!(splitter.next_batch().unwrap().segment.capacity(), capacity);
    }
}
