//! Random patches, compared with another implementation.

use serde_json::Value;

use crate::call::answer::parts::check_parts;
use crate::call::context::Parts;
use crate::call::patch::apply;
use crate::call::patch::bounds::{Bounds, Unpatched};
use crate::call::patch::patched::Patched;
use crate::json::patience::Patience;
use crate::json::random::Random;

/// A patch of random operations, most of which lead to something.
fn random_patch(random: &mut Random) -> String {
    let path = |random: &mut Random| {
        let steps: String = (0..random.below(4))
            .map(|_| random.pick(&["/a", "/b", "/key", "/0", "/1", "/-", "/a~1b", "/m~0n", "/", "/é😀"]))
            .collect();
        format!("{}{steps}", random.pick(&["/input", "/input", "/data"]))
    };
    let operations: Vec<_> = (0..=random.below(3))
        .map(|_| {
            let (op, path, from) =
                (random.pick(&["add", "remove", "replace", "move", "copy"]), path(random), path(random));
            format!(r#"{{"op":"{op}","path":"{path}","from":"{from}","value":{}}}"#, random.value(2))
        })
        .collect();
    format!("[{}]", operations.join(","))
}

#[test]
fn random_patches_do_what_another_implementation_does() {
    let mut random = Random::new();
    let (mut applied, mut refused) = (0, 0);
    for _ in 0..100_000 {
        let (input, data, patch) = (random.object(3), random.value(3), random_patch(&mut random));
        let context = format!(r#"{{"input":{input},"data":{data}}}"#);
        // The other one works on trees, which cannot hold every number and string.
        let (Ok(mut tree), Ok(operations)) =
            (serde_json::from_str::<Value>(&context), serde_json::from_str::<json_patch::Patch>(&patch))
        else {
            continue;
        };
        // `patch` panics where it cannot undo what it has done before an operation that fails.
        let expected = json_patch::patch_unsafe(&mut tree, &operations);
        let patience = Patience::new(&|| false);
        let bounds = Bounds { operations: 100, bytes: 10_000, patience: &patience };
        match apply(&patch, Parts::find(&context).unwrap(), &bounds) {
            Ok(Patched { input: new_input, data: new_data, tally }) => {
                let parts = [("input", new_input.as_deref()), ("data", new_data.as_deref())];
                check_parts(&parts, tally.map_or(u64::MAX, |tally| tally.most())).unwrap();
                applied += 1;
                expected.unwrap_or_else(|error| panic!("{error}: {patch} on {context}"));
                let changed =
                    format!(r#"{{"input":{},"data":{}}}"#, new_input.unwrap_or(input), new_data.unwrap_or(data));
                assert_eq!(serde_json::from_str::<Value>(&changed).unwrap(), tree, "{patch} on {context}");
            }
            Err(Unpatched::Refused(reason)) => {
                refused += 1;
                let is_ours =
                    ["cannot be removed", "makes data null", "makes input"].iter().any(|own| reason.contains(own));
                assert!(is_ours || expected.is_err(), "{reason}: {patch} on {context}");
            }
            Err(Unpatched::Late) => panic!("{patch}"),
        }
    }
    assert!(applied > 1_000 && refused > 1_000, "{applied} applied, {refused} refused");
}
