//! The source lines of a plugin's instructions, read when a fault first needs them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::backtrace::debug_sections::DebugSections;
use crate::backtrace::source_locations::{self, Found, SourceLocation};

/// The most instructions whose lines are kept. A plugin traps in few.
const MOST_KEPT: usize = 256;

/// The source lines of one plugin.
#[derive(Debug)]
pub(crate) struct SourceMap {
    sections: DebugSections,
    /// By offset in the plugin's module.
    kept: Mutex<HashMap<usize, Arc<[SourceLocation]>>>,
    /// Did a lookup take too many steps? Then it is the last one.
    is_given_up: AtomicBool,
}

impl SourceMap {
    /// The source map of a module; `None` if it has no debug information.
    pub(crate) fn of(module: &[u8]) -> Option<Self> {
        let sections = DebugSections::of(module)?;
        Some(Self { sections, kept: Mutex::default(), is_given_up: AtomicBool::new(false) })
    }

    /// The memory that its sections take.
    pub(crate) fn bytes(&self) -> usize {
        self.sections.bytes()
    }

    /// For each instruction, given by its offset in the module, its source line, and after that the lines of the calls that
    /// were inlined there. Empty if they are not known.
    pub(crate) fn locations(&self, offsets: &[usize]) -> Vec<Arc<[SourceLocation]>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let new: Vec<usize> = offsets.iter().copied().filter(|offset| !kept.contains_key(offset)).collect();
        if !new.is_empty() && !self.is_given_up.load(Ordering::Relaxed) {
            let begins = self.sections.code_begins;
            let addresses: Vec<u64> = new.iter().map(|offset| offset.saturating_sub(begins) as u64).collect();
            let Found { locations, is_too_long } = source_locations::find(&self.sections, &addresses);
            if is_too_long {
                self.is_given_up.store(true, Ordering::Relaxed);
            }
            kept.extend(new.into_iter().zip(locations.into_iter().map(Arc::from)));
            self.keep(&kept);
        }
        offsets.iter().map(|offset| kept.get(offset).cloned().unwrap_or_else(|| Arc::from([]))).collect()
    }

    fn keep(&self, found: &HashMap<usize, Arc<[SourceLocation]>>) {
        if found.len() <= MOST_KEPT {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone_from(found);
        }
    }
}
