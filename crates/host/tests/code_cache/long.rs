//! Files of more than a megabyte, which are copied and hashed in pieces and then mapped.

use std::fmt::Write;
use std::fs;

use hookcell_host::CodeFrom;

use crate::support::call;
use crate::support::directory::Directory;
use crate::{GIB, entry, load, runtime};

/// The length of a piece.
const PIECE: usize = 1_024 * 1_024;

/// A guest whose code has more than three pieces, and that answers only if it finds its data.
fn long_guest() -> Vec<u8> {
    let mut functions = String::new();
    for function in 0..6_000 {
        let value = |step: i64| 0x5851_f42d_4c95_7f2d_i64.wrapping_mul(step + 8 * function);
        let body = (0..8).fold("(local.get 0)".to_owned(), |body, step| {
            format!("(i64.xor (i64.mul {body} (i64.const {})) (i64.load (i32.wrap_i64 (local.get 0))))", value(step))
        });
        writeln!(functions, "(func (param i64) (result i64) {body})").unwrap();
    }
    let guest = format!(
        r#"(module (memory (export "memory") 2)
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "dealloc") (param i32 i32))
            (data (i32.const 70000) "its data")
            (func (export "before_hook") (param i32 i32) (result i64)
                (if (i64.ne (i64.load (i32.const 70000)) (i64.const 0x6174616420737469)) (then unreachable))
                (i64.const 0))
            {functions})"#
    );
    wat::parse_str(guest).unwrap()
}

#[test]
fn a_long_file_is_used_and_is_not_if_any_piece_of_it_is_damaged() {
    let directory = Directory::new("cache-long");
    let guest = long_guest();
    assert_eq!(load(&directory.0, &guest), CodeFrom::Compiler);
    assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
    let entry = entry(&directory.0);
    let good = fs::read(&entry).unwrap();
    assert!(good.len() > 3 * PIECE, "{}", good.len());
    let is_used = |contents: &[u8]| {
        fs::write(&entry, contents).unwrap();
        // Its code half is found before it is compiled, so it is compiled only if the file is not used.
        let info = runtime(&directory.0, GIB).load_plugin_bytes("guest", &guest).unwrap();
        info.code_from == CodeFrom::Cache
    };
    assert!(is_used(&good));
    for at in [0, PIECE, 2 * PIECE + 1, good.len() - 1] {
        let mut flipped = good.clone();
        flipped[at] ^= 0x80;
        assert!(!is_used(&flipped), "byte {at}");
    }
    let mut swapped = good.clone();
    swapped[..2 * PIECE].rotate_left(PIECE);
    assert!(!is_used(&swapped), "two pieces are swapped");
    assert!(!is_used(&good[..good.len() - 1]), "it is cut off");
    assert!(!is_used(&[&good[..], b"0"].concat()), "it is extended");
}

#[test]
fn loaded_code_stays_as_it_is_when_its_file_is_changed_or_cut_off() {
    let directory = Directory::new("cache-long-changed");
    let guest = long_guest();
    load(&directory.0, &guest);
    let runtime = runtime(&directory.0, GIB);
    assert_eq!(runtime.load_plugin_bytes("guest", &guest).unwrap().code_from, CodeFrom::Cache);
    let entry = entry(&directory.0);
    let length = fs::metadata(&entry).unwrap().len();
    // In place, which hookcell itself never does. No part of the code has been run, or read, yet.
    fs::write(&entry, vec![0xcc; usize::try_from(length).unwrap()]).unwrap();
    assert_eq!(call(&runtime, "guest")["ok"], true);
    fs::write(&entry, b"").unwrap();
    assert_eq!(call(&runtime, "guest")["ok"], true);
}
