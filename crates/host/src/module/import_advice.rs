//! What an author must change in the build of a module with imports, as far as its imports tell.

const WASI: &str = "it was built for WASI, which plugins do not have: build for a freestanding target (Rust: --target \
     wasm32-unknown-unknown; C and C++: clang --target=wasm32-unknown-unknown -nostdlib -Wl,--no-entry; Zig: -target \
     wasm32-freestanding -fno-entry; TinyGo: -target=wasm-unknown; AssemblyScript: asc without the WASI shim, with --use \
     abort=; Go's own compiler has no such target: use TinyGo)";
const ABORT: &str = "AssemblyScript imports \"abort\" by default: pass asc the flag --use abort= (and --use \
     seed= or --use trace= if those are imported)";
const GO: &str = "Go's own compiler makes modules for a JavaScript host: build with TinyGo, -target=wasm-unknown";
const BINDGEN: &str = "wasm-bindgen makes modules for a JavaScript host: build with cargo --target wasm32-unknown-unknown, \
     without wasm-bindgen and crates that use it (often through a default feature named js)";
const COMPONENT: &str = "it was built for the component model: build a core module (Rust: --target wasm32-unknown-unknown; \
     jco and wit-bindgen are not for plugins)";
const EMSCRIPTEN: &str = "Emscripten imports its JavaScript runtime: build with -sSTANDALONE_WASM -sPURE_WASI=0 --no-entry \
     -sFILESYSTEM=0 and without library calls to the system, or with clang --target=wasm32-unknown-unknown -nostdlib";
const MEMORY: &str = "its memory is imported: define and export one (wasm-ld: without --import-memory; asc: \
     without --importMemory)";
const UNDEFINED: &str = "the linker did not find the functions of \"env\": link them in, and leave out \
     --allow-undefined, so that the linker names them";

/// The advice for modules with these imports, each a module's name and an item's.
pub(crate) fn of(imports: &[(&str, &str)]) -> Option<&'static str> {
    let any = |test: &dyn Fn(&str, &str) -> bool| imports.iter().any(|(module, name)| test(module, name));
    if any(&|module, _| module.starts_with("wasi_") || module == "wasi_snapshot_preview1") {
        return Some(WASI);
    }
    if any(&|module, _| module.starts_with("wasi:") || module.contains('/') && module.contains(':')) {
        return Some(COMPONENT);
    }
    if any(&|module, _| module == "gojs" || module == "go") {
        return Some(GO);
    }
    if any(&|module, name| {
        module.starts_with("__wbindgen") || name.starts_with("__wbg_") || name.starts_with("__wbindgen")
    }) {
        return Some(BINDGEN);
    }
    if any(&|module, name| module == "env" && matches!(name, "abort" | "seed" | "trace")) {
        return Some(ABORT);
    }
    if any(&|module, name| module == "env" && name.starts_with("emscripten_")) {
        return Some(EMSCRIPTEN);
    }
    if any(&|module, name| module == "env" && name == "memory") {
        return Some(MEMORY);
    }
    any(&|module, _| module == "env").then_some(UNDEFINED)
}
