import { warn } from '../diagnostics.js';
import type { SetRuntime } from './set-runtime.js';
import { parseSetOptions } from './options/set-options.js';
import type { PluginSetOptions } from './options/set-options.js';
import { PluginSet } from './plugin-set.js';
import { PluginStore } from './store/plugin-store.js';
import { SetState } from './store/set-state.js';

/**
 * Opens a plugin set: reads its manifest, loads and tests every plugin, and resolves when all of them can take traffic.
 *
 * ```ts
 * const plugins = await openPlugins(runtime, { manifest: './plugins.json', watch: true });
 * app.post('/orders', wasmHooks(runtime, { before: plugins, after: plugins }), createOrder);
 * ```
 *
 * @param runtime - where the plugins are loaded; the set does not close it
 * @param options - the manifest or folder, and how plugins are had, checked and kept
 * @throws {@link HookcellError} `ERR_READ`, `ERR_MANIFEST`, `ERR_SIGNATURE` or `ERR_STORE`; or the code of the first plugin that does not
 * load and has no earlier version to go on with, with a message that lists all of them
 * @throws `TypeError` or `RangeError` for a wrong option; the reason of the option `signal`
 */
export async function openPlugins(runtime: SetRuntime, options: PluginSetOptions): Promise<PluginSet> {
  const settings = parseSetOptions(options);
  const { signal } = options;
  signal?.throwIfAborted();
  const { storeDir, maxStoreBytes, logger } = settings;
  const store = storeDir === undefined ? undefined : await PluginStore.open(storeDir, maxStoreBytes);
  const state = await SetState.read(storeDir, (problem) => warn(logger, problem));
  const set = new PluginSet(runtime, settings, store, state);
  const giveUp = () => void set.close();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await set.start();
    signal?.throwIfAborted();
    return set;
  } catch (error) {
    await set.close();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}
