//! An engine builds a plugin in a cell, step by step.

mod support;

use std::sync::Arc;

use std::time::{Duration, Instant};

use hookcell_host::{
    Allocation, Build, BuildStep, Builder, BuilderOptions, Built, CancelToken, CodeCache, CodeFrom, Engine, FaultCode,
    HostError, LimitOverrides, Split, WasmRuntime,
};
use sha2::{Digest, Sha256};
use support::directory::Directory;
use support::{call, runtime};

/// Keeps a byte that `set` gets, answers with it, and makes a plugin that answers with it too.
const ENGINE: &str = r#"(module
    (memory (export "memory") 1)
    (global $steps (mut i32) (i32.const 0))
    (data (i32.const 16) "{\"exports\":{\"alloc\":\"alloc\",\"dealloc\":\"dealloc\",\"before_hook\":\"answer\",\"check\":\"steps\"}}")
    (data (i32.const 256) "{\"thrown\":{\"message\":\"no\"}}")
    (data (i32.const 512) "{\"ok\":true,\"ctx\":{\"data\":0}}")
    (func (export "_initialize"))
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "dealloc") (param i32 i32))
    (func (export "before_hook") (param i32 i32) (result i64) (i64.const 0))
    (func $step (global.set $steps (i32.add (global.get $steps) (i32.const 1))))
    (func (export "set") (param i32 i32) (result i64)
        (call $step)
        (i32.store8 (i32.const 537) (i32.load8_u (local.get 0)))
        (i64.const 0x21900000001))
    (func (export "answer") (param i32 i32) (result i64) (i64.const 0x2000000001c))
    (func (export "steps") (param i32 i32) (result i64)
        (i32.store8 (i32.const 537) (i32.add (i32.const 48) (global.get $steps)))
        (i64.const 0x2000000001c))
    (func (export "end") (param i32 i32) (result i64) (call $step) (i64.const 0x1000000058))
    (func (export "names") (param i32 i32) (result i64) (i64.const 0x2000000001c))
    (func (export "throws") (param i32 i32) (result i64) (i64.const 0x1000000001b))
    (func (export "loops") (param i32 i32) (result i64) (loop (br 0)) (unreachable))
    (func (export "traps") (param i32 i32) (result i64) (unreachable))
    (func (export "outside") (param i32 i32) (result i64) (i64.const -1))
    (func (export "grows") (param i32 i32) (result i64)
        (drop (memory.grow (i32.const 1000))) (i64.extend_i32_u (i32.load (i32.const 0x100000)))))"#;

fn builder_on(allocation: Allocation) -> Builder {
    let engine = Arc::new(Engine::with_allocation(allocation).unwrap());
    Builder::new(engine, "engine", wat::parse_str(ENGINE).unwrap()).unwrap()
}

fn builder() -> Builder {
    builder_on(Allocation::OnDemand)
}

fn steps(names: &[&str]) -> Vec<BuildStep> {
    let input = |name: &str| if name == "set" { b"7".to_vec() } else { Vec::new() };
    names.iter().map(|name| BuildStep { export: (*name).to_owned(), input: input(name) }).collect()
}

#[expect(clippy::large_types_passed_by_value, reason = "a test reads better")]
fn run(builder: &Builder, names: &[&str], makes_plugin: bool, sandbox: LimitOverrides) -> Result<Built, HostError> {
    builder.run(&Build { steps: &steps(names), makes_plugin, sandbox, cancel: None })
}

#[expect(clippy::large_types_passed_by_value, reason = "a test reads better")]
fn fault_of(step: &str, sandbox: LimitOverrides) -> (FaultCode, String) {
    let fault = run(&builder(), &[step], true, sandbox).unwrap().fault.unwrap();
    (fault.code, fault.message)
}

#[test]
fn a_plugin_has_what_the_steps_left_in_memory_and_in_globals() {
    for allocation in [Allocation::Pooled { slots: 2 }, Allocation::OnDemand] {
        let built = run(&builder_on(allocation), &["set", "end"], true, LimitOverrides::default()).unwrap();
        assert_eq!(built.answers[0], b"7");
        let runtime = runtime(&LimitOverrides::default());
        let info = runtime.load_plugin_bytes("built", &built.plugin.unwrap()).unwrap();
        assert_eq!(info.hooks, ["before_hook", "check"]);
        assert_eq!(call(&runtime, "built")["ctx"]["data"], 7);
        let context = hookcell_host::Context::from_trusted_json(support::CONTEXT);
        let checked = runtime.call_hook("built", "check", &context).unwrap();
        assert!(checked.contains(r#""data":2"#), "{checked}");
    }
}

#[test]
fn the_same_steps_make_the_same_plugin_and_see_nothing_of_an_earlier_build() {
    let builder = builder();
    let plugin = |names: &[&str]| run(&builder, names, true, LimitOverrides::default()).unwrap().plugin.unwrap();
    let untouched = plugin(&["end"]);
    assert_ne!(plugin(&["set", "end"]), untouched);
    assert_eq!(plugin(&["end"]), untouched);
}

#[test]
fn a_step_that_throws_is_the_last_one() {
    let built = run(&builder(), &["set", "throws", "end"], true, LimitOverrides::default()).unwrap();
    assert_eq!(built.answers.len(), 2);
    assert_eq!((built.fault, built.plugin), (None, None));
}

#[test]
fn a_step_that_faults_ends_the_build_with_the_fault_of_a_call() {
    let fuel = LimitOverrides { max_fuel: Some(10_000), ..LimitOverrides::default() };
    let (code, message) = fault_of("loops", fuel);
    assert_eq!((code, message.as_str()), (FaultCode::Fuel, "it used up its fuel of 10000 (maxFuel) in loops"));
    let brief = LimitOverrides { timeout_ms: Some(20), max_fuel: Some(1 << 50), ..LimitOverrides::default() };
    assert_eq!(fault_of("loops", brief).0, FaultCode::Timeout);
    assert_eq!(fault_of("traps", LimitOverrides::default()).0, FaultCode::Trap);
    assert_eq!(fault_of("outside", LimitOverrides::default()).0, FaultCode::Result);
    assert_eq!(fault_of("grows", LimitOverrides::default()).0, FaultCode::Memory);
}

#[test]
fn a_build_that_leaves_no_plugin_is_refused() {
    let refused = |names: &[&str], sandbox| run(&builder(), names, true, sandbox).unwrap_err();
    let default = LimitOverrides::default;
    assert!(matches!(refused(&["set", "names"], default()), HostError::Compile { .. }));
    assert!(matches!(refused(&["missing"], default()), HostError::NoHook { .. }));
    let short = LimitOverrides { max_module_bytes: Some(100), ..default() };
    assert_eq!(refused(&["end"], short).limit_name(), Some("maxModuleBytes"));
}

#[test]
fn a_cancelled_builder_builds_nothing_more() {
    let builder = builder();
    builder.cancel_all();
    assert!(matches!(run(&builder, &["end"], true, LimitOverrides::default()), Err(HostError::Cancelled)));
}

#[test]
fn a_cancelled_build_is_interrupted_and_others_go_on() {
    let engine = Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap());
    let builder = Builder::new(Arc::clone(&engine), "engine", wat::parse_str(ENGINE).unwrap()).unwrap();
    let hour = LimitOverrides { max_fuel: Some(1 << 50), timeout_ms: Some(3_600_000), ..LimitOverrides::default() };
    let cancel = CancelToken::default();
    let endless = steps(&["loops"]);
    let build = Build { steps: &endless, makes_plugin: false, sandbox: hour, cancel: Some(&cancel) };
    let started = Instant::now();
    let end = std::thread::scope(|scope| {
        let running = scope.spawn(|| builder.run(&build));
        run(&builder, &["set", "end"], true, LimitOverrides::default()).unwrap().plugin.unwrap();
        engine.cancel(&cancel);
        running.join().unwrap()
    });
    assert!(matches!(end, Err(HostError::Cancelled)), "{end:?}");
    assert!(started.elapsed() < Duration::from_mins(1));
    run(&builder, &["set", "end"], true, LimitOverrides::default()).unwrap().plugin.unwrap();
}

#[test]
fn an_engine_whose_start_up_is_stopped_ends_the_build_as_a_step_would() {
    let endless = ENGINE.replace("\"_initialize\")", "\"_initialize\") (loop (br 0))");
    let engine = Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap());
    let builder = Builder::new(Arc::clone(&engine), "engine", wat::parse_str(endless).unwrap()).unwrap();
    let build = |sandbox, cancel| builder.run(&Build { steps: &steps(&["end"]), makes_plugin: true, sandbox, cancel });
    let hour = LimitOverrides { max_fuel: Some(1 << 50), timeout_ms: Some(3_600_000), ..LimitOverrides::default() };
    let code = |sandbox| build(sandbox, None).unwrap().fault.unwrap().code;
    assert_eq!(code(LimitOverrides { max_fuel: Some(10_000), ..hour }), FaultCode::Fuel);
    assert_eq!(code(LimitOverrides { timeout_ms: Some(20), ..hour }), FaultCode::Timeout);
    let cancel = CancelToken::default();
    let end = std::thread::scope(|scope| {
        let running = scope.spawn(|| build(hour, Some(&cancel)));
        // Most likely within the start-up, where nothing can be awaited. Before it, the end is the same.
        std::thread::sleep(Duration::from_millis(50));
        engine.cancel(&cancel);
        running.join().unwrap()
    });
    assert!(matches!(end, Err(HostError::Cancelled)), "{end:?}");
}

/// An engine as in a new process, which splits all plugins.
fn new_process() -> Arc<Engine> {
    Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap().with_split(Split::Always))
}

fn cached(directory: &Directory) -> BuilderOptions {
    let cache = CodeCache::open(&directory.0, 1 << 30).unwrap();
    BuilderOptions { cache: Some(Arc::new(cache)), ..BuilderOptions::default() }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_engine_is_found_without_its_module_with_the_code_of_its_plugins() {
    let directory = Directory::new("builder-found");
    let module = wat::parse_str(ENGINE).unwrap();
    let find = |engine, options: &BuilderOptions| Builder::find(engine, "engine", &sha256(&module), options).unwrap();
    let make = |builder: &Builder| run(builder, &["set", "end"], true, LimitOverrides::default());

    assert!(find(new_process(), &cached(&directory)).is_none(), "nothing is in the cache");
    let engine = new_process();
    let options = cached(&directory);
    let builder = Builder::load(Arc::clone(&engine), "engine", module.clone(), &options).unwrap();
    assert!(!builder.holds_code_of_plugins());
    let plugin = make(&builder).unwrap().plugin.unwrap();
    let again = find(Arc::clone(&engine), &options).unwrap();
    assert_eq!(again.code_from(), CodeFrom::Memory);
    let load = |engine, options: &BuilderOptions| {
        let runtime = WasmRuntime::with_engine(engine, &LimitOverrides::default()).unwrap();
        let runtime = match options.cache {
            Some(_) => runtime.with_code_cache(CodeCache::open(&directory.0, 1 << 30).unwrap()),
            None => runtime,
        };
        runtime.load_plugin_bytes("plugin", &plugin).unwrap().code_from
    };
    // No plugin was loaded, so its code is not in the cache yet.
    assert!(!find(new_process(), &options).unwrap().holds_code_of_plugins());
    assert_eq!(load(engine, &options), CodeFrom::Compiler);

    let engine = new_process();
    let found = find(Arc::clone(&engine), &options).unwrap();
    assert_eq!((found.code_from(), found.holds_code_of_plugins()), (CodeFrom::Cache, true));
    assert_eq!(load(engine, &BuilderOptions::default()), CodeFrom::Memory);
    assert!(matches!(make(&found), Err(HostError::Internal(_))), "it has no module");
    assert!(matches!(found.provide(b"other".to_vec()), Err(HostError::Digest { .. })));
    found.provide(module).unwrap();
    assert_eq!(make(&found).unwrap().plugin.unwrap(), plugin);
}

#[test]
fn an_engine_comes_from_the_code_cache_and_builds_the_same_plugin() {
    let directory = Directory::new("builder-cache");
    let options = cached(&directory);
    let built = [CodeFrom::Compiler, CodeFrom::Cache].map(|from| {
        let engine = Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap());
        let builder = Builder::load(engine, "engine", wat::parse_str(ENGINE).unwrap(), &options).unwrap();
        assert_eq!(builder.code_from(), from);
        run(&builder, &["set", "end"], true, LimitOverrides::default()).unwrap().plugin.unwrap()
    });
    assert_eq!(built[0], built[1]);
}

#[test]
fn builders_of_one_engine_share_its_code() {
    let engine = Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap());
    let load = || Builder::new(Arc::clone(&engine), "engine", wat::parse_str(ENGINE).unwrap()).unwrap();
    let (one, other) = (load(), load());
    assert_eq!((one.code_from(), other.code_from()), (CodeFrom::Compiler, CodeFrom::Memory));
    assert!(run(&other, &["end"], true, LimitOverrides::default()).unwrap().plugin.is_some());
}

#[test]
fn the_functions_of_a_plugin_are_held_against_the_limits_of_its_build() {
    let few = LimitOverrides { max_locals: Some(1), ..LimitOverrides::default() };
    let error = run(&builder(), &["set", "end"], true, few).unwrap_err();
    assert_eq!(error.limit_name(), Some("maxLocals"));
}

#[test]
fn a_module_without_a_start_up_or_with_imports_is_no_engine() {
    let engine = Arc::new(Engine::with_allocation(Allocation::OnDemand).unwrap());
    for text in
        [ENGINE.replace("_initialize", "start"), ENGINE.replacen("(module", r#"(module (import "a" "b" (func))"#, 1)]
    {
        Builder::new(Arc::clone(&engine), "engine", wat::parse_str(text).unwrap()).unwrap_err();
    }
}
