//! What the parts of a result may contain.

use crate::call::answer::shape::not_a_result;
use crate::call::fault::Fault;
use crate::json::harmless::{self, Harm, MAX_DEPTH};
use crate::json::parse_cost::ParseCost;
use crate::json::reader::Reader;
use crate::limits::Limit;

/// Refuses parts of a result that would harm the JavaScript that reads them, each alone or all together.
pub(crate) fn check_parts(parts: &[(&str, Option<&str>)], max_values: u64) -> Result<(), Fault> {
    let parts = parts.iter().filter_map(|(name, part)| Some((*name, (*part)?)));
    if most_cost(parts.clone().map(|(_, json)| json)).is_some_and(|most| most <= max_values) {
        return Ok(());
    }
    let bytes = parts.clone().map(|(_, json)| json.len()).fold(0, usize::saturating_add);
    let mut cost = ParseCost::within(max_values, bytes);
    for (name, json) in parts {
        harmless::check(json, MAX_DEPTH, cost.as_mut()).map_err(|(harm, index)| match harm {
            Harm::Cost => {
                let limit = Limit::RESULT_VALUES.name;
                not_a_result(&format!("refused: it has too many values for {limit}, which is {max_values}"))
            }
            harm => harmful(name, json, (harm, index)),
        })?;
    }
    Ok(())
}

/// The most that harmless parts can cost; `None` if one is harmful.
fn most_cost<'a>(parts: impl Iterator<Item = &'a str>) -> Option<u64> {
    parts
        .map(|json| Reader::harmless_tally(json).map(|tally| tally.most()))
        .try_fold(0, |sum: u64, most| Some(sum.saturating_add(most?)))
}

/// The fault of a part with this harm, found at this token.
pub(crate) fn harmful(name: &str, json: &str, (harm, index): (Harm, usize)) -> Fault {
    let path = harmless::path(name, json, index);
    not_a_result(&match harm {
        Harm::ProtoKey => format!("refused: a key \"__proto__\" in {path}"),
        Harm::Nesting | Harm::Cost => format!("refused: nested more than {MAX_DEPTH} levels deep at {path}"),
    })
}
