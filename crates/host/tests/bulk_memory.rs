//! Filling and copying much memory is stopped at the deadline, and has the same effect as before.

mod support;

use std::time::{Duration, Instant};

use hookcell_host::{LimitOverrides, LoadOptions, WasmRuntime};
use serde_json::Value;
use support::{CONTEXT, call, call_with, fault, runtime, runtimes_of_each_allocation};

const MIB: u32 = 1 << 20;
const PIECE: u32 = MIB / 4;

fn guest(memory: &str, definitions: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") {memory})
            {definitions}
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32)))"#
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

fn hook(body: &str) -> String {
    format!(r#"(func (export "before_hook") (param i32 i32) (result i64) {body} (i64.const 0))"#)
}

/// A deadline of 5 ms, and all other limits at their bounds.
fn hasty() -> LimitOverrides {
    LimitOverrides {
        timeout_ms: Some(5),
        max_fuel: Some(1 << 50),
        max_memory_pages: Some(32_768),
        ..LimitOverrides::default()
    }
}

fn load(runtime: &WasmRuntime, bytes: &[u8], sandbox: &LimitOverrides, pre_initialize: Option<bool>) -> bool {
    let options = LoadOptions { sandbox: *sandbox, pre_initialize, ..LoadOptions::default() };
    runtime.load_plugin_bytes_with("guest", bytes, &options).unwrap().pre_initialized
}

/// As one instruction, 1 GiB takes at least 700 ms.
fn assert_stopped(runtime: &WasmRuntime, what: &str) {
    let started = Instant::now();
    let (code, message) = fault(&call(runtime, "guest"));
    assert_eq!(code, "ERR_TIMEOUT", "{what}: {message}");
    assert!(started.elapsed() < Duration::from_millis(400), "{what} took {:?}", started.elapsed());
}

#[test]
fn a_long_fill_or_copy_is_stopped_at_its_deadline() {
    const OPERATIONS: [&str; 4] = [
        "(memory.fill (i32.const 0) (i32.const 0x5a) (i32.const 0x3ff00000))",
        "(memory.copy (i32.const 0) (i32.const 0x20000000) (i32.const 0x20000000))",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 0x3ff00000))",
        "(memory.copy (i32.const 1) (i32.const 0) (i32.const 0x3ff00000))",
    ];
    for (allocation, runtime) in runtimes_of_each_allocation() {
        for operation in OPERATIONS {
            load(&runtime, &guest("16384", &hook(operation)), &hasty(), None);
            assert_stopped(&runtime, &format!("{operation}, {allocation:?}"));
            let start = format!("(func $start {operation}) (start $start) {}", hook(""));
            for pre_initialize in [None, Some(false)] {
                assert!(!load(&runtime, &guest("16384", &start), &hasty(), pre_initialize));
                assert_stopped(&runtime, &format!("{operation} at start, {allocation:?}"));
            }
        }
    }
}

#[test]
fn a_fill_that_takes_longer_than_the_deadline_has_no_answer() {
    let fill = "(memory.fill (i32.const 0) (i32.const 0x5a) (i32.const 0x4000000))";
    let runtime = runtime(&LimitOverrides::default());
    load(&runtime, &guest("1024", &hook(&fill.repeat(4))), &hasty(), None);
    assert_stopped(&runtime, "64 MiB, four times");
    let patient = LimitOverrides { timeout_ms: Some(60_000), ..hasty() };
    assert_eq!(call_with(&runtime, "guest", CONTEXT, patient).unwrap()["ok"], true);
}

/// Fills its memory with numbers, fills or copies as its context says, and returns a checksum of its memory.
fn operator(memory: &str, others: &str) -> Vec<u8> {
    guest(
        memory,
        &format!(
            r#"{others}
        (func $number (param $at i32) (result i32)
            (local $value i32) (local $end i32)
            (local.set $end (i32.add (local.get $at) (i32.const 8)))
            (loop $next
                (local.set $value (i32.or
                    (i32.shl (local.get $value) (i32.const 4))
                    (i32.sub (i32.load8_u (local.get $at)) (i32.const 97))))
                (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end))))
            (local.get $value))
        (func (export "before_hook") (param $at i32) (param i32) (result i64)
            (local $kind i32) (local $to i32) (local $from i32) (local $length i32) (local $end i32) (local $sum i64)
            (local.set $kind (call $number (local.get $at)))
            (local.set $to (call $number (i32.add (local.get $at) (i32.const 8))))
            (local.set $from (call $number (i32.add (local.get $at) (i32.const 16))))
            (local.set $length (call $number (i32.add (local.get $at) (i32.const 24))))
            (local.set $end (i32.shl (memory.size) (i32.const 16)))
            (local.set $at (i32.const 0))
            (loop $next
                (i32.store (local.get $at) (i32.mul (i32.add (local.get $at) (i32.const 7)) (i32.const 0x9e3779b1)))
                (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
            (if (local.get $kind)
                (then (memory.copy (local.get $to) (local.get $from) (local.get $length)))
                (else (memory.fill (local.get $to) (local.get $from) (local.get $length))))
            (local.set $at (i32.const 0))
            (loop $next
                (local.set $sum (i64.add
                    (i64.mul (i64.rotl (local.get $sum) (i64.const 5)) (i64.const 0x9e3779b97f4a7c15))
                    (i64.load (local.get $at))))
                (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end))))
            (memory.init $answer (i32.const 0) (i32.const 0) (i32.const 45))
            (local.set $at (i32.const 26))
            (loop $next
                (i32.store8 (local.get $at)
                    (i32.add (i32.const 97) (i32.and (i32.wrap_i64 (local.get $sum)) (i32.const 15))))
                (local.set $sum (i64.shr_u (local.get $sum) (i64.const 4)))
                (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 42))))
            (i64.const 45))
        (data $answer "{{\"ok\":true,\"ctx\":{{\"data\":\"________________\"}}}}")"#
        ),
    )
}

fn request(numbers: [u32; 4]) -> String {
    let digits = numbers.iter().flat_map(|number| (0..8).rev().map(move |digit| number >> (digit * 4) & 15));
    digits.map(|digit| char::from(b'a' + u8::try_from(digit).unwrap())).collect()
}

fn random(seed: &mut u64, below: u32) -> u32 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    u32::try_from((*seed >> 33) % u64::from(below)).unwrap()
}

/// An offset near the border of two pieces, near the start or the end of the memory, or anywhere.
fn edge(seed: &mut u64) -> u32 {
    let edges = [0, PIECE, 2 * PIECE, 3 * PIECE, MIB];
    let near = edges[random(seed, 5) as usize].wrapping_add(random(seed, 9)).wrapping_sub(4);
    if random(seed, 3) == 0 { random(seed, MIB + 9) } else { near }
}

/// For comparison, a memory that cannot grow beyond 1 MiB uses the instructions themselves.
#[test]
fn filling_and_copying_in_pieces_has_the_same_effect_as_at_once() {
    let work = LimitOverrides { max_fuel: Some(1 << 40), timeout_ms: Some(60_000), ..LimitOverrides::default() };
    let many_functions = "(func)".repeat(17_000);
    for others in ["", many_functions.as_str()] {
        let runtime = runtime(&work);
        for (name, memory) in [("pieces", "16 17"), ("at once", "16 16")] {
            runtime.load_plugin_bytes(name, &operator(memory, others)).unwrap();
        }
        let mut seed = 0x5eed;
        let mut trapped = 0;
        for _ in 0..200 {
            let case = [random(&mut seed, 2), edge(&mut seed), edge(&mut seed), edge(&mut seed)];
            let [pieces, at_once] = ["pieces", "at once"].map(|plugin| {
                let result = call_with(&runtime, plugin, &request(case), LimitOverrides::default()).unwrap();
                (result["ctx"].clone(), result["error"].clone())
            });
            assert_eq!(pieces, at_once, "{case:?}");
            trapped += u32::from(pieces.1 != Value::Null);
        }
        assert!((20..180).contains(&trapped), "{trapped}");
    }
}

fn offsets_of(bytes: &[u8], instruction: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(instruction)).collect()
}

#[test]
fn a_backtrace_shows_the_plugins_own_frames_and_offsets() {
    let fill = "(memory.fill (i32.const 0) (i32.const 0) (i32.const -1))";
    let many_functions = "(func)".repeat(17_000);
    let body = r"(call $inner) (unreachable)";
    for others in ["", many_functions.as_str()] {
        let data = "(global $g (mut i32) (i32.const 0)) (func $start (global.set $g (i32.const 1))) (start $start)";
        let inner = format!("(func $inner (memory.fill (i32.const 0) (i32.const 0) (i32.const -1)) {fill})");
        let bytes = guest("17", &format!("{others} {data} {inner} {}", hook(body)));
        for (pre_initialize, is_ahead) in [(None, true), (Some(false), false)] {
            let runtime = runtime(&LimitOverrides { max_fuel: Some(1 << 50), ..LimitOverrides::default() });
            assert_eq!(load(&runtime, &bytes, &LimitOverrides::default(), pre_initialize), is_ahead);
            let result = call(&runtime, "guest");
            let backtrace = result["fault"]["backtrace"].as_array().unwrap();
            let fills = offsets_of(&bytes, &[0xfc, 0x0b, 0]);
            assert_eq!((fills.len(), backtrace.len()), (2, 2), "{backtrace:?}");
            assert_eq!(backtrace[0], format!("inner (wasm offset {:#x})", fills[0]));
            let trap = u64::try_from(offsets_of(&bytes, &[0x00, 0x42, 0x00, 0x0b])[0]).unwrap();
            let at = backtrace[1].as_str().unwrap().split("0x").nth(1).unwrap().trim_end_matches(')');
            let at = u64::from_str_radix(at, 16).unwrap();
            assert!((trap - 4..trap).contains(&at), "{at:#x} is the call before {trap:#x}");
        }
    }
}

#[test]
fn an_invalid_module_stays_invalid() {
    let fill = "(memory.fill (i32.const 0) (i32.const 0) (local.get 0))";
    let valid =
        guest("17", &format!("{} (func $one (param i32) {fill}) (func (call 7))", hook("")).replace("(call 7)", ""));
    assert!(runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &valid).is_ok());
    for definitions in [
        // Functions and types that exist only if some were added.
        "(func (param i32) (call 5 (local.get 0) (local.get 0) (local.get 0)))",
        "(func (param i32) (i32.const 0) (i32.const 0) (i32.const 0) (call 5))",
        "(export \"more\" (func 5))",
        "(table 1 funcref) (elem (i32.const 0) func 5)",
        "(global funcref (ref.func 5))",
    ] {
        let bytes = guest("17", &format!("{} (func $one (param i32) {fill}) {definitions}", hook("")));
        let error = runtime(&LimitOverrides::default()).load_plugin_bytes("guest", &bytes).unwrap_err();
        assert_eq!(error.code(), "ERR_COMPILE", "{definitions}: {error}");
    }
}

#[test]
fn fuel_is_the_same_in_each_call_and_counts_each_byte() {
    let runtime = runtime(&LimitOverrides { max_fuel: Some(1 << 40), ..LimitOverrides::default() });
    let fill = "(memory.fill (i32.const 0) (i32.const 0) (i32.const 0x100000))";
    load(&runtime, &guest("17", &hook(fill)), &LimitOverrides::default(), None);
    let used = |_| call(&runtime, "guest")["usage"]["fuel"].as_u64().unwrap();
    let [one, other] = [0, 1].map(used);
    assert_eq!(one, other);
    assert!((1 << 20..(1 << 20) + 200).contains(&one), "{one}");
}
