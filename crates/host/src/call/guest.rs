//! A guest before it is entered.

use crate::engine::Engine;
use crate::limits::Limits;
use crate::plugin::Plugin;

/// A plugin that is about to run a hook, and its bounds.
pub(crate) struct Guest<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) plugin: &'a Plugin,
    pub(crate) hook_name: &'a str,
    pub(crate) limits: &'a Limits,
    pub(crate) fuel: u64,
}
