//! What a server and its compiler process say to each other: a greeting, one request, one reply.
//!
//! The process greets when it is ready. The request is a [`Request`] and the module, on standard input, which stays open:
//! its end means that the server is gone. The reply is a [`Reply`] and what it announces, on standard output.

use std::io::{self, Read, Write};
use std::time::Duration;

use crate::compile::cache::key::CodeKey;
use crate::compile::module_id::ModuleIdentity;

const MAGIC: &[u8; 8] = b"hookcell";
const GREETING_BYTES: usize = 40;

/// What a process of the same hookcell, wasmtime and settings greets with. Its code fits this engine.
pub(crate) fn greeting(engine: &wasmtime::Engine) -> [u8; GREETING_BYTES] {
    let settings = ModuleIdentity { digest: [0; 32], variant: "greeting".into() };
    let mut greeting = [0; GREETING_BYTES];
    let (magic, key) = greeting.split_at_mut(MAGIC.len());
    magic.copy_from_slice(MAGIC);
    key.copy_from_slice(CodeKey::new(engine, &settings).as_bytes());
    greeting
}

/// Reads a greeting. Gives whether the process is of the same make.
pub(crate) fn read_greeting(engine: &wasmtime::Engine, from: &mut impl Read) -> io::Result<bool> {
    let mut greeted = [0; GREETING_BYTES];
    from.read_exact(&mut greeted)?;
    Ok(greeted == greeting(engine))
}

/// What comes before a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    /// What compiling may take.
    pub(crate) timeout: Duration,
    /// What the process may take beyond what it has, in bytes.
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

/// What comes before machine code, or before the reason why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Is it machine code?
    pub(crate) compiled: bool,
    /// The most memory that the process had resident, in bytes; 0 where the system does not say.
    pub(crate) peak_bytes: u64,
    /// Length of what follows, in bytes.
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
    use crate::sandbox::config::{Allocation, config};

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
        let [one, other] = [Allocation::OnDemand, Allocation::Pooled { slots: 1 }]
            .map(|allocation| wasmtime::Engine::new(&config(allocation)).unwrap());
        assert!(read_greeting(&one, &mut &greeting(&one)[..]).unwrap());
        assert!(!read_greeting(&one, &mut &greeting(&other)[..]).unwrap());
        assert!(read_greeting(&one, &mut &b"hookcell"[..]).is_err());
    }
}
