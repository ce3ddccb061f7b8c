//! What the author of a wrong plugin is told.

use hookcell_host::{Context, LimitOverrides};

use crate::support::{CONTEXT, runtime};

const DEALLOC: &str = r#"(func (export "dealloc") (param i32 i32))"#;
const ALLOC: &str = r#"(func (export "alloc") (param i32) (result i32) (i32.const 1024))"#;

fn plugin(memory: u32, alloc: &str, hook: &str) -> Vec<u8> {
    let hook = format!(r#"(func (export "before_hook") (param i32 i32) (result i64) {hook})"#);
    module(&format!(
        r#"(memory (export "memory") {memory}) (data (i32.const 16) "\22\ff\22") {alloc} {DEALLOC} {hook}"#
    ))
}

fn module(fields: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {fields})")).unwrap()
}

/// What the host says about a plugin, at its load or at its first call.
fn told(bytes: &[u8]) -> String {
    let runtime = runtime(&LimitOverrides::default());
    match runtime.load_plugin_bytes("wrong", bytes) {
        Err(error) => format!("{}: {error}", error.code()),
        Ok(_) => runtime.call_hook("wrong", "before_hook", &Context::from_json(CONTEXT).unwrap()).unwrap(),
    }
}

#[test]
fn each_usual_mistake_of_an_author_is_named_with_what_to_change() {
    let ok = "(i64.const 0)";
    let import = |from: &str, name: &str| module(&format!(r#"(import "{from}" "{name}" (func))"#));
    assert!(told(&plugin(1, ALLOC, ok)).contains(r#""ok":true"#), "the module that the rows are made of is right");

    let stack = format!(
        r#"(memory (export "memory") 257) (global $__stack_pointer (mut i32) (i32.const 16777216)) {ALLOC} {DEALLOC}
           (func (export "before_hook") (param i32 i32) (result i64) {ok})"#
    );
    let rows: [(&str, Vec<u8>, &str, &str); 14] = [
        ("a native target", b"\x7fELF\x02\x01\x01\0".to_vec(), "ERR_COMPILE", "build for a wasm32 target"),
        ("a component", b"\0asm\x0d\0\x01\0".to_vec(), "ERR_COMPILE", "without the component model"),
        ("no exports", module(r#"(memory (export "memory") 1)"#), "ERR_ABI", "mark them for export"),
        ("a command", module(r#"(memory (export "memory") 1) (func (export "_start"))"#), "ERR_ABI", "a reactor"),
        (
            "a wrong signature",
            module(&format!(
                r#"(memory (export "memory") 1) {ALLOC} {DEALLOC} (func (export "before_hook") (param i32) (result i32) (i32.const 0))"#
            )),
            "ERR_ABI",
            "must be (i32, i32) -> (i64), not (i32) -> (i32)",
        ),
        ("WASI", import("wasi_snapshot_preview1", "fd_write"), "ERR_IMPORT", "build for a freestanding target"),
        ("glue for JavaScript", import("wbg", "__wbg_now_1"), "ERR_IMPORT", "without wasm-bindgen"),
        ("abort", import("env", "abort"), "ERR_IMPORT", "--use abort="),
        ("a large stack", module(&stack), "ERR_LIMIT", "-z stack-size=65536"),
        ("an overrun", plugin(1, &ALLOC.replace("1024", "65530"), ok), "ERR_ABI", "grows the memory before it returns"),
        (
            "memory that grows too far",
            plugin(1, ALLOC, "(drop (memory.grow (i32.const 60000))) (i64.load (i32.const 1000000))"),
            "ERR_MEMORY",
            "maxMemoryPages",
        ),
        ("a result outside", plugin(1, ALLOC, "(i64.const 0x0000ffff00000003)"), "ERR_ABI", "(pointer << 32) | length"),
        ("not UTF-8", plugin(1, ALLOC, "(i64.const 0x0000001000000003)"), "ERR_RESULT", "encode its text as UTF-8"),
        ("an untold panic", plugin(1, ALLOC, "unreachable"), "ERR_TRAP", "built with its language's kit"),
    ];
    for (mistake, bytes, code, advice) in rows {
        let told = told(&bytes);
        assert!(told.contains(code) && told.contains(advice), "{mistake}: {told} has no {code} or no {advice}");
    }
}
