//! Taking the data out of a module, so that it is not compiled with the code and copied into the memory of each call.

use wasm_encoder::{Encode, RawSection, Section, SectionId};
use wasmparser::{DataKind, DataSectionReader, MemorySectionReader, Operator, Parser, Payload};

use crate::limits::PAGE_BYTES;
use crate::module::halves::GlobalValue;
use crate::module::initial_data::InitialData;
use crate::module::sections::sections;

/// The longest span of data with large gaps. A plugin's image has no gaps: with a longer span, a module of 118 bytes would take
/// gigabytes.
const SCATTERED_BYTES: usize = 1_024 * 1_024;

/// A module without its data, and the data.
pub(crate) struct WithoutData {
    pub(crate) module: Vec<u8>,
    pub(crate) data: InitialData,
}

/// A segment of a data section.
struct Segment<'a> {
    /// Where an active segment begins in the memory.
    offset: Option<u32>,
    data: &'a [u8],
}

impl WithoutData {
    /// Has a module no data to take out?
    pub(crate) fn has_none(module: &[u8]) -> bool {
        sections(module).all(|payload| payload.is_ok_and(|payload| !matches!(payload, Payload::DataSection(_))))
    }

    /// Takes the data out of a module. `None` if that could change what the module does, or if the module need not be valid: its offsets
    /// are no plain numbers, it does not fit the memory, or it is scattered.
    ///
    /// Its code stays where it is.
    pub(crate) fn of(module: &[u8]) -> Option<Self> {
        let parts = Parts::of(module)?;
        let data = parts.initial_data()?;
        let kept = parts.kept_segments(module)?;
        let mut without = Vec::with_capacity(module.len().saturating_sub(data.bytes.len()));
        let mut end = 0;
        if let Some((range, count)) = &parts.data_count {
            without.extend(module.get(end..range.start)?);
            without.extend(padded(u32::try_from(kept).ok()?, range.len()).filter(|_| *count as usize >= kept)?);
            end = range.end;
        }
        without.extend(module.get(end..parts.section.start)?);
        parts.section_of_kept(kept, &mut without);
        without.extend(module.get(parts.section.end..)?);
        Some(Self { module: without, data })
    }
}

/// What of a module has to do with its data.
struct Parts<'a> {
    memory_bytes: u64,
    segments: Vec<Segment<'a>>,
    /// The data section, with its header.
    section: std::ops::Range<usize>,
    /// Where the number of segments is, and the number.
    data_count: Option<(std::ops::Range<usize>, u32)>,
}

impl<'a> Parts<'a> {
    fn of(module: &'a [u8]) -> Option<Self> {
        let (mut memory_bytes, mut data, mut data_count) = (None, None, None);
        let mut end = 0;
        for payload in sections(module) {
            let payload = payload.ok()?;
            let Some((_, range)) = payload.as_section() else { continue };
            let begins = std::mem::replace(&mut end, range.end);
            match payload {
                Payload::MemorySection(memories) => memory_bytes = Some(memory(memories)?),
                Payload::DataCountSection { count, range } => data_count = Some((range, count)),
                Payload::DataSection(section) => data = Some((begins..range.end, segments(section)?)),
                _ => {}
            }
        }
        let (section, segments) = data?;
        let counts = data_count.as_ref().is_none_or(|(_, count)| *count as usize == segments.len());
        counts.then_some(Self { memory_bytes: memory_bytes?, segments, section, data_count })
    }

    /// The contents of the active segments, of which later ones are written over earlier ones.
    fn initial_data(&self) -> Option<InitialData> {
        let active = || {
            let active = self.segments.iter().filter_map(|segment| Some((segment.offset? as usize, segment.data)));
            active.filter(|(_, data)| !data.is_empty())
        };
        let fits = |segment: &Segment<'_>| {
            let ends = segment.offset.map(|offset| u64::from(offset).saturating_add(segment.data.len() as u64));
            ends.is_none_or(|ends| ends <= self.memory_bytes)
        };
        if !self.segments.iter().all(fits) {
            return None;
        }
        let Some(begins) = active().map(|(offset, _)| offset).min() else {
            return Some(InitialData { is_all: true, ..InitialData::default() });
        };
        let ends = active().map(|(offset, data)| offset.saturating_add(data.len())).max().unwrap_or(begins);
        let (span, total) =
            (ends.checked_sub(begins)?, active().map(|(_, data)| data.len()).fold(0, usize::saturating_add));
        if span >= SCATTERED_BYTES && span >= total.saturating_mul(2) {
            return None;
        }
        let mut bytes = vec![0; span];
        for (offset, data) in active() {
            let at = offset.checked_sub(begins)?;
            bytes.get_mut(at..at.checked_add(data.len())?)?.copy_from_slice(data);
        }
        Some(InitialData { begins, bytes, is_all: true })
    }

    /// How many segments stay, so that the indices of those in use stay the same. A segment that was taken out stays as an empty
    /// passive one, which an active segment is after an instance was made.
    fn kept_segments(&self, module: &[u8]) -> Option<usize> {
        if self.data_count.is_none() {
            // Without it, code cannot refer to segments.
            let passive = self.segments.iter().any(|segment| segment.offset.is_none());
            return Some(if passive { self.segments.len() } else { 0 });
        }
        let last_passive = self.segments.iter().rposition(|segment| segment.offset.is_none());
        let passive = last_passive.map_or(0, |index| index.saturating_add(1));
        Some(passive.max(used_segments(module)?))
    }

    fn section_of_kept(&self, kept: usize, module: &mut Vec<u8>) {
        if kept == 0 {
            return;
        }
        let mut content = Vec::new();
        kept.encode(&mut content);
        for segment in self.segments.iter().take(kept) {
            content.push(PASSIVE);
            let data = if segment.offset.is_none() { segment.data } else { &[] };
            data.encode(&mut content);
        }
        RawSection { id: SectionId::Data.into(), data: &content }.append_to(module);
    }
}

/// The flag of a passive segment.
const PASSIVE: u8 = 1;

/// The bytes that the only memory begins with.
fn memory(memories: MemorySectionReader<'_>) -> Option<u64> {
    let mut memories = memories.into_iter();
    let memory = memories.next()?.ok()?;
    let is_usual = !memory.memory64 && !memory.shared && memory.page_size_log2.is_none();
    (is_usual && memories.next().is_none()).then(|| memory.initial.saturating_mul(PAGE_BYTES as u64))
}

fn segments(section: DataSectionReader<'_>) -> Option<Vec<Segment<'_>>> {
    let mut segments = Vec::new();
    for segment in section {
        let segment = segment.ok()?;
        let offset = match &segment.kind {
            DataKind::Passive => None,
            DataKind::Active { memory_index: 0, offset_expr } => match GlobalValue::of(offset_expr)? {
                GlobalValue::I32(offset) => Some(offset.cast_unsigned()),
                _ => return None,
            },
            DataKind::Active { .. } => return None,
        };
        segments.push(Segment { offset, data: segment.data });
    }
    Some(segments)
}

/// One more than the highest index of a segment that the code refers to.
fn used_segments(module: &[u8]) -> Option<usize> {
    let mut used = 0;
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload.ok()? else { continue };
        for operator in body.get_operators_reader().ok()? {
            if let Operator::MemoryInit { data_index, .. } | Operator::DataDrop { data_index } = operator.ok()? {
                used = used.max(usize::try_from(data_index).ok()?.checked_add(1)?);
            }
        }
    }
    Some(used)
}

/// LEB128 of exactly this length.
fn padded(value: u32, length: usize) -> Option<Vec<u8>> {
    let mut rest = value;
    let mut bytes = Vec::new();
    while bytes.len() < length {
        bytes.push(rest.to_le_bytes()[0] & 0x7f | 0x80);
        rest >>= 7;
    }
    *bytes.last_mut()? &= 0x7f;
    (rest == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use wasmparser::Parser;

    use super::{InitialData, WithoutData};

    fn without(definitions: &str) -> Option<(String, InitialData)> {
        let module = wat::parse_str(format!("(module {definitions})")).unwrap();
        let WithoutData { module, data } = WithoutData::of(&module)?;
        wasmparser::validate(&module).unwrap();
        let sections = Parser::new(0).parse_all(&module).filter_map(|payload| payload.unwrap().as_section());
        let sections: Vec<_> = sections.map(|(id, range)| format!("{id}:{}", range.len())).collect();
        Some((sections.join(" "), data))
    }

    fn data(begins: usize, bytes: &[u8]) -> InitialData {
        InitialData { begins, bytes: bytes.to_vec(), is_all: true }
    }

    #[test]
    fn later_segments_are_written_over_earlier_ones() {
        let (sections, taken) = without(
            r#"(memory 1) (data (i32.const 10) "first") (data (i32.const 8) "abc") (data (i32.const 14) "end")"#,
        )
        .unwrap();
        assert_eq!((sections.as_str(), taken), ("5:3", data(8, b"abcirsend")));
    }

    #[test]
    fn a_module_keeps_its_data_if_anything_about_it_is_unusual() {
        for kept in [
            "(memory 1)",
            r#"(memory 1) (global i32 (i32.const 8)) (data (global.get 0) "x")"#,
            r#"(memory 1) (data (i32.add (i32.const 8) (i32.const 1)) "x")"#,
            r#"(memory 1) (data (i32.const 8) "x") (data (i32.const 65536) "x")"#,
            r#"(memory 1) (data (i32.const -1) "")"#,
            r#"(memory 300) (data (i32.const 0) "x") (data (i32.const 0x1000000) "x")"#,
        ] {
            assert_eq!(without(kept), None, "{kept}");
        }
        let (_, taken) = without(r#"(memory 300) (data (i32.const 0) "x") (data (i32.const 0xffffe) "x")"#).unwrap();
        assert_eq!(taken.bytes.len(), 0xf_ffff);
    }

    #[test]
    fn segments_that_the_code_refers_to_keep_their_index() {
        let uses = |code: &str| {
            let (_, taken) = without(&format!(
                r#"(memory 1) (data (i32.const 1) "a") (data $p "passive") (data $b (i32.const 2) "b") (data (i32.const 3) "c")
                   (func {code})"#
            ))
            .unwrap();
            assert_eq!(taken, data(1, b"abc"));
        };
        // Validated: the last one refers to a segment that was taken out.
        uses("");
        uses("(memory.init $p (i32.const 0) (i32.const 0) (i32.const 0))");
        uses("(data.drop $b)");
    }

    #[test]
    fn the_code_stays_where_it_is() {
        let code_begins = |module: &[u8]| {
            let code = Parser::new(0).parse_all(module).filter_map(|payload| payload.unwrap().as_section());
            code.filter(|(id, _)| *id == 10).map(|(_, range)| range).next()
        };
        let segments = r#"(data (i32.const 1) "a")"#.repeat(300);
        let module = wat::parse_str(format!("(module (memory 1) {segments} (func (data.drop 3)))")).unwrap();
        let without = WithoutData::of(&module).unwrap();
        wasmparser::validate(&without.module).unwrap();
        assert_eq!(code_begins(&without.module), code_begins(&module));
        assert!(without.module.len() < 100, "{}", without.module.len());
    }
}
