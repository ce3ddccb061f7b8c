//! Writers and readers, of one tenant of an engine.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use hookcell_host::{
    Allocation, CancelToken, Context, Engine, HookCall, HostError, Limit, LimitOverrides, WasmRuntime,
};
use serde_json::Value;

use crate::support::{CONTEXT, fixture_path, split};

/// The initial pages of writers and readers. Four pages are 256 KiB.
pub const PAGES: [u32; 5] = [1, 3, 4, 5, 32];

/// The maximum pages of both: 2 MiB.
pub const MOST_PAGES: u32 = 32;

/// The maximum pages of small ones. A call of theirs takes a fifth of the time.
pub const FEW_PAGES: u32 = 5;

/// Offsets of data in modules that have data, as far as their memory reaches: in the cleared part, at its end, just after it,
/// and at the end of memory.
pub const DATA: [u32; 4] = [2_048, 0x3_fff8, 0x4_0000, 0x1f_fff8];

/// How a writer ends.
#[derive(Debug, Clone, Copy)]
pub enum End {
    Answers,
    Traps,
    ReadsTooFar,
    OverflowsItsStack,
    RunsOutOfFuel,
    RunsOutOfTime,
    IsCancelled,
}

impl End {
    pub const ALL: [Self; 7] = [
        Self::Answers,
        Self::Traps,
        Self::ReadsTooFar,
        Self::OverflowsItsStack,
        Self::RunsOutOfFuel,
        Self::RunsOutOfTime,
        Self::IsCancelled,
    ];

    /// Those that take no time of their own.
    pub const BRIEF: [Self; 4] = [Self::Answers, Self::Traps, Self::ReadsTooFar, Self::OverflowsItsStack];

    pub fn hook(self) -> &'static str {
        match self {
            Self::Answers => "before_hook",
            Self::Traps => "traps",
            Self::ReadsTooFar => "loads_past_the_end",
            Self::OverflowsItsStack => "overflows_its_stack",
            Self::RunsOutOfFuel | Self::RunsOutOfTime | Self::IsCancelled => "never_ends",
        }
    }

    pub fn code(self) -> &'static str {
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

pub fn limits() -> LimitOverrides {
    limits_with(MOST_PAGES)
}

fn limits_with(most_pages: u32) -> LimitOverrides {
    LimitOverrides {
        max_memory_pages: Some(most_pages.into()),
        max_table_elements: Some(1_000),
        max_fuel: Some(Limit::FUEL.max),
        timeout_ms: Some(60_000),
        ..LimitOverrides::default()
    }
}

/// A tenant of an engine, with writers and readers of every size.
pub struct Tenant {
    runtime: WasmRuntime,
    most_pages: u32,
    pub writers: Vec<String>,
    pub readers: Vec<String>,
}

impl Tenant {
    pub fn of(engine: &Arc<Engine>) -> Self {
        Self::with_pages(engine, MOST_PAGES)
    }

    /// A tenant whose plugins get at most so many pages.
    pub fn with_pages(engine: &Arc<Engine>, most_pages: u32) -> Self {
        let runtime = WasmRuntime::with_engine(Arc::clone(engine), &limits_with(most_pages)).unwrap();
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        for pages in PAGES.into_iter().filter(|pages| *pages <= most_pages) {
            for with_data in [false, true] {
                for (guest, names) in [("residue_writer", &mut writers), ("residue_reader", &mut readers)] {
                    let name = format!("{guest} of {pages} pages{}", if with_data { ", with data" } else { "" });
                    runtime.load_plugin_bytes(&name, &module(guest, pages, with_data)).unwrap();
                    names.push(name);
                }
            }
        }
        Self { runtime, most_pages, writers, readers }
    }

    pub fn write(&self, writer: &str, end: End) {
        let token = CancelToken::default();
        let sandbox = LimitOverrides {
            // Marking everything takes 2.2 million.
            max_fuel: matches!(end, End::RunsOutOfFuel).then_some(3_000_000),
            // Long enough for its pages to be moved or swapped out after it wrote to them.
            timeout_ms: matches!(end, End::RunsOutOfTime).then_some(20),
            ..LimitOverrides::default()
        };
        let code = std::thread::scope(|scope| {
            if matches!(end, End::IsCancelled) {
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_millis(20));
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

    /// Has a reader leave marks for its own next call.
    pub fn mark(&self, reader: &str, hook: &str) {
        let result = self.call(reader, hook, LimitOverrides::default(), None).unwrap();
        assert_eq!(result["ok"], hook != "marks_and_traps", "{reader}: {result}");
    }

    /// What a reader finds that is not its own.
    pub fn read(&self, reader: &str, hook: &str) -> Option<String> {
        let result = self.call(reader, hook, LimitOverrides::default(), None).unwrap();
        let found = result["error"].as_str().map(str::to_owned);
        assert!(result["fault"].is_null(), "{reader}: {result}");
        let seen = &result["usage"]["memoryBytes"];
        assert!(
            found.is_some() || *seen == u64::from(self.most_pages) * 65_536,
            "{reader} looked through {seen} bytes only"
        );
        found
    }

    #[expect(clippy::large_types_passed_by_value, reason = "a test is not slowed down by it, and reads better")]
    pub fn call(
        &self,
        plugin: &str,
        hook: &str,
        sandbox: LimitOverrides,
        cancel: Option<&CancelToken>,
    ) -> Result<Value, HostError> {
        let context = &Context::from_trusted_json(CONTEXT);
        let request = HookCall { plugin, hook, context, sandbox: Some(&sandbox), cancel, queued_at: None };
        self.runtime.call_hook_with(&request, |result| serde_json::from_str(&result.to_json().unwrap()).unwrap())
    }
}

/// Where cells get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// So many slots, and no more: all plugins take them in turn.
    Slots(u32),
    /// wasmtime's pool, as on a machine that cannot tell which pages were written.
    Pool(u32),
    /// Mapped for each call.
    OnDemand,
}

impl From {
    pub fn engine(self) -> Arc<Engine> {
        let engine = match self {
            Self::Slots(slots) => Engine::with_exact_slots(slots),
            Self::Pool(slots) => Engine::with_pool_of_wasmtime(slots),
            Self::OnDemand => Engine::with_allocation(Allocation::OnDemand),
        };
        Arc::new(engine.unwrap().with_split(split()))
    }
}

/// The hooks with which a reader marks its own memory.
pub const MARKS: [&str; 3] = ["marks", "marks_and_traps", "marks_a_little"];

/// A guest of the residue tests with this many initial pages.
pub fn module(guest: &str, pages: u32, with_data: bool) -> Vec<u8> {
    let offsets = DATA.into_iter().filter(|at| with_data && *at < pages * 65_536);
    let data = if guest == "residue_reader" { " its own" } else { "\\a5\\a5\\a5\\a5\\a5\\a5\\a5\\a5" };
    let lines = |line: &dyn Fn(u32) -> String| offsets.clone().map(line).collect::<Vec<_>>().join("\n");
    let source = fs::read_to_string(fixture_path(&format!("hostile/{guest}"))).unwrap();
    // Tables that fit into a page of the kernel are reset in another way than those that may not.
    let most_elements = if with_data { " 400" } else { "" };
    let source = source
        .replace("{{PAGES}} funcref", &format!("{pages}{most_elements} funcref"))
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

/// The same numbers on every run (xorshift).
pub struct Random(pub u32);

impl Random {
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % bound
    }

    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(u32::try_from(choices.len()).unwrap()) as usize]
    }
}
