//! Files that are damaged, missing or written at the same time.

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use hookcell_host::CodeFrom;

use crate::support::directory::Directory;
use crate::support::fixture;
use crate::{GIB, entry, load, numbered, runtime};

/// Compiles although there is a file that `spoil` damaged, replaces it, and then uses it.
fn assert_replaced(directory: &Path, guest: &[u8], what: &str, spoil: impl FnOnce(&Path, Vec<u8>)) {
    let entry = entry(directory);
    let good = fs::read(&entry).unwrap();
    spoil(&entry, good.clone());
    assert_eq!(load(directory, guest), CodeFrom::Compiler, "{what}");
    assert_eq!(fs::read(&entry).unwrap(), good, "{what}");
    assert_eq!(load(directory, guest), CodeFrom::Cache, "{what}");
}

#[test]
fn a_file_with_a_bit_changed_anywhere_is_not_used_and_replaced() {
    let directory = Directory::new("cache-flipped");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let length = fs::read(entry(&directory.0)).unwrap().len();
    let ends = [0, 1, length - 33, length - 32, length - 1];
    for offset in (0..length).step_by(length / 24).chain(ends) {
        assert_replaced(&directory.0, &guest, &format!("byte {offset} of {length}"), |entry, mut contents| {
            contents[offset] ^= 1;
            fs::write(entry, contents).unwrap();
        });
    }
}

#[test]
fn a_file_that_was_cut_off_or_extended_is_not_used_and_replaced() {
    let directory = Directory::new("cache-cut");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let length = fs::read(entry(&directory.0)).unwrap().len();
    for cut in [0, 1, 31, 32, 33, length / 4, length / 2, length - 32, length - 1, length + 1, length + 4_096] {
        assert_replaced(&directory.0, &guest, &format!("{cut} bytes of {length}"), |entry, mut contents| {
            contents.resize(cut, 0);
            fs::write(entry, contents).unwrap();
        });
    }
}

#[test]
fn a_file_under_the_name_of_another_is_not_used_and_replaced() {
    let directory = Directory::new("cache-swapped");
    let (guest, other) = (numbered(1), numbered(2));
    load(&directory.0, &other);
    let code_of_other = fs::read(entry(&directory.0)).unwrap();
    fs::remove_file(entry(&directory.0)).unwrap();
    load(&directory.0, &guest);
    assert_replaced(&directory.0, &guest, "the other's code", |entry, _| fs::write(entry, code_of_other).unwrap());
}

#[test]
fn a_file_sealed_with_another_secret_is_not_used_and_replaced() {
    let (directory, other) = (Directory::new("cache-ours"), Directory::new("cache-theirs"));
    let guest = fixture("pass_through");
    for directory in [&directory, &other] {
        load(&directory.0, &guest);
    }
    let theirs = entry(&other.0);
    assert_replaced(&directory.0, &guest, "their file", |entry, _| {
        fs::copy(theirs, entry).unwrap();
    });
}

#[test]
fn a_directory_with_the_name_of_a_file_only_prevents_caching() {
    let directory = Directory::new("cache-no-file");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let entry = entry(&directory.0);
    fs::remove_file(&entry).unwrap();
    fs::create_dir(&entry).unwrap();
    assert_eq!(load(&directory.0, &guest), CodeFrom::Compiler);
    assert!(entry.is_dir());
    let files = fs::read_dir(&directory.0).unwrap().count();
    assert_eq!(files, 2, "the draft is removed; the secret and the directory are left");
}

#[test]
fn processes_that_start_at_once_share_a_secret_and_write_whole_files() {
    const PROCESSES: usize = 4;
    let guest = fixture("pass_through");
    for round in 0..8 {
        let directory = Directory::new(&format!("cache-race-{round}"));
        let start = Barrier::new(PROCESSES);
        thread::scope(|scope| {
            for _ in 0..PROCESSES {
                scope.spawn(|| {
                    start.wait();
                    load(&directory.0, &guest);
                });
            }
        });
        assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
        assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 2, "the secret and the code");
    }
}

#[test]
fn a_file_replaced_while_it_is_read_is_never_half_used() {
    let directory = Directory::new("cache-rewrite");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let entry = entry(&directory.0);
    let good = fs::read(&entry).unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            for _ in 0..32 {
                load(&directory.0, &guest);
            }
        });
        // In place, which hookcell itself never does.
        while !reader.is_finished() {
            fs::write(&entry, &good).unwrap();
        }
    });
}

#[test]
fn no_load_fails_because_a_cache_cannot_be_written() {
    let directory = Directory::new("cache-gone");
    let runtime = runtime(&directory.0, GIB);
    fs::remove_dir_all(&directory.0).unwrap();
    for number in 0..2 {
        let info = runtime.load_plugin_bytes(&format!("guest {number}"), &numbered(number)).unwrap();
        assert_eq!(info.code_from, CodeFrom::Compiler);
    }
}
