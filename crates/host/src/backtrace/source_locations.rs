//! Finding the source lines of instructions in a module's debug information.
//!
//! This uses gimli's readers directly, because higher-level libraries are made for trusted files: nothing here recurses, and
//! each loop takes from a bounded number of steps.

use std::collections::HashMap;
use std::sync::Arc;

use gimli::constants as names;
use gimli::{
    Abbreviations, ColumnType, DebugAbbrevOffset, Dwarf, Error, LineProgramHeader, Reader, Result, Unit, UnitOffset,
};

use crate::backtrace::counted_reader::{CountedReader, Steps};
use crate::backtrace::debug_sections::DebugSections;
use crate::backtrace::function_entry::FunctionEntry;
use crate::backtrace::function_name;
use crate::backtrace::spot::Spot;

/// The most steps of one lookup: at most 3 ms.
const MOST_STEPS: u64 = 300_000;

/// The steps of an entry, beyond those of reading its bytes.
const STEPS_OF_AN_ENTRY: u64 = 8;

/// The most attributes of an entry. Some take neither bytes nor steps to read.
const MOST_ATTRIBUTES: usize = 64;

/// The most inlined calls that are shown for one instruction.
const MOST_INLINED: usize = 8;

/// The most references to follow for a function's name.
const MOST_REFERENCES: usize = 4;

/// A line of the source, and its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceLocation {
    /// The function, if it is known.
    pub(crate) function: Option<String>,
    /// The file, its line and its column, such as `src/lib.rs:12:5`.
    pub(crate) line: String,
}

/// The result of a lookup.
pub(crate) struct Found {
    /// For each address its source line, and after that the lines of the calls that were inlined there.
    pub(crate) locations: Vec<Vec<SourceLocation>>,
    /// Was it given up because it took too many steps?
    pub(crate) is_too_long: bool,
}

/// Finds the source lines of instructions. Their addresses are relative to the beginning of the code section's content, as in
/// debug information.
pub(crate) fn find(sections: &DebugSections, addresses: &[u64]) -> Found {
    let steps = Steps::new(MOST_STEPS);
    let Ok(dwarf) = Dwarf::load(|id| Ok::<_, Error>(CountedReader::new(sections.get(id), &steps))) else {
        return Found { locations: Vec::new(), is_too_long: true };
    };
    let mut lookup = Lookup {
        dwarf,
        steps: &steps,
        abbreviations: HashMap::new(),
        wanted: addresses.iter().map(|address| Wanted::new(*address)).collect(),
    };
    // An error ends the lookup, and keeps what was found.
    let _ = lookup.through_units();
    let locations = lookup.wanted.into_iter().map(|wanted| wanted.locations).collect();
    Found { locations, is_too_long: steps.are_used_up() }
}

struct Lookup<'a> {
    dwarf: Dwarf<CountedReader<'a>>,
    steps: &'a Steps,
    abbreviations: HashMap<DebugAbbrevOffset, Arc<Abbreviations>>,
    wanted: Vec<Wanted>,
}

/// An address, and what is known of it in the current unit.
struct Wanted {
    address: u64,
    row: Option<Row>,
    /// Its function.
    function: Option<Calling>,
    /// The calls that were inlined, outermost first.
    inlined: Vec<Calling>,
    locations: Vec<SourceLocation>,
}

/// A row of the line table.
#[derive(Clone, Copy)]
struct Row {
    address: u64,
    spot: Spot,
}

/// A function, and the line of its call if that was inlined.
struct Calling {
    function: UnitOffset,
    from: Spot,
}

impl Wanted {
    fn new(address: u64) -> Self {
        Self { address, row: None, function: None, inlined: Vec::new(), locations: Vec::new() }
    }

    fn is_found(&self) -> bool {
        !self.locations.is_empty()
    }
}

impl<'a> Lookup<'a> {
    fn through_units(&mut self) -> Result<()> {
        let mut units = self.dwarf.units();
        while let Some(header) = units.next()? {
            if self.wanted.iter().all(Wanted::is_found) || self.steps.are_used_up() {
                break;
            }
            let offset = header.debug_abbrev_offset();
            let abbreviations = match self.abbreviations.get(&offset) {
                Some(abbreviations) => Arc::clone(abbreviations),
                None => Arc::new(header.abbreviations(&self.dwarf.debug_abbrev)?),
            };
            self.abbreviations.insert(offset, Arc::clone(&abbreviations));
            let root =
                header.entries_raw(&abbreviations, None)?.read_abbreviation()?.map(|root| root.attributes().len());
            if root.is_none_or(|attributes| attributes > MOST_ATTRIBUTES) || !self.steps.take(MOST_ATTRIBUTES as u64) {
                continue;
            }
            if let Ok(unit) = Unit::new_with_abbreviations(&self.dwarf, header, abbreviations) {
                // A damaged unit does not hide the others.
                let _ = self.through_unit(&unit);
            }
        }
        Ok(())
    }

    fn through_unit(&mut self, unit: &Unit<CountedReader<'a>>) -> Result<()> {
        let mut ranges = self.dwarf.unit_ranges(unit)?;
        let mut is_here = vec![false; self.wanted.len()];
        while let Some(range) = ranges.next()? {
            for (is_here, wanted) in is_here.iter_mut().zip(&self.wanted) {
                *is_here |= !wanted.is_found() && (range.begin..range.end).contains(&wanted.address);
            }
        }
        let Some(program) = unit.line_program.clone().filter(|_| is_here.contains(&true)) else {
            return Ok(());
        };
        // Lines that cannot be read to their end, and calls neither, leave what was read of them.
        let _ = self.through_lines(program.clone(), &is_here);
        let _ = self.through_functions(unit, &is_here);
        for index in 0..self.wanted.len() {
            if is_here.get(index) == Some(&true) {
                self.finish(unit, program.header(), index);
            }
        }
        Ok(())
    }

    fn through_lines(
        &mut self,
        program: gimli::IncompleteLineProgram<CountedReader<'a>>,
        is_here: &[bool],
    ) -> Result<()> {
        let mut rows = program.rows();
        // The previous row of the same sequence.
        let mut last: Option<Row> = None;
        // Linkers leave removed code at address 0.
        let mut is_removed = false;
        while let Some((_, row)) = rows.next_row()? {
            let is_first = last.is_none();
            if is_first {
                is_removed = row.address() == 0;
            }
            if let Some(last) = last.filter(|_| !is_removed) {
                for (wanted, _) in self.wanted.iter_mut().zip(is_here).filter(|(_, is_here)| **is_here) {
                    let is_nearer = wanted.row.is_none_or(|row| row.address <= last.address);
                    if is_nearer && (last.address..row.address()).contains(&wanted.address) {
                        wanted.row = Some(last);
                    }
                }
            }
            last = (!row.end_sequence()).then(|| Row {
                address: row.address(),
                spot: Spot {
                    file: row.file_index(),
                    line: row.line().map_or(0, u64::from),
                    column: match row.column() {
                        ColumnType::LeftEdge => 0,
                        ColumnType::Column(column) => column.into(),
                    },
                },
            });
        }
        Ok(())
    }

    /// Finds the functions of the addresses, and the calls that were inlined there.
    fn through_functions(&mut self, unit: &Unit<CountedReader<'a>>, is_here: &[bool]) -> Result<()> {
        let mut entries = unit.entries_raw(None)?;
        // The depth of the function after which nothing more can be found.
        let mut last = None;
        while !entries.is_empty() {
            let (offset, depth) = (entries.next_offset(), entries.next_depth());
            let Some(abbreviation) = entries.read_abbreviation()? else { continue };
            if last.is_some_and(|last| depth <= last) {
                break;
            }
            let attributes = abbreviation.attributes();
            if attributes.len() > MOST_ATTRIBUTES || !self.steps.take(STEPS_OF_AN_ENTRY) {
                return Ok(());
            }
            let is_function = abbreviation.tag() == names::DW_TAG_subprogram;
            if !is_function && abbreviation.tag() != names::DW_TAG_inlined_subroutine {
                entries.skip_attributes(attributes)?;
                continue;
            }
            let mut function = FunctionEntry::default();
            for specification in attributes {
                function.take(&entries.read_attribute(*specification)?);
            }
            let ranges = function.ranges(&self.dwarf, unit)?;
            for (wanted, _) in self.wanted.iter_mut().zip(is_here).filter(|(_, is_here)| **is_here) {
                if !ranges.iter().any(|(begin, end)| (*begin..*end).contains(&wanted.address)) {
                    continue;
                }
                let calling = Calling { function: function.origin.unwrap_or(offset), from: function.from };
                if is_function {
                    wanted.function = Some(calling);
                    wanted.inlined.clear();
                } else if wanted.function.is_some() && wanted.inlined.len() < MOST_INLINED {
                    wanted.inlined.push(calling);
                }
            }
            let mut here = self.wanted.iter().zip(is_here).filter(|(_, is_here)| **is_here);
            if is_function && here.all(|(wanted, _)| wanted.function.is_some()) {
                last = Some(depth);
            }
        }
        Ok(())
    }

    /// Turns what was found of an address into source lines.
    fn finish(&mut self, unit: &Unit<CountedReader<'a>>, lines: &LineProgramHeader<CountedReader<'a>>, index: usize) {
        let Some(wanted) = self.wanted.get(index) else { return };
        let Some(row) = wanted.row else { return };
        let mut spot = row.spot;
        let mut locations = Vec::new();
        for Calling { function, from } in wanted.inlined.iter().rev().chain(&wanted.function) {
            let function = self.name(unit, *function).ok().flatten();
            locations.push(SourceLocation { function, line: spot.shown(&self.dwarf, unit, lines) });
            spot = *from;
        }
        if wanted.function.is_none() {
            locations.push(SourceLocation { function: None, line: spot.shown(&self.dwarf, unit, lines) });
        }
        if let Some(wanted) = self.wanted.get_mut(index) {
            wanted.locations = locations;
        }
    }

    /// Follows a function's references to its name.
    fn name(&self, unit: &Unit<CountedReader<'a>>, function: UnitOffset) -> Result<Option<String>> {
        let mut offset = function;
        for _ in 0..MOST_REFERENCES {
            let mut entries = unit.entries_raw(Some(offset))?;
            let Some(abbreviation) = entries.read_abbreviation()? else { return Ok(None) };
            let attributes = abbreviation.attributes();
            if attributes.len() > MOST_ATTRIBUTES || !self.steps.take(attributes.len() as u64) {
                return Ok(None);
            }
            let mut entry = FunctionEntry::default();
            for specification in attributes {
                entry.take(&entries.read_attribute(*specification)?);
            }
            if let Some(name) = entry.linkage_name.or(entry.name) {
                let name = self.dwarf.attr_string(unit, name)?;
                return Ok(Some(function_name::shown(&name.to_string_lossy()?)));
            }
            match entry.origin {
                Some(origin) => offset = origin,
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}
