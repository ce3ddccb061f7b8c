//! A function's entry in the debug information.

use gimli::constants as names;
use gimli::{Attribute, AttributeValue, Dwarf, Result, Unit, UnitOffset};

use crate::backtrace::counted_reader::CountedReader;
use crate::backtrace::spot::Spot;

/// An entry of a function, or of an inlined call of one.
#[derive(Default)]
pub(crate) struct FunctionEntry<'a> {
    low: Option<AttributeValue<CountedReader<'a>>>,
    high: Option<AttributeValue<CountedReader<'a>>>,
    ranges: Option<AttributeValue<CountedReader<'a>>>,
    pub(crate) origin: Option<UnitOffset>,
    pub(crate) name: Option<AttributeValue<CountedReader<'a>>>,
    pub(crate) linkage_name: Option<AttributeValue<CountedReader<'a>>>,
    pub(crate) from: Spot,
}

impl<'a> FunctionEntry<'a> {
    pub(crate) fn take(&mut self, attribute: &Attribute<CountedReader<'a>>) {
        let value = attribute.value();
        let number = || match value {
            AttributeValue::FileIndex(index) => index,
            _ => attribute.udata_value().unwrap_or(0),
        };
        match attribute.name() {
            names::DW_AT_low_pc => self.low = Some(value),
            names::DW_AT_high_pc => self.high = Some(value),
            names::DW_AT_ranges => self.ranges = Some(value),
            names::DW_AT_name => self.name = Some(value),
            names::DW_AT_linkage_name => self.linkage_name = Some(value),
            names::DW_AT_call_file => self.from.file = number(),
            names::DW_AT_call_line => self.from.line = number(),
            names::DW_AT_call_column => self.from.column = number(),
            names::DW_AT_abstract_origin | names::DW_AT_specification => {
                if let AttributeValue::UnitRef(offset) = value {
                    self.origin = Some(offset);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn ranges(
        &self,
        dwarf: &Dwarf<CountedReader<'a>>,
        unit: &Unit<CountedReader<'a>>,
    ) -> Result<Vec<(u64, u64)>> {
        let mut found = Vec::new();
        if let Some(ranges) = self.ranges
            && let Some(mut ranges) = dwarf.attr_ranges(unit, ranges)?
        {
            while let Some(range) = ranges.next()? {
                found.push((range.begin, range.end));
            }
        } else if let Some(low) = self.low.map(|low| dwarf.attr_address(unit, low)).transpose()?.flatten() {
            let high = match self.high {
                Some(AttributeValue::Udata(length)) => Some(low.saturating_add(length)),
                Some(high) => dwarf.attr_address(unit, high)?,
                None => None,
            };
            found.extend(high.map(|high| (low, high)));
        }
        Ok(found)
    }
}
