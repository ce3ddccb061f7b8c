//! The expected outcome of a call of a [`Guest`], computed without running it.

use arbitrary::Arbitrary;
use hookcell_host::{FaultCode, HookResult, LimitOverrides, Outcome};

use crate::answer::Answer;
use crate::guest::{ANSWERS, Body, End, Guest, Number, PAGE_BYTES};
use crate::{json, sandbox};

/// Far more fuel than a guest needs, except for one that never ends.
const FUEL: u64 = 20_000;

/// A guest that never ends runs out of fuel long before this deadline.
const TIMEOUT_MS: u64 = 3_600_000;

/// A call to make.
#[derive(Debug, Arbitrary)]
pub struct Call {
    /// The context is one of the [`ANSWERS`], so that a guest may return it,
    answer: u8,
    /// and as many spaces.
    spaces: u16,
    max_memory_pages: Option<u8>,
    max_context_bytes: Option<u16>,
    max_result_bytes: Option<u16>,
}

/// The expected outcome of a call.
#[derive(Debug)]
pub enum Expected {
    /// The host refuses it for this limit.
    Limit(&'static str),
    /// The host refuses it because of its context.
    Context,
    /// The plugin has a fault with one of these codes.
    Fault(Vec<FaultCode>, Machine),
    /// The plugin answers with these bytes, which may be invalid.
    Answer(Vec<u8>, Machine),
}

/// The memory of a guest.
#[derive(Debug)]
pub struct Machine {
    memory: Vec<u8>,
    max_pages: Option<u32>,
    limit_pages: u64,
    /// Did its limit refuse it memory?
    refused: bool,
}

impl Call {
    /// The context.
    #[must_use]
    pub fn context(&self) -> String {
        let answer = ANSWERS[usize::from(self.answer) % ANSWERS.len()];
        format!("{answer}{}", " ".repeat(self.spaces.into()))
    }

    /// The limits.
    #[must_use]
    pub fn sandbox(&self) -> LimitOverrides {
        LimitOverrides {
            max_memory_pages: self.max_memory_pages.map(|pages| pages.max(1).into()),
            max_context_bytes: self.max_context_bytes.map(|bytes| bytes.max(1).into()),
            max_result_bytes: self.max_result_bytes.map(|bytes| bytes.max(1).into()),
            max_fuel: Some(FUEL),
            timeout_ms: Some(TIMEOUT_MS),
            ..LimitOverrides::default()
        }
    }

    /// The expected outcome of calling the guest's hook.
    #[must_use]
    pub fn expected(&self, guest: &Guest) -> Expected {
        let context = self.context();
        let limits = self.sandbox();
        if limits.max_context_bytes.is_some_and(|most| context.len() as u64 > most) {
            return Expected::Limit("maxContextBytes");
        }
        // None of the contexts is nested.
        if json::read(&context).is_some_and(|context| context.has_key("__proto__")) {
            return Expected::Context;
        }
        let limit_pages = limits.max_memory_pages.unwrap_or(sandbox::MAX_MEMORY_PAGES);
        let max_result_bytes = limits.max_result_bytes.unwrap_or(sandbox::MAX_RESULT_BYTES);
        let mut machine = Machine { memory: Vec::new(), max_pages: guest.max_pages, limit_pages, refused: false };
        match machine.run(guest, context.as_bytes(), max_result_bytes) {
            Ok(answer) => Expected::Answer(answer, machine),
            Err(codes) => Expected::Fault(codes, machine),
        }
    }
}

impl Expected {
    /// Compares an outcome with this one.
    ///
    /// # Panics
    /// If they differ.
    pub fn assert_is(&self, result: &HookResult<'_>) {
        let machine = match self {
            Self::Limit(option) => panic!("{result:?}, but {option} is exceeded"),
            Self::Context => panic!("{result:?}, but the context must be refused"),
            Self::Answer(answer, machine) => {
                Answer::read(answer).assert_is(&result.outcome);
                machine
            }
            Self::Fault(codes, machine) => {
                let Outcome::Fault(fault) = &result.outcome else { panic!("{result:?}, expected {codes:?}") };
                assert!(codes.contains(&fault.code), "{fault:?}, expected {codes:?}");
                machine
            }
        };
        assert_eq!(result.usage.memory_bytes, machine.memory.len());
        assert!(result.usage.fuel.is_none_or(|fuel| fuel <= FUEL), "{result:?}");
    }
}

impl Machine {
    fn run(&mut self, guest: &Guest, context: &[u8], max_result_bytes: u64) -> Result<Vec<u8>, Vec<FaultCode>> {
        if u64::from(guest.min_pages) > self.limit_pages {
            return Err(vec![FaultCode::Memory]);
        }
        self.memory.resize(bytes(guest.min_pages), 0);
        for segment in &guest.segments {
            self.write(segment.offset, &segment.bytes).ok_or_else(|| vec![FaultCode::Trap])?;
        }
        if let Some(start) = &guest.start {
            self.body(start)?;
        }

        let length = u32::try_from(context.len()).expect("a context of less than 4 GiB");
        let pointer = self.body(&guest.alloc)?;
        let pointer = self.number(guest, pointer, &[length]);
        if pointer == 0 {
            return Err(vec![FaultCode::Memory]);
        }
        self.write(pointer, context).ok_or_else(|| vec![FaultCode::Abi])?;

        let answer = self.body(&guest.hook)?;
        let parameters = [pointer, length];
        let pointer = self.number(guest, answer, &parameters);
        let length = self.number(guest, guest.length, &parameters);
        if u64::from(length) > max_result_bytes {
            return Err(vec![FaultCode::Result]);
        }
        if length == 0 {
            return Ok(Vec::new());
        }
        let answer = self.memory.get(pointer as usize..).and_then(|rest| rest.get(..length as usize));
        answer.map(<[u8]>::to_vec).ok_or_else(|| vec![FaultCode::Abi])
    }

    /// Does what a function does, and returns its result.
    fn body(&mut self, body: &Body) -> Result<Number, Vec<FaultCode>> {
        if let Some(pages) = body.grow.pages() {
            self.grow(pages);
        }
        match body.end {
            End::Return(number) | End::ReturnToo(number) | End::ReturnAsWell(number) => Ok(number),
            // The refusal counts as the cause of the trap.
            End::Unreachable if self.refused => Err(vec![FaultCode::Memory]),
            End::Unreachable => Err(vec![FaultCode::Trap]),
            End::Spin => Err(vec![FaultCode::Fuel]),
            // The size of a frame depends on the compiler. Each call grows the memory again.
            End::Recurse => {
                for _ in 0..body.grow.pages().map_or(0, |_| FUEL) {
                    self.grow(body.grow.pages().unwrap_or_default());
                }
                Err(vec![FaultCode::Fuel, FaultCode::Stack])
            }
        }
    }

    fn grow(&mut self, pages: u32) {
        let wanted = u64::from(self.pages()) + u64::from(pages);
        if wanted > self.limit_pages {
            self.refused = true;
        } else if self.max_pages.is_none_or(|most| wanted <= u64::from(most)) {
            self.memory.resize(bytes(self.pages() + pages), 0);
        }
    }

    fn pages(&self) -> u32 {
        u32::try_from(self.memory.len()).map_or(u32::MAX, |bytes| bytes / PAGE_BYTES)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Option<()> {
        self.memory.get_mut(offset as usize..)?.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(())
    }

    fn number(&self, guest: &Guest, number: Number, parameters: &[u32]) -> u32 {
        match number {
            Number::Exact(number) => number,
            Number::Small(number) => number.into(),
            Number::NearEnd(distance) => {
                let end = self.pages().wrapping_mul(PAGE_BYTES);
                end.wrapping_add_signed(distance.into())
            }
            Number::SegmentOffset(index) => guest.segment(index).map_or(0, |segment| segment.offset),
            Number::SegmentLength(index) => guest.segment_length(index),
            Number::First => parameters.first().copied().unwrap_or_default(),
            Number::Last => parameters.last().copied().unwrap_or_default(),
        }
    }
}

fn bytes(pages: u32) -> usize {
    pages as usize * PAGE_BYTES as usize
}
