//! What the memory of a plugin begins with.

/// The three numbers at the end of what is written.
const END_BYTES: usize = 24;

/// What a memory begins with, in one piece; zeros elsewhere.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct InitialData {
    /// Where the bytes begin in the memory.
    pub(crate) begins: usize,
    pub(crate) bytes: Vec<u8>,
    /// Has the compiled module no data of its own?
    pub(crate) is_all: bool,
}

impl InitialData {
    /// Itself as bytes, with others.
    pub(crate) fn with(&self, others: &[u8]) -> Vec<u8> {
        let end = [self.begins as u64, self.bytes.len() as u64, u64::from(self.is_all)].map(u64::to_le_bytes);
        [&self.bytes, others, end.as_flattened()].concat()
    }

    /// The data that [`Self::with`] wrote, and what was with it. The data comes first, so that it is not copied.
    pub(crate) fn split_from(mut written: Vec<u8>) -> Option<(Self, Vec<u8>)> {
        let end = written.split_off(written.len().checked_sub(END_BYTES)?);
        let [begins, length, is_all] = *end.as_chunks::<8>().0.first_chunk::<3>()?;
        let is_all = u64::from_le_bytes(is_all) == 1;
        let [begins, length] = [begins, length].map(|number| usize::try_from(u64::from_le_bytes(number)).ok());
        let length = length?;
        if length > written.len() {
            return None;
        }
        let others = written.split_off(length);
        Some((Self { begins: begins?, bytes: written, is_all }, others))
    }
}
