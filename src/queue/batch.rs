//! Replies on their way to JavaScript: numbers in an array that JavaScript owns, and one text for all of them.

use hookcell_host::Usage;
use napi::Either;
use napi::bindgen_prelude::Latin1String;
use napi_derive::napi;

use crate::limits::number;
use crate::queue::delivery::{Batch, MOST_REPLIES};

/// The numbers before those of the first reply: how many replies there are, and 1 if more are left.
#[napi]
pub const BATCH_HEAD: u32 = 2;

/// The numbers of a reply: its call, the length of its text in UTF-16 units, and its usage: fuel, memory in bytes,
/// milliseconds in the queue and running. Fuel is -1 if it is unknown, and NaN if the text has the usage, or there is none.
#[napi]
pub const REPLY_NUMBERS: u32 = 6;

/// The numbers that a batch has at most.
#[napi]
pub const BATCH_NUMBERS: u32 = BATCH_HEAD + REPLY_NUMBERS * MOST_REPLIES;

/// Fuel that is unknown, because the guest trapped.
const UNKNOWN: f64 = -1.0;

/// The text of all replies, one after the other. Latin-1 crosses faster, and most texts are ASCII.
pub(crate) type BatchText = Either<Latin1String, String>;

/// Writes the numbers of a batch, and returns its text.
pub(crate) fn write(batch: Batch, is_left: bool, numbers: &mut [f64]) -> BatchText {
    let (head, rows) = numbers.split_at_mut_checked(BATCH_HEAD as usize).unwrap_or_default();
    let rows = rows.chunks_exact_mut(REPLY_NUMBERS as usize);
    for (place, value) in head.iter_mut().zip([number(batch.len() as u64), f64::from(u8::from(is_left))]) {
        *place = value;
    }
    let mut all = String::new();
    let mut is_ascii = true;
    for ((id, reply), row) in batch.into_iter().zip(rows) {
        is_ascii &= reply.utf16_len == reply.text.len();
        let [fuel, memory, queued, run] = match reply.usage {
            Some(Usage { fuel, memory_bytes, queue_ms, run_ms }) => {
                [fuel.map_or(UNKNOWN, number), number(memory_bytes as u64), queue_ms, run_ms]
            }
            None => [f64::NAN, 0.0, 0.0, 0.0],
        };
        let values = [number(id), number(reply.utf16_len as u64), fuel, memory, queued, run];
        for (place, value) in row.iter_mut().zip(values) {
            *place = value;
        }
        if all.is_empty() {
            all = reply.text;
        } else {
            all.push_str(&reply.text);
        }
    }
    if is_ascii { Either::A(all.into()) } else { Either::B(all) }
}

#[cfg(test)]
mod tests {
    use hookcell_host::Usage;
    use napi::Either;

    use super::{BATCH_HEAD, BATCH_NUMBERS, REPLY_NUMBERS, write};
    use crate::call::call_reply::CallReply;

    const USAGE: Usage = Usage { fuel: Some(7), memory_bytes: 65_536, queue_ms: 0.5, run_ms: 0.25 };

    fn reply(text: &str, usage: Option<Usage>) -> CallReply {
        CallReply { usage, ..CallReply::from(text.to_owned()) }
    }

    fn written(replies: Vec<(u64, CallReply)>, is_left: bool) -> (Vec<f64>, Either<Vec<u8>, String>) {
        let used = BATCH_HEAD as usize + REPLY_NUMBERS as usize * replies.len();
        let mut numbers = vec![f64::INFINITY; BATCH_NUMBERS as usize];
        let text = match write(replies, is_left, &mut numbers) {
            Either::A(latin1) => Either::A(latin1.to_vec()),
            Either::B(text) => Either::B(text),
        };
        assert!(numbers[used..].iter().all(|number| number.is_infinite()));
        numbers.truncate(used);
        (numbers, text)
    }

    #[test]
    fn a_batch_is_its_numbers_and_one_text() {
        let (numbers, text) = written(vec![(3, reply("", Some(USAGE))), (9, reply("ab", Some(USAGE)))], true);
        assert_eq!(numbers, [2.0, 1.0, 3.0, 0.0, 7.0, 65_536.0, 0.5, 0.25, 9.0, 2.0, 7.0, 65_536.0, 0.5, 0.25]);
        assert!(matches!(text, Either::A(text) if text == b"ab"));
        let (numbers, text) = written(Vec::new(), false);
        assert_eq!(numbers, [0.0, 0.0]);
        assert!(matches!(text, Either::A(text) if text.is_empty()));
    }

    #[test]
    fn lengths_are_those_of_javascript_and_only_ascii_crosses_as_latin1() {
        let (numbers, text) =
            written(vec![(1, reply("é", None)), (2, reply("a😀", None)), (3, reply("b", None))], false);
        let lengths: Vec<f64> = numbers.iter().copied().skip(3).step_by(REPLY_NUMBERS as usize).collect();
        assert_eq!(lengths, [1.0, 3.0, 1.0]);
        assert!(matches!(text, Either::B(text) if text == "éa😀b"));
    }

    #[test]
    fn fuel_that_is_unknown_differs_from_usage_that_is_in_the_text() {
        let unknown = Usage { fuel: None, ..USAGE };
        let (numbers, _) = written(vec![(1, reply("{}", Some(unknown))), (2, reply("{}", None))], false);
        assert!((numbers[4] - -1.0).abs() < f64::EPSILON);
        assert!(numbers[10].is_nan());
    }
}
