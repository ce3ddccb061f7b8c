//! The phases of one trivial call within the host crate, measured by the trace events at the end of each phase. It prints one
//! JSON object, in microseconds:
//!
//! ```json
//! {"total":4.1,"phases":[["found",0.3],["opened",0.6],["dropped",0.9]]}
//! ```
//!
//! Each figure is the median of all calls. `total` is the time of a call without a listener.

mod support;

use std::cell::RefCell;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use hookcell_host::{Allocation, Context, WasmRuntime};
use serde_json::json;
use support::{fixture, order, runtime_with};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

const CALLS: usize = 50_000;
const WARM_UP_CALLS: usize = 5_000;

thread_local! {
    static MARKS: RefCell<Vec<Mark>> = const { RefCell::new(Vec::new()) };
}

/// The end of a phase. The listener's own time is between `began` and `ended`, and does not count.
struct Mark {
    phase: String,
    began: Instant,
    ended: Instant,
}

struct Listener;

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("hookcell_host")
    }

    fn event(&self, event: &Event<'_>) {
        let began = Instant::now();
        let mut message = Message::default();
        event.record(&mut message);
        MARKS.with_borrow_mut(|marks| marks.push(Mark { phase: message.0, began, ended: Instant::now() }));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

/// One phase of each call, in order.
struct Phase {
    name: String,
    times: Vec<Duration>,
}

fn main() {
    let runtime = runtime_with(Allocation::Pooled { slots: 4 }, "guest", &fixture("pass_through"));
    let context = order(0);

    for _ in 0..WARM_UP_CALLS {
        call(&runtime, &context);
    }
    let mut totals: Vec<_> = (0..CALLS).map(|_| call(&runtime, &context)).collect();

    tracing::subscriber::set_global_default(Listener).unwrap();
    let mut phases: Vec<Phase> = Vec::new();
    for _ in 0..CALLS {
        let mut from = Instant::now();
        call(&runtime, &context);
        let over = Instant::now();
        let mut marks = MARKS.take();
        marks.push(Mark { phase: "dropped".to_owned(), began: over, ended: over });
        for (index, mark) in marks.into_iter().enumerate() {
            if phases.len() == index {
                phases.push(Phase { name: mark.phase.clone(), times: Vec::new() });
            }
            assert_eq!(phases[index].name, mark.phase, "a call took another way than the first");
            phases[index].times.push(mark.began.duration_since(from));
            from = mark.ended;
        }
    }

    let phases: Vec<_> = phases.into_iter().map(|mut phase| (phase.name, median(&mut phase.times))).collect();
    println!("{}", json!({ "total": median(&mut totals), "phases": phases }));
}

fn call(runtime: &WasmRuntime, context: &Context<'_>) -> Duration {
    let start = Instant::now();
    let result = runtime.call_hook("guest", "before_hook", context).unwrap();
    let time = start.elapsed();
    assert!(result.starts_with(r#"{"ok":true"#), "{result}");
    time
}

/// In microseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
