//! A module that keeps the plugin contract, and the plugins that are loaded.

pub(crate) mod exports;
pub(crate) mod load_turn;
pub(crate) mod plugin;
pub(crate) mod registry;
pub(crate) mod start_up;
