//! A range of a guest's memory, as the guest gives it.

use std::ops::Range;

/// A pointer and a length, both unsigned. A hook returns one for its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GuestSlice {
    pointer: u32,
    length: u32,
}

impl GuestSlice {
    pub(crate) fn new(pointer: u32, length: u32) -> Self {
        Self { pointer, length }
    }

    #[expect(clippy::cast_possible_truncation, reason = "it takes the two halves")]
    pub(crate) fn unpack(packed: u64) -> Self {
        Self { pointer: (packed >> 32) as u32, length: packed as u32 }
    }

    pub(crate) fn pointer(self) -> u32 {
        self.pointer
    }

    pub(crate) fn length(self) -> u32 {
        self.length
    }

    pub(crate) fn len(self) -> usize {
        self.length as usize
    }

    /// The bytes in this memory; `None` if any are outside it.
    pub(crate) fn of(self, memory: &[u8]) -> Option<&[u8]> {
        memory.get(self.pointer as usize..)?.get(..self.len())
    }

    /// Where it is in a memory, which may be shorter.
    pub(crate) fn range(self) -> Range<usize> {
        let begins = self.pointer as usize;
        begins..begins.saturating_add(self.len())
    }
}

impl std::fmt::Display for GuestSlice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} bytes at {:#x}", self.length, self.pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::GuestSlice;

    #[test]
    fn both_halves_of_a_packed_result_are_unsigned() {
        let slice = GuestSlice::unpack(0xffff_fff0_8000_0001);
        assert_eq!(slice, GuestSlice::new(0xffff_fff0, 0x8000_0001));
    }

    #[test]
    fn a_slice_that_ends_outside_the_memory_is_none() {
        let memory = [0; 16];
        assert_eq!(GuestSlice::new(0, 16).of(&memory).map(<[u8]>::len), Some(16));
        assert_eq!(GuestSlice::new(16, 0).of(&memory).map(<[u8]>::len), Some(0));
        assert_eq!(GuestSlice::new(0, 17).of(&memory), None);
        assert_eq!(GuestSlice::new(17, 0).of(&memory), None);
        assert_eq!(GuestSlice::new(u32::MAX, u32::MAX).of(&memory), None);
    }
}
