//! Memories without a guest: the test does what a guest may do.

mod closing;
mod giving;
mod refusing;
mod resetting;
mod support;
