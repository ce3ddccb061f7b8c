//! Compiled modules as bytes, and the one place where such bytes become a module again.

use wasmtime::Module;

/// What wasmtime compiled a module to, in the form it serializes.
///
/// To hold one is to vouch for it: whoever makes one from bytes answers for it that wasmtime wrote them, and that nobody
/// has changed them since.
pub(crate) struct MachineCode(Vec<u8>);

impl MachineCode {
    /// The code of a module that this process has compiled.
    pub(crate) fn of(module: &Module) -> wasmtime::Result<Self> {
        Ok(Self(module.serialize()?))
    }

    /// What a compiler process wrote to the pipe between it and this process, which has just started it.
    pub(crate) fn from_compiler_process(output: Vec<u8>) -> Self {
        Self(output)
    }

    /// What a cache read, after it has looked at the seal of these very bytes.
    pub(crate) fn from_sealed(code: Vec<u8>) -> Self {
        Self(code)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The module of this code.
    ///
    /// # Errors
    /// Where another version of wasmtime, another configuration or another kind of processor wrote it.
    pub(crate) fn to_module(&self, engine: &wasmtime::Engine) -> wasmtime::Result<Module> {
        // SAFETY: wasmtime asks that the bytes are what some version of it serialized, unchanged; what another version or
        // configuration wrote it refuses by itself. They are one of three things. The output of `serialize` here. The
        // whole output of a child that runs this same program, started by this process, over a pipe that no one else
        // holds. Or a file of the code cache, with a seal over these very bytes, no longer on disk, that only the holder
        // of the directory's secret can make; he, as its owner, runs code in this process as he likes. `CodeCache` seals
        // nothing but another `MachineCode`. They are owned and immutable, so they are still what was vouched for.
        #[expect(unsafe_code, reason = "this is how compiled code is taken over")]
        unsafe {
            Module::deserialize(engine, &self.0)
        }
    }
}
