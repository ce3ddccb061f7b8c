//! Counts of a module's items, and their limits.

use wasmparser::SectionLimited;

use crate::error::HostError;
use crate::guest_text::quoted;
use crate::limits::{Limit, Limits};

use super::WORK_OF_A_BYTE;
use super::code_facts::CodeFacts;

pub(super) struct Counts<'a> {
    pub(super) key: &'a str,
    pub(super) limits: &'a Limits,
    /// See [`Limit::COMPILE_WORK`].
    pub(super) work: u64,
    /// What was found in its functions.
    pub(super) code: CodeFacts,
    /// The number of times that the module is compiled.
    times: u64,
    bytes: u64,
}

impl<'a> Counts<'a> {
    pub(super) fn new(key: &'a str, limits: &'a Limits) -> Self {
        Self { key, limits, work: 0, code: CodeFacts::default(), times: 1, bytes: 0 }
    }

    pub(super) fn module_bytes(&mut self, bytes: usize) -> Result<(), HostError> {
        self.bytes = as_u64(bytes);
        self.at_most(Limit::MODULE_BYTES, "bytes", self.bytes, self.limits.max_module_bytes())
    }

    /// It has a start-up, so it is compiled once to run that, and once more as a snapshot.
    pub(super) fn is_compiled_twice(&mut self) {
        self.times = 2;
    }

    pub(super) fn add_work(&mut self, work: u64) -> Result<(), HostError> {
        self.work = self.work.saturating_add(work);
        let usual = self.bytes.min(self.limits.most_usual_bytes());
        self.at_most_work("", self.work, self.limits.max_compile_work(), usual)
    }

    /// Several functions compile at once, and the memory for each depends on its work, so one may have half of the limit.
    pub(super) fn add_function(&mut self, work: u64, bytes: usize) -> Result<(), HostError> {
        let most = self.limits.max_compile_work().div_euclid(2);
        self.code.function(work, as_u64(bytes));
        self.at_most_work(" in one function", work, most, as_u64(bytes))?;
        self.add_work(work)
    }

    /// Adds functions that were scanned before. `false` if one of them exceeds a limit.
    pub(super) fn add_code(&mut self, code: &CodeFacts) -> Result<bool, HostError> {
        self.code = code.clone();
        self.add_work(code.work)?;
        Ok(code.fit(self.limits, self.times))
    }

    fn at_most_work(&self, of_what: &str, work: u64, most: u64, bytes: u64) -> Result<(), HostError> {
        let (work, for_bytes) =
            (work.saturating_mul(self.times), bytes.saturating_mul(WORK_OF_A_BYTE).saturating_mul(self.times));
        if work.saturating_sub(for_bytes) <= most {
            return Ok(());
        }
        let (key, name, default) = (quoted(self.key), Limit::COMPILE_WORK.name, self.limits.max_compile_work());
        let message = format!(
            "plugin {key} has {work} units of work for the compiler{of_what}, {} more than code of {bytes} bytes should; \
             {name} is {default}",
            work.saturating_sub(for_bytes)
        );
        Err(HostError::limit(name, message))
    }

    pub(super) fn functions(&mut self, functions: u32) -> Result<(), HostError> {
        self.at_most(Limit::FUNCTIONS, "functions", u64::from(functions), self.limits.max_functions())
    }

    pub(super) fn function_bytes(&self, bytes: usize) -> Result<(), HostError> {
        let most = self.limits.max_function_bytes();
        self.at_most(Limit::FUNCTION_BYTES, "bytes in one function", as_u64(bytes), most)
    }

    pub(super) fn signature_values(&self, values: u64) -> Result<(), HostError> {
        let most = self.limits.max_signature_values();
        self.at_most(Limit::SIGNATURE_VALUES, "parameters and results of one type", values, most)
    }

    pub(super) fn locals(&mut self, locals: u64) -> Result<(), HostError> {
        self.code.locals(locals);
        self.at_most(Limit::LOCALS, "local variables in one function", locals, self.limits.max_locals())
    }

    pub(super) fn nesting(&mut self, blocks: usize, loops: usize) -> Result<(), HostError> {
        let (blocks, loops) = (as_u64(blocks), as_u64(loops));
        self.code.nesting(blocks, loops);
        self.at_most(Limit::NESTING, "nested blocks", blocks, self.limits.max_nesting())?;
        self.at_most(Limit::LOOP_NESTING, "nested loops", loops, self.limits.max_loop_nesting())
    }

    pub(super) fn targets(&mut self, targets: u32) -> Result<(), HostError> {
        let (targets, most) = (u64::from(targets), self.limits.max_br_table_targets());
        self.code.targets(targets);
        self.at_most(Limit::BR_TABLE_TARGETS, "targets in one br_table", targets, most)
    }

    pub(super) fn tables(&self, tables: u32) -> Result<(), HostError> {
        if tables <= 1 {
            return Ok(());
        }
        let problems = vec![format!("it has {tables} tables; a plugin may have one")];
        Err(HostError::Abi { plugin: self.key.to_owned(), problems })
    }

    pub(super) fn table_elements(&self, elements: u64) -> Result<(), HostError> {
        self.starts_with(Limit::TABLE_ELEMENTS, "table elements", elements, self.limits.max_table_elements(), "")
    }

    pub(super) fn memory_pages(&self, pages: u64, advice: &str) -> Result<(), HostError> {
        self.starts_with(Limit::MEMORY_PAGES, "pages of memory", pages, self.limits.max_memory_pages(), advice)
    }

    fn starts_with(&self, limit: Limit, what: &str, found: u64, most: u64, advice: &str) -> Result<(), HostError> {
        if found <= most {
            return Ok(());
        }
        let (key, name) = (quoted(self.key), limit.name);
        let message = format!("plugin {key} starts with {found} {what}; {name} is {most}{advice}");
        Err(HostError::limit(name, message))
    }

    pub(super) fn items<T>(&self, what: &str, section: &SectionLimited<'_, T>) -> Result<(), HostError> {
        self.at_most(Limit::SECTION_ITEMS, what, u64::from(section.count()), self.limits.max_section_items())
    }

    pub(super) fn name(&self, name: &str) -> Result<(), HostError> {
        self.at_most(Limit::NAME_BYTES, "bytes in one name", as_u64(name.len()), self.limits.max_name_bytes())
    }

    fn at_most(&self, limit: Limit, what: &str, found: u64, most: u64) -> Result<(), HostError> {
        if found <= most {
            return Ok(());
        }
        let (key, name) = (quoted(self.key), limit.name);
        Err(HostError::limit(name, format!("plugin {key} has {found} {what}; {name} is {most}")))
    }
}

pub(super) fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
