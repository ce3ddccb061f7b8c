//! A plugin's data is what the module says, wherever its memory comes from.

use std::fmt::Write;

use hookcell_host::{LimitOverrides, LoadOptions, WasmRuntime};
use serde_json::Value;

use crate::support;
use crate::tenant::{From, Random};

/// Digests its whole memory and answers with the digest, or traps before it does.
fn guest(code: &str, start: &str) -> String {
    format!(
        r#"(module
          (memory (export "memory") 3)
          (func (export "alloc") (param i32) (result i32) (i32.const 0x2f000))
          (func (export "dealloc") (param i32 i32))
          {start}
          (func (export "before_hook") (param i32 i32) (result i64)
            (local $at i32) (local $sum i64)
            {code}
            (loop $next
              (local.set $sum (i64.mul (i64.xor (i64.rotl (local.get $sum) (i64.const 5)) (i64.load (local.get $at)))
                (i64.const 0x9e3779b97f4a7c15)))
              (local.set $at (i32.add (local.get $at) (i32.const 8)))
              (br_if $next (i32.lt_u (local.get $at) (i32.shl (memory.size) (i32.const 16)))))
            (memory.fill (i32.const 0) (i32.const 0x20) (i32.const 64))
            (i64.store (i32.const 0) (i64.const 0x66_3a_22_6b_6f_22_7b_20))
            (i64.store (i32.const 7) (i64.const 0x22_2c_65_73_6c_61_66))
            (i64.store (i32.const 14) (i64.const 0x22_3a_22_72_6f_72_72_65))
            (local.set $at (i32.const 0))
            (loop $digit
              (i32.store8 (i32.add (i32.const 22) (local.get $at))
                (i32.add (i32.const 0x61) (i32.and (i32.wrap_i64 (local.get $sum)) (i32.const 15))))
              (local.set $sum (i64.shr_u (local.get $sum) (i64.const 4)))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br_if $digit (i32.lt_u (local.get $at) (i32.const 16))))
            (i32.store16 (i32.const 38) (i32.const 0x7d22))
            (i64.const 40)))"#
    )
}

fn random_guest(random: &mut Random) -> String {
    let (mut segments, mut code) = (String::new(), String::new());
    let count = random.below(6);
    for _ in 0..count {
        let length = *random.one_of(&[0, 1, 7, 300, 4_096, 9_000]);
        let bytes = (0..length).fold(String::new(), |mut bytes, _| {
            write!(bytes, "\\{:02x}", random.below(256)).unwrap();
            bytes
        });
        let offset = *random.one_of(&[0, 5, 4_090, 4_096, 65_530, 0x2_0000, 0x2_cfff, 0x2_ffff, 0x3_0000]);
        let place = match random.below(12) {
            0..=2 => String::new(),
            3 if random.below(4) == 0 => "(i32.add (i32.const 3) (i32.const 4000))".to_owned(),
            _ if length > 0x3_0000 - offset && random.below(8) > 0 => "(i32.const 9)".to_owned(),
            _ => format!("(i32.const {offset})"),
        };
        write!(segments, r#"(data {place} "{bytes}")"#).unwrap();
    }
    for _ in 0..random.below(4) {
        if count == 0 {
            break;
        }
        let segment = random.below(count);
        let (to, from, length) = (random.below(0x2_0000), random.below(3), *random.one_of(&[0, 0, 1, 4, 300]));
        match random.below(3) {
            0 => write!(code, "(data.drop {segment})").unwrap(),
            1 => write!(code, "(drop (memory.grow (i32.const 1)))").unwrap(),
            _ => write!(code, "(memory.init {segment} (i32.const {to}) (i32.const {from}) (i32.const {length}))")
                .unwrap(),
        }
    }
    let start = match random.below(4) {
        0 => r#"(func (export "_initialize") (i64.store (i32.const 5000) (i64.const -2)))"#,
        1 => "(func $start (i64.store (i32.const 5000) (i64.const -2))) (start $start)",
        _ => "",
    };
    // Segments are in the text where a module has them: after the functions.
    guest(&code, start).strip_suffix(')').unwrap().to_owned() + &segments + ")"
}

#[test]
fn a_plugin_finds_the_same_data_in_every_kind_of_memory() {
    let engines = [From::Slots(1), From::Pool(1), From::OnDemand].map(From::engine);
    let runtimes = engines.map(|engine| WasmRuntime::with_engine(engine, &LimitOverrides::default()).unwrap());
    let mut random = Random(41);
    let mut answers = 0;
    for _ in 0..200 {
        let source = random_guest(&mut random);
        let module = wat::parse_str(&source).unwrap_or_else(|error| panic!("{error} in {source}"));
        let options = LoadOptions { pre_initialize: (random.below(2) == 0).then_some(false), ..LoadOptions::default() };
        let outcomes = runtimes.each_ref().map(|runtime| {
            if let Err(error) = runtime.load_plugin_bytes_with("guest", &module, &options) {
                return [0, 1].map(|_| Value::String(error.to_string()));
            }
            [0, 1].map(|_| {
                let mut result = support::call(runtime, "guest");
                let usage = result["usage"].take();
                serde_json::json!([result, usage["fuelUsed"], usage["memoryBytes"]])
            })
        });
        assert_eq!(outcomes[0], outcomes[2], "{source}");
        assert_eq!(outcomes[1], outcomes[2], "{source}");
        assert_eq!(outcomes[0][0], outcomes[0][1], "{source}");
        let result = &outcomes[0][0][0];
        if result["fault"].is_null() && result["error"].is_string() {
            assert_eq!(result["error"].as_str().map(str::len), Some(16), "{result}");
            answers += 1;
        }
    }
    assert!(answers > 100, "{answers} plugins answered");
}
