//! Reading debug information with a bounded number of steps. It is untrusted, and may be made to take forever.

use std::borrow::Cow;
use std::cell::Cell;

use gimli::{EndianSlice, Error, LittleEndian, Reader, ReaderOffsetId, Result};

/// Bytes that are searched or copied in one step.
const BYTES_A_STEP: usize = 64;

/// The steps that are left to all readers that share it.
#[derive(Debug)]
pub(crate) struct Steps(Cell<u64>);

impl Steps {
    pub(crate) fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    /// Takes this many steps; `false` if fewer are left.
    pub(crate) fn take(&self, steps: u64) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    pub(crate) fn are_used_up(&self) -> bool {
        self.0.get() == 0
    }
}

/// Reads a section and counts steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CountedReader<'a> {
    bytes: EndianSlice<'a, LittleEndian>,
    steps: &'a Steps,
}

impl<'a> CountedReader<'a> {
    pub(crate) fn new(bytes: &'a [u8], steps: &'a Steps) -> Self {
        Self { bytes: EndianSlice::new(bytes, LittleEndian), steps }
    }

    fn count(&self, bytes: usize) -> Result<()> {
        let steps = bytes.div_euclid(BYTES_A_STEP).saturating_add(1);
        let is_left = self.steps.take(u64::try_from(steps).unwrap_or(u64::MAX));
        if is_left { Ok(()) } else { Err(Error::UnexpectedEof(self.bytes.offset_id())) }
    }
}

impl Reader for CountedReader<'_> {
    type Endian = LittleEndian;
    type Offset = usize;

    fn endian(&self) -> LittleEndian {
        LittleEndian
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn empty(&mut self) {
        self.bytes.empty();
    }

    fn truncate(&mut self, length: usize) -> Result<()> {
        self.bytes.truncate(length)
    }

    fn offset_from(&self, base: &Self) -> usize {
        Reader::offset_from(&self.bytes, &base.bytes)
    }

    fn offset_id(&self) -> ReaderOffsetId {
        self.bytes.offset_id()
    }

    fn lookup_offset_id(&self, id: ReaderOffsetId) -> Option<usize> {
        self.bytes.lookup_offset_id(id)
    }

    fn find(&self, byte: u8) -> Result<usize> {
        let found = Reader::find(&self.bytes, byte);
        self.count(found.as_ref().map_or(self.bytes.len(), |at| *at))?;
        found
    }

    fn skip(&mut self, length: usize) -> Result<()> {
        self.count(0)?;
        self.bytes.skip(length)
    }

    fn split(&mut self, length: usize) -> Result<Self> {
        self.count(0)?;
        Ok(Self { bytes: Reader::split(&mut self.bytes, length)?, steps: self.steps })
    }

    fn to_slice(&self) -> Result<Cow<'_, [u8]>> {
        self.bytes.to_slice()
    }

    fn to_string(&self) -> Result<Cow<'_, str>> {
        Reader::to_string(&self.bytes)
    }

    fn to_string_lossy(&self) -> Result<Cow<'_, str>> {
        self.count(self.bytes.len())?;
        Reader::to_string_lossy(&self.bytes)
    }

    fn read_slice(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.count(buffer.len())?;
        self.bytes.read_slice(buffer)
    }
}
