//! What is kept while no call has it: how much, and how it is given back.

#[cfg(target_os = "linux")]
pub(crate) mod bell;
pub(crate) mod page_budget;
#[cfg(target_os = "linux")]
pub(crate) mod trimmer;

/// The most ready cells of an engine. Their slots are beside those of calls, so no call lacks one.
pub(crate) const READY_SLOTS: usize = 32;

/// Something that is kept for later calls, beside the pages of slots.
pub(crate) trait Idle: Send + Sync {
    /// Is nothing kept?
    fn is_none(&self) -> bool;

    /// Gives up what was not used for some ticks, of which this is one.
    fn tick(&self);
}
