/** The plugin cannot be had now. Later or elsewhere it may be. */
export class PluginAway extends Error {}
