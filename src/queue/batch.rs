//! Replies on their way to JavaScript: numbers in an array that JavaScript owns, and one text for all of them.

use std::slice::IterMut;

use hookcell_host::Usage;
use napi::Either;
use napi::bindgen_prelude::Latin1String;
use napi_derive::napi;

use crate::call::call_reply::CallReply;
use crate::limits::number;
use crate::queue::delivery::{Batch, MOST_REPLIES, MOST_STEPS};

/// The numbers before those of the first reply: how many replies there are, and 1 if more are left.
#[napi]
pub const BATCH_HEAD: u32 = 2;

/// The numbers of a reply: its call, the length of its text in UTF-16 units, its usage (fuel, memory in bytes, milliseconds in
/// the queue and running), and how many steps of a chain follow. Fuel is -1 if it is unknown, and NaN if there is no usage.
#[napi]
pub const REPLY_NUMBERS: u32 = 7;

/// The numbers of a step of a chain: its fuel, memory in bytes, and milliseconds running.
#[napi]
pub const STEP_NUMBERS: u32 = 3;

/// The numbers that a batch has at most.
#[napi]
pub const BATCH_NUMBERS: u32 = BATCH_HEAD + REPLY_NUMBERS * MOST_REPLIES + STEP_NUMBERS * MOST_STEPS;

/// Fuel that is unknown, because the guest trapped.
const UNKNOWN: f64 = -1.0;

/// The text of all replies, one after the other. Latin-1 crosses faster, and most texts are ASCII.
pub(crate) type BatchText = Either<Latin1String, String>;

/// Writes the numbers of a batch, and returns its text.
pub(crate) fn write(batch: Batch, is_left: bool, numbers: &mut [f64]) -> BatchText {
    let mut numbers = numbers.iter_mut();
    put(&mut numbers, [number(batch.len() as u64), f64::from(u8::from(is_left))]);
    let mut all = String::new();
    let mut is_ascii = true;
    for (id, reply) in batch {
        is_ascii &= reply.is_ascii();
        put_reply(&mut numbers, number(id), &reply);
        if all.is_empty() {
            all = reply.text;
        } else {
            all.push_str(&reply.text);
        }
    }
    text(all, is_ascii)
}

/// Writes the numbers of a reply as those of a batch of one, and returns its text. Its call has no number.
pub(crate) fn write_reply(reply: CallReply, numbers: &mut [f64]) -> BatchText {
    let mut numbers = numbers.iter_mut();
    put(&mut numbers, [1.0, 0.0]);
    put_reply(&mut numbers, f64::NAN, &reply);
    let is_ascii = reply.is_ascii();
    text(reply.text, is_ascii)
}

fn put_reply(numbers: &mut IterMut<'_, f64>, call: f64, reply: &CallReply) {
    let [fuel, memory, queued, run] = match reply.usage {
        Some(Usage { fuel, memory_bytes, queue_ms, run_ms }) => {
            [fuel_number(fuel), number(memory_bytes as u64), queue_ms, run_ms]
        }
        None => [f64::NAN, 0.0, 0.0, 0.0],
    };
    let steps = number(reply.steps.len() as u64);
    put(numbers, [call, number(reply.utf16_len as u64), fuel, memory, queued, run, steps]);
    for Usage { fuel, memory_bytes, run_ms, .. } in &reply.steps {
        put(numbers, [fuel_number(*fuel), number(*memory_bytes as u64), *run_ms]);
    }
}

fn fuel_number(fuel: Option<u64>) -> f64 {
    fuel.map_or(UNKNOWN, number)
}

/// Writes as many of these as there is room for.
fn put<const COUNT: usize>(numbers: &mut IterMut<'_, f64>, values: [f64; COUNT]) {
    // In this order, because `zip` takes from the first before it sees that the second has ended.
    for (value, place) in values.into_iter().zip(numbers) {
        *place = value;
    }
}

fn text(text: String, is_ascii: bool) -> BatchText {
    if is_ascii { Either::A(text.into()) } else { Either::B(text) }
}

#[cfg(test)]
mod tests {
    use hookcell_host::{MAX_CHAIN, Usage};
    use napi::Either;

    use super::{BATCH_HEAD, BATCH_NUMBERS, REPLY_NUMBERS, STEP_NUMBERS, write};
    use crate::call::call_reply::CallReply;
    use crate::queue::delivery::Delivery;

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
        let usage = [7.0, 65_536.0, 0.5, 0.25, 0.0];
        assert_eq!(numbers, [[2.0, 1.0].as_slice(), &[3.0, 0.0], &usage, &[9.0, 2.0], &usage].concat());
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
        assert!(numbers[11].is_nan());
    }
    #[test]
    fn the_steps_of_a_chain_follow_its_reply() {
        let steps = vec![USAGE, Usage { fuel: None, ..USAGE }];
        let chain = CallReply { steps, ..reply("", Some(USAGE)) };
        let mut numbers = vec![f64::INFINITY; BATCH_NUMBERS as usize];
        write(vec![(1, chain), (2, reply("", None))], false, &mut numbers);
        let second = (BATCH_HEAD + REPLY_NUMBERS + 2 * STEP_NUMBERS) as usize;
        assert_eq!(numbers[8..second], [2.0, 7.0, 65_536.0, 0.25, -1.0, 65_536.0, 0.25]);
        assert_eq!(numbers[second..=second + 1], [2.0, 0.0]);
    }

    #[test]
    fn a_batch_of_the_longest_chains_fits() {
        let steps = vec![USAGE; MAX_CHAIN as usize];
        let mut delivery = Delivery::new(usize::MAX);
        for id in 0..1_000 {
            delivery.add(None, id, CallReply { steps: steps.clone(), ..reply("", Some(USAGE)) });
        }
        let batch = delivery.take(usize::MAX, true);
        assert!(batch.len() > 1);
        let used = BATCH_HEAD as usize + batch.len() * (REPLY_NUMBERS + MAX_CHAIN * STEP_NUMBERS) as usize;
        assert!(used <= BATCH_NUMBERS as usize);
        let mut numbers = vec![f64::INFINITY; BATCH_NUMBERS as usize];
        write(batch, true, &mut numbers);
        assert!(numbers[used - 1].is_finite());
    }
}
