//! Packed bodies: zstd frames of at most 1 MiB each, so that a part can be unpacked without the rest. Any zstd reads them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zstd::bulk::Compressor;
use zstd::stream::raw::CParameter;

use super::LibraryError;
use crate::storage::files::{AtomicFile, FileError, open_no_follow};
use crate::text::hex;

/// The unpacked bytes of a frame.
const FRAME_BYTES: usize = 1 << 20;
/// zstd's default: nearly the compression of the high levels, in a tenth of their time.
const LEVEL: i32 = 3;

/// Packs a body while it arrives. Dropped without [`BodyWriter::finish`] it leaves nothing.
pub struct BodyWriter {
    file: AtomicFile,
    compressor: Compressor<'static>,
    frame: Vec<u8>,
    sha256: Sha256,
    packed_sha256: Sha256,
    size: u64,
    packed_size: u64,
}

/// A packed body that is not yet in its place.
#[derive(Debug)]
pub struct PackedBody {
    pub(super) file: AtomicFile,
    /// The checksum of the unpacked bytes.
    pub sha256: String,
    /// The checksum of the packed bytes, for the manifest.
    pub packed_sha256: String,
    pub size: u64,
    pub packed_size: u64,
}

impl BodyWriter {
    /// Creates the file in `folder`.
    pub(super) fn create(folder: &Path) -> Result<Self, LibraryError> {
        let path = folder.join("body");
        let file = AtomicFile::create(&path)?;
        let compressor = new_compressor().map_err(FileError::wrap("write", &path))?;
        Ok(Self {
            file,
            compressor,
            frame: Vec::new(),
            sha256: Sha256::new(),
            packed_sha256: Sha256::new(),
            size: 0,
            packed_size: 0,
        })
    }

    /// Packs the next bytes.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), LibraryError> {
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = FRAME_BYTES - self.frame.len();
            let (part, rest) = bytes.split_at(room.min(bytes.len()));
            self.frame.extend_from_slice(part);
            bytes = rest;
            if self.frame.len() == FRAME_BYTES {
                self.write_frame()?;
            }
        }
        Ok(())
    }

    /// Starts the body again.
    ///
    /// # Errors
    /// The file cannot be emptied.
    pub fn restart(&mut self) -> Result<(), LibraryError> {
        self.file.restart()?;
        self.frame.clear();
        (self.sha256, self.packed_sha256) = (Sha256::new(), Sha256::new());
        (self.size, self.packed_size) = (0, 0);
        Ok(())
    }

    /// Packs the last bytes and flushes the file to the disk.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn finish(mut self) -> Result<PackedBody, LibraryError> {
        // An empty body has a frame as well, as zstd expects.
        if !self.frame.is_empty() || self.size == 0 {
            self.write_frame()?;
        }
        self.file.sync()?;
        Ok(PackedBody {
            file: self.file,
            sha256: hex(self.sha256.finalize()),
            packed_sha256: hex(self.packed_sha256.finalize()),
            size: self.size,
            packed_size: self.packed_size,
        })
    }

    fn write_frame(&mut self) -> Result<(), LibraryError> {
        let packed = self.compressor.compress(&self.frame);
        self.frame.clear();
        let result = packed.and_then(|packed| {
            self.packed_sha256.update(&packed);
            self.packed_size += packed.len() as u64;
            self.file.write_all(&packed)
        });
        Ok(result.map_err(FileError::wrap("write", self.file.temporary_path()))?)
    }
}

fn new_compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
    Ok(compressor)
}

/// Opens a packed body; reading it returns the unpacked bytes.
///
/// # Errors
/// The file is missing, is no regular file, or cannot be read.
pub fn open_packed(path: &Path) -> Result<impl Read + use<>, LibraryError> {
    let file: File = open_no_follow(path)?;
    Ok(zstd::stream::read::Decoder::new(file).map_err(FileError::wrap("read", path))?)
}
