//! The sections of a module, without a look into its functions.

use wasmparser::{BinaryReaderError, Chunk, Parser, Payload};

/// The parts of a module, as [`Parser::parse_all`] gives them, except the single functions of the code section: a module may
/// have tens of thousands.
pub(crate) fn sections(bytes: &[u8]) -> impl Iterator<Item = Result<Payload<'_>, BinaryReaderError>> {
    let mut parser = Parser::new(0);
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let here = rest?;
        match parser.parse(here, true) {
            Ok(Chunk::Parsed { consumed, payload }) => {
                rest = here.get(consumed..).filter(|_| !matches!(payload, Payload::End(_)));
                if let Payload::CodeSectionStart { size, .. } = payload {
                    parser.skip_section();
                    rest = rest.and_then(|rest| rest.get(usize::try_from(size).ok()?..));
                }
                Some(Ok(payload))
            }
            // At the end of the bytes this is an error.
            Ok(Chunk::NeedMoreData(_)) => {
                rest = None;
                None
            }
            Err(error) => {
                rest = None;
                Some(Err(error))
            }
        }
    })
}

/// The contents of the custom sections with this name, up to what is damaged.
pub(crate) fn custom<'a>(module: &'a [u8], name: &str) -> impl Iterator<Item = &'a [u8]> {
    sections(module).map_while(Result::ok).filter_map(move |payload| match payload {
        Payload::CustomSection(section) if section.name() == name => Some(section.data()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Payload};

    use super::sections;

    #[test]
    fn all_sections_are_found_and_no_functions() {
        let module = wat::parse_str(
            r#"(module (memory 1) (func) (func (drop (i32.const 1))) (data (i32.const 0) "x") (@custom "c" "y"))"#,
        )
        .unwrap();
        let all: Vec<_> = Parser::new(0).parse_all(&module).map(|payload| payload.unwrap().as_section()).collect();
        let found: Vec<_> = sections(&module).map(|payload| payload.unwrap().as_section()).collect();
        assert_eq!(found.len() + 2, all.len());
        let named = |all: Vec<Option<(u8, std::ops::Range<usize>)>>| all.into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(named(found), named(all));
        assert!(!sections(&module).any(|payload| matches!(payload, Ok(Payload::CodeSectionEntry(_)))));
    }

    #[test]
    fn a_module_that_is_cut_off_ends_with_an_error_or_without_its_end() {
        let module = wat::parse_str(r#"(module (memory 1) (func) (func) (data (i32.const 0) "x"))"#).unwrap();
        for length in 0..module.len() {
            let parts: Result<Vec<_>, _> = sections(&module[..length]).collect();
            let ends = parts.is_ok_and(|parts| matches!(parts.last(), Some(Payload::End(_))));
            // A module may end after any of its sections.
            assert!(!ends || Parser::new(0).parse_all(&module[..length]).all(|part| part.is_ok()), "{length}");
        }
    }
}
