//! A search for the most expensive module that the limits accept.

use std::time::{Duration, Instant};

use hookcell_host::{LimitOverrides, compile_work};

use crate::measure::{Cost, measure};
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

    pub fn line(&self) -> String {
        let Self { shape, work, bytes, cost, .. } = self;
        let Cost { cpu_seconds, megabytes, code_bytes } = cost;
        format!("{cpu_seconds:.2} s  {megabytes:.0} MB  code {code_bytes}  work {work}  bytes {bytes}  {shape:?}")
    }
}

/// Searches for this long, and returns the worst first.
pub fn search(time: Duration, seed: u64, goal: Goal, functions: u32) -> Vec<Finding> {
    let started = Instant::now();
    let mut random = Random::new(seed);
    let mut worst: Vec<Finding> = Vec::new();
    let mut tried = 0_u32;
    while started.elapsed() < time {
        let shape = if worst.len() < KEPT / 2 || random.below(4) == 0 {
            Shape::any(&mut random)
        } else {
            // Worse ones are chosen more often.
            let index = random.below(random_square(worst.len() as u64));
            let index = usize::try_from(index.isqrt()).unwrap_or(0).min(worst.len() - 1);
            worst[worst.len() - 1 - index].shape.changed(&mut random)
        };
        let Some((shape, work, module)) = grown(&shape, functions) else { continue };
        tried += 1;
        let Some(cost) = measure(&module) else {
            println!("NOT MEASURED {shape:?}");
            continue;
        };
        let finding = Finding { shape, work, bytes: module.len(), cost, goal };
        if worst.iter().any(|other| other.shape.pattern == finding.shape.pattern && other.score() >= finding.score()) {
            continue;
        }
        if worst.first().is_none_or(|first| finding.score() > first.score()) {
            println!("{goal:?} {tried} after {} s: {}", started.elapsed().as_secs(), finding.line());
        }
        worst.retain(|other| other.shape.pattern != finding.shape.pattern);
        worst.push(finding);
        worst.sort_by(|one, other| other.score().total_cmp(&one.score()));
        worst.truncate(KEPT);
    }
    println!("{goal:?}: {tried} modules were compiled");
    worst
}

fn random_square(length: u64) -> u64 {
    length * length
}

/// The shape with as many repetitions, and then as many functions, as the default limits accept.
fn grown(shape: &Shape, functions: u32) -> Option<(Shape, u64, Vec<u8>)> {
    let with = |turns: u32, functions: u32| Shape { turns, functions, ..shape.clone() };
    let turns = most(120_000, |turns| passes(&with(turns, 1)))?;
    let functions = most(functions, |functions| passes(&with(turns, functions)))?;
    let shape = with(turns, functions);
    let module = shape.to_module();
    let work = compile_work(&module, &LimitOverrides::default()).ok()?;
    Some((shape, work, module))
}

fn passes(shape: &Shape) -> bool {
    // Cheaper than writing the whole module.
    let atoms = u64::from(shape.turns) * shape.pattern.len() as u64;
    atoms * u64::from(shape.functions) < 5_000_000
        && compile_work(&shape.to_module(), &LimitOverrides::default()).is_ok()
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
