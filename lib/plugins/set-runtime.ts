import type { WasmRuntime } from '../runtime.js';

/** What a plugin set needs of a runtime. */
export type SetRuntime = Pick<
  WasmRuntime,
  | 'callChain'
  | 'callHook'
  | 'isLoaded'
  | 'loadPluginBytes'
  | 'running'
  | 'slots'
  | 'unloadPlugin'
  | 'validateConfig'
  | 'waiting'
>;
