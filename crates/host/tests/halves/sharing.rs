//! What plugins of the same code share.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use hookcell_host::{CodeCache, CodeFrom, CompilerProcess, Context, HookCall, LoadOptions, Split};

use crate::guest::{Guest, answer, load, runtime};
use crate::support::directory::Directory;
use crate::support::{CONTEXT, call, fault};

#[test]
fn plugins_that_differ_in_all_but_their_code_share_it_and_keep_what_is_their_own() {
    let runtime = runtime(Split::Always);
    let one = load(&runtime, "one", &Guest::default().bytes());
    assert_eq!(one.code_from, CodeFrom::Compiler);
    assert!(one.data_bytes > 0);
    for (name, guest) in [
        ("data", Guest { text: "bb", ..Guest::default() }),
        ("a global", Guest { count: 49, ..Guest::default() }),
        ("zero in a global", Guest { count: 0, ..Guest::default() }),
        ("pages", Guest { memory: "3 40", ..Guest::default() }),
        ("a hook", Guest { exports: r#"(export "after_hook" (func $after))"#, ..Guest::default() }),
        (
            "another export",
            Guest { exports: r#"(export "grow" (func $alloc)) (export "g" (global $count))"#, ..Guest::default() },
        ),
        (
            "custom sections",
            Guest { more: r#"(@custom "producers" "x") (@custom ".debug_line" "y")"#, ..Guest::default() },
        ),
        ("a passive segment", Guest { more: r#"(data "never used")"#, ..Guest::default() }),
        ("more data", Guest { more: r#"(data (i32.const 600) "more")"#, ..Guest::default() }),
    ] {
        let info = load(&runtime, name, &guest.bytes());
        assert_eq!((info.code_from, info.code_bytes), (CodeFrom::Memory, one.code_bytes), "{name}");
        for _ in 0..2 {
            let count = (guest.count + 1) & 15;
            assert_eq!(answer(&runtime, name), format!("{}{count}", guest.text), "{name}");
        }
        assert_eq!(answer(&runtime, "one"), "aa1");
        let has_after_hook = info.hooks.iter().any(|hook| hook == "after_hook");
        assert_eq!(has_after_hook, name == "a hook");
    }
}

#[test]
fn plugins_of_the_same_code_choose_only_their_own_hooks() {
    let runtime = runtime(Split::Always);
    let plugin = |before: &str, after: &str, answer: &str| {
        let text = format!(
            r#"(module (memory (export "memory") 1)
                (func $alloc (export "alloc") (param i32) (result i32) (i32.const 4096))
                (func (export "dealloc") (param i32 i32))
                (func $one (param i32 i32) (result i64) (i64.const 0x200_00000020))
                (func $two (param i32 i32) (result i64) (i64.const 0x240_00000020))
                (func $stops (param i32 i32) (result i64) (unreachable))
                (export "before_hook" (func {before})) {after}
                (data (i32.const 512) "{{\22ok\22:true,\22ctx\22:{{\22data\22:\22{answer}1\22}}}}")
                (data (i32.const 576) "{{\22ok\22:true,\22ctx\22:{{\22data\22:\22{answer}2\22}}}}"))"#
        );
        wat::parse_str(text).unwrap()
    };
    let one = plugin("$one", r#"(export "after_hook" (func $two))"#, "aa");
    let other = plugin("$two", r#"(export "other_hook" (func $one))"#, "bb");
    let stops = plugin("$stops", "", "cc");
    for (name, bytes, from) in
        [("one", &one, CodeFrom::Compiler), ("other", &other, CodeFrom::Memory), ("stops", &stops, CodeFrom::Memory)]
    {
        assert_eq!(load(&runtime, name, bytes).code_from, from, "{name}");
    }
    for _ in 0..2 {
        assert_eq!((answer(&runtime, "one"), answer(&runtime, "other")), ("aa1".into(), "bb2".into()));
        assert_eq!(fault(&call(&runtime, "stops")).0, "ERR_TRAP");
    }
    for (plugin, hook) in [("one", "other_hook"), ("other", "after_hook"), ("stops", "after_hook"), ("one", "3")] {
        let context = Context::from_trusted_json(CONTEXT);
        let request = HookCall { plugin, hook, context: &context, sandbox: None, cancel: None, queued_at: None };
        let refused = runtime.call_hook_with(&request, |_| ()).unwrap_err();
        assert_eq!(refused.code(), "ERR_NO_HOOK", "{plugin}, {hook}");
    }
}

#[test]
fn code_that_differs_is_not_shared() {
    let runtime = runtime(Split::Always);
    load(&runtime, "one", &Guest::default().bytes());
    for (name, guest) in [
        ("a function", Guest { more: "(func)", ..Guest::default() }),
        ("a table", Guest { more: "(table 1 funcref)", ..Guest::default() }),
        ("a constant global", Guest { more: "(global i32 (i32.const 1))", ..Guest::default() }),
        ("a memory of at most 1 MiB", Guest { memory: "1 16", ..Guest::default() }),
        ("a start section", Guest { more: "(start $start) (func $start)", ..Guest::default() }),
    ] {
        assert_eq!(load(&runtime, name, &guest.bytes()).code_from, CodeFrom::Compiler, "{name}");
        assert_eq!(answer(&runtime, name), "aa1", "{name}");
    }
}

/// Their cells belong to different engines.
#[test]
fn plugins_of_the_same_code_with_a_small_and_a_large_memory_keep_what_is_their_own() {
    let runtime = runtime(Split::Always);
    for (text, memory) in [("aa", "1"), ("bb", "20"), ("cc", "2"), ("dd", "30 40")] {
        assert!(load(&runtime, text, &Guest { text, memory, ..Guest::default() }.bytes()).data_bytes > 0);
    }
    for text in ["dd", "aa", "bb", "cc", "bb", "aa"] {
        assert_eq!(answer(&runtime, text), format!("{text}1"));
    }
}

#[test]
fn code_is_kept_until_its_last_plugin_is_unloaded() {
    let runtime = runtime(Split::Always);
    let [one, other] = ["aa", "bb"].map(|text| Guest { text, ..Guest::default() }.bytes());
    load(&runtime, "one", &one);
    load(&runtime, "other", &other);
    runtime.unload_plugin("one");
    assert_eq!(load(&runtime, "one", &one).code_from, CodeFrom::Memory);
    runtime.unload_plugin("other");
    runtime.unload_plugin("one");
    assert_eq!(load(&runtime, "one", &one).code_from, CodeFrom::Compiler);
}

#[test]
fn plugins_of_the_same_code_that_are_loaded_at_once_compile_it_once() {
    const LOADS: u32 = 8;
    let runtime = runtime(Split::Always);
    let start = Barrier::new(LOADS as usize);
    let sources: Vec<CodeFrom> = thread::scope(|scope| {
        let loads = (0..LOADS).map(|number| {
            let (runtime, start) = (&runtime, &start);
            scope.spawn(move || {
                let guest = Guest { count: 48 + number.cast_signed(), ..Guest::default() };
                start.wait();
                load(runtime, &number.to_string(), &guest.bytes()).code_from
            })
        });
        loads.collect::<Vec<_>>().into_iter().map(|load| load.join().unwrap()).collect()
    });
    assert_eq!(sources.iter().filter(|from| **from == CodeFrom::Compiler).count(), 1, "{sources:?}");
    assert_eq!(sources.iter().filter(|from| **from == CodeFrom::Memory).count(), 7, "{sources:?}");
}

#[test]
fn a_plugin_whose_code_is_known_needs_no_compiler_process() {
    let directory = Directory::new("halves-isolate");
    let nothing = CompilerProcess {
        program: directory.path("no such program"),
        arguments: Vec::new(),
        timeout: Duration::from_secs(1),
        max_memory_bytes: 1 << 30,
    };
    let options = LoadOptions { isolate: Some(nothing), ..LoadOptions::default() };
    let runtime = runtime(Split::Always);
    let [one, other] = ["aa", "bb"].map(|text| Guest { text, ..Guest::default() }.bytes());
    let refused = runtime.load_plugin_bytes_with("one", &one, &options).unwrap_err();
    assert_eq!(refused.code(), "ERR_ISOLATE");
    load(&runtime, "one", &one);
    let shared = runtime.load_plugin_bytes_with("other", &other, &options).unwrap();
    assert_eq!((shared.code_from, shared.isolate), (CodeFrom::Memory, None));
    assert_eq!(answer(&runtime, "other"), "bb1");
}

#[test]
fn a_code_cache_keeps_the_code_of_all_its_plugins_once() {
    let directory = Directory::new("halves-cache");
    for (text, from) in [("aa", CodeFrom::Compiler), ("bb", CodeFrom::Cache), ("cc", CodeFrom::Cache)] {
        let cache = CodeCache::open(&directory.0, 1 << 30).unwrap();
        let runtime = runtime(Split::Always).with_code_cache(cache);
        let info = load(&runtime, "guest", &Guest { text, ..Guest::default() }.bytes());
        assert_eq!((info.code_from, info.data_bytes > 0), (from, true));
        assert_eq!(answer(&runtime, "guest"), format!("{text}1"));
    }
    let files = std::fs::read_dir(&directory.0).unwrap().count();
    assert_eq!(files, 2, "the secret and the code half");
}

#[test]
fn every_pool_slot_can_run_a_plugin_in_halves_at_the_same_time() {
    const SLOTS: usize = 4;
    let runtime = runtime(Split::Always);
    load(&runtime, "guest", &Guest::default().bytes());
    let start = Barrier::new(SLOTS);
    thread::scope(|scope| {
        for _ in 0..SLOTS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..5_000 {
                    assert_eq!(answer(&runtime, "guest"), "aa1");
                }
            });
        }
    });
}
