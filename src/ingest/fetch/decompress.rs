//! Decompresses files and pipes: gzip and zstd, recognized by their first bytes. Decompressed input and input of unknown
//! size are read up to a limit.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use crate::net::content_encoding::{MAX_RATIO, is_plausible_size};
use crate::text::number;

/// The magic number of gzip (RFC 1952, 2.3.1).
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
/// The magic number of zstd (RFC 8878, 3.1.1).
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The bytes of a body, and their number if known.
pub struct Input {
    pub bytes: Box<dyn Read>,
    pub total: Option<u64>,
}

/// Decompresses the input if it is gzip or zstd. `size` is the size of a plain file; `limit` applies to all other input.
pub fn decompress(mut bytes: impl Read + 'static, size: Option<u64>, limit: u64) -> Input {
    let mut prefix = Vec::with_capacity(ZSTD_MAGIC.len());
    // An error here occurs again at the next read and is reported there.
    let _ = bytes.by_ref().take(ZSTD_MAGIC.len() as u64).read_to_end(&mut prefix);
    let (is_gzip, is_zstd) = (prefix.starts_with(GZIP_MAGIC), prefix == ZSTD_MAGIC);
    let whole = Cursor::new(prefix).chain(bytes);
    match size {
        _ if is_gzip || is_zstd => {
            let packed_bytes = Rc::new(Cell::new(0));
            let packed = CountingReader { inner: whole, count: Rc::clone(&packed_bytes) };
            let (inner, tool): (Box<dyn Read>, _) = if is_gzip {
                (Box::new(MultiGzDecoder::new(packed)), "gzip")
            } else {
                (zstd_decoder(packed), "zstd")
            };
            let unpacked = RatioLimitedReader { inner, tool, packed_bytes, unpacked_bytes: 0 };
            Input { bytes: Box::new(LimitedReader { inner: unpacked, remaining: limit, limit }), total: None }
        }
        Some(_) => Input { bytes: Box::new(whole), total: size },
        None => {
            Input { bytes: Box::new(LimitedReader { inner: whole, remaining: limit, limit }), total: None }
        }
    }
}

/// Returns a reader of all frames of a zstd file.
fn zstd_decoder(packed: impl Read + 'static) -> Box<dyn Read> {
    match zstd::stream::read::Decoder::new(packed) {
        Ok(decoder) => Box::new(decoder),
        Err(error) => Box::new(FailedReader(Some(error))),
    }
}

/// A reader that fails at its first read, because its decoder could not be created.
struct FailedReader(Option<io::Error>);

impl Read for FailedReader {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A reader that counts its bytes.
struct CountingReader<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

/// A reader that fails if the ratio of decompressed to compressed bytes is suspiciously high.
struct RatioLimitedReader<R> {
    inner: R,
    /// The program that decompresses the file without a limit.
    tool: &'static str,
    packed_bytes: Rc<Cell<u64>>,
    unpacked_bytes: u64,
}

impl<R: Read> Read for RatioLimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.unpacked_bytes += count as u64;
        if !is_plausible_size(self.packed_bytes.get(), self.unpacked_bytes) {
            return Err(io::Error::other(format!(
                "decompresses to more than {MAX_RATIO} times its size, which no thread does; decompress it with {} -dc",
                self.tool
            )));
        }
        Ok(count)
    }
}

/// A reader that fails beyond its limit.
struct LimitedReader<R> {
    inner: R,
    remaining: u64,
    limit: u64,
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.remaining.checked_sub(count as u64) {
            Some(remaining) => self.remaining = remaining,
            None => {
                let limit = number::bytes(self.limit);
                return Err(io::Error::other(format!("more than {limit}, the limit set by max_body")));
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
        assert_eq!(read_all(decompress(Cursor::new(gzipped(text)), Some(9), 1000)).unwrap(), text);
        assert_eq!(read_all(decompress(Cursor::new(twice), None, 1000)).unwrap(), text.repeat(2));
        for short in [&b""[..], b"{", b"\x1f", text] {
            assert_eq!(read_all(decompress(Cursor::new(short.to_vec()), None, 1000)).unwrap(), short);
        }
    }

    #[test]
    fn zstd_is_decompressed_frame_by_frame() {
        let packed = |text: &[u8]| zstd::bulk::compress(text, 3).unwrap();
        let text = b"{\"entries\": []}";
        let twice = [packed(text), packed(text)].concat();
        assert_eq!(read_all(decompress(Cursor::new(twice.clone()), Some(9), 1000)).unwrap(), text.repeat(2));
        assert!(read_all(decompress(Cursor::new(twice[..twice.len() - 3].to_vec()), None, 1000)).is_err());
        let bomb = packed(&vec![b' '; 80 << 20]);
        let error = read_all(decompress(Cursor::new(bomb), None, 1 << 40)).unwrap_err();
        assert!(error.to_string().contains("zstd -dc"), "{error}");
    }

    #[test]
    fn gzip_bombs_and_endless_pipes_stop_at_the_limit_but_large_files_do_not() {
        let bomb = gzipped(&vec![b' '; 1 << 20]);
        let error = read_all(decompress(Cursor::new(bomb), Some(1100), 1000)).unwrap_err();
        assert!(error.to_string().contains("max_body"), "{error}");
        assert!(read_all(decompress(io::repeat(b' '), None, 1000)).is_err());
        assert_eq!(
            read_all(decompress(Cursor::new(vec![b' '; 5000]), Some(5000), 1000)).unwrap().len(),
            5000
        );
    }

    #[test]
    fn packed_bytes_that_unpack_to_a_thousand_times_their_size_are_refused_long_before_the_limit() {
        let bomb = gzipped(&vec![b' '; 80 << 20]);
        let error = read_all(decompress(Cursor::new(bomb), None, 1 << 40)).unwrap_err();
        assert!(error.to_string().contains("200 times"), "{error}");
    }

    #[test]
    fn truncated_or_corrupt_gzip_is_an_error() {
        let whole = gzipped(b"some text that is long enough to be cut");
        let cut = whole.get(..whole.len() - 12).unwrap().to_vec();
        assert!(read_all(decompress(Cursor::new(cut), None, 1000)).is_err());
        assert!(
            read_all(decompress(Cursor::new(b"\x1f\x8b and no more of it".to_vec()), None, 1000)).is_err()
        );
    }
}
