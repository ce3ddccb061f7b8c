import { sharedState } from '../shared-state.js';

const labels = sharedState('plugin-labels/1', () => new WeakMap<object, Map<string, string>>());

/**
 * Sets what a plugin is called in metrics: the version of a plugin set has a name with a digest, and a series for each digest would never
 * end.
 *
 * @param label - `undefined` to forget it
 */
export function setPluginLabel(runtime: object, plugin: string, label: string | undefined): void {
  const ofRuntime = labels.get(runtime) ?? new Map<string, string>();
  labels.set(runtime, ofRuntime);
  if (label === undefined) {
    ofRuntime.delete(plugin);
  } else {
    ofRuntime.set(plugin, label);
  }
}

/** What a plugin is called in metrics: by default the name that the runtime knows it by. */
export function pluginLabel(runtime: object, plugin: string): string {
  return labels.get(runtime)?.get(plugin) ?? plugin;
}
