//! Loads and calls valid modules of the features that are on, most of them with the exports of a plugin.

#![no_main]

use std::convert::Infallible;
use std::sync::LazyLock;

use hookcell_fuzz::sandbox;
use hookcell_host::HostError;
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{CodeSection, Function};
use wasm_smith::{Config, Module};
use wasmparser::{ExternalKind, FunctionBody, Parser, Payload};

/// Exports with the right names and types; wasm-smith writes their functions.
static PLUGIN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = r#"(module
        (memory (export "memory") 1 40)
        (func (export "alloc") (param i32) (result i32) unreachable)
        (func (export "dealloc") (param i32 i32))
        (func (export "before_hook") (param i32 i32) (result i64) unreachable)
        (func (export "after_hook") (param i32 i32) (result i64) unreachable))"#;
    wat::parse_str(text).expect("a module")
});

#[derive(Debug)]
struct Input {
    bytes: Vec<u8>,
    /// Does it have the exports of a plugin?
    is_plugin: bool,
    /// May it use `externref`, the only part of the reference types that is off?
    has_references: bool,
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(data: &mut Unstructured<'a>) -> Result<Self> {
        let is_plugin = data.ratio(7, 8)?;
        let has_references = data.ratio(1, 3)?;
        let gives_room = data.ratio(3, 4)?;
        let config = Config {
            exports: is_plugin.then(|| PLUGIN.clone()),
            reference_types_enabled: has_references,
            max_imports: if is_plugin { 0 } else { 2 },
            disallow_traps: data.arbitrary()?,
            max_instructions: data.int_in_range(1..=1_000)?,
            max_funcs: 20,
            max_globals: 20,
            // In addition to the exported one.
            max_memories: usize::from(!is_plugin),
            max_memory32_bytes: 64 * 65_536,
            max_table_elements: 1_500,
            max_tables: 1,
            max_tags: 0,
            max_types: 20,
            // Features that are off.
            compact_imports_enabled: false,
            exceptions_enabled: false,
            gc_enabled: false,
            memory64_enabled: false,
            relaxed_simd_enabled: false,
            tail_call_enabled: false,
            threads_enabled: false,
            wide_arithmetic_enabled: false,
            ..Config::default()
        };
        let mut bytes = Module::new(config, data)?.to_bytes();
        if is_plugin && gives_room {
            bytes = GivesRoom::to(&bytes);
        }
        Ok(Self { bytes, is_plugin, has_references })
    }
}

/// Gives a module a working `alloc`, so that more than a few of its calls reach the hook.
struct GivesRoom {
    /// The function to replace with `alloc`, and the next function.
    alloc: u32,
    next: u32,
}

impl GivesRoom {
    const POINTER: i32 = 1_024;

    fn to(bytes: &[u8]) -> Vec<u8> {
        let exports = Parser::new(0).parse_all(bytes).find_map(|payload| match payload {
            Ok(Payload::ExportSection(exports)) => Some(exports),
            _ => None,
        });
        let alloc = exports.into_iter().flatten().flatten().find(|export| export.name == "alloc");
        let alloc = alloc.filter(|alloc| alloc.kind == ExternalKind::Func).expect("an alloc").index;
        let mut module = wasm_encoder::Module::new();
        // Without imports, a function has the same number in its section.
        let graft = Self { alloc, next: 0 }.parse_core_module(&mut module, Parser::new(0), bytes);
        graft.expect("a valid module");
        module.finish()
    }
}

impl Reencode for GivesRoom {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> std::result::Result<(), reencode::Error<Infallible>> {
        let number = self.next;
        self.next += 1;
        if number != self.alloc {
            return utils::parse_function_body(self, code, body);
        }
        let mut function = Function::new([]);
        function.instructions().i32_const(Self::POINTER).end();
        code.function(&function);
        Ok(())
    }
}

fuzz_target!(|input: Input| {
    match sandbox::load_and_call(&input.bytes) {
        Ok(()) | Err(HostError::Limit { .. }) => {}
        Err(HostError::Compile { reason, .. }) if input.has_references && reason.contains("gc types") => {}
        Err(HostError::Abi { .. } | HostError::Import { .. }) if !input.is_plugin => {}
        Err(error) => panic!("{}: {error}", error.code()),
    }
});
