//! The plugin contract, checked against a module's sections before it is compiled.

use std::fmt;

use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{FuncType, SubType, ValType};

use crate::error::HostError;
use crate::guest_text::{self, quoted};
use crate::module::import_advice;
use crate::module::log_globals::{LOG_LENGTH, LOG_POINTER};

/// The export that holds the guest's memory.
pub(crate) const MEMORY: &str = "memory";
/// The export that allocates memory for the context.
pub(crate) const ALLOC: &str = "alloc";
/// The export that frees memory. Required but never called, because the whole cell is dropped after one call.
pub(crate) const DEALLOC: &str = "dealloc";
/// The hook that every plugin has.
pub(crate) const BEFORE_HOOK: &str = "before_hook";

/// The export that initializes a reactor: constructors in C++, `init` in Go. Called once, before anything else.
pub(crate) const INITIALIZE: &str = "_initialize";
/// The export of a command, which runs once and ends. It shows that the author built a command by mistake.
pub(crate) const START: &str = "_start";

/// What an author has to change whose module exports no function of the contract.
const UNEXPORTED: &str = "it exports none of its functions: mark them for export (Rust: crate-type = [\"cdylib\"] and \
     #[unsafe(no_mangle)]; C and C++: __attribute__((export_name(\"…\"))); Zig: -rdynamic; AssemblyScript: export function)";

/// The longest name of a hook, in bytes. An export with a longer name is not a hook.
const MAX_HOOK_NAME_BYTES: usize = 128;
/// The most hooks of a plugin.
const MAX_HOOKS: usize = 256;

/// The declarations of a module that follows the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contract {
    /// The names of its hooks, in the order of its exports.
    pub(crate) hooks: Vec<Box<str>>,
    /// Pages of its memory: the initial size and the maximum.
    pub(crate) min_pages: u64,
    pub(crate) max_pages: Option<u64>,
    /// Does it export where its log is?
    pub(crate) has_log: bool,
}

/// Reads the contract from a module's exports. The error lists everything that is wrong with them.
pub(crate) fn read(types: TypesRef<'_>) -> Result<Contract, Vec<String>> {
    let mut reading = Reading { types, problems: Vec::new() };
    let memory = reading.memory();
    for (name, signature) in [(ALLOC, Signature::ALLOC), (DEALLOC, Signature::DEALLOC), (BEFORE_HOOK, Signature::HOOK)]
    {
        reading.function(name, &signature);
    }
    if reading.export(INITIALIZE).is_some() {
        reading.function(INITIALIZE, &Signature::INITIALIZE);
    }
    let has_log = [LOG_POINTER, LOG_LENGTH].iter().any(|name| reading.export(name).is_some());
    if has_log {
        reading.log_global(LOG_POINTER);
        reading.log_global(LOG_LENGTH);
    }
    if !reading.problems.is_empty() && reading.export(START).is_some() {
        reading.problems.push(format!(
            "it exports {}: build a reactor or a library, not a command (clang: -mexec-model=reactor, or --no-entry; TinyGo: \
             -buildmode=c-shared; Rust: crate-type = [\"cdylib\"])",
            quoted(START)
        ));
    }
    if [ALLOC, DEALLOC, BEFORE_HOOK, START].iter().all(|name| reading.export(name).is_none()) {
        reading.problems.push(UNEXPORTED.to_owned());
    }
    let hooks = reading.hooks();
    match memory {
        Some((min_pages, max_pages)) if reading.problems.is_empty() => {
            Ok(Contract { hooks, min_pages, max_pages, has_log })
        }
        _ => Err(reading.problems),
    }
}

/// The error for a module that does not follow the contract: its imports, and the problems of its exports.
pub(crate) fn refusal(key: &str, types: TypesRef<'_>, problems: Vec<String>) -> HostError {
    let plugin = key.to_owned();
    let imports: Vec<_> = types.core_imports().into_iter().flatten().map(|(module, name, _)| (module, name)).collect();
    if imports.is_empty() {
        return HostError::Abi { plugin, problems };
    }
    let list =
        guest_text::listed(imports.iter().map(|(module, name)| format!("{} from {}", quoted(name), quoted(module))));
    let advice = import_advice::of(&imports).map(str::to_owned);
    HostError::Import { plugin, problems: std::iter::once(list).chain(advice).chain(problems).collect() }
}

struct Reading<'a> {
    types: TypesRef<'a>,
    problems: Vec<String>,
}

impl<'a> Reading<'a> {
    fn exports(&self) -> impl Iterator<Item = (&'a str, EntityType)> {
        self.types.core_exports().into_iter().flatten()
    }

    fn export(&self, name: &str) -> Option<EntityType> {
        self.exports().find(|(export, _)| *export == name).map(|(_, entity)| entity)
    }

    fn function_type(&self, entity: EntityType) -> Option<&'a FuncType> {
        let EntityType::Func(id) = entity else { return None };
        self.types.get(id).map(SubType::unwrap_func)
    }

    fn memory(&mut self) -> Option<(u64, Option<u64>)> {
        let problem = match self.export(MEMORY) {
            Some(EntityType::Memory(memory)) if !memory.memory64 && !memory.shared => {
                return Some((memory.initial, memory.maximum));
            }
            Some(EntityType::Memory(_)) => format!("export {} must be a 32-bit, unshared memory", quoted(MEMORY)),
            Some(other) => format!("export {} must be a memory, not a {}", quoted(MEMORY), kind(&other)),
            None => format!("export {} (a memory) is missing", quoted(MEMORY)),
        };
        self.problems.push(problem);
        None
    }

    fn function(&mut self, name: &str, signature: &Signature) {
        let export = self.export(name);
        let problem = match (export.and_then(|export| self.function_type(export)), export) {
            (Some(function), _) if signature.is_of(function) => return,
            (Some(function), _) => format!("export {} must be {signature}, not {}", quoted(name), Shown(function)),
            (None, Some(other)) => format!("export {} must be {signature}, not a {}", quoted(name), kind(&other)),
            (None, None) => format!("export {} {signature} is missing", quoted(name)),
        };
        self.problems.push(problem);
    }

    /// A mutable global holds the number, and an immutable one the address of the number.
    fn log_global(&mut self, name: &str) {
        let problem = match self.export(name) {
            Some(EntityType::Global(global)) if global.content_type == ValType::I32 => return,
            Some(EntityType::Global(global)) => {
                format!("export {} must be a global of type i32, not {}", quoted(name), global.content_type)
            }
            Some(other) => format!("export {} must be a global, not a {}", quoted(name), kind(&other)),
            None => {
                format!("export {} (a global) is missing: {LOG_POINTER} and {LOG_LENGTH} belong together", quoted(name))
            }
        };
        self.problems.push(problem);
    }

    fn hooks(&mut self) -> Vec<Box<str>> {
        let hooks: Vec<_> = self
            .exports()
            .filter(|(name, _)| name.len() <= MAX_HOOK_NAME_BYTES && guest_text::is_plain(name))
            .filter(|(_, entity)| self.function_type(*entity).is_some_and(|function| Signature::HOOK.is_of(function)))
            .map(|(name, _)| Box::from(name))
            .collect();
        if hooks.len() > MAX_HOOKS {
            self.problems
                .push(format!("{} exports have the signature of a hook; the most is {MAX_HOOKS}", hooks.len()));
        }
        hooks
    }
}

fn kind(export: &EntityType) -> &'static str {
    match export {
        EntityType::Func(_) | EntityType::FuncExact(_) => "function",
        EntityType::Global(_) => "global",
        EntityType::Table(_) => "table",
        EntityType::Memory(_) => "memory",
        EntityType::Tag(_) => "tag",
    }
}

/// A function type of the contract, which uses only `i32` and `i64`.
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
        self.params == function.params() && self.results == function.results()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_signature(formatter, self.params, self.results)
    }
}

/// A guest's function type. It may have any length, so only its beginning is shown.
struct Shown<'a>(&'a FuncType);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_signature(formatter, self.0.params(), self.0.results())
    }
}

fn write_signature(formatter: &mut fmt::Formatter<'_>, params: &[ValType], results: &[ValType]) -> fmt::Result {
    write_types(formatter, params)?;
    formatter.write_str(" -> ")?;
    write_types(formatter, results)
}

fn write_types(formatter: &mut fmt::Formatter<'_>, types: &[ValType]) -> fmt::Result {
    const SHOWN: usize = 8;
    formatter.write_str("(")?;
    for (index, value) in types.iter().take(SHOWN).enumerate() {
        if index > 0 {
            formatter.write_str(", ")?;
        }
        write!(formatter, "{value}")?;
    }
    formatter.write_str(if types.len() > SHOWN { ", …)" } else { ")" })
}
