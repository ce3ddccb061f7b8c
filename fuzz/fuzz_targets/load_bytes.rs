//! Loads arbitrary bytes, and calls their hooks if they are a plugin.

#![no_main]

use hookcell_fuzz::sandbox;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = sandbox::load_and_call(bytes);
});
