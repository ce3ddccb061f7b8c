//! Memories without a guest: the test does what a guest may do.

mod giving;
mod resetting;
mod support;
