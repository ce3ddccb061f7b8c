//! A look through a module before it is compiled, so that its author cannot choose what compiling costs.
//!
//! Everything is bounded here that the compiler's time or memory is known to grow with. Bytes that cannot be read end
//! the scan, and the load with it: the compiler works on functions in any order, so it might compile the rest first.

use wasmparser::{
    BinaryReaderError, ConstExpr, ElementItems, FunctionBody, Operator, Parser, Payload, SectionLimited,
    TableSectionReader,
};

use crate::engine::FEATURES;
use crate::error::HostError;
use crate::guest_text::{self, quoted};
use crate::limits::{Limit, Limits};

/// Branches of a function that cost as much as a local variable. The compiler's time grows faster than their number even
/// where there are no variables: 20,000 in one function took 10 s.
const BRANCHES_AS_LOCALS: u64 = 64;

/// What an operator of a constant expression counts for: 40,000 of them took 3.3 s and 280 MB.
const WORK_OF_A_CONSTANT: u64 = 250;

/// Refuses a module that exceeds a limit, or that cannot be read.
pub(crate) fn scan(key: &str, bytes: &[u8], limits: &Limits) -> Result<(), HostError> {
    let mut scan = Scan { key, limits, work: 0 };
    if bytes.len() > limits.module_bytes() {
        return Err(scan.exceeded(Limit::MODULE_BYTES, "bytes", as_u64(bytes.len()), limits.max_module_bytes()));
    }
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    for payload in parser.parse_all(bytes) {
        match payload {
            Ok(payload) => scan.payload(payload)?,
            Err(error) => return Err(scan.unreadable(&error)),
        }
    }
    Ok(())
}

struct Scan<'a> {
    key: &'a str,
    limits: &'a Limits,
    /// See [`Limit::COMPILE_WORK`].
    work: u64,
}

impl Scan<'_> {
    fn payload(&mut self, payload: Payload<'_>) -> Result<(), HostError> {
        match payload {
            Payload::TypeSection(section) => {
                self.items("types", &section)?;
                for function in section.into_iter_err_on_gc_types() {
                    let function = function.map_err(|error| self.unreadable(&error))?;
                    let values = as_u64(function.params().len().saturating_add(function.results().len()));
                    let most = self.limits.max_signature_values();
                    self.at_most(Limit::SIGNATURE_VALUES, "parameters and results of one type", values, most)?;
                }
                Ok(())
            }
            Payload::ImportSection(section) => {
                self.items("imports", &section)?;
                for import in section.into_imports() {
                    let import = import.map_err(|error| self.unreadable(&error))?;
                    self.name(import.module)?;
                    self.name(import.name)?;
                }
                Ok(())
            }
            Payload::FunctionSection(section) => {
                let functions = u64::from(section.count());
                self.at_most(Limit::FUNCTIONS, "functions", functions, self.limits.max_functions())
            }
            Payload::TableSection(section) => self.tables(section),
            Payload::MemorySection(section) => self.items("memories", &section),
            Payload::GlobalSection(section) => {
                self.items("globals", &section)?;
                for global in section {
                    self.constant(&global.map_err(|error| self.unreadable(&error))?.init_expr)?;
                }
                Ok(())
            }
            Payload::ElementSection(section) => {
                self.items("element segments", &section)?;
                for element in section {
                    self.elements(element.map_err(|error| self.unreadable(&error))?.items)?;
                }
                Ok(())
            }
            Payload::DataSection(section) => self.items("data segments", &section),
            Payload::ExportSection(section) => {
                self.items("exports", &section)?;
                for export in section {
                    self.name(export.map_err(|error| self.unreadable(&error))?.name)?;
                }
                Ok(())
            }
            Payload::CodeSectionEntry(body) => self.body(&body),
            _ => Ok(()),
        }
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), HostError> {
        let length = as_u64(body.range().len());
        self.at_most(Limit::FUNCTION_BYTES, "bytes in one function", length, self.limits.max_function_bytes())?;
        let locals = self.locals(body)?;
        let branches = self.branches(body)?;
        self.work_more(branches.saturating_mul(locals.max(branches.div_euclid(BRANCHES_AS_LOCALS))))
    }

    fn work_more(&mut self, work: u64) -> Result<(), HostError> {
        self.work = self.work.saturating_add(work);
        self.at_most(Limit::COMPILE_WORK, "units of work for the compiler", self.work, self.limits.max_compile_work())
    }

    /// The compiler makes one function of all constant expressions that are not plain constants.
    fn constant(&mut self, expression: &ConstExpr<'_>) -> Result<(), HostError> {
        let mut operators: u64 = 0;
        for operator in expression.get_operators_reader() {
            operator.map_err(|error| self.unreadable(&error))?;
            operators = operators.saturating_add(1);
        }
        self.work_more(operators.saturating_mul(WORK_OF_A_CONSTANT))
    }

    fn elements(&mut self, items: ElementItems<'_>) -> Result<(), HostError> {
        if let ElementItems::Expressions(_, expressions) = items {
            for expression in expressions {
                self.constant(&expression.map_err(|error| self.unreadable(&error))?)?;
            }
        }
        Ok(())
    }

    fn locals(&self, body: &FunctionBody<'_>) -> Result<u64, HostError> {
        let mut locals: u64 = 0;
        for local in body.get_locals_reader().map_err(|error| self.unreadable(&error))? {
            let (count, _) = local.map_err(|error| self.unreadable(&error))?;
            locals = locals.saturating_add(u64::from(count));
        }
        self.at_most(Limit::LOCALS, "local variables in one function", locals, self.limits.max_locals())?;
        Ok(locals)
    }

    fn branches(&self, body: &FunctionBody<'_>) -> Result<u64, HostError> {
        let mut branches: u64 = 0;
        // One entry a block that is open: is it a loop? No longer than `maxNesting`.
        let mut open = Vec::new();
        let mut loops: u64 = 0;
        for operator in body.get_operators_reader().map_err(|error| self.unreadable(&error))? {
            let operator = operator.map_err(|error| self.unreadable(&error))?;
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                    let is_loop = matches!(operator, Operator::Loop { .. });
                    open.push(is_loop);
                    loops = loops.saturating_add(u64::from(is_loop));
                    branches = branches.saturating_add(1);
                    let (nesting, most) = (as_u64(open.len()), self.limits.max_nesting());
                    self.at_most(Limit::NESTING, "blocks inside one another", nesting, most)?;
                    self.at_most(
                        Limit::LOOP_NESTING,
                        "loops inside one another",
                        loops,
                        self.limits.max_loop_nesting(),
                    )?;
                }
                Operator::End => {
                    let was_loop = open.pop().unwrap_or_default();
                    loops = loops.saturating_sub(u64::from(was_loop));
                }
                Operator::BrTable { targets } => {
                    let (targets, most) = (u64::from(targets.len()), self.limits.max_br_table_targets());
                    self.at_most(Limit::BR_TABLE_TARGETS, "targets in one br_table", targets, most)?;
                    branches = branches.saturating_add(targets);
                }
                // Each of them tests something, and branches to a trap or a slower path.
                Operator::CallIndirect { .. }
                | Operator::MemoryCopy { .. }
                | Operator::MemoryFill { .. }
                | Operator::MemoryGrow { .. }
                | Operator::MemoryInit { .. }
                | Operator::TableCopy { .. }
                | Operator::TableFill { .. }
                | Operator::TableGet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableInit { .. }
                | Operator::TableSet { .. } => branches = branches.saturating_add(1),
                _ => {}
            }
        }
        Ok(branches)
    }

    /// Here rather than by the engine, whose pool would refuse the same in words of its own.
    fn tables(&self, section: TableSectionReader<'_>) -> Result<(), HostError> {
        let tables = section.count();
        if tables > 1 {
            let problems = vec![format!("it has {tables} tables; a plugin may have one")];
            return Err(HostError::Abi { plugin: self.key.to_owned(), problems });
        }
        for table in section {
            let elements = table.map_err(|error| self.unreadable(&error))?.ty.initial;
            if elements > self.limits.max_table_elements() {
                let (key, limit) = (quoted(self.key), Limit::TABLE_ELEMENTS);
                let most = self.limits.max_table_elements();
                let message = format!("plugin {key} starts with {elements} table elements; {} is {most}", limit.name);
                return Err(HostError::limit(limit.name, message));
            }
        }
        Ok(())
    }

    fn items<T>(&self, what: &str, section: &SectionLimited<'_, T>) -> Result<(), HostError> {
        self.at_most(Limit::SECTION_ITEMS, what, u64::from(section.count()), self.limits.max_section_items())
    }

    fn name(&self, name: &str) -> Result<(), HostError> {
        self.at_most(Limit::NAME_BYTES, "bytes in one name", as_u64(name.len()), self.limits.max_name_bytes())
    }

    fn at_most(&self, limit: Limit, what: &str, found: u64, most: u64) -> Result<(), HostError> {
        if found > most { Err(self.exceeded(limit, what, found, most)) } else { Ok(()) }
    }

    fn exceeded(&self, limit: Limit, what: &str, found: u64, most: u64) -> HostError {
        let (key, name) = (quoted(self.key), limit.name);
        HostError::limit(name, format!("plugin {key} has {found} {what}; {name} is {most}"))
    }

    fn unreadable(&self, error: &BinaryReaderError) -> HostError {
        HostError::Compile { plugin: self.key.to_owned(), reason: guest_text::clean(&error.to_string()) }
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
