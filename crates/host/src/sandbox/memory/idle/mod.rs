//! What slots keep while no call has them: how much, and how it is given back.

#[cfg(target_os = "linux")]
pub(crate) mod bell;
pub(crate) mod page_budget;
#[cfg(target_os = "linux")]
pub(crate) mod trimmer;
