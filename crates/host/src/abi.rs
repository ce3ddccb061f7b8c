//! The plugin contract at the level of bytes: which exports a module must have, and what a packed result means.

use wasmtime::{ExternType, FuncType, Module, ModuleExport, ValType};

use crate::guest_text::{self, quoted};

/// The export that holds the guest's memory.
const MEMORY: &str = "memory";
/// The export that makes room for the context.
const ALLOC: &str = "alloc";
/// The export that gives room back. Required, but never called: the cell is dropped whole after one call.
const DEALLOC: &str = "dealloc";
/// The export that sets a reactor up: constructors in C++, `init` in Go. Called once, before anything else.
pub(crate) const INITIALIZE: &str = "_initialize";
/// What a command exports, which runs once and ends. A hint for whoever built one by mistake.
const START: &str = "_start";
/// The hook every plugin has.
const BEFORE_HOOK: &str = "before_hook";

/// Longest name of a hook, in bytes. Exports with longer names are no hooks.
const MAX_HOOK_NAME_BYTES: usize = 128;
/// Most hooks that a plugin may offer.
const MAX_HOOKS: usize = 256;

/// The exports that a call uses, found and checked once.
pub(crate) struct Exports {
    pub(crate) memory: ModuleExport,
    pub(crate) alloc: ModuleExport,
    pub(crate) initialize: Option<ModuleExport>,
    hooks: Vec<(Box<str>, ModuleExport)>,
    min_pages: u64,
    max_pages: Option<u64>,
}

impl Exports {
    /// Finds the exports of the contract, or everything that is wrong with them.
    pub(crate) fn find(module: &Module) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let memory = find_memory(module, &mut problems);
        let alloc = find_function(module, ALLOC, &Signature::ALLOC, &mut problems);
        find_function(module, DEALLOC, &Signature::DEALLOC, &mut problems);
        find_function(module, BEFORE_HOOK, &Signature::HOOK, &mut problems);
        let is_reactor = module.get_export(INITIALIZE).is_some();
        let initialize =
            is_reactor.then(|| find_function(module, INITIALIZE, &Signature::INITIALIZE, &mut problems)).flatten();
        if !problems.is_empty() && module.get_export(START).is_some() {
            problems.push(format!("it exports {}: build a reactor or a library, not a command", quoted(START)));
        }
        let hooks = find_hooks(module, &mut problems);
        match (memory, alloc) {
            (Some((memory, min_pages, max_pages)), Some(alloc)) if problems.is_empty() => {
                Ok(Self { memory, alloc, initialize, hooks, min_pages, max_pages })
            }
            _ => Err(problems),
        }
    }

    pub(crate) fn hook(&self, name: &str) -> Option<&ModuleExport> {
        self.hooks.iter().find(|(hook, _)| **hook == *name).map(|(_, export)| export)
    }

    pub(crate) fn hook_names(&self) -> Vec<String> {
        self.hooks.iter().map(|(name, _)| name.to_string()).collect()
    }

    pub(crate) fn memory_pages(&self) -> (u64, Option<u64>) {
        (self.min_pages, self.max_pages)
    }
}

fn find_memory(module: &Module, problems: &mut Vec<String>) -> Option<(ModuleExport, u64, Option<u64>)> {
    match module.get_export(MEMORY) {
        Some(ExternType::Memory(memory)) if !memory.is_64() && !memory.is_shared() => {
            module.get_export_index(MEMORY).map(|export| (export, memory.minimum(), memory.maximum()))
        }
        Some(ExternType::Memory(_)) => {
            problems.push(format!("export {} must be a 32-bit, unshared memory", quoted(MEMORY)));
            None
        }
        Some(other) => {
            problems.push(format!("export {} must be a memory, not a {}", quoted(MEMORY), kind(&other)));
            None
        }
        None => {
            problems.push(format!("export {} (a memory) is missing", quoted(MEMORY)));
            None
        }
    }
}

fn find_function(
    module: &Module,
    name: &str,
    signature: &Signature,
    problems: &mut Vec<String>,
) -> Option<ModuleExport> {
    match module.get_export(name) {
        Some(ExternType::Func(function)) if signature.is_of(&function) => module.get_export_index(name),
        Some(ExternType::Func(function)) => {
            problems.push(format!("export {} must be {signature}, not {}", quoted(name), Shown(&function)));
            None
        }
        Some(other) => {
            problems.push(format!("export {} must be {signature}, not a {}", quoted(name), kind(&other)));
            None
        }
        None => {
            problems.push(format!("export {} {signature} is missing", quoted(name)));
            None
        }
    }
}

fn find_hooks(module: &Module, problems: &mut Vec<String>) -> Vec<(Box<str>, ModuleExport)> {
    let hooks: Vec<_> = module
        .exports()
        .filter(|export| export.name().len() <= MAX_HOOK_NAME_BYTES && guest_text::is_plain(export.name()))
        .filter(|export| matches!(export.ty(), ExternType::Func(function) if Signature::HOOK.is_of(&function)))
        .filter_map(|export| Some((Box::from(export.name()), module.get_export_index(export.name())?)))
        .collect();
    if hooks.len() > MAX_HOOKS {
        problems.push(format!("{} exports have the signature of a hook; {MAX_HOOKS} may", hooks.len()));
    }
    hooks
}

fn kind(export: &ExternType) -> &'static str {
    match export {
        ExternType::Func(_) => "function",
        ExternType::Global(_) => "global",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Tag(_) => "tag",
    }
}

/// A function type of the contract, which knows only `i32` and `i64`.
struct Signature {
    params: &'static [ValType],
    results: &'static [ValType],
}

impl Signature {
    const ALLOC: Self = Self { params: &[ValType::I32], results: &[ValType::I32] };
    const DEALLOC: Self = Self { params: &[ValType::I32, ValType::I32], results: &[] };
    const INITIALIZE: Self = Self { params: &[], results: &[] };
    const HOOK: Self = Self { params: &[ValType::I32, ValType::I32], results: &[ValType::I64] };

    fn is_of(&self, function: &FuncType) -> bool {
        equal(self.params.iter(), function.params()) && equal(self.results.iter(), function.results())
    }
}

fn equal<'a>(ours: impl ExactSizeIterator<Item = &'a ValType>, theirs: impl ExactSizeIterator<Item = ValType>) -> bool {
    ours.len() == theirs.len() && ours.zip(theirs).all(|(ours, theirs)| ValType::eq(ours, &theirs))
}

impl std::fmt::Display for Signature {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_signature(formatter, self.params.iter().cloned(), self.results.iter().cloned())
    }
}

/// A guest's function type. Its length is the guest's choice, so only its start is shown.
struct Shown<'a>(&'a FuncType);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write_signature(formatter, self.0.params(), self.0.results())
    }
}

fn write_signature(
    formatter: &mut std::fmt::Formatter<'_>,
    params: impl ExactSizeIterator<Item = ValType>,
    results: impl ExactSizeIterator<Item = ValType>,
) -> std::fmt::Result {
    write_types(formatter, params)?;
    formatter.write_str(" -> ")?;
    write_types(formatter, results)
}

fn write_types(
    formatter: &mut std::fmt::Formatter<'_>,
    types: impl ExactSizeIterator<Item = ValType>,
) -> std::fmt::Result {
    const SHOWN: usize = 8;
    let more = types.len() > SHOWN;
    formatter.write_str("(")?;
    for (index, value) in types.take(SHOWN).enumerate() {
        if index > 0 {
            formatter.write_str(", ")?;
        }
        write!(formatter, "{value}")?;
    }
    formatter.write_str(if more { ", …)" } else { ")" })
}

/// A hook's answer: where in its memory the result lies. Both halves are unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GuestSlice {
    pointer: u32,
    length: u32,
}

impl GuestSlice {
    pub(crate) fn new(pointer: u32, length: u32) -> Self {
        Self { pointer, length }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    pub(crate) fn unpack(packed: u64) -> Self {
        Self { pointer: (packed >> 32) as u32, length: packed as u32 }
    }

    pub(crate) fn pointer(self) -> u32 {
        self.pointer
    }

    pub(crate) fn length(self) -> u32 {
        self.length
    }

    pub(crate) fn len(self) -> usize {
        self.length as usize
    }

    /// The bytes it names, unless they lie outside the memory.
    pub(crate) fn of(self, memory: &[u8]) -> Option<&[u8]> {
        memory.get(self.pointer as usize..)?.get(..self.len())
    }

    /// As [`Self::of`], to write.
    pub(crate) fn of_mut(self, memory: &mut [u8]) -> Option<&mut [u8]> {
        memory.get_mut(self.pointer as usize..)?.get_mut(..self.len())
    }
}

impl std::fmt::Display for GuestSlice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} bytes at {:#x}", self.length, self.pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::GuestSlice;

    #[test]
    fn both_halves_of_a_packed_result_are_unsigned() {
        let slice = GuestSlice::unpack(0xffff_fff0_8000_0001);
        assert_eq!(slice, GuestSlice::new(0xffff_fff0, 0x8000_0001));
    }

    #[test]
    fn a_slice_that_ends_outside_the_memory_is_none() {
        let memory = [0; 16];
        assert_eq!(GuestSlice::new(0, 16).of(&memory).map(<[u8]>::len), Some(16));
        assert_eq!(GuestSlice::new(16, 0).of(&memory).map(<[u8]>::len), Some(0));
        assert_eq!(GuestSlice::new(0, 17).of(&memory), None);
        assert_eq!(GuestSlice::new(17, 0).of(&memory), None);
        assert_eq!(GuestSlice::new(u32::MAX, u32::MAX).of(&memory), None);
    }
}
