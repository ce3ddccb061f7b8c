//! Compiled modules as bytes, and the only function that turns such bytes into a module again.

use wasmtime::Module;

#[cfg(target_os = "linux")]
use crate::compile::cache::directory::read_whole;
use crate::compile::cache::private_copy::Memory;

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

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The module of this code.
    ///
    /// # Errors
    /// If another version of wasmtime, another configuration or another kind of processor wrote it.
    pub(crate) fn to_module(&self, engine: &wasmtime::Engine) -> wasmtime::Result<Module> {
        deserialize(engine, Source::Bytes(&self.0))
    }
}

/// A compiled module that a code cache kept.
///
/// Code that makes one guarantees what a [`MachineCode`] does, and that nothing changes it any more.
pub(crate) struct KeptCode(Memory);

impl KeptCode {
    /// The private copy of a cache file, after the cache has checked the seal of exactly these bytes.
    pub(crate) fn from_sealed(code: Memory) -> Self {
        Self(code)
    }

    /// The module of this code.
    ///
    /// # Errors
    /// As for [`MachineCode::to_module`], or if the kernel maps no code from a file in memory.
    pub(crate) fn into_module(self, engine: &wasmtime::Engine) -> wasmtime::Result<Module> {
        match self.0 {
            Memory::Bytes(bytes) => deserialize(engine, Source::Bytes(&bytes)),
            #[cfg(target_os = "linux")]
            Memory::File(file) => {
                let copy = file.try_clone();
                deserialize(engine, Source::File(file)).or_else(|error| {
                    // Some rules of a machine (SELinux) allow code in memory and none in files in memory.
                    let bytes = copy.and_then(|copy| read_whole(&copy, u64::MAX));
                    deserialize(engine, Source::Bytes(&bytes.map_err(|_| error)?))
                })
            }
        }
    }
}

/// Where the bytes are that a module is made of.
enum Source<'a> {
    Bytes(&'a [u8]),
    /// A file in memory that is sealed, so that it can be mapped.
    #[cfg(target_os = "linux")]
    File(std::fs::File),
}

fn deserialize(engine: &wasmtime::Engine, source: Source<'_>) -> wasmtime::Result<Module> {
    // SAFETY: wasmtime requires bytes that some version of it serialized, unchanged, and that stay so; it refuses by itself what
    // another version or configuration wrote. The bytes are one of three things: the output of `serialize` in this process; the whole
    // output of a child process that runs this same program, started by this process, over a pipe that no other process holds; or
    // a private copy of a code cache file, with a seal over exactly these bytes. Only the holder of the directory's secret can make
    // that seal, and that is the directory's owner, who can run any code in this process anyway. `CodeCache` seals only a
    // `MachineCode`. Bytes are owned and immutable. A file is in memory, was made by this process, has no name, and the kernel
    // refuses to change or to cut off a sealed one. So they are unchanged since they were hashed, and stay so.
    #[expect(unsafe_code, reason = "wasmtime has no safe way to load compiled code")]
    unsafe {
        match source {
            Source::Bytes(bytes) => Module::deserialize(engine, bytes),
            #[cfg(target_os = "linux")]
            Source::File(file) => Module::deserialize_open_file(engine, file),
        }
    }
}
