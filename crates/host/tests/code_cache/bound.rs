//! The most bytes of a cache.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use hookcell_host::CodeFrom;

use crate::support::directory::Directory;
use crate::{entries, entry, load, numbered, runtime};

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
