//! Counts of the sections that compiling or instantiating costs time for.

use wasmparser::{ElementSectionReader, TableInit, TableSectionReader, TypeSectionReader};

use super::Scan;
use super::count::as_u64;
use super::start_up_work::{self, Table};
use crate::error::HostError;

impl Scan<'_> {
    pub(super) fn types(&mut self, section: TypeSectionReader<'_>) -> Result<(), HostError> {
        self.counts.items("types", &section)?;
        let mut work: u64 = 0;
        for function in section.into_iter_err_on_gc_types() {
            let function = function.map_err(|error| self.invalid(&error))?;
            let values = as_u64(function.params().len().saturating_add(function.results().len()));
            self.counts.signature_values(values)?;
            work = work.saturating_add(start_up_work::bridge(values));
        }
        self.counts.add_work(work)
    }

    /// Checked here because the engine's pool would refuse the same with messages of its own.
    pub(super) fn tables(&mut self, section: TableSectionReader<'_>) -> Result<(), HostError> {
        self.counts.tables(section.count())?;
        for table in section {
            let table = table.map_err(|error| self.invalid(&error))?;
            self.counts.table_elements(table.ty.initial)?;
            let is_null = matches!(table.init, TableInit::RefNull);
            self.table = Table::new(table.ty.initial, table.ty.element_type.is_func_ref(), is_null);
        }
        Ok(())
    }

    pub(super) fn elements(&mut self, section: ElementSectionReader<'_>) -> Result<(), HostError> {
        for (index, element) in section.into_iter().enumerate() {
            let element = element.map_err(|error| self.invalid(&error))?;
            let (work, target) = self.table.segment(element).map_err(|error| self.invalid(&error))?;
            if let Some(target) = target.filter(|target| target.end() > self.table.elements) {
                let (end, elements) = (target.end(), self.table.elements);
                let problem = format!("its element segment {index} ends at {end}, outside its table of {elements}");
                self.outside_its_table.get_or_insert(problem);
            }
            self.counts.add_work(work)?;
        }
        Ok(())
    }
}
