//! A call must not find anything of an earlier call: memory, table, globals or stack.
//!
//! A writer marks everything that it can reach, and ends in one of several ways. Then a reader, another module of another
//! tenant, looks through everything that it has. Both exist in sizes below and above the 256 KiB of a pooled memory that are
//! cleared instead of returned to the kernel, and with and without data of their own.

mod support;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use hookcell_host::{
    Allocation, CancelToken, Context, Engine, HookCall, HostError, Limit, LimitOverrides, WasmRuntime,
};
use serde_json::Value;
use support::{CONTEXT, fixture_path};

/// The initial pages of writers and readers. Four pages are 256 KiB.
const PAGES: [u32; 5] = [1, 3, 4, 5, 32];

/// The maximum pages of both: 2 MiB.
const MOST_PAGES: u64 = 32;

/// Offsets of data in modules that have data, as far as their memory reaches: in the cleared part, at its end, just after it,
/// and at the end of memory.
const DATA: [u32; 4] = [2_048, 0x3_fff8, 0x4_0000, 0x1f_fff8];

/// How a writer ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Answers,
    Traps,
    ReadsTooFar,
    OverflowsItsStack,
    RunsOutOfFuel,
    RunsOutOfTime,
    IsCancelled,
}

impl End {
    const ALL: [Self; 7] = [
        Self::Answers,
        Self::Traps,
        Self::ReadsTooFar,
        Self::OverflowsItsStack,
        Self::RunsOutOfFuel,
        Self::RunsOutOfTime,
        Self::IsCancelled,
    ];

    fn hook(self) -> &'static str {
        match self {
            Self::Answers => "before_hook",
            Self::Traps => "traps",
            Self::ReadsTooFar => "loads_past_the_end",
            Self::OverflowsItsStack => "overflows_its_stack",
            Self::RunsOutOfFuel | Self::RunsOutOfTime | Self::IsCancelled => "never_ends",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Answers => "ok",
            // Its limit refused it memory before, and it continued.
            Self::Traps | Self::ReadsTooFar => "ERR_MEMORY",
            Self::OverflowsItsStack => "ERR_STACK",
            Self::RunsOutOfFuel => "ERR_FUEL",
            Self::RunsOutOfTime => "ERR_TIMEOUT",
            Self::IsCancelled => "ERR_CANCELLED",
        }
    }
}

fn limits() -> LimitOverrides {
    LimitOverrides {
        max_memory_pages: Some(MOST_PAGES),
        max_table_elements: Some(1_000),
        max_fuel: Some(Limit::FUEL.max),
        timeout_ms: Some(60_000),
        ..LimitOverrides::default()
    }
}

/// A tenant of an engine, with writers and readers of every size.
struct Tenant {
    runtime: WasmRuntime,
    writers: Vec<String>,
    readers: Vec<String>,
}

impl Tenant {
    fn of(engine: &Arc<Engine>) -> Self {
        let runtime = WasmRuntime::with_engine(Arc::clone(engine), &limits()).unwrap();
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        for pages in PAGES {
            for with_data in [false, true] {
                for (guest, names) in [("residue_writer", &mut writers), ("residue_reader", &mut readers)] {
                    let name = format!("{guest} of {pages} pages{}", if with_data { ", with data" } else { "" });
                    runtime.load_plugin_bytes(&name, &module(guest, pages, with_data)).unwrap();
                    names.push(name);
                }
            }
        }
        Self { runtime, writers, readers }
    }

    fn write(&self, writer: &str, end: End) {
        let token = CancelToken::default();
        let sandbox = LimitOverrides {
            // Marking everything takes 2.2 million.
            max_fuel: matches!(end, End::RunsOutOfFuel).then_some(3_000_000),
            timeout_ms: matches!(end, End::RunsOutOfTime).then_some(5),
            ..LimitOverrides::default()
        };
        let code = std::thread::scope(|scope| {
            if matches!(end, End::IsCancelled) {
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_millis(5));
                    self.runtime.cancel(&token);
                });
            }
            match self.call(writer, end.hook(), sandbox, Some(&token)) {
                Ok(result) => result["fault"]["code"].as_str().unwrap_or("ok").to_owned(),
                Err(error) => error.code().to_owned(),
            }
        });
        assert_eq!(code, end.code(), "{writer} {end:?}");
    }

    /// What a reader finds that is not its own.
    fn read(&self, reader: &str, hook: &str) -> Option<String> {
        let result = self.call(reader, hook, LimitOverrides::default(), None).unwrap();
        let found = result["error"].as_str().map(str::to_owned);
        assert!(result["fault"].is_null(), "{reader}: {result}");
        let seen = &result["usage"]["memoryBytes"];
        assert!(found.is_some() || *seen == MOST_PAGES * 65_536, "{reader} looked through {seen} bytes only");
        found
    }

    #[expect(clippy::large_types_passed_by_value, reason = "a test is not slowed down by it, and reads better")]
    fn call(
        &self,
        plugin: &str,
        hook: &str,
        sandbox: LimitOverrides,
        cancel: Option<&CancelToken>,
    ) -> Result<Value, HostError> {
        let context = &Context::from_trusted_json(CONTEXT);
        let request = HookCall { plugin, hook, context, sandbox, cancel, queued_at: None };
        self.runtime.call_hook_with(&request, |result| serde_json::from_str(&result.to_json().unwrap()).unwrap())
    }
}

/// A guest of the residue tests with this many initial pages.
fn module(guest: &str, pages: u32, with_data: bool) -> Vec<u8> {
    let offsets = DATA.into_iter().filter(|at| with_data && *at < pages * 65_536);
    let data = if guest == "residue_reader" { " its own" } else { "\\a5\\a5\\a5\\a5\\a5\\a5\\a5\\a5" };
    let lines = |line: &dyn Fn(u32) -> String| offsets.clone().map(line).collect::<Vec<_>>().join("\n");
    let source = fs::read_to_string(fixture_path(&format!("hostile/{guest}"))).unwrap();
    let source = source
        .replace("{{PAGES}}", &pages.to_string())
        .replace("{{DATA}}", &lines(&|at| format!("(data (i32.const {at}) \"{data}\")")))
        .replace(
            "{{OWN}}",
            &lines(&|at| {
                let found = format!("(return (call $found (i32.const 0x64) (i32.const {at})))");
                format!("(if (i32.eqz (call $own (i32.const {at}))) (then {found}))")
            }),
        );
    wat::parse_str(source).unwrap()
}

fn engine(allocation: Allocation) -> Arc<Engine> {
    Arc::new(Engine::with_allocation(allocation).unwrap())
}

/// Each writer, with each ending, before each reader, one call after the other.
fn every_reader_after_every_writer(allocation: Allocation) {
    let engine = engine(allocation);
    let (one, other) = (Tenant::of(&engine), Tenant::of(&engine));
    for end in End::ALL {
        for writer in &one.writers {
            for reader in &other.readers {
                one.write(writer, end);
                let found = other.read(reader, "before_hook");
                assert_eq!(found, None, "{reader} after {writer} {end:?}, {allocation:?}");
            }
        }
    }
}

#[test]
fn a_reader_notices_any_value_that_is_not_its_own() {
    for allocation in [Allocation::Pooled { slots: 1 }, Allocation::OnDemand] {
        let tenant = Tenant::of(&engine(allocation));
        for reader in &tenant.readers {
            for (hook, first) in [
                ("finds_in_memory", "m00000000"),
                ("finds_in_grown_memory", "m001ffff8"),
                ("finds_in_table", "t"),
                ("finds_in_globals", "g"),
            ] {
                let found = tenant.read(reader, hook).unwrap_or_default();
                assert!(found.starts_with(first), "{reader} found {found:?}, not {first}");
            }
        }
    }
}

#[test]
fn a_reader_notices_when_its_own_data_has_changed() {
    let tenant = Tenant::of(&engine(Allocation::Pooled { slots: 1 }));
    let reader = "residue_reader of 1 pages, with data";
    assert_eq!(tenant.read(reader, "finds_in_its_own_data").as_deref(), Some("d00000800"));
    assert_eq!(tenant.read(reader, "before_hook"), None);
}

#[test]
fn the_only_slot_keeps_nothing_of_the_guest_before() {
    every_reader_after_every_writer(Allocation::Pooled { slots: 1 });
}

#[test]
fn memory_mapped_for_a_call_has_nothing_of_the_call_before() {
    every_reader_after_every_writer(Allocation::OnDemand);
}

#[test]
fn slots_that_tenants_share_keep_nothing_of_another_tenant() {
    const CALLS: u32 = 400;
    for slots in [4, 6] {
        let engine = engine(Allocation::Pooled { slots });
        let tenants = [0, 1, 2, 3].map(|_| Tenant::of(&engine));
        std::thread::scope(|scope| {
            for (seed, tenant) in (1_u32..).zip(&tenants) {
                scope.spawn(move || {
                    let mut random = Random(seed);
                    for _ in 0..CALLS {
                        if random.below(2) == 0 {
                            let (writer, end) = (random.one_of(&tenant.writers), random.one_of(&End::ALL));
                            tenant.write(writer, *end);
                        } else {
                            let reader = random.one_of(&tenant.readers);
                            assert_eq!(tenant.read(reader, "before_hook"), None, "{reader}, {slots} slots");
                        }
                    }
                });
            }
        });
    }
}

/// The same numbers on every run (xorshift).
struct Random(u32);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % bound
    }

    fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(u32::try_from(choices.len()).unwrap()) as usize]
    }
}
