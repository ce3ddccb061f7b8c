//! Pointers and documents that mean something else than they seem to.

use crate::call::context::Parts;
use crate::call::patch::apply;
use crate::call::patch::bounds::{Bounds, Unpatched};
use crate::call::patch::patched::Patched;
use crate::json::patience::Patience;

fn patched(data: &str, patch: &str) -> Result<Patched, Unpatched> {
    let context = format!(r#"{{"input":{{}},"data":{data}}}"#);
    let patience = Patience::new(&|| false);
    apply(patch, Parts::find(&context).unwrap(), &Bounds { operations: 1_000, bytes: 1_000_000, patience: &patience })
}

fn replaced(data: &str, path: &str) -> Option<String> {
    patched(data, &format!(r#"[{{"op":"replace","path":"/data{path}","value":"x"}}]"#)).ok()?.data
}

#[test]
fn an_index_is_a_number_as_json_writes_it_and_no_more() {
    let list = "[1,2,3]";
    assert_eq!(replaced(list, "/0").as_deref(), Some(r#"["x",2,3]"#));
    assert_eq!(replaced(list, "/2").as_deref(), Some(r#"[1,2,"x"]"#));
    let huge = ["4294967296", "18446744073709551615", "18446744073709551616", "99999999999999999999999999999999999999"];
    let unusual =
        ["-", "", "3", "00", "01", "-0", "-1", "+1", "1.0", "1e0", "0x1", " 1", "1 ", "١", "length", "\\u0031\\u0000"];
    for index in huge.iter().chain(&unusual) {
        assert_eq!(replaced(list, &format!("/{index}")), None, "{index}");
        let add = format!(r#"[{{"op":"add","path":"/data/{index}","value":0}}]"#);
        assert_eq!(patched(list, &add).is_ok(), ["-", "3"].contains(index), "{index}");
    }
    assert_eq!(replaced(list, "/\\u0031").as_deref(), Some(r#"[1,"x",3]"#));
    assert_eq!(replaced(r#"{"-":1,"01":2}"#, "/01").as_deref(), Some(r#"{"-":1,"01":"x"}"#));
}

#[test]
fn a_key_is_what_javascript_reads_from_it() {
    for (data, path, expected) in [
        (r#"{"a":1,"\u0061":2}"#, "/a", r#"{"a":1,"\u0061":"x"}"#),
        (r#"{"\u0061":1,"a":2}"#, "/\\u0061", r#"{"\u0061":1,"a":"x"}"#),
        (r#"{"a":{"b":1},"a":{"b":2}}"#, "/a/b", r#"{"a":{"b":1},"a":{"b":"x"}}"#),
        (r#"{"":{"":1}}"#, "//", r#"{"":{"":"x"}}"#),
        (r#"{"~1":1,"/":2}"#, "/~01", r#"{"~1":"x","/":2}"#),
        (r#"{"~1":1,"/":2}"#, "/~1", r#"{"~1":1,"/":"x"}"#),
        (r#"{"\\u0061":1,"a":2}"#, "/\\\\u0061", r#"{"\\u0061":"x","a":2}"#),
        (r#"{"\ud83d\ude00":1}"#, "/😀", r#"{"\ud83d\ude00":"x"}"#),
        (r#"{"é":1,"e\u0301":2}"#, "/é", r#"{"é":"x","e\u0301":2}"#),
        ("{\"\\n\":1}", "/\\u000a", "{\"\\n\":\"x\"}"),
    ] {
        assert_eq!(replaced(data, path).as_deref(), Some(expected), "{data} {path}");
    }
    // Nothing leads to half of a surrogate pair, and nothing takes it for another key.
    for path in ["/\\ud83d", "/\\ufffd", "/\\\\ud83d", "/\"\\\\ud83d\""] {
        assert_eq!(replaced(r#"{"\ud83d":1}"#, path), None, "{path}");
    }
    // A member that the last one hides does not come back.
    let moved = r#"[{"op":"move","from":"/data/a","path":"/data/b"}]"#;
    assert_eq!(patched(r#"{"a":1,"\u0061":2,"a":3}"#, moved).unwrap().data.unwrap(), r#"{"b":3}"#);
}

#[test]
fn a_move_onto_itself_changes_nothing_and_a_value_between_two_documents_keeps_its_text() {
    let onto_itself = r#"[{"op":"move","from":"/data/a","path":"/data/a"}]"#;
    assert_eq!(patched(r#"{"a":-0}"#, onto_itself).unwrap().data.unwrap(), r#"{"a":-0}"#);
    let into_array = r#"[{"op":"move","from":"/data/0","path":"/data/0/0"}]"#;
    patched("[[]]", into_array).unwrap_err();
    let across =
        r#"[{"op":"move","from":"/data/a","path":"/input/1"},{"op":"copy","from":"/input/1/0","path":"/data/a"}]"#;
    let Patched { input, data, .. } = patched(r#"{"a":[1e400, 1E5,"\ud83d"]}"#, across).unwrap();
    assert_eq!(input.unwrap(), r#"{"1":[1e400,1E5,"\ud83d"]}"#);
    assert_eq!(data.unwrap(), r#"{"a":1e400}"#);
}

#[test]
fn a_path_has_at_most_128_steps_and_65_536_bytes() {
    for (path, reason) in [
        (format!("/data{}", "/a".repeat(128)), "there is no such value"),
        (format!("/data{}", "/a".repeat(129)), "a path has more than 128 steps"),
        (format!("/data/{}", "~1".repeat(32_764)), "there is no such value"),
        (format!("/data/{}", "~1".repeat(32_765)), "a path is longer than 65,536 bytes"),
    ] {
        let patch = format!(r#"[{{"op":"remove","path":"{path}"}}]"#);
        let Err(Unpatched::Refused(refusal)) = patched("{}", &patch) else { panic!("{reason}") };
        assert!(refusal.starts_with(&format!("patch[0]: {reason}")), "{}", &refusal[..80]);
    }
}
