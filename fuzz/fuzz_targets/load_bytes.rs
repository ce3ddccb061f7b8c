//! Any bytes at all, handed to the loader; hooks that come of them are called.

#![no_main]

use hookcell_fuzz::sandbox;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = sandbox::load_and_call(bytes);
});
