//! A patch (RFC 6902) as a plugin's answer: what it makes of the context that the plugin got.
//!
//! It works on text, and takes apart only the arrays and objects on the way to a change: what the patch does not touch stays
//! as it was written. A tree of numbers and strings would lose digits and halves of surrogate pairs.

pub(crate) mod bounds;
#[cfg(test)]
mod bounds_tests;
mod content;
mod document;
mod equality;
#[cfg(test)]
mod hostile_tests;
mod node;
mod operation;
pub(crate) mod patched;
mod pointer;
#[cfg(test)]
mod random_tests;

use crate::call::context::Parts;
use crate::call::patch::bounds::{Bounds, TOO_MANY_VALUES, Unpatched, Work};
use crate::call::patch::document::Document;
use crate::call::patch::operation::Operation;
use crate::call::patch::patched::Patched;
use crate::json::reader::Reader;
use crate::limits::Limit;

/// Applies a patch, which is valid JSON. All of its operations take effect, or none.
pub(crate) fn apply(patch: &str, context: Parts<'_>, bounds: &Bounds<'_>) -> Result<Patched, Unpatched> {
    let work = Work::new(bounds.patience);
    let mut document = Document::of(context, bounds, &work);
    let mut count: u64 = 0;
    let mut stopped = None;
    let mut reader = work.reader(patch);
    let end = reader.array(|reader| {
        let step = step(reader, &mut document, count, bounds.operations, &work);
        count = count.saturating_add(1);
        step.map_err(|reason| stopped = Some(reason)).ok()
    });
    match (stopped, end) {
        (Some(stopped), _) => Err(stopped),
        _ if work.patience.has_ended() => Err(Unpatched::Late),
        (None, Some(())) => {
            let tally = context.tally.filter(|_| !document.has_copies).map(|context| context.plus(reader.tally));
            document.end(tally)
        }
        (None, None) => Err(Unpatched::Refused("patch must be an array of operations".to_owned())),
    }
}

/// Reads one operation and applies it.
fn step<'a>(
    reader: &mut Reader<'a>,
    document: &mut Document<'a>,
    index: u64,
    operations: u64,
    work: &Work<'a>,
) -> Result<(), Unpatched> {
    if index >= operations {
        let name = Limit::PATCH_OPERATIONS.name;
        return Err(Unpatched::Refused(format!("the patch has more operations than {name}, which is {operations}")));
    }
    work.patience.look().ok_or(Unpatched::Late)?;
    let refused = |reason: &str| Unpatched::Refused(format!("patch[{index}]: {reason}"));
    if !reader.is_at(b'{') {
        return Err(refused("it must be an object"));
    }
    let operation = Operation::read(reader).map_err(refused);
    let applied = operation.and_then(|operation| {
        document.apply(&operation).map_err(|reason| {
            let reason = if work.is_exceeded() { TOO_MANY_VALUES } else { reason };
            refused(&format!("{reason} ({operation})"))
        })
    });
    // Whatever it says then comes from that.
    if work.patience.has_ended() { Err(Unpatched::Late) } else { applied }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Bounds, Patched, Unpatched, apply};
    use crate::call::context::Parts;
    use crate::json::patience::Patience;

    const CONTEXT: &str = r#"{"input":{"a":1, "list":[1,{"b":"x"},[]],"a/b":2,"m~n":3,"":4,"n":1.50},"data":{"k":null},"user":{"id":"7"}}"#;

    fn within<'a>(operations: u64, bytes: usize, patience: &'a Patience<'a>) -> Bounds<'a> {
        Bounds { operations, bytes, patience }
    }

    fn patched(context: &str, patch: &str) -> Result<Patched, Unpatched> {
        apply(patch, Parts::find(context).unwrap(), &within(100, 10_000, &Patience::new(&|| false)))
    }

    fn refusal(context: &str, patch: &str) -> String {
        match patched(context, patch) {
            Err(Unpatched::Refused(reason)) => reason,
            other => panic!("{other:?}: {patch}"),
        }
    }

    #[test]
    fn every_operation_changes_what_it_says_and_leaves_the_rest_as_it_was_written() {
        for (patch, expected) in [
            (
                r#"[{"op":"replace","path":"/input/a","value":"new"}]"#,
                r#"{"a":"new","list":[1,{"b":"x"},[]],"a/b":2,"m~n":3,"":4,"n":1.50}"#,
            ),
            (
                r#"[{"op":"add","path":"/input/list/1","value":[ ]}]"#,
                r#"{"a":1,"list":[1,[ ],{"b":"x"},[]],"a/b":2,"m~n":3,"":4,"n":1.50}"#,
            ),
            (
                r#"[{"op":"add","path":"/input/list/-","value":-0},{"op":"add","path":"/input/list/2/-","value":2.0}]"#,
                r#"{"a":1,"list":[1,{"b":"x"},[2.0],-0],"a/b":2,"m~n":3,"":4,"n":1.50}"#,
            ),
            (
                r#"[{"op":"remove","path":"/input/a~1b"},{"op":"remove","path":"/input/m~0n"},{"op":"remove","path":"/input/"}]"#,
                r#"{"a":1,"list":[1,{"b":"x"},[]],"n":1.50}"#,
            ),
            (
                r#"[{"op":"move","from":"/input/list/1/b","path":"/input/a"},{"op":"add","path":"/input/\"é","value":1}]"#,
                r#"{"a":"x","list":[1,{},[]],"a/b":2,"m~n":3,"":4,"n":1.50,"\"é":1}"#,
            ),
            (
                r#"[{"op":"copy","from":"/data/k","path":"/input/n"},{"op":"test","path":"/input/list","value":[1.0,{"\u0062":"\u0078"},[]]}]"#,
                r#"{"a":1,"list":[1,{"b":"x"},[]],"a/b":2,"m~n":3,"":4,"n":null}"#,
            ),
            (r#"[{"op":"replace","path":"/input","value":{}},{"op":"add","path":"/input/x","value":0}]"#, r#"{"x":0}"#),
        ] {
            let Patched { input, data, .. } = patched(CONTEXT, patch).unwrap();
            assert_eq!((input.as_deref(), data), (Some(expected), None), "{patch}");
        }
    }

    #[test]
    fn a_part_that_is_only_read_is_not_changed() {
        for patch in
            ["[]", r#"[{"op":"test","path":"/input/n","value":15e-1},{"op":"test","path":"/data","value":{"k":null}}]"#]
        {
            let Patched { input, data, .. } = patched(CONTEXT, patch).unwrap();
            assert_eq!((input, data), (None, None), "{patch}");
        }
        let copied = patched(CONTEXT, r#"[{"op":"copy","from":"/input/list","path":"/data"}]"#).unwrap();
        assert_eq!((copied.input, copied.data.as_deref()), (None, Some(r#"[1,{"b":"x"},[]]"#)));
        let added = patched(r#"{"input":{}}"#, r#"[{"op":"add","path":"/data","value":7,"note":"ignored"}]"#).unwrap();
        assert_eq!((added.input, added.data.as_deref()), (None, Some("7")));
    }

    #[test]
    fn of_two_members_with_one_key_the_last_counts() {
        let context = r#"{"input":{"a":1,"b":0,"\u0061":2},"data":null}"#;
        let input = |patch| patched(context, patch).unwrap().input.unwrap();
        assert_eq!(input(r#"[{"op":"remove","path":"/input/a"}]"#), r#"{"b":0}"#);
        assert_eq!(input(r#"[{"op":"replace","path":"/input/a","value":3}]"#), r#"{"a":1,"b":0,"\u0061":3}"#);
        assert_eq!(input(r#"[{"op":"copy","from":"/input/a","path":"/input/b"}]"#), r#"{"a":1,"b":2,"\u0061":2}"#);
        patched(context, r#"[{"op":"test","path":"/input","value":{"b":0,"a":2}}]"#).unwrap();
    }

    #[test]
    fn a_patch_that_cannot_be_applied_is_refused_with_its_operation_and_the_reason() {
        for (patch, expected) in [
            ("[1]", "patch[0]: it must be an object"),
            (r#"[{"op":"add","path":"/input/x"}]"#, "patch[0]: it needs a value"),
            (r#"[{"op":"add","value":1}]"#, "patch[0]: it needs a path, which is a string"),
            (r#"[{"op":"copy","path":"/input/x"}]"#, "patch[0]: it needs a from, which is a string"),
            (
                r#"[{"op":"copy","path":"/input/x","path":"/data"}]"#,
                "patch[0]: it has a member twice, or a key with escapes",
            ),
            (
                r#"[{"op":"merge","path":"/input"}]"#,
                "patch[0]: its op must be add, remove, replace, move, copy or test",
            ),
            (
                r#"[{"op":"test","path":"/input/a","value":1},{"op":"test","path":"/input/a","value":2}]"#,
                "patch[1]: the value is another one (test /input/a)",
            ),
            (
                r#"[{"op":"test","path":"/input/list","value":[1]}]"#,
                "patch[0]: the value is another one (test /input/list)",
            ),
            (
                r#"[{"op":"remove","path":"/input/nothing"}]"#,
                "patch[0]: there is no such value (remove /input/nothing)",
            ),
            (
                r#"[{"op":"replace","path":"/input/list/3","value":1}]"#,
                "patch[0]: there is no such value (replace /input/list/3)",
            ),
            (
                r#"[{"op":"add","path":"/input/list/4","value":1}]"#,
                "patch[0]: there is no such place (add /input/list/4)",
            ),
            (
                r#"[{"op":"add","path":"/input/list/01","value":1}]"#,
                "patch[0]: there is no such place (add /input/list/01)",
            ),
            (r#"[{"op":"add","path":"/input/a/b","value":1}]"#, "patch[0]: there is no such place (add /input/a/b)"),
            (
                r#"[{"op":"move","from":"/input/list","path":"/input/list/1"}]"#,
                "patch[0]: a value cannot be moved into itself (move /input/list to /input/list/1)",
            ),
            (
                r#"[{"op":"remove","path":"/data"}]"#,
                "patch[0]: the whole of input or data cannot be removed (remove /data)",
            ),
            (r#"[{"op":"replace","path":"","value":{}}]"#, "patch[0]: a path must begin with /input or /data"),
            (r#"[{"op":"replace","path":"/user/id","value":"1"}]"#, "patch[0]: a path must begin with /input or /data"),
            (
                r#"[{"op":"copy","from":"/headers","path":"/input/x"}]"#,
                "patch[0]: a path must begin with /input or /data",
            ),
            (r#"[{"op":"add","path":"/inputs/x","value":1}]"#, "patch[0]: a path must begin with /input or /data"),
            (r#"[{"op":"add","path":"/input/~2","value":1}]"#, "patch[0]: in a path, ~ must be followed by 0 or 1"),
            (
                r#"[{"op":"add","path":"/input/__proto__","value":1}]"#,
                r#"patch[0]: a path must not contain "__proto__""#,
            ),
            (
                r#"[{"op":"test","path":"/input/_\u005fproto__/x","value":1}]"#,
                r#"patch[0]: a path must not contain "__proto__""#,
            ),
            (
                r#"[{"op":"move","from":"/data/__proto__","path":"/input/x"}]"#,
                r#"patch[0]: a path must not contain "__proto__""#,
            ),
            (r#"[{"op":"add","path":"/input/\ud83d","value":1}]"#, "patch[0]: a path must be well-formed Unicode"),
            (r#"[{"op":"replace","path":"/input","value":[]}]"#, "the patch makes input something else than an object"),
            (
                r#"[{"op":"replace","path":"/data","value":null}]"#,
                "the patch makes data null, which a result cannot say",
            ),
        ] {
            assert_eq!(refusal(CONTEXT, patch), expected, "{patch}");
        }
    }

    #[test]
    fn copies_that_double_the_context_are_refused_at_the_limit() {
        let bomb: Vec<_> =
            (0..90).map(|copy| format!(r#"{{"op":"copy","from":"/input","path":"/input/x{copy}"}}"#)).collect();
        let bomb = format!("[{}]", bomb.join(","));
        let reason = refusal(&format!(r#"{{"input":{{"a":"{}"}}}}"#, "x".repeat(1_000)), &bomb);
        assert!(reason.starts_with("patch[3]: copies make the context longer than maxResultBytes allows"), "{reason}");
        let deep = "/x".repeat(127);
        let chain = format!(
            r#"[{},{{"op":"add","path":"/input{deep}","value":[[]]}}]"#,
            (1..127)
                .map(|depth| format!(r#"{{"op":"add","path":"/input{}","value":{{}}}}"#, "/x".repeat(depth)))
                .collect::<Vec<_>>()
                .join(",")
        );
        let patience = Patience::new(&|| false);
        let bounds = within(1_000, 10_000, &patience);
        let context = Parts::find(r#"{"input":{}}"#).unwrap();
        let Err(Unpatched::Refused(reason)) = apply(&chain, context, &bounds) else { panic!("it nests too deeply") };
        assert!(reason.starts_with("patch[126]: it would nest more than 128 levels deep"), "{reason}");
    }

    #[test]
    fn a_patch_stays_within_its_operations_its_bytes_and_its_deadline() {
        let test = r#"{"op":"test","path":"/input/a","value":1}"#;
        let patch = format!("[{}]", [test; 3].join(","));
        let context = Parts::find(r#"{"input":{"a":1}}"#).unwrap();
        let apply_within =
            |operations, patch: &str| apply(patch, context, &within(operations, 20, &Patience::new(&|| false)));
        apply_within(3, &patch).unwrap();
        let refused = |reason: &str| Err(Unpatched::Refused(reason.to_owned()));
        assert_eq!(
            apply_within(2, &patch),
            refused("the patch has more operations than maxPatchOperations, which is 2")
        );
        let add = |length: usize| format!(r#"[{{"op":"add","path":"/input/b","value":"{}"}}]"#, "x".repeat(length));
        assert_eq!(apply_within(1, &add(6)).unwrap().input.unwrap().len(), 20);
        assert_eq!(apply_within(1, &add(7)), refused("the patched context has 21 bytes; maxResultBytes is 20"));
        let asked = Cell::new(0);
        let is_late = || asked.replace(asked.get() + 1) == 2;
        assert_eq!(apply(&patch, context, &within(9, 20, &Patience::new(&is_late))), Err(Unpatched::Late));
    }
}
