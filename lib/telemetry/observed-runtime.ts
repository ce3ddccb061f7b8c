import type { WasmRuntime } from '../runtime.js';

/** What is read of a runtime that is observed. */
export type ObservedRuntime = Pick<
  WasmRuntime,
  'slots' | 'running' | 'waiting' | 'pooled' | 'ready' | 'plugins' | 'isLoaded'
>;
