//! Plugins from files and from bytes.

use std::fs;
use std::path::Path;

use hookcell_host::{LimitOverrides, LoadOptions};

use crate::support::directory::Directory;
use crate::support::{call, fault, fixture, runtime};

fn with_digest(sha256: &str) -> LoadOptions {
    LoadOptions { sha256: Some(sha256.to_owned()), ..LoadOptions::default() }
}

#[test]
fn a_path_means_the_same_plugin_in_every_spelling() {
    let directory = Directory::new("spelled").with("guest.wasm", "pass_through");
    fs::create_dir(directory.0.join("sub")).unwrap();
    let runtime = runtime(&LimitOverrides::default());
    let info = runtime.load_plugin(directory.path("sub/../guest.wasm")).unwrap();
    assert_eq!(info.key, directory.path("guest.wasm"));
    let mut spellings = vec![directory.path("guest.wasm"), directory.path("./sub/../guest.wasm")];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(directory.path("guest.wasm"), directory.path("link.wasm")).unwrap();
        spellings.push(directory.path("link.wasm"));
    }
    for spelling in spellings {
        assert!(runtime.is_loaded(&spelling), "{spelling}");
        assert_eq!(call(&runtime, &spelling)["ok"], true);
        assert_eq!(runtime.load_plugin(&spelling).unwrap(), info);
    }
    assert_eq!(runtime.plugins(), [info]);
    assert!(runtime.unload_plugin(&directory.path("sub/../guest.wasm")));
    assert!(!runtime.is_loaded(&directory.path("guest.wasm")));
    assert!(!runtime.unload_plugin(&directory.path("guest.wasm")));
}

#[test]
fn a_second_load_of_the_same_file_changes_nothing() {
    let directory = Directory::new("second").with("guest.wasm", "pass_through");
    let runtime = runtime(&LimitOverrides::default());
    let first = runtime.load_plugin(directory.path("guest.wasm")).unwrap();
    let directory = directory.with("guest.wasm", "crash");
    assert_eq!(runtime.load_plugin(directory.path("guest.wasm")).unwrap(), first);
    assert_eq!(call(&runtime, &first.key)["ok"], true);
    let error = runtime.load_plugin_with(&first.key, &with_digest(&"0".repeat(64))).unwrap_err();
    assert_eq!(error.code(), "ERR_DIGEST");
}

#[test]
fn a_second_load_may_change_the_limits() {
    let directory = Directory::new("limits").with("guest.wasm", "pass_through");
    let path = directory.path("guest.wasm");
    let runtime = runtime(&LimitOverrides::default());
    runtime.load_plugin(&path).unwrap();
    let frugal = LimitOverrides { max_fuel: Some(1), ..LimitOverrides::default() };
    runtime.load_plugin_with(&path, &LoadOptions { sandbox: frugal, ..LoadOptions::default() }).unwrap();
    assert_eq!(fault(&call(&runtime, &path)).0, "ERR_FUEL");
    runtime.load_plugin(&path).unwrap();
    assert_eq!(fault(&call(&runtime, &path)).0, "ERR_FUEL");
}

#[test]
fn bytes_replace_the_plugin_with_their_name_unless_they_are_refused() {
    let runtime = runtime(&LimitOverrides::default());
    runtime.load_plugin_bytes("guest", &fixture("pass_through")).unwrap();
    runtime.load_plugin_bytes("guest", b"\0asm\x01\0\0\0").unwrap_err();
    assert_eq!(call(&runtime, "guest")["ok"], true);
    runtime.load_plugin_bytes("guest", &fixture("crash")).unwrap();
    assert_eq!(fault(&call(&runtime, "guest")).0, "ERR_TRAP");
    assert_eq!(runtime.plugins().len(), 1);
}

#[test]
fn a_module_with_another_digest_is_refused() {
    let runtime = runtime(&LimitOverrides::default());
    let guest = fixture("pass_through");
    let sha256 = runtime.load_plugin_bytes("guest", &guest).unwrap().sha256;
    runtime.load_plugin_bytes_with("guest", &guest, &with_digest(&sha256.to_uppercase())).unwrap();
    let error = runtime.load_plugin_bytes_with("other", &fixture("crash"), &with_digest(&sha256)).unwrap_err();
    assert_eq!(error.code(), "ERR_DIGEST");
    assert!(error.to_string().contains(&sha256), "{error}");
    assert!(!runtime.is_loaded("other"));
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_the_reason() {
    let directory = Directory::new("unreadable");
    let runtime = runtime(&LimitOverrides::default());
    for path in [directory.path("nobody.wasm"), directory.path(""), "/dev/zero".to_owned()] {
        let error = runtime.load_plugin(Path::new(&path)).unwrap_err();
        assert_eq!(error.code(), "ERR_READ", "{error}");
        assert!(error.to_string().contains(path.trim_end_matches('/')), "{error}");
    }
}

#[test]
fn a_file_larger_than_its_limit_is_refused() {
    let directory = Directory::new("large").with("guest.wasm", "pass_through");
    let runtime = runtime(&LimitOverrides { max_module_bytes: Some(8), ..LimitOverrides::default() });
    let error = runtime.load_plugin(directory.path("guest.wasm")).unwrap_err();
    assert_eq!((error.code(), error.limit_name()), ("ERR_LIMIT", Some("maxModuleBytes")));
}

#[test]
fn a_plugin_is_described_by_what_it_exports_and_declares() {
    let runtime = runtime(&LimitOverrides::default());
    let guest = fixture("many_hooks");
    let info = runtime.load_plugin_bytes("guest", &guest).unwrap();
    assert_eq!((info.key.as_str(), info.bytes), ("guest", guest.len()));
    assert_eq!(info.hooks, ["before_hook", "before_update", "__proto__"]);
    assert_eq!((info.memory.min_pages, info.memory.max_pages), (1, Some(4)));
    let json = serde_json::to_value(&info).unwrap();
    assert_eq!(json["memory"], serde_json::json!({ "minPages": 1, "maxPages": 4 }));
    assert!(json["loadedInMs"].as_f64().unwrap() > 0.0);
}
