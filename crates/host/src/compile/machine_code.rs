//! Compiled modules as bytes, and the only function that turns such bytes into a module again.

use wasmtime::Module;

/// A compiled module in wasmtime's serialized form.
///
/// Code that makes one from bytes guarantees that wasmtime wrote these bytes and that they are unchanged.
pub(crate) struct MachineCode(Vec<u8>);

impl MachineCode {
    /// The code of a module that this process compiled.
    pub(crate) fn of(module: &Module) -> wasmtime::Result<Self> {
        Ok(Self(module.serialize()?))
    }

    /// The output of a compiler process, from the pipe between it and this process, which started it.
    pub(crate) fn from_compiler_process(output: Vec<u8>) -> Self {
        Self(output)
    }

    /// The contents of a cache file, after the cache has checked the seal of exactly these bytes.
    pub(crate) fn from_sealed(code: Vec<u8>) -> Self {
        Self(code)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The module of this code.
    ///
    /// # Errors
    /// If another version of wasmtime, another configuration or another kind of processor wrote it.
    pub(crate) fn to_module(&self, engine: &wasmtime::Engine) -> wasmtime::Result<Module> {
        // SAFETY: wasmtime requires bytes that some version of it serialized, unchanged; it refuses by itself what another
        // version or configuration wrote. The bytes are one of three things: the output of `serialize` in this process; the
        // whole output of a child process that runs this same program, started by this process, over a pipe that no other
        // process holds; or the contents of a code cache file, read into memory, with a seal over exactly these bytes. Only
        // the holder of the directory's secret can make that seal, and that is the directory's owner, who can run any code
        // in this process anyway. `CodeCache` seals only a `MachineCode`. The bytes are owned and immutable, so they are
        // unchanged since then.
        #[expect(unsafe_code, reason = "wasmtime has no safe way to load compiled code")]
        unsafe {
            Module::deserialize(engine, &self.0)
        }
    }
}
