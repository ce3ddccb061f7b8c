//! What a plugin was asked about before it can be called.

use crate::call::grants::Config;
use crate::plugin::Plugin;

/// The code of a plugin and the configuration that it has accepted.
pub(crate) struct Asked {
    sha256: String,
    config: Option<Config>,
}

/// Whether a load has taken effect.
pub(crate) enum Placed {
    /// It has, or another load or an unload has overtaken it: this is the plugin that it made.
    Done(Plugin),
    /// Other loads have ended meanwhile. With what they set this is the plugin, which was not asked about its configuration.
    Unasked(Plugin),
}

impl Asked {
    pub(crate) fn of(plugin: &Plugin) -> Self {
        Self { sha256: plugin.info().sha256.clone(), config: config_of(plugin).cloned() }
    }

    /// Is it this plugin with this configuration? A plugin without one is asked nothing.
    pub(super) fn covers(&self, plugin: &Plugin) -> bool {
        let config = config_of(plugin);
        config.is_none() || (config == self.config.as_ref() && plugin.info().sha256 == self.sha256)
    }
}

pub(crate) fn config_of(plugin: &Plugin) -> Option<&Config> {
    plugin.grants().and_then(|grants| grants.config.as_ref())
}
