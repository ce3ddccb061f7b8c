//! Where a module's data ends in its memory.

use wasmparser::{DataKind, Operator, Parser, Payload};

/// The end of a module's last active data segment, in bytes from the start of its memory; 0 without data. `None` if the module
/// does not say it in plain numbers.
pub(crate) fn data_end(module: &[u8]) -> Option<usize> {
    let mut end = 0_usize;
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(segments) = payload.ok()? else { continue };
        for segment in segments {
            let segment = segment.ok()?;
            if let DataKind::Active { offset_expr, .. } = segment.kind {
                let mut operators = offset_expr.get_operators_reader();
                let (Operator::I32Const { value }, Operator::End) = (operators.read().ok()?, operators.read().ok()?)
                else {
                    return None;
                };
                let begins = usize::try_from(value.cast_unsigned()).ok()?;
                end = end.max(begins.checked_add(segment.data.len())?);
            }
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::data_end;

    #[test]
    fn the_end_is_that_of_the_last_active_segment() {
        let end = |definitions: &str| data_end(&wat::parse_str(format!("(module (memory 17) {definitions})")).unwrap());
        assert_eq!(end(""), Some(0));
        assert_eq!(end(r#"(data "passive")"#), Some(0));
        assert_eq!(end(r#"(data (i32.const 65536) "later") (data (i32.const 8) "first")"#), Some(65_541));
        assert_eq!(end(r#"(data (i32.add (i32.const 8) (i32.const 8)) "x")"#), None);
        assert_eq!(end(r#"(data (i32.const -1) "x")"#), Some(0x1_0000_0000));
    }
}
