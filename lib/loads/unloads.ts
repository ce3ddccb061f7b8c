/** What is told of unloads, by runtime and key. */
const listeners = new WeakMap<object, Map<string, Set<() => void>>>();

/**
 * Tells when a plugin is unloaded, for packages whose loads have steps of their own before `reloadPlugin`: an unload also ends the
 * loads that were requested before it.
 *
 * @param runtime - a `WasmRuntime`
 * @param key - the key or name of the plugin
 * @returns a function that stops telling
 */
export function onUnload(runtime: object, key: string, listener: () => void): () => void {
  const keys = listeners.get(runtime) ?? new Map<string, Set<() => void>>();
  listeners.set(runtime, keys);
  const all = keys.get(key) ?? new Set();
  keys.set(key, all);
  all.add(listener);
  return () => {
    all.delete(listener);
    if (all.size === 0 && keys.get(key) === all) {
      keys.delete(key);
    }
  };
}

/** Tells the listeners of this plugin. */
export function tellUnload(runtime: object, key: string): void {
  for (const listener of listeners.get(runtime)?.get(key) ?? []) {
    listener();
  }
}
