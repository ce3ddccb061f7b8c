//! Why a module was not compiled, and which loads share a refusal.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::compile::module_id::ModuleDigest;
use crate::compile::process::compiler_process::CompilerProcess;
use crate::error::HostError;
use crate::guest_text::quoted;

/// Option names, for errors.
const TIMEOUT: &str = "isolate.timeoutMs";
const MEMORY: &str = "isolate.maxMemoryBytes";

/// The most refusals that are remembered. A load whose refusal was forgotten compiles again.
const MOST_REMEMBERED: usize = 64;

/// Why a module was not compiled, without the plugin's name.
#[derive(Debug, Clone)]
pub(crate) enum CompileRefusal {
    /// It is not valid, or needs a feature that is off. The compiler's message, cut and escaped.
    DoesNotCompile(String),
    /// Its process exceeded its deadline.
    Timeout(Duration),
    /// Its process exceeded its memory limit.
    Memory(u64),
    /// There is no process, or it failed.
    NoProcess(String),
    /// The load was cancelled.
    Cancelled,
    /// A bug of the host.
    Failed(String),
}

impl CompileRefusal {
    /// Is it about the module, and not about the machine or one load?
    fn is_of_module(&self) -> bool {
        matches!(self, Self::DoesNotCompile(_) | Self::Timeout(_) | Self::Memory(_))
    }

    /// The error for the load of a plugin with this name.
    pub(crate) fn of(self, plugin: &str) -> HostError {
        let quoted = quoted(plugin);
        match self {
            Self::DoesNotCompile(reason) => HostError::Compile { plugin: plugin.to_owned(), reason },
            Self::Timeout(timeout) => {
                let timeout = timeout.as_millis();
                let message = format!("plugin {quoted} did not compile within {timeout} ms ({TIMEOUT})");
                HostError::limit(TIMEOUT, message)
            }
            Self::Memory(most) => {
                let message = format!("plugin {quoted} took more than {most} bytes to compile ({MEMORY})");
                HostError::limit(MEMORY, message)
            }
            Self::NoProcess(reason) => HostError::Isolate { plugin: plugin.to_owned(), reason },
            Self::Cancelled => HostError::Cancelled,
            Self::Failed(reason) => HostError::Internal(reason),
        }
    }
}

/// The bounds of a compilation: the deadline and the memory limit of a child process, or none in this process.
pub(crate) type CompileBounds = Option<(Duration, u64)>;

pub(crate) fn bounds_of(process: Option<&CompilerProcess>) -> CompileBounds {
    process.map(|process| (process.timeout, process.max_memory_bytes))
}

/// Recent refusals. If several loads of the same bytes under the same bounds are requested together, one compiles and the
/// others share its refusal. A load that is requested after the refusal compiles again, because a deadline may have passed only
/// because the machine was busy.
#[derive(Debug, Default)]
pub(crate) struct Refusals(VecDeque<Remembered>);

#[derive(Debug)]
struct Remembered {
    digest: ModuleDigest,
    bounds: CompileBounds,
    made: Instant,
    refusal: CompileRefusal,
}

impl Refusals {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusal that a load requested at this time shares.
    pub(crate) fn get(&self, digest: &ModuleDigest, bounds: CompileBounds, asked: Instant) -> Option<CompileRefusal> {
        let remembered =
            self.0.iter().find(|each| each.digest == *digest && each.bounds == bounds && asked <= each.made)?;
        Some(remembered.refusal.clone())
    }

    pub(crate) fn add(&mut self, digest: ModuleDigest, bounds: CompileBounds, refusal: &CompileRefusal) {
        if refusal.is_of_module() {
            self.0.retain(|each| each.digest != digest || each.bounds != bounds);
            self.0.truncate(MOST_REMEMBERED.saturating_sub(1));
            self.0.push_front(Remembered { digest, bounds, made: Instant::now(), refusal: refusal.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{CompileRefusal, MOST_REMEMBERED, Refusals};

    #[test]
    fn a_refusal_is_shared_with_the_loads_that_were_requested_before_it() {
        let before = Instant::now();
        let bounds = Some((Duration::from_secs(1), 1));
        let mut refusals = Refusals::default();
        refusals.add([1; 32], bounds, &CompileRefusal::Timeout(Duration::from_secs(1)));
        assert!(matches!(refusals.get(&[1; 32], bounds, before), Some(CompileRefusal::Timeout(_))));
        assert!(refusals.get(&[2; 32], bounds, before).is_none());
        assert!(refusals.get(&[1; 32], None, before).is_none());
        assert!(refusals.get(&[1; 32], bounds, Instant::now() + Duration::from_millis(1)).is_none());
    }

    #[test]
    fn a_refusal_that_is_not_about_the_module_is_not_shared() {
        let mut refusals = Refusals::default();
        refusals.add([1; 32], None, &CompileRefusal::Cancelled);
        refusals.add([1; 32], None, &CompileRefusal::NoProcess(String::new()));
        assert!(refusals.is_empty());
    }

    #[test]
    fn the_number_of_remembered_refusals_is_bounded() {
        let before = Instant::now();
        let mut refusals = Refusals::default();
        for number in 0..=MOST_REMEMBERED {
            let digest = [u8::try_from(number).unwrap(); 32];
            refusals.add(digest, None, &CompileRefusal::DoesNotCompile(String::new()));
        }
        assert_eq!(refusals.0.len(), MOST_REMEMBERED);
        assert!(refusals.get(&[0; 32], None, before).is_none());
        assert!(refusals.get(&[1; 32], None, before).is_some());
    }
}
