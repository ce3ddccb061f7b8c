//! The code cache: which files it uses, which it does not, and that no load fails because of it.

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime};

use hookcell_host::{
    Allocation, CodeCache, CodeFrom, CompilerProcess, Engine, HostError, LimitOverrides, LoadOptions, PluginInfo,
    WasmRuntime,
};
use support::directory::Directory;
use support::{call, fixture};

const GIB: u64 = 1 << 30;

/// A runtime as in a new process: its engine shares no code with any other.
fn runtime(directory: &Path, max_bytes: u64) -> WasmRuntime {
    let engine = Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap());
    let cache = CodeCache::open(directory, max_bytes).unwrap();
    WasmRuntime::with_engine(engine, &LimitOverrides::default()).unwrap().with_code_cache(cache)
}

/// Where a new process gets the guest's code from. The guest also runs.
fn load(directory: &Path, guest: &[u8]) -> CodeFrom {
    let runtime = runtime(directory, GIB);
    let from = runtime.load_plugin_bytes("guest", guest).unwrap().code_from;
    assert_eq!(call(&runtime, "guest")["ok"], true);
    from
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let is_entry =
        |path: &PathBuf| path.extension().is_some_and(|end| end == "code") && path.file_stem().unwrap().len() == 64;
    let mut entries: Vec<_> = files.filter(is_entry).collect();
    entries.sort();
    entries
}

/// The only code file.
fn entry(directory: &Path) -> PathBuf {
    let [entry] = entries(directory).try_into().unwrap();
    entry
}

/// Guests that differ only in a number, so that their code has the same size.
fn numbered(number: u32) -> Vec<u8> {
    let guest = format!(
        r#"(module (memory (export "memory") 1)
            (func (export "alloc") (param i32) (result i32) (i32.const {}))
            (func (export "dealloc") (param i32 i32))
            (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0)))"#,
        1_024 + number,
    );
    wat::parse_str(guest).unwrap()
}

#[test]
fn a_plugin_compiles_once_and_then_comes_from_the_cache() {
    let directory = Directory::new("cache-once");
    let guest = fixture("pass_through");
    let compiled = runtime(&directory.0, GIB).load_plugin_bytes("guest", &guest).unwrap();
    let cached = runtime(&directory.0, GIB).load_plugin_bytes("guest", &guest).unwrap();
    assert_eq!((compiled.code_from, cached.code_from), (CodeFrom::Compiler, CodeFrom::Cache));
    let same = |info: PluginInfo| PluginInfo { code_from: CodeFrom::Compiler, loaded_in_ms: 0.0, ..info };
    assert_eq!(same(compiled), same(cached));
    assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
}

#[test]
fn a_plugin_of_the_same_bytes_is_shared_before_the_cache_is_asked() {
    let directory = Directory::new("cache-shared");
    let runtime = runtime(&directory.0, GIB);
    let guest = fixture("pass_through");
    runtime.load_plugin_bytes("one", &guest).unwrap();
    let other = runtime.load_plugin_bytes("other", &guest).unwrap();
    assert_eq!(other.code_from, CodeFrom::Memory);
    assert!(other.code_bytes > 0);
}

#[test]
fn a_cached_load_starts_no_compiler_process() {
    let directory = Directory::new("cache-isolate");
    load(&directory.0, &fixture("pass_through"));
    let nothing = CompilerProcess {
        program: directory.path("no such program"),
        arguments: Vec::new(),
        timeout: Duration::from_secs(1),
        max_memory_bytes: GIB,
    };
    let options = LoadOptions { isolate: Some(nothing), ..LoadOptions::default() };
    let runtime = runtime(&directory.0, GIB);
    let cached = runtime.load_plugin_bytes_with("cached", &fixture("pass_through"), &options).unwrap();
    assert_eq!(cached.code_from, CodeFrom::Cache);
    let error = runtime.load_plugin_bytes_with("new", &fixture("crash"), &options).unwrap_err();
    assert_eq!(error.code(), "ERR_ISOLATE");
}

#[test]
fn limits_and_digest_are_checked_before_the_cache_is_asked() {
    let directory = Directory::new("cache-limits");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let runtime = runtime(&directory.0, GIB);
    let frugal = LimitOverrides { max_functions: Some(1), ..LimitOverrides::default() };
    let other = "0".repeat(64);
    for (options, code) in [
        (LoadOptions { sandbox: frugal, ..LoadOptions::default() }, "ERR_LIMIT"),
        (LoadOptions { sha256: Some(other), ..LoadOptions::default() }, "ERR_DIGEST"),
    ] {
        assert_eq!(runtime.load_plugin_bytes_with("guest", &guest, &options).unwrap_err().code(), code);
    }
}

#[test]
fn code_for_another_engine_is_not_used() {
    let directory = Directory::new("cache-engine");
    let guest = fixture("pass_through");
    load(&directory.0, &guest);
    let pooled = Arc::new(Engine::with_allocation(Allocation::Pooled { slots: 1 }).unwrap());
    let cache = CodeCache::open(&directory.0, GIB).unwrap();
    let runtime = WasmRuntime::with_engine(pooled, &LimitOverrides::default()).unwrap().with_code_cache(cache);
    assert_eq!(runtime.load_plugin_bytes("guest", &guest).unwrap().code_from, CodeFrom::Compiler);
    assert_eq!(entries(&directory.0).len(), 2);
    assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
}

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

#[test]
fn the_files_used_least_recently_go_first_and_no_others() {
    let directory = Directory::new("cache-bound");
    load(&directory.0, &numbered(0));
    let oldest = entry(&directory.0);
    let size = fs::metadata(&oldest).unwrap().len();
    let draft = format!("{}.0123456789abcdef.draft", oldest.display());
    let others = ["notes.txt", "notes.code", "notes.draft"].map(|name| directory.path(name));
    for file in &others {
        fs::write(file, vec![0; 1 << 20]).unwrap();
    }
    fs::write(&draft, vec![0; 1 << 20]).unwrap();
    load(&directory.0, &numbered(1));
    let [other] =
        entries(&directory.0).into_iter().filter(|path| *path != oldest).collect::<Vec<_>>().try_into().unwrap();
    for (path, age) in [(Path::new(&draft), 300), (&oldest, 200), (&other, 100)] {
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(SystemTime::now() - Duration::from_secs(age))
            .unwrap();
    }
    // Loading it counts as a use, so now the other one is the least recently used.
    assert_eq!(load(&directory.0, &numbered(0)), CodeFrom::Cache);

    // Room for two and a half, with a sixteenth to spare.
    let runtime = runtime(&directory.0, size * 5 / 2);
    runtime.load_plugin_bytes("guest", &numbered(2)).unwrap();

    assert!(oldest.exists() && !other.exists());
    assert!(!Path::new(&draft).exists());
    assert!(others.iter().all(|file| Path::new(file).exists()));
}

#[test]
fn a_cache_stays_within_its_bound() {
    let directory = Directory::new("cache-full");
    load(&directory.0, &numbered(0));
    let size = fs::metadata(entry(&directory.0)).unwrap().len();
    let runtime = runtime(&directory.0, size * 4);
    for number in 0..12 {
        runtime.load_plugin_bytes("guest", &numbered(number)).unwrap();
        let total: u64 = entries(&directory.0).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        assert!(total <= size * 4, "{total} after {number}");
    }
    assert_eq!(entries(&directory.0).len(), 3);
}

#[test]
fn code_too_large_for_the_cache_is_not_kept() {
    let directory = Directory::new("cache-small");
    let runtime = runtime(&directory.0, 1_024);
    assert_eq!(runtime.load_plugin_bytes("guest", &numbered(0)).unwrap().code_from, CodeFrom::Compiler);
    assert!(entries(&directory.0).is_empty());
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn refused(path: &Path, reason: &str) {
        let error = CodeCache::open(path, GIB).unwrap_err();
        assert!(matches!(error, HostError::CacheDirectory { .. }));
        assert_eq!(error.code(), "ERR_CACHE_DIR");
        let message = error.to_string();
        assert!(message.contains("cacheDir") && message.contains(reason), "{message}");
    }

    #[test]
    fn a_missing_directory_is_made_for_its_user_only() {
        let parent = Directory::new("cache-made");
        let directory = parent.0.join("some/where");
        load(&directory, &numbered(0));
        assert_eq!(mode(&directory), 0o700);
        for file in fs::read_dir(&directory).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0o600);
        }
    }

    #[test]
    fn a_directory_that_others_may_write_is_refused() {
        let directory = Directory::new("cache-open");
        for bits in [0o770, 0o707, 0o720, 0o702, 0o1777] {
            set_mode(&directory.0, bits);
            refused(&directory.0, "others can write to it");
        }
        set_mode(&directory.0, 0o755);
        CodeCache::open(&directory.0, GIB).unwrap();
    }

    /// Root can write to it anyway.
    #[test]
    fn a_directory_that_cannot_be_written_is_still_read_and_fails_no_load() {
        let directory = Directory::new("cache-read-only");
        set_mode(&directory.0, 0o500);
        assert_eq!(load(&directory.0, &numbered(0)), CodeFrom::Compiler);
        set_mode(&directory.0, 0o700);
        load(&directory.0, &numbered(0));
        set_mode(&directory.0, 0o500);
        assert_eq!(load(&directory.0, &numbered(0)), CodeFrom::Cache);
        set_mode(&directory.0, 0o700);
    }

    #[test]
    fn a_directory_of_another_user_is_refused() {
        let directory = Directory::new("cache-foreign");
        // Only root can change an owner; other users test with a directory of root's.
        let given_away = chown(&directory.0, Some(12_345), None).is_ok();
        refused(if given_away { &directory.0 } else { Path::new("/usr") }, "it belongs to another user");
    }

    #[test]
    fn a_link_is_refused_in_every_spelling() {
        let directory = Directory::new("cache-link");
        let link = directory.0.join("link");
        fs::create_dir(directory.0.join("target")).unwrap();
        set_mode(&directory.0.join("target"), 0o700);
        symlink(directory.0.join("target"), &link).unwrap();
        for spelling in ["link", "link/", "link/."] {
            refused(&directory.0.join(spelling), "it is a link");
        }
    }

    #[test]
    fn a_file_instead_of_a_directory_is_refused() {
        let directory = Directory::new("cache-file");
        fs::write(directory.path("file"), "").unwrap();
        refused(&directory.0.join("file"), "it cannot be made");
        refused(&directory.0.join("file/below"), "it cannot be made");
    }

    #[test]
    fn a_link_instead_of_a_file_is_not_followed_and_replaced() {
        let directory = Directory::new("cache-linked-file");
        let guest = numbered(0);
        load(&directory.0, &guest);
        let entry = entry(&directory.0);
        let moved = directory.0.join("moved");
        fs::rename(&entry, &moved).unwrap();
        symlink(&moved, &entry).unwrap();
        assert_eq!(load(&directory.0, &guest), CodeFrom::Compiler);
        assert!(!entry.is_symlink());
        assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
    }

    #[test]
    fn a_secret_that_others_can_read_or_that_is_cut_off_is_replaced_with_all_code() {
        let directory = Directory::new("cache-secret");
        let guest = numbered(0);
        load(&directory.0, &guest);
        let secret = directory.0.join("secret");
        let spoilt: [fn(&Path); 3] = [
            |secret| set_mode(secret, 0o644),
            |secret| fs::write(secret, [0; 16]).unwrap(),
            |secret| fs::write(secret, "").unwrap(),
        ];
        for spoil in spoilt {
            let before = fs::read(&secret).unwrap();
            spoil(&secret);
            assert_eq!(load(&directory.0, &guest), CodeFrom::Compiler);
            assert_ne!(fs::read(&secret).unwrap(), before);
            assert_eq!(mode(&secret), 0o600);
            assert_eq!(load(&directory.0, &guest), CodeFrom::Cache);
        }
    }
}
