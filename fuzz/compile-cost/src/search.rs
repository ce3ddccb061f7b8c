//! A search for the most expensive module that the limits accept.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use hookcell_host::{LimitOverrides, compile_work};

use crate::measure::{Cost, Outcome, measure};
use crate::random::Random;
use crate::shape::Shape;

/// The number of worst modules that are kept and changed further.
const KEPT: usize = 24;

/// The cost that a search maximizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// CPU time.
    Time,
    /// Memory.
    Memory,
}

#[derive(Debug, Clone)]
pub struct Finding {
    pub shape: Shape,
    pub work: u64,
    pub bytes: usize,
    pub cost: Cost,
    pub goal: Goal,
}

impl Finding {
    fn score(&self) -> f64 {
        match self.goal {
            Goal::Time => self.cost.cpu_seconds,
            Goal::Memory => self.cost.megabytes,
        }
    }

    fn is_beyond_the_goal(&self) -> bool {
        self.bytes <= GOAL_BYTES && (self.cost.cpu_seconds > GOAL_SECONDS || self.cost.megabytes > GOAL_MEGABYTES)
    }

    pub fn line(&self) -> String {
        let Self { shape, work, bytes, cost, .. } = self;
        let Cost { cpu_seconds, megabytes, code_bytes } = cost;
        format!("{cpu_seconds:.2} s  {megabytes:.0} MB  code {code_bytes}  work {work}  bytes {bytes}  {shape:?}")
    }
}

/// Up to this length, a module that the default limits accept may cost this much. A longer one may cost as much as honest
/// code of its length.
pub const GOAL_BYTES: usize = 262_144;
const GOAL_SECONDS: f64 = 2.0;
const GOAL_MEGABYTES: f64 = 256.0;

/// A search for one goal, among modules of up to so many functions and bytes.
pub struct Search {
    random: Random,
    goal: Goal,
    functions: u32,
    bytes: usize,
    /// The worst first.
    pub worst: Vec<Finding>,
    /// Modules that cost more than the goal allows.
    pub beyond: Vec<String>,
    /// The number of compiled modules.
    pub compiled: u32,
}

impl Search {
    pub fn new(seed: u64, goal: Goal, functions: u32, bytes: usize) -> Self {
        Self { random: Random::new(seed), goal, functions, bytes, worst: Vec::new(), beyond: Vec::new(), compiled: 0 }
    }

    /// Searches for this long. Begins with the worst shapes of earlier searches.
    ///
    /// # Errors
    /// If a module cannot be measured, or the output is closed.
    pub fn run(&mut self, time: Duration, out: &mut impl Write) -> io::Result<()> {
        let started = Instant::now();
        let mut known = Shape::known().into_iter();
        while started.elapsed() < time {
            let shape = known.next().unwrap_or_else(|| self.next());
            let Some((shape, work, module)) = grown(&shape, self.functions, self.bytes) else { continue };
            let bytes = module.len();
            self.compiled += 1;
            let cost = match measure(&module)? {
                Outcome::Compiled(cost) => cost,
                Outcome::Refused => {
                    writeln!(out, "DOES NOT COMPILE {bytes} bytes, work {work}, {shape:?}")?;
                    continue;
                }
                Outcome::Ended => {
                    self.beyond.push(format!("8 GB or a minute, {bytes} bytes, work {work}, {shape:?}"));
                    continue;
                }
            };
            let finding = Finding { shape, work, bytes, cost, goal: self.goal };
            if finding.is_beyond_the_goal() {
                self.beyond.push(finding.line());
            }
            if self.worst.first().is_none_or(|first| finding.score() > first.score()) {
                let seconds = started.elapsed().as_secs();
                writeln!(out, "{:?} {} after {seconds} s: {}", self.goal, self.compiled, finding.line())?;
            }
            self.keep(finding);
        }
        writeln!(out, "{:?}: {} modules were compiled", self.goal, self.compiled)
    }

    /// A new shape, or one of the worst with changes. Worse ones are chosen more often.
    fn next(&mut self) -> Shape {
        let count = self.worst.len();
        if count < KEPT / 2 || self.random.below(4) == 0 {
            return Shape::any(&mut self.random);
        }
        let index = self.random.below((count * count) as u64);
        let index = usize::try_from(index.isqrt()).unwrap_or(0).min(count - 1);
        self.worst[count - 1 - index].shape.changed(&mut self.random)
    }

    /// Keeps the worst finding of each pattern.
    fn keep(&mut self, finding: Finding) {
        let worst = &mut self.worst;
        if worst.iter().any(|other| other.shape.pattern == finding.shape.pattern && other.score() >= finding.score()) {
            return;
        }
        worst.retain(|other| other.shape.pattern != finding.shape.pattern);
        worst.push(finding);
        worst.sort_by(|one, other| other.score().total_cmp(&one.score()));
        worst.truncate(KEPT);
    }
}

/// The shape with as many repetitions, and then as many functions, as the default limits accept.
fn grown(shape: &Shape, functions: u32, bytes: usize) -> Option<(Shape, u64, Vec<u8>)> {
    let with = |turns: u32, functions: u32| Shape { turns, functions, ..shape.clone() };
    let turns = most(120_000, |turns| passes(&with(turns, 1), bytes))?;
    let functions = most(functions, |functions| passes(&with(turns, functions), bytes))?;
    let shape = with(turns, functions);
    let module = shape.to_module();
    let work = compile_work(&module, &LimitOverrides::default()).ok()?;
    Some((shape, work, module))
}

fn passes(shape: &Shape, bytes: usize) -> bool {
    // Cheaper than writing the whole module.
    let atoms = u64::from(shape.turns) * shape.pattern.len() as u64;
    if atoms * u64::from(shape.functions) >= 5_000_000 {
        return false;
    }
    let module = shape.to_module();
    module.len() <= bytes && compile_work(&module, &LimitOverrides::default()).is_ok()
}

/// The largest number up to `bound` that passes the test, if all smaller ones pass.
fn most(bound: u32, test: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut holds, mut fails) = (0, bound + 1);
    while fails - holds > 1 + holds / 64 {
        let middle = holds + (fails - holds) / 2;
        if test(middle) { holds = middle } else { fails = middle }
    }
    (holds > 0).then_some(holds)
}
