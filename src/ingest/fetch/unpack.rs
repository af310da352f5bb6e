//! Files and pipes as they are, or packed by gzip: which, their first two bytes tell. What is unpacked, and what has no
//! size of its own, is read up to a limit.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::text::number;

/// What gzip begins with (RFC 1952, 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The bytes of a body, and how many there are where that is known.
pub struct Input {
    pub bytes: Box<dyn Read>,
    pub total: Option<u64>,
}

/// Looks at the first bytes and unpacks if need be. `size` is the file's; `most` limits everything else.
pub fn decompress_if_gzip(mut bytes: impl Read + 'static, size: Option<u64>, most: u64) -> Input {
    let mut head = Vec::with_capacity(GZIP_MAGIC.len());
    // What goes wrong here goes wrong again at the next read, and is told there.
    let _ = bytes.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut head);
    let is_packed = head == GZIP_MAGIC;
    let whole = Cursor::new(head).chain(bytes);
    match size {
        _ if is_packed => Input {
            bytes: Box::new(LimitedReader {
                inner: MultiGzDecoder::new(whole),
                remaining: most,
                limit: most,
            }),
            total: None,
        },
        Some(_) => Input { bytes: Box::new(whole), total: size },
        None => Input {
            bytes: Box::new(LimitedReader { inner: whole, remaining: most, limit: most }),
            total: None,
        },
    }
}

/// Fails where there is more than there may be.
struct LimitedReader<R> {
    inner: R,
    remaining: u64,
    limit: u64,
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.remaining.checked_sub(count as u64) {
            Some(left) => self.remaining = left,
            None => {
                let most = number::bytes(self.limit);
                return Err(io::Error::other(format!("more than {most}, the most that max_body allows")));
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read_all(input: Input) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut input = input.bytes;
        input.read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn gzip_is_decompressed_and_other_input_is_unchanged() {
        let text = b"{\"entries\": []}";
        let twice = [gzipped(text), gzipped(text)].concat();
        assert_eq!(read_all(decompress_if_gzip(Cursor::new(gzipped(text)), Some(9), 1000)).unwrap(), text);
        assert_eq!(read_all(decompress_if_gzip(Cursor::new(twice), None, 1000)).unwrap(), text.repeat(2));
        for short in [&b""[..], b"{", b"\x1f", text] {
            assert_eq!(read_all(decompress_if_gzip(Cursor::new(short.to_vec()), None, 1000)).unwrap(), short);
        }
    }

    #[test]
    fn gzip_bombs_and_endless_pipes_stop_at_the_limit_but_large_files_do_not() {
        let bomb = gzipped(&vec![b' '; 1 << 20]);
        let error = read_all(decompress_if_gzip(Cursor::new(bomb), Some(1100), 1000)).unwrap_err();
        assert!(error.to_string().contains("max_body"), "{error}");
        assert!(read_all(decompress_if_gzip(io::repeat(b' '), None, 1000)).is_err());
        assert_eq!(
            read_all(decompress_if_gzip(Cursor::new(vec![b' '; 5000]), Some(5000), 1000)).unwrap().len(),
            5000
        );
    }

    #[test]
    fn truncated_or_corrupt_gzip_is_an_error() {
        let whole = gzipped(b"some text that is long enough to be cut");
        let cut = whole.get(..whole.len() - 12).unwrap().to_vec();
        assert!(read_all(decompress_if_gzip(Cursor::new(cut), None, 1000)).is_err());
        assert!(
            read_all(decompress_if_gzip(Cursor::new(b"\x1f\x8b and no more of it".to_vec()), None, 1000))
                .is_err()
        );
    }
}
