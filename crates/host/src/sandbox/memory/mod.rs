//! The memories of guests: slots that calls take in turns. After a call, its memory is reset at the cost of what the call wrote, and not
//! of the memory's size.

// Tests compile it on Linux too.
#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(target_os = "linux", expect(dead_code, reason = "on Linux, the modules below are used"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod given_slot;
#[cfg(target_os = "linux")]
mod guest_memory;
#[cfg(target_os = "linux")]
mod hand_over;
pub(crate) mod idle;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod memories;
#[cfg(target_os = "linux")]
mod plugin_memory;
#[cfg(target_os = "linux")]
mod plugin_pages;
#[cfg(target_os = "linux")]
mod reset;
#[cfg(target_os = "linux")]
mod slot;
#[cfg(target_os = "linux")]
mod slots;
#[cfg(all(test, target_os = "linux"))]
mod tests;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{
    ClosedPages, GivenSlot, Image, Memories, NoSlot, PluginMemory, SharedLook, Trimmer, hand_over, open_on_write,
};
#[cfg(target_os = "linux")]
use guest_memory::GuestMemories;
#[cfg(target_os = "linux")]
pub(crate) use {
    given_slot::{GivenSlot, NoSlot},
    hand_over::hand_over,
    idle::trimmer::Trimmer,
    kernel::closed_pages::{ClosedPages, open_on_write},
    kernel::fault_count::SharedLook,
    kernel::image::Image,
    memories::Memories,
    plugin_memory::PluginMemory,
};
#[cfg(all(test, target_os = "linux"))]
pub(crate) use {guest_memory::after_reset, kernel::refusals::plan as refusals};

/// Has the guests of an engine get their memories here.
#[cfg(target_os = "linux")]
pub(crate) fn use_for(config: &mut wasmtime::Config) {
    config.with_host_memory(std::sync::Arc::new(GuestMemories));
}

/// Elsewhere, no engine asks for it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn use_for(_config: &mut wasmtime::Config) {}
