//! How many threads libuv's pool has.

use std::env;

use napi_derive::napi;

/// The variable that sizes the pool, its default and its bound, as in libuv.
const VARIABLE: &str = "UV_THREADPOOL_SIZE";
const DEFAULT: u32 = 4;
const MOST: u32 = 1_024;

/// The number of threads in libuv's pool: 1 to 1,024, 4 by default.
///
/// It comes from the environment of the process, which libuv reads, and not from a `Worker`'s copy of it.
#[napi]
#[must_use]
pub fn libuv_threads() -> u32 {
    match env::var_os(VARIABLE) {
        Some(size) => threads(size.as_encoded_bytes()),
        None => DEFAULT,
    }
}

/// The number that libuv reads from the variable: C's `atoi`, taken as unsigned, and at least 1.
fn threads(size: &[u8]) -> u32 {
    atoi(size).cast_unsigned().clamp(1, MOST)
}

/// C's `atoi` on the systems that Node.js runs on: white space, a sign, digits; the rest is ignored.
#[expect(clippy::cast_possible_truncation, reason = "C truncates in the same way, from `long` to `int`")]
fn atoi(text: &[u8]) -> i32 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, text),
    };
    let digits = digits.iter().map_while(|byte| char::from(*byte).to_digit(10));
    let value = digits.fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(digit.into()));
    (if negative { value.saturating_neg() } else { value }) as i32
}

#[cfg(test)]
mod tests {
    use super::threads;

    #[test]
    fn the_pool_is_as_large_as_libuv_makes_it() {
        for (size, expected) in [
            ("8", 8),
            (" 8", 8),
            ("+8", 8),
            ("8abc", 8),
            ("1e1", 1),
            ("0x10", 1),
            ("3.9", 3),
            ("", 1),
            ("abc", 1),
            ("0", 1),
            ("1024", 1_024),
            ("1025", 1_024),
            // libuv takes a negative number for a large one.
            ("-1", 1_024),
            ("4294967296", 1),
            ("99999999999999999999", 1_024),
        ] {
            assert_eq!(threads(size.as_bytes()), expected, "{size:?}");
        }
    }
}
