//! The bytes of a JSON string that do not stand for themselves.

/// Bytes that are looked at together.
pub(crate) const WORD: usize = size_of::<u64>();

/// The index of the first byte that does not stand for itself in a string: a quote, a backslash, a control character. The
/// number of bytes if there is none.
///
/// All bytes are compared at once. A byte that is not special can look as if it were, but only behind one that is.
pub(crate) fn first_special(bytes: [u8; WORD]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHS: u64 = ONES << 7;
    let word = u64::from_le_bytes(bytes);
    let quotes = word ^ (ONES.wrapping_mul(u64::from(b'"')));
    let backslashes = word ^ (ONES.wrapping_mul(u64::from(b'\\')));
    let found = (word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word)
        | (quotes.wrapping_sub(ONES) & !quotes)
        | (backslashes.wrapping_sub(ONES) & !backslashes);
    ((found & HIGHS).trailing_zeros() / u8::BITS) as usize
}
