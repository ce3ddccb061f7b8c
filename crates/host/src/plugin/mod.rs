//! A module that keeps the plugin contract, and the plugins that are loaded.

pub(crate) mod exports;
pub(crate) mod info;
pub(crate) mod load;
pub(crate) mod load_options;
pub(crate) mod load_turn;
pub(crate) mod loading;
pub(crate) mod plugin;
pub(crate) mod registry;
pub(crate) mod start_up;
