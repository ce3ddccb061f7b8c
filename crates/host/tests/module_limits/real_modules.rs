//! Modules of real programs, from compilers and optimizers, pass the limits on a module. `-- --nocapture` shows how close each
//! is to them.

use std::fs;
use std::path::PathBuf;

use hookcell_host::{HostError, Limit, LimitOverrides, compile_work};

/// Modules in npm packages, which are development dependencies of the root's package.json.
const MODULES: &[(&str, &str)] = &[
    ("Argon2 (C)", "argon2-browser/dist/argon2.wasm"),
    ("Argon2 with SIMD (C)", "argon2-browser/dist/argon2-simd.wasm"),
    ("Tree-sitter (C)", "web-tree-sitter/web-tree-sitter.wasm"),
    ("Tree-sitter, not optimized (C)", "web-tree-sitter/debug/web-tree-sitter.wasm"),
    ("Oniguruma (C)", "vscode-oniguruma/release/onig.wasm"),
    ("initdb of Postgres (C)", "@electric-sql/pglite/dist/initdb.wasm"),
    ("QuickJS-NG (C)", "@jitl/quickjs-ng-wasmfile-release-sync/dist/emscripten-module.wasm"),
    ("QuickJS with Asyncify (C)", "@jitl/quickjs-wasmfile-release-asyncify/dist/emscripten-module.wasm"),
    ("SQLite (C)", "@sqlite.org/sqlite-wasm/sqlite-wasm/jswasm/sqlite3.wasm"),
    ("resvg (Rust)", "@resvg/resvg-wasm/index_bg.wasm"),
    ("Postgres (C)", "@electric-sql/pglite/dist/pglite.wasm"),
];

#[test]
fn real_modules_pass_the_default_limits() {
    println!("| Module | Bytes | Work | Least maxCompileWork, of the default |\n|---|---|---|---|");
    for (name, file) in MODULES {
        let bytes = read(file);
        let work =
            work(&bytes, &LimitOverrides::default()).unwrap_or_else(|error| panic!("{name} is refused: {error}"));
        println!("| {name} | {} | {work} | {} % |", bytes.len(), least_share(&bytes));
    }
}

fn read(file: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "node_modules", file].iter().collect();
    assert!(path.exists(), "node_modules/{file} is missing: run `npm ci --ignore-scripts` in the root, or `npm test`");
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The bytes of a module that add to the work for it, if the limit on its length is not set.
const USUAL_BYTES: u64 = 4_194_304;

/// The work of a module. The limit on its length is set if the module is long.
fn work(bytes: &[u8], overrides: &LimitOverrides) -> Result<u64, HostError> {
    let length = bytes.len() as u64;
    let max_module_bytes = (length > USUAL_BYTES).then_some(length);
    compile_work(bytes, &LimitOverrides { max_module_bytes, ..*overrides })
}

/// The least `maxCompileWork` under which it passes, in hundredths of the default.
fn least_share(bytes: &[u8]) -> u64 {
    let (mut refused, mut passes) = (0, 100);
    while passes - refused > 1 {
        let middle = u64::midpoint(refused, passes);
        let max_compile_work = Some(Limit::COMPILE_WORK.default / 100 * middle);
        if work(bytes, &LimitOverrides { max_compile_work, ..LimitOverrides::default() }).is_ok() {
            passes = middle;
        } else {
            refused = middle;
        }
    }
    passes
}
