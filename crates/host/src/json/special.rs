//! The bytes of a JSON string that do not stand for themselves, and the escapes that they begin.

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

/// What an escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escaped {
    Character(char),
    /// Half of a surrogate pair without the other half, which is no Unicode.
    Half(u16),
}

/// Resolves the escape behind a backslash. Returns what follows it.
pub(crate) fn escape(after: &[u8]) -> Option<(Escaped, &[u8])> {
    let (letter, rest) = after.split_first()?;
    let character = match letter {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return escaped_unit(rest),
        itself => char::from(*itself),
    };
    Some((Escaped::Character(character), rest))
}

fn escaped_unit(digits: &[u8]) -> Option<(Escaped, &[u8])> {
    let (first, rest) = unit(digits)?;
    let second = rest.strip_prefix(b"\\u").and_then(unit);
    let pair = second.and_then(|(second, rest)| {
        let mut characters = char::decode_utf16([first, second]);
        // Of two units that are no pair, the second is read by itself.
        let character = characters.next()?.ok().filter(|_| characters.next().is_none())?;
        Some((Escaped::Character(character), rest))
    });
    pair.or_else(|| Some((char::from_u32(u32::from(first)).map_or(Escaped::Half(first), Escaped::Character), rest)))
}

/// Reads four hexadecimal digits. Returns what follows them.
fn unit(text: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((unit, rest))
}
