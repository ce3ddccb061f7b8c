//! How large a module's table can become.

use wasmparser::{Operator, Parser, Payload};

/// The most elements that a module's table can have; 0 without a table. `None` if it can grow without a bound of its own, or if the
/// module cannot be read.
pub(crate) fn most_table_elements(module: &[u8]) -> Option<u64> {
    let mut most = 0;
    let mut is_bounded = true;
    for payload in Parser::new(0).parse_all(module) {
        match payload.ok()? {
            Payload::TableSection(tables) => {
                for table in tables {
                    let table = table.ok()?.ty;
                    most = most.max(table.maximum.unwrap_or(table.initial));
                    is_bounded = is_bounded && table.maximum.is_some();
                }
            }
            // Linkers give a table a maximum, so the code is seldom read.
            Payload::CodeSectionEntry(body) if !is_bounded => {
                for operator in body.get_operators_reader().ok()? {
                    if matches!(operator.ok()?, Operator::TableGrow { .. }) {
                        return None;
                    }
                }
            }
            _ => {}
        }
    }
    Some(most)
}

#[cfg(test)]
mod tests {
    use super::most_table_elements;

    #[test]
    fn a_table_can_become_as_large_as_its_maximum_or_stays_as_it_is_if_nothing_grows_it() {
        let most = |definitions: &str| most_table_elements(&wat::parse_str(format!("(module {definitions})")).unwrap());
        let grows = "(func (drop (table.grow 0 (ref.null func) (i32.const 1))))";
        assert_eq!(most("(func)"), Some(0));
        assert_eq!(most("(table 7 funcref) (func)"), Some(7));
        assert_eq!(most(&format!("(table 7 900 funcref) {grows}")), Some(900));
        assert_eq!(most(&format!("(table 7 funcref) {grows}")), None);
    }
}
