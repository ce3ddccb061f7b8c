//! The places in a plugin's source that its faults come from, looked for when the first is asked for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::backtrace::debug_sections::DebugSections;
use crate::backtrace::source_places::{self, Found, SourcePlace};

/// Most instructions whose places are kept. A plugin traps in few.
const MOST_KEPT: usize = 256;

/// The source places of one plugin.
#[derive(Debug)]
pub(crate) struct SourceMap {
    sections: DebugSections,
    /// By offset in the plugin's module.
    kept: Mutex<HashMap<usize, Arc<[SourcePlace]>>>,
    /// Did a look take too long? Then it is the last.
    is_given_up: AtomicBool,
}

impl SourceMap {
    /// That of a module; `None` where it does not say where its code comes from.
    pub(crate) fn of(module: &[u8]) -> Option<Self> {
        let sections = DebugSections::of(module)?;
        Some(Self { sections, kept: Mutex::default(), is_given_up: AtomicBool::new(false) })
    }

    /// For each instruction, named by its offset in the module, its place, and where that was called from as long as calls
    /// were inlined. None where that is not known.
    pub(crate) fn places(&self, offsets: &[usize]) -> Vec<Arc<[SourcePlace]>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let new: Vec<usize> = offsets.iter().copied().filter(|offset| !kept.contains_key(offset)).collect();
        if !new.is_empty() && !self.is_given_up.load(Ordering::Relaxed) {
            let begins = self.sections.code_begins;
            let addresses: Vec<u64> = new.iter().map(|offset| offset.saturating_sub(begins) as u64).collect();
            let Found { places, is_too_long } = source_places::find(&self.sections, &addresses);
            if is_too_long {
                self.is_given_up.store(true, Ordering::Relaxed);
            }
            kept.extend(new.into_iter().zip(places.into_iter().map(Arc::from)));
            self.keep(&kept);
        }
        offsets.iter().map(|offset| kept.get(offset).cloned().unwrap_or_else(|| Arc::from([]))).collect()
    }

    fn keep(&self, found: &HashMap<usize, Arc<[SourcePlace]>>) {
        if found.len() <= MOST_KEPT {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone_from(found);
        }
    }
}
