//! The scan of a module before it is compiled, so that its author cannot choose the cost of compiling.
//!
//! It bounds everything that the compiler's time or memory is known to grow with, validates the module, and checks its exports
//! against the contract. It costs a fraction of compiling.

mod chains;
pub(crate) mod code_facts;
mod count;
mod depth;
mod function_work;
mod loops;
mod operator_work;
mod sections;
mod start_up_work;

use wasmparser::{
    BinaryReaderError, FuncToValidate, FuncValidatorAllocations, FunctionBody, Operator, Parser, Payload, ValidPayload,
    Validator, ValidatorResources,
};

use crate::error::HostError;
use crate::guest_text;
use crate::limits::Limits;
use crate::module::contract::{self, Contract, INITIALIZE};
use crate::module::not_a_module;
use crate::sandbox::config::FEATURES;
use code_facts::CodeFacts;
use count::Counts;
use function_work::FunctionWork;
use loops::Loops;
use start_up_work::Table;

/// The work that each byte of a module adds to its limit. The output of compilers counts as 200 to 300 for each byte.
const WORK_OF_A_BYTE: u64 = 300;

/// A module that was scanned.
pub(crate) struct Scanned {
    /// What it declares.
    pub(crate) contract: Contract,
    /// What is in its functions.
    pub(crate) code: CodeFacts,
}

/// Scans a plugin's module.
///
/// # Errors
/// If it is not a valid module, exceeds a limit, or does not follow the contract.
pub(crate) fn scan(key: &str, bytes: &[u8], limits: &Limits) -> Result<Scanned, HostError> {
    Scan::of(key, limits).plugin(bytes)
}

/// As [`scan`], for a module whose functions, with everything that they refer to, were scanned before, under any limits. They
/// are not read again, only what was found in them is compared with the limits.
pub(crate) fn scan_around(
    key: &str,
    bytes: &[u8],
    limits: &Limits,
    code: Option<&CodeFacts>,
) -> Result<Scanned, HostError> {
    let Some(code) = code else { return scan(key, bytes, limits) };
    let mut around = Scan::of(key, limits);
    around.known = Some(code);
    match around.plugin(bytes) {
        Ok(scanned) => Ok(scanned),
        // The refusal is that of the first scan.
        Err(_) => scan(key, bytes, limits),
    }
}

/// The work of a module, with any imports and exports.
pub(crate) fn work(key: &str, bytes: &[u8], limits: &Limits) -> Result<u64, HostError> {
    let mut scan = Scan::of(key, limits);
    scan.is_plugin = false;
    scan.module(bytes)?;
    Ok(scan.counts.work)
}

struct Scan<'a> {
    counts: Counts<'a>,
    /// What an earlier scan found in the functions.
    known: Option<&'a CodeFacts>,
    validator: Validator,
    allocations: Option<FuncValidatorAllocations>,
    function: FunctionWork,
    table: Table,
    /// The contract or its refusal, as soon as the exports are known.
    contract: Option<Result<Contract, HostError>>,
    is_plugin: bool,
    /// What is wrong with the first element segment that cannot be written.
    outside_its_table: Option<String>,
    /// What the author can do if its memory is too large.
    stack_advice: &'static str,
}

/// A stack pointer that begins this high means the linker's default stack of 1 MiB or more; a plugin needs a page.
const LARGE_STACK: i32 = 1_048_576;

/// The advice for a module with such a stack.
const STACK_ADVICE: &str = "; most of it may be the linker's default C stack: build with -Wl,-z,stack-size=65536 (wasm-ld: \
     -z stack-size=65536; Zig: --stack 65536; Rust: -C link-arg=-zstack-size=65536)";

impl<'a> Scan<'a> {
    fn of(key: &'a str, limits: &'a Limits) -> Self {
        Self {
            counts: Counts::new(key, limits),
            known: None,
            validator: Validator::new_with_features(FEATURES),
            allocations: None,
            function: FunctionWork::default(),
            table: Table::default(),
            contract: None,
            is_plugin: true,
            outside_its_table: None,
            stack_advice: "",
        }
    }

    fn plugin(mut self, bytes: &[u8]) -> Result<Scanned, HostError> {
        let read = self.module(bytes);
        match (read, self.contract) {
            // The contract comes first: fixing it changes the module.
            (Err(HostError::Limit { .. }) | Ok(()), Some(Err(refusal))) => Err(refusal),
            (Err(error), _) => Err(error),
            (Ok(()), Some(Ok(contract))) => Ok(Scanned { contract, code: self.counts.code }),
            (Ok(()), None) => Err(HostError::Internal("a module has no end".to_owned())),
        }
    }

    fn module(&mut self, bytes: &[u8]) -> Result<(), HostError> {
        self.counts.module_bytes(bytes.len())?;
        if let Some(reason) = not_a_module::reason(bytes) {
            return Err(HostError::Compile { plugin: self.counts.key.to_owned(), reason });
        }
        let mut parser = Parser::new(0);
        parser.set_features(FEATURES);
        for payload in parser.parse_all(bytes) {
            let payload = payload.map_err(|error| self.invalid(&error))?;
            self.payload(payload)?;
        }
        Ok(())
    }

    fn payload(&mut self, payload: Payload<'_>) -> Result<(), HostError> {
        // Before it is validated, because that also takes time.
        self.count(&payload)?;
        // Exports and imports are complete when the code begins or the module ends.
        if matches!(payload, Payload::CodeSectionStart { .. } | Payload::End(_)) {
            self.check_contract()?;
        }
        if let (Payload::CodeSectionStart { .. }, Some(code)) = (&payload, self.known)
            && !self.counts.add_code(code)?
        {
            return Err(HostError::Internal("a known function exceeds a limit".to_owned()));
        }
        match self.validator.payload(&payload).map_err(|error| self.invalid(&error))? {
            ValidPayload::Func(..) if self.known.is_some() => Ok(()),
            ValidPayload::Func(function, body) => self.function(function, &body),
            _ => self.weigh(payload),
        }
    }

    /// Refuses too many items of any kind.
    fn count(&mut self, payload: &Payload<'_>) -> Result<(), HostError> {
        match payload {
            Payload::TypeSection(section) => self.types(section.clone()),
            Payload::ImportSection(section) => {
                self.counts.items("imports", section)?;
                for import in section.clone().into_imports() {
                    let import = import.map_err(|error| self.invalid(&error))?;
                    self.counts.name(import.module)?;
                    self.counts.name(import.name)?;
                }
                Ok(())
            }
            Payload::FunctionSection(section) => self.counts.functions(section.count()),
            Payload::TableSection(section) => self.tables(section.clone()),
            Payload::MemorySection(section) => self.counts.items("memories", section),
            Payload::GlobalSection(section) => self.counts.items("globals", section),
            Payload::ElementSection(section) => self.counts.items("element segments", section),
            Payload::DataSection(section) => self.counts.items("data segments", section),
            Payload::ExportSection(section) => {
                self.counts.items("exports", section)?;
                for export in section.clone() {
                    let export = export.map_err(|error| self.invalid(&error))?;
                    self.counts.name(export.name)?;
                    if export.name == INITIALIZE {
                        self.counts.is_compiled_twice();
                    }
                }
                Ok(())
            }
            // Without a start-up it is compiled once.
            Payload::StartSection { .. } => {
                self.counts.is_compiled_twice();
                Ok(())
            }
            Payload::CodeSectionEntry(body) => self.counts.function_bytes(body.range().len()),
            _ => Ok(()),
        }
    }

    /// Counts the work of a valid section.
    fn weigh(&mut self, payload: Payload<'_>) -> Result<(), HostError> {
        let mut work: u64 = 0;
        match payload {
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global.map_err(|error| self.invalid(&error))?;
                    if start_up_work::stack_pointer(&global).is_some_and(|begins| begins >= LARGE_STACK) {
                        self.stack_advice = STACK_ADVICE;
                    }
                    let global = start_up_work::constant(&global.init_expr).map_err(|error| self.invalid(&error))?;
                    work = work.saturating_add(global);
                }
            }
            Payload::ElementSection(section) => return self.elements(section),
            Payload::DataSection(section) => {
                for segment in section {
                    let segment = segment.map_err(|error| self.invalid(&error))?;
                    let segment = start_up_work::data(&segment.kind).map_err(|error| self.invalid(&error))?;
                    work = work.saturating_add(segment);
                }
            }
            _ => return Ok(()),
        }
        self.counts.add_work(work)
    }

    fn function(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
    ) -> Result<(), HostError> {
        let mut validator = function.into_validator(self.allocations.take().unwrap_or_default());
        let mut reader = body.get_binary_reader();
        self.locals(body, u64::from(validator.len_locals()))?;
        validator.read_locals(&mut reader).map_err(|error| self.invalid(&error))?;
        self.function.begin(validator.len_locals());
        let mut operators = body.get_operators_reader().map_err(|error| self.invalid(&error))?;
        let mut loops = Loops::default();
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset().map_err(|error| self.invalid(&error))?;
            loops.operator(&operator);
            self.counts.code.operator(&operator);
            self.counts.nesting(loops.blocks(), loops.nested())?;
            if let Operator::BrTable { targets } = &operator {
                self.counts.targets(targets.len())?;
            }
            let before = validator.operand_stack_height();
            validator.op(offset, &operator).map_err(|error| self.invalid(&error))?;
            self.function.operator(&operator, before, validator.operand_stack_height());
        }
        operators.finish().map_err(|error| self.invalid(&error))?;
        self.allocations = Some(validator.into_allocations());
        self.counts.code.hold_ns(self.function.hold_ns());
        self.counts.add_function(self.function.end(), body.range().len())
    }

    /// Counted before the validator records each local variable.
    fn locals(&mut self, body: &FunctionBody<'_>, parameters: u64) -> Result<(), HostError> {
        let mut locals = parameters;
        for local in body.get_locals_reader().map_err(|error| self.invalid(&error))? {
            let (count, _) = local.map_err(|error| self.invalid(&error))?;
            locals = locals.saturating_add(u64::from(count));
        }
        self.counts.locals(locals)
    }

    /// Checks exports and imports. A refusal is kept until the rest of the module was scanned.
    fn check_contract(&mut self) -> Result<(), HostError> {
        if !self.is_plugin || self.contract.is_some() {
            return Ok(());
        }
        let types = self.validator.types(0).ok_or_else(|| HostError::Internal("a module has no types".to_owned()))?;
        let contract = contract::read(types);
        let key = self.counts.key;
        match contract {
            Ok(contract) if types.core_imports().into_iter().flatten().next().is_none() => {
                self.counts.memory_pages(contract.min_pages, self.stack_advice)?;
                let outside = self.outside_its_table.take().map(|problem| contract::refusal(key, types, vec![problem]));
                self.contract = Some(outside.map_or(Ok(contract), Err));
            }
            contract => self.contract = Some(Err(contract::refusal(key, types, contract.err().unwrap_or_default()))),
        }
        Ok(())
    }

    fn invalid(&self, error: &BinaryReaderError) -> HostError {
        HostError::Compile { plugin: self.counts.key.to_owned(), reason: guest_text::clean(&error.to_string()) }
    }
}
