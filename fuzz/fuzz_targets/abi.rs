//! Guests whose behavior the fuzzer chooses, and the expected outcome of each call.

#![no_main]

use arbitrary::Arbitrary;
use hookcell_fuzz::guest::Guest;
use hookcell_fuzz::model::{Call, Expected};
use hookcell_fuzz::sandbox;
use hookcell_host::{Context, HookCall, HostError, LoadOptions};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    guest: Guest,
    calls: [Call; 3],
}

fuzz_target!(|input: Input| {
    let Input { guest, calls } = input;
    let runtime = sandbox::runtime();
    // The model runs the start-up in each call. Other targets check that running it at load makes no difference.
    let options = LoadOptions { pre_initialize: Some(false), ..LoadOptions::default() };
    let loaded = runtime.load_plugin_bytes_with(sandbox::PLUGIN, &guest.encode(), &options);
    if u64::from(guest.min_pages) > sandbox::MAX_MEMORY_PAGES {
        let error = loaded.expect_err("a memory beyond its limit");
        assert_eq!(error.limit_name(), Some("maxMemoryPages"), "{error}");
        return;
    }
    loaded.expect("a plugin");
    for call in calls {
        let context = call.context();
        let context = Context::from_trusted_json(context.as_str());
        let request = HookCall {
            plugin: sandbox::PLUGIN,
            hook: "before_hook",
            context: &context,
            sandbox: Some(&call.sandbox()),
            cancel: None,
            queued_at: None,
        };
        let expected = call.expected(&guest);
        let ran = runtime.call_hook_with(&request, |result| {
            sandbox::assert_readable(result);
            expected.assert_is(result);
        });
        match (ran, expected) {
            (Ok(()), _) => {}
            (Err(HostError::Limit { option, .. }), Expected::Limit(exceeded)) => assert_eq!(option, exceeded),
            (Err(HostError::HarmfulContext { .. }), Expected::Context) => {}
            (Err(error), expected) => panic!("{}: {error}, expected {expected:?}", error.code()),
        }
    }
});
