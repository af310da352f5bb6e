//! Decodes the content encoding of response bodies, plain or gzip, piece by piece, and stops a body that unpacks to
//! suspiciously many bytes.

use std::io::{self, Write};
use std::mem;

use flate2::write::MultiGzDecoder;

use super::FetchErrorKind;

/// The highest ratio of unpacked to packed bytes. Messages in JSON reach about 50.
pub const MAX_RATIO: u64 = 200;
/// The number of unpacked bytes from which the ratio is checked.
pub const MIN_CHECKED_BYTES: u64 = 64 << 20;
/// The first bytes of a gzip body.
const MAGIC: [u8; 2] = [0x1F, 0x8B];
/// The maximum number of packed bytes that are unpacked at once, to at most about a thousand times as many.
const MAX_PIECE: usize = 4096;

/// Returns whether it is plausible that this many packed bytes unpack to this many bytes.
pub fn is_plausible_size(packed_bytes: u64, unpacked_bytes: u64) -> bool {
    unpacked_bytes <= packed_bytes.saturating_mul(MAX_RATIO).max(MIN_CHECKED_BYTES)
}

/// The decoder of one body.
pub(super) enum ContentDecoder {
    Plain,
    Gzip(Box<Gzip>),
}

pub(super) struct Gzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    packed_bytes: u64,
    unpacked_bytes: u64,
}

impl ContentDecoder {
    /// Creates the decoder of a body with or without gzip.
    pub(super) fn new(is_gzip: bool) -> Self {
        if !is_gzip {
            return Self::Plain;
        }
        let decoder = MultiGzDecoder::new(Vec::new());
        Self::Gzip(Box::new(Gzip { decoder, packed_bytes: 0, unpacked_bytes: 0 }))
    }

    /// Returns the most bytes to pass to [`decode`](Self::decode) at once.
    pub(super) fn piece_length(&self) -> usize {
        match self {
            Self::Plain => usize::MAX,
            Self::Gzip(_) => MAX_PIECE,
        }
    }

    /// Decodes a piece of a gzip body; `None` for a plain body, whose pieces need no decoding.
    ///
    /// # Errors
    /// The body is damaged, or unpacks to suspiciously many bytes.
    pub(super) fn decode(&mut self, piece: &[u8]) -> Result<Option<Vec<u8>>, FetchErrorKind> {
        let Self::Gzip(gzip) = self else { return Ok(None) };
        // The decoder would wait for a complete header before it reports an invalid one.
        let start = usize::try_from(gzip.packed_bytes).unwrap_or(usize::MAX);
        if MAGIC.iter().skip(start).zip(piece).any(|(expected, byte)| expected != byte) {
            return Err(FetchErrorKind::InvalidResponse { reason: "the body is not gzip".into() });
        }
        gzip.packed_bytes += piece.len() as u64;
        gzip.decoder.write_all(piece).map_err(|error| damaged(&error))?;
        gzip.take().map(Some)
    }

    /// Ends the body and returns its last bytes.
    ///
    /// # Errors
    /// The body is damaged or incomplete.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>, FetchErrorKind> {
        let Self::Gzip(gzip) = self else { return Ok(Vec::new()) };
        // An empty input is an empty body.
        if gzip.packed_bytes > 0 {
            gzip.decoder.try_finish().map_err(|error| match error.to_string() {
                reason if reason.contains("checksum") => FetchErrorKind::InvalidResponse { reason },
                _ => FetchErrorKind::ConnectionLost { reason: "the compressed body is cut off".into() },
            })?;
        }
        gzip.take()
    }
}

impl Gzip {
    fn take(&mut self) -> Result<Vec<u8>, FetchErrorKind> {
        let bytes = mem::take(self.decoder.get_mut());
        self.unpacked_bytes += bytes.len() as u64;
        if is_plausible_size(self.packed_bytes, self.unpacked_bytes) {
            Ok(bytes)
        } else {
            Err(FetchErrorKind::SuspiciousRatio { ratio: MAX_RATIO })
        }
    }
}

fn damaged(error: &io::Error) -> FetchErrorKind {
    FetchErrorKind::InvalidResponse { reason: error.to_string() }
}
