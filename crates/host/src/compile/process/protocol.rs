//! The protocol between a server and its compiler process: a greeting, one request, one reply.
//!
//! The process greets when it is ready. The request is a [`Request`] and the module on standard input, which stays open: its end
//! means that the server has ended. The reply is a [`Reply`] and its contents on standard output.

use std::io::{self, Read, Write};
use std::time::Duration;

use crate::compile::cache::key::CodeKey;
use crate::compile::module_id::ModuleIdentity;

const MAGIC: &[u8; 8] = b"hookcell";
const GREETING_BYTES: usize = 40;

/// The greeting of a process with the same hookcell, wasmtime and settings, whose code fits this engine.
pub(crate) fn greeting(engine: &wasmtime::Engine) -> [u8; GREETING_BYTES] {
    let settings = ModuleIdentity { digest: [0; 32], variant: "greeting".into() };
    let mut greeting = [0; GREETING_BYTES];
    let (magic, key) = greeting.split_at_mut(MAGIC.len());
    magic.copy_from_slice(MAGIC);
    key.copy_from_slice(CodeKey::new(engine, &settings).as_bytes());
    greeting
}

/// Reads a greeting. Returns whether the process has the same hookcell, wasmtime and settings.
pub(crate) fn read_greeting(engine: &wasmtime::Engine, from: &mut impl Read) -> io::Result<bool> {
    let mut greeted = [0; GREETING_BYTES];
    from.read_exact(&mut greeted)?;
    Ok(greeted == greeting(engine))
}

/// The part of a request before the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    /// The deadline, from the request.
    pub(crate) timeout: Duration,
    /// Memory beyond what the process has, in bytes.
    pub(crate) max_memory_bytes: u64,
    /// Length of the module, in bytes.
    pub(crate) module_bytes: u64,
}

impl Request {
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let timeout = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
        for number in [timeout, self.max_memory_bytes, self.module_bytes] {
            to.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let timeout = Duration::from_millis(number(from)?);
        Ok(Self { timeout, max_memory_bytes: number(from)?, module_bytes: number(from)? })
    }
}

/// The part of a reply before the machine code or the compiler's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Does machine code follow?
    pub(crate) compiled: bool,
    /// The most resident memory of the process, in bytes; 0 if the system does not report it.
    pub(crate) peak_bytes: u64,
    /// The length of what follows, in bytes.
    pub(crate) length: u64,
}

impl Reply {
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        for number in [u64::from(self.compiled), self.peak_bytes, self.length] {
            to.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let compiled = number(from)? == 1;
        Ok(Self { compiled, peak_bytes: number(from)?, length: number(from)? })
    }
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; size_of::<u64>()];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Reply, Request, greeting, read_greeting};
    use crate::sandbox::config::{MemoriesBy, config};

    #[test]
    fn what_is_written_is_read() {
        let request = Request { timeout: Duration::from_millis(7), max_memory_bytes: u64::MAX, module_bytes: 3 };
        let reply = Reply { compiled: true, peak_bytes: 5, length: 1 << 40 };
        let mut bytes = Vec::new();
        request.write(&mut bytes).unwrap();
        reply.write(&mut bytes).unwrap();
        let mut from = &bytes[..];
        assert_eq!((Request::read(&mut from).unwrap(), Reply::read(&mut from).unwrap()), (request, reply));
        assert!(Reply::read(&mut from).is_err());
    }

    #[test]
    fn a_process_of_other_settings_greets_otherwise() {
        let [one, other] =
            [MemoriesBy::Mapping, MemoriesBy::Host].map(|memories| wasmtime::Engine::new(&config(memories)).unwrap());
        assert!(read_greeting(&one, &mut &greeting(&one)[..]).unwrap());
        assert!(!read_greeting(&one, &mut &greeting(&other)[..]).unwrap());
        assert!(read_greeting(&one, &mut &b"hookcell"[..]).is_err());
    }
}
