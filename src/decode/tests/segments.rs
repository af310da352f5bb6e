//! Which memory is taken, and when messages are handed out.

use super::*;
use crate::domain::Segment;

/// The start of a body of many small messages.
fn small_messages(len: usize) -> Vec<u8> {
    let mut body = b"[".to_vec();
    body.extend(br#"{"x":1},"#.iter().cycle().take(len - 1));
    body
}

/// A message of this length.
fn message_of(len: usize) -> String {
    format!("{{\"x\":\"{}\"}}", "x".repeat(len - 8))
}

fn limits(first_segment: usize) -> Limits {
    Limits { first_segment, segment: first_segment, ..Limits::default() }
}

#[test]
fn a_segment_is_full_with_less_room_than_a_quarter_of_it_or_4096_bytes() {
    for (size, least) in [(1 << 10, 256), (16 << 10, 4096), (64 << 10, 4096)] {
        let mut splitter = Splitter::new(limits(size));
        splitter.push(&small_messages(size - least));
        assert!(splitter.next_batch().is_none(), "{size}");
        assert_eq!((splitter.spare().len(), splitter.held()), (least, size));
        splitter.push(b" ");
        assert!(splitter.next_batch().is_some(), "{size}");
        assert!(splitter.spare().len() > least, "{size}");
    }
}

#[test]
fn a_segment_grows_if_what_is_carried_into_it_leaves_too_little_room() {
    let carried = |len: usize| {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.push(format!("[{{\"x\":1}},{}", message_of(2000)).get(..9 + len).unwrap().as_bytes());
        assert_eq!(splitter.next_batch().unwrap().elements.len(), 1);
        (splitter.spare().len(), splitter.held())
    };
    assert_eq!(carried(768), (256, 1 << 10));
    assert_eq!(carried(769), (1 << 10, (1 << 10) + 769));
}

#[test]
fn a_huge_message_is_moved_seldom() {
    let mut splitter = Splitter::new(limits(1 << 10));
    let (mut held, mut moved) = (0, 0);
    for piece in message_of(2 << 20).as_bytes().chunks(512) {
        splitter.push(piece);
        moved += usize::from(splitter.held() != held);
        held = splitter.held();
    }
    assert!((2 << 20..(2 << 20) / 15 * 16 + 4096).contains(&held), "{held}");
    assert!(moved < 150, "{moved}");
}

#[test]
fn a_segment_in_stock_is_asked_for_at_the_half_and_filled_next() {
    let mut splitter = Splitter::new(Limits { first_segment: 256, segment: 1 << 10, ..Limits::default() });
    let body = small_messages(2000);
    splitter.push(&body[..190]);
    assert_eq!((splitter.wants_stock(), splitter.held()), (None, 256), "the segments are still to grow");
    splitter.push(&body[190..600]);
    assert_eq!((splitter.wants_stock(), splitter.held()), (None, 1 << 10), "not yet half full");
    splitter.push(&body[600..900]);
    assert_eq!(splitter.wants_stock(), Some(1 << 10));
    splitter.stock(Segment::with_capacity(2000));
    assert_eq!(splitter.wants_stock(), None, "it is there");
    splitter.push(&body[900..]);
    assert_eq!(splitter.held(), 2000);
}

#[test]
fn a_segment_in_stock_is_not_taken_for_what_does_not_fit_into_it() {
    for (stocked, held) in [(1 << 10, 1 << 10), (1000, 1 << 10), (2000, 2000)] {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.stock(Segment::with_capacity(stocked));
        splitter.push(b"[");
        assert_eq!(splitter.held(), held, "{stocked}");
    }
}

#[test]
fn no_segment_is_made_before_there_is_something_to_put_into_it() {
    let mut splitter = Splitter::new(limits(1 << 10));
    assert_eq!(splitter.held(), 0);
    splitter.push(format!("[{},{}]", message_of(300), message_of(300)).as_bytes());
    splitter.flush();
    assert_eq!(splitter.held(), 0);
    assert_eq!(splitter.finish().messages, 2);
}

#[test]
fn nothing_is_kept_of_what_is_read_and_in_no_message() {
    for start in [r#"{"messages":[]}"#, r#"{"messages":[]} oops"#, "[", "[{}]", "what?"] {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.push(start.as_bytes());
        splitter.push(&[b' '; 10_000]);
        assert_eq!(splitter.held(), 1 << 10, "{start}");
    }
}

#[test]
fn messages_are_copied_out_of_a_segment_that_they_fill_less_than_half() {
    for (len, start) in [(511, 0), (512, 1)] {
        let mut splitter = Splitter::new(limits(1 << 10));
        splitter.push(format!("[{},{{", message_of(len)).as_bytes());
        splitter.flush();
        let batch = splitter.next_batch().unwrap();
        assert_eq!((batch.elements[0].start, batch.segment.len()), (start, len + start as usize));
        assert_eq!(batch.segment.capacity(), len + start as usize);
    }
}

#[test]
fn a_segment_keeps_up_to_a_sixteenth_of_itself_free_rather_than_be_moved() {
    let size = 17 << 12;
    for (len, capacity) in [((16 << 12) - 1, size), ((16 << 12) - 17, (16 << 12) - 16)] {
        let mut splitter = Splitter::new(limits(size));
        splitter.push(format!("[{},{{", message_of(len)).as_bytes());
        splitter.flush();
        assert_eq!(splitter.next_batch().unwrap().segment.capacity(), capacity);
    }
}
