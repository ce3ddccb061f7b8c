//! Arbitrary bytes as a plugin's result, and the host's reading of them compared with a second reader's.

#![no_main]

use std::sync::LazyLock;

use hookcell_fuzz::answer::Answer;
use hookcell_fuzz::sandbox;
use hookcell_host::{Context, HookCall, HostError, LimitOverrides, WasmRuntime};
use libfuzzer_sys::fuzz_target;

const PLUGIN: &str = "latin1";

/// Decoding costs the guest about 20 units for each byte.
const FUEL: u64 = 10_000_000;

static RUNTIME: LazyLock<&WasmRuntime> = LazyLock::new(|| {
    let guest = wat::parse_str(include_str!("../src/latin1.wat")).expect("a module");
    sandbox::runtime().load_plugin_bytes(PLUGIN, &guest).expect("a plugin");
    sandbox::runtime()
});

fuzz_target!(|bytes: &[u8]| {
    // The lower half of each character, so that nothing in the context is a key.
    let characters = bytes.iter().filter_map(|byte| char::from_u32(0x100 | u32::from(*byte)));
    let context = Context::from_trusted_json(characters.collect::<String>());
    let sandbox = LimitOverrides { max_fuel: Some(FUEL), ..LimitOverrides::default() };
    let request = HookCall {
        plugin: PLUGIN,
        hook: "before_hook",
        context: &context,
        sandbox: Some(&sandbox),
        cancel: None,
        queued_at: None,
    };
    let answer = Answer::read(bytes);
    let read = RUNTIME.call_hook_with(&request, |result| {
        sandbox::assert_readable(result);
        answer.assert_is(&result.outcome);
    });
    match read {
        // This context has no parts that a patch could change.
        Err(HostError::Context(_)) if answer == Answer::Patched => {}
        read => read.expect("a call"),
    }
});
