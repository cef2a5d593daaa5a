//! The key's flash: an image in memory, written through to a file at once, so that a PIN attempt once spent
//! stays spent when the process is killed.
#![expect(clippy::disallowed_methods, reason = "the flash of a soft key is a file")]

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use littlefs2::consts::{U8, U512};
use littlefs2::driver::Storage;
use littlefs2::fs::Filesystem;
use littlefs2::io::{Error, Result};

const BLOCK: usize = 512;
const BLOCKS: usize = 256;
const SIZE: usize = BLOCK * BLOCKS;

/// One flash chip.
#[derive(Debug)]
pub(super) struct Flash {
    image: Vec<u8>,
    file: Option<File>,
}

impl Flash {
    /// The bytes of a formatted, empty flash.
    pub(super) fn blank() -> io::Result<Vec<u8>> {
        let mut flash = Self { image: vec![0xff; SIZE], file: None };
        Filesystem::format(&mut flash).map_err(|error| io::Error::other(format!("{error:?}")))?;
        Ok(std::mem::take(&mut flash.image))
    }

    /// The flash that lies in a file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let image = std::fs::read(path)?;
        if image.len() != SIZE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a flash image of a wrong size"));
        }
        let file = OpenOptions::new().write(true).open(path)?;
        Ok(Self { image, file: Some(file) })
    }

    fn put(&mut self, offset: usize, data: &[u8]) -> Result<()> {
        let end = offset.checked_add(data.len()).ok_or(Error::NO_SPACE)?;
        self.image.get_mut(offset..end).ok_or(Error::NO_SPACE)?.copy_from_slice(data);
        let Some(file) = &mut self.file else { return Ok(()) };
        let offset = u64::try_from(offset).map_err(|_| Error::IO)?;
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(data)).map_err(|_| Error::IO)
    }
}

impl Drop for Flash {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // The bytes are in the file already; this only outlasts a power cut.
            let _ = file.sync_data();
        }
    }
}

impl Storage for Flash {
    const READ_SIZE: usize = 16;
    const WRITE_SIZE: usize = 16;
    const BLOCK_SIZE: usize = BLOCK;
    const BLOCK_COUNT: usize = BLOCKS;
    const BLOCK_CYCLES: isize = -1;

    type CACHE_SIZE = U512;
    type LOOKAHEAD_SIZE = U8;

    fn read(&mut self, offset: usize, buffer: &mut [u8]) -> Result<usize> {
        let end = offset.checked_add(buffer.len()).ok_or(Error::IO)?;
        buffer.copy_from_slice(self.image.get(offset..end).ok_or(Error::IO)?);
        Ok(buffer.len())
    }

    fn write(&mut self, offset: usize, data: &[u8]) -> Result<usize> {
        self.put(offset, data)?;
        Ok(data.len())
    }

    fn erase(&mut self, offset: usize, length: usize) -> Result<usize> {
        self.put(offset, &vec![0xff; length])?;
        Ok(length)
    }
}
