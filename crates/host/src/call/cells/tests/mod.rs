//! Cells that are made ready for the next calls.

mod giving_up;
mod making;
mod support;
mod using;
