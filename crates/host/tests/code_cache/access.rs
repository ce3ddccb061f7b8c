//! Who may read and write the directory of a cache.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use hookcell_host::{CodeCache, CodeFrom, HostError};

use crate::support::directory::Directory;
use crate::{GIB, entry, load, numbered};

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
