//! Guests written by an attacker: each case of `fixtures/hostile/cases.json`, in each kind of cell.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::time::Duration;

use hookcell_host::{
    Allocation, Context, HookCall, HostError, JsonText, LimitOverrides, LoadOptions, Outcome, Usage, WasmRuntime,
};
use serde::Deserialize;
use serde_json::Value;

use crate::guest::Guest;
use crate::support::text::Text;
use crate::support::{call, fixture, fixture_path, runtimes_of_each_allocation};

/// How much longer than its deadline a call may take, on a busy machine.
const OVERRUN: Duration = Duration::from_secs(5);

#[test]
fn each_hostile_guest_ends_as_its_case_says_and_an_ordinary_plugin_still_answers() {
    let cases: Vec<_> = cases().into_iter().map(|case| (case.guest.module(&case.name), case)).collect();
    let problems_of = &|allocation: Allocation, runtime: &WasmRuntime| {
        let neighbor = Neighbor::in_runtime(runtime);
        let problem = |(module, case): &(Vec<u8>, Case)| {
            let problem = case.check(&case.run(runtime, module)).and_then(|()| neighbor.check(runtime)).err()?;
            Some(format!("{allocation:?}: {}: {problem}", case.name))
        };
        cases.iter().filter_map(problem).collect::<Vec<_>>()
    };
    let problems = std::thread::scope(|scope| {
        let runs = runtimes_of_each_allocation()
            .into_iter()
            .map(|(allocation, runtime)| scope.spawn(move || problems_of(allocation, &runtime)))
            .collect::<Vec<_>>();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(problems.is_empty(), "of {} cases:\n{}", cases.len(), problems.join("\n"));
}

/// An ordinary plugin in the same runtime.
struct Neighbor {
    answer: Value,
}

impl Neighbor {
    fn in_runtime(runtime: &WasmRuntime) -> Self {
        runtime.load_plugin_bytes("neighbor", &fixture("modifier")).unwrap();
        let answer = call(runtime, "neighbor")["ctx"].take();
        assert!(answer.is_object());
        Self { answer }
    }

    fn check(&self, runtime: &WasmRuntime) -> Result<(), String> {
        let result = call(runtime, "neighbor");
        ensure(result["ok"] == true && result["ctx"] == self.answer, || format!("then an ordinary plugin: {result}"))
    }
}

/// A row of the table. `fixtures/hostile/README.md` says what the columns mean.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    #[expect(dead_code, reason = "for the reader")]
    does: String,
    #[serde(flatten)]
    guest: Guest,
    hook: Option<Text>,
    input: Option<Value>,
    #[serde(default)]
    limits: BTreeMap<String, u64>,
    expect: Expectation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expectation {
    refused: Option<String>,
    limit: Option<String>,
    call_refused: Option<String>,
    fault: Option<String>,
    says: Option<String>,
    ok: Option<bool>,
    input: Option<Text>,
    data: Option<Text>,
    error: Option<Text>,
    details: Option<Text>,
    #[serde(default)]
    sizes: BTreeMap<String, usize>,
    pages: Option<usize>,
}

/// How a case ended.
enum Ending {
    LoadRefused(HostError),
    CallRefused(HostError),
    Fault { code: &'static str, message: String, backtrace: Vec<String>, usage: Usage },
    Answered { ok: bool, parts: BTreeMap<&'static str, String>, usage: Usage },
}

fn cases() -> Vec<Case> {
    let table = fixture_path("hostile/cases").with_extension("json");
    serde_json::from_str(&fs::read_to_string(table).unwrap()).unwrap()
}

impl Case {
    fn run(&self, runtime: &WasmRuntime, module: &[u8]) -> Ending {
        let mut sandbox = LimitOverrides::default();
        for (name, value) in &self.limits {
            assert!(sandbox.set(name, *value), "no limit is named {name}");
        }
        let options = LoadOptions { sandbox, ..LoadOptions::default() };
        if let Err(error) = runtime.load_plugin_bytes_with(&self.name, module, &options) {
            return Ending::LoadRefused(error);
        }
        let input = self.input.as_ref().map_or("{}".to_owned(), Value::to_string);
        let context = format!(r#"{{"input":{input},"data":null,"user":null,"headers":{{}},"tenant_id":null}}"#);
        let request = HookCall {
            plugin: &self.name,
            hook: &self.hook.as_ref().map_or("before_hook".to_owned(), Text::expand),
            context: &Context::from_trusted_json(context),
            sandbox: None,
            cancel: None,
            queued_at: None,
        };
        let ending = runtime.call_hook_with(&request, |result| Ending::of(&result.outcome, result.usage));
        runtime.unload_plugin(&self.name);
        ending.unwrap_or_else(Ending::CallRefused)
    }

    fn check(&self, ending: &Ending) -> Result<(), String> {
        let expect = &self.expect;
        let says = |message: &str| {
            tame(message)?;
            let wanted = expect.says.as_deref().unwrap_or_default();
            ensure(message.contains(wanted), || format!("it says {message:?}, not {wanted:?}"))
        };
        match ending {
            Ending::LoadRefused(error) => {
                same("load", Some(error.code()), expect.refused.as_deref().or(Some("ok")))?;
                same("limit", error.limit_name(), expect.limit.as_deref())?;
                says(&error.to_string())
            }
            Ending::CallRefused(error) => {
                same("call", Some(error.code()), expect.call_refused.as_deref().or(Some("ok")))?;
                says(&error.to_string())
            }
            Ending::Fault { code, message, backtrace, usage } => {
                same("fault", Some(*code), expect.fault.as_deref())?;
                backtrace.iter().try_for_each(|frame| tame(frame))?;
                self.check_time(*usage)?;
                says(message)
            }
            Ending::Answered { ok, parts, usage } => {
                same("ok", Some(ok), expect.ok.as_ref())?;
                self.check_time(*usage)?;
                let pages = expect.pages.map(|pages| pages * 65_536);
                ensure(pages.is_none_or(|bytes| bytes == usage.memory_bytes), || format!("memory {usage:?}"))?;
                expect.check_parts(parts)
            }
        }
    }

    fn check_time(&self, usage: Usage) -> Result<(), String> {
        let timeout = Duration::from_millis(self.limits.get("timeoutMs").copied().unwrap_or(1_000));
        let run = Duration::from_secs_f64(usage.run_ms / 1_000.0);
        ensure(run < timeout + OVERRUN, || format!("it ran for {run:?}, past its deadline of {timeout:?}"))
    }
}

impl Expectation {
    fn check_parts(&self, parts: &BTreeMap<&str, String>) -> Result<(), String> {
        let expected =
            [("input", &self.input), ("data", &self.data), ("error", &self.error), ("details", &self.details)];
        for (name, expected) in expected {
            let expected = expected.as_ref().map(Text::expand);
            match (parts.get(name), self.sizes.get(name)) {
                (Some(part), Some(size)) => same(name, Some(&size_of(part)), Some(size))?,
                (Some(part), None) if name == "error" => {
                    same(name, Some(&decoded(part)), expected.as_deref().map(decoded).as_ref())?;
                }
                (part, _) => same(name, part, expected.as_ref())?,
            }
        }
        Ok(())
    }
}

impl Ending {
    fn of(outcome: &Outcome<'_>, usage: Usage) -> Self {
        let text = |part: Option<&JsonText<'_>>| part.map(|part| part.get().to_owned());
        let (ok, parts) = match outcome {
            Outcome::Accepted { input, data } => {
                (true, [("input", text(input.as_ref())), ("data", text(data.as_ref()))])
            }
            Outcome::Rejected { error, details } => {
                let error = error.as_ref().map(|error| serde_json::to_string(error).unwrap());
                (false, [("error", error), ("details", text(details.as_ref()))])
            }
            Outcome::Fault(fault) => {
                let (code, message, backtrace) = (fault.code.as_str(), fault.message.clone(), fault.backtrace.clone());
                return Self::Fault { code, message, backtrace, usage };
            }
            other => panic!("an outcome of a new kind: {other:?}"),
        };
        let parts = parts.into_iter().filter_map(|(name, part)| Some((name, part?))).collect();
        Self::Answered { ok, parts, usage }
    }
}

/// Can an operator read this message: is it short, and without characters that control a terminal?
fn tame(message: &str) -> Result<(), String> {
    const WILD: [char; 4] = ['\u{2028}', '\u{2029}', '\u{202e}', '\u{feff}'];
    let length = message.chars().count();
    ensure(length < 1_000, || format!("a message of {length} characters: {message:.200}…"))?;
    let wild = message.contains(|character: char| character.is_control() || WILD.contains(&character));
    ensure(!wild, || format!("a message with control characters: {message:?}"))
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}

fn same<T: PartialEq + Debug + ?Sized>(what: &str, actual: Option<&T>, expected: Option<&T>) -> Result<(), String> {
    ensure(actual == expected, || format!("{what} is {actual:.300?}, not {expected:.300?}"))
}

/// Strings are equal in any spelling of JSON.
fn decoded(json: &str) -> String {
    serde_json::from_str(json).unwrap()
}

/// The number of an object's keys, an array's items or a string's characters.
fn size_of(json: &str) -> usize {
    match serde_json::from_str(json).unwrap() {
        Value::Object(object) => object.len(),
        Value::Array(array) => array.len(),
        Value::String(string) => string.chars().count(),
        other => panic!("{other} has no size"),
    }
}
