//! Bodies of more elements than can be listed.

use super::*;

/// Returns the elements with the runs, after checking that neither the chunking nor the segments change them.
fn split_into_runs(body: &str) -> Vec<(String, Completeness)> {
    let usual = Limits::default();
    let whole = split(body.as_bytes(), usual, &[]);
    let small = Limits { first_segment: 64, segment: 256, ..usual };
    for sizes in [&[7][..], &[1000, 0, 33], &[0, 100]] {
        assert!(split(body.as_bytes(), small, sizes) == whole, "chunks of {sizes:?}");
    }
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    whole.0.into_iter().map(|(bytes, completeness)| (text(bytes), completeness)).collect()
}

#[test]
fn tiny_elements_are_one_row_and_messages_among_them_are_found() {
    let message = r#"{"id":"a","role":"user","content":"x"}"#;
    for tiny in ["1", "{}", "[]", "\"\"", "null", r#"{"a":1}"#, "[[],[]]"] {
        let run = vec![tiny; 3000].join(",");
        for body in [
            format!(r#"{{"messages":[{run},{message},{message},{run}]}}"#),
            format!("[{run},{message},{message},{run}]"),
        ] {
            let found = split_into_runs(&body);
            let expected = std::iter::repeat_n((tiny, Completeness::Whole), 10)
                .chain([
                    (tiny, Completeness::Run(2990)),
                    (message, Completeness::Whole),
                    (message, Completeness::Whole),
                ])
                .chain(std::iter::repeat_n((tiny, Completeness::Whole), 10))
                .chain([(tiny, Completeness::Run(2990))]);
            let expected: Vec<_> =
                expected.map(|(text, completeness)| (text.to_owned(), completeness)).collect();
            assert_eq!(found, expected, "{tiny}");
        }
    }
}

#[test]
fn lines_that_are_no_messages_are_counted_as_well() {
    let body = format!("{{\"id\":\"a\",\"role\":\"user\"}}\n{{}}\n{}", "x\n".repeat(500));
    let found = split_into_runs(&body);
    assert_eq!((found.len(), found.last().unwrap().1), (12, Completeness::Run(491)));
}

#[test]
fn a_list_of_numbers_retains_no_memory() {
    let mut splitter = Splitter::default();
    splitter.push(br#"{"messages":["#);
    let chunk = "1,".repeat(50_000);
    let (mut kept, mut most) = (0, 0);
    for _ in 0..40 {
        splitter.push(chunk.as_bytes());
        splitter.flush();
        kept +=
            std::iter::from_fn(|| splitter.next_batch()).map(|batch| batch.segment.capacity()).sum::<usize>();
        most = most.max(splitter.buffer_capacity());
    }
    assert!(kept < 1000, "{kept} bytes in batches");
    assert!(most <= 256 << 10, "a buffer of {most} bytes");
    assert_eq!(splitter.finish().message_count, 2_000_000);
}
